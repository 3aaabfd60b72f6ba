//===- Reduce.cpp - Makes genomes smaller that show a fault ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Reduce.h"

#include "Dimensions.h"
#include "Plainness.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

using namespace tenon::fuzz;

/// Leaves out nodes that no result needs, and gives the others their new numbers.
static void dropUnusedNodes(Genome &genome) {
  std::vector<bool> isUsed(genome.nodes.size());
  for (uint16_t result : genome.results)
    if (result < isUsed.size())
      isUsed[result] = true;
  for (size_t number = genome.nodes.size(); number-- > 0;)
    if (isUsed[number])
      for (const Operand &operand : genome.nodes[number].operands)
        if (operand.node < number)
          isUsed[operand.node] = true;
  std::vector<uint16_t> numbers;
  std::vector<Node> kept;
  for (size_t number = 0; number < genome.nodes.size(); ++number) {
    numbers.push_back(static_cast<uint16_t>(kept.size()));
    if (isUsed[number])
      kept.push_back(std::move(genome.nodes[number]));
  }
  for (Node &node : kept)
    for (Operand &operand : node.operands)
      if (operand.node < numbers.size())
        operand.node = numbers[operand.node];
  for (uint16_t &result : genome.results)
    if (result < numbers.size())
      result = numbers[result];
  genome.nodes = std::move(kept);
}

static void replaceUses(Genome &genome, uint16_t from, uint16_t to) {
  for (Node &node : genome.nodes)
    for (Operand &operand : node.operands)
      if (operand.node == from)
        operand.node = to;
  std::replace(genome.results.begin(), genome.results.end(), from, to);
}

namespace {
class Reducer {
public:
  Reducer(const Interesting &isInteresting, const ReductionOptions &options)
      : isInteresting(isInteresting), options(options) {}

  Reduction run(const Genome &start);

private:
  bool isSpent() const { return executions >= options.executions; }
  bool execute(const Genome &genome);
  /// Takes the candidate in place of what is there when it is simpler and interesting.
  bool attempt(Genome candidate);
  /// The same for a change of what is there.
  template <typename Change> bool attemptChange(Change &&change) {
    Genome candidate = best;
    change(candidate);
    return attempt(std::move(candidate));
  }

  template <typename T> void removeParts(std::vector<T> Genome::*list, size_t least);
  void removeNodes();
  bool removeNode(size_t number);
  void removeOperands();
  void removeDimensions();
  void shrinkExtents();
  void simplifyTypes();
  void simplifyNodes();
  void simplifyNode(size_t number);
  void simplifyNumbers(size_t number);
  void simplifyPasses();
  void simplifyData();

  const Interesting &isInteresting;
  const ReductionOptions &options;
  Genome best;
  Complexity complexity{};
  std::unordered_set<uint64_t> tried;
  uint64_t executions = 0;
};
} // namespace

bool Reducer::execute(const Genome &genome) {
  ++executions;
  return isInteresting(genome);
}

bool Reducer::attempt(Genome candidate) {
  if (isSpent())
    return false;
  dropUnusedNodes(candidate);
  repair(candidate, options.limits);
  Complexity simpler = complexityOf(candidate);
  if (simpler >= complexity || !tried.insert(hashGenome(candidate)).second || !execute(candidate))
    return false;
  best = std::move(candidate);
  complexity = simpler;
  return true;
}

/// Delta debugging without its complements of complements: parts are left out, halves first.
template <typename T> void Reducer::removeParts(std::vector<T> Genome::*list, size_t least) {
  for (size_t width = (best.*list).size(); width > 0; width /= 2) {
    size_t begin = 0;
    while (begin < (best.*list).size() && (best.*list).size() > least) {
      size_t end = std::min(begin + width, (best.*list).size());
      bool isRemoved =
          (best.*list).size() - (end - begin) >= least && attemptChange([&](Genome &candidate) {
            auto &parts = candidate.*list;
            parts.erase(parts.begin() + static_cast<ptrdiff_t>(begin),
                        parts.begin() + static_cast<ptrdiff_t>(end));
          });
      if (!isRemoved)
        begin = end;
    }
  }
}

