//===- QuickStart.h - Contractions that start without a compiler --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Tenon.h"
#include "tenon/QuickStart/QuickNetwork.h"

#include <memory>
#include <string>
#include <vector>

namespace tenon::capi {

/// A network made of prebuilt kernels, and what it was asked for, from which the longer way tells
/// the rest when somebody wants to know it.
class QuickStart {
public:
  /// Null where the longer way has to be taken: for what there are no prebuilt kernels for, what
  /// needs a search, bounds on memory, and everything that is wrong, which the longer way reports.
  static std::unique_ptr<QuickStart> make(const tenon_contraction &contraction,
                                          const tenon_compile_options &options);

  const quick::QuickNetwork &network() const { return *quick; }
  int64_t threads() const { return numThreads; }
  /// Seconds that it took to make.
  double seconds() const { return took; }
  /// As of tenon_network_signature.
  std::string describeSignature() const;
  /// What tn-plan says of the contraction; empty where it says nothing.
  std::string describePlan() const;

private:
  QuickStart() = default;

  std::unique_ptr<quick::QuickNetwork> quick;
  int64_t numThreads = 1;
  double took = 0;
  // The contraction, for the module.
  tenon_dtype dtype = TENON_F32;
  std::vector<std::vector<int64_t>> extents, indices;
  std::vector<int64_t> resultIndices, resultExtents;
  std::vector<int64_t> path;
  bool hasPath = false;
  std::string planOptions;
};

} // namespace tenon::capi
