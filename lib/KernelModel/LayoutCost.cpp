//===- LayoutCost.cpp - What the orders of a step's tensors cost ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LayoutCost.h"

#include <algorithm>
#include <cmath>

using namespace tenon::cpu;

namespace {
/// Moving one element by itself, in nanoseconds: load, store and the address from a table.
constexpr double kElementNanoseconds = 0.7;
/// A byte of a line that is fetched and not used before the line is evicted.
constexpr double kWastedByteNanoseconds = 0.05;
constexpr double kLineBytes = 64;
/// A block that is transposed in registers moves about as fast as runs of that many elements.
constexpr double kTransposedRun = 8;
/// Where two dimensions that lie one inside the other in one tensor do not in another, a loop or a
/// table has one more level.
constexpr double kBreakNanoseconds = 4;
} // namespace

StepCost::StepCost(const LayoutProblem &problem, const LayoutStep &step) {
  numOperands = static_cast<int>(step.operands.size());
  // Indices are numbered anew, by value: 0 to the number of distinct ones.
  std::vector<int32_t> names;
  for (int role : {0, 1, kResult})
    if (hasTensor(role)) {
      const LayoutOperand &operand = role == kResult ? step.result : step.operands[role];
      names.insert(names.end(), operand.indices.begin(), operand.indices.end());
    }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<uint8_t> holders(names.size(), 0);
  extents.assign(names.size(), 1);
  for (int role : {0, 1, kResult}) {
    if (!hasTensor(role))
      continue;
    const LayoutOperand &operand = role == kResult ? step.result : step.operands[role];
    const LayoutTensor &tensor = problem.tensors[operand.tensor];
    tensors[role] = operand.tensor;
    elements[role] = 1;
    elementBytes[role] = static_cast<double>(tensor.elementBytes);
    for (size_t dim = 0; dim < operand.indices.size(); ++dim) {
      auto found = std::lower_bound(names.begin(), names.end(), operand.indices[dim]);
      auto index = static_cast<int16_t>(found - names.begin());
      local[role].push_back(index);
      holders[index] |= static_cast<uint8_t>(1 << role);
      extents[index] = static_cast<double>(tensor.extents[dim]);
      elements[role] *= static_cast<double>(tensor.extents[dim]);
    }
  }
  double m = 1, n = 1, k = 1, batch = 1;
  for (size_t index = 0; index < names.size(); ++index) {
    switch (holders[index]) {
    case 7:
      roles.push_back(IndexRole::Batch);
      batch *= extents[index];
      break;
    case 3:
      roles.push_back(IndexRole::Summed);
      k *= extents[index];
      break;
    case 5:
      roles.push_back(IndexRole::FreeA);
      m *= extents[index];
      break;
    case 6:
      roles.push_back(IndexRole::FreeB);
      n *= extents[index];
      break;
    default:
      roles.push_back(IndexRole::Own);
      k *= extents[index];
      break;
    }
  }
  // Blocks no longer depend on extents beyond that.
  auto size = [](double product) { return static_cast<int64_t>(std::min(product, 1e9)); };
  ContractionSizes sizes{size(m), size(n), size(k), size(batch),
                         static_cast<int64_t>(names.size())};
  Blocking blocking = chooseBlocking(step.sum, sizes, problem.processor);
  isPacked = numOperands == 2 && blocking.strategy == KernelStrategy::Packed;
  lanes = static_cast<double>(std::max<int64_t>(blocking.lanes / step.sum.parts, 1));
  if (isPacked && blocking.kc > 0)
    passes = std::max(1.0, std::ceil(k / static_cast<double>(blocking.kc)));
  cacheBytes = static_cast<double>(problem.processor.l2Bytes);
}

StepCost::Line StepCost::lineOf(int role, const std::vector<int32_t> &dims) const {
  Line line;
  line.reserve(dims.size());
  for (int32_t dim : dims)
    if (extents[local[role][dim]] != 1)
      line.push_back(local[role][dim]);
  return line;
}

/// Elements of the innermost dimensions that are all summed, or none of them.
double StepCost::tailRun(const Line &line, bool inSummed) const {
  double run = 1;
  for (size_t i = line.size(); i-- > 0 && isSummed(line[i]) == inSummed;)
    run *= extents[line[i]];
  return run;
}

