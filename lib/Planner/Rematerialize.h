//===- Rematerialize.h - Shared values within a bound on memory -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. A value that several networks read occupies memory from the first to the
// last of them. Where that exceeds a bound, it is dropped between two readers and computed again:
// rematerialization.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "GraphSchedule.h"

#include "tenon/Planner/Strategy.h"

namespace tenon::planner {

/// Lowers the peak of `schedule` to `bytes` by dropping values between readers, those first whose
/// computing again costs least for the excess that it removes; then takes back what turned out to
/// be needless. If that does not suffice, values are shared less and less (shareLessAtPeak), and in
/// the end not at all. The work is bounded; an expired budget ends the search for the best values,
/// not the lowering.
void keepBound(GraphSchedule &schedule, double bytes, const Budget &budget);

} // namespace tenon::planner
