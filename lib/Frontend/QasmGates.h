//===- QasmGates.h - Gates of an OpenQASM program ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The gates that an OpenQASM 2.0 program can use at some point of its text: built in, from
// qelib1.inc, or of its own; and the expansion of the last into the first two.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "QasmExpression.h"
#include "tenon/Frontend/Circuit.h"
#include "llvm/ADT/StringMap.h"

#include <deque>

namespace tenon::frontend {

struct QasmUserGate;

/// A gate of a library or of the program; exactly one pointer is set.
struct QasmCallee {
  const GateDefinition *library = nullptr;
  const QasmUserGate *user = nullptr;

  unsigned numParams() const;
  unsigned numQubits() const;
};

/// A call inside the body of a gate. Qubits are positions in the gate's own list.
struct QasmBodyCall {
  QasmCallee callee;
  llvm::SmallVector<QasmExpression, 1> params;
  llvm::SmallVector<unsigned, 2> qubits;
};

struct QasmUserGate {
  unsigned numParams = 0;
  unsigned numQubits = 0;
  /// Definitions below this one, itself included.
  unsigned nesting = 1;
  std::vector<QasmBodyCall> body;
};

/// Names that a program cannot give to its registers, gates and parameters.
bool isReservedQasmName(llvm::StringRef name);

class QasmGates {
public:
  QasmGates(QasmLexer &lexer, SourceText &source) : lexer(lexer), source(source) {}

  /// Makes the gates of qelib1.inc known; `offset` is where the program includes it.
  llvm::Error includeQelib1(size_t offset);

  bool isDefinedByProgram(llvm::StringRef name) const { return userGates.contains(name); }

  llvm::Expected<QasmCallee> lookUp(const QasmToken &name);

  /// Parses a definition from the gate's name to the closing brace.
  llvm::Error parseDefinition();

  /// Parses "(expression, …)", or nothing, for a gate that takes `callee.numParams()` of them.
  llvm::Expected<llvm::SmallVector<QasmExpression, 1>>
  parseParams(const QasmToken &name, const QasmCallee &callee,
              llvm::ArrayRef<llvm::StringRef> parameters);

  /// The values of `params`, all finite.
  llvm::Expected<llvm::SmallVector<double, 3>> evaluate(llvm::ArrayRef<QasmExpression> params,
                                                        llvm::ArrayRef<double> parameters);

  /// Appends the call, expanded to gates of the libraries. `offset` and `position` say where the
  /// program makes it.
  llvm::Error expand(const QasmCallee &callee, llvm::ArrayRef<double> params,
                     llvm::ArrayRef<int32_t> qubits, size_t offset, SourcePosition position,
                     Circuit &circuit);

private:
  llvm::Expected<llvm::SmallVector<llvm::StringRef, 4>> parseNames(const llvm::Twine &what);
  llvm::Error parseBody(QasmUserGate &gate, llvm::ArrayRef<llvm::StringRef> parameters,
                        llvm::ArrayRef<llvm::StringRef> qubits);
  llvm::Error parseBodyCall(QasmUserGate &gate, llvm::ArrayRef<llvm::StringRef> parameters,
                            llvm::ArrayRef<llvm::StringRef> qubits);
  llvm::Error parseBodyQubits(llvm::ArrayRef<llvm::StringRef> qubits,
                              llvm::SmallVectorImpl<unsigned> &positions);

  QasmLexer &lexer;
  SourceText &source;
  bool hasQelib1 = false;
  llvm::StringMap<const QasmUserGate *> userGates;
  /// A deque, because calls point at definitions.
  std::deque<QasmUserGate> definitions;
  /// The gate whose body is being parsed.
  llvm::StringRef currentName;
  /// Calls, qubits and instructions that expansion has gone through.
  size_t work = 0;
};

} // namespace tenon::frontend
