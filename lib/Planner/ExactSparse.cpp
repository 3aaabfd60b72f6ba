//===- ExactSparse.cpp - Optimal trees below the cost of a known one ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactParts.h"

#include "tenon/Planner/Random.h"
#include "tenon/Support/Assert.h"

#include <array>

using namespace tenon::planner;

namespace {

/// A set takes some 200 bytes, a pair some nanoseconds: one limit bounds both.
constexpr uint64_t pairsPerSet = 400;

/// Sets of leaves and the numbers of their entries: a hash table with open addressing.
class SetTable {
public:
  SetTable() : places(1024) {}

  static constexpr uint32_t absent = std::numeric_limits<uint32_t>::max();

  uint32_t find(LeafSet set) const {
    for (size_t place = placeOf(set);; place = (place + 1) & (places.size() - 1))
      if (places[place].set == set || places[place].set == 0)
        return places[place].number;
  }
  /// \pre `set` is not empty, and not in the table.
  void insert(LeafSet set, uint32_t number) {
    if (++count * 2 > places.size()) {
      std::vector<Place> old(places.size() * 2);
      old.swap(places);
      for (const Place &place : old)
        if (place.set)
          put(place);
    }
    put({set, number});
  }

private:
  struct Place {
    LeafSet set = 0;
    uint32_t number = absent;
  };
  size_t placeOf(LeafSet set) const { return mixBits(set) & (places.size() - 1); }
  void put(const Place &added) {
    size_t place = placeOf(added.set);
    while (places[place].set)
      place = (place + 1) & (places.size() - 1);
    places[place] = added;
  }

  std::vector<Place> places;
  size_t count = 0;
};

/// What an outer product and its use cost at least, if it is worth while.
///
/// Let the product N of A and B be joined with C. If a step's cost does not depend on the operands,
/// joining A with C first and then B makes the second step no dearer; so it has to make the first
/// one dearer, and |A ∪ C| >= |A| |B|; for B likewise. With 2^t = the elements of what A or B has
/// beyond C, whichever is more, |C| >= |A| |B| / 2^t and |N ∪ C| >= |A| |B| 2^t. C is a leaf, or
/// was made.
class OuterProductBound {
public:
  OuterProductBound(const CostModel &model, const Pricing &pricing, double largestLeaf)
      : pricing(pricing), isSimple(!pricing.isSum() || model.readsOperands()),
        largestLeaf(largestLeaf) {}

  /// The linear cost of both steps and of C, where |A| |B| = 2^size and t >= `beyond`.
  double leastCost(double size, double beyond = 0) const {
    double made = pricing.atLeast({0, 0, size, size});
    if (isSimple)
      return pricing.join(made, pricing.atLeast({size, 0, 0, size}));
    double least = pricing.atLeast({0, 0, 0, size + std::max(beyond, size - largestLeaf)});
    // The first term falls with t, the second grows: both at the better end of an interval.
    constexpr double interval = 0.25;
    for (double t = beyond; t <= size; t += interval) {
      double ofC = size - std::min(t + interval, size);
      double used = pricing.atLeast({0, 0, 0, size + t});
      if (used >= least)
        break;
      least = std::min(least, pricing.atLeast({0, 0, ofC, ofC}) + used);
    }
    return made + least;
  }

