//===- TimeCurves.cpp - Measured numbers between those measured -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TimeCurves.h"

#include "tenon/Planner/Random.h"

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <limits>

using namespace tenon::planner;

namespace {

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

/// Of numbers, in order.
class NumberHash {
public:
  explicit NumberHash(uint64_t start) : hash(start) {}
  void add(std::initializer_list<double> values) {
    for (double value : values)
      hash = mixBits(hash ^ std::bit_cast<uint64_t>(value));
  }
  uint64_t get() const { return hash; }

private:
  uint64_t hash;
};

uint64_t hashOfMachine(const TimeTable &table) {
  NumberHash hash(0);
  hash.add({table.call, table.slice, table.page, table.keptBytes});
  for (const TimeTable::Bandwidth &row : table.bandwidths)
    hash.add({row.bytes, row.read, row.written});
  for (const TimeTable::Threads &row : table.threads)
    hash.add({double(row.count), row.split, row.memory, row.slices, row.wake});
  return hash.get();
}

uint64_t hashOfType(const TimeTable::Type &type) {
  NumberHash hash(0);
  hash.add({double(type.rows), double(type.columns)});
  for (const TimeTable::Sum &row : type.sums)
    hash.add({row.length, row.along, row.across, row.scattered});
  for (const TimeTable::Permutation &row : type.permutations)
    hash.add({row.bytes, row.turned, row.shuffled});
  for (const TimeTable::Run &row : type.runs)
    hash.add({row.length, row.read, row.written});
  hash.add({type.turns.summed, type.turns.kept, type.turns.gathered, type.turns.apart});
  for (const TimeTable::Rate &rate : type.rates)
    hash.add({rate.batch, rate.m, rate.n, rate.k, rate.whole, rate.cut});
  return hash.get();
}

uint64_t hashOf(const MachineCurves &machine, const TypeCurves &type,
                const TimeModel::Setting &setting) {
  NumberHash hash(machine.fingerprint ^ mixBits(type.fingerprint));
  hash.add({double(setting.elementBytes), double(setting.threads), setting.sharedFromOps,
            setting.log2Extent});
  return hash.get();
}

} // namespace

SideCost::SideCost(const TimeTable::Type &type) {
  for (size_t i = 0; i < logs.size(); ++i) {
    double extent = std::round(std::exp2(static_cast<double>(i) / kSteps));
    logs[i] = 0;
    for (double unit : {double(type.rows), double(type.columns)})
      if (extent > unit)
        logs[i] += static_cast<float>(std::log2(std::ceil(extent / unit) * unit / extent));
  }
}

RunCost::RunCost(const TimeTable::Type &type, double TimeTable::Run::*seconds) {
  for (const TimeTable::Run &run : type.runs)
    rows.emplace_back(std::log2(run.length), run.*seconds);
}

double RunCost::operator()(double length) const {
  double at = std::log2(length);
  auto above = std::find_if(rows.begin(), rows.end(), [&](auto &row) { return row.first > at; });
  if (above == rows.end())
    return rows.back().second * std::exp2(rows.back().first - at);
  if (above == rows.begin())
    return above->second;
  auto below = above - 1;
  double share = (at - below->first) / (above->first - below->first);
  return below->second + share * (above->second - below->second);
}

MachineCurves::MachineCurves(const TimeTable &table)
    : read(table.bandwidths, &TimeTable::Bandwidth::bytes, &TimeTable::Bandwidth::read),
      written(table.bandwidths, &TimeTable::Bandwidth::bytes, &TimeTable::Bandwidth::written),
      fingerprint(hashOfMachine(table)) {}

TypeCurves::TypeCurves(const TimeTable::Type &type)
    : rates(type), side(type), along(type.sums, &TimeTable::Sum::length, &TimeTable::Sum::along),
      across(type.sums, &TimeTable::Sum::length, &TimeTable::Sum::across),
      scattered(type.sums, &TimeTable::Sum::length, &TimeTable::Sum::scattered),
      turned(type.permutations, &TimeTable::Permutation::bytes, &TimeTable::Permutation::turned),
      shuffled(type.permutations, &TimeTable::Permutation::bytes,
               &TimeTable::Permutation::shuffled),
      readRuns(type, &TimeTable::Run::read), writtenRuns(type, &TimeTable::Run::written),
      turns(type.turns), log2Columns(std::log2(double(type.columns))),
      fingerprint(hashOfType(type)) {}

TimeModel::Tables::Tables(const MeasuredTimes &times, const MachineCurves &machine,
                          const TypeCurves &type, const Setting &setting)
    : times(times), grid(type.rates, cutWeight(setting.log2Extent)), side(type.side),
      read(machine.read), written(machine.written), along(type.along), across(type.across),
      scattered(type.scattered), turned(type.turned), shuffled(type.shuffled),
      readRuns(type.readRuns), writtenRuns(type.writtenRuns), turns(type.turns),
      threads(threadsFor(times.table(), setting.threads)), slice(times.table().slice),
      page(times.table().page), keptBytes(times.table().keptBytes),
      typicalExtent(std::exp2(std::max(setting.log2Extent, 1.0))), log2Columns(type.log2Columns),
      log2Bytes(std::log2(double(setting.elementBytes))),
      log2Call(std::log2(std::max(times.table().call, kLeastCall))),
      log2Wake(std::log2(std::max(times.table().call + threads.wake, kLeastCall))),
      log2Split(std::log2(threads.split)), log2Memory(std::log2(threads.memory)),
      log2SharedFrom(setting.threads > 1 ? std::log2(std::max(setting.sharedFromOps, 1.0))
                                         : std::numeric_limits<double>::infinity()),
      fingerprint(hashOf(machine, type, setting)) {}

StepShape::StepShape(const StepSizes &sizes)
    : m(std::max(sizes.ops - sizes.rhs, 0.0)), n(std::max(sizes.ops - sizes.lhs, 0.0)),
      k(std::max(sizes.ops - sizes.result, 0.0)) {
  // Rounding must not depend on the order of the operands.
  if (n < m)
    std::swap(m, n);
  batch = sizes.ops - m - n - k;
}
