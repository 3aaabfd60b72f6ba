//===- Contraction.h - Contractions as Python states them --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Buffers.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tenon::python {

using Indices = std::vector<int64_t>;
/// (dtype, unsigned, extents, indices, constant or None)
using OperandArgument = std::tuple<int, bool, Indices, Indices, nanobind::object>;
using Path = std::vector<std::pair<int64_t, int64_t>>;
/// Of each operand, or none at all.
using Facts = std::vector<std::optional<std::string>>;
/// What ContractionArguments takes, in one.
using ContractionTuple = std::tuple<std::vector<OperandArgument>, int, bool, Indices, int, int,
                                    std::optional<Path>, Indices, Facts>;

/// A tenon_contraction over the arguments of a Python call, which have to outlive it. Throws Python
/// exceptions for lists that do not fit each other. Needs the GIL, also to be destroyed.
class ContractionArguments {
public:
  ContractionArguments(const std::vector<OperandArgument> &arguments, int resultType,
                       bool resultUnsigned, const Indices &result, int accumulate, int semiring,
                       const std::optional<Path> &path, const Indices &sliced, const Facts &facts);

  /// Lives as long as this object, at this address.
  const tenon_contraction &get() const { return contraction; }

private:
  std::vector<tenon_operand> operands;
  std::vector<std::unique_ptr<Buffer>> constants;
  Indices steps;
  std::vector<const char *> texts;
  tenon_contraction contraction = {};
};

} // namespace tenon::python
