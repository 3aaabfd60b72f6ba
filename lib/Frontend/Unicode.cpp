//===- Unicode.cpp - Reading UTF-8 ----------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Unicode.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace tenon::frontend;

DecodedCharacter tenon::frontend::decodeCharacter(llvm::StringRef text) {
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.data());
  if (*begin < 0x80)
    return {*begin, 1};
  const llvm::UTF8 *cursor = begin;
  llvm::UTF32 code = 0;
  if (llvm::convertUTF8Sequence(&cursor, begin + text.size(), &code, llvm::strictConversion) !=
      llvm::conversionOK)
    return {DecodedCharacter::kInvalid, 1};
  return {code, static_cast<unsigned>(cursor - begin)};
}

std::string tenon::frontend::describeCharacter(llvm::StringRef text) {
  DecodedCharacter character = decodeCharacter(text);
  if (character.code == DecodedCharacter::kInvalid)
    return "byte 0x" + llvm::utohexstr(static_cast<unsigned char>(text.front()), true);
  // Below U+00A0 there are only ASCII and two blocks of control characters.
  bool printable = character.code >= 0xa0 || llvm::isPrint(text.front());
  if (printable)
    return ("'" + text.take_front(character.length) + "'").str();
  std::string digits = llvm::utohexstr(character.code);
  return "U+" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}
