//===- Bisection.cpp - Cutting a hypergraph in two ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Bisection.h"

#include "tenon/Support/Assert.h"

#include <algorithm>
#include <numeric>

using namespace tenon::planner;

namespace {

/// Nets with more pins say little about which two belong together, and walking them for each pin
/// would be quadratic.
constexpr size_t widestRatedNet = 48;

/// Small graphs are cut fewer times: their cuts matter less, and there are many of them.
constexpr uint32_t verticesPerTry = 8;

constexpr uint32_t noCluster = ~uint32_t{0};

} // namespace

uint32_t Bisector::cluster(const BisectionGraph &graph, int64_t heaviest, Random &random,
                           std::vector<uint32_t> &clusterOf) {
  uint32_t n = graph.numVertices();
  order.resize(n);
  std::iota(order.begin(), order.end(), 0);
  for (uint32_t i = n; i-- > 1;)
    std::swap(order[i], order[random.below(i + 1)]);
  clusterOf.assign(n, noCluster);
  clusterWeight.clear();
  // Ratings belong to clusters and to vertices without one: cluster c is n + c.
  rating.assign(2 * size_t{n}, 0);
  uint32_t remaining = n;
  for (uint32_t vertex : order) {
    // Halving is enough for one level: more would blur the picture.
    if (2 * remaining <= n)
      break;
    if (clusterOf[vertex] != noCluster)
      continue;
    touched.clear();
    for (uint32_t net : graph.nets(vertex)) {
      std::span<const uint32_t> pins = graph.pins(net);
      if (pins.size() < 2 || pins.size() > widestRatedNet)
        continue;
      int64_t share = graph.netWeights[net] * 64 / static_cast<int64_t>(pins.size() - 1);
      for (uint32_t other : pins) {
        if (other == vertex)
          continue;
        uint32_t target = clusterOf[other] == noCluster ? other : n + clusterOf[other];
        if (rating[target] == 0)
          touched.push_back(target);
        rating[target] += share + 1;
      }
    }
    uint32_t best = noCluster;
    double bestRating = 0;
    int64_t bestWeight = 0;
    for (uint32_t target : touched) {
      int64_t weight = target < n ? graph.vertexWeights[target] : clusterWeight[target - n];
      double value = static_cast<double>(rating[target]) / static_cast<double>(weight);
      rating[target] = 0;
      if (weight + graph.vertexWeights[vertex] > heaviest)
        continue;
      if (best == noCluster || value > bestRating || (value == bestRating && weight < bestWeight)) {
        best = target;
        bestRating = value;
        bestWeight = weight;
      }
    }
    if (best == noCluster)
      continue;
    if (best < n) {
      clusterOf[best] = static_cast<uint32_t>(clusterWeight.size());
      clusterWeight.push_back(graph.vertexWeights[best]);
      best = n + clusterOf[best];
    }
    clusterOf[vertex] = best - n;
    clusterWeight[best - n] += graph.vertexWeights[vertex];
    --remaining;
  }
  // What only a wide net holds together: its pins in pairs.
  for (uint32_t net = 0; net < graph.numNets() && 2 * remaining > n; ++net) {
    if (graph.pins(net).size() <= widestRatedNet)
      continue;
    uint32_t waiting = noCluster;
    for (uint32_t vertex : graph.pins(net)) {
      if (clusterOf[vertex] != noCluster)
        continue;
      if (waiting == noCluster) {
        waiting = vertex;
        continue;
      }
      if (graph.vertexWeights[waiting] + graph.vertexWeights[vertex] <= heaviest) {
        clusterOf[waiting] = clusterOf[vertex] = static_cast<uint32_t>(clusterWeight.size());
        clusterWeight.push_back(graph.vertexWeights[waiting] + graph.vertexWeights[vertex]);
        --remaining;
      }
      waiting = noCluster;
    }
  }
  for (uint32_t vertex = 0; vertex < n; ++vertex)
    if (clusterOf[vertex] == noCluster) {
      clusterOf[vertex] = static_cast<uint32_t>(clusterWeight.size());
      clusterWeight.push_back(graph.vertexWeights[vertex]);
    }
  return static_cast<uint32_t>(clusterWeight.size());
}

