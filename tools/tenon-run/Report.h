//===- Report.h - What a run has to say about itself ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "NativeRun.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::run {

/// Warns of a run that is estimated to take hours or more, before it begins.
void warnOfLongRun(const NativeRun &native, llvm::raw_ostream &report);

/// Stages of the compilation with their times, the plan, kernels and memory.
void reportStatistics(const NativeRun &native, mlir::func::FuncOp function,
                      llvm::raw_ostream &report);

/// Times `repetitions` runs (0: as many as fit into about a second, at least 3) after one that is
/// not counted, and reports median and least time, the rate of operations where their number is
/// known, and memory.
llvm::Error benchmark(NativeRun &native, mlir::func::FuncOp function, int64_t repetitions,
                      llvm::raw_ostream &report);

/// Runs for about a second after one run that is not counted, and lists the `most` heaviest steps by the least time that each
/// took in a run.
llvm::Error profile(NativeRun &native, int64_t most, llvm::raw_ostream &report);

} // namespace tenon::run
