//===- Relations.cpp - Changes of a program whose effect is known ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Relations.h"

#include "tenon/Fuzz/Labels.h"

#include <algorithm>
#include <numeric>
#include <optional>

using namespace tenon;
using namespace tenon::fuzz;

namespace {
/// A dimension of an operand of a contraction.
struct Place {
  size_t operand, dimension;
};

/// An index of a contraction that is summed, and whose every occurrence is in an argument that
/// nothing else reads: the data at both ends of it can be changed together.
struct Bond {
  size_t node;
  uint16_t label;
  std::vector<Place> places;
};
} // namespace

static bool isInexact(Element element) { return element <= Element::C128; }
static bool isComplexElement(Element element) {
  return element == Element::C64 || element == Element::C128;
}

/// A contraction for which `fits` holds; none where there is none.
template <typename Fits>
static std::optional<size_t> pickNode(const Genome &genome, Random &random, Fits fits) {
  std::vector<size_t> found;
  for (size_t i = 0; i < genome.nodes.size(); ++i)
    if (fits(genome.nodes[i]))
      found.push_back(i);
  if (found.empty())
    return std::nullopt;
  return found[random.below(found.size())];
}

static std::vector<uint16_t> sortedLabels(const Node &node) {
  std::vector<uint16_t> labels = distinctLabels(node);
  std::ranges::sort(labels);
  return labels;
}

/// How often each node is read, by nodes and as a result.
static std::vector<unsigned> countUses(const Genome &genome) {
  std::vector<unsigned> uses(genome.nodes.size());
  for (const Node &node : genome.nodes)
    for (const Operand &operand : node.operands)
      ++uses[operand.node];
  for (uint16_t result : genome.results)
    ++uses[result];
  return uses;
}

/// The number of an argument node among the arguments.
static size_t argumentNumber(const Genome &genome, size_t node) {
  return std::count_if(genome.nodes.begin(), genome.nodes.begin() + node,
                       [](const Node &other) { return other.kind == NodeKind::Argument; });
}

static std::optional<Bond> pickBond(const Genome &genome, Random &random) {
  std::vector<unsigned> uses = countUses(genome);
  std::vector<Bond> bonds;
  for (size_t i = 0; i < genome.nodes.size(); ++i) {
    const Node &node = genome.nodes[i];
    if (!isContraction(node))
      continue;
    for (uint16_t label : sortedLabels(node)) {
      Bond bond{i, label, {}};
      bool isFree = std::find(node.output.begin(), node.output.end(), label) == node.output.end();
      for (size_t o = 0; o < node.operands.size(); ++o)
        for (size_t d = 0; d < node.operands[o].labels.size(); ++d)
          if (node.operands[o].labels[d] == label) {
            const Node &argument = genome.nodes[node.operands[o].node];
            isFree &= argument.kind == NodeKind::Argument && argument.facts == 0 &&
                      uses[node.operands[o].node] == 1;
            bond.places.push_back({o, d});
          }
      if (isFree)
        bonds.push_back(std::move(bond));
    }
  }
  if (bonds.empty())
    return std::nullopt;
  return bonds[random.below(bonds.size())];
}

/// Calls `visit` with each element's row-major number and position.
template <typename Visit> static void forEachPosition(std::span<const int64_t> shape, Visit visit) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  std::vector<int64_t> position(shape.size());
  for (int64_t i = 0; i < count; ++i) {
    visit(i, position);
    for (size_t d = shape.size(); d-- > 0;) {
      if (++position[d] < shape[d])
        break;
      position[d] = 0;
    }
  }
}

//===----------------------------------------------------------------------===//
// The same sum, written in another way
//===----------------------------------------------------------------------===//

static bool permuteOperands(Variation &variation, Random &random) {
  auto node = pickNode(variation.genome, random, [](const Node &node) {
    return isContraction(node) && node.operands.size() > 1;
  });
  if (!node)
    return false;
  Node &contraction = variation.genome.nodes[*node];
  shuffle(contraction.operands, random);
  contraction.path.clear();
  return true;
}

