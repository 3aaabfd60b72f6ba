//===- TimeModel.cpp - Contractions by the clock --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/TimeModel.h"

#include "LogAdder.h"
#include "SliceState.h"
#include "TimeGrid.h"
#include "tenon/Planner/Random.h"

#include <algorithm>
#include <array>
#include <bit>
#include <set>

using namespace tenon::planner;

namespace {

/// log2 of bytes a second for every power of two of bytes.
class BandwidthCurve {
public:
  BandwidthCurve(const std::vector<TimeTable::Bandwidth> &rows,
                 double TimeTable::Bandwidth::*perSecond) {
    size_t next = 0;
    for (size_t power = 0; power < logs.size(); ++power) {
      double at = static_cast<double>(power);
      while (next < rows.size() && std::log2(rows[next].bytes) < at)
        ++next;
      if (next == 0 || next == rows.size()) {
        logs[power] = std::log2(rows[next == 0 ? 0 : next - 1].*perSecond);
        continue;
      }
      const auto &below = rows[next - 1], &above = rows[next];
      double from = std::log2(below.bytes), to = std::log2(above.bytes);
      double share = (at - from) / (to - from);
      logs[power] = (1 - share) * std::log2(below.*perSecond) + share * std::log2(above.*perSecond);
    }
  }

  double log2At(double log2Bytes) const {
    constexpr double last = kPowers - 1;
    double place = std::min(std::max(log2Bytes, 0.0), last);
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
  explicit SideCost(const TimeTable::Type &type) {
    for (size_t i = 0; i < logs.size(); ++i) {
      double extent = std::round(std::exp2(static_cast<double>(i) / kSteps));
      logs[i] = 0;
      for (double unit : {double(type.rows), double(type.columns)})
        if (extent > unit)
          logs[i] += static_cast<float>(std::log2(std::ceil(extent / unit) * unit / extent));
    }
  }
  double operator()(double log2Extent) const {
    double place = log2Extent * kSteps + 0.5;
    return place < static_cast<double>(logs.size()) ? logs[static_cast<size_t>(place)] : 0;
  }

private:
  /// So that all extents up to 90 have a place of their own; beyond 2^10 nothing is lost.
  static constexpr double kSteps = 64;
  std::array<float, 641> logs;
};

/// The row of `count` threads, scaled from the next smaller one where there is none.
TimeTable::Threads threadsFor(const TimeTable &table, unsigned count) {
  TimeTable::Threads row = table.threads.front();
  for (const TimeTable::Threads &next : table.threads)
    if (next.count <= count)
      row = next;
  double scale = static_cast<double>(count) / row.count;
  row.count = count;
  row.split *= scale;
  row.slices *= scale;
  // All threads draw on one memory: what is measured last is what there is.
  return row;
}

uint64_t hashOf(const TimeTable &table, const TimeTable::Type &type,
                const TimeModel::Setting &setting) {
  uint64_t hash = 0;
  auto add = [&](double value) { hash = mixBits(hash ^ std::bit_cast<uint64_t>(value)); };
  for (double value :
       {table.call, table.slice, table.page, table.keptBytes, double(setting.elementBytes),
        double(setting.threads), setting.sharedFromOps, setting.log2Extent})
    add(value);
  for (const TimeTable::Bandwidth &row : table.bandwidths)
    for (double value : {row.bytes, row.read, row.written})
      add(value);
  for (const TimeTable::Threads &row : table.threads)
    for (double value : {double(row.count), row.split, row.memory, row.slices, row.wake})
      add(value);
  add(type.rows);
  add(type.columns);
  for (const TimeTable::Rate &rate : type.rates)
    for (double value : {rate.batch, rate.m, rate.n, rate.k, rate.whole, rate.cut})
      add(value);
  return hash;
}

/// The indices of tensors: one that no tensor has takes no time, whatever its extent.
std::vector<IndexId> indicesOfTensors(const Network &network) {
  std::vector<bool> isThere(network.numIndices(), false);
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    for (IndexId index : network.tensor(tensor))
      isThere[index] = true;
  std::vector<IndexId> indices;
  for (IndexId index = 0; index < network.numIndices(); ++index)
    if (isThere[index])
      indices.push_back(index);
  return indices;
}

bool isDone(const std::vector<bool> &isComputed, size_t step) {
  return isComputed.empty() || isComputed[step];
}

} // namespace

struct TimeModel::Tables {
  Tables(const TimeTable &table, const TimeTable::Type &type, const Setting &setting)
      // An extent of 2^e puts one dimension in place of e.
      : grid(type, 1 / std::max(setting.log2Extent, 1.0)), side(type),
        read(table.bandwidths, &TimeTable::Bandwidth::read),
        written(table.bandwidths, &TimeTable::Bandwidth::written),
        threads(threadsFor(table, setting.threads)), slice(table.slice), page(table.page),
        keptBytes(table.keptBytes), log2Bytes(std::log2(double(setting.elementBytes))),
        log2Call(std::log2(std::max(table.call, kLeastCall))),
        log2Wake(std::log2(std::max(table.call + threads.wake, kLeastCall))),
        log2Split(std::log2(threads.split)), log2Memory(std::log2(threads.memory)),
        log2SharedFrom(setting.threads > 1 ? std::log2(std::max(setting.sharedFromOps, 1.0))
                                           : std::numeric_limits<double>::infinity()),
        fingerprint(hashOf(table, type, setting)) {}

