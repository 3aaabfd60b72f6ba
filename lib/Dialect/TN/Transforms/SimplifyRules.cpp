//===- SimplifyRules.cpp - The order of the rules, scalars, folding ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SimplifyRules.h"

#include "tenon/Support/SeededBug.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

/// The constant of rank 0 that is worth nothing as a factor.
static bool isOne(const Graph &graph, int node) {
  const Node &entry = graph.nodes[node];
  return entry.is(Node::Kind::Constant) && entry.indices.empty() &&
         isAllOnes(*entry.constant, graph.arithmetic);
}

/// The seeded bug zero-times-nan: one zero makes the network zero.
static bool foldZero(Graph &graph, ArrayRef<int> live) {
  for (int node : live) {
    const Node &entry = graph.nodes[node];
    if (!entry.is(Node::Kind::Constant) || !entry.indices.empty() ||
        !isAllZeros(*entry.constant, graph.arithmetic) ||
        graph.sizeOf(graph.output) > graph.limits.elements)
      continue;
    auto zeros = std::make_shared<ConstantTensor>(*entry.constant);
    for (int64_t index : graph.output)
      zeros->shape.push_back(graph.indices[index].extent);
    std::visit([&](auto &all) { all.assign(graph.sizeOf(graph.output), all.front()); },
               zeros->elements);
    for (int other : live)
      graph.kill(other);
    graph.addNode({.kind = Node::Kind::Constant,
                   .indices = {graph.output.begin(), graph.output.end()},
                   .constant = std::move(zeros)});
    return true;
  }
  return false;
}

void simplify::gatherScalars(Graph &graph, SimplifyCounters &counters) {
  SmallVector<int> live = graph.liveNodes();
  if (live.size() <= 1)
    return;
  if (isSeeded(SeededBug::ZeroTimesNaN) && foldZero(graph, live))
    return;
  // Constant scalars into one another; those whose product would leave the normal range stay apart.
  SmallVector<int> constants, others;
  int smallest = -1;
  size_t rest = 0;
  for (int node : live) {
    const Node &entry = graph.nodes[node];
    bool isConstant = entry.is(Node::Kind::Constant);
    if (!entry.indices.empty()) {
      ++rest;
      if (isConstant && (smallest < 0 ||
                         graph.sizeOf(entry.indices) < graph.sizeOf(graph.nodes[smallest].indices)))
        smallest = node;
    } else if (!isConstant) {
      others.push_back(node);
    } else if (!constants.empty() && graph.canFold(constants.back(), node)) {
      constants.back() = graph.contract({constants.back(), node});
      ++counters.scalars;
    } else {
      constants.push_back(node);
    }
  }
  size_t left = rest + others.size() + constants.size();
  for (int &node : constants) {
    // Of nothing but ones, one stays.
    if (isOne(graph, node) && left > 1) {
      graph.kill(node);
      graph.handOver(node, graph.liveNodes().front());
      node = -1;
      --left;
      ++counters.scalars;
    } else if (smallest >= 0 && graph.canFold(smallest, node)) {
      smallest = graph.contract({smallest, node});
      node = -1;
      --left;
      ++counters.scalars;
    }
  }
  // Several that are left have a product that no number of the type is near to: they stay apart,
  // for the plan to put something in between.
  llvm::erase(constants, -1);
  if (constants.size() == 1)
    others.push_back(constants.front());
  // What is left are scalars of the run time: one product, unless that is the network itself.
  if (others.size() < 2 || rest == 0)
    return;
  counters.scalars += others.size() - 1;
  llvm::sort(others);
  // One by one: there is nothing to plan.
  int product = others.front();
  for (int node : ArrayRef<int>(others).drop_front())
    product = graph.contract({product, node});
}

void simplify::foldNetwork(Graph &graph, SimplifyCounters &counters) {
  SmallVector<int> live = graph.liveNodes();
  bool isFoldable = llvm::all_of(live, [&](int node) {
    const Node &entry = graph.nodes[node];
    return entry.is(Node::Kind::Constant) && graph.isStatic(entry.indices);
  });
  if (!isFoldable || graph.sizeOf(graph.output) > graph.limits.elements)
    return;
  // Dry run: the indices of each intermediate, in the written order, and the work.
  SmallVector<unsigned> pending(graph.indices.size(), 0);
  for (int node : live)
    for (int64_t index : graph.nodes[node].indices)
      ++pending[index];
  SmallVector<SmallVector<int64_t, 4>> lists;
  SmallVector<int64_t, 4> current;
  int64_t operations = 0;
  for (auto [step, node] : llvm::enumerate(live)) {
    for (int64_t index : graph.nodes[node].indices) {
      --pending[index];
      if (!llvm::is_contained(current, index))
        current.push_back(index);
    }
    // The first operand is read together with the second.
    if (step == 0 && live.size() > 1)
      continue;
    if (llvm::AddOverflow(operations, graph.sizeOf(current), operations) ||
        operations > graph.limits.operations)
      return;
    llvm::erase_if(current, [&](int64_t index) {
      return pending[index] == 0 && !graph.indices[index].isOutput();
    });
    if (step + 1 == live.size())
      current.assign(graph.output.begin(), graph.output.end());
    lists.push_back(current);
  }

  std::shared_ptr<const ConstantTensor> value = graph.nodes[live.front()].constant;
  SmallVector<int64_t, 4> labels = graph.nodes[live.front()].indices;
  for (auto [step, list] : llvm::enumerate(lists)) {
    SmallVector<const ConstantTensor *> tensors{value.get()};
    SmallVector<ArrayRef<int64_t>> operands{labels};
    if (live.size() > 1) {
      const Node &next = graph.nodes[live[step + 1]];
      tensors.push_back(next.constant.get());
      operands.push_back(next.indices);
    }
    value = std::make_shared<ConstantTensor>(
        contractConstants(graph.arithmetic, tensors, operands, list));
    labels = list;
  }
  int origin = -1;
  for (int node : live) {
    origin = graph.joinOrigins(origin, graph.nodes[node].origin);
    graph.kill(node);
  }
  graph.addNode({.kind = Node::Kind::Constant,
                 .indices = labels,
                 .constant = std::move(value),
                 .origin = origin});
  ++counters.folded;
}

void simplify::runRules(Graph &graph, SimplifyCounters &counters) {
  foldNetwork(graph, counters);
  IndexSetTable table;
  for (auto [node, stage] = graph.next(); node >= 0; std::tie(node, stage) = graph.next()) {
    bool changed = false;
    // First everything that only makes operands smaller, then what makes one of two for nothing,
    // and what needs work at run time last, when operands are as small as they get.
    if (stage == 0)
      changed = tieDiagonals(graph, node, counters) || reduceSingleOperand(graph, node, counters) ||
                dropDelta(graph, node, counters) || cancelIsometry(graph, node, counters) ||
                cancelConstants(graph, node, counters) || recogniseConstant(graph, node, counters);
    else if (stage == 1)
      changed =
          mergeDuplicate(graph, node, table, counters) || mergeConstants(graph, node, counters);
    else
      changed = absorbOperand(graph, node, counters);
    // A rule that changes the network queues all that it concerns.
    if (!changed && stage + 1 < kNumStages)
      graph.enqueue(node, stage + 1);
  }
  gatherScalars(graph, counters);
  if (graph.liveNodes().size() > 1)
    foldNetwork(graph, counters);
}
