//===- GraphSchedule.cpp - Which step is computed where -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "GraphSchedule.h"

#include "SliceState.h"

#include <algorithm>
#include <utility>

using namespace tenon::planner;

GraphSchedule::GraphSchedule(const NetworkGraph &graph, std::vector<Plan> plans,
                             NodeClasses &classes)
    : graph(graph), classes(classes), result{std::vector<PlannedNetwork>(plans.size()), {}},
      classOf(plans.size()), bytes(plans.size()), temporary(plans.size()), peakAlone(plans.size()),
      opsBelow(plans.size()), droppedBefore(plans.size()) {
  for (size_t number = 0; number < plans.size(); ++number) {
    const GraphNetwork &part = graph.networks[number];
    PlannedNetwork &planned = result.networks[number];
    planned.plan = std::move(plans[number]);
    const ContractionTree &tree = planned.plan.tree;
    ClassifiedTree classified = classes.classify(part, tree);
    classOf[number] = std::move(classified.classOf);
    planned.slots = std::move(classified.slots);
    opsBelow[number].assign(tree.numNodes(), 0);
    for (size_t step = 0; step < tree.numSteps(); ++step) {
      auto [lhs, rhs] = tree.step(step);
      NodeId node = tree.resultOf(step);
      opsBelow[number][node] = saturate(classes.opsOf(classOf[number][node]) +
                                        opsBelow[number][lhs] + opsBelow[number][rhs]);
    }
  }
  isShared.assign(classes.size(), true);
  countPacking(true);
}

void GraphSchedule::countBytes(const GraphNetwork &part, uint32_t number,
                               const MemoryModel &memory) {
  const Plan &plan = result.networks[number].plan;
  const ContractionTree &tree = plan.tree;
  SliceState state(part.network, tree, memory);
  // Leaves and the output are the caller's.
  bytes[number].assign(tree.numNodes(), 0);
  for (NodeId node = tree.numLeaves(); node < tree.root(); ++node)
    bytes[number][node] = state.bytes(node);
  temporary[number].clear();
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    auto [lhs, rhs] = tree.step(step);
    temporary[number].push_back(state.footprint(step) - bytes[number][lhs] - bytes[number][rhs] -
                                bytes[number][tree.resultOf(step)]);
  }
  for (IndexId index : plan.sliced)
    state.slice(index);
  peakAlone[number] = state.peakInOrder();
}

void GraphSchedule::countPacking(bool counts) {
  for (uint32_t number = 0; number < result.networks.size(); ++number) {
    const GraphNetwork &part = graph.networks[number];
    MemoryModel plain;
    plain.alignment = part.memory.alignment;
    countBytes(part, number, counts ? part.memory : plain);
  }
  isMade = false;
}

void GraphSchedule::scheduleNetwork(uint32_t number) {
  PlannedNetwork &planned = result.networks[number];
  const ContractionTree &tree = planned.plan.tree;
  const std::vector<ClassId> &own = classOf[number];
  for (ClassId value : droppedBefore[number])
    available[value].reset();
  planned.isComputed.assign(tree.numSteps(), false);
  planned.origins.clear();
  for (NodeId node = 0; node < tree.numNodes(); ++node)
    planned.origins.push_back({number, node});
  if (isSliced(number)) {
    planned.isComputed.assign(tree.numSteps(), true);
    moments.push_back({number, tree.root()});
    computedOps = saturate(computedOps + planned.plan.cost.ops);
    return;
  }
  // What is there already needs no operands.
  std::vector<bool> isNeeded(tree.numNodes(), false);
  isNeeded[tree.root()] = true;
  for (size_t step = tree.numSteps(); step-- > 0;)
    if (NodeId node = tree.resultOf(step); isNeeded[node] && !available[own[node]])
      isNeeded[tree.step(step).lhs] = isNeeded[tree.step(step).rhs] = true;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    NodeId node = tree.resultOf(step);
    if (!isNeeded[node])
      continue;
    if (available[own[node]]) {
      planned.origins[node] = *available[own[node]];
      continue;
    }
    planned.isComputed[step] = true;
    if (isShared[own[node]])
      available[own[node]] = NodeOrigin{number, node};
  }
  dropUnread(number);
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    NodeId node = tree.resultOf(step);
    if (!planned.isComputed[step])
      continue;
    moments.push_back({number, node});
    computedOps = saturate(computedOps + classes.opsOf(own[node]));
  }
}

