//===- EliminationGrowth.cpp - Elimination orders of least growth ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "EliminationParts.h"
#include "IndexedHeap.h"
#include "SignedLogScore.h"

#include "tenon/Planner/Random.h"

#include <algorithm>
#include <utility>

using namespace tenon::planner;

namespace {

/// The degree of an index with more holders than this is not brought up to date until some of
/// them have been joined: it is dear anyway, and looking at all of them every time would be
/// quadratic.
constexpr uint32_t widestScan = 64;

/// The size of a result is exact if its operands have so many indices together, else a bound.
constexpr size_t widestUnion = 256;

/// Minimum degree on the quotient graph, whose elements are the current tensors, with the bound of
/// Amestoy, Davis and Duff (SIAM J. Matrix Anal. Appl. 17(4), 1996): the tensors around a new one
/// are counted by what they have beyond it, overlaps among them twice.
class GrowthOrder {
public:
  GrowthOrder(const EliminationNetwork &network, BucketElimination &buckets, double alpha,
              double temperature, uint64_t seed, WorkMeter &meter, std::span<const uint32_t> ranks)
      : network(network), buckets(buckets), alpha(alpha), temperature(temperature), seed(seed),
        meter(meter), ranks(ranks), queue(network.numIndices()), degrees(network.numIndices(), 0),
        beyond(network.numTensors(), 0), seenAt(network.numTensors(), 0),
        mark(network.numIndices(), 0), inside(network.numIndices(), 0) {}

  void run() {
    for (IndexId index = 0; index < network.numIndices(); ++index)
      if (network.isEliminated(index) && buckets.isPresent(index)) {
        degrees[index] = firstDegree(index);
        queue.set(index, keyOf(index));
      }
    while (!queue.empty() && meter.spend(8)) {
      BucketElimination::Slot made = buckets.eliminate(queue.top());
      for (IndexId index : buckets.summed())
        queue.remove(index);
      update(made);
    }
  }

private:
  double firstDegree(IndexId index) {
    ++stamp;
    double size = 0;
    for (BucketElimination::Slot slot : buckets.holders(index)) {
      std::span<const IndexId> legs = buckets.legs(slot);
      if (legs.size() > widestScan) {
        size += buckets.size(slot);
        continue;
      }
      for (IndexId leg : legs)
        if (mark[leg] != stamp) {
          mark[leg] = stamp;
          size += network.weight(leg);
        }
    }
    return size;
  }

  /// Its rank, then what eliminating `index` makes of the tensors that have it.
  std::pair<uint32_t, double> keyOf(IndexId index) {
    return {ranks.empty() ? 0 : ranks[index], scoreOf(index)};
  }

  double scoreOf(IndexId index) {
    // The last digits of the noise break ties.
    double noise = std::max(temperature, 1e-6) * toGumbel(deriveSeed(seed, index));
    double result = degrees[index] - network.weight(index);
    if (buckets.numHolders(index) > widestScan)
      return result + noise;
    std::span<const BucketElimination::Slot> holders = buckets.holders(index);
    Log2Sum operands;
    size_t ranks = 0;
    for (BucketElimination::Slot slot : holders) {
      operands.add(buckets.size(slot));
      ranks += buckets.legs(slot).size();
    }
    if (ranks <= widestUnion)
      result = sizeMade(index, holders);
    return signedLogScore(result, operands.log2(), log2Zero, alpha) + noise;
  }

  /// Of a pair the result; of more tensors everything that they have but `index`, since the join is
  /// that dear, however small the result.
  double sizeMade(IndexId index, std::span<const BucketElimination::Slot> holders) {
    ++stamp;
    legsOfUnion.clear();
    for (BucketElimination::Slot slot : holders)
      for (IndexId leg : buckets.legs(slot)) {
        if (mark[leg] != stamp) {
          mark[leg] = stamp;
          inside[leg] = 0;
          legsOfUnion.push_back(leg);
        }
        ++inside[leg];
      }
    meter.spend(4 * legsOfUnion.size());
    double size = 0;
    for (IndexId leg : legsOfUnion)
      if (leg != index &&
          (holders.size() > 2 || network.isOpen(leg) || inside[leg] < buckets.numHolders(leg)))
        size += network.weight(leg);
    return size;
  }

  /// Brings the degrees of the indices of the tensor `made` up to date.
  void update(BucketElimination::Slot made) {
    ++now;
    double size = buckets.size(made);
    for (IndexId index : buckets.legs(made)) {
      if (buckets.numHolders(index) > widestScan)
        continue;
      meter.spend(2 * buckets.numHolders(index));
      for (BucketElimination::Slot slot : buckets.holders(index)) {
        if (seenAt[slot] != now) {
          seenAt[slot] = now;
          beyond[slot] = buckets.size(slot);
        }
        beyond[slot] -= network.weight(index);
      }
    }
    for (IndexId index : buckets.legs(made)) {
      if (!network.isEliminated(index))
        continue;
      double bound = degrees[index] + size;
      if (buckets.numHolders(index) <= widestScan) {
        double sum = size;
        for (BucketElimination::Slot slot : buckets.holders(index))
          if (slot != made)
            sum += beyond[slot];
        bound = std::min(bound, sum);
      }
      degrees[index] = bound;
      queue.set(index, keyOf(index));
    }
  }

  const EliminationNetwork &network;
  BucketElimination &buckets;
  double alpha, temperature;
  uint64_t seed;
  WorkMeter &meter;
  std::span<const uint32_t> ranks;
  IndexedHeap<std::pair<uint32_t, double>> queue;
  /// log2 of the elements of an index's neighbourhood, itself included; an upper bound.
  std::vector<double> degrees;
  /// What a tensor has beyond the one made by elimination number `seenAt`.
  std::vector<double> beyond;
  std::vector<uint32_t> seenAt;
  uint32_t now = 0;
  std::vector<uint32_t> mark, inside;
  std::vector<IndexId> legsOfUnion;
  uint32_t stamp = 0;
};

} // namespace

void tenon::planner::eliminateByGrowth(const EliminationNetwork &network,
                                       BucketElimination &buckets, double alpha, double temperature,
                                       uint64_t seed, WorkMeter &meter,
                                       std::span<const uint32_t> ranks) {
  GrowthOrder(network, buckets, alpha, temperature, seed, meter, ranks).run();
}
