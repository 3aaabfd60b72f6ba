//===- Report.h - Plans for people ------------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Search.h"

namespace tenon::plan {

/// For each contraction what opt_einsum's contract_path tells, the `top` heaviest steps, memory
/// over time, and slices.
void printReport(const PlannedFunction &function, unsigned top, llvm::raw_ostream &os);

} // namespace tenon::plan
