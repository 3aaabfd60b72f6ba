//===- DataPlan.cpp - Which values a genome's leaves may have -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/DataPlan.h"

#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Labels.h"

#include <numeric>

namespace tenon::fuzz {
namespace {

/// Steps of magnitudes: 1, 2, …, 8, then four to each doubling, to 2^62.
constexpr unsigned kSteps = 240;
double magnitudeOfStep(unsigned step) {
  return step < 8 ? step + 1 : std::ldexp(4 + step % 4, static_cast<int>(step / 4) - 1);
}

class Planner {
public:
  explicit Planner(const Genome &genome) : genome(genome), nodes(genome.nodes) {
    Shapes shapes = shapesOf(genome);
    for (const Node &node : nodes)
      sums.push_back(isContraction(node) ? labelsOf(node, shapes).sum() : SumSize());
    ranges.resize(nodes.size());
    plan.leaves.resize(nodes.size());
    findDemands();
    findParts();
  }

  DataPlan run() {
    plan.arithmetic = genome.arithmetic;
    if (plan.arithmetic == Arithmetic::Exact && !searchAll(true))
      plan.arithmetic = Arithmetic::Bound;
    if (plan.arithmetic != Arithmetic::Exact)
      searchAll(false);
    return std::move(plan);
  }

private:
  /// What the users of a node, and theirs, ask of its values.
  struct Demand {
    bool isBounded = false, isNonNegative = false;
  };

  void findDemands() {
    demands.resize(nodes.size());
    for (size_t i = nodes.size(); i-- > 0;) {
      const Node &node = nodes[i];
      Demand demand = demands[i];
      if (isContraction(node)) {
        bool isInt = isInteger(node.accumulate);
        if (node.semiring == Semiring::MaxTimes)
          demand.isBounded |= isInt, demand.isNonNegative = true;
        if (isInt && isTropical(node.semiring) && node.operands.size() > 1)
          demand.isBounded = true;
      }
      // A negative integer is a large one when it is read as unsigned.
      if (isInteger(node.element) && node.isUnsigned && demand.isBounded)
        demand.isNonNegative = true;
      for (const Operand &operand : node.operands) {
        demands[operand.node].isBounded |= demand.isBounded;
        demands[operand.node].isNonNegative |= demand.isNonNegative;
      }
    }
  }

  /// Nodes that have leaves or users in common are one part.
  void findParts() {
    parts.resize(nodes.size());
    std::iota(parts.begin(), parts.end(), 0);
    for (size_t i = 0; i < nodes.size(); ++i)
      for (const Operand &operand : nodes[i].operands)
        if (size_t old = parts[operand.node], now = parts[i]; old != now)
          for (size_t &part : parts)
            if (part == old)
              part = now;
  }

  void setDomains(size_t part, bool isExact, unsigned step) {
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (parts[i] != part || !isDataLeaf(nodes[i]))
        continue;
      LeafDomain &domain = plan.leaves[i];
      Element element = nodes[i].element;
      bool isInt = isInteger(element);
      domain.isFree = isInt ? !demands[i].isBounded : !isExact;
      double magnitude = magnitudeOfStep(step);
      if (isInt)
        magnitude = std::fmin(
            magnitude,
            std::ldexp(1.0, static_cast<int>(bitsOf(element)) - !demands[i].isNonNegative) - 1);
      else if (isExact)
        magnitude = std::fmin(magnitude, std::ldexp(1.0, floatRangeOf(element).precision));
      if (element == Element::I1)
        magnitude = 1;
      bool mayBeNegative = !demands[i].isNonNegative && element != Element::I1;
      domain.low = mayBeNegative ? -magnitude : 0;
      domain.high = magnitude;
    }
  }

  bool holds(size_t part, bool isExact, unsigned step) {
    setDomains(part, isExact, step);
    RangeVerdict verdict;
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (parts[i] != part)
        continue;
      ranges[i] = isDataLeaf(nodes[i])
                      ? rangeOfLeaf(nodes[i].element, plan.leaves[i])
                      : rangeOfNode(nodes[i], std::span(nodes).first(i), ranges, sums[i], verdict);
    }
    return verdict.isInSemiring && (!isExact || verdict.isExact);
  }

  /// The largest step with which a part holds; false if there is none.
  bool search(size_t part, bool isExact) {
    if (!holds(part, isExact, 0))
      return false;
    unsigned good = 0, bad = kSteps;
    while (bad - good > 1) {
      unsigned middle = (good + bad) / 2;
      (holds(part, isExact, middle) ? good : bad) = middle;
    }
    setDomains(part, isExact, good);
    return true;
  }

  bool searchAll(bool isExact) {
    bool allHold = true;
    for (size_t i = 0; i < nodes.size(); ++i)
      // A part is named by one of its nodes.
      if (parts[i] == i)
        allHold &= search(i, isExact && !isInteger(nodes[i].element));
    return allHold;
  }

  const Genome &genome;
  std::span<const Node> nodes;
  std::vector<SumSize> sums;
  std::vector<Demand> demands;
  std::vector<size_t> parts;
  std::vector<NodeRange> ranges;
  DataPlan plan;
};

} // namespace

DataPlan planData(const Genome &genome) { return Planner(genome).run(); }

} // namespace tenon::fuzz
