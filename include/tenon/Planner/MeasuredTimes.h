//===- MeasuredTimes.h - A table of times, ready for models -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/TimeModel.h"
#include "tenon/Planner/TimeTable.h"

#include <memory>
#include <string>

namespace tenon::planner {

/// A table with what its models have in common: logarithms and curves of the rows of a type, made
/// with the first model of that type. For whoever makes many models of one table. Immutable; copies
/// share everything, models as well, which need not be outlived; any number of threads may ask for
/// models.
class MeasuredTimes {
public:
  explicit MeasuredTimes(TimeTable table);

  /// Of the table that the library carries.
  static const MeasuredTimes &shipped();
  /// Of a file. Errors as TimeTable::load.
  static Result<MeasuredTimes> load(const std::string &path);

  const TimeTable &table() const;

  /// The model that TimeModel::make makes of the table, with the same errors. A microsecond for
  /// each hundred rates of the type, and for the first model of a type some hundred times as long.
  Result<TimeModel> model(const TimeModel::Setting &setting) const;

private:
  struct Parts;

  std::shared_ptr<const Parts> parts;
};

} // namespace tenon::planner
