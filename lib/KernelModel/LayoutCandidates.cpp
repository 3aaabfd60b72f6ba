//===- LayoutCandidates.cpp - Orders that are worth comparing -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LayoutCandidates.h"

#include <algorithm>
#include <numeric>
#include <tuple>

using namespace tenon::cpu;

Order tenon::cpu::orderAsWritten(const LayoutTensor &tensor) {
  Order order(tensor.extents.size());
  std::iota(order.begin(), order.end(), 0);
  return order;
}

TensorUses::TensorUses(const LayoutProblem &problem)
    : producers(problem.tensors.size(), -1), readersOf(problem.tensors.size()) {
  for (size_t step = 0; step < problem.steps.size(); ++step) {
    const LayoutStep &record = problem.steps[step];
    producers[record.result.tensor] = static_cast<int32_t>(step);
    for (size_t role = 0; role < record.operands.size(); ++role)
      readersOf[record.operands[role].tensor].push_back(
          {static_cast<int32_t>(step), static_cast<int32_t>(role)});
  }
}

LayoutCandidates::LayoutCandidates(const LayoutProblem &problem, const std::vector<StepCost> &steps,
                                   const TensorUses &uses)
    : problem(problem), steps(steps), uses(uses) {
  rankDimensions();
}

namespace {
/// Classes of dimensions that are one index, by union and find.
class DimensionClasses {
public:
  explicit DimensionClasses(const LayoutProblem &problem) {
    first.push_back(0);
    for (const LayoutTensor &tensor : problem.tensors)
      first.push_back(first.back() + static_cast<int32_t>(tensor.extents.size()));
    parent.resize(static_cast<size_t>(first.back()));
    std::iota(parent.begin(), parent.end(), 0);
  }
  int32_t find(int32_t tensor, size_t dim) {
    int32_t node = first[tensor] + static_cast<int32_t>(dim);
    while (parent[node] != node)
      node = parent[node] = parent[parent[node]];
    return node;
  }
  void unite(int32_t a, int32_t b) { parent[std::max(a, b)] = std::min(a, b); }
  size_t size() const { return parent.size(); }

private:
  std::vector<int32_t> first, parent;
};
} // namespace

void LayoutCandidates::rankDimensions() {
  DimensionClasses classes(problem);
  for (const StepCost &step : steps) {
    std::vector<int32_t> classOf(static_cast<size_t>(step.numIndices()), -1);
    for (int role : {0, 1, StepCost::kResult})
      if (step.hasTensor(role))
        for (size_t dim = 0; dim < step.indicesOf(role).size(); ++dim) {
          int32_t &known = classOf[step.indicesOf(role)[dim]];
          int32_t found = classes.find(step.tensor(role), dim);
          if (known >= 0)
            classes.unite(classes.find(step.tensor(role), dim), known);
          known = known >= 0 ? std::min(known, found) : found;
        }
  }
  // The last step that sums an index; and where it is met first, from the last result backwards.
  std::vector<size_t> summedBy(classes.size(), steps.size());
  std::vector<size_t> metAs(classes.size(), SIZE_MAX);
  size_t numMet = 0;
  for (size_t number = steps.size(); number-- > 0;) {
    const StepCost &step = steps[number];
    for (int role : {StepCost::kResult, 0, 1})
      if (step.hasTensor(role))
        for (size_t dim = 0; dim < step.indicesOf(role).size(); ++dim) {
          auto found = static_cast<size_t>(classes.find(step.tensor(role), dim));
          IndexRole kind = step.roleOf(step.indicesOf(role)[dim]);
          if (metAs[found] == SIZE_MAX) {
            metAs[found] = numMet++;
            if (kind == IndexRole::Summed || kind == IndexRole::Own)
              summedBy[found] = number;
          }
        }
  }
  std::vector<int32_t> sorted(classes.size());
  std::iota(sorted.begin(), sorted.end(), 0);
  std::sort(sorted.begin(), sorted.end(), [&](int32_t a, int32_t b) {
    return std::tie(summedBy[a], metAs[a], a) < std::tie(summedBy[b], metAs[b], b);
  });
  Keys place(classes.size());
  for (size_t i = 0; i < sorted.size(); ++i)
    place[static_cast<size_t>(sorted[i])] = static_cast<int32_t>(i);
  ranks.resize(problem.tensors.size());
  for (size_t tensor = 0; tensor < problem.tensors.size(); ++tensor)
    for (size_t dim = 0; dim < problem.tensors[tensor].extents.size(); ++dim)
      ranks[tensor].push_back(
          place[static_cast<size_t>(classes.find(static_cast<int32_t>(tensor), dim))]);
}

