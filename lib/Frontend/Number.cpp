//===- Number.cpp - Numbers in circuit files ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Number.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

#include <limits>

using namespace tenon::frontend;

std::optional<double> tenon::frontend::parseDecimal(llvm::StringRef text) {
  if (text.size() > kMaxNumberLength)
    return std::nullopt;
  llvm::StringRef rest = text;
  if (!rest.consume_front("-"))
    rest.consume_front("+");
  if (rest.equals_insensitive("inf") || rest.equals_insensitive("infinity"))
    return std::numeric_limits<double>::infinity();
  if (rest.equals_insensitive("nan"))
    return std::numeric_limits<double>::quiet_NaN();

  auto skipDigits = [&] {
    size_t before = rest.size();
    rest = rest.drop_while(llvm::isDigit);
    return before - rest.size();
  };
  size_t digits = skipDigits();
  if (rest.consume_front("."))
    digits += skipDigits();
  if (digits == 0)
    return std::nullopt;
  if (rest.consume_front("e") || rest.consume_front("E")) {
    if (!rest.consume_front("-"))
      rest.consume_front("+");
    if (skipDigits() == 0)
      return std::nullopt;
  }
  if (!rest.empty())
    return std::nullopt;

  llvm::APFloat value(llvm::APFloat::IEEEdouble());
  llvm::Expected<llvm::APFloat::opStatus> status =
      value.convertFromString(text, llvm::APFloat::rmNearestTiesToEven);
  if (!status) {
    llvm::consumeError(status.takeError());
    return std::nullopt;
  }
  return value.convertToDouble();
}
