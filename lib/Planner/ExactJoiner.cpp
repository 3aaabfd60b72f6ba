//===- ExactJoiner.cpp - Sets of leaves from pairs of smaller ones --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactSparse.h"

#include <span>
#include <tuple>

using namespace tenon::planner;

class SparseSearch::Joiner {
public:
  Joiner(const SparseSearch &search, Layer &layer, const OuterProductBound &outer,
         const FloorTable &leastOuter)
      : search(search), pricing(search.pricing), layer(layer), outer(outer), leastOuter(leastOuter),
        spender(search.meter) {}

  /// Joins the set at `place` of those of `few` leaves with those of `many`.
  bool joinRow(size_t place, size_t few, size_t many) {
    uint32_t number = search.byWidth[few].numbers[place];
    const Set &set = search.sets[number];
    return (set.isForCentre || joinWithList(number, few, many, false)) &&
           (set.isForCentre || !set.isOuter || joinWithList(number, few, many, true)) &&
           multiply(place, few, many);
  }

  /// Joins the set `number` of `own` leaves with those of `other` leaves that share an index with
  /// it and that are, or are not, outer products.
  bool joinWithList(uint32_t number, size_t own, size_t other, bool outerOnes) {
    const Set &set = search.sets[number];
    bool bothListed = own == other && set.isOuter == outerOnes;
    double most = search.mostOfKeys() - (pricing.isSum() ? search.keyOf(set) : 0);
    double leastSize = search.leastPartner(set) - rounding;
    const std::vector<Candidates> &shelves = search.byShare[outerOnes][other].shelves;
    for (size_t shelf = 0; shelf < shelves.size(); ++shelf) {
      size_t count = shelves[shelf].countUpTo(most);
      if (count == 0 || Shelves::leastSize(shelf + 1) < leastSize)
        continue;
      LeafQuery query(set.leaves);
      for (LeafSet choice : set.choices)
        query.requireOneOf(choice);
      // Nor has one that is wider enough to share.
      if (!search.requireShare(set, Shelves::leastSize(shelf), query))
        break;
      if (!joinWithCandidates(number, shelves[shelf], count, query, bothListed))
        return false;
    }
    return true;
  }

private:
  /// Joins the set `number` with those of the first `count` that fit `query`.
  bool joinWithCandidates(uint32_t number, const Candidates &partners, size_t count,
                          const LeafQuery &query, bool bothListed) {
    const Set &set = search.sets[number];
    double size = set.weights.size();
    bool counts = set.isOuter && search.countsLegs;
    uint64_t looked = Candidates::pairsToPass(count);
    for (Candidates::Fitting fitting(partners, query, count); fitting; ++fitting) {
      size_t i = *fitting;
      ++looked;
      uint32_t partner = partners.numbers[i];
      if ((bothListed && number > partner) || !set.accepts(partners.leaves[i]))
        continue;
      looked += pairsPerLook;
      Candidates::Width found = partners.widths[i];
      double shared = search.kept.sharedBy(number, partner), ops = size + found.size - shared;
      if (ops > std::min(set.mostOps, found.mostOps) ||
          (counts && 2 * found.size < size + shared - rounding))
        continue;
      if (!join(number, partner, ops))
        return false;
    }
    return spender.spend(looked);
  }

  /// Outer products of a set of `few` leaves with those of `many`.
  bool multiply(size_t place, size_t few, size_t many) {
    const Candidates &small = search.byWidth[few], &large = search.byWidth[many];
    uint32_t number = small.numbers[place];
    const Set &set = search.sets[number];
    auto leastOf = [&](double size) {
      // Nothing uses the whole.
      return few + many == search.n ? pricing.atLeast({0, 0, size, size}) : leastOuter(size);
    };
    // Smaller ones come first.
    auto isCheap = [&](double key) {
      double size = small.keys[place] + key, wider = std::max(small.keys[place], key);
      return size <= set.mostOps && leastOf(size) <= search.cap &&
             (!search.countsGraph ||
              search.leastVertex(size) + search.leastVertex(size + wider) <= search.cap);
    };
    if (large.keys.empty() || !isCheap(large.keys.front()))
      return spender.spend(1);
    auto count = static_cast<size_t>(
        std::partition_point(large.keys.begin(), large.keys.end(), isCheap) - large.keys.begin());
    uint64_t looked = Candidates::pairsToPass(count);
    LeafQuery query(set.leaves | set.around);
    for (Candidates::Fitting fitting(large, query, count); fitting; ++fitting) {
      size_t j = *fitting;
      ++looked;
      double size = small.keys[place] + large.keys[j];
      if ((few == many && j <= place) || size > large.widths[j].mostOps)
        continue;
      const Set &other = search.sets[large.numbers[j]];
      double below = pricing.join(set.cost, other.cost);
      if (pricing.join(below, leastOf(size)) > search.cap ||
          (search.countsGraph && below + search.leastWithin(outer, set, other) > search.cap))
        continue;
      if (!join(number, large.numbers[j], size))
        return false;
    }
    return spender.spend(looked);
  }