/// From which operand a dimension comes: 0 from both, else 1 or 2.
LayoutCandidates::Keys LayoutCandidates::keysOfProducer(int32_t tensor) const {
  const StepCost &step = steps[uses.producer(tensor)];
  Keys keys;
  for (int16_t index : step.indicesOf(StepCost::kResult)) {
    IndexRole role = step.roleOf(index);
    keys.push_back(role == IndexRole::FreeA ? 1 : role == IndexRole::FreeB ? 2 : 0);
  }
  return keys;
}

/// Where a dimension goes in the first step that reads the tensor: 0 a batch index, 1 summed, 2
/// kept.
LayoutCandidates::Keys LayoutCandidates::keysOfReader(int32_t tensor) const {
  Keys keys(problem.tensors[tensor].extents.size(), 2);
  if (uses.readers(tensor).empty())
    return keys;
  auto [number, operand] = uses.readers(tensor).front();
  const StepCost &step = steps[number];
  for (size_t dim = 0; dim < keys.size(); ++dim) {
    IndexRole role = step.roleOf(step.indicesOf(operand)[dim]);
    keys[dim] = role == IndexRole::Batch                              ? 0
                : role == IndexRole::Summed || role == IndexRole::Own ? 1
                                                                      : 2;
  }
  return keys;
}

/// Places of the dimensions in the operands that they come from.
LayoutCandidates::Keys LayoutCandidates::ranksFromProducer(int32_t tensor,
                                                           const std::vector<Order> &orders) const {
  const StepCost &step = steps[uses.producer(tensor)];
  Keys placeOf(static_cast<size_t>(step.numIndices()), 0);
  for (int role : {1, 0})
    if (step.hasTensor(role)) {
      const Order &order = orders[step.tensor(role)];
      for (size_t place = 0; place < order.size(); ++place)
        placeOf[step.indicesOf(role)[order[place]]] = static_cast<int32_t>(place);
    }
  Keys keys;
  for (int16_t index : step.indicesOf(StepCost::kResult))
    keys.push_back(placeOf[index]);
  return keys;
}

/// Places of the dimensions in what the reader makes, of summed ones in its other operand.
LayoutCandidates::Keys LayoutCandidates::ranksFromReader(int32_t tensor,
                                                         const std::vector<Order> &orders) const {
  Keys keys(problem.tensors[tensor].extents.size(), 0);
  auto [number, operand] = uses.readers(tensor).front();
  const StepCost &step = steps[number];
  Keys placeOf(static_cast<size_t>(step.numIndices()), 0);
  for (int role : {1 - operand, StepCost::kResult})
    if (step.hasTensor(role)) {
      const Order &order = orders[step.tensor(role)];
      for (size_t place = 0; place < order.size(); ++place)
        placeOf[step.indicesOf(role)[order[place]]] = static_cast<int32_t>(place);
    }
  for (size_t dim = 0; dim < keys.size(); ++dim)
    keys[dim] = placeOf[step.indicesOf(operand)[dim]];
  return keys;
}

