//===- EdgeFeedback.h - Edges of given counters -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "CoverageCounters.h"
#include "tenon/Fuzz/Feedback.h"

namespace tenon::fuzz {

/// As makeEdgeFeedback, of these counters. Null where there are none. The regions must outlive the
/// result.
std::unique_ptr<Feedback> makeEdgeFeedback(std::span<const CounterRegion> regions);

} // namespace tenon::fuzz