/// In place of the node: one of its operands, an argument of its shape, or an earlier leaf.
bool Reducer::removeNode(size_t number) {
  const Node node = best.nodes[number];
  if (node.kind != NodeKind::Argument) {
    bool isLeaf = attemptChange([&](Genome &candidate) {
      Node argument;
      argument.element = node.element;
      argument.isUnsigned = node.isUnsigned;
      argument.extents = shapesOf(candidate)[number];
      candidate.nodes[number] = std::move(argument);
    });
    if (isLeaf)
      return true;
  }
  std::vector<uint16_t> substitutes;
  auto propose = [&](size_t other) {
    auto substitute = static_cast<uint16_t>(other);
    if (other < number &&
        std::find(substitutes.begin(), substitutes.end(), substitute) == substitutes.end())
      substitutes.push_back(substitute);
  };
  for (const Operand &operand : node.operands)
    propose(operand.node);
  for (size_t other = 0; other < number; ++other)
    if (best.nodes[other].kind == NodeKind::Argument)
      propose(other);
  for (uint16_t substitute : substitutes)
    if (attemptChange([&](Genome &candidate) {
          replaceUses(candidate, static_cast<uint16_t>(number), substitute);
        }))
      return true;
  return false;
}

void Reducer::removeNodes() {
  for (size_t number = best.nodes.size(); number-- > 0;)
    // Several nodes may have gone at once.
    while (number < best.nodes.size() && removeNode(number))
      ;
}

void Reducer::removeOperands() {
  for (size_t number = 0; number < best.nodes.size(); ++number)
    for (size_t i = 0; number < best.nodes.size() && i < best.nodes[number].operands.size();) {
      bool isRemoved =
          best.nodes[number].operands.size() > 1 && attemptChange([&](Genome &candidate) {
            Node &node = candidate.nodes[number];
            node.operands.erase(node.operands.begin() + static_cast<ptrdiff_t>(i));
            node.path.clear();
          });
      if (!isRemoved)
        ++i;
    }
}

void Reducer::removeDimensions() {
  for (size_t i = 0; i < linkedDimensions(best).size();) {
    std::vector<Dimension> all = linkedDimensions(best)[i];
    bool isRemoved =
        attemptChange([&](Genome &candidate) { tenon::fuzz::removeDimensions(candidate, all); });
    // A diagonal becomes a vector, an output's index is summed.
    for (size_t k = 0; !isRemoved && all.size() > 1 && k < all.size(); ++k)
      isRemoved = attemptChange(
          [&](Genome &candidate) { tenon::fuzz::removeDimensions(candidate, {all[k]}); });
    if (!isRemoved)
      ++i;
  }
}

/// A leaf's extent of a class; nothing where the class has no leaf.
static std::optional<uint32_t> extentOf(const Genome &genome, const std::vector<Dimension> &all) {
  for (const Dimension &dimension : all)
    if (const Node &node = genome.nodes[dimension.node]; dimension.position < node.extents.size())
      return node.extents[dimension.position];
  return std::nullopt;
}

void Reducer::shrinkExtents() {
  for (size_t i = 0; i < linkedDimensions(best).size(); ++i) {
    bool isShrunk = true;
    while (isShrunk && i < linkedDimensions(best).size()) {
      std::vector<Dimension> all = linkedDimensions(best)[i];
      std::optional<uint32_t> extent = extentOf(best, all);
      isShrunk = false;
      if (!extent)
        break;
      for (uint32_t smaller : {1u, 2u, 3u, 0u, *extent / 2, *extent - (*extent > 0)})
        if (smaller != *extent &&
            attemptChange([&](Genome &candidate) { setExtent(candidate, all, smaller); })) {
          isShrunk = true;
          break;
        }
    }
  }
}

/// All of the program at once, so that its types agree.
void Reducer::simplifyTypes() {
  for (Arithmetic arithmetic : {Arithmetic::Ring, Arithmetic::Exact})
    for (Element element : kElementsByPlainness)
      if (attemptChange([&](Genome &candidate) {
            candidate.arithmetic = arithmetic;
            for (Node &node : candidate.nodes) {
              node.element = node.accumulate = element;
              node.isUnsigned = false;
              node.semiring = Semiring::PlusTimes;
            }
          }))
        return;
  std::vector<Element> present;
  for (const Node &node : best.nodes)
    present.push_back(node.element);
  for (Element from : present)
    for (Element to : kElementsByPlainness)
      if (plainness(to) < plainness(from) && attemptChange([&](Genome &candidate) {
            for (Node &node : candidate.nodes) {
              if (node.element == from)
                node.element = to;
              if (node.accumulate == from)
                node.accumulate = to;
            }
          }))
        break;
  for (Semiring semiring : {Semiring::PlusTimes, Semiring::MaxPlus})
    attemptChange([&](Genome &candidate) {
      for (Node &node : candidate.nodes)
        node.semiring = semiring;
    });
}

