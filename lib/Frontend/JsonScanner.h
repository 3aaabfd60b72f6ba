//===- JsonScanner.h - JSON with positions ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// llvm::json has no positions on its values, and messages need them. This scanner walks over the
// text value by value and always knows where it is.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/ParseError.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <string>

namespace tenon::frontend {

class JsonScanner {
public:
  explicit JsonScanner(SourceText &source) : source(source), text(source.getText()) {}

  /// The byte at which the next value or punctuation begins.
  size_t position();

  /// Calls `onElement(i)` before each element, which must consume it.
  llvm::Error array(const llvm::Twine &what, llvm::function_ref<llvm::Error(size_t)> onElement);

  /// Calls `onMember(key, offset of the key)`, which must consume the member's value.
  llvm::Error object(const llvm::Twine &what,
                     llvm::function_ref<llvm::Error(llvm::StringRef, size_t)> onMember);

  llvm::Expected<std::string> string(const llvm::Twine &what);

  /// A whole number in [0, 2^63), written without fraction or exponent.
  llvm::Expected<int64_t> wholeNumber(const llvm::Twine &what);

  /// Consumes any value.
  llvm::Error skip(unsigned depth = 0);

  /// Checks that nothing but blanks is left.
  llvm::Error end();

private:
  llvm::Error expect(char character, const llvm::Twine &what);
  /// The characters from here on that a number or a word could have.
  llvm::StringRef takeWord();
  std::string describeNext();

  SourceText &source;
  llvm::StringRef text;
  size_t offset = 0;
};

} // namespace tenon::frontend
