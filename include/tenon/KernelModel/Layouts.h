//===- Layouts.h - The order of the dimensions of intermediates ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// In which order the dimensions of every tensor between contractions lie in memory. A kernel reads
// and writes any order, but not at one speed: it moves whole vectors only where the innermost
// dimensions of an operand and of the result belong together. docs/layouts.md says how orders are
// chosen.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

#include <vector>

namespace tenon::cpu {

/// A dense tensor. Its dimensions are numbered as the program is written, outermost first.
struct LayoutTensor {
  std::vector<int64_t> extents; ///< of the dimensions, static
  int64_t elementBytes = 4;
  /// The order is the caller's: an argument, a result, a value that something else than a step
  /// reads.
  bool isFixed = false;
};

/// What a step reads or writes: a tensor, and the index of each of its dimensions. Numbers of
/// indices are those of the step: any, equal where dimensions walk together.
struct LayoutOperand {
  int32_t tensor = 0;
  std::vector<int32_t> indices;
};

/// A contraction of one or two operands. Indices that the result lacks are summed.
struct LayoutStep {
  std::vector<LayoutOperand> operands;
  LayoutOperand result;
  SumFormat sum;
};

/// Steps in an order in which they can run: a tensor is the result of at most one, and operand of
/// later ones only.
struct LayoutProblem {
  std::vector<LayoutTensor> tensors;
  std::vector<LayoutStep> steps;
  Processor processor;
};

struct LayoutOptions {
  /// Each round chooses among orders that follow from those of the round before; the first one
  /// without gain is the last. 0: everything stays as it is written.
  int32_t rounds = 3;
  /// Orders of a tensor that are compared with all of its neighbours'.
  int32_t candidates = 8;
};

struct LayoutChoice {
  /// For each tensor its dimensions, outermost first: `orders[t][0]` is the number of the dimension
  /// of `t` that becomes the first one.
  std::vector<std::vector<int32_t>> orders;
  /// What short runs cost in nanoseconds by the model: as written, and as chosen.
  double costAsWritten = 0, cost = 0;
  int32_t rounds = 0; ///< that gained something
};

/// Chooses orders of least cost: exactly, among the candidates of each round, where every tensor is
/// read once; where several steps read one, the later reader decides. Never worse than what is
/// written by the model, deterministic. Linear in the number of steps and, for each, in the square
/// of the candidates times the rank.
LayoutChoice chooseLayouts(const LayoutProblem &problem, const LayoutOptions &options = {});

} // namespace tenon::cpu