static bool relabel(Variation &variation, Random &random) {
  auto node = pickNode(variation.genome, random, [](const Node &node) {
    return isContraction(node) && distinctLabels(node).size() > 1;
  });
  if (!node)
    return false;
  Node &contraction = variation.genome.nodes[*node];
  std::vector<uint16_t> from = sortedLabels(contraction), to = from;
  shuffle(to, random);
  auto rename = [&](std::vector<uint16_t> &labels) {
    for (uint16_t &label : labels)
      label = to[std::lower_bound(from.begin(), from.end(), label) - from.begin()];
  };
  for (Operand &operand : contraction.operands)
    rename(operand.labels);
  rename(contraction.output);
  rename(contraction.sliced);
  return true;
}

static bool takeAnotherPath(Variation &variation, Random &random) {
  auto node = pickNode(variation.genome, random, [](const Node &node) {
    return node.kind == NodeKind::Contract && node.operands.size() > 2;
  });
  if (!node)
    return false;
  Node &contraction = variation.genome.nodes[*node];
  std::vector<uint16_t> open(contraction.operands.size());
  std::iota(open.begin(), open.end(), uint16_t{0});
  contraction.path.clear();
  for (auto next = static_cast<uint16_t>(open.size()); open.size() > 1; ++next) {
    for (int side = 0; side < 2; ++side) {
      size_t at = random.below(open.size());
      contraction.path.push_back(open[at]);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    }
    open.push_back(next);
  }
  return true;
}

static bool addUnitDimension(Variation &variation, Random &random) {
  Genome &genome = variation.genome;
  std::vector<bool> isReadByContractionsOnly(genome.nodes.size(), true);
  for (const Node &node : genome.nodes)
    if (!isContraction(node))
      for (const Operand &operand : node.operands)
        isReadByContractionsOnly[operand.node] = false;
  for (uint16_t result : genome.results)
    isReadByContractionsOnly[result] = false;
  std::vector<size_t> found;
  for (size_t i = 0; i < genome.nodes.size(); ++i)
    if (genome.nodes[i].kind == NodeKind::Argument && genome.nodes[i].facts == 0 &&
        isReadByContractionsOnly[i])
      found.push_back(i);
  if (found.empty())
    return false;
  size_t chosen = found[random.below(found.size())];
  Node &argument = genome.nodes[chosen];
  size_t at = random.below(argument.extents.size() + 1);
  argument.extents.insert(argument.extents.begin() + static_cast<std::ptrdiff_t>(at), 1);
  argument.layout = {};
  for (Node &node : genome.nodes)
    for (Operand &operand : node.operands)
      if (operand.node == chosen)
        operand.labels.insert(operand.labels.begin() + static_cast<std::ptrdiff_t>(at),
                              freshLabel(node));
  HostTensor &data = variation.arguments[argumentNumber(genome, chosen)];
  std::vector<int64_t> shape(argument.extents.begin(), argument.extents.end());
  return bool(data.reshape(shape));
}

static bool sumOverSlices(Variation &variation, Random &random) {
  // Slices are summed in the type of the result.
  auto node = pickNode(variation.genome, random, [](const Node &node) {
    return node.kind == NodeKind::Contract && node.element == node.accumulate &&
           !distinctLabels(node).empty();
  });
  if (!node)
    return false;
  Node &contraction = variation.genome.nodes[*node];
  std::vector<uint16_t> labels = sortedLabels(contraction);
  contraction.kind = NodeKind::Slice;
  contraction.sliced = {labels[random.below(labels.size())]};
  contraction.path.clear();
  return true;
}

/// Puts a node before all others.
static void prepend(Genome &genome, Node node) {
  genome.nodes.insert(genome.nodes.begin(), std::move(node));
  for (Node &other : genome.nodes)
    for (Operand &operand : other.operands)
      ++operand.node;
  for (uint16_t &result : genome.results)
    ++result;
}

