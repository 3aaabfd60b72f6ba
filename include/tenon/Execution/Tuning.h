//===- Tuning.h - Kernels chosen by measurement -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// For the contractions of a lowered network, the hottest first, other strategies, tiles and blocks
// are measured against the model's choice, in turn on the same buffers. What is faster goes into a
// tuning table, which tenon-outline-kernels reads.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/TuningTable.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>

namespace tenon {

struct TuningOptions {
  double seconds = 1; ///< wall-clock time after which no further measurement begins
  /// Hears what is done, a line each time. May be null.
  std::function<void(const std::string &line)> progress;
  /// Asked between measurements; true ends the search. May be null.
  std::function<bool()> cancelled;
};

/// What a search has done.
struct TuningReport {
  size_t contractions = 0; ///< different ones in the network
  size_t searched = 0;     ///< for which time was left
  size_t improved = 0;     ///< in whose place the table has a faster choice now
  bool interrupted = false; ///< `cancelled` ended it; the table has what was found until then
};

/// Measures kernels for the calls of `schedule` (isSchedule) on this machine, one thread, and
/// replaces entries of `table`, which is one of `target`. A choice goes in only if it beats the one
/// that the schedule has in a last comparison in turns; where none does, the choice of the schedule
/// goes in, so that the time is not spent again. Errors: kernels that do not compile.
llvm::Expected<TuningReport> tuneKernels(mlir::func::FuncOp schedule, const cpu::Processor &target,
                                         cpu::TuningTable &table, const TuningOptions &options);

} // namespace tenon
