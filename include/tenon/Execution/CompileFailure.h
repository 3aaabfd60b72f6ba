//===- CompileFailure.h - Errors that callers tell apart ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Most errors of a compilation are a message for a person. Those that a program reacts to have a
// status as well.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"

#include "llvm/Support/Error.h"

#include <string>

namespace tenon {

class CompileFailure : public llvm::ErrorInfo<CompileFailure> {
public:
  static char ID;

  CompileFailure(tenon_status status, std::string message, int64_t smallestMemoryLimit = 0)
      : status(status), smallestMemoryLimit(smallestMemoryLimit), message(std::move(message)) {}

  void log(llvm::raw_ostream &stream) const override { stream << message; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

  tenon_status status;
  /// Of TENON_MEMORY_LIMIT: the smallest limit that can be kept, in bytes; 0 where that is not
  /// known.
  int64_t smallestMemoryLimit;

private:
  std::string message;
};

/// The error of a compilation that was asked to stop.
llvm::Error makeCancelled();

/// Takes any error apart: one that is no CompileFailure has the status TENON_INVALID_ARGUMENT.
struct FailureParts {
  explicit FailureParts(llvm::Error error);
  tenon_status status = TENON_INVALID_ARGUMENT;
  int64_t smallestMemoryLimit = 0;
  std::string message;
};

} // namespace tenon