/// What was computed below a node that then turned out to be there already: nobody reads it, and
/// nobody can who is not here.
void GraphSchedule::dropUnread(uint32_t number) {
  PlannedNetwork &planned = result.networks[number];
  const ContractionTree &tree = planned.plan.tree;
  auto isHandedOver = [&](ClassId value) {
    return isShared[value] && number + 1 < droppedBefore.size() &&
           !droppedBefore[number + 1].contains(value);
  };
  std::vector<bool> isRead(tree.numNodes(), false);
  isRead[tree.root()] = true;
  for (size_t step = tree.numSteps(); step-- > 0;) {
    NodeId node = tree.resultOf(step);
    if (!planned.isComputed[step])
      continue;
    if (!isRead[node] && !isHandedOver(classOf[number][node])) {
      planned.isComputed[step] = false;
      continue;
    }
    for (NodeId operand : {tree.step(step).lhs, tree.step(step).rhs})
      if (planned.origins[operand].network == number)
        isRead[planned.origins[operand].node] = true;
  }
}

void GraphSchedule::schedule() {
  if (std::exchange(isMade, true))
    return;
  moments.clear();
  computedOps = 0;
  available.assign(classes.size(), std::nullopt);
  for (uint32_t number = 0; number < result.networks.size(); ++number)
    scheduleNetwork(number);
  countMemory();
}

void GraphSchedule::countMemory() {
  // By network and node: the number of its life.
  constexpr size_t none = ~size_t{0};
  std::vector<std::vector<size_t>> lifeOf;
  for (const PlannedNetwork &planned : result.networks)
    lifeOf.emplace_back(planned.plan.tree.numNodes(), none);
  lives.clear();
  readings.clear();
  auto read = [&](uint32_t network, NodeId node, size_t moment) {
    NodeOrigin value = result.networks[network].origins[node];
    size_t life = lifeOf[value.network][value.node];
    if (life == none)
      return;
    lives[life].end = moment;
    readings.push_back({life, moment});
    ++lives[life].readers;
  };
  size_t moment = 0;
  for (uint32_t number = 0; number < result.networks.size(); ++number) {
    const PlannedNetwork &planned = result.networks[number];
    const ContractionTree &tree = planned.plan.tree;
    for (; moment < moments.size() && moments[moment].network == number; ++moment) {
      if (isSliced(number))
        continue;
      NodeId node = moments[moment].node;
      read(number, tree.makerOf(node).lhs, moment);
      read(number, tree.makerOf(node).rhs, moment);
      if (node != tree.root()) {
        lifeOf[number][node] = lives.size();
        lives.push_back({{number, node}, moment, moment, 0});
      }
    }
    // An output that is there already is handed over, last of all.
    if (NodeOrigin root = planned.origins[tree.root()];
        root != NodeOrigin{number, tree.root()} && moment > 0)
      read(number, tree.root(), moment - 1);
  }

  std::vector<double> rise(moments.size() + 1, 0);
  for (const Life &life : lives) {
    rise[life.begin] += bytes[life.value.network][life.value.node];
    rise[life.end + 1] -= bytes[life.value.network][life.value.node];
  }
  peak = 0;
  peakMoment = 0;
  liveBytes.clear();
  double live = 0;
  for (moment = 0; moment < moments.size(); ++moment) {
    live += rise[moment];
    auto [number, node] = moments[moment];
    const Plan &plan = result.networks[number].plan;
    double here =
        isSliced(number) ? peakAlone[number] : temporary[number][node - plan.tree.numLeaves()];
    liveBytes.push_back(live + here);
    if (liveBytes.back() > peak) {
      peak = liveBytes.back();
      peakMoment = moment;
    }
  }
}

void GraphSchedule::drop(const Drop &value) {
  droppedBefore[value.network].insert(value.value);
  isMade = false;
}

void GraphSchedule::restore(const Drop &value) {
  droppedBefore[value.network].erase(value.value);
  isMade = false;
}