  /// Half a cycle: nothing is free, and there is a logarithm of it.
  static constexpr double kLeastCall = 1e-10;

  TimeGrid grid;
  SideCost side;
  BandwidthCurve read, written;
  TimeTable::Threads threads;
  double slice, page, keptBytes;
  double log2Bytes, log2Call, log2Wake, log2Split, log2Memory, log2SharedFrom;
  uint64_t fingerprint;
  const LogAdder &add = LogAdder::get();
};

Result<TimeModel> TimeModel::make(const TimeTable &table, const Setting &setting) {
  Result<const TimeTable::Type *> type = table.typeFor(setting.type);
  if (!type)
    return type.fullError();
  return TimeModel(std::make_shared<const Tables>(table, **type, setting));
}

double TimeModel::typicalLog2Extent(const Network &network) {
  double sum = 0, count = 0;
  for (IndexId index : indicesOfTensors(network))
    if (network.extent(index) > 1) {
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
  double m = std::max(sizes.ops - sizes.rhs, 0.0), n = std::max(sizes.ops - sizes.lhs, 0.0);
  double k = std::max(sizes.ops - sizes.result, 0.0);
  // Rounding must not depend on the order of the operands.
  if (n < m)
    std::swap(m, n);
  double arithmetic = sizes.ops - t.grid.log2Rate(sizes.ops - m - n - k, m, n, k);
  // Thinner products are not cut into tiles (chooseBlocking of lib/KernelModel).
  constexpr double tiled = 1.5;
  if (std::min({m, n, k}) > tiled)
    arithmetic += t.side(m) + t.side(n);
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

double TimeModel::coldInputs(const Network &network, const ContractionTree &tree,
                             const std::vector<bool> &isComputed) const {
  const Tables &t = *tables;
  auto log2BytesOf = [&](std::span<const IndexId> list) {
    double log2 = t.log2Bytes;
    for (IndexId index : list)
      log2 += std::log2(static_cast<double>(network.extent(index)));
    return log2;
  };
  Log2Sum all;
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    all.add(log2BytesOf(network.tensor(tensor)));
  all.add(log2BytesOf(network.output()));
  double cold = t.read.log2At(all.log2()), seconds = 0;
  // Outlives the state.
  const MemoryModel memory;
  SliceState state(network, tree, memory);
  for (size_t number = 0; number < tree.numSteps(); ++number) {
    if (!isDone(isComputed, number))
      continue;
    StepSizes sizes = state.sizes(number);
    double bytes = t.add(t.add(sizes.lhs, sizes.rhs), sizes.result) + t.log2Bytes;
    double warm = t.read.log2At(bytes);
    const Step &operands = tree.step(number);
    for (NodeId operand : {operands.lhs, operands.rhs})
      if (tree.isLeaf(operand) && cold < warm) {
        double read = log2BytesOf(network.tensor(operand));
        seconds = saturate(seconds + std::exp2(read - cold) - std::exp2(read - warm));
      }
  }
  return seconds;
}

double TimeModel::predict(const Network &network, const ContractionTree &tree,
                          std::span<const IndexId> sliced, double peakBytes,
                          const std::vector<bool> &isComputed) const {
  const Tables &t = *tables;
  for (IndexId index : indicesOfTensors(network))
    if (network.extent(index) == 0)
      return 0;
  // Outlives the state.
  const MemoryModel memory;
  SliceState state(network, tree, memory);
  for (IndexId index : sliced)
    state.slice(index);
  // A single tensor is summed, transposed or copied.
  if (tree.numSteps() == 0) {
    auto elements = [&](std::span<const IndexId> list) {
      double log2Elements = 0;
      for (IndexId index : std::set<IndexId>(list.begin(), list.end()))
        log2Elements += std::log2(static_cast<double>(network.extent(index)));
      return log2Elements;
    };
    double all = elements(network.tensor(0)), kept = elements(network.output());
    return saturate(std::exp2(step({all, 0, kept, all})));
  }
  if (!isComputed.empty() && std::count(isComputed.begin(), isComputed.end(), true) == 0)
    return 0;
  double once = 0, inSlices = sliced.empty() ? 0 : t.slice;
  for (size_t number = 0; number < tree.numSteps(); ++number) {
    if (!isDone(isComputed, number))
      continue;
    StepSizes sizes = state.sizes(number);
    if (sliced.empty() || state.isHoisted(tree.resultOf(number)))
      once = saturate(once + std::exp2(step(sizes)));
    else
      inSlices = saturate(inSlices + std::exp2(log2Seconds(sizes, /*isShared=*/false)));
  }
  // In the last round some threads may have no slice to run; the others do not wait for memory
  // then, which is left out.
  double rounds = std::ceil(state.slices() / t.threads.count);
  double slices = rounds * t.threads.count / t.threads.slices;
  double fresh = peakBytes > t.keptBytes ? peakBytes * t.page : 0;
  return saturate(once + saturate(slices * inSlices) + fresh +
                  coldInputs(network, tree, isComputed));
}
