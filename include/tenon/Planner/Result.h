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
  /// Where a bound on memory cannot be kept: the smallest one that can, in bytes, as far as the
  /// search knows. 0 for every other error.
  double smallestPeak = 0;
  /// Where several networks are planned together: the number of the one that the error is about.
  size_t network = 0;
};

/// Either a `T` or an `Error`.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : storedValue(std::move(value)) {}
  Result(Error error) : failure(std::move(error)) {}

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
  const std::string &error() const { return failure.message; }
  /// The error, to be handed on as it is.
  const Error &fullError() const { return failure; }

private:
  std::optional<T> storedValue;
  Error failure;
};

} // namespace tenon::planner
