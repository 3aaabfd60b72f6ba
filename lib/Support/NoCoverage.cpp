//===- NoCoverage.cpp - Counters that nobody reads --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Of the preset `fuzz` alone, whose code registers its counters when it is loaded. Programs that do
// not link the fuzzer's feedback have these definitions, which ignore them.
//
//===----------------------------------------------------------------------===//
#include <cstdint>

extern "C" {
__attribute__((weak, visibility("hidden"))) void __sanitizer_cov_8bit_counters_init(char *,
                                                                                    char *) {}
__attribute__((weak, visibility("hidden"))) void __sanitizer_cov_pcs_init(const uintptr_t *,
                                                                          const uintptr_t *) {}
}
