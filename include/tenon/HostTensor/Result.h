//===- Result.h - A value or the reason why there is none ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The return type of host tensor operations that can fail on user input or for want of memory.
// Libraries that know no LLVM use it where others use llvm::Expected.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Support/Assert.h"

#include <optional>
#include <string>
#include <utility>

namespace tenon {

/// One message: what was found, what was expected, what to do.
struct Failure {
  std::string message;
};

template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : value(std::move(value)) {}
  Result(Failure failure) : failure(std::move(failure)) {}

  explicit operator bool() const { return value.has_value(); }
  T &operator*() {
    TENON_ASSERT(value.has_value(), "a failed result has no value");
    return *value;
  }
  const T &operator*() const {
    TENON_ASSERT(value.has_value(), "a failed result has no value");
    return *value;
  }
  T *operator->() { return &**this; }
  const T *operator->() const { return &**this; }

  /// The reason of the failure; empty for a success.
  const std::string &message() const { return failure.message; }
  Failure takeFailure() { return std::move(failure); }

private:
  std::optional<T> value;
  Failure failure;
};

/// A Result without a value: success or a message.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Failure failure) : failure(std::move(failure)) {}

  explicit operator bool() const { return !failure.has_value(); }
  std::string message() const { return failure ? failure->message : std::string(); }

private:
  std::optional<Failure> failure;
};

} // namespace tenon
