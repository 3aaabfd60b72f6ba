//===- QasmExpression.h - OpenQASM 2.0 parameters ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Parameter expressions of OpenQASM 2.0, kept in postfix order: a gate's body is evaluated once for
// each use of the gate, and a postfix list is evaluated without recursion.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "QasmLexer.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace tenon::frontend {

/// Parentheses, signs and powers nested deeper than this are refused.
inline constexpr unsigned kMaxQasmNesting = 200;

struct QasmInstruction {
  enum Kind { Value, Parameter, Add, Sub, Mul, Div, Pow, Neg, Sin, Cos, Tan, Exp, Ln, Sqrt };

  Kind kind;
  /// Of Value.
  double value = 0;
  /// Of Parameter: its position in the gate's list.
  unsigned parameter = 0;
};

struct QasmExpression {
  llvm::SmallVector<QasmInstruction, 2> postfix;
  /// Where the expression begins.
  size_t offset = 0;

  /// The value, which may be infinite or not a number. O(length).
  double evaluate(llvm::ArrayRef<double> parameters) const;
};

/// Parses an expression. `parameters` are the names it may use beside pi.
llvm::Expected<QasmExpression> parseQasmExpression(QasmLexer &lexer, SourceText &source,
                                                   llvm::ArrayRef<llvm::StringRef> parameters);

} // namespace tenon::frontend
