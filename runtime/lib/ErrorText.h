//===- ErrorText.h - One error message of bounded length ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"

#include <cstdarg>
#include <cstdio>

namespace tenon::runtime {

/// Holds the text that goes with a status. Needs no allocation, because it also has to say that
/// memory is out.
class ErrorText {
public:
  /// Stores the text and returns `status`, so that a failing function can end with one statement.
  __attribute__((format(printf, 3, 4))) tenon_status fail(tenon_status status, const char *format,
                                                          ...) {
    va_list values;
    va_start(values, format);
    set(format, values);
    va_end(values);
    return status;
  }
  void set(const char *format, va_list values) {
    std::vsnprintf(text, sizeof(text), format, values);
  }
  void clear() { text[0] = 0; }
  const char *c_str() const { return text; }

private:
  char text[1024] = "";
};

} // namespace tenon::runtime
