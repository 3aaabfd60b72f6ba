//===- Layouts.cpp - The order of the dimensions of intermediates ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/Layouts.h"

#include "LayoutCandidates.h"

#include <algorithm>
#include <limits>

using namespace tenon::cpu;

namespace {
using Line = StepCost::Line;

/// Best costs of what makes a tensor, one for each of its candidates.
using Costs = std::vector<double>;

class Chooser {
public:
  Chooser(const LayoutProblem &problem, const LayoutOptions &options);

  LayoutChoice choose();

private:
  /// Costs of a step for pairs of candidates, in rows of the first.
  struct PairCosts {
    Costs result;
    std::array<Costs, 2> operand; ///< operand by result
    Costs pair;                   ///< lhs by rhs
  };

  double costOf(const std::vector<Order> &orders) const;
  std::vector<Order> chooseAmong(const std::vector<std::vector<Order>> &candidates) const;
  PairCosts pairCosts(const StepCost &step,
                      const std::vector<std::vector<Order>> &candidates) const;

  const LayoutProblem &problem;
  const LayoutOptions &options;
  std::vector<StepCost> steps;
  TensorUses uses;
};
} // namespace

Chooser::Chooser(const LayoutProblem &problem, const LayoutOptions &options)
    : problem(problem), options(options), uses(problem) {
  steps.reserve(problem.steps.size());
  for (const LayoutStep &step : problem.steps)
    steps.emplace_back(problem, step);
}

double Chooser::costOf(const std::vector<Order> &orders) const {
  double total = 0;
  for (const StepCost &step : steps) {
    std::array<Line, 3> lines;
    for (int role : {0, 1, StepCost::kResult})
      if (step.hasTensor(role))
        lines[role] = step.lineOf(role, orders[step.tensor(role)]);
    total += step.cost({&lines[0], &lines[1], &lines[2]});
  }
  return total;
}

Chooser::PairCosts Chooser::pairCosts(const StepCost &step,
                                      const std::vector<std::vector<Order>> &candidates) const {
  std::array<std::vector<Line>, 3> lines;
  for (int role : {0, 1, StepCost::kResult})
    if (step.hasTensor(role))
      for (const Order &order : candidates[step.tensor(role)])
        lines[role].push_back(step.lineOf(role, order));
  PairCosts costs;
  for (const Line &result : lines[StepCost::kResult])
    costs.result.push_back(step.resultCost(result));
  for (int role : {0, 1})
    for (const Line &operand : lines[role])
      for (const Line &result : lines[StepCost::kResult])
        costs.operand[role].push_back(step.operandCost(role, operand, result));
  for (const Line &lhs : lines[0])
    for (const Line &rhs : lines[1])
      costs.pair.push_back(step.pairCost(lhs, rhs));
  return costs;
}

/// Dynamic programming over the steps: forwards the least cost of everything before, for each
/// candidate of a result; backwards the candidates that attain it.
std::vector<Order> Chooser::chooseAmong(const std::vector<std::vector<Order>> &candidates) const {
  size_t numTensors = problem.tensors.size();
  std::vector<Costs> best(numTensors);
  for (size_t tensor = 0; tensor < numTensors; ++tensor)
    best[tensor].assign(candidates[tensor].size(), 0);
  std::vector<int32_t> chosen(numTensors, -1);
  std::vector<PairCosts> costs;
  costs.reserve(steps.size());

  // Calls `visit(lhs, rhs, cost)` for the candidates of the operands that are still open.
  auto visitOperands = [&](size_t number, size_t result, auto visit) {
    const StepCost &step = steps[number];
    const PairCosts &own = costs[number];
    size_t numResults = candidates[step.tensor(StepCost::kResult)].size();
    auto isOpen = [&](int32_t tensor, size_t candidate) {
      return chosen[tensor] < 0 || chosen[tensor] == static_cast<int32_t>(candidate);
    };
    auto share = [&](int role, size_t candidate) {
      int32_t tensor = step.tensor(role);
      return best[tensor][candidate] / static_cast<double>(uses.readers(tensor).size()) +
             own.operand[role][candidate * numResults + result];
    };
    size_t numLhs = candidates[step.tensor(0)].size();
    size_t numRhs = step.hasTensor(1) ? candidates[step.tensor(1)].size() : 1;
    for (size_t lhs = 0; lhs < numLhs; ++lhs) {
      if (!isOpen(step.tensor(0), lhs))
        continue;
      double ofLhs = own.result[result] + share(0, lhs);
      if (!step.hasTensor(1)) {
        visit(lhs, size_t(0), ofLhs);
        continue;
      }
      for (size_t rhs = 0; rhs < numRhs; ++rhs)
        // A tensor that is both operands has one order.
        if (isOpen(step.tensor(1), rhs) && (step.tensor(0) != step.tensor(1) || lhs == rhs))
          visit(lhs, rhs, ofLhs + share(1, rhs) + own.pair[lhs * numRhs + rhs]);
    }
  };

  for (size_t number = 0; number < steps.size(); ++number) {
    const StepCost &step = steps[number];
    costs.push_back(pairCosts(step, candidates));
    Costs &ofResult = best[step.tensor(StepCost::kResult)];
    for (size_t result = 0; result < ofResult.size(); ++result) {
      ofResult[result] = std::numeric_limits<double>::infinity();
      visitOperands(number, result, [&](size_t, size_t, double cost) {
        ofResult[result] = std::min(ofResult[result], cost);
      });
    }
  }
  auto settle = [&](int32_t tensor) {
    if (chosen[tensor] < 0)
      chosen[tensor] = static_cast<int32_t>(
          std::min_element(best[tensor].begin(), best[tensor].end()) - best[tensor].begin());
  };
  for (size_t number = steps.size(); number-- > 0;) {
    const StepCost &step = steps[number];
    int32_t result = step.tensor(StepCost::kResult);
    settle(result);
    double least = std::numeric_limits<double>::infinity();
    size_t bestLhs = 0, bestRhs = 0;
    visitOperands(number, static_cast<size_t>(chosen[result]),
                  [&](size_t lhs, size_t rhs, double cost) {
                    if (cost < least) {
                      least = cost;
                      bestLhs = lhs;
                      bestRhs = rhs;
                    }
                  });
    chosen[step.tensor(0)] = static_cast<int32_t>(bestLhs);
    if (step.hasTensor(1))
      chosen[step.tensor(1)] = static_cast<int32_t>(bestRhs);
  }
  std::vector<Order> orders(numTensors);
  for (size_t tensor = 0; tensor < numTensors; ++tensor)
    orders[tensor] = candidates[tensor][static_cast<size_t>(std::max(chosen[tensor], 0))];
  return orders;
}

LayoutChoice Chooser::choose() {
  LayoutChoice choice;
  for (const LayoutTensor &tensor : problem.tensors)
    choice.orders.push_back(orderAsWritten(tensor));
  choice.cost = choice.costAsWritten = costOf(choice.orders);
  LayoutCandidates makeCandidates(problem, steps, uses);
  while (choice.rounds < options.rounds) {
    std::vector<Order> next = chooseAmong(makeCandidates(choice.orders, options.candidates));
    double cost = costOf(next);
    // Rounding is no gain.
    if (!(cost < choice.cost * (1 - 1e-9)))
      break;
    choice.orders = std::move(next);
    choice.cost = cost;
    ++choice.rounds;
  }
  return choice;
}

LayoutChoice tenon::cpu::chooseLayouts(const LayoutProblem &problem, const LayoutOptions &options) {
  return Chooser(problem, options).choose();
}
