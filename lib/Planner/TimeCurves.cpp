//===- TimeCurves.cpp - Measured numbers between those measured -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TimeCurves.h"

#include "tenon/Planner/Random.h"

#include <algorithm>
#include <bit>

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
  for (const TimeTable::Sum &row : type.sums)
    for (double value : {row.length, row.along, row.across, row.scattered})
      add(value);
  for (const TimeTable::Permutation &row : type.permutations)
    for (double value : {row.bytes, row.turned, row.shuffled})
      add(value);
  for (const TimeTable::Run &row : type.runs)
    for (double value : {row.length, row.read, row.written})
      add(value);
  add(type.turns.summed);
  add(type.turns.kept);
  add(type.turns.gathered);
  add(type.turns.apart);
  for (const TimeTable::Rate &rate : type.rates)
    for (double value : {rate.batch, rate.m, rate.n, rate.k, rate.whole, rate.cut})
      add(value);
  return hash;
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

TimeModel::Tables::Tables(const TimeTable &table, const TimeTable::Type &type,
                          const Setting &setting)
    : grid(type, cutWeight(setting.log2Extent)), side(type),
      read(table.bandwidths, &TimeTable::Bandwidth::bytes, &TimeTable::Bandwidth::read),
      written(table.bandwidths, &TimeTable::Bandwidth::bytes, &TimeTable::Bandwidth::written),
      along(type.sums, &TimeTable::Sum::length, &TimeTable::Sum::along),
      across(type.sums, &TimeTable::Sum::length, &TimeTable::Sum::across),
      scattered(type.sums, &TimeTable::Sum::length, &TimeTable::Sum::scattered),
      turned(type.permutations, &TimeTable::Permutation::bytes, &TimeTable::Permutation::turned),
      shuffled(type.permutations, &TimeTable::Permutation::bytes,
               &TimeTable::Permutation::shuffled),
      readRuns(type, &TimeTable::Run::read), writtenRuns(type, &TimeTable::Run::written),
      turns(type.turns), threads(threadsFor(table, setting.threads)), slice(table.slice),
      page(table.page), keptBytes(table.keptBytes),
      typicalExtent(std::exp2(std::max(setting.log2Extent, 1.0))),
      log2Columns(std::log2(double(type.columns))),
      log2Bytes(std::log2(double(setting.elementBytes))),
      log2Call(std::log2(std::max(table.call, kLeastCall))),
      log2Wake(std::log2(std::max(table.call + threads.wake, kLeastCall))),
      log2Split(std::log2(threads.split)), log2Memory(std::log2(threads.memory)),
      log2SharedFrom(setting.threads > 1 ? std::log2(std::max(setting.sharedFromOps, 1.0))
                                         : std::numeric_limits<double>::infinity()),
      fingerprint(hashOf(table, type, setting)) {}

StepShape::StepShape(const StepSizes &sizes)
    : m(std::max(sizes.ops - sizes.rhs, 0.0)), n(std::max(sizes.ops - sizes.lhs, 0.0)),
      k(std::max(sizes.ops - sizes.result, 0.0)) {
  // Rounding must not depend on the order of the operands.
  if (n < m)
    std::swap(m, n);
  batch = sizes.ops - m - n - k;
}
