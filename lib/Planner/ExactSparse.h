//===- ExactSparse.h - Optimal trees below a known cost ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. The layers are in ExactSparse.cpp, the pairs that make them in
// ExactJoiner.cpp, which pairs are looked at in ExactPartners.cpp, what is left out for its cost in
// ExactBounds.cpp, for a leaf outside in ExactLeaves.cpp, and the last step in
// ExactCentreJoin.cpp.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ExactCandidates.h"
#include "ExactOuter.h"
#include "Jobs.h"

namespace tenon::planner {

/// Sets in the order of their number of leaves, each from all pairs that make it.
///
/// *From the middle.* Where the model is separable, a tree is looked for without its root (see
/// ExactCentre.h). Where costs add up, some vertex has no branch that costs more than all the rest:
/// follow every edge to the dearer side. So only sets that cost half of the cap are made, and three
/// of them joined in the end. Where the largest step counts, some vertex has no branch of more than
/// half of the leaves.
class SparseSearch {
public:
  SparseSearch(const ExactProblem &rooted, const ExactProblem &problem, bool isCentred,
               const CostModel &model, double upperBound, ExactMeter &meter, unsigned threads);

  std::optional<ExactTree> run();

private:
  struct Leaf {
    double use;
    LeafSet leaf;
  };

  double useOf(const Entry &entry) const {
    double size = entry.weights.size();
    return isCentred ? pricing.vertex(size) : pricing.atLeast({size, 0, 0, size});
  }
  double vertexOf(double ops) const {
    return isCentred ? pricing.vertex(ops) : pricing.atLeast({0, 0, 0, ops});
  }

  /// What can be reached from `start` through leaves that are in `within`.
  LeafSet connectedFrom(LeafSet start, LeafSet within) const;

  /// A step that reads two leaves costs as much as reading either, so at least the sum of what
  /// these are charged: half of their uses, but the dearest all that the second does not take.
  double readOf(const Set &leaf) const;

  /// What the steps outside of `set` cost at least: each reads two of what is there at most, so of
  /// all uses in falling order at least every other one is paid.
  double leastOutside(const Set &set) const;

  /// Whether a set is too dear to be in a tree below the cap; `cost` is that of a way to make it.
  bool isTooDear(const Set &set, double cost) const;

  /// What sorts candidates: two sets whose keys' sum is above `mostOfKeys` are too dear together.
  /// A step reads two operands. Rooted, every leaf is read, and every set: a tree with disjoint
  /// sets costs at least the sum of their shares and half of the uses of all leaves. If costs do
  /// not add up, the key is the cost.
  double keyOf(const Set &set) const {
    if (!pricing.isSum())
      return set.cost;
    return set.cost + (set.use - (isCentred ? 0 : set.usesBelow)) / 2;
  }
  double mostOfKeys() const {
    return isCentred || !pricing.isSum() ? mostBelow : cap - allUses / 2;
  }

  /// Completes a set that has been made: no more ways to make it will come.
  void complete(Set &set) const;

  /// Adds a set that is complete.
  void add(const Set &set);

  /// Finds the leaves outside that would not make `set` larger, and what these and pairs of leaves
  /// say of its vertices.
  void findFittingLeaves(Set &set, const std::vector<Tie> &ties) const;
  void findFittingPairs(Set &set, const std::vector<Tie> &ties) const;

  /// Limits the vertices of `set` by something that makes it smaller by `shrinks` (log2): joining
  /// both takes 2^`joined` multiply-adds, and what else has to be done costs `others`, less what
  /// falls away. Its own vertices have up to 2^(`joined` + `beyond`).
  void limitVertices(Set &set, double joined, double shrinks, double others,
                     double beyond = 0) const;

  /// Whether no best tree has `set`, since it would better have the leaves `added`, too.
  bool isDominatedBy(const Set &set, LeafSet added, uint64_t &looked) const;

  /// Drops sets that are dominated by those of `count` + 1 leaves, the last ones, and what is made
  /// of such. Returns whether to go on.
  bool dropDominated(size_t count);

  /// Makes the lists of the sets of `count` leaves, which are the last ones.
  void sortLayer(size_t count, const OuterProductBound &outer);

  /// Finds the ties of `set`: first what few sets have, and what is much to share.
  void findTies(Set &set);

  /// Leaves that a partner of `set` has if its result has 2^`size` elements or more: what shares
  /// too little makes too many operations. Returns whether there may be one.
  bool requireShare(const Set &set, double size, LeafQuery &query) const;

  /// log2 of the multiply-adds that a step with `set` as an operand may have, rounded up.
  double mostOpsWith(const Set &set) const;

  /// What a product and the step that uses it may cost. A branch's own result counts half only.
  double mostOfProduct() const {
    return isCentred && pricing.isSum() ? mostBelow + pricing.edge(0) : cap;
  }

  /// Finds what `product` has to be joined with below the centre, so that neither factor has so
  /// much beyond it that the outer product does not pay; false if it never does.
  bool findPartners(Set &product, const OuterProductBound &outer) const;

