//===- ContractionSchedule.h - From a contraction tree to a table -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The short way: a planned network becomes a schedule table (tenon-runtime/Schedule.h) that calls
// prebuilt kernels, without IR and without a compiler. docs/cold-start.md
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"
#include "tenon/Planner/Tree.h"
#include "tenon/QuickStart/PrebuiltKernels.h"

#include <optional>
#include <vector>

namespace tenon::quick {

/// A network over (+, x), with the order in which it is contracted. Every operand and the result
/// have elements of one type; the dimensions of operand t are network.tensor(t), in that order and
/// with repeated indices, those of the result network.output().
struct Problem {
  planner::Network network; ///< that passed validate()
  planner::ContractionTree tree;
  tenon_dtype dtype = TENON_F32;
  int64_t threads = 1; ///< that the schedule is made for
  /// That share tiles: all, or 1, where results must not depend on the number of threads, which
  /// decides what tiles there are.
  int64_t tileThreads = 1;
};

struct ContractionSchedule {
  std::vector<char> table;
  std::vector<KernelFunction> kernels; ///< as the table numbers them
  double operations = 0;               ///< multiply-adds
};

/// The schedule of `problem`, operand t being input t, with kernels of `set`. nullopt where this
/// way does not lead: a type or tiling without a kernel in the set, more dimensions than a
/// schedule may have, sizes beyond 2^60 bytes. O(n log n) for n steps of bounded rank.
std::optional<ContractionSchedule> scheduleContraction(const Problem &problem,
                                                       const KernelSet &set);

} // namespace tenon::quick
