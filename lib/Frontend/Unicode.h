//===- Unicode.h - Reading UTF-8 --------------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Reading UTF-8 one character at a time, tolerant of broken input.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace tenon::frontend {

struct DecodedCharacter {
  /// The code point, or kInvalid.
  uint32_t code;
  /// Bytes taken, at least 1.
  unsigned length;

  static constexpr uint32_t kInvalid = 0xffffffff;
};

/// Decodes the first character of `text`, which is not empty. Bytes that are no UTF-8 (stray,
/// overlong, a surrogate, past U+10FFFF) come back one by one as kInvalid.
DecodedCharacter decodeCharacter(llvm::StringRef text);

/// The first character of `text`, fit for a message: 'x' if it can be printed, else U+0007 or
/// "byte 0xff".
std::string describeCharacter(llvm::StringRef text);

/// Whether a character shows as itself: it is no control character and not invalid.
bool isPrintable(DecodedCharacter character);

/// `text` with what cannot be printed written as \x1b, byte by byte, and with the middle of a long
/// text left out: fit to be part of a message whatever a file holds.
std::string toPrintableText(llvm::StringRef text);

} // namespace tenon::frontend
