//===- ErrorQuartiles.h - How far predictions are off -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <vector>

namespace tenon::calibrate {

/// The distribution of |predicted / measured - 1|.
class ErrorQuartiles {
public:
  void add(double predicted, double measured) { ratios.push_back(predicted / measured); }

  static constexpr llvm::StringLiteral kHeader =
      "what             cases  lower quartile  median   upper      9/10  median ratio\n";
  /// A line under kHeader; at least one was added.
  void print(llvm::StringRef what, llvm::raw_ostream &os) const;

private:
  std::vector<double> ratios;
};

} // namespace tenon::calibrate