  /// The largest t for which both steps and C cost no more than `limit`; nothing if none.
  std::optional<double> mostBeyond(double size, double limit) const {
    if (isSimple || leastCost(size) > limit)
      return isSimple ? std::optional(infinity) : std::nullopt;
    double low = 0, high = size;
    for (unsigned step = 0; step < 8; ++step) {
      double middle = (low + high) / 2;
      (leastCost(size, middle) <= limit ? low : high) = middle;
    }
    return high;
  }

private:
  const Pricing &pricing;
  bool isSimple;
  double largestLeaf;
};

/// Sets in the order of their number of leaves, each from all pairs that make it.
class SparseSearch {
public:
  SparseSearch(const ExactProblem &problem, const CostModel &model, double upperBound,
               ExactMeter &meter)
      : model(model), groups(problem), pricing(model, upperBound), meter(meter),
        n(problem.leaves.size()), words((groups.count() + 63) / 64),
        full(n == 64 ? ~LeafSet{0} : (LeafSet{1} << n) - 1),
        cap(pricing.relative(upperBound + slack)), byWidth(n + 1) {
    byShare.fill(std::vector<Candidates>(n * (n + 1)));
    for (size_t leaf = 0; leaf < n; ++leaf) {
      Set added;
      added.leaves = LeafSet{1} << leaf;
      added.around = groups.neighbours(leaf);
      added.weights = groups.weightsOf(added.leaves);
      added.cost = added.ops = 0;
      added.use = added.usesBelow = useOf(added);
      allUses += added.use;
      dearestUse = std::max(dearestUse, added.use);
      widestLeaf = std::max(widestLeaf, added.weights.size());
      add(added);
    }
  }

  std::optional<ExactTree> run() {
    OuterProductBound outer(model, pricing, widestLeaf);
    sortLayer(1, 0, outer);
    for (size_t count = 2; count <= n; ++count) {
      size_t first = sets.size();
      for (size_t few = 1; few <= count / 2; ++few)
        if (!joinNeighbours(few, count - few) || !multiply(few, count - few, outer))
          return std::nullopt;
      if (!meter.spend(pairsPerSet * (sets.size() - first)))
        return std::nullopt;
      sortLayer(count, first, outer);
    }
    uint32_t root = table.find(full);
    if (root == SetTable::absent)
      return std::nullopt;
    return treeBelow(
        n, model, root, [&](uint32_t number) -> const Entry & { return sets[number]; },
        [&](uint32_t number) { return number < n ? std::optional<NodeId>(number) : std::nullopt; });
  }

private:
  struct Set : Entry {
    LeafSet leaves = 0;
    /// Leaves outside that share an index with the set.
    LeafSet around = 0;
    /// What the step that uses the set costs at least, and those that used the leaves below.
    double use = 0;
    double usesBelow = 0;
    /// Whether the best way to make it is an outer product.
    bool isOuter = false;
    /// Of an outer product: what it is joined with has all leaves of `needed`, and some of either
    /// set of `choices`.
    LeafSet needed = 0;
    std::array<LeafSet, 2> choices{~LeafSet{0}, ~LeafSet{0}};
    /// log2 of the multiply-adds that a step with this set as an operand may have.
    double mostOps = infinity;

    bool accepts(LeafSet other) const {
      return !(needed & ~other) && (choices[0] & other) && (choices[1] & other);
    }
  };
  /// Sets, sorted: what is looked at of them before they are joined, each by itself, since most are
  /// passed by after a look at their leaves.
  struct Candidates {
    /// What sorts: a share of the least cost, or log2 of the elements.
    std::vector<double> keys;
    std::vector<LeafSet> leaves;
    std::vector<uint32_t> numbers;

    void add(double key, const Set &set, uint32_t number) {
      keys.push_back(key);
      leaves.push_back(set.leaves);
      numbers.push_back(number);
    }
    size_t countUpTo(double key) const {
      return static_cast<size_t>(std::upper_bound(keys.begin(), keys.end(), key) - keys.begin());
    }
  };

  double useOf(const Entry &entry) const {
    double size = entry.weights.size();
    return pricing.atLeast({size, 0, 0, size});
  }

  /// What a set adds to the least cost of a tree in which it is. A step reads two operands, and
  /// every leaf is read, and every set: a tree with disjoint sets costs at least the sum of their
  /// shares and half of the uses of all leaves. If costs do not add up, the share is the cost.
  double shareOf(const Set &set) const {
    return pricing.isSum() ? set.cost + (set.use - set.usesBelow) / 2 : set.cost;
  }
  double mostOfShares() const { return pricing.isSum() ? cap - allUses / 2 : cap; }

  /// Whether a set is too dear to be in a tree below the cap. The step that uses the set reads one
  /// leaf besides at most.
  bool isTooDear(const Set &set) const {
    if (set.leaves == full || !pricing.isSum())
      return set.cost > cap;
    double outside = allUses - set.usesBelow;
    return set.cost + std::max((set.use + outside) / 2, set.use + (outside - dearestUse) / 2) > cap;
  }

