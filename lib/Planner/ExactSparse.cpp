//===- ExactSparse.cpp - Optimal trees below the cost of a known one ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ExactCentre.h"
#include "ExactOuter.h"
#include "ExactSets.h"
#include "Jobs.h"
#include "Preprocess.h"

#include "tenon/Support/Assert.h"

#include <tuple>

using namespace tenon::planner;

namespace {

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
               const CostModel &model, double upperBound, ExactMeter &meter, unsigned threads)
      : rooted(rooted), model(model), groups(problem), pricing(model, upperBound), meter(meter),
        threads(threads), n(problem.leaves.size()), isCentred(isCentred),
        hasOutput(n > rooted.leaves.size()), full(n == 64 ? ~LeafSet{0} : (LeafSet{1} << n) - 1),
        cap(pricing.relative(upperBound + slack)),
        mostBelow(isCentred && pricing.isSum() ? cap / 2 : cap),
        leastVertex(cap, [&](double ops) { return vertexOf(ops); }), kept(groups), byWidth(n + 1) {
    byShare.fill(std::vector<Shelves>(n * (n + 1)));
    shelvesOf.assign(n + 1, 0);
    setsWith.assign(n, 0);
    bool isConnected = connectedFrom(LeafSet{1}, full) == full;
    countsLegs = isCentred && isConnected && isPreprocessingLossless(model);
    bool isGraph = true;
    std::vector<Set> leaves(n);
    for (size_t leaf = 0; leaf < n; ++leaf) {
      Set &added = leaves[leaf];
      added.leaves = LeafSet{1} << leaf;
      added.around = groups.neighbours(leaf);
      added.weights = groups.weightsOf(added.leaves);
      bool isOutput = hasOutput && leaf + 1 == n;
      added.cost = isOutput ? pricing.edge(added.weights.size()) : 0;
      added.ops = 0;
      added.use = added.usesBelow = useOf(added);
      byUse.push_back({added.use, added.leaves});
      widestLeaf = std::max(widestLeaf, added.weights.size());
    }
    std::sort(byUse.begin(), byUse.end(), [](const Leaf &a, const Leaf &b) {
      return a.use != b.use ? a.use > b.use : a.leaf < b.leaf;
    });
    for (Set &added : leaves) {
      added.readsBelow = readOf(added);
      allUses += added.use;
      allReads += added.readsBelow;
      add(added);
      isGraph = isGraph && sets.back().isPlain;
    }
    countsGraph = countsLegs && isGraph;
  }

  std::optional<ExactTree> run() {
    OuterProductBound outer(model, pricing, widestLeaf);
    FloorTable leastOuter(cap, [&](double size) { return outer.leastCost(size); });
    sortLayer(1, 0, outer);
    size_t last = !isCentred ? n : pricing.isSum() ? n - 2 : n / 2;
    for (size_t count = 2; count <= last; ++count)
      if (!makeLayer(count, outer, leastOuter))
        return std::nullopt;
    if (isCentred)
      return joinAtCentre();
    if (sets.back().leaves != full)
      return std::nullopt;
    return treeBelow(
        n, model, static_cast<uint32_t>(sets.size() - 1),
        [&](uint32_t number) -> const Entry & { return sets[number]; },
        [&](uint32_t number) { return number < n ? std::optional<NodeId>(number) : std::nullopt; });
  }

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
  LeafSet connectedFrom(LeafSet start, LeafSet within) const {
    LeafSet found = start;
    for (LeafSet rest = start; rest;) {
      LeafSet added =
          groups.neighbours(static_cast<size_t>(std::countr_zero(rest))) & within & ~found;
      found |= added;
      rest = (rest & (rest - 1)) | added;
    }
    return found;
  }

  /// A step that reads two leaves costs as much as reading either, so at least the sum of what
  /// these are charged: half of their uses, but the dearest all that the second does not take.
  double readOf(const Set &leaf) const {
    bool isDearest = leaf.leaves == byUse[0].leaf;
    return isDearest && n > 1 ? leaf.use - byUse[1].use / 2 : leaf.use / 2;
  }

  /// What the steps outside of `set` cost at least: each reads two of what is there at most, so of
  /// all uses in falling order at least every other one is paid.
  double leastOutside(const Set &set) const {
    double sum = 0, largest = 0;
    size_t count = 0;
    bool isSetCounted = false;
    auto add = [&](double use) {
      sum += count % 2 == 0 ? use : 0;
      largest = std::max(largest, use);
      ++count;
    };
    for (const Leaf &leaf : byUse) {
      if (leaf.leaf & set.leaves)
        continue;
      if (!isSetCounted && leaf.use <= set.use) {
        add(set.use);
        isSetCounted = true;
      }
      add(leaf.use);
    }
    if (!isSetCounted)
      add(set.use);
    // The last vertex of a tree without a root reads three.
    return isCentred && count <= 3 ? largest : sum;
  }

  /// Whether a set is too dear to be in a tree below the cap; `cost` is that of a way to make it.
  bool isTooDear(const Set &set, double cost) const {
    if (set.leaves == full || !pricing.isSum())
      return cost > cap;
    if (isCentred && 2 * cost - pricing.edge(set.weights.size()) > cap)
      return true;
    return cost + leastOutside(set) > cap;
  }

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
  void add(Set set) {
    auto number = static_cast<uint32_t>(sets.size());
    if (isCentred && !hasOutput) {
      // A product of two numbers at the root: reads either side, writes the other and the result.
      double size = set.weights.size();
      double root =
          pricing.join(pricing.join(pricing.vertex(size), pricing.edge(size)), pricing.edge(0));
      double here = pricing.join(set.cost, root);
      if (here <= set.rooted.cost)
        set.rooted = {here, set.lhs, set.rhs, RootPlace::Here};
    }
    if (!std::has_single_bit(set.leaves)) {
      const Set &lhs = sets[set.lhs], &rhs = sets[set.rhs];
      set.around = (lhs.around | rhs.around) & ~set.leaves;
      bool isOneWay = set.rooted.place == RootPlace::Here ||
                      (set.rooted.lhs == set.lhs && set.rooted.rhs == set.rhs);
      set.isOuter = isOneWay && !(lhs.around & rhs.leaves);
    }
    set.isPlain = true;
    groups.forEachKept(set.leaves, [&](size_t, LeafSet holders, double) {
      LeafSet outside = holders & ~set.leaves;
      if (std::has_single_bit(outside))
        set.legs |= outside;
      else
        set.isPlain = false;
    });
    table.insert(set.leaves, number);
    kept.add(groups, set.leaves);
    sets.push_back(set);
  }

  /// Makes the lists of the sets of `count` leaves, which are those from `first` on.
  void sortLayer(size_t count, size_t first, const OuterProductBound &outer) {
    std::vector<std::pair<double, uint32_t>> layer;
    for (size_t number = first; number < sets.size(); ++number) {
      Set &set = sets[number];
      if (set.isOuter && !findPartners(set, outer))
        continue;
      set.mostOps = mostOpsWith(set);
      for (LeafSet rest = set.leaves; rest; rest &= rest - 1)
        ++setsWith[static_cast<size_t>(std::countr_zero(rest))];
      layer.emplace_back(keyOf(set), static_cast<uint32_t>(number));
    }
    std::sort(layer.begin(), layer.end());
    for (auto [share, number] : layer) {
      Set &set = sets[number];
      findCovers(set);
      for (LeafSet rest = set.isForCentre ? 0 : set.leaves; rest; rest &= rest - 1) {
        Shelves &shelves = listOf(set.isOuter, count, rest);
        shelves.add(share, set, number);
        shelvesOf[count] = std::max(shelvesOf[count], shelves.shelves.size());
      }
    }
    for (auto &[key, number] : layer)
      key = sets[number].weights.size();
    std::sort(layer.begin(), layer.end());
    for (auto [size, number] : layer)
      byWidth[count].add(size, sets[number], number);
  }

  /// The list of sets of `count` leaves, one of which is the lowest of `leaves`.
  Shelves &listOf(bool isOuter, size_t count, LeafSet leaves) {
    return byShare[isOuter][count * n + static_cast<size_t>(std::countr_zero(leaves))];
  }
  const Shelves &listOf(bool isOuter, size_t count, LeafSet leaves) const {
    return byShare[isOuter][count * n + static_cast<size_t>(std::countr_zero(leaves))];
  }

  /// Takes leaf after leaf from those around `set`: first what many sets have, and what keeps
  /// little of the set from being shared.
  void findCovers(Set &set) {
    set.covers = covers.size();
    std::vector<std::pair<LeafSet, double>> shared;
    groups.forEachKept(set.leaves, [&](size_t, LeafSet holders, double weight) {
      shared.emplace_back(holders & ~set.leaves, weight);
    });
    double beyond = 0;
    LeafSet left = set.around;
    covers.push_back({left, beyond});
    while (left) {
      // What can be shared without each leaf, beside what already can.
      std::array<double, 64> added{};
      for (auto [holders, weight] : shared)
        if ((holders & ~left) == 0)
          for (LeafSet rest = holders; rest; rest &= rest - 1)
            added[static_cast<size_t>(std::countr_zero(rest))] += weight;
      auto worth = [&](size_t leaf) {
        constexpr double little = 0.1;
        return static_cast<double>(setsWith[leaf]) / (added[leaf] + little);
      };
      auto taken = static_cast<size_t>(std::countr_zero(left));
      for (LeafSet rest = left; rest; rest &= rest - 1)
        if (auto leaf = static_cast<size_t>(std::countr_zero(rest)); worth(leaf) > worth(taken))
          taken = leaf;
      left &= ~(LeafSet{1} << taken);
      beyond += added[taken];
      covers.push_back({left, beyond});
    }
  }

  /// Leaves of which a partner of `set` has one if its result has 2^`size` elements or more: what
  /// shares too little makes too many operations.
  LeafSet coverFor(const Set &set, double size) const {
    constexpr double rounding = 1e-9;
    double needed = set.weights.size() + size - set.mostOps - rounding;
    const Cover *cover = &covers[set.covers];
    while (cover->leaves && cover[1].beyond < needed)
      ++cover;
    return cover->leaves;
  }

  /// log2 of the multiply-adds that a step with `set` as an operand may have, rounded up.
  double mostOpsWith(const Set &set) const {
    double left = pricing.isSum() ? mostBelow - set.cost : mostBelow;
    double low = 0, high = 2048;
    if (vertexOf(high) <= left)
      return infinity;
    for (unsigned step = 0; step < 20; ++step) {
      double middle = (low + high) / 2;
      (vertexOf(middle) <= left ? low : high) = middle;
    }
    return high;
  }

  /// What a product and the step that uses it may cost. A branch's own result counts half only.
  double mostOfProduct() const {
    return isCentred && pricing.isSum() ? mostBelow + pricing.edge(0) : cap;
  }

  /// Finds what `product` has to be joined with below the centre, so that neither factor has so
  /// much beyond it that the outer product does not pay; false if it never does.
  bool findPartners(Set &product, const OuterProductBound &outer) const {
    const Set &lhs = sets[product.lhs], &rhs = sets[product.rhs];
    double below = pricing.join(lhs.cost, rhs.cost), size = product.weights.size();
    if (countsLegs && lhs.legs && rhs.legs)
      product.bundle = product.legs;
    if (countsGraph) {
      // Products of this product may meet what has all of their legs at the centre.
      product.isForCentre = below + leastWithin(outer, lhs, rhs) > mostOfProduct();
      return true;
    }
    std::optional<double> most = outer.mostBeyond(size, mostOfProduct() - below);
    if (!most)
      return false;
    // Legs are summed up in another order than `size` was.
    *most += slack;
    struct Leg {
      double weight;
      size_t leaf;
    };
    for (size_t side = 0; side < 2; ++side) {
      const Set &factor = side ? rhs : lhs;
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

  /// What the product of two sets of a graph costs at least, and what uses it. A product of the
  /// product is larger, and what meets it in the end is larger still. That is connected, or it
  /// would be a product that meets this one, with nothing left for the rest.
  double leastWithin(const OuterProductBound &outer, const Set &a, const Set &b) const {
    double size = a.weights.size() + b.weights.size();
    LeafSet around = a.around | b.around, lowest = around & (~around + 1);
    if (around & ~connectedFrom(lowest, full & ~(a.leaves | b.leaves)))
      return infinity;
    std::optional<double> leaf;
    if (around == lowest)
      leaf = sets[static_cast<size_t>(std::countr_zero(lowest))].weights.size();
    return outer.leastCostWithin(size, std::max(a.weights.size(), b.weights.size()), leaf);
  }

  /// The sets of `count` leaves. Returns whether to go on.
  bool makeLayer(size_t count, const OuterProductBound &outer, const FloorTable &leastOuter);

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
  /// with `other`: one of (A other) B and (B other) A is cheaper.
  bool isWasteful(const Set &product, const Set &other, const SetWeights &made) const {
    if (!product.isOuter || !pricing.isSum())
      return false;
    const Set &a = sets[product.lhs], &b = sets[product.rhs];
    double present = pricing.step(sizesOfStep(a.weights, b.weights, product.weights)) +
                     pricing.step(sizesOfStep(product.weights, other.weights, made));
    auto without = [&](const Set &first, const Set &second) {
      SetWeights joined = groups.weightsOf(first.leaves | other.leaves);
      return pricing.step(sizesOfStep(first.weights, other.weights, joined)) +
             pricing.step(sizesOfStep(joined, second.weights, made));
    };
    // Equal ones stay: rounding must not make each look better than the other.
    constexpr double clearly = 1 - 1e-9;
    return std::min(without(a, b), without(b, a)) < present * clearly;
  }

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
  /// Of the leaves.
  std::vector<Leaf> byUse;
  double allUses = 0, allReads = 0, widestLeaf = 0;
  std::vector<Set> sets;
  KeptGroups kept;
  SetTable table;
  /// By whether they are outer products, number of leaves and a leaf; the least key first.
  std::array<std::vector<Shelves>, 2> byShare;
  /// The most shelves of any list of sets of so many leaves.
  std::vector<size_t> shelvesOf;
  /// Of each set that looks for partners: the leaves around it, and fewer and fewer of them.
  std::vector<Cover> covers;
  /// The sets that have a leaf.
  std::vector<size_t> setsWith;
  /// By number of leaves, smallest result first.
  std::vector<Candidates> byWidth;
};

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
    for (size_t shelf = 0; shelf < search.shelvesOf[other]; ++shelf) {
      LeafSet excluded = set.leaves;
      LeafSet through = leavesOfPartners(set, other, outerOnes, shelf);
      for (LeafSet rest = through; rest; rest &= rest - 1) {
        const std::vector<Candidates> &shelves = search.listOf(outerOnes, other, rest).shelves;
        if (shelf < shelves.size() &&
            !joinWithCandidates(number, shelves[shelf], most, excluded, bothListed))
          return false;
        // Each partner once: through its lowest leaf.
        excluded |= rest & (~rest + 1);
      }
    }
    return true;
  }