static bool insertIdentity(Variation &variation, Random &random) {
  // Zero times infinity is no zero, and bounds count products.
  if (variation.mayMeetInfinity || variation.arithmetic == Arithmetic::Bound)
    return false;
  Genome &genome = variation.genome;
  auto chosen = pickNode(genome, random, [](const Node &node) {
    return isContraction(node) &&
           std::any_of(node.operands.begin(), node.operands.end(),
                       [](const Operand &operand) { return !operand.labels.empty(); });
  });
  if (!chosen)
    return false;
  std::vector<std::vector<uint32_t>> shapes = shapesOf(genome);
  Node &node = genome.nodes[*chosen];
  std::vector<Place> places;
  for (size_t o = 0; o < node.operands.size(); ++o)
    for (size_t d = 0; d < node.operands[o].labels.size(); ++d)
      places.push_back({o, d});
  Place place = places[random.below(places.size())];
  Operand &operand = node.operands[place.operand];
  uint32_t extent = shapes[operand.node][place.dimension];
  uint16_t outer = operand.labels[place.dimension], inner = freshLabel(node);
  operand.labels[place.dimension] = inner;
  node.operands.push_back({0, {outer, inner}});
  node.path.clear();
  Node delta;
  delta.kind = NodeKind::Delta;
  delta.element = node.accumulate;
  delta.semiring = node.semiring;
  delta.extents = {extent, extent};
  prepend(genome, std::move(delta));
  // The new operand's number was written before all numbers moved.
  genome.nodes[*chosen + 1].operands.back().node = 0;
  return true;
}

//===----------------------------------------------------------------------===//
// Other data, the same sum
//===----------------------------------------------------------------------===//

static HostTensor &dataAt(Variation &variation, const Bond &bond, const Place &place) {
  size_t node = variation.genome.nodes[bond.node].operands[place.operand].node;
  return variation.arguments[argumentNumber(variation.genome, node)];
}

/// Appends zeros along one dimension.
static bool appendZeros(HostTensor &tensor, size_t dimension, uint32_t count) {
  std::vector<int64_t> shape(tensor.shape().begin(), tensor.shape().end());
  shape[dimension] += count;
  Result<HostTensor> larger = HostTensor::zeros(tensor.type(), shape);
  if (!larger)
    return false;
  forEachPosition(tensor.shape(), [&](int64_t i, const std::vector<int64_t> &position) {
    larger->set(larger->linearIndex(position), tensor.get(i));
  });
  tensor = std::move(*larger);
  return true;
}

static bool padWithZeros(Variation &variation, Random &random) {
  if (variation.mayMeetInfinity || variation.arithmetic == Arithmetic::Bound)
    return false;
  auto bond = pickBond(variation.genome, random);
  if (!bond)
    return false;
  auto count = static_cast<uint32_t>(1 + random.below(3));
  for (const Place &place : bond->places) {
    Node &argument =
        variation.genome.nodes[variation.genome.nodes[bond->node].operands[place.operand].node];
    argument.extents[place.dimension] += count;
    if (!appendZeros(dataAt(variation, *bond, place), place.dimension, count))
      return false;
  }
  return true;
}

static bool permuteBond(Variation &variation, Random &random) {
  auto bond = pickBond(variation.genome, random);
  if (!bond)
    return false;
  auto extent = static_cast<size_t>(
      dataAt(variation, *bond, bond->places[0]).shape()[bond->places[0].dimension]);
  std::vector<int64_t> order(extent);
  std::iota(order.begin(), order.end(), int64_t{0});
  shuffle(order, random);
  for (const Place &place : bond->places) {
    HostTensor &tensor = dataAt(variation, *bond, place);
    Result<HostTensor> permuted = tensor.clone();
    if (!permuted)
      return false;
    forEachPosition(tensor.shape(), [&](int64_t i, std::vector<int64_t> position) {
      position[place.dimension] = order[static_cast<size_t>(position[place.dimension])];
      permuted->set(permuted->linearIndex(position), tensor.get(i));
    });
    tensor = std::move(*permuted);
  }
  return true;
}

static Scalar scale(const Scalar &value, double factor) {
  if (auto *pair = std::get_if<std::complex<double>>(&value))
    return std::complex<double>(pair->real() * factor, pair->imag() * factor);
  return std::get<double>(value) * factor;
}