  /// Joins two sets by a step with `ops` multiply-adds (log2). Returns whether to go on. What is
  /// spent must not depend on what other threads have done.
  bool join(uint32_t a, uint32_t b, double ops) {
    const Set &lhs = search.sets[a], &rhs = search.sets[b];
    if ((lhs.isOuter && !lhs.accepts(rhs.leaves)) || (rhs.isOuter && !rhs.accepts(lhs.leaves)))
      return true;
    if (!spender.spend(pairsPerJoin))
      return false;
    // Most are too dear: seen here before anything of the result is known, but that it has what
    // only one of them has.
    double below = pricing.join(lhs.cost, rhs.cost);
    if (pricing.join(below, search.leastVertex(ops)) > search.mostBelow)
      return true;
    double leastResult = 2 * ops - lhs.weights.size() - rhs.weights.size();
    double outside = pricing.isSum() ? search.allReads - lhs.readsBelow - rhs.readsBelow : 0;
    if (pricing.join(below, pricing.atLeast({0, 0, leastResult, ops})) + outside > search.cap)
      return true;
    // Each look at all groups takes as long as some pairs.
    if (!spender.spend(search.groups.count() * (1 + 2 * (lhs.isOuter + rhs.isOuter))))
      return false;

    Set made;
    made.leaves = lhs.leaves | rhs.leaves;
    Layer::Part &part = layer.partOf(made.leaves);
    // With the root in either, where no output has it.
    RootPlace place = lhs.rooted.cost + rhs.cost <= lhs.cost + rhs.rooted.cost ? RootPlace::Left
                                                                               : RootPlace::Right;
    double belowRooted = place == RootPlace::Left ? pricing.join(lhs.rooted.cost, rhs.cost)
                                                  : pricing.join(lhs.cost, rhs.rooted.cost);
    bool isKnown = false;
    {
      std::lock_guard lock(part.mutex);
      if (uint32_t number = part.table.find(made.leaves); number != SetTable::absent) {
        const Set &known = part.sets[number];
        if (below > known.cost && (belowRooted == infinity || belowRooted > known.rooted.cost))
          return true;
        made.weights = known.weights;
        isKnown = true;
      }
    }
    if (!isKnown)
      made.weights = search.groups.weightsOf(made.leaves);
    made.usesBelow = lhs.usesBelow + rhs.usesBelow;
    made.readsBelow = lhs.readsBelow + rhs.readsBelow;
    made.use = search.useOf(made);
    StepSizes sizes = sizesOfStep(lhs.weights, rhs.weights, made.weights);
    double step = pricing.step(sizes);
    made.cost = pricing.join(below, step);
    made.ops = lhs.ops + rhs.ops + pricing.relative(sizes.ops);
    made.lhs = std::min(a, b);
    made.rhs = std::max(a, b);
    if (search.isTooDear(made, made.cost) || search.isWasteful(lhs, b, made.weights) ||
        search.isWasteful(rhs, a, made.weights))
      return true;
    if (belowRooted < infinity) {
      bool isInFirst = (place == RootPlace::Left) == (a < b);
      made.rooted = {pricing.join(belowRooted, step), made.lhs, made.rhs,
                     isInFirst ? RootPlace::Left : RootPlace::Right};
    }
    return keep(part, made);
  }

  /// Takes what is better in `made` than in what is known of the same set.
  bool keep(Layer::Part &part, const Set &made) {
    std::lock_guard lock(part.mutex);
    uint32_t number = part.table.find(made.leaves);
    if (number == SetTable::absent) {
      part.table.insert(made.leaves, static_cast<uint32_t>(part.sets.size()));
      part.sets.push_back(made);
      return spender.spend(pairsPerSet);
    }
    // Of equals the lowest numbers, whichever thread came first.
    Set &known = part.sets[number];
    if (std::tie(made.cost, made.ops, made.lhs, made.rhs) <
        std::tie(known.cost, known.ops, known.lhs, known.rhs)) {
      known.cost = made.cost;
      known.ops = made.ops;
      known.lhs = made.lhs;
      known.rhs = made.rhs;
    }
    if (std::tie(made.rooted.cost, made.rooted.lhs, made.rooted.rhs) <
        std::tie(known.rooted.cost, known.rooted.lhs, known.rooted.rhs))
      known.rooted = made.rooted;
    return true;
  }

  static constexpr double rounding = 1e-9;

  const SparseSearch &search;
  const Pricing &pricing;
  Layer &layer;
  const OuterProductBound &outer;
  const FloorTable &leastOuter;
  Spender spender;
};

bool SparseSearch::makeLayer(size_t count, const OuterProductBound &outer,
                             const FloorTable &leastOuter) {
  struct Row {
    size_t few;
    size_t place;
    /// Whether the place is in the list of the larger sets, whose outer products look up what
    /// they need themselves.
    bool isLarger;
  };
  std::vector<Row> rows;
  for (size_t few = 1; few <= count / 2; ++few) {
    for (size_t place = 0; place < byWidth[few].numbers.size(); ++place)
      rows.push_back({few, place, false});
    if (size_t many = count - few; few < many)
      for (size_t place = 0; place < byWidth[many].numbers.size(); ++place)
        if (const Set &set = sets[byWidth[many].numbers[place]]; set.isOuter && !set.isForCentre)
          rows.push_back({few, place, true});
  }
  Layer layer;
  std::atomic<bool> goesOn = true;
  forChunks(rows.size(), [&](size_t begin, size_t end) {
    Joiner joiner(*this, layer, outer, leastOuter);
    for (size_t i = begin; i < end && goesOn.load(std::memory_order_relaxed); ++i) {
      const Row &row = rows[i];
      size_t many = count - row.few;
      bool done = row.isLarger
                      ? joiner.joinWithList(byWidth[many].numbers[row.place], many, row.few, false)
                      : joiner.joinRow(row.place, row.few, many);
      if (!done)
        goesOn = false;
    }
  });
  if (!goesOn || !meter.spend(0))
    return false;
  // Where leaves share hundreds of indices, what fits a set takes as long to find as its pairs.
  std::vector<Set> made = layer.take();
  forChunks(made.size(), [&](size_t begin, size_t end) {
    for (Set &set : std::span(made).subspan(begin, end - begin))
      complete(set);
  });
  for (const Set &set : made)
    add(set);
  firstOf.push_back(sets.size());
  if (!dropDominated(count - 1))
    return false;
  sortLayer(count, outer);
  return true;
}
