//===- ExpectParseError.h - Checks of messages ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/ParseError.h"

#include <gtest/gtest.h>

namespace tenon::frontend {

struct ErrorCase {
  const char *text;
  unsigned line;
  unsigned column;
  const char *message;
};

/// Expects that `result` failed with exactly one ParseError at that place, whose message contains
/// `message`.
template <typename T>
void expectParseError(llvm::Expected<T> result, unsigned line, unsigned column,
                      llvm::StringRef message) {
  if (result) {
    ADD_FAILURE() << "parsed, but expected: " << message.str();
    return;
  }
  unsigned count = 0;
  llvm::handleAllErrors(result.takeError(), [&](const ParseError &error) {
    ++count;
    EXPECT_EQ(error.getLine(), line) << error.message();
    EXPECT_EQ(error.getColumn(), column) << error.message();
    EXPECT_TRUE(error.getMessage().contains(message))
        << error.message() << "\nshould contain: " << message.str();
  });
  EXPECT_EQ(count, 1u);
}

/// The value, or a test failure with the message and a default.
template <typename T> T expectParsed(llvm::Expected<T> result) {
  if (result)
    return std::move(*result);
  ADD_FAILURE() << llvm::toString(result.takeError());
  return T();
}

} // namespace tenon::frontend