double GraphSchedule::peakBytes() {
  schedule();
  return peak;
}

double GraphSchedule::largestPeakAlone() const {
  return *std::max_element(peakAlone.begin(), peakAlone.end());
}

double GraphSchedule::excessOver(double bound) {
  schedule();
  double excess = 0;
  for (double live : liveBytes)
    excess += std::max(live - bound, 0.0);
  return excess;
}

double GraphSchedule::ops() {
  schedule();
  return computedOps;
}

size_t GraphSchedule::numNodes() const {
  size_t count = 0;
  for (const std::vector<ClassId> &own : classOf)
    count += own.size();
  return count;
}

std::vector<Drop> GraphSchedule::droppableAtPeak() {
  schedule();
  // By life: the network that has the value last before the worst moment, and the next that reads
  // it.
  std::vector<uint32_t> before;
  for (const Life &life : lives)
    before.push_back(life.value.network);
  std::vector<std::optional<size_t>> next(lives.size());
  for (auto [life, moment] : readings) {
    if (moment < peakMoment)
      before[life] = moments[moment].network;
    else if (!next[life])
      next[life] = moment;
  }
  std::vector<Drop> result;
  for (size_t number = 0; number < lives.size(); ++number) {
    auto [network, node] = lives[number].value;
    if (lives[number].begin >= peakMoment || !next[number] || *next[number] == peakMoment)
      continue;
    ClassId value = classOf[network][node];
    uint32_t reader = moments[*next[number]].network;
    if (reader > before[number] && isShared[value])
      result.push_back({value, reader, bytes[network][node], opsBelow[network][node]});
  }
  return result;
}

bool GraphSchedule::shareLessAtPeak() {
  schedule();
  std::vector<const Life *> held;
  double largest = 0;
  for (const Life &life : lives)
    if (life.begin <= peakMoment && peakMoment <= life.end && life.readers > 1 &&
        isShared[classOf[life.value.network][life.value.node]]) {
      held.push_back(&life);
      largest = std::max(largest, bytes[life.value.network][life.value.node]);
    }
  if (held.empty())
    return false;
  for (const Life *life : held)
    if (bytes[life->value.network][life->value.node] >= largest / 2)
      isShared[classOf[life->value.network][life->value.node]] = false;
  isMade = false;
  return true;
}

void GraphSchedule::shareNothing() {
  isShared.assign(isShared.size(), false);
  isMade = false;
}

GraphPlan GraphSchedule::take() {
  schedule();
  GraphCost &cost = result.cost;
  cost.peakBytes = peak;
  Log2Sum ops, unshared;
  for (uint32_t number = 0; number < result.networks.size(); ++number) {
    PlannedNetwork &planned = result.networks[number];
    const Plan &plan = planned.plan;
    unshared.add(plan.cost.log2Ops);
    cost.unsharedOps = saturate(cost.unsharedOps + plan.cost.ops);
    cost.slices = std::max(cost.slices, plan.cost.slices);
    if (isSliced(number)) {
      ops.add(plan.cost.log2Ops);
      planned.ops = plan.cost.ops;
      planned.writes = plan.cost.writes;
      planned.steps = plan.tree.numSteps();
      cost.largest = std::max(cost.largest, plan.cost.largest);
    }
    for (size_t step = 0; step < planned.isComputed.size() && !isSliced(number); ++step) {
      if (!planned.isComputed[step])
        continue;
      ClassId made = classOf[number][plan.tree.resultOf(step)];
      // Searches count an extent of 0 as 1.
      ops.add(classes.opsOf(made) == 0 ? log2Zero : classes.sizesOf(made).ops);
      planned.ops = saturate(planned.ops + classes.opsOf(made));
      planned.writes = saturate(planned.writes + classes.elementsOf(made));
      ++planned.steps;
      cost.largest = std::max(cost.largest, classes.elementsOf(made));
    }
    cost.ops = saturate(cost.ops + planned.ops);
    cost.writes = saturate(cost.writes + planned.writes);
    cost.steps += planned.steps;
    cost.sharedSteps += plan.tree.numSteps() - planned.steps;
  }
  cost.log2Ops = ops.log2();
  cost.log2UnsharedOps = unshared.log2();
  return std::move(result);
}
