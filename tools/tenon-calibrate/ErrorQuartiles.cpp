//===- ErrorQuartiles.cpp - How far predictions are off -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ErrorQuartiles.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace tenon::calibrate;

/// What `share` of the sorted values lies below.
static double quantile(const std::vector<double> &values, double share) {
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

void ErrorQuartiles::print(llvm::StringRef what, llvm::raw_ostream &os) const {
  std::vector<double> sorted = ratios, errors;
  for (double ratio : ratios)
    errors.push_back(std::abs(ratio - 1));
  llvm::sort(sorted);
  llvm::sort(errors);
  os << llvm::left_justify(what, 16)
     << llvm::format(" %5zu %14.0f%% %7.0f%% %7.0f%% %8.0f%% %13.2f\n", ratios.size(),
                     100 * quantile(errors, 0.25), 100 * quantile(errors, 0.5),
                     100 * quantile(errors, 0.75), 100 * quantile(errors, 0.9),
                     quantile(sorted, 0.5));
}
