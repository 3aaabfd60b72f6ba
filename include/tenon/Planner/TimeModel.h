//===- TimeModel.h - Contractions by the clock ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The cost model `time`, a roofline from measured numbers: a step takes as long as its arithmetic
// at the rate of its shape or as the traffic of its operands and result at the bandwidth of so many
// bytes, whichever is longer, and what any call costs. Source: Williams, Waterman, Patterson:
// Roofline (CACM 52(4), 2009); here the ceiling of arithmetic depends on the shape.
//
// What searches do not know is the order of dimensions in memory: rates are those of the orders
// that tn-plan writes. Predictions of whole trees add what the orders of inputs and output cost,
// and slices that are cut out of them; docs/calibration.md says how.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/CostModel.h"
#include "tenon/Planner/Network.h"
#include "tenon/Planner/TimeTable.h"

#include <memory>
#include <span>
#include <vector>

namespace tenon::planner {

class ContractionTree;
class MeasuredTimes;

/// Copies share their tables.
class TimeModel final : public CostModel {
public:
  /// Whose time it is.
  struct Setting {
    std::string_view type = "f32"; ///< of the elements of intermediates
    int64_t elementBytes = 4;
    unsigned threads = 1;
    /// Outside slices, all threads share a contraction of so many multiply-adds and more.
    double sharedFromOps = 0;
    /// Of a typical index. Where extents are 2, the rows and columns of a product alternate.
    double log2Extent = 1;
  };

  /// The mean of log2 of the extents above 1 of a network; 1 where there are none.
  static double typicalLog2Extent(const Network &network);

  /// The error is that of TimeTable::typeFor. For a number of threads that the table lacks, each
  /// thread contributes what it does in the next smaller number. Several models of one table:
  /// MeasuredTimes.
  static Result<TimeModel> make(const TimeTable &table, const Setting &setting);

  std::string_view name() const override { return "time"; }
  Accumulation accumulation() const override { return Accumulation::Sum; }
  /// log2 of seconds, outside slices. Some 40 ns; the error of arithmetic is below one percent.
  double step(const StepSizes &sizes) const override;
  double atLeast(const StepSizes &sizes) const override;

  /// Seconds of all steps of a tree, those in slices as often as there are slices, of sums and
  /// diagonals of single inputs before them, of a workspace of `peakBytes`, and of inputs that do
  /// not stay in a cache from call to call. Tensors and output are row-major, their dimensions in
  /// the order of the network's lists. Saturates; 0 where an index has the extent 0. Time as
  /// evaluateTree.
  ///
  /// `isComputed`, by step: whether it is done here; empty: all are. The others' results are there
  /// already, or nobody needs them. 0 where nothing is done.
  double predict(const Network &network, const ContractionTree &tree,
                 std::span<const IndexId> sliced, double peakBytes,
                 const std::vector<bool> &isComputed = {}) const;

  /// Equal for models that price everything alike.
  uint64_t fingerprint() const;

private:
  struct Tables;
  explicit TimeModel(std::shared_ptr<const Tables> tables) : tables(std::move(tables)) {}
  friend class MeasuredTimes;
  friend class TimePrediction;
  double log2Seconds(const StepSizes &sizes, bool isShared) const;

  std::shared_ptr<const Tables> tables;
};

} // namespace tenon::planner
