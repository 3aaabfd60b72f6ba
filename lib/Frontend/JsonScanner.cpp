//===- JsonScanner.cpp - JSON with positions ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "JsonScanner.h"

#include "Unicode.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace tenon::frontend;
using llvm::Error;
using llvm::Twine;

/// Values nested deeper than this are refused: skip() recurses.
static constexpr unsigned kMaxDepth = 256;

size_t JsonScanner::position() {
  while (offset < text.size() && llvm::StringRef(" \t\r\n").contains(text[offset]))
    ++offset;
  return offset;
}

std::string JsonScanner::describeNext() {
  if (position() == text.size())
    return "the end of the file";
  return describeCharacter(text.drop_front(offset));
}

Error JsonScanner::expect(char character, const Twine &what) {
  if (position() == text.size() || text[offset] != character)
    return source.error(offset, "expected " + what + ", found " + describeNext());
  ++offset;
  return Error::success();
}

Error JsonScanner::array(const Twine &what, llvm::function_ref<Error(size_t)> onElement) {
  if (Error error = expect('[', "an array for " + what))
    return error;
  if (position() < text.size() && text[offset] == ']') {
    ++offset;
    return Error::success();
  }
  for (size_t i = 0;; ++i) {
    if (Error error = onElement(i))
      return error;
    if (position() < text.size() && text[offset] == ']') {
      ++offset;
      return Error::success();
    }
    if (Error error = expect(',', "',' or ']' in " + what))
      return error;
  }
}

Error JsonScanner::object(const Twine &what,
                          llvm::function_ref<Error(llvm::StringRef, size_t)> onMember) {
  if (Error error = expect('{', "an object for " + what))
    return error;
  if (position() < text.size() && text[offset] == '}') {
    ++offset;
    return Error::success();
  }
  while (true) {
    size_t keyOffset = position();
    llvm::Expected<std::string> key = string("a key of " + what);
    if (!key)
      return key.takeError();
    if (Error error = expect(':', "':' after the key"))
      return error;
    if (Error error = onMember(*key, keyOffset))
      return error;
    if (position() < text.size() && text[offset] == '}') {
      ++offset;
      return Error::success();
    }
    if (Error error = expect(',', "',' or '}' in " + what))
      return error;
  }
}

llvm::Expected<std::string> JsonScanner::string(const Twine &what) {
  size_t begin = position();
  if (Error error = expect('"', "a string for " + what))
    return error;
  for (; offset < text.size() && text[offset] != '"'; ++offset) {
    if (static_cast<unsigned char>(text[offset]) < 0x20)
      return source.error(offset, "a string must end on its line and hold no control character");
    if (text[offset] == '\\')
      ++offset;
  }
  if (offset >= text.size())
    return source.error(text.size(), "expected '\"' at the end of the string, found the end of "
                                     "the file");
  ++offset;
  // LLVM decodes the escapes and checks the UTF-8.
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text.slice(begin, offset));
  if (!value) {
    llvm::consumeError(value.takeError());
    return source.error(begin, "ill-formed string: an unknown escape, or bytes that are no UTF-8");
  }
  return value->getAsString()->str();
}

llvm::StringRef JsonScanner::takeWord() {
  size_t begin = position();
  while (offset < text.size() &&
         (llvm::isAlnum(text[offset]) || llvm::StringRef("+-.").contains(text[offset])))
    ++offset;
  return text.slice(begin, offset);
}

/// Whether `word` is a number by the grammar of JSON (RFC 8259, section 6).
static bool isJsonNumber(llvm::StringRef word) {
  auto digits = [&] {
    llvm::StringRef taken = word.take_while(llvm::isDigit);
    word = word.drop_front(taken.size());
    return taken;
  };
  word.consume_front("-");
  llvm::StringRef whole = digits();
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0'))
    return false;
  if (word.consume_front(".") && digits().empty())
    return false;
  if (word.consume_front("e") || word.consume_front("E")) {
    if (!word.consume_front("+"))
      word.consume_front("-");
    if (digits().empty())
      return false;
  }
  return word.empty();
}

llvm::Expected<int64_t> JsonScanner::wholeNumber(const Twine &what) {
  size_t begin = position();
  llvm::StringRef word = takeWord();
  if (word.empty())
    return source.error(begin, "expected a whole number for " + what + ", found " + describeNext());
  llvm::StringRef magnitude = word;
  magnitude.consume_front("-");
  if (magnitude == "NaN" || magnitude == "Infinity")
    return source.error(begin, what + " is not finite: " + word);
  if (!isJsonNumber(word))
    return source.error(begin, "expected a whole number for " + what + ", found '" + word + "'");
  if (magnitude.find_first_not_of("0123456789") != llvm::StringRef::npos)
    return source.error(begin, what +
                                   " must be a whole number without fraction or exponent, "
                                   "found " +
                                   word);
  if (magnitude.size() < word.size())
    return source.error(begin, what + " is negative: " + word);
  int64_t value = 0;
  if (word.getAsInteger(10, value))
    return source.error(begin, what + " is 2^63 or more: " + word);
  return value;
}

Error JsonScanner::skip(unsigned depth) {
  size_t begin = position();
  if (depth > kMaxDepth)
    return source.error(begin, "values are nested deeper than " + Twine(kMaxDepth) + " levels");
  char first = begin < text.size() ? text[begin] : '\0';
  if (first == '{')
    return object("a skipped key", [&](llvm::StringRef, size_t) { return skip(depth + 1); });
  if (first == '[')
    return array("a skipped key", [&](size_t) { return skip(depth + 1); });
  if (first == '"') {
    llvm::Expected<std::string> value = string("a skipped key");
    return value ? Error::success() : value.takeError();
  }
  llvm::StringRef word = takeWord();
  if (word == "true" || word == "false" || word == "null" || isJsonNumber(word))
    return Error::success();
  if (word.empty())
    return source.error(begin, "expected a JSON value, found " + describeNext());
  return source.error(begin, "'" + word + "' is not a JSON value");
}

Error JsonScanner::end() {
  if (position() < text.size())
    return source.error(offset, "expected the end of the file, found " + describeNext());
  return Error::success();
}
