//===- QasmLexer.h - Tokens of OpenQASM 2.0 ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/ParseError.h"

namespace tenon::frontend {

struct QasmToken {
  enum Kind { Identifier, Number, String, Symbol, End };

  Kind kind = End;
  /// The characters of the token; of a string, those between the quotes.
  llvm::StringRef text;
  size_t offset = 0;

  bool is(llvm::StringRef spelling) const {
    return (kind == Identifier || kind == Symbol) && text == spelling;
  }
};

/// Cuts a program into tokens, one ahead. Comments run from // to the end of the line. A number is
/// taken with its fraction and exponent; a sign is a symbol of its own.
class QasmLexer {
public:
  explicit QasmLexer(SourceText &source) : source(source), text(source.getText()) {}

  /// Reads the first token; call it once, before all else.
  llvm::Error start() { return advance(); }

  const QasmToken &peek() const { return token; }

  /// Steps to the next token. The error is that of the token stepped to.
  llvm::Error advance();

  /// Steps over the given symbol or word, if it comes next.
  llvm::Expected<bool> consume(llvm::StringRef spelling);

  /// Steps over the given symbol or word, which must come next.
  llvm::Error expect(llvm::StringRef spelling);

  /// Takes a token of the given kind, which must come next. `what` is for the message.
  llvm::Expected<QasmToken> expect(QasmToken::Kind kind, const llvm::Twine &what);

  /// Takes a whole number that fits 31 bits.
  llvm::Expected<int32_t> expectWholeNumber(const llvm::Twine &what);

  /// The error "expected WHAT, found the next token".
  llvm::Error expected(const llvm::Twine &what);

private:
  void skipBlanks();

  SourceText &source;
  llvm::StringRef text;
  size_t offset = 0;
  QasmToken token;
};

} // namespace tenon::frontend
