//===- ExactSparse.cpp - Optimal trees below the cost of a known one ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactParts.h"

#include "tenon/Planner/Random.h"
#include "tenon/Support/Assert.h"

using namespace tenon::planner;

namespace {

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
/// one dearer, and |A ∪ C| >= |A| |B|. With t = log2 of what A or B has beyond C, the smaller of the
/// two, this is |C| >= |A| |B| / 2^t, and |N ∪ C| >= |A| |B| 2^t. C is a leaf, or was made.
class OuterProductBound {
public:
  OuterProductBound(const CostModel &model, const Pricing &pricing, double largestLeaf)
      : pricing(pricing), isSimple(!pricing.isSum() || model.readsOperands()),
        largestLeaf(largestLeaf) {}

  /// log2 of |A| |B|, to linear cost.
  double leastCost(double size) const {
    double made = pricing.step({0, 0, size, size});
    if (isSimple)
      return pricing.join(made, pricing.step({size, 0, 0, size}));
    double least = pricing.step({0, 0, 0, size + std::max(0.0, size - largestLeaf)});
    // The first term falls with t, the second grows: both at the better end of an interval.
    constexpr double interval = 0.5;
    for (double t = 0; t < size; t += interval) {
      double ofC = size - std::min(t + interval, size);
      double used = pricing.step({0, 0, 0, size + t});
      if (used >= least)
        break;
      least = std::min(least, pricing.step({0, 0, ofC, ofC}) + used);
    }
    return made + least;
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
        n(problem.leaves.size()), full(n == 64 ? ~LeafSet{0} : (LeafSet{1} << n) - 1),
        cap(pricing.relative(upperBound + slack)), byCost(n * (n + 1)), byWidth(n + 1) {
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
    sortLayer(1, 0);
    for (size_t count = 2; count <= n; ++count) {
      size_t first = sets.size();
      for (size_t few = 1; few <= count / 2; ++few)
        if (!joinNeighbours(few, count - few) || !multiply(few, count - few, outer))
          return std::nullopt;
      sortLayer(count, first);
    }
    uint32_t root = table.find(full);
    if (root == SetTable::absent)
      return std::nullopt;
    return treeBelow(
        n, model, root, [&](uint32_t number) -> const Entry & { return sets[number]; },
        [&](uint32_t number) {
          return number < n ? std::optional<NodeId>(number) : std::nullopt;
        });
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
  };
  /// What is looked at of a set before it is joined.
  struct Candidate {
    LeafSet leaves;
    /// The cost, or the size.
    double key;
    uint32_t number;
  };
  using Candidates = std::vector<Candidate>;

  double useOf(const Entry &entry) const {
    double size = entry.weights.size();
    return pricing.step({size, 0, 0, size});
  }

  /// What the steps above a set cost at least: each step reads two operands, and every leaf outside
  /// the set is read, and the set.
  double leastAbove(const Set &set) const {
    if (set.leaves == full || !pricing.isSum())
      return 0;
    double outside = allUses - set.usesBelow;
    return std::max((set.use + outside) / 2, set.use + (outside - dearestUse) / 2);
  }

  void add(const Set &added) {
    table.insert(added.leaves, static_cast<uint32_t>(sets.size()));
    sets.push_back(added);
  }

  /// Makes the lists of the sets of `count` leaves, which are those from `first` on.
  void sortLayer(size_t count, size_t first) {
    auto byKey = [](const Candidate &a, const Candidate &b) {
      return a.key != b.key ? a.key < b.key : a.number < b.number;
    };
    Candidates layer;
    for (size_t number = first; number < sets.size(); ++number)
      layer.push_back({sets[number].leaves, sets[number].cost, static_cast<uint32_t>(number)});
    std::sort(layer.begin(), layer.end(), byKey);
    for (const Candidate &candidate : layer)
      for (LeafSet rest = candidate.leaves; rest; rest &= rest - 1)
        byCost[count * n + static_cast<size_t>(std::countr_zero(rest))].push_back(candidate);
    for (Candidate &candidate : layer)
      candidate.key = sets[candidate.number].weights.size();
    std::sort(layer.begin(), layer.end(), byKey);
    byWidth[count] = std::move(layer);
  }

  /// Joins all sets of `few` leaves with those of `many` that share an index with them.
  bool joinNeighbours(size_t few, size_t many) {
    for (const Candidate &candidate : byWidth[few]) {
      LeafSet leaves = candidate.leaves, around = sets[candidate.number].around;
      double left = pricing.isSum() ? cap - sets[candidate.number].cost : cap;
      for (LeafSet rest = around; rest; rest &= rest - 1) {
        // Each partner once: through its lowest leaf around the set.
        LeafSet excluded = leaves | (around & ~rest);
        const Candidates &partners = byCost[many * n + static_cast<size_t>(std::countr_zero(rest))];
        size_t looked = 0;
        for (const Candidate &partner : partners) {
          if (partner.key > left)
            break;
          ++looked;
          if (!(partner.leaves & excluded) && (few < many || candidate.number < partner.number))
            join(candidate.number, partner.number, false);
        }
        if (!meter.spend(looked + 1))
          return false;
      }
    }
    return true;
  }

  /// Outer products of sets of `few` and of `many` leaves.
  bool multiply(size_t few, size_t many, const OuterProductBound &outer) {
    for (const Candidate &candidate : byWidth[few]) {
      const LeafSet leaves = candidate.leaves, around = sets[candidate.number].around;
      const double cost = sets[candidate.number].cost;
      size_t looked = 0;
      for (const Candidate &partner : byWidth[many]) {
        ++looked;
        double size = candidate.key + partner.key;
        if (outer.leastCost(size) > cap)
          break;
        if ((partner.leaves & (leaves | around)) ||
            (few == many && partner.number < candidate.number))
          continue;
        double below = pricing.join(cost, sets[partner.number].cost);
        if ((leaves | partner.leaves) == full ||
            pricing.join(below, outer.leastCost(size)) <= cap)
          join(candidate.number, partner.number, true);
      }
      if (!meter.spend(looked))
        return false;
    }
    return true;
  }

  void join(uint32_t a, uint32_t b, bool isOuter) {
    const Set &lhs = sets[a], &rhs = sets[b];
    double below = pricing.join(lhs.cost, rhs.cost);
    if (pricing.join(below, std::max(lhs.use, rhs.use)) > cap)
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
    if (pricing.join(made.cost, leastAbove(made)) > cap || isWasteful(lhs, rhs, made) ||
        isWasteful(rhs, lhs, made))
      return;
    made.around = (lhs.around | rhs.around) & ~leaves;
    made.lhs = a;
    made.rhs = b;
    made.isOuter = isOuter;
    add(made);
  }

  /// Whether `product`, an outer product of A and B, had better not been made before joining it with
  /// `other`: one of (A other) B and (B other) A is cheaper.
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
  size_t n;
  LeafSet full;
  double cap;
  double allUses = 0, dearestUse = 0, widestLeaf = 0;
  std::vector<Set> sets;
  SetTable table;
  /// By number of leaves and by a leaf, cheapest first.
  std::vector<Candidates> byCost;
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