private:
  /// Joins the set `number` with those whose keys are `most` at most and that have none of
  /// `excluded`.
  bool joinWithCandidates(uint32_t number, const Candidates &partners, double most,
                          LeafSet excluded, bool bothListed) {
    const Set &set = search.sets[number];
    double size = set.weights.size();
    size_t count = partners.countUpTo(most);
    uint64_t looked = count + 1;
    for (size_t i = 0; i < count; ++i) {
      if ((partners.leaves[i] & excluded) || !set.accepts(partners.leaves[i]))
        continue;
      uint32_t partner = partners.numbers[i];
      if (bothListed && number > partner)
        continue;
      Candidates::Width found = partners.widths[i];
      double ops = size + found.size - search.kept.sharedBy(number, partner);
      looked += pairsPerLook;
      if (ops <= std::min(set.mostOps, found.mostOps) && !join(number, partner, ops))
        return false;
    }
    return spender.spend(looked);
  }

  /// Leaves of which every partner of `set` on a shelf has one: as few candidates as may be.
  LeafSet leavesOfPartners(const Set &set, size_t count, bool outerOnes, size_t shelf) const {
    LeafSet through = search.coverFor(set, Shelves::leastSize(shelf));
    if (!set.isOuter)
      return through;
    size_t shortest = countCandidates(through, count, outerOnes, shelf);
    auto offer = [&](LeafSet leaves) {
      if (size_t length = countCandidates(leaves, count, outerOnes, shelf); length < shortest) {
        through = leaves;
        shortest = length;
      }
    };
    for (LeafSet choice : set.choices)
      offer(choice & set.around);
    for (LeafSet rest = set.needed; rest; rest &= rest - 1)
      offer(rest & (~rest + 1));
    for (LeafSet rest = set.bundle; rest; rest &= rest - 1)
      offer((rest & (~rest + 1)) | (set.isPlain ? 0 : set.around & ~set.bundle));
    return through;
  }

  size_t countCandidates(LeafSet through, size_t count, bool outerOnes, size_t shelf) const {
    size_t sum = 0;
    for (LeafSet rest = through; rest; rest &= rest - 1) {
      const std::vector<Candidates> &shelves = search.listOf(outerOnes, count, rest).shelves;
      sum += shelf < shelves.size() ? shelves[shelf].numbers.size() : 0;
    }
    return sum;
  }

  /// Outer products of a set of `few` leaves with those of `many`.
  bool multiply(size_t place, size_t few, size_t many) {
    const Candidates &small = search.byWidth[few], &large = search.byWidth[many];
    const Set &set = search.sets[small.numbers[place]];
    LeafSet near = set.leaves | set.around;
    size_t looked = 0;
    for (size_t j = few == many ? place + 1 : 0; j < large.numbers.size(); ++j) {
      ++looked;
      double size = small.keys[place] + large.keys[j];
      // Nothing uses the whole.
      double least =
          few + many == search.n ? pricing.atLeast({0, 0, size, size}) : leastOuter(size);
      if (least > search.cap)
        break;
      double wider = std::max(small.keys[place], large.keys[j]);
      if (search.countsGraph &&
          search.leastVertex(size) + search.leastVertex(size + wider) > search.cap)
        break;
      if (large.leaves[j] & near)
        continue;
      const Set &other = search.sets[large.numbers[j]];
      double below = pricing.join(set.cost, other.cost);
      if (pricing.join(below, least) > search.cap)
        continue;
      if (search.countsGraph && below + search.leastWithin(outer, set, other) > search.cap)
        continue;
      if (!join(small.numbers[place], large.numbers[j], size))
        return false;
    }
    return spender.spend(looked + 1);
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
    if (search.isTooDear(made, made.cost) || search.isWasteful(lhs, rhs, made.weights) ||
        search.isWasteful(rhs, lhs, made.weights))
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
  size_t first = sets.size();
  for (const Set &made : layer.take())
    add(made);
  sortLayer(count, first, outer);
  return true;
}

