//===- GateSet.h - Gates and their matrices ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The gates that circuit files can name, each with its matrix. Two sets, since the formats give
// one name different meanings: `cp` of qsim turns by -phi, that of OpenQASM by +phi.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <complex>
#include <vector>

namespace tenon::frontend {

using Complex = std::complex<double>;

/// A gate applies `fill`'s matrix to its targets where all controls are 1. Qubits are listed
/// controls first. Matrices are row-major, m[out * 2^n + in], the first listed qubit being the
/// most significant bit of `out` and `in`.
struct GateDefinition {
  llvm::StringLiteral name;
  unsigned numControls;
  unsigned numTargets;
  unsigned numParams;
  /// Writes the 4^numTargets elements of the targets' matrix. `matrix` comes zeroed.
  void (*fill)(llvm::ArrayRef<double> params, llvm::MutableArrayRef<Complex> matrix);

  unsigned numQubits() const { return numControls + numTargets; }
};

/// The gates of qsim's circuit files. Matrices as qsim defines them, but for the global phase of
/// x_1_2, y_1_2 and hz_1_2, which here have the entry 1/sqrt2 at (0,0), e^{-i pi/4} times qsim's:
///   x_1_2 = [[1,-i],[-i,1]]/sqrt2        y_1_2 = [[1,-1],[1,1]]/sqrt2
///   hz_1_2 = [[1,-sqrt(i)],[sqrt(-i),1]]/sqrt2
///   rx, ry, rz (t) = exp(-i t/2 X), Y, Z
///   rxy(t, p) = exp(-i p/2 (cos t X + sin t Y))
///   is = [[1,0,0,0],[0,0,i,0],[0,i,0,0],[0,0,0,1]]
///   fs(t, p) = [[1,0,0,0],[0,cos t,-i sin t,0],[0,-i sin t,cos t,0],[0,0,0,e^{-ip}]]
///   cp(p) = diag(1,1,1,e^{-ip})          p(p) = e^{ip}, a global phase without qubits
llvm::ArrayRef<GateDefinition> qsimGates();

/// The gates of qelib1.inc (OpenQASM 2.0) with the matrices that Qiskit gives them:
///   u3(t, p, l) = [[cos t/2, -e^{il} sin t/2],[e^{ip} sin t/2, e^{i(p+l)} cos t/2]]
///   rz(t) = diag(e^{-it/2}, e^{it/2}), crz its controlled form, u1(l) = p(l) = diag(1, e^{il})
///   rxx, rzz (t) = exp(-i t/2 XX), ZZ
///   sx = [[1+i,1-i],[1-i,1+i]]/2
///   cu(t, p, l, g) = u3(t, p, l) times e^{ig}, controlled
llvm::ArrayRef<GateDefinition> qelib1Gates();

/// Those of qelib1Gates() that stand in the edition printed in arXiv:1707.03429. Qiskit's edition
/// added the others later.
llvm::ArrayRef<GateDefinition> qelib1PaperGates();

/// The two gates that OpenQASM 2.0 has without any include: U (as u3) and CX.
llvm::ArrayRef<GateDefinition> openQasm2Builtins();

/// The gate of that name, or null. Linear in the size of the set.
const GateDefinition *findGate(llvm::ArrayRef<GateDefinition> gates, llvm::StringRef name);

/// The name of the set that differs least from `name`, for "did you mean"; empty if none is near.
llvm::StringRef closestGateName(llvm::ArrayRef<GateDefinition> gates, llvm::StringRef name);

} // namespace tenon::frontend
