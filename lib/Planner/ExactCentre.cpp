//===- ExactCentre.cpp - Trees without a root ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactCentre.h"

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

uint32_t UnrootedTree::addVertex(uint32_t a, uint32_t b) {
  auto vertex = static_cast<uint32_t>(vertices.size());
  vertices.push_back({nowhere, a, b});
  vertices[a][0] = vertices[b][0] = vertex;
  return vertex;
}

void UnrootedTree::addCentre(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t centre = addVertex(a, b);
  vertices[centre][0] = c;
  vertices[c][0] = centre;
}

/// Writes down the steps from the leaves to the root.
class UnrootedTree::Rooting {
public:
  Rooting(const UnrootedTree &tree, const ExactProblem &problem, const CostModel &model)
      : tree(tree), groups(problem), builder(problem.leaves.size(), model) {}

  struct Made {
    NodeId node;
    LeafSet leaves;
  };

  /// What `node` is, seen from its neighbour `from`.
  Made make(uint32_t node, uint32_t from) {
    if (node < tree.numLeaves)
      return {node, LeafSet{1} << node};
    std::array<Made, 2> operands{};
    size_t count = 0;
    for (uint32_t next : tree.vertices[node])
      if (next != from)
        operands[count++] = make(next, node);
    return join(operands[0], operands[1]);
  }
  Made join(const Made &a, const Made &b) {
    LeafSet leaves = a.leaves | b.leaves;
    return {builder.join(a.node, b.node,
                         sizesOfStep(groups.weightsOf(a.leaves), groups.weightsOf(b.leaves),
                                     groups.weightsOf(leaves))),
            leaves};
  }
  ExactTree finish() { return builder.finish(); }

private:
  const UnrootedTree &tree;
  Groups groups;
  TreeBuilder builder;
};

ExactTree UnrootedTree::rootedAtLeaf(uint32_t leaf, const ExactProblem &problem,
                                     const CostModel &model) const {
  Rooting rooting(*this, problem, model);
  rooting.make(vertices[leaf][0], leaf);
  return rooting.finish();
}

ExactTree UnrootedTree::rootedAbove(uint32_t node, const ExactProblem &problem,
                                    const CostModel &model) const {
  Rooting rooting(*this, problem, model);
  uint32_t above = vertices[node][0];
  Rooting::Made below = rooting.make(node, above), rest = rooting.make(above, node);
  rooting.join(below, rest);
  return rooting.finish();
}