SparseSearch::Centre SparseSearch::centreOf(uint32_t a, uint32_t b, uint32_t c, double vertex,
                                            double ops) const {
  Centre found;
  found.branches = {a, b, c};
  const Set &x = sets[a], &y = sets[b], &z = sets[c];
  found.ops = x.ops + y.ops + z.ops + ops;
  if (hasOutput) {
    found.cost = pricing.join(pricing.join(x.cost, y.cost), pricing.join(z.cost, vertex));
    return found;
  }
  for (size_t place = 0; place < 3; ++place) {
    auto costOf = [&](const Set &set, size_t own) {
      return own == place ? set.rooted.cost : set.cost;
    };
    double cost =
        pricing.join(pricing.join(costOf(x, 0), costOf(y, 1)), pricing.join(costOf(z, 2), vertex));
    if (cost < found.cost) {
      found.cost = cost;
      found.rootIn = place;
    }
  }
  return found;
}

std::optional<ExactTree> SparseSearch::joinAtCentre() {
  // Each three once: the first has a certain leaf, the second a certain one of the rest.
  std::vector<Candidates> having(n);
  std::vector<std::pair<double, uint32_t>> byCost;
  for (uint32_t number = 0; number < sets.size(); ++number)
    byCost.emplace_back(sets[number].cost, number);
  std::sort(byCost.begin(), byCost.end());
  for (auto [cost, number] : byCost)
    for (LeafSet rest = sets[number].leaves; rest; rest &= rest - 1)
      having[static_cast<size_t>(std::countr_zero(rest))].add(cost, sets[number], number);
  auto rarestOf = [&](LeafSet leaves) {
    auto rarest = static_cast<size_t>(std::countr_zero(leaves));
    for (LeafSet rest = leaves; rest; rest &= rest - 1)
      if (auto leaf = static_cast<size_t>(std::countr_zero(rest));
          having[leaf].numbers.size() < having[rarest].numbers.size())
        rarest = leaf;
    return rarest;
  };

  const std::vector<uint32_t> &firsts = having[rarestOf(full)].numbers;
  std::atomic<bool> goesOn = true;
  std::mutex mutex;
  Centre best;
  forChunks(firsts.size(), [&](size_t begin, size_t end) {
    Spender spender(meter);
    Centre found;
    for (size_t i = begin; i < end && goesOn.load(std::memory_order_relaxed); ++i) {
      uint32_t first = firsts[i];
      const Set &x = sets[first];
      LeafSet others = full & ~x.leaves;
      if (std::popcount(others) < 2)
        continue;
      const Candidates &seconds = having[rarestOf(others)];
      double most = pricing.isSum() ? cap - x.cost - x.use : cap;
      size_t count = seconds.countUpTo(most);
      uint64_t looked = count + 1;
      for (size_t j = 0; j < count; ++j) {
        LeafSet third = others & ~seconds.leaves[j];
        if ((seconds.leaves[j] & x.leaves) || third == 0)
          continue;
        uint32_t second = seconds.numbers[j];
        looked += pairsPerLook;
        double below = pricing.join(x.cost, seconds.keys[j]);
        double ops = x.weights.size() + seconds.widths[j].size - kept.sharedBy(first, second);
        if (pricing.join(below, leastVertex(ops)) > cap)
          continue;
        looked += pairsPerJoin;
        uint32_t last = table.find(third);
        if (last == SetTable::absent)
          continue;
        found = std::min(found,
                         centreOf(first, second, last, pricing.vertex(ops), pricing.relative(ops)));
      }
      if (!spender.spend(looked))
        goesOn = false;
    }
    std::lock_guard lock(mutex);
    best = std::min(best, found);
  });
  if (!goesOn || !meter.spend(0) || best.cost > cap)
    return std::nullopt;

  std::vector<Step> steps;
  std::array<NodeId, 3> nodes{};
  for (size_t place = 0; place < 3; ++place)
    nodes[place] = addSteps(steps, best.branches[place], best.rootIn == place);
  join(steps, join(steps, nodes[0], nodes[1]), nodes[2]);
  return rootedAtOutput(std::move(steps), rooted, model);
}