/// A diagonal of powers of two into one end of a bond, its inverse into the other.
static bool scaleBond(Variation &variation, Random &random) {
  if (variation.arithmetic != Arithmetic::Exact || variation.mayMeetInfinity)
    return false;
  auto bond = pickBond(variation.genome, random);
  if (!bond || bond->places.size() != 2 ||
      variation.genome.nodes[bond->node].semiring != Semiring::PlusTimes)
    return false;
  if (!isInexact(variation.genome.nodes[bond->node].accumulate))
    return false;
  uint64_t bits = random.next();
  for (int side = 0; side < 2; ++side) {
    const Place &place = bond->places[side];
    HostTensor &tensor = dataAt(variation, *bond, place);
    forEachPosition(tensor.shape(), [&](int64_t i, const std::vector<int64_t> &position) {
      bool isUp = (bits >> (position[place.dimension] % 64) & 1) == unsigned(side);
      tensor.set(i, scale(tensor.get(i), isUp ? 2.0 : 0.5));
    });
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Other results
//===----------------------------------------------------------------------===//

static bool conjugateAll(Variation &variation, Random &) {
  for (const Node &node : variation.genome.nodes) {
    bool isReal = node.flavour == uint8_t(Content::Zeros) ||
                  node.flavour == uint8_t(Content::Ones) ||
                  node.flavour == uint8_t(Content::Identity);
    if (node.kind == NodeKind::Constant && isComplexElement(node.element) && !isReal)
      return false;
  }
  bool hasComplex = false;
  for (HostTensor &tensor : variation.arguments) {
    if (!tensor.type().isComplex())
      continue;
    hasComplex = true;
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.set(i, std::conj(std::get<std::complex<double>>(tensor.get(i))));
  }
  variation.isConjugated = true;
  return hasComplex;
}

/// How often the chosen argument is a factor of each node's terms; none where terms differ in that,
/// or a node is not homogeneous.
static std::optional<std::vector<int>> degreesOf(const Genome &genome, size_t chosen) {
  std::vector<int> degrees;
  for (size_t i = 0; i < genome.nodes.size(); ++i) {
    const Node &node = genome.nodes[i];
    int sum = i == chosen ? 1 : 0;
    bool areEqual = true;
    for (const Operand &operand : node.operands) {
      sum += degrees[operand.node];
      areEqual &= degrees[operand.node] == degrees[node.operands[0].node];
    }
    if (isMap(node) && node.flavour % 6 != uint8_t(MapOp::Mul)) {
      if (!areEqual)
        return std::nullopt;
      sum = node.operands.empty() ? 0 : degrees[node.operands[0].node];
    } else if (readsTwice(node)) {
      sum += degrees[node.operands.back().node];
    }
    bool scales = node.semiring == Semiring::PlusTimes || node.semiring == Semiring::MaxTimes;
    if (sum != 0 && ((isContraction(node) && !scales) || !isInexact(node.element)))
      return std::nullopt;
    degrees.push_back(sum);
  }
  return degrees;
}

/// Half of one argument: every product that has it once is halved.
static bool halveArgument(Variation &variation, Random &random) {
  if (variation.arithmetic != Arithmetic::Exact || variation.mayMeetInfinity)
    return false;
  const Genome &genome = variation.genome;
  auto chosen = pickNode(genome, random, [](const Node &node) {
    return node.kind == NodeKind::Argument && node.facts == 0 && isInexact(node.element);
  });
  if (!chosen)
    return false;
  std::optional<std::vector<int>> degrees = degreesOf(genome, *chosen);
  // Far below, types of half precision have fewer digits.
  if (!degrees ||
      std::any_of(degrees->begin(), degrees->end(), [](int degree) { return degree > 4; }))
    return false;
  HostTensor &tensor = variation.arguments[argumentNumber(genome, *chosen)];
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.set(i, scale(tensor.get(i), 0.5));
  for (uint16_t result : genome.results)
    variation.exponents.push_back(-(*degrees)[result]);
  return true;
}

std::span<const Relation> fuzz::relations() {
  static constexpr Relation all[] = {
      {"operands permuted", permuteOperands},
      {"indices relabelled", relabel},
      {"another path", takeAnotherPath},
      {"unit dimension", addUnitDimension},
      {"sum over slices", sumOverSlices},
      {"identity inserted", insertIdentity},
      {"bond padded with zeros", padWithZeros},
      {"bond permuted", permuteBond},
      {"bond scaled", scaleBond},
      {"conjugates", conjugateAll},
      {"argument halved", halveArgument},
  };
  return all;
}
