//===- LayoutCandidates.h - Orders that are worth comparing -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the choice of layouts.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "LayoutCost.h"

namespace tenon::cpu {

/// The dimensions of a tensor, outermost first.
using Order = std::vector<int32_t>;

Order orderAsWritten(const LayoutTensor &tensor);

/// Who makes and who reads each tensor.
class TensorUses {
public:
  struct Reader {
    int32_t step, role;
  };

  explicit TensorUses(const LayoutProblem &problem);

  /// -1: no step.
  int32_t producer(int32_t tensor) const { return producers[tensor]; }
  /// In the order of steps; twice where a step reads it as both operands.
  const std::vector<Reader> &readers(int32_t tensor) const { return readersOf[tensor]; }

private:
  std::vector<int32_t> producers;
  std::vector<std::vector<Reader>> readersOf;
};

/// Makes the candidates of a round. A tensor's dimensions fall into *blocks*: those that come from
/// one operand of the step that makes it and go the same way (summed, or kept) in the step that
/// reads it. Blocks are what orders of kernels are made of: candidates are their permutations that
/// keep together what the one step or the other walks together, and within a block the orders that
/// the neighbours have, or the one in which indices are summed later on.
class LayoutCandidates {
public:
  LayoutCandidates(const LayoutProblem &problem, const std::vector<StepCost> &steps,
                   const TensorUses &uses);

  /// For each tensor at most `most` orders, the first of which is the one in `orders`.
  std::vector<std::vector<Order>> operator()(const std::vector<Order> &orders, int32_t most) const;

private:
  /// By dimension of a tensor, what an order is made by.
  using Keys = std::vector<int32_t>;

  void rankDimensions();
  Keys keysOfProducer(int32_t tensor) const;
  Keys keysOfReader(int32_t tensor) const;
  Keys ranksFromProducer(int32_t tensor, const std::vector<Order> &orders) const;
  Keys ranksFromReader(int32_t tensor, const std::vector<Order> &orders) const;
  std::vector<Order> collect(int32_t tensor, const std::vector<Order> &orders) const;
  void keepBest(int32_t tensor, const std::vector<Order> &orders, size_t most,
                std::vector<Order> &found) const;
  double costAround(int32_t step, int32_t tensor, const Order &order,
                    const std::vector<Order> &orders) const;

  const LayoutProblem &problem;
  const std::vector<StepCost> &steps;
  const TensorUses &uses;
  /// For each dimension of each tensor its place in one order of all indices: what is summed first
  /// comes first.
  std::vector<Keys> ranks;
};

} // namespace tenon::cpu
