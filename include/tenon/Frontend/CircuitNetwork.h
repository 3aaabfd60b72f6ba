//===- CircuitNetwork.h - Amplitudes as networks ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Turns a circuit into the tensor network of some of its amplitudes <b|U|0…0>.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/Circuit.h"
#include "tenon/Frontend/NetworkDescription.h"

namespace tenon::frontend {

struct CircuitNetworkOptions {
  /// C64 or C128; an amplitude of another type is an error.
  ElementType elementType = ElementType::C64;
  /// Let a gate that cannot change a qubit (a diagonal gate; a control) keep the qubit's index, so
  /// that the index becomes a hyperedge: rz is then a vector, cz a matrix, cx of rank 3, and an
  /// identity vanishes. Off: every gate on n qubits has rank 2n, (out…, in…).
  bool hyperedges = true;
};

/// Reads "0101,01?1": patterns joined by ',', each with one character for each qubit. Character q
/// is for qubit q: the bit that is measured, or '?' for an open qubit, of which both values are
/// wanted. All patterns have the same open qubits. Blanks around a pattern are ignored.
llvm::Expected<std::vector<std::string>> parseBitstrings(llvm::StringRef text, int32_t numQubits,
                                                         llvm::StringRef fileName = "<bitstring>");

/// The network of the amplitudes that `patterns` ask for (as parseBitstrings checks them).
///
/// All operands are constants: a |0> for each qubit, the gates with (out…, in…) indices, and a <b|
/// for each qubit that is not open. The output has, in this order: with two patterns or more the
/// batch index (the position of the pattern), then the open qubits by number. In a batch, a qubit
/// on which all patterns agree has one <b|; every other has a matrix [batch, 2] of ones and zeros,
/// all of which share the batch index.
///
/// Indices are named q<qubit>_<n>, n counting the indices of the qubit; the batch index `batch`.
/// Errors (not ParseErrors): no qubits; an element type that is not complex; a batch of patterns
/// in which every qubit is open. O(gates · 4^qubits of a gate).
llvm::Expected<NetworkDescription> buildCircuitNetwork(const Circuit &circuit,
                                                       llvm::ArrayRef<std::string> patterns,
                                                       const CircuitNetworkOptions &options = {});

} // namespace tenon::frontend
