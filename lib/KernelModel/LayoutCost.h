//===- LayoutCost.h - What the orders of a step's tensors cost ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the choice of layouts.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Layouts.h"

#include <array>

namespace tenon::cpu {

/// Nanoseconds that an element costs beyond moving whole vectors, where `tile` elements are moved
/// at a time and every `run` of them lie side by side.
double shortRunNanoseconds(double run, double tile);

/// What an index of a step is, by the tensors that have it. `Own`: of one operand alone, summed.
enum class IndexRole : uint8_t { Batch, FreeA, FreeB, Summed, Own };

/// A step with everything that does not depend on orders. Costs are nanoseconds beyond those of
/// reading and writing whole vectors; a *line* is the list of a tensor's indices in some order,
/// outermost first, numbered as in `local`, without those of extent 1.
class StepCost {
public:
  using Line = std::vector<int16_t>;
  static constexpr int kResult = 2;

  StepCost(const LayoutProblem &problem, const LayoutStep &step);

  bool hasTensor(int role) const { return role == kResult || role < numOperands; }
  /// Number of the tensor in a role: 0 and 1 are the operands, kResult the result.
  int32_t tensor(int role) const { return tensors[role]; }
  /// The line of `role` whose dimensions are in the order `dims`.
  Line lineOf(int role, const std::vector<int32_t> &dims) const;
  /// The indices of a role by dimension, as written.
  const std::vector<int16_t> &indicesOf(int role) const { return local[role]; }
  IndexRole roleOf(int16_t index) const { return roles[index]; }
  int64_t numIndices() const { return static_cast<int64_t>(roles.size()); }

  double resultCost(const Line &result) const;
  double operandCost(int role, const Line &operand, const Line &result) const;
  double pairCost(const Line &lhs, const Line &rhs) const;
  /// All of them together.
  double cost(const std::array<const Line *, 3> &lines) const;

private:
  double shortRuns(int role, double run, double tile) const;
  double wastedLines(int role, double run) const;
  double transposedCost(int role, double run, double tile) const;
  double tailRun(const Line &line, bool inSummed) const;
  double commonRun(const Line &a, const Line &b) const;
  bool isSummed(int16_t index) const {
    return roles[index] == IndexRole::Summed || roles[index] == IndexRole::Own;
  }
  int64_t countBreaks(const Line &a, const Line &b) const;

  int numOperands = 0;
  std::array<int32_t, 3> tensors{};
  std::array<std::vector<int16_t>, 3> local;
  std::array<double, 3> elements{};
  std::array<double, 3> elementBytes{};
  std::vector<IndexRole> roles;
  std::vector<double> extents;
  bool isPacked = false;
  /// How a kernel runs when the lanes of its vectors come from one of the operands.
  struct Lanes {
    double laneTile = 1;    ///< elements of the result's innermost dimensions, written at a time
    double rowTile = 1;     ///< elements of the other operand that are packed at a time
    double passes = 1;      ///< over the result
    bool rowsStay = false;  ///< the other operand is read where it lies
    double nanoseconds = 0; ///< of multiply-adds, beyond those with lanes from the better operand
  };
  const Lanes &lanesOf(const Line &result) const;

  std::array<Lanes, 2> lanesFrom; ///< each operand
  int longerOperand = 1;          ///< that with more indices of its own in the result
  double cacheBytes = 0;
};

} // namespace tenon::cpu
