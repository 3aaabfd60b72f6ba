//===- Figures.h - Numbers as people read them ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <string>

namespace tenon::plan {

/// 2^log2 in four digits, "1.234e+512": a double need not hold it. 0 for log2 of minus infinity.
std::string formatPower(double log2);

/// A product of extents: "1536", or in four digits from 10^9 on.
std::string formatExtent(double log2);

/// "1536 bytes", "2.00 MiB", "1.234e+30 bytes".
std::string formatBytes(double bytes);

/// "3.2 s", "5.1 hours", "2e+17 years".
std::string formatDuration(double seconds);

} // namespace tenon::plan
