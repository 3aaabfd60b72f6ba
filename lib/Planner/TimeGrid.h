//===- TimeGrid.h - Rates by shape --------------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/TimeTable.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace tenon::planner {

/// The extents that a table has rates for, ascending.
struct TimeAxes {
  std::vector<double> batch, rows, summed; ///< rows: of m and of n

  explicit TimeAxes(const TimeTable::Type &type);
  /// A combination that the table lacks; k = 0 if it lacks none.
  TimeTable::Rate firstMissing(const TimeTable::Type &type) const;
};

/// The logarithms of a type's rates on their full grid.
struct RateLogs {
  explicit RateLogs(const TimeTable::Type &type);

  /// The logarithms of the extents of one dimension.
  struct Axis {
    explicit Axis(const std::vector<double> &extents);
    /// Where `at` lies: the number of the extent below it, and the distance from that one to the
    /// next, from 0 to 1.
    std::pair<uint32_t, float> find(double at) const;
    uint32_t size() const { return static_cast<uint32_t>(logs.size()); }

    std::vector<double> logs;
    /// For whole numbers up to the last logarithm, the number of the extent below.
    std::vector<uint32_t> below;
    uint32_t stride = 0;
  };

  /// Of batch, m, n, k.
  std::array<Axis, 4> axes;
  /// log2 of the rates of whole dimensions and of cut ones, at every combination of extents.
  std::vector<double> whole, cut;

private:
  RateLogs(const TimeTable::Type &type, const TimeAxes &extents);
};

/// Rates of a full grid, interpolated linearly between the logarithms of extents and of rates.
/// Beyond the grid the nearest rate holds.
class TimeGrid {
public:
  /// `cut`: from 0, only the rates of whole dimensions, to 1, only those of cut ones.
  TimeGrid(const RateLogs &logs, double cut);

  /// log2 of multiply-adds per second; arguments are log2 of extents, those below 0 count as 0.
  double log2Rate(double batch, double m, double n, double k) const;
  /// log2 of the highest rate of all.
  double log2Highest() const { return highest; }

private:
  std::array<RateLogs::Axis, 4> axes;
  /// log2, at every combination of extents.
  std::vector<float> rates;
  double highest = 0;
};

} // namespace tenon::planner