  void add(const Set &added) {
    table.insert(added.leaves, static_cast<uint32_t>(sets.size()));
    sets.push_back(added);
    kept.resize(sets.size() * words, 0);
    uint64_t *row = &kept[kept.size() - words];
    groups.forEachKept(added.leaves, [&](size_t group, LeafSet, double) {
      row[group / 64] |= uint64_t{1} << (group % 64);
    });
  }

  /// log2 of the elements of what the results of both sets have.
  double sharedBy(uint32_t a, uint32_t b) const {
    double shared = 0;
    for (size_t w = 0; w < words; ++w)
      for (uint64_t rest = kept[a * words + w] & kept[b * words + w]; rest; rest &= rest - 1)
        shared += groups.weight(w * 64 + static_cast<size_t>(std::countr_zero(rest)));
    return shared;
  }

  /// Makes the lists of the sets of `count` leaves, which are those from `first` on.
  void sortLayer(size_t count, size_t first, const OuterProductBound &outer) {
    std::vector<std::pair<double, uint32_t>> layer;
    for (size_t number = first; number < sets.size(); ++number) {
      Set &set = sets[number];
      if (set.isOuter && !findPartners(set, outer))
        continue;
      set.mostOps = mostOpsWith(set);
      layer.emplace_back(shareOf(set), static_cast<uint32_t>(number));
    }
    std::sort(layer.begin(), layer.end());
    for (auto [share, number] : layer)
      for (LeafSet rest = sets[number].leaves; rest; rest &= rest - 1)
        listOf(sets[number].isOuter, count, rest).add(share, sets[number], number);
    for (auto &[key, number] : layer)
      key = sets[number].weights.size();
    std::sort(layer.begin(), layer.end());
    for (auto [size, number] : layer)
      byWidth[count].add(size, sets[number], number);
  }

  /// The list of sets of `count` leaves, one of which is the lowest of `leaves`.
  Candidates &listOf(bool isOuter, size_t count, LeafSet leaves) {
    return byShare[isOuter][count * n + static_cast<size_t>(std::countr_zero(leaves))];
  }

  /// log2 of the multiply-adds that a step with `set` as an operand may have, rounded up.
  double mostOpsWith(const Set &set) const {
    double left = pricing.isSum() ? cap - set.cost : cap;
    double low = 0, high = 2048;
    if (pricing.atLeast({0, 0, 0, high}) <= left)
      return infinity;
    for (unsigned step = 0; step < 20; ++step) {
      double middle = (low + high) / 2;
      (pricing.atLeast({0, 0, 0, middle}) <= left ? low : high) = middle;
    }
    return high;
  }

  /// Finds what `product` has to be joined with, so that neither factor has so much beyond it that
  /// the outer product does not pay; false if it never does.
  bool findPartners(Set &product, const OuterProductBound &outer) const {
    double below = pricing.join(sets[product.lhs].cost, sets[product.rhs].cost);
    std::optional<double> most = outer.mostBeyond(product.weights.size(), cap - below);
    if (!most)
      return false;
    struct Leg {
      double weight;
      size_t leaf;
    };
    for (size_t side = 0; side < 2; ++side) {
      const Set &factor = sets[side ? product.rhs : product.lhs];
      // What one leaf outside has, or none. What several have may be found in any of them.
      std::array<double, 64> ofLeaf{};
      double beyond = 0;
      groups.forEachKept(factor.leaves, [&](size_t, LeafSet holders, double weight) {
        LeafSet outside = holders & ~product.leaves;
        if (outside == 0)
          beyond += weight;
        else if (std::has_single_bit(outside))
          ofLeaf[static_cast<size_t>(std::countr_zero(outside))] += weight;
      });
      if (beyond > *most)
        return false;
      std::vector<Leg> legs;
      for (LeafSet rest = factor.around & ~product.leaves; rest; rest &= rest - 1) {
        auto leaf = static_cast<size_t>(std::countr_zero(rest));
        legs.push_back({ofLeaf[leaf], leaf});
        if (beyond + ofLeaf[leaf] > *most)
          product.needed |= LeafSet{1} << leaf;
      }
      // Without all of these too much is left: few leaves, since each is looked up.
      std::sort(legs.begin(), legs.end(), [](const Leg &a, const Leg &b) {
        return a.weight != b.weight ? a.weight > b.weight : a.leaf < b.leaf;
      });
      LeafSet chosen = 0;
      for (const Leg &leg : legs) {
        chosen |= LeafSet{1} << leg.leaf;
        beyond += leg.weight;
        if (beyond > *most) {
          product.choices[side] = chosen;
          break;
        }
      }
    }
    return true;
  }

