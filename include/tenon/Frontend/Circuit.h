//===- Circuit.h - A circuit, gate by gate ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What the readers of circuit files produce: gates in the order of their application.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/GateSet.h"
#include "tenon/Frontend/ParseError.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::frontend {

/// Limits that keep a small hostile file from taking all memory; real circuits are far below.
inline constexpr int32_t kMaxQubits = 1 << 20;
inline constexpr size_t kMaxGates = 1 << 20;
/// A gate's matrix has 4^n elements.
inline constexpr unsigned kMaxGateQubits = 8;

struct Gate {
  const GateDefinition *definition;
  /// Controls beyond those of the definition; they lead `qubits`.
  unsigned extraControls = 0;
  llvm::SmallVector<double, 3> params;
  /// Distinct qubits, each in [0, numQubits): all controls, then the targets.
  llvm::SmallVector<int32_t, 3> qubits;
  /// Where the file applies the gate.
  SourcePosition position;
};

/// A pure circuit: it starts from |0…0>, applies the gates in order, and has no measurements.
struct Circuit {
  /// The file's name.
  std::string name;
  int32_t numQubits = 0;
  std::vector<Gate> gates;
};

/// The unitary matrix of the gate on its `qubits`: row-major, 2^n by 2^n, the first qubit being
/// the most significant bit of both row (out) and column (in).
std::vector<Complex> gateMatrix(const Gate &gate);

} // namespace tenon::frontend
