//===- TimeModel.cpp - Contractions by the clock --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TimeCurves.h"

#include <algorithm>

using namespace tenon::planner;

Result<TimeModel> TimeModel::make(const TimeTable &table, const Setting &setting) {
  return MeasuredTimes(table).model(setting);
}

double TimeModel::typicalLog2Extent(const Network &network) {
  double sum = 0, count = 0;
  // An index that no tensor has takes no time, whatever its extent.
  std::vector<bool> isSeen(network.numIndices(), false);
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    for (IndexId index : network.tensor(tensor))
      if (!isSeen[index] && network.extent(index) > 1) {
        isSeen[index] = true;
        sum += std::log2(static_cast<double>(network.extent(index)));
        ++count;
      }
  return count > 0 ? sum / count : 1;
}

uint64_t TimeModel::fingerprint() const { return tables->fingerprint; }

double TimeModel::log2Seconds(const StepSizes &sizes, bool isShared) const {
  const Tables &t = *tables;
  // Of tensors that are expected to be zero: a call that finds nothing to do.
  if (sizes.ops == log2Zero)
    return t.log2Call;
  StepShape shape(sizes);
  double arithmetic = sizes.ops - t.grid.log2Rate(shape.batch, shape.m, shape.n, shape.k);
  if (shape.isTiled())
    arithmetic += t.side(shape.m) + t.side(shape.n);
  double read = t.add(sizes.lhs, sizes.rhs) + t.log2Bytes, written = sizes.result + t.log2Bytes;
  double bytes = t.add(read, written);
  double traffic = t.add(read - t.read.log2At(bytes), written - t.written.log2At(bytes));
  if (isShared) {
    arithmetic -= t.log2Split;
    traffic -= t.log2Memory;
  }
  return t.add(std::max(arithmetic, traffic), isShared ? t.log2Wake : t.log2Call);
}

double TimeModel::step(const StepSizes &sizes) const {
  return log2Seconds(sizes, sizes.ops >= tables->log2SharedFrom);
}

double TimeModel::atLeast(const StepSizes &sizes) const {
  const Tables &t = *tables;
  bool mayShare = std::isfinite(t.log2SharedFrom);
  double arithmetic =
      sizes.ops - t.grid.log2Highest() - (mayShare ? std::max(t.log2Split, 0.0) : 0);
  double bytes = std::max({sizes.lhs, sizes.rhs, sizes.result}) + t.log2Bytes;
  double highest = std::max(t.read.log2Highest(), t.written.log2Highest());
  double traffic = bytes - highest - (mayShare ? std::max(t.log2Memory, 0.0) : 0);
  return std::max({arithmetic, traffic, t.log2Call});
}