  /// Joins sets of `few` leaves with those of `many` that share an index with them.
  bool joinNeighbours(size_t few, size_t many) {
    for (uint32_t number : byWidth[few].numbers) {
      if (!joinWithList(number, few, many, false))
        return false;
      if (sets[number].isOuter && !joinWithList(number, few, many, true))
        return false;
    }
    if (few < many)
      for (uint32_t number : byWidth[many].numbers)
        if (sets[number].isOuter && !joinWithList(number, many, few, false))
          return false;
    return true;
  }

  /// Joins the set `number` of `own` leaves with those of `other` leaves that share an index with
  /// it and that are, or are not, outer products.
  bool joinWithList(uint32_t number, size_t own, size_t other, bool outerOnes) {
    // A copy: joining adds sets.
    const Set set = sets[number];
    bool bothListed = own == other && set.isOuter == outerOnes;
    double most = mostOfShares() - (pricing.isSum() ? shareOf(set) : 0);
    // Leaves of which a partner has one: as few candidates as may be.
    LeafSet through = set.around;
    size_t shortest = countCandidates(through, other, outerOnes);
    for (LeafSet choice : set.choices)
      if (size_t length = countCandidates(choice & set.around, other, outerOnes);
          length < shortest) {
        through = choice & set.around;
        shortest = length;
      }
    LeafSet excluded = set.leaves;
    for (LeafSet rest = through; rest; rest &= rest - 1) {
      const Candidates &partners = listOf(outerOnes, other, rest);
      size_t count = partners.countUpTo(most);
      for (size_t i = 0; i < count; ++i) {
        if ((partners.leaves[i] & excluded) || !set.accepts(partners.leaves[i]))
          continue;
        uint32_t partner = partners.numbers[i];
        if (bothListed && number > partner)
          continue;
        double ops = set.weights.size() + sets[partner].weights.size() - sharedBy(number, partner);
        if (ops <= std::min(set.mostOps, sets[partner].mostOps))
          join(number, partner, ops, false);
      }
      if (!meter.spend(count + 1))
        return false;
      // Each partner once: through its lowest leaf.
      excluded |= rest & (~rest + 1);
    }
    return true;
  }

  size_t countCandidates(LeafSet through, size_t count, bool outerOnes) {
    size_t sum = 0;
    for (LeafSet rest = through; rest; rest &= rest - 1)
      sum += listOf(outerOnes, count, rest).numbers.size();
    return sum;
  }

  /// Outer products of sets of `few` and of `many` leaves.
  bool multiply(size_t few, size_t many, const OuterProductBound &outer) {
    const Candidates &small = byWidth[few], &large = byWidth[many];
    for (size_t i = 0; i < small.numbers.size(); ++i) {
      const Set set = sets[small.numbers[i]];
      size_t looked = 0;
      for (size_t j = few == many ? i + 1 : 0; j < large.numbers.size(); ++j) {
        ++looked;
        double size = small.keys[i] + large.keys[j], least = outer.leastCost(size);
        if (least > cap)
          break;
        if (large.leaves[j] & (set.leaves | set.around))
          continue;
        double below = pricing.join(set.cost, sets[large.numbers[j]].cost);
        if ((set.leaves | large.leaves[j]) == full || pricing.join(below, least) <= cap)
          join(small.numbers[i], large.numbers[j], size, true);
      }
      if (!meter.spend(looked + 1))
        return false;
    }
    return true;
  }