void Bisector::contract(const BisectionGraph &fine, uint32_t numClusters, Level &level) {
  BisectionGraph &coarse = level.graph;
  coarse.clear();
  coarse.vertexWeights.assign(clusterWeight.begin(), clusterWeight.end());
  stampOf.assign(numClusters, 0);
  stamp = 0;
  size_t slots = 4;
  while (slots < 2 * size_t{fine.numNets()})
    slots *= 2;
  table.assign(slots, noCluster);
  for (uint32_t net = 0; net < fine.numNets(); ++net) {
    ++stamp;
    uint64_t hash = fine.anchors[net];
    for (uint32_t vertex : fine.pins(net)) {
      uint32_t target = level.clusterOf[vertex];
      if (stampOf[target] == stamp)
        continue;
      stampOf[target] = stamp;
      coarse.addPin(target);
      hash += mixBits(target);
    }
    size_t size = coarse.netPins.size() - coarse.netBegin.back();
    if (size == 1 && fine.anchors[net] == 0) {
      coarse.dropNet();
      continue;
    }
    // Nets with the same pins become one. Those of the net at hand carry its stamp.
    size_t slot = mixBits(hash) & (slots - 1);
    while (table[slot] != noCluster) {
      uint32_t other = table[slot];
      std::span<const uint32_t> pins = coarse.pins(other);
      if (coarse.anchors[other] == fine.anchors[net] && pins.size() == size &&
          std::all_of(pins.begin(), pins.end(),
                      [&](uint32_t pin) { return stampOf[pin] == stamp; }))
        break;
      slot = (slot + 1) & (slots - 1);
    }
    if (table[slot] != noCluster) {
      coarse.netWeights[table[slot]] += fine.netWeights[net];
      coarse.dropNet();
    } else {
      table[slot] = coarse.numNets();
      coarse.closeNet(fine.netWeights[net], fine.anchors[net]);
    }
  }
  coarse.connect();
}

bool Bisector::coarsen(const BisectionGraph &fine, Level &level, int64_t heaviest, Random &random) {
  uint32_t numClusters = cluster(fine, heaviest, random, level.clusterOf);
  // Not worth a level.
  if (20 * uint64_t{numClusters} > 19 * uint64_t{fine.numVertices()})
    return false;
  contract(fine, numClusters, level);
  return true;
}

int64_t Bisector::bisect(const BisectionGraph &graph, const BisectionLimits &limits, Random &random,
                         const Budget &budget, std::vector<uint8_t> &sides) {
  TENON_ASSERT(graph.numVertices() >= 2, "one vertex cannot be bisected");
  int64_t total = graph.totalWeight();
  auto largestSideOf = [&](const BisectionGraph &level) {
    int64_t heaviest = *std::max_element(level.vertexWeights.begin(), level.vertexWeights.end());
    return std::max((total + heaviest + 1) / 2,
                    static_cast<int64_t>((1 + limits.imbalance) / 2 * static_cast<double>(total)));
  };

  // A cluster much heavier than the coarsest graph's average would decide the balance alone.
  int64_t heaviest = std::max<int64_t>(1, total * 3 / (2 * std::max<uint32_t>(limits.coarsest, 4)));
  size_t depth = 0;
  const BisectionGraph *coarsest = &graph;
  while (coarsest->numVertices() > limits.coarsest && !budget.expired()) {
    if (levels.size() == depth)
      levels.emplace_back();
    if (!coarsen(*coarsest, levels[depth], heaviest, random))
      break;
    coarsest = &levels[depth++].graph;
  }

  int64_t largestSide = largestSideOf(*coarsest), bestCut = 0, bestExcess = 0;
  candidate.assign(coarsest->numVertices(), 0);
  refiner.start(*coarsest, candidate, largestSide);
  unsigned tries = std::min(limits.tries, 1 + coarsest->numVertices() / verticesPerTry);
  for (unsigned attempt = 0; attempt < std::max(1u, tries); ++attempt) {
    if (attempt > 0 && budget.expired())
      break;
    int64_t smallestSide = std::max<int64_t>(1, total - largestSide);
    int64_t span = std::max<int64_t>(largestSide - smallestSide, 0);
    refiner.grow(smallestSide + static_cast<int64_t>(random.unit() * static_cast<double>(span)),
                 random);
    refiner.refine(limits.passes + 2, budget);
    if (attempt == 0 ||
        std::pair(refiner.excess(), refiner.cut()) < std::pair(bestExcess, bestCut)) {
      bestExcess = refiner.excess();
      bestCut = refiner.cut();
      sides = candidate;
    }
  }
  while (depth-- > 0) {
    const BisectionGraph &level = depth == 0 ? graph : levels[depth - 1].graph;
    finer.resize(level.numVertices());
    for (uint32_t vertex = 0; vertex < level.numVertices(); ++vertex)
      finer[vertex] = sides[levels[depth].clusterOf[vertex]];
    sides.swap(finer);
    refiner.start(level, sides, largestSideOf(level));
    refiner.refine(limits.passes, budget);
    bestCut = refiner.cut();
  }
  return bestCut;
}
