//===- OpenQasm2.h - OpenQASM 2.0 -------------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// OpenQASM 2.0 (Cross, Bishop, Smolin, Gambetta: Open Quantum Assembly Language,
// arXiv:1707.03429).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/Circuit.h"

namespace tenon::frontend {

/// Reads an OpenQASM 2.0 program as a pure circuit.
///
/// Qubits are numbered through all quantum registers in the order of declaration. `include
/// "qelib1.inc"` brings in qelib1Gates() without reading a file; other includes are errors.
/// `gate` definitions are expanded at each use; a program may define a gate that qelib1.inc lacks
/// in the paper's edition even if Qiskit's edition has it, and then its own definition counts.
/// `barrier` is ignored. `measure` is ignored too, but no gate may follow on a measured qubit.
/// `opaque`, `reset` and `if` are errors: what they describe is no unitary circuit.
///
/// Parameters: numbers, pi, + - * / ^, unary minus, sin cos tan exp ln sqrt, parentheses. `/`
/// divides reals; ^ binds tighter than unary minus and to the right.
///
/// Errors carry the line and column of the token they are about. Limits: kMaxQubits; kMaxGates
/// gates after expansion and as many calls on the way; expressions and definitions nested 200
/// deep.
llvm::Expected<Circuit> parseOpenQasm2(llvm::StringRef text, llvm::StringRef fileName);

} // namespace tenon::frontend
