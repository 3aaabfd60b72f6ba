//===- BruteForce.h - Definitions, executed ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/Circuit.h"
#include "tenon/Frontend/NetworkDescription.h"

namespace tenon::frontend {

/// The network's value by its definition: one loop over all indices. Row-major over the output.
/// All operands must be constants.
std::vector<Complex> sumNetwork(const NetworkDescription &network);

/// The state U|0…0>, gate by gate; qubit 0 is the most significant bit of the position.
std::vector<Complex> simulate(const Circuit &circuit);

/// Applies a matrix (first qubit most significant) to a state of `numQubits` qubits.
std::vector<Complex> applyMatrix(llvm::ArrayRef<Complex> matrix, llvm::ArrayRef<int32_t> qubits,
                                 int32_t numQubits, llvm::ArrayRef<Complex> state);

/// The unitary of a whole circuit, row-major, qubit 0 most significant.
std::vector<Complex> circuitMatrix(const Circuit &circuit);

/// A gate of that name on the given qubits, with parameters that have no special values.
Gate makeGate(const GateDefinition &definition, llvm::ArrayRef<int32_t> qubits);

/// The largest distance between two entries.
double distance(llvm::ArrayRef<Complex> a, llvm::ArrayRef<Complex> b);

} // namespace tenon::frontend
