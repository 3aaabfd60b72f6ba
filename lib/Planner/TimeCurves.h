//===- TimeCurves.h - Measured numbers between those measured ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "LogAdder.h"
#include "TimeGrid.h"
#include "tenon/Planner/MeasuredTimes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace tenon::planner {

/// log2 of a rate for every power of two of bytes, or of an extent, between which it is linear.
/// Outside of what was measured the nearest rate holds.
class RateCurve {
public:
  /// Rows by rising keys, at least one.
  template <typename Row>
  RateCurve(const std::vector<Row> &rows, double Row::*key, double Row::*perSecond) {
    size_t next = 0;
    for (size_t power = 0; power < logs.size(); ++power) {
      double at = static_cast<double>(power);
      while (next < rows.size() && std::log2(rows[next].*key) < at)
        ++next;
      if (next == 0 || next == rows.size()) {
        logs[power] = std::log2(rows[next == 0 ? 0 : next - 1].*perSecond);
        continue;
      }
      const Row &below = rows[next - 1], &above = rows[next];
      double from = std::log2(below.*key), to = std::log2(above.*key);
      double share = (at - from) / (to - from);
      logs[power] = (1 - share) * std::log2(below.*perSecond) + share * std::log2(above.*perSecond);
    }
  }

  double log2At(double log2Key) const {
    constexpr double last = kPowers - 1;
    double place = std::min(std::max(log2Key, 0.0), last);
    auto below = static_cast<size_t>(place);
    double share = place - static_cast<double>(below);
    return logs[below] + share * (logs[std::min(below + 1, kPowers - 1)] - logs[below]);
  }
  double log2Highest() const { return *std::max_element(logs.begin(), logs.end()); }

private:
  static constexpr size_t kPowers = 48;
  std::array<double, kPowers> logs;
};

/// log2 of what a side of a product costs more where tiles do not divide it. Its last tile is
/// padded with surplus rows or columns, and stored through scratch memory; either side may become
/// that of the rows.
class SideCost {
public:
  explicit SideCost(const TimeTable::Type &type);
  double operator()(double log2Extent) const {
    double place = log2Extent * kSteps + 0.5;
    return place < static_cast<double>(logs.size()) ? logs[static_cast<size_t>(place)] : 0;
  }

private:
  /// So that all extents up to 90 have a place of their own; beyond 2^10 nothing is lost.
  static constexpr double kSteps = 64;
  std::array<float, 641> logs;
};

/// Seconds an element in runs of any length, between two lengths linear in their logarithm. Of runs
/// longer than those measured, ever fewer elements lie where one ends.
class RunCost {
public:
  RunCost(const TimeTable::Type &type, double TimeTable::Run::*seconds);
  /// `length` >= 1.
  double operator()(double length) const;

private:
  std::vector<std::pair<double, double>> rows; ///< log2 of the length, seconds
};

/// What all models of a table have in common.
struct MachineCurves {
  explicit MachineCurves(const TimeTable &table);

  RateCurve read, written;
  uint64_t fingerprint; ///< of all that is no type's
};

/// What all models of one of its types have in common.
struct TypeCurves {
  explicit TypeCurves(const TimeTable::Type &type);

  RateLogs rates;
  SideCost side;
  RateCurve along, across, scattered, turned, shuffled;
  RunCost readRuns, writtenRuns;
  TimeTable::Turns turns;
  double log2Columns;
  uint64_t fingerprint; ///< of the type's rows
};

/// What a TimeModel has of its table.
struct TimeModel::Tables {
  /// `machine` and `type` are of `times`.
  Tables(const MeasuredTimes &times, const MachineCurves &machine, const TypeCurves &type,
         const Setting &setting);

  /// Half a cycle: nothing is free, and there is a logarithm of it.
  static constexpr double kLeastCall = 1e-10;

  /// How much the rates of cut dimensions weigh: an extent of 2^e puts one dimension in place of e.
  static double cutWeight(double log2Extent) { return 1 / std::max(log2Extent, 1.0); }

  /// Keeps what is referred to.
  MeasuredTimes times;
  TimeGrid grid;
  const SideCost &side;
  const RateCurve &read, &written;
  const RateCurve &along, &across, &scattered, &turned, &shuffled;
  const RunCost &readRuns, &writtenRuns;
  TimeTable::Turns turns;
  TimeTable::Threads threads;
  double slice, page, keptBytes, typicalExtent;
  double log2Columns;
  double log2Bytes, log2Call, log2Wake, log2Split, log2Memory, log2SharedFrom;
  uint64_t fingerprint;
  const LogAdder &add = LogAdder::get();
};

/// The products of the extents of a step's groups, as logarithms, none below 0.
struct StepShape {
  double batch, m, n, k; ///< m <= n

  explicit StepShape(const StepSizes &sizes);
  /// Thinner products are not cut into tiles (chooseBlocking of lib/KernelModel).
  bool isTiled() const {
    constexpr double thinnest = 1.5;
    return std::min(m, k) > thinnest;
  }
};

} // namespace tenon::planner
