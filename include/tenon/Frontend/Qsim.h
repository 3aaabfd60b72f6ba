//===- Qsim.h - The circuit files of qsim -----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The circuit files of qsim (https://github.com/quantumlib/qsim, docs/input_format.md).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/Circuit.h"

namespace tenon::frontend {

/// Reads a qsim circuit: the number of qubits on the first line, then one gate a line:
///
///     time name qubits… parameters…
///     time c controls… name qubits… parameters…      (a controlled gate)
///     time m qubits…                                  (a measurement)
///
/// Fields are separated by blanks; blank lines and blanks at the end of a line are ignored.
/// Parameters are angles in radians. Gates: qsimGates(). A measurement is ignored, but must be the
/// last operation on its qubits. As in qsim, the times of the operations on one qubit must rise;
/// times on different qubits are not compared.
///
/// Errors: an unknown gate (names the closest), a field that is missing, left over or ill-formed,
/// a qubit out of range or given twice, a time out of order, a parameter that is not finite, a
/// gate after a measurement, more than kMaxQubits, kMaxGates or kMaxGateQubits. Linear in the
/// text.
llvm::Expected<Circuit> parseQsim(llvm::StringRef text, llvm::StringRef fileName);

} // namespace tenon::frontend
