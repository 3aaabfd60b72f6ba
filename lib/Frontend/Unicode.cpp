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

/// Characters of a long text that are kept at its front and at its end.
static constexpr size_t kKeptFront = 240, kKeptBack = 120;

bool tenon::frontend::isPrintable(DecodedCharacter character) {
  // Below U+00A0 there are only ASCII and two blocks of control characters.
  return character.code != DecodedCharacter::kInvalid &&
         (character.code >= 0xa0 || (character.code >= 0x20 && character.code < 0x7f));
}

std::string tenon::frontend::toPrintableText(llvm::StringRef text) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    DecodedCharacter character = decodeCharacter(text);
    std::string &shown = characters.emplace_back();
    for (char byte : text.take_front(character.length)) {
      if (isPrintable(character))
        shown += byte;
      else
        shown += "\\x" + llvm::toHex(llvm::StringRef(&byte, 1), /*LowerCase=*/true);
    }
    text = text.drop_front(character.length);
  }
  if (characters.size() > kKeptFront + kKeptBack) {
    characters[kKeptFront] = "...";
    characters.erase(characters.begin() + kKeptFront + 1, characters.end() - kKeptBack);
  }
  return llvm::join(characters, "");
}

std::string tenon::frontend::describeCharacter(llvm::StringRef text) {
  DecodedCharacter character = decodeCharacter(text);
  if (character.code == DecodedCharacter::kInvalid)
    return "byte 0x" + llvm::utohexstr(static_cast<unsigned char>(text.front()), true);
  if (isPrintable(character))
    return ("'" + text.take_front(character.length) + "'").str();
  std::string digits = llvm::utohexstr(character.code);
  return "U+" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}
