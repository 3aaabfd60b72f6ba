//===- Relations.h - Changes of a program whose effect is known -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/Mutate.h"
#include "tenon/HostTensor/HostTensor.h"

#include <span>
#include <string_view>
#include <vector>

namespace tenon::fuzz {

/// A program with its data, and what a relation has made of its results.
struct Variation {
  Genome genome;
  std::vector<HostTensor> arguments; ///< of the argument nodes, in order
  Arithmetic arithmetic;             ///< of the original
  bool mayMeetInfinity;              ///< see Truth
  std::vector<int> exponents; ///< result i is the original one times two to this; empty: all 0
  bool isConjugated = false;  ///< complex results are conjugates of the original ones
};

struct Relation {
  std::string_view name;
  /// Changes the variation. False: there is nothing to change, and the variation is unspecified.
  bool (*apply)(Variation &variation, Random &random);
};

std::span<const Relation> relations();

} // namespace tenon::fuzz
