//===- QasmLexer.cpp - Tokens of OpenQASM 2.0 -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "QasmLexer.h"

#include "Number.h"
#include "Unicode.h"
#include "llvm/ADT/StringExtras.h"

using namespace tenon::frontend;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

static bool isIdentifierPart(char c) { return llvm::isAlnum(c) || c == '_'; }

void QasmLexer::skipBlanks() {
  while (offset < text.size()) {
    if (llvm::isSpace(text[offset]))
      ++offset;
    else if (text.substr(offset, 2) == "//")
      offset = std::min(text.find('\n', offset), text.size());
    else
      return;
  }
}

/// The length of the number that `text` begins with.
static size_t numberLength(StringRef text) {
  StringRef rest = text.drop_while(llvm::isDigit);
  if (rest.consume_front("."))
    rest = rest.drop_while(llvm::isDigit);
  if (rest.starts_with_insensitive("e")) {
    StringRef exponent = rest.drop_front();
    if (!exponent.consume_front("-"))
      exponent.consume_front("+");
    if (!exponent.empty() && llvm::isDigit(exponent.front()))
      rest = exponent.drop_while(llvm::isDigit);
  }
  return text.size() - rest.size();
}

Error QasmLexer::advance() {
  skipBlanks();
  token.offset = offset;
  StringRef rest = text.drop_front(offset);
  if (rest.empty()) {
    token.kind = QasmToken::End;
    token.text = "";
    return Error::success();
  }
  char first = rest.front();
  char second = rest.size() > 1 ? rest[1] : '\0';
  if (llvm::isAlpha(first) || first == '_') {
    token.kind = QasmToken::Identifier;
    token.text = rest.take_while(isIdentifierPart);
  } else if (llvm::isDigit(first) || (first == '.' && llvm::isDigit(second))) {
    token.kind = QasmToken::Number;
    token.text = rest.take_front(numberLength(rest));
    if (token.text.size() > kMaxNumberLength)
      return source.error(offset, "a number of " + Twine(token.text.size()) +
                                      " characters; at most " + Twine(kMaxNumberLength) +
                                      " are allowed");
    char next = rest.size() > token.text.size() ? rest[token.text.size()] : '\0';
    if (isIdentifierPart(next) || next == '.')
      return source.error(offset,
                          "ill-formed number '" + rest.take_front(token.text.size() + 1) + "'");
  } else if (first == '"') {
    size_t length = rest.find_first_of("\"\n", 1);
    if (length == StringRef::npos || rest[length] == '\n')
      return source.error(offset, "a string must end on its line");
    token.kind = QasmToken::String;
    token.text = rest.slice(1, length);
    offset += length + 1;
    return Error::success();
  } else {
    token.kind = QasmToken::Symbol;
    bool isPair = (first == '-' && second == '>') || (first == '=' && second == '=');
    if (!isPair && !StringRef(";,()[]{}+-*/^").contains(first))
      return source.error(offset, "unexpected " + describeCharacter(rest));
    token.text = rest.take_front(isPair ? 2 : 1);
  }
  offset += token.text.size();
  return Error::success();
}

Error QasmLexer::expected(const Twine &what) {
  std::string found = token.kind == QasmToken::End      ? "the end of the file"
                      : token.kind == QasmToken::String ? "a string"
                                                        : ("'" + token.text + "'").str();
  return source.error(token.offset, "expected " + what + ", found " + found);
}

llvm::Expected<bool> QasmLexer::consume(StringRef spelling) {
  if (!token.is(spelling))
    return false;
  if (Error error = advance())
    return error;
  return true;
}

Error QasmLexer::expect(StringRef spelling) {
  if (!token.is(spelling))
    return expected("'" + spelling + "'");
  return advance();
}

llvm::Expected<QasmToken> QasmLexer::expect(QasmToken::Kind kind, const Twine &what) {
  if (token.kind != kind)
    return expected(what);
  QasmToken taken = token;
  if (Error error = advance())
    return error;
  return taken;
}

llvm::Expected<int32_t> QasmLexer::expectWholeNumber(const Twine &what) {
  llvm::Expected<QasmToken> number = expect(QasmToken::Number, what);
  if (!number)
    return number.takeError();
  int32_t value = 0;
  if (number->text.find_first_not_of("0123456789") != StringRef::npos)
    return source.error(number->offset,
                        "expected " + what + ", a whole number, found '" + number->text + "'");
  if (number->text.getAsInteger(10, value))
    return source.error(number->offset, what + " is too large: " + number->text);
  return value;
}
