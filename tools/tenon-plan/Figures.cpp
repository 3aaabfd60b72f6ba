//===- Figures.cpp - Numbers as people read them --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Figures.h"

#include "tenon/Tools/ByteSize.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <limits>

using namespace tenon;

template <typename... Values> static std::string text(const char *format, Values... values) {
  std::string result;
  llvm::raw_string_ostream(result) << llvm::format(format, values...);
  return result;
}

std::string plan::formatPower(double log2) {
  if (std::isinf(log2) && log2 < 0)
    return "0";
  if (log2 < 1000)
    return text("%.3e", std::exp2(log2));
  double log10 = log2 * std::log10(2.0), exponent = std::floor(log10);
  double mantissa = std::round(std::pow(10, log10 - exponent) * 1000) / 1000;
  if (mantissa >= 10) {
    mantissa /= 10;
    ++exponent;
  }
  return text("%.3fe+%.0f", mantissa, exponent);
}

std::string plan::formatExtent(double log2) {
  return log2 < 9 * std::log2(10.0) ? text("%.0f", std::exp2(log2)) : formatPower(log2);
}

std::string plan::formatBytes(double bytes) {
  constexpr double largestUnit = 0x1p50;
  if (bytes < largestUnit)
    return formatByteSize(static_cast<int64_t>(bytes));
  // Where numbers of the planner saturate.
  return bytes < std::numeric_limits<double>::max() ? text("%.3e bytes", bytes)
                                                    : "more than 1e+308 bytes";
}

std::string plan::formatDuration(double seconds) {
  constexpr double hour = 3600, year = 365.25 * 24 * hour;
  if (!(seconds < 1e300))
    return "1e+292 years or more";
  if (seconds < 1e-3)
    return text("%.3g us", seconds * 1e6);
  if (seconds < 1)
    return text("%.3g ms", seconds * 1e3);
  if (seconds < hour)
    return text("%.3g s", seconds);
  return seconds < year ? text("%.3g hours", seconds / hour) : text("%.3g years", seconds / year);
}
