//===- ExactCentre.cpp - Trees without a root ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactCentre.h"
#include "Reroot.h"

using namespace tenon::planner;

ExactProblem tenon::planner::withOutputAsLeaf(const ExactProblem &problem) {
  ExactProblem unrooted;
  unrooted.weights = problem.weights;
  unrooted.open.assign(problem.weights.size(), false);
  std::vector<bool> isOutput(problem.weights.size(), false);
  for (const std::vector<uint32_t> &leaf : problem.leaves) {
    std::vector<uint32_t> &kept = unrooted.leaves.emplace_back();
    for (uint32_t index : leaf)
      if (problem.weights[index] > 0) {
        kept.push_back(index);
        isOutput[index] = problem.open[index];
      }
  }
  std::vector<uint32_t> output;
  for (uint32_t index = 0; index < isOutput.size(); ++index)
    if (isOutput[index])
      output.push_back(index);
  if (!output.empty())
    unrooted.leaves.push_back(std::move(output));
  return unrooted;
}

ExactTree tenon::planner::rootedAtOutput(std::vector<Step> steps, const ExactProblem &problem,
                                         const CostModel &model) {
  auto output = static_cast<NodeId>(problem.leaves.size());
  std::vector<NodeId> tensorOf(output + 1, noTensor);
  std::vector<LeafSet> leavesOf;
  for (NodeId leaf = 0; leaf < output; ++leaf) {
    tensorOf[leaf] = leaf;
    leavesOf.push_back(LeafSet{1} << leaf);
  }
  ContractionTree rooted =
      restrictTree(ContractionTree(output + 1, std::move(steps)), tensorOf, output, output);
  Groups groups(problem);
  ScoreSum sum(model);
  for (const Step &step : rooted.steps()) {
    LeafSet lhs = leavesOf[step.lhs], rhs = leavesOf[step.rhs];
    leavesOf.push_back(lhs | rhs);
    sum.add(sizesOfStep(groups.weightsOf(lhs), groups.weightsOf(rhs), groups.weightsOf(lhs | rhs)));
  }
  return {{rooted.steps().begin(), rooted.steps().end()}, sum.score()};
}
