//===- Errors.h - From the C API's errors to Python's ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The exception classes live in tenon/_errors.py; this file only hands a
// message over to the function there that picks the class.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Tenon.h"

#include <string>

namespace tenon::python {

/// Raises the exception that fits a failed compilation step. Takes over `message`, which may be
/// null. `smallestLimit` as in tenon_compile_failure. Needs the GIL.
[[noreturn]] void throwCompileError(char *message, tenon_status status = TENON_INVALID_ARGUMENT,
                                    int64_t smallestLimit = 0);

/// Raises the exception that fits a network that cannot be planned; arguments as above.
[[noreturn]] void throwPlanError(char *message, tenon_status status, int64_t smallestLimit);

/// Raises the exception that fits a run that returned `status`. Needs the GIL.
[[noreturn]] void throwRunError(tenon_status status, const std::string &message);

} // namespace tenon::python