void Reducer::simplifyNodes() {
  for (size_t number = 0; number < best.nodes.size(); ++number)
    simplifyNode(number);
}

void Reducer::simplifyNode(size_t number) {
  auto change = [&](auto &&edit) {
    return number < best.nodes.size() &&
           attemptChange([&](Genome &candidate) { edit(candidate.nodes[number]); });
  };
  change([](Node &node) { node.layout = {}; });
  change([](Node &node) { node.layout.padding = node.layout.offset = 0; });
  change([](Node &node) { node.layout.reversed = 0; });
  change([](Node &node) { node.layout.order.clear(); });
  change([](Node &node) { node.facts = 0; });
  change([](Node &node) { node.dynamic = 0; });
  for (unsigned d = 0; d < 16 && number < best.nodes.size(); ++d)
    if (best.nodes[number].dynamic >> d & 1)
      change([&](Node &node) { node.dynamic &= static_cast<uint16_t>(~(1u << d)); });
  change([](Node &node) { node.isUnsigned = false; });
  change([](Node &node) { node.flavour = 0; });
  change([](Node &node) { node.path.clear(); });
  change([](Node &node) {
    if (node.kind == NodeKind::Update)
      node.kind = NodeKind::Map;
  });
  change([](Node &node) {
    if (node.kind == NodeKind::Update)
      node.output.clear();
  });
  change([](Node &node) {
    if (node.kind == NodeKind::Slice)
      node.kind = NodeKind::Contract, node.sliced.clear();
  });
  for (size_t i = number < best.nodes.size() ? best.nodes[number].sliced.size() : 0; i-- > 0;)
    change([&](Node &node) {
      if (i < node.sliced.size())
        node.sliced.erase(node.sliced.begin() + static_cast<ptrdiff_t>(i));
    });
  change([](Node &node) { node.accumulate = node.element; });
  change([](Node &node) { node.semiring = Semiring::PlusTimes; });
  simplifyNumbers(number);
}

/// Offset 0 and stride 1 for a subtensor; smaller numbers in any case.
void Reducer::simplifyNumbers(size_t number) {
  if (number >= best.nodes.size())
    return;
  for (size_t i = 0; i < best.nodes[number].numbers.size(); ++i)
    for (int32_t value : {0, 1, 2, best.nodes[number].numbers[i] / 2})
      if (attemptChange([&](Genome &candidate) {
            if (i < candidate.nodes[number].numbers.size())
              candidate.nodes[number].numbers[i] = value;
          })) {
        if (number >= best.nodes.size())
          return;
        break;
      }
}

/// Options to their defaults: word by word.
void Reducer::simplifyPasses() {
  for (size_t number = 0; number < best.passes.size(); ++number) {
    attemptChange([&](Genome &candidate) { candidate.passes[number].options.clear(); });
    for (size_t begin = 0;
         number < best.passes.size() && begin < best.passes[number].options.size();) {
      const std::string &options = best.passes[number].options;
      size_t end = std::min(options.find(' ', begin), options.size());
      bool isRemoved = attemptChange([&](Genome &candidate) {
        std::string &text = candidate.passes[number].options;
        text.erase(begin > 0 ? begin - 1 : 0, begin > 0 ? end - begin + 1 : end + 1);
      });
      if (!isRemoved)
        begin = end + 1;
    }
  }
}

void Reducer::simplifyData() {
  attemptChange([](Genome &candidate) { candidate.threads = 1; });
  for (uint64_t seed : {0, 1, 2, 3, 10, 100})
    if (seed < best.dataSeed &&
        attemptChange([&](Genome &candidate) { candidate.dataSeed = seed; }))
      return;
}

Reduction Reducer::run(const Genome &start) {
  best = start;
  repair(best, options.limits);
  complexity = complexityOf(best);
  tried.insert(hashGenome(best));
  if (isSpent() || !execute(best))
    return {start, executions, false, false};
  Complexity before;
  do {
    before = complexity;
    removeParts(&Genome::passes, 0);
    removeParts(&Genome::results, 1);
    removeNodes();
    removeOperands();
    removeDimensions();
    shrinkExtents();
    simplifyTypes();
    simplifyNodes();
    simplifyPasses();
    simplifyData();
  } while (complexity < before && !isSpent());
  return {std::move(best), executions, !isSpent(), true};
}

Reduction tenon::fuzz::reduceGenome(const Genome &genome, const Interesting &isInteresting,
                                    const ReductionOptions &options) {
  return Reducer(isInteresting, options).run(genome);
}
