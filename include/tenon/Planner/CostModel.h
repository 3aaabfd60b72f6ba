//===- CostModel.h - What searches minimise ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A cost model gives one number to a pairwise contraction and says how the numbers of a tree's
// steps become one. Everything is log2, so that nothing overflows.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Log2.h"
#include "tenon/Planner/Result.h"

#include <memory>
#include <string_view>

namespace tenon::planner {

/// log2 of the elements of a step's operands and result, and of its multiply-adds: the product
/// of the extents of the union of both operands' indices. With m, n, k and b the products of
/// the extents only in lhs, only in rhs, summed, and in all three (batch):
///   lhs = m k b, rhs = k n b, result = m n b, ops = m n k b,
/// so a model can recover the shape of the matrix product from the four numbers.
struct StepSizes {
  double lhs = 0;
  double rhs = 0;
  double result = 0;
  double ops = 0;
};

/// How the costs of steps become the cost of a tree.
enum class Accumulation { Sum, Maximum };

class CostModel {
public:
  virtual ~CostModel() = default;
  virtual std::string_view name() const = 0;
  virtual Accumulation accumulation() const = 0;
  /// log2 of the cost of one step. Must not depend on the order of the operands. Called from
  /// several threads at once.
  virtual double step(const StepSizes &sizes) const = 0;
  /// No more than `step` gives for any sizes of which none is smaller: what searches leave out by.
  /// A model whose cost never falls as a size grows has nothing to add.
  virtual double atLeast(const StepSizes &sizes) const { return step(sizes); }
  /// Whether the sizes of the operands count, and not only those of the result and the operations.
  /// Where they do not, exact search knows better which outer products cannot pay.
  virtual bool readsOperands() const { return true; }
  /// Whether a step costs what its multiply-adds cost and what its result costs, each by itself:
  /// both together, or the larger where the largest step counts. `step` gives either if the other
  /// is `log2Zero`; where costs add up, that of multiply-adds is in proportion to them, or nothing.
  /// Then the cost of a tree does not depend on where its root is, but for what is read at the
  /// root, and exact search can start from the middle.
  virtual bool isSeparable() const { return false; }
};

/// Multiply-adds, summed.
class FlopsModel final : public CostModel {
public:
  std::string_view name() const override { return "flops"; }
  Accumulation accumulation() const override { return Accumulation::Sum; }
  double step(const StepSizes &sizes) const override { return sizes.ops; }
  bool readsOperands() const override { return false; }
  bool isSeparable() const override { return true; }
};

/// Elements of the largest result. Trees of equal size are compared by multiply-adds.
class SizeModel final : public CostModel {
public:
  std::string_view name() const override { return "size"; }
  Accumulation accumulation() const override { return Accumulation::Maximum; }
  double step(const StepSizes &sizes) const override { return sizes.result; }
  bool readsOperands() const override { return false; }
  bool isSeparable() const override { return true; }
};

/// Elements written by all steps, summed.
class WriteModel final : public CostModel {
public:
  std::string_view name() const override { return "write"; }
  Accumulation accumulation() const override { return Accumulation::Sum; }
  double step(const StepSizes &sizes) const override { return sizes.result; }
  bool readsOperands() const override { return false; }
  bool isSeparable() const override { return true; }
};

/// Multiply-adds + alpha times elements written, summed.
class ComboModel final : public CostModel {
public:
  /// `alpha` > 0: what writing one element costs, in multiply-adds.
  explicit ComboModel(double alpha = defaultAlpha) : log2Alpha(std::log2(alpha)) {}
  std::string_view name() const override { return "combo"; }
  Accumulation accumulation() const override { return Accumulation::Sum; }
  double step(const StepSizes &sizes) const override {
    return log2Add(sizes.ops, log2Alpha + sizes.result);
  }
  bool readsOperands() const override { return false; }
  bool isSeparable() const override { return true; }
  /// A core's multiply-adds in the time in which it writes one element to memory (f32).
  static constexpr double defaultAlpha = 64;

private:
  double log2Alpha;
};

class TimeModel;

/// What some models are made of.
struct CostModelOptions {
  /// Of combo.
  double alpha = ComboModel::defaultAlpha;
  /// Of time, which is a copy of it.
  const TimeModel *time = nullptr;
};

/// Makes the model called `name`: flops, size, write, combo or time. The error lists the names, or
/// says which option is missing.
Result<std::unique_ptr<CostModel>> makeCostModel(std::string_view name,
                                                 const CostModelOptions &options = {});

/// The cost of a tree under a model, and its multiply-adds to decide between equals; log2.
struct Score {
  double cost = log2Zero;
  double ops = log2Zero;

  /// Strictly better: cheaper, or as cheap with fewer multiply-adds. Both are compared on a grid
  /// of 2^-24, so that rounding does not decide and the order stays transitive.
  bool betterThan(const Score &other) const {
    if (onGrid(cost) != onGrid(other.cost))
      return onGrid(cost) < onGrid(other.cost);
    return onGrid(ops) < onGrid(other.ops);
  }

private:
  static double onGrid(double value) { return std::floor(value * 0x1p24 + 0.5); }
};

/// Adds up the score of a tree, step by step.
class ScoreSum {
public:
  explicit ScoreSum(const CostModel &model) : model(model) {}
  void add(const StepSizes &sizes) {
    double cost = model.step(sizes);
    if (model.accumulation() == Accumulation::Sum)
      sum.add(cost);
    else if (cost > maximum)
      maximum = cost;
    ops.add(sizes.ops);
  }
  Score score() const {
    return {model.accumulation() == Accumulation::Sum ? sum.log2() : maximum, ops.log2()};
  }

private:
  const CostModel &model;
  Log2Sum sum, ops;
  double maximum = log2Zero;
};

} // namespace tenon::planner
