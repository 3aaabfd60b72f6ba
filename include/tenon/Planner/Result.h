//===- Result.h - A value or a message --------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What every fallible function of the planner returns: the library has no exceptions, and
// user errors are text that a caller attaches to its own location.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Support/Assert.h"

#include <optional>
#include <string>
#include <utility>

namespace tenon::planner {

/// An error message for a person: what was found, what was expected, what to do.
struct Error {
  std::string message;
};

/// Either a `T` or an `Error`.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : storedValue(std::move(value)) {}
  Result(Error error) : errorMessage(std::move(error.message)) {}

  bool ok() const { return storedValue.has_value(); }
  explicit operator bool() const { return ok(); }

  T &value() {
    TENON_ASSERT(ok(), "value() of a failed Result");
    return *storedValue;
  }
  const T &value() const {
    TENON_ASSERT(ok(), "value() of a failed Result");
    return *storedValue;
  }
  T &operator*() { return value(); }
  const T &operator*() const { return value(); }
  T *operator->() { return &value(); }
  const T *operator->() const { return &value(); }

  /// The message; empty if and only if the result is ok.
  const std::string &error() const { return errorMessage; }

private:
  std::optional<T> storedValue;
  std::string errorMessage;
};

} // namespace tenon::planner
