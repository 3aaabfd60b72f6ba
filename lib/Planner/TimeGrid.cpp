//===- TimeGrid.cpp - Rates by shape --------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TimeGrid.h"

#include <algorithm>
#include <cmath>

using namespace tenon::planner;

namespace {

using Shape = std::array<double, 4>;

Shape shapeOf(const TimeTable::Rate &rate) { return {rate.batch, rate.m, rate.n, rate.k}; }

void addTo(std::vector<double> &axis, double extent) {
  auto place = std::lower_bound(axis.begin(), axis.end(), extent);
  if (place == axis.end() || *place != extent)
    axis.insert(place, extent);
}

} // namespace

TimeAxes::TimeAxes(const TimeTable::Type &type) {
  for (const TimeTable::Rate &rate : type.rates) {
    addTo(batch, rate.batch);
    addTo(rows, rate.m);
    addTo(rows, rate.n);
    addTo(summed, rate.k);
  }
}

TimeTable::Rate TimeAxes::firstMissing(const TimeTable::Type &type) const {
  std::vector<Shape> there;
  for (const TimeTable::Rate &rate : type.rates)
    there.push_back(shapeOf(rate));
  std::sort(there.begin(), there.end());
  for (double b : batch)
    for (double m : rows)
      for (double n : rows)
        for (double k : summed)
          if (m <= n && !std::binary_search(there.begin(), there.end(), Shape{b, m, n, k}))
            return {b, m, n, k, 0, 0};
  return {0, 0, 0, 0, 0, 0};
}

RateLogs::Axis::Axis(const std::vector<double> &extents) {
  for (double extent : extents)
    logs.push_back(std::log2(extent));
  uint32_t number = 0;
  for (double at = 0; at <= logs.back(); ++at) {
    while (number + 1 < size() && logs[number + 1] <= at)
      ++number;
    below.push_back(number);
  }
}

std::pair<uint32_t, float> RateLogs::Axis::find(double at) const {
  // Extents are powers of two: none lies between two whole logarithms.
  if (!(at > 0))
    return {0, 0};
  if (at >= logs.back())
    return {size() - 1, 0};
  uint32_t number = below[static_cast<size_t>(at)];
  return {number, static_cast<float>((at - logs[number]) / (logs[number + 1] - logs[number]))};
}

RateLogs::RateLogs(const TimeTable::Type &type) : RateLogs(type, TimeAxes(type)) {}

RateLogs::RateLogs(const TimeTable::Type &type, const TimeAxes &extents)
    : axes{Axis(extents.batch), Axis(extents.rows), Axis(extents.rows), Axis(extents.summed)} {
  uint32_t size = 1;
  for (size_t d = 4; d-- > 0;) {
    axes[d].stride = size;
    size *= axes[d].size();
  }
  whole.resize(size);
  cut.resize(size);
  for (const TimeTable::Rate &rate : type.rates)
    for (const Shape &shape : {shapeOf(rate), Shape{rate.batch, rate.n, rate.m, rate.k}}) {
      uint32_t cell = 0;
      for (size_t d = 0; d < 4; ++d)
        cell += axes[d].find(std::log2(shape[d])).first * axes[d].stride;
      whole[cell] = std::log2(rate.whole);
      cut[cell] = std::log2(rate.cut);
    }
}

TimeGrid::TimeGrid(const RateLogs &logs, double cut) : axes(logs.axes) {
  rates.reserve(logs.whole.size());
  for (size_t cell = 0; cell < logs.whole.size(); ++cell) {
    double log = (1 - cut) * logs.whole[cell] + cut * logs.cut[cell];
    highest = std::max(highest, log);
    rates.push_back(static_cast<float>(log));
  }
}

double TimeGrid::log2Rate(double batch, double m, double n, double k) const {
  const std::array<double, 4> at = {batch, m, n, k};
  uint32_t base = 0;
  std::array<float, 4> shares;
  std::array<uint32_t, 4> steps;
  for (size_t d = 0; d < 4; ++d) {
    auto [below, share] = axes[d].find(at[d]);
    base += below * axes[d].stride;
    shares[d] = share;
    steps[d] = share > 0 ? axes[d].stride : 0;
  }
  auto between = [](float a, float b, float share) { return a + share * (b - a); };
  std::array<float, 8> line;
  for (uint32_t corner = 0; corner < 8; ++corner) {
    uint32_t cell = base + (corner & 1 ? steps[0] : 0) + (corner & 2 ? steps[1] : 0) +
                    (corner & 4 ? steps[2] : 0);
    line[corner] = between(rates[cell], rates[cell + steps[3]], shares[3]);
  }
  for (uint32_t pair = 0; pair < 4; ++pair)
    line[pair] = between(line[pair], line[pair + 4], shares[2]);
  for (uint32_t pair = 0; pair < 2; ++pair)
    line[pair] = between(line[pair], line[pair + 2], shares[1]);
  return between(line[0], line[1], shares[0]);
}