std::vector<Order> LayoutCandidates::collect(int32_t tensor,
                                             const std::vector<Order> &orders) const {
  std::vector<Order> found = {orders[tensor]};
  size_t rank = problem.tensors[tensor].extents.size();
  if (problem.tensors[tensor].isFixed || uses.producer(tensor) < 0 || rank < 2)
    return found;
  std::vector<Keys> within = {ranks[tensor], ranksFromProducer(tensor, orders)};
  if (!uses.readers(tensor).empty())
    within.push_back(ranksFromReader(tensor, orders));
  Keys from = keysOfProducer(tensor), to = keysOfReader(tensor);
  // Batch dimensions stay outermost; of the others either group may be.
  auto exchanged = [](Keys keys) {
    for (int32_t &key : keys)
      key = key == 0 ? 0 : 3 - key;
    return keys;
  };
  const Keys none(rank, 0);
  const std::array<Keys, 3> froms = {none, from, exchanged(from)}, tos = {none, to, exchanged(to)};
  auto add = [&](const Keys &major, const Keys &minor, const Keys &last) {
    Order order = orderAsWritten(problem.tensors[tensor]);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return std::tie(major[a], minor[a], last[a], ranks[tensor][a], a) <
             std::tie(major[b], minor[b], last[b], ranks[tensor][b], b);
    });
    if (std::find(found.begin(), found.end(), order) == found.end())
      found.push_back(std::move(order));
  };
  for (const Keys &last : within)
    for (const Keys &ofProducer : froms)
      for (const Keys &ofReader : tos) {
        add(ofReader, ofProducer, last);
        add(ofProducer, ofReader, last);
      }
  return found;
}

/// What a step costs with `order` for `tensor` and `orders` for the others.
double LayoutCandidates::costAround(int32_t number, int32_t tensor, const Order &order,
                                    const std::vector<Order> &orders) const {
  const StepCost &step = steps[number];
  std::array<StepCost::Line, 3> lines;
  for (int role : {0, 1, StepCost::kResult})
    if (step.hasTensor(role))
      lines[role] =
          step.lineOf(role, step.tensor(role) == tensor ? order : orders[step.tensor(role)]);
  return step.cost({&lines[0], &lines[1], &lines[2]});
}

/// Keeps the first candidate and those that are best for the step that makes the tensor, for those
/// that read it, and for all of them, in turn.
void LayoutCandidates::keepBest(int32_t tensor, const std::vector<Order> &orders, size_t most,
                                std::vector<Order> &found) const {
  std::array<std::vector<double>, 3> costs;
  for (const Order &order : found) {
    double made = costAround(uses.producer(tensor), tensor, order, orders), read = 0;
    for (TensorUses::Reader reader : uses.readers(tensor))
      read += costAround(reader.step, tensor, order, orders);
    costs[0].push_back(made + read);
    costs[1].push_back(made);
    costs[2].push_back(read);
  }
  std::vector<bool> isKept(found.size(), false);
  isKept[0] = true;
  std::array<std::vector<int32_t>, 3> sorted;
  for (size_t by = 0; by < sorted.size(); ++by) {
    sorted[by].resize(found.size());
    std::iota(sorted[by].begin(), sorted[by].end(), 0);
    std::sort(sorted[by].begin(), sorted[by].end(), [&](int32_t a, int32_t b) {
      return std::tie(costs[by][a], a) < std::tie(costs[by][b], b);
    });
  }
  size_t kept = 1;
  for (size_t place = 0; place < found.size(); ++place)
    for (const std::vector<int32_t> &by : sorted)
      if (kept < most && !isKept[by[place]]) {
        isKept[by[place]] = true;
        ++kept;
      }
  std::vector<Order> best;
  for (size_t i = 0; i < found.size(); ++i)
    if (isKept[i])
      best.push_back(std::move(found[i]));
  found = std::move(best);
}

std::vector<std::vector<Order>> LayoutCandidates::operator()(const std::vector<Order> &orders,
                                                             int32_t most) const {
  std::vector<std::vector<Order>> candidates(problem.tensors.size());
  for (size_t tensor = 0; tensor < problem.tensors.size(); ++tensor) {
    auto number = static_cast<int32_t>(tensor);
    candidates[tensor] = collect(number, orders);
    auto limit = static_cast<size_t>(std::max(most, 1));
    if (candidates[tensor].size() > limit)
      keepBest(number, orders, limit, candidates[tensor]);
  }
  return candidates;
}
