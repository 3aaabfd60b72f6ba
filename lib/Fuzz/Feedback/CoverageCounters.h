//===- CoverageCounters.h - Where the compiler's counters are -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Code that is compiled with -fsanitize-coverage=inline-8bit-counters,pc-table tells a runtime,
// before main, where its counters and the table of their addresses are. This is that runtime
// (https://clang.llvm.org/docs/SanitizerCoverage.html). Programs without the fuzzer's feedback have
// lib/Support/NoCoverage.cpp in its place.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon::fuzz {

/// One counter's place in the code.
struct CounterPlace {
  uintptr_t address;
  uintptr_t flags; ///< bit 0: a function's entry
};

/// The counters of one executable or shared library.
struct CounterRegion {
  std::span<uint8_t> counters;
  std::span<const CounterPlace> places; ///< as many, or none where there is no table
};

/// In the order in which the modules were loaded. Empty where nothing is instrumented.
std::span<const CounterRegion> counterRegions();

} // namespace tenon::fuzz
