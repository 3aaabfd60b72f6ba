//===- EliminationParts.h - What elimination searches are made of -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner: the network as elimination sees it, the meter that ends hopeless runs,
// and bucket elimination, which turns an order into a tree.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "BisectionRow.h"

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Greedy.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// A network, reduced: every tensor has each index once, and only indices that cost something:
/// those of extent 1 are left out, and so are those that a single tensor has and nothing needs.
class EliminationNetwork {
public:
  EliminationNetwork(const Network &network, std::span<const double> log2Extents);

  NodeId numTensors() const { return static_cast<NodeId>(legBegin.size() - 1); }
  IndexId numIndices() const { return static_cast<IndexId>(weights.size()); }
  /// Ascending.
  std::span<const IndexId> legs(NodeId tensor) const {
    return {allLegs.data() + legBegin[tensor], legBegin[tensor + 1] - legBegin[tensor]};
  }
  /// Ascending; none of an index that is left out.
  std::span<const NodeId> holders(IndexId index) const {
    return {allHolders.data() + holderBegin[index], holderBegin[index + 1] - holderBegin[index]};
  }
  bool isOpen(IndexId index) const { return open[index]; }
  double weight(IndexId index) const { return weights[index]; }
  /// Whether all indices that elimination has to do with are of one extent.
  bool hasOneExtent() const;
  /// Whether elimination has to do with `index` at all.
  bool isEliminated(IndexId index) const { return !open[index] && !holders(index).empty(); }

private:
  std::vector<double> weights;
  std::vector<bool> open;
  std::vector<size_t> legBegin, holderBegin;
  std::vector<IndexId> allLegs;
  std::vector<NodeId> allHolders;
};

/// Counts a run's work in units of a few nanoseconds, polls the budget now and then, and says when
/// to give up. The limit on the work is the same on every machine.
class WorkMeter {
public:
  /// A meter for a network of so many tensors and indices together.
  WorkMeter(const Budget &budget, size_t networkSize)
      : budget(budget), mostWork(leastLimit + workEach * networkSize) {}

  /// Work that a dense network makes more of. Returns whether to go on.
  bool spend(uint64_t work) {
    limited += work;
    return pass(work);
  }
  /// Work that is in proportion to the network whatever its width.
  bool pass(uint64_t work) {
    all += work;
    if (all >= nextPoll) {
      nextPoll = all + pollEvery;
      exhausted = exhausted || limited > mostWork || budget.expired();
    }
    return !exhausted;
  }
  bool isExhausted() const { return exhausted; }

private:
  /// Some milliseconds.
  static constexpr uint64_t pollEvery = 500'000;
  /// About a second for any network, and another for each 250,000 tensors and indices.
  static constexpr uint64_t leastLimit = 75'000'000, workEach = 300;

  const Budget &budget;
  uint64_t mostWork;
  uint64_t limited = 0, all = 0, nextPoll = pollEvery;
  bool exhausted = false;
};

/// The current tensors while indices are eliminated, and the tree so far. The tensors are at the
/// same time the quotient graph of the elimination: two indices are adjacent if a tensor has both.
class BucketElimination {
public:
  /// A current tensor is known by its slot. A result takes over the slot of its wider operand, so
  /// that the lists of the wide one's indices stay as they are.
  using Slot = uint32_t;

  BucketElimination(const EliminationNetwork &network, const CostModel &model, WorkMeter &meter);

  /// Joins all tensors that have `index`, and the result with a tensor that has all of its indices
  /// if there is one, which costs no more than that tensor's size. Returns the slot of what that
  /// makes. \pre `isPresent(index)`.
  Slot eliminate(IndexId index);
  /// Joins what is left. Empty if the meter is exhausted.
  std::optional<ScoredTree> finish();

  /// Whether a current tensor has `index`.
  bool isPresent(IndexId index) const { return holderCount[index] > 0; }
  /// The current tensors that have `index`, in no order that means anything, each once.
  std::span<const Slot> holders(IndexId index);
  uint32_t numHolders(IndexId index) const { return holderCount[index]; }
  /// Ascending.
  std::span<const IndexId> legs(Slot slot) const { return slotLegs[slot]; }
  double size(Slot slot) const { return sizes[slot]; }
  /// The indices that the last `eliminate` has summed.
  std::span<const IndexId> summed() const { return summedIndices; }

private:
  Slot find(Slot slot);
  Slot join(Slot a, Slot b);
  Slot joinAll(std::vector<Slot> &slots);
  Slot joinExactly(std::span<const Slot> slots);
  Slot absorb(Slot slot);
  double sizeOfUnion(std::span<const Slot> slots);

  const EliminationNetwork &network;
  const CostModel &model;
  WorkMeter &meter;
  ScoreSum score;
  double dearestStep = log2Zero;
  std::vector<Step> steps;
  std::vector<std::vector<IndexId>> slotLegs;
  std::vector<double> sizes;
  std::vector<NodeId> node;
  /// Itself while the slot is in use, else the slot that absorbed it.
  std::vector<Slot> absorbedBy;
  /// May name absorbed slots; `holders` cleans up.
  std::vector<std::vector<Slot>> holderLists;
  std::vector<uint32_t> holderCount;
  std::vector<IndexId> summedIndices;
  std::vector<uint32_t> slotMark, indexMark, localOf;
  uint32_t slotStamp = 0, indexStamp = 0;
};

/// The order of least fill. Shared between runs: the graph before the first elimination.
class FillGraph {
public:
  /// `weightPower` as in EliminationOptions. Not usable if the budget expires meanwhile.
  FillGraph(const EliminationNetwork &network, unsigned weightPower, const Budget &budget);
  FillGraph(FillGraph &&);
  ~FillGraph();

  /// Whether the graph has few enough edges to be stored.
  bool isUsable() const { return usable; }

  /// Appends indices to `order` until all are eliminated, or the graph has become too dense.
  void appendOrder(double degreePower, double temperature, uint64_t seed, WorkMeter &meter,
                   std::vector<IndexId> &order) const;

private:
  class Run;
  class EdgeSet;
  struct Vertex;
  /// False if the budget expired.
  bool countFill(WorkMeter &meter);

  const EliminationNetwork &network;
  bool usable = false;
  std::unique_ptr<EdgeSet> edges;
  std::vector<Vertex> vertices;
};

/// Eliminates what is present in `buckets` in the order of EliminationOptions::Order::Degree; those
/// of lower rank first, where ranks of all indices are given.
void eliminateByGrowth(const EliminationNetwork &network, BucketElimination &buckets, double alpha,
                       double temperature, uint64_t seed, WorkMeter &meter,
                       std::span<const uint32_t> ranks = {});

struct DissectionOptions {
  RowOptions row;
  /// Parts of up to so many tensors are not dissected.
  uint32_t smallest = 16;
  uint64_t seed = 0;
};

/// Ranks of all indices by nested dissection: the indices that a bisection cuts come after those on
/// either side. Empty if the budget expired before the tensors were bisected. Time: that of
/// `RowMaker::make`.
std::vector<uint32_t> dissectIndices(const ReducedTensors &tensors,
                                     std::span<const double> log2Extents,
                                     const DissectionOptions &options, const Budget &budget);

} // namespace tenon::planner
