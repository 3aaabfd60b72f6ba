//===- BisectionRefine.cpp - Moving vertices across a cut -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BisectionRefine.h"

#include <algorithm>
#include <tuple>

using namespace tenon::planner;

namespace {

/// Vertices that are too heavy to move now are tried again after the next move, so many at a time.
constexpr size_t mostBlocked = 16;

} // namespace

void GainHeap::reset(uint32_t numVertices) {
  heap.clear();
  place.assign(numVertices, absent);
  clock = 0;
}

void GainHeap::push(uint32_t vertex, int64_t gain) {
  heap.emplace_back();
  up(heap.size() - 1, {gain, clock++, vertex});
}

void GainHeap::add(uint32_t vertex, int64_t difference) {
  if (difference == 0)
    return;
  size_t at = place[vertex];
  Entry entry{heap[at].gain + difference, clock++, vertex};
  if (difference > 0)
    up(at, entry);
  else
    down(at, entry);
}

void GainHeap::remove(uint32_t vertex) {
  size_t at = place[vertex];
  place[vertex] = absent;
  Entry last = heap.back();
  heap.pop_back();
  if (at == heap.size())
    return;
  if (at > 0 && last.before(heap[(at - 1) / 2]))
    up(at, last);
  else
    down(at, last);
}

void GainHeap::up(size_t at, Entry entry) {
  while (at > 0 && entry.before(heap[(at - 1) / 2])) {
    set(at, heap[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  set(at, entry);
}

void GainHeap::down(size_t at, Entry entry) {
  while (true) {
    size_t child = 2 * at + 1;
    if (child >= heap.size())
      break;
    if (child + 1 < heap.size() && heap[child + 1].before(heap[child]))
      ++child;
    if (!heap[child].before(entry))
      break;
    set(at, heap[child]);
    at = child;
  }
  set(at, entry);
}

void BisectionRefiner::start(const BisectionGraph &newGraph, std::vector<uint8_t> &sides,
                             int64_t newLargestSide) {
  graph = &newGraph;
  sidesOf = &sides;
  largestSide = newLargestSide;
  reset();
}

void BisectionRefiner::reset() {
  const std::vector<uint8_t> &sides = *sidesOf;
  weight = {0, 0};
  members = {0, 0};
  for (uint32_t vertex = 0; vertex < graph->numVertices(); ++vertex) {
    weight[sides[vertex]] += graph->vertexWeights[vertex];
    ++members[sides[vertex]];
  }
  counts.resize(graph->numNets());
  cutNow = 0;
  for (uint32_t net = 0; net < graph->numNets(); ++net) {
    std::array<uint32_t, 2> count = {(graph->anchors[net] & leftAnchor) != 0,
                                     (graph->anchors[net] & rightAnchor) != 0};
    for (uint32_t vertex : graph->pins(net))
      ++count[sides[vertex]];
    counts[net] = count;
    if (count[0] && count[1])
      cutNow += graph->netWeights[net];
  }
}

int64_t BisectionRefiner::gainOf(uint32_t vertex) const {
  unsigned from = (*sidesOf)[vertex];
  int64_t gain = 0;
  for (uint32_t net : graph->nets(vertex)) {
    const std::array<uint32_t, 2> &count = counts[net];
    if (count[1 - from] == 0)
      gain -= graph->netWeights[net];
    else if (count[from] == 1)
      gain += graph->netWeights[net];
  }
  return gain;
}

void BisectionRefiner::enter(uint32_t vertex) {
  GainHeap &heap = heaps[(*sidesOf)[vertex]];
  if (!settled[vertex] && !heap.contains(vertex))
    heap.push(vertex, gainOf(vertex));
}

void BisectionRefiner::move(uint32_t vertex) {
  std::vector<uint8_t> &sides = *sidesOf;
  unsigned from = sides[vertex], to = 1 - from;
  if (heaps[from].contains(vertex))
    heaps[from].remove(vertex);
  settled[vertex] = true;
  sides[vertex] = static_cast<uint8_t>(to);
  weight[from] -= graph->vertexWeights[vertex];
  weight[to] += graph->vertexWeights[vertex];
  --members[from];
  ++members[to];
  for (uint32_t net : graph->nets(vertex)) {
    int64_t price = graph->netWeights[net];
    std::array<uint32_t, 2> &count = counts[net];
    bool begins = count[to] == 0, wasAlone = count[to] == 1;
    --count[from];
    ++count[to];
    bool ends = count[from] == 0, isAlone = count[from] == 1;
    if (begins && !ends)
      cutNow += price;
    if (ends && !begins)
      cutNow -= price;
    if (!begins && !wasAlone && !ends && !isAlone)
      continue;
    // What crossing would bring the other pins: it no longer cuts the net if it is cut already, and
    // no longer makes it whole if it is whole; only the last pin on a side makes it whole.
    int64_t forAll = (begins ? price : 0) - (ends ? price : 0);
    int64_t onFrom = forAll + (isAlone ? price : 0), onTo = forAll - (wasAlone ? price : 0);
    for (uint32_t other : graph->pins(net)) {
      if (settled[other])
        continue;
      GainHeap &heap = heaps[sides[other]];
      if (heap.contains(other))
        heap.add(other, sides[other] == from ? onFrom : onTo);
      else if (begins)
        heap.push(other, gainOf(other));
    }
  }
}

void BisectionRefiner::moveBack(uint32_t vertex) {
  std::vector<uint8_t> &sides = *sidesOf;
  unsigned from = sides[vertex], to = 1 - from;
  sides[vertex] = static_cast<uint8_t>(to);
  weight[from] -= graph->vertexWeights[vertex];
  weight[to] += graph->vertexWeights[vertex];
  --members[from];
  ++members[to];
  for (uint32_t net : graph->nets(vertex)) {
    --counts[net][from];
    ++counts[net][to];
  }
}

bool BisectionRefiner::mayMove(uint32_t vertex) const {
  unsigned from = (*sidesOf)[vertex];
  return members[from] > 1 && (weight[from] > largestSide ||
                               weight[1 - from] + graph->vertexWeights[vertex] <= largestSide);
}

bool BisectionRefiner::pass(const Budget &budget) {
  uint32_t n = graph->numVertices();
  settled.assign(n, false);
  for (GainHeap &heap : heaps)
    heap.reset(n);
  for (uint32_t net = 0; net < graph->numNets(); ++net)
    if (counts[net][0] && counts[net][1])
      for (uint32_t vertex : graph->pins(net))
        enter(vertex);
  int64_t tooHeavy = excess();
  if (tooHeavy > 0)
    // A side without a cut net may have to shrink all the same.
    for (uint32_t vertex = 0; vertex < n; ++vertex)
      enter(vertex);

  auto state = [&] { return std::tuple(excess(), cutNow, std::max(weight[0], weight[1])); };
  auto best = state();
  const auto atFirst = best;
  size_t bestMoves = 0;
  size_t patience = 25 + n / 20;
  moves.clear();
  blocked.clear();
  while (moves.size() < bestMoves + patience) {
    // Polled now and then: a look at the clock costs more than a move.
    if (moves.size() % 256 == 255 && budget.expired())
      break;
    for (GainHeap &heap : heaps)
      while (!heap.empty() && !mayMove(heap.top())) {
        if (blocked.size() < mostBlocked)
          blocked.push_back(heap.top());
        else
          settled[heap.top()] = true;
        heap.remove(heap.top());
      }
    if (heaps[0].empty() && heaps[1].empty())
      break;
    unsigned from;
    if (heaps[0].empty() || heaps[1].empty())
      from = heaps[0].empty();
    else if (weight[0] > largestSide || weight[1] > largestSide)
      from = weight[1] > largestSide;
    else if (heaps[0].topGain() != heaps[1].topGain())
      from = heaps[1].topGain() > heaps[0].topGain();
    else
      from = weight[1] > weight[0];
    uint32_t vertex = heaps[from].top();
    move(vertex);
    moves.push_back(vertex);
    for (uint32_t other : blocked)
      enter(other);
    blocked.clear();
    auto now = state();
    if (now < best) {
      best = now;
      bestMoves = moves.size();
    }
  }
  while (moves.size() > bestMoves) {
    moveBack(moves.back());
    moves.pop_back();
  }
  cutNow = std::get<1>(best);
  return best < atFirst;
}

void BisectionRefiner::refine(unsigned passes, const Budget &budget) {
  while (passes-- > 0 && pass(budget) && !budget.expired())
    continue;
}

void BisectionRefiner::grow(int64_t target, Random &random) {
  uint32_t n = graph->numVertices();
  sidesOf->assign(n, 0);
  reset();
  settled.assign(n, false);
  for (GainHeap &heap : heaps)
    heap.reset(n);
  if (random.below(2))
    for (uint32_t net = 0; net < graph->numNets(); ++net)
      if (counts[net][0] && counts[net][1])
        for (uint32_t vertex : graph->pins(net))
          enter(vertex);
  uint32_t cursor = random.below(n);
  while (weight[1] < target && members[0] > 1) {
    uint32_t vertex;
    if (heaps[0].empty()) {
      while ((*sidesOf)[cursor] != 0)
        cursor = (cursor + 1) % n;
      vertex = cursor;
    } else {
      vertex = heaps[0].top();
    }
    // The last vertex is left out where that comes closer.
    if (members[1] > 0 && weight[1] + graph->vertexWeights[vertex] - target > target - weight[1])
      break;
    move(vertex);
  }
}