  /// Joins two sets by a step with `ops` multiply-adds (log2).
  void join(uint32_t a, uint32_t b, double ops, bool isOuter) {
    const Set &lhs = sets[a], &rhs = sets[b];
    if ((lhs.isOuter && !lhs.accepts(rhs.leaves)) || (rhs.isOuter && !rhs.accepts(lhs.leaves)))
      return;
    double below = pricing.join(lhs.cost, rhs.cost);
    // Most are too dear: seen here before anything of the result is known, but that it has what
    // only one of them has.
    double leastResult = 2 * ops - lhs.weights.size() - rhs.weights.size();
    double step = pricing.atLeast({0, 0, leastResult, ops});
    double outside = pricing.isSum() ? (allUses - lhs.usesBelow - rhs.usesBelow) / 2 : 0;
    if (pricing.join(below, step) + outside > cap)
      return;
    LeafSet leaves = lhs.leaves | rhs.leaves;
    uint32_t number = table.find(leaves);
    if (number != SetTable::absent) {
      Set &known = sets[number];
      if (below > known.cost || isWasteful(lhs, rhs, known) || isWasteful(rhs, lhs, known))
        return;
      if (pricing.improve(known, lhs, rhs)) {
        known.lhs = a;
        known.rhs = b;
        known.isOuter = isOuter;
      }
      return;
    }
    Set made;
    made.weights = groups.weightsOf(leaves);
    pricing.improve(made, lhs, rhs);
    made.leaves = leaves;
    made.usesBelow = lhs.usesBelow + rhs.usesBelow;
    made.use = useOf(made);
    if (isTooDear(made) || isWasteful(lhs, rhs, made) || isWasteful(rhs, lhs, made))
      return;
    made.around = (lhs.around | rhs.around) & ~leaves;
    made.lhs = a;
    made.rhs = b;
    made.isOuter = isOuter;
    add(made);
  }

  /// Whether `product`, an outer product of A and B, had better not been made before joining it
  /// with `other`: one of (A other) B and (B other) A is cheaper.
  bool isWasteful(const Set &product, const Set &other, const Set &made) const {
    if (!product.isOuter || !pricing.isSum())
      return false;
    const Set &a = sets[product.lhs], &b = sets[product.rhs];
    double present = pricing.step(sizesOfStep(a.weights, b.weights, product.weights)) +
                     pricing.step(sizesOfStep(product.weights, other.weights, made.weights));
    auto without = [&](const Set &first, const Set &second) {
      SetWeights joined = groups.weightsOf(first.leaves | other.leaves);
      return pricing.step(sizesOfStep(first.weights, other.weights, joined)) +
             pricing.step(sizesOfStep(joined, second.weights, made.weights));
    };
    // Equal ones stay: rounding must not make each look better than the other.
    constexpr double clearly = 1 - 1e-9;
    return std::min(without(a, b), without(b, a)) < present * clearly;
  }

  /// Rounding must not push the known tree itself above the cap.
  static constexpr double slack = 1e-9;

  const CostModel &model;
  Groups groups;
  Pricing pricing;
  ExactMeter &meter;
  size_t n, words;
  LeafSet full;
  double cap;
  /// Of the leaves.
  double allUses = 0, dearestUse = 0, widestLeaf = 0;
  std::vector<Set> sets;
  /// The groups that each set's result keeps, as rows of `words` words.
  std::vector<uint64_t> kept;
  SetTable table;
  /// By whether they are outer products, number of leaves and a leaf; the least share first.
  std::array<std::vector<Candidates>, 2> byShare;
  /// By number of leaves, smallest result first.
  std::vector<Candidates> byWidth;
};

} // namespace

std::optional<ExactTree> tenon::planner::solveSparse(const ExactProblem &problem,
                                                     const CostModel &model, double upperBound,
                                                     ExactMeter &meter) {
  TENON_ASSERT(!problem.leaves.empty() && problem.leaves.size() <= maxSparseLeaves,
               "too many leaves for exact search");
  return SparseSearch(problem, model, upperBound, meter).run();
}