  /// What the product of two sets of a graph costs at least, and what uses it. A product of the
  /// product is larger, and what meets it in the end is larger still. That is connected, or it
  /// would be a product that meets this one, with nothing left for the rest.
  double leastWithin(const OuterProductBound &outer, const Set &a, const Set &b) const;

  /// The sets of `count` leaves. Returns whether to go on.
  bool makeLayer(size_t count, const OuterProductBound &outer, const FloorTable &leastOuter);

  /// log2 of the elements that a partner of `set` has at least. Let the product of A and B be
  /// joined with C. Under `flops`, joining A and C first, or B and C, is cheaper but where |C| >=
  /// |A| |B ∩ C| and |C| >= |B| |A ∩ C|: so 2 |C| >= |A| |B| |C ∩ (A ∪ B)|, log2.
  double leastPartner(const Set &set) const {
    if (!set.isOuter || !countsLegs)
      return 0;
    return std::max(sets[set.lhs].weights.size(), sets[set.rhs].weights.size());
  }

  /// Calls `work(begin, end)` for parts of 0 to `count`, on all threads where that is worth while.
  template <typename Work> void forChunks(size_t count, Work &&work) const {
    constexpr size_t chunk = 16, fewRows = 8 * chunk;
    runJobs((count + chunk - 1) / chunk, count < fewRows ? 1 : threads, [&](uint64_t number) {
      size_t begin = number * chunk;
      work(begin, std::min(begin + chunk, count));
    });
  }

  /// Joins sets of earlier layers; one for each thread.
  class Joiner;

  /// Whether `product`, an outer product of A and B, had better not been made before joining it
  /// with the set `other`: one of (A other) B and (B other) A is cheaper.
  bool isWasteful(const Set &product, uint32_t other, const SetWeights &made) const;

  /// Three sets that have all leaves between them, and which of them has the root.
  struct Centre {
    double cost = infinity;
    double ops = infinity;
    std::array<uint32_t, 3> branches{};
    size_t rootIn = 3;

    bool operator<(const Centre &other) const {
      if (cost != other.cost)
        return cost < other.cost;
      return ops != other.ops ? ops < other.ops : branches < other.branches;
    }
  };
  std::optional<ExactTree> joinAtCentre();
  /// Joins the set `first` and each of `seconds` with what is left, and keeps the best in `best`.
  /// Returns whether to go on.
  bool joinAtCentre(uint32_t first, const Candidates &seconds, Centre &best,
                    Spender &spender) const;
  Centre centreOf(uint32_t a, uint32_t b, uint32_t c, double vertex, double ops) const;
  /// Adds the steps that make the set `number`, and returns its node; the output is joined where
  /// the root is, if that is in this set.
  NodeId addSteps(std::vector<Step> &steps, uint32_t number, bool hasRoot) const;
  /// Of trees over the leaves and the output, which is the last leaf.
  NodeId join(std::vector<Step> &steps, NodeId lhs, NodeId rhs) const {
    steps.push_back({lhs, rhs});
    return static_cast<NodeId>(rooted.leaves.size() + steps.size());
  }

  /// Rounding must not push the known tree itself above the cap.
  static constexpr double slack = 1e-9;

  const ExactProblem &rooted;
  const CostModel &model;
  Groups groups;
  Pricing pricing;
  ExactMeter &meter;
  unsigned threads;
  /// Leaves, with the output where that is one.
  size_t n;
  bool isCentred, hasOutput;
  LeafSet full;
  /// What a tree may cost, and what the sets may that a set is made of.
  double cap, mostBelow;
  FloorTable leastVertex;
  /// Whether a product of A and B is joined with sets that have all of its legs or none. Under
  /// `flops`, where C has all holders of an index of A, joining both first halves the second step
  /// or better; if B has an index beyond C, the first step is no more than half of N C, too, and N
  /// was made for nothing. An index has two elements or more.
  bool countsLegs = false;
  /// Whether, besides, each index has two leaves: then C has all of N.
  bool countsGraph = false;
  /// Whether a tree with a leaf elsewhere costs no more but for the step that joins it: of trees
  /// without a root whose costs add up.
  bool movesLeaves = false;
  /// Whether, besides, multiply-adds count.
  bool limitsVertices = false;
  /// Of the leaves.
  std::vector<Leaf> byUse;
  std::vector<double> leafSizes;
  /// Of leaves a and b that share an index, at a * n + b, where leaves are moved.
  std::vector<SetWeights> pairWeights;
  double allUses = 0, allReads = 0, widestLeaf = 0;
  std::vector<Set> sets;
  /// By number of leaves, the first set.
  std::vector<size_t> firstOf;
  KeptGroups kept;
  SetTable table;
  /// By whether they are outer products and number of leaves; the least key first.
  std::array<std::vector<Shelves>, 2> byShare;
  /// Of the sets that look for partners.
  std::vector<Tie> ties;
  /// The sets that have a leaf.
  std::vector<size_t> setsWith;
  /// By number of leaves, smallest result first.
  std::vector<Candidates> byWidth;
};

} // namespace tenon::planner
