//===- TimeTables.h - Tables of times for tests -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/TimeTable.h"

#include <cmath>

namespace tenon::planner::test {

/// Rates are products of powers, one for each extent, so that an interpolation between the
/// logarithms is exact, and cut dimensions have a quarter of them; memory is so fast that it never
/// limits, single operands take a call, and all orders are equally good.
inline TimeTable makeTimeTable() {
  TimeTable table;
  table.machine = "made up, 2 threads";
  table.call = 1e-6;
  table.slice = 2e-6;
  table.page = 1e-10;
  table.keptBytes = 1 << 20;
  table.threads = {{1, 1, 1, 1, 0}, {4, 3, 2, 3.5, 5e-6}};
  table.bandwidths = {{1024, 1e15, 1e15}};
  TimeTable::Type type;
  type.name = "f32";
  type.sums = {{1, 1e15, 1e15, 1e15}};
  type.permutations = {{1024, 1e15, 1e15}};
  type.runs = {{1, 0, 0}};
  for (double batch : {1, 8})
    for (double m : {1, 4, 64})
      for (double n : {1, 4, 64})
        for (double k : {1, 16})
          if (m <= n)
            type.rates.push_back({batch, m, n, k, 4e6 * std::sqrt(batch) * m * n * k,
                                  1e6 * std::sqrt(batch) * m * n * k});
  table.types = {type};
  return table;
}

} // namespace tenon::planner::test