/// Elements that lie side by side in both: the innermost dimensions that are the same.
double StepCost::commonRun(const Line &a, const Line &b) const {
  double run = 1;
  for (size_t i = 1; i <= std::min(a.size(), b.size()) && a[a.size() - i] == b[b.size() - i]; ++i)
    run *= extents[a[a.size() - i]];
  return run;
}

int64_t StepCost::countBreaks(const Line &a, const Line &b) const {
  int64_t breaks = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    auto found = std::find(b.begin(), b.end(), a[i]);
    if (found == b.end())
      continue;
    bool follows = i > 0 && found != b.begin() && *(found - 1) == a[i - 1];
    breaks += !follows;
  }
  return breaks;
}

/// What moving the tensor of `role` in runs of `run` elements takes, beyond whole vectors.
double StepCost::shortRuns(int role, double run) const {
  run = std::max(run, 1.0);
  double perElement = kElementNanoseconds * (1 / std::min(run, lanes) - 1 / lanes);
  double bytes = elementBytes[role];
  if (elements[role] * bytes > cacheBytes) {
    double wasted = kLineBytes / std::min(run * bytes, kLineBytes) - 1;
    perElement += kWastedByteNanoseconds * bytes * wasted;
  }
  return elements[role] * perElement;
}

/// The result is written in runs of the operand that has its innermost dimension.
double StepCost::resultCost(const Line &result) const {
  if (result.empty())
    return 0;
  IndexRole owner = roles[result.back()];
  double run = 1;
  if (owner != IndexRole::Batch || !isPacked)
    for (size_t i = result.size(); i-- > 0 && roles[result[i]] == owner;)
      run *= extents[result[i]];
  return passes * shortRuns(kResult, run);
}

double StepCost::operandCost(int role, const Line &operand, const Line &result) const {
  double cost = kBreakNanoseconds * static_cast<double>(countBreaks(result, operand));
  if (operand.empty())
    return cost;
  IndexRole tail = roles[operand.back()];
  if (isSummed(operand.back())) {
    // Without packing, what matters is whether the other operand has the same run.
    if (isPacked)
      cost += shortRuns(role, std::min(tailRun(operand, true), kTransposedRun));
    else if (numOperands == 1)
      cost += shortRuns(role, tailRun(operand, true));
    return cost;
  }
  if (tail == IndexRole::Batch && isPacked)
    return cost + shortRuns(role, 1);
  bool givesLanes = !result.empty() && roles[result.back()] == tail;
  if (isPacked && !givesLanes)
    // Its panels are packed along its own order.
    return cost + shortRuns(role, tailRun(operand, false));
  if (givesLanes) {
    double run = commonRun(operand, result);
    if (run == 1 && isPacked)
      run = std::min(extents[operand.back()], kTransposedRun / 2);
    return cost + shortRuns(role, run);
  }
  // A vector of the result takes one element of this operand.
  return cost;
}

double StepCost::pairCost(const Line &lhs, const Line &rhs) const {
  int64_t breaks = 0;
  for (size_t i = 0; i < lhs.size(); ++i) {
    if (roles[lhs[i]] != IndexRole::Summed)
      continue;
    auto found = std::find(rhs.begin(), rhs.end(), lhs[i]);
    bool follows = i > 0 && found != rhs.begin() && *(found - 1) == lhs[i - 1];
    breaks += !follows;
  }
  double cost = kBreakNanoseconds * static_cast<double>(breaks);
  if (isPacked)
    return cost;
  double run = commonRun(lhs, rhs);
  for (int role : {0, 1}) {
    const Line &line = role == 0 ? lhs : rhs;
    if (!line.empty() && isSummed(line.back()))
      cost += shortRuns(role, run);
  }
  return cost;
}

double StepCost::cost(const std::array<const Line *, 3> &lines) const {
  double total = resultCost(*lines[kResult]);
  for (int role = 0; role < numOperands; ++role)
    total += operandCost(role, *lines[role], *lines[kResult]);
  if (numOperands == 2)
    total += pairCost(*lines[0], *lines[1]);
  return total;
}