NodeId SparseSearch::addSteps(std::vector<Step> &steps, uint32_t number, bool hasRoot) const {
  const Set &set = sets[number];
  RootPlace place = set.rooted.place;
  NodeId node = number;
  if (number >= n) {
    bool isBelow = hasRoot && place != RootPlace::Here;
    auto [lhs, rhs] =
        isBelow ? std::pair(set.rooted.lhs, set.rooted.rhs) : std::pair(set.lhs, set.rhs);
    NodeId left = addSteps(steps, lhs, isBelow && place == RootPlace::Left);
    NodeId right = addSteps(steps, rhs, isBelow && place == RootPlace::Right);
    node = join(steps, left, right);
  }
  if (hasRoot && place == RootPlace::Here)
    node = join(steps, node, static_cast<NodeId>(rooted.leaves.size()));
  return node;
}

} // namespace

std::optional<ExactTree> tenon::planner::solveSparse(const ExactProblem &problem,
                                                     const CostModel &model, double upperBound,
                                                     ExactMeter &meter, unsigned threads) {
  TENON_ASSERT(!problem.leaves.empty() && problem.leaves.size() <= maxSparseLeaves,
               "too many leaves for exact search");
  if (model.isSeparable()) {
    ExactProblem unrooted = withOutputAsLeaf(problem);
    if (size_t n = unrooted.leaves.size(); n >= 4 && n <= maxSparseLeaves)
      return SparseSearch(problem, unrooted, true, model, upperBound, meter, threads).run();
  }
  return SparseSearch(problem, problem, false, model, upperBound, meter, threads).run();
}
