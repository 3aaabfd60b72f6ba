//===- LayoutCost.cpp - What the orders of a step's tensors cost ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LayoutCost.h"

#include "tenon/KernelModel/LaneCost.h"

#include <algorithm>
#include <cmath>

using namespace tenon::cpu;

namespace {
/// What an element costs, in nanoseconds, in a tile whose elements do not lie side by side: the
/// part that a run of four shares, and the part that it does not. Runs of a multiple of four
/// elements are moved as short vectors.
constexpr double kRunNanoseconds = 0.45, kElementNanoseconds = 0.25, kShortVectorNanoseconds = 0.12;
constexpr double kShortVector = 4;
/// A byte of a line that is fetched and not used before the line is evicted.
constexpr double kWastedByteNanoseconds = 0.05;
constexpr double kLineBytes = 64;
/// Where two dimensions that lie one inside the other in one tensor do not in another, a loop or a
/// table has one more level, and neighbours lie further apart.
constexpr double kBreakNanoseconds = 4, kBreakPerElement = 0.005;

double breakCost(int64_t breaks, double elements) {
  return static_cast<double>(breaks) * (kBreakNanoseconds + kBreakPerElement * elements);
}
} // namespace

double tenon::cpu::shortRunNanoseconds(double run, double tile) {
  if (std::fmod(run, tile) == 0)
    return 0;
  // A tile that straddles two runs is no vector; of long runs, few do.
  double broken = std::min(1.0, tile / run);
  return broken * (std::fmod(run, kShortVector) == 0
                       ? kShortVectorNanoseconds
                       : kElementNanoseconds + kRunNanoseconds / std::min(run, kShortVector));
}

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
  auto rank = static_cast<int64_t>(names.size());
  longerOperand = m > n ? 0 : 1;
  for (int role : {0, 1}) {
    // Kernels run along the indices of the operand that they take for B.
    ContractionSizes sizes{size(role == 0 ? n : m), size(role == 0 ? m : n), size(k), size(batch),
                           rank};
    Blocking blocking = chooseBlocking(step.sum, sizes, problem.processor);
    isPacked = numOperands == 2 && blocking.strategy == KernelStrategy::Packed;
    Lanes &lanes = lanesFrom[static_cast<size_t>(role)];
    lanes.laneTile = static_cast<double>(
        isPacked ? blocking.nr : std::max<int64_t>(blocking.lanes / step.sum.parts, 1));
    lanes.rowTile = static_cast<double>(blocking.mr);
    if (!isPacked)
      continue;
    if (blocking.kc > 0)
      lanes.passes = std::max(1.0, std::ceil(k / static_cast<double>(blocking.kc)));
    lanes.rowsStay = sizes.n <= blocking.nr;
    lanes.nanoseconds = kCycleNanoseconds * k * batch *
                        estimateTile(step.sum, sizes.m, sizes.n, problem.processor).cycles;
  }
  double least = std::min(lanesFrom[0].nanoseconds, lanesFrom[1].nanoseconds);
  for (Lanes &lanes : lanesFrom)
    lanes.nanoseconds -= least;
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

/// What moving the tensor of `role` in runs of `run` elements takes, beyond whole vectors, where
/// `tile` elements are moved at a time.
double StepCost::shortRuns(int role, double run, double tile) const {
  run = std::max(run, 1.0);
  return elements[role] *
         (shortRunNanoseconds(run, tile) + wastedLines(role, run) * elementBytes[role]);
}

/// Nanoseconds for each byte of a tensor that no cache holds: of a line, a run may use a part only.
double StepCost::wastedLines(int role, double run) const {
  double bytes = elementBytes[role];
  if (elements[role] * bytes <= cacheBytes)
    return 0;
  return kWastedByteNanoseconds * (kLineBytes / std::min(run * bytes, kLineBytes) - 1);
}

/// A packed operand whose summed dimensions are innermost is transposed in blocks.
double StepCost::transposedCost(int role, double run, double tile) const {
  if (run < kShortVector)
    return shortRuns(role, run, tile);
  return elements[role] * (kTransposedNanoseconds + wastedLines(role, run) * elementBytes[role]);
}

/// Lanes come from the operand that has the result's innermost dimension; where both have it, or
/// there is none, from that which has more.
const StepCost::Lanes &StepCost::lanesOf(const Line &result) const {
  IndexRole owner = result.empty() ? IndexRole::Batch : roles[result.back()];
  int role = owner == IndexRole::FreeA ? 0 : owner == IndexRole::FreeB ? 1 : longerOperand;
  return lanesFrom[static_cast<size_t>(role)];
}

/// The result is written in runs of the operand that has its innermost dimension, and decides how
/// many multiply-adds are padding.
double StepCost::resultCost(const Line &result) const {
  if (result.empty())
    return 0;
  IndexRole owner = roles[result.back()];
  double run = 1;
  if (owner != IndexRole::Batch || !isPacked)
    for (size_t i = result.size(); i-- > 0 && roles[result[i]] == owner;)
      run *= extents[result[i]];
  const Lanes &lanes = lanesOf(result);
  return lanes.nanoseconds + lanes.passes * shortRuns(kResult, run, lanes.laneTile);
}

double StepCost::operandCost(int role, const Line &operand, const Line &result) const {
  double cost = breakCost(countBreaks(result, operand), elements[role]);
  if (operand.empty())
    return cost;
  const Lanes &lanes = lanesOf(result);
  IndexRole tail = roles[operand.back()];
  bool givesLanes = &lanes == &lanesFrom[static_cast<size_t>(role)];
  if (isPacked && !givesLanes && lanes.rowsStay)
    return cost + elements[role] * elementBytes[role] *
                      wastedLines(role, tailRun(operand, isSummed(operand.back())));
  if (isSummed(operand.back())) {
    // Without packing, what matters is whether the other operand has the same run.
    if (isPacked)
      return cost + transposedCost(role, tailRun(operand, true), lanes.laneTile);
    return numOperands == 1 ? cost + shortRuns(role, tailRun(operand, true), lanes.laneTile) : cost;
  }
  if (isPacked && tail == IndexRole::Batch)
    return cost + shortRuns(role, 1, lanes.laneTile);
  givesLanes = !result.empty() && roles[result.back()] == tail;
  if (isPacked && !givesLanes)
    // Its panels are packed along its own order.
    return cost + shortRuns(role, tailRun(operand, false), lanes.rowTile);
  // A vector of the result takes one element of an operand that does not give its lanes.
  if (!givesLanes)
    return cost;
  if (isPacked && operand.back() != result.back())
    return cost + transposedCost(role, extents[operand.back()], lanes.laneTile);
  return cost + shortRuns(role, commonRun(operand, result), lanes.laneTile);
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
  double cost = breakCost(breaks, std::max(elements[0], elements[1]));
  if (isPacked)
    return cost;
  double run = commonRun(lhs, rhs);
  for (int role : {0, 1}) {
    const Line &line = role == 0 ? lhs : rhs;
    if (!line.empty() && isSummed(line.back()))
      cost += shortRuns(role, run, lanesFrom[1].laneTile);
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
