//===- MeasuredTimes.cpp - A table of times, ready for models -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/MeasuredTimes.h"

#include "TimeCurves.h"
#include "tenon/Support/MadeOnce.h"

#include <atomic>

using namespace tenon::planner;

struct MeasuredTimes::Parts {
  explicit Parts(TimeTable given)
      : table(std::move(given)), machine(table), types(table.types.size()) {}
  Parts(const Parts &) = delete;
  Parts &operator=(const Parts &) = delete;
  ~Parts() {
    for (std::atomic<const TypeCurves *> &made : types)
      delete made.load(std::memory_order_relaxed);
  }

  /// Threads that ask at the same time may make them several times, and the first ones stay: nobody
  /// waits, so that a forked process never waits for a thread that it does not have.
  const TypeCurves &curvesOf(const TimeTable::Type &type) const {
    std::atomic<const TypeCurves *> &place = types[static_cast<size_t>(&type - table.types.data())];
    if (const TypeCurves *known = place.load(std::memory_order_acquire))
      return *known;
    auto made = std::make_unique<const TypeCurves>(type);
    const TypeCurves *known = nullptr;
    if (place.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel))
      known = made.release();
    return *known;
  }

  const TimeTable table;
  const MachineCurves machine;

private:
  /// By the number of the type; null until somebody asks.
  mutable std::vector<std::atomic<const TypeCurves *>> types;
};

MeasuredTimes::MeasuredTimes(TimeTable table)
    : parts(std::make_shared<const Parts>(std::move(table))) {}

const MeasuredTimes &MeasuredTimes::shipped() {
  static constinit MadeOnce<MeasuredTimes> times;
  return times.get([] { return MeasuredTimes(TimeTable::shipped()); });
}

Result<MeasuredTimes> MeasuredTimes::load(const std::string &path) {
  Result<TimeTable> table = TimeTable::load(path);
  if (!table)
    return table.fullError();
  return MeasuredTimes(std::move(*table));
}

const TimeTable &MeasuredTimes::table() const { return parts->table; }

Result<TimeModel> MeasuredTimes::model(const TimeModel::Setting &setting) const {
  Result<const TimeTable::Type *> type = parts->table.typeFor(setting.type);
  if (!type)
    return type.fullError();
  return TimeModel(std::make_shared<const TimeModel::Tables>(*this, parts->machine,
                                                             parts->curvesOf(**type), setting));
}
