//===- CompileFailure.cpp - Errors that callers tell apart ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/CompileFailure.h"

using namespace tenon;

char CompileFailure::ID = 0;

llvm::Error tenon::makeCancelled() {
  return llvm::make_error<CompileFailure>(TENON_CANCELLED, "the compilation was cancelled");
}

FailureParts::FailureParts(llvm::Error error) {
  error = llvm::handleErrors(std::move(error), [&](std::unique_ptr<CompileFailure> failure) {
    status = failure->status;
    smallestMemoryLimit = failure->smallestMemoryLimit;
    return llvm::Error(std::move(failure));
  });
  message = llvm::toString(std::move(error));
}
