//===- Assert.h - Tenon's own assertion ---------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// NDEBUG is defined in every build, because Debian's MLIR archives were built with it and
// some LLVM classes change layout with it. TENON_ASSERT is what remains on in every preset
// but `release`. It states an invariant of Tenon's own code, never a condition on user input.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdio>
#include <cstdlib>

#ifdef TENON_ENABLE_ASSERTIONS
#define TENON_ASSERT(condition, message)                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      std::fprintf(stderr, "%s:%d: invariant broken: %s (%s)\n", __FILE__, __LINE__, message,      \
                   #condition);                                                                    \
      std::abort();                                                                                \
    }                                                                                              \
  } while (false)
#else
#define TENON_ASSERT(condition, message) static_cast<void>(0)
#endif
