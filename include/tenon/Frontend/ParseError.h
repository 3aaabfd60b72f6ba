//===- ParseError.h - What a failed import says -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The one diagnostic that a failed import gives: where, what, and the line it is about. Importers
// return it inside an llvm::Error or llvm::Expected, so that toString() of the error is the text
// that a tool prints.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace tenon::frontend {

/// A place in a text. Lines and columns count from 1; columns count characters (Unicode code
/// points; a byte that is not UTF-8 counts as one).
struct SourcePosition {
  unsigned line = 1;
  unsigned column = 1;
};

/// Prints as
///
///     file:line:column: error: message
///     source line
///         ^
///
/// A long source line is cut to a window around the column, and control characters in it are
/// shown as '?'.
class ParseError : public llvm::ErrorInfo<ParseError> {
public:
  static char ID;

  ParseError(std::string file, SourcePosition position, std::string message, std::string sourceLine)
      : file(std::move(file)), position(position), text(std::move(message)),
        sourceLine(std::move(sourceLine)) {}

  llvm::StringRef getFile() const { return file; }
  unsigned getLine() const { return position.line; }
  unsigned getColumn() const { return position.column; }
  /// The message alone, one line, without a full stop.
  llvm::StringRef getMessage() const { return text; }
  /// The whole offending line, without its line break.
  llvm::StringRef getSourceLine() const { return sourceLine; }

  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;

private:
  std::string file;
  SourcePosition position;
  std::string text;
  std::string sourceLine;
};

/// A text with the name that messages call it by. Keeps no copy: the text must outlive it.
class SourceText {
public:
  SourceText(llvm::StringRef text, llvm::StringRef fileName) : text(text), fileName(fileName) {}

  llvm::StringRef getText() const { return text; }
  llvm::StringRef getFileName() const { return fileName; }

  /// The position of a byte. A run of calls with rising offsets costs one pass over the text in
  /// all; an offset before the last one starts again from the front.
  SourcePosition locate(size_t offset);

  /// A ParseError at a byte of the text; `offset` may be the text's end. The message may quote the
  /// text: bytes that cannot be printed are escaped, and the middle of a very long message left
  /// out.
  llvm::Error error(size_t offset, const llvm::Twine &message);

private:
  llvm::StringRef text;
  llvm::StringRef fileName;
  size_t lastOffset = 0;
  SourcePosition lastPosition;
};

} // namespace tenon::frontend
