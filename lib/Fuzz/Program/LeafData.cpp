//===- LeafData.cpp - The values of arguments and constants ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LeafData.h"

#include "tenon/Fuzz/ElementRules.h"
#include "tenon/HostTensor/Structure.h"
#include "tenon/Support/MixBits.h"

#include <limits>
#include <numeric>

namespace tenon::fuzz {

ElementType elementTypeOf(Element element, bool isUnsigned) {
  static constexpr std::array<tenon_dtype, kNumElements> types = {
      TENON_F16,  TENON_BF16, TENON_F32, TENON_F64, TENON_C64, TENON_C128,
      TENON_BOOL, TENON_I8,   TENON_I16, TENON_I32, TENON_I64, TENON_I64};
  return {types[static_cast<size_t>(element)], isUnsigned};
}

namespace {

/// Random numbers by position, so that no element depends on how many others there are.
class Draws {
public:
  Draws(uint64_t seed, uint64_t leaf) : key(mixBits(seed ^ mixBits(leaf))) {}

  uint64_t at(uint64_t position) const { return mixBits(key + 0x9e3779b97f4a7c15u * position); }
  /// For the leaf as a whole.
  uint64_t ofLeaf() const { return mixBits(~key); }

private:
  uint64_t key;
};

class LeafFill {
public:
  LeafFill(const Node &node, const LeafDomain &domain, Draws draws)
      : node(node), domain(domain), draws(draws), style(draws.ofLeaf()), tensor(makeTensor()) {}

  HostTensor run() {
    auto content = static_cast<Content>(node.flavour);
    for (int64_t i = 0; i < tensor.size(); ++i)
      set(i, content);
    imposeFacts();
    return std::move(tensor);
  }

private:
  HostTensor makeTensor() const {
    std::vector<int64_t> shape(node.extents.begin(), node.extents.end());
    Result<HostTensor> zeros =
        HostTensor::zeros(elementTypeOf(node.element, node.isUnsigned), shape);
    TENON_ASSERT(zeros, "a leaf of a repaired genome is small");
    return std::move(*zeros);
  }

  void set(int64_t i, Content content) {
    auto position = static_cast<uint64_t>(i);
    switch (content) {
    case Content::Zeros:
      return;
    case Content::Ones:
      tensor.set(i, int64_t{1});
      return;
    case Content::Identity:
      if (isOnDiagonal(position))
        tensor.set(i, int64_t{1});
      return;
    case Content::Splat:
      setRandom(i, 0);
      return;
    case Content::Sparse:
      if (draws.at(~position) % 8 == 0)
        setRandom(i, position);
      return;
    case Content::Special:
      if (node.kind == NodeKind::Argument && isFloating(node.element))
        setWithNaN(i, position);
      else
        setSpecial(i, position);
      return;
    case Content::Triangular:
      if (isInTriangle(position))
        setRandom(i, position);
      return;
    case Content::Large:
      if (isRealFloat(node.element) && domain.isFree)
        setLarge(i, position);
      else
        setRandom(i, position);
      return;
    case Content::Random:
      setRandom(i, position);
      return;
    }
  }

  bool isOnDiagonal(uint64_t position) const {
    uint64_t last = 0;
    bool isFirst = true;
    for (size_t dim = node.extents.size(); dim-- > 0;) {
      uint64_t own = position % node.extents[dim];
      position /= node.extents[dim];
      if (!isFirst && own != last)
        return false;
      last = own;
      isFirst = false;
    }
    return true;
  }

  /// Below the diagonal of the last two dimensions, or above it.
  bool isInTriangle(uint64_t position) const {
    size_t rank = node.extents.size();
    if (rank < 2)
      return true;
    uint64_t column = position % node.extents[rank - 1],
             row = position / node.extents[rank - 1] % node.extents[rank - 2];
    return (style >> 8) % 2 ? column <= row : row <= column;
  }

  void setRandom(int64_t i, uint64_t position) {
    if (isInteger(node.element)) {
      tensor.set(i, static_cast<int64_t>(integer(draws.at(position))));
      return;
    }
    double real = number(draws.at(2 * position));
    if (isComplex(node.element))
      tensor.set(i, std::complex<double>(real, number(draws.at(2 * position + 1))));
    else
      tensor.set(i, real);
  }

  /// Two's complement.
  uint64_t integer(uint64_t bits) const {
    if (node.element == Element::I1)
      return bits >> 63;
    bool wantsEdge = (bits >> 56) % 8 == 0;
    if (!domain.isFree)
      return static_cast<uint64_t>(wantsEdge ? edgeOfDomain(bits) : inDomain(bits));
    unsigned width = bitsOf(node.element);
    // Small numbers tell elements apart; large ones show what is cut off.
    if (style % 4 == 0)
      return (bits >> 8) % 19 - 9;
    if (!wantsEdge)
      return mixBits(bits);
    switch ((bits >> 8) % 5) {
    case 0:
      return uint64_t{1} << (width - 1);
    case 1:
      return (uint64_t{1} << (width - 1)) - 1;
    case 2:
      return (bits >> 16) % 3 - 1;
    case 3:
      return ~uint64_t{0} << ((bits >> 16) % width);
    default:
      return uint64_t{1} << ((bits >> 16) % width);
    }
  }

  int64_t low() const { return static_cast<int64_t>(domain.low); }
  uint64_t span() const {
    return static_cast<uint64_t>(domain.high) - static_cast<uint64_t>(low()) + 1;
  }
  int64_t inDomain(uint64_t bits) const {
    return static_cast<int64_t>(static_cast<uint64_t>(low()) + mixBits(bits) % span());
  }
  int64_t edgeOfDomain(uint64_t bits) const {
    switch ((bits >> 8) % 4) {
    case 0:
      return low();
    case 1:
      return static_cast<int64_t>(domain.high);
    case 2:
      return 0;
    default:
      return 1;
    }
  }

  /// A real float, or a part of a complex one.
  double number(uint64_t bits) const {
    if (!domain.isFree)
      return static_cast<double>((bits >> 56) % 8 == 0 ? edgeOfDomain(bits) : inDomain(bits));
    // From -1 to 1 in steps that every type holds within its roundoff.
    double value = static_cast<double>(static_cast<int64_t>(mixBits(bits))) * 0x1p-63;
    switch (style % 4) {
    case 0:
      break;
    case 1: // magnitudes of a thousand to one and back
      value = std::ldexp(value, static_cast<int>((bits >> 8) % 21) - 10);
      break;
    case 2: // no cancellation
      value = 0.5 + std::fabs(value);
      break;
    default:
      value = std::nearbyint(8 * value);
      break;
    }
    return domain.low < 0 ? value : std::fabs(value);
  }

  /// Numbers, and NaN in place of a quarter of them.
  void setWithNaN(int64_t i, uint64_t position) {
    setRandom(i, position);
    if (draws.at(~position) % 4 == 0)
      tensor.set(i, isComplex(node.element)
                        ? Scalar(std::complex<double>(std::numeric_limits<double>::quiet_NaN(), 0))
                        : Scalar(std::numeric_limits<double>::quiet_NaN()));
  }

  /// Positive numbers from twice the square root of the largest one on; a few of them have a finite
  /// sum.
  void setLarge(int64_t i, uint64_t position) {
    uint64_t bits = draws.at(position);
    int exponent = std::ilogb(floatRangeOf(node.element).largest);
    int own = exponent / 2 + 2 + static_cast<int>(bits % static_cast<uint64_t>(exponent / 8 + 1));
    tensor.set(i, std::ldexp(1 + static_cast<double>(bits >> 8 & 7) / 8, own));
  }

  void setSpecial(int64_t i, uint64_t position) {
    uint64_t bits = draws.at(position);
    if (isInteger(node.element)) {
      // The top bits ask for an edge.
      tensor.set(i, static_cast<int64_t>(integer(bits & ~(uint64_t{7} << 56))));
      return;
    }
    FloatRange range = floatRangeOf(node.element);
    double value = 0;
    if (!domain.isFree) {
      value = static_cast<double>(edgeOfDomain(bits));
      // Of both zeros; numbers are what is compared.
      if (value == 0)
        value = -0.0;
    } else {
      // Infinities and NaN, in a quarter of such leaves and there in an eighth of the elements: all
      // that they meet is lost.
      bool mayBeInfinite = style / 4 % 4 == 0 && domain.low < 0 && (bits >> 56) % 8 == 0;
      const double finite[] = {
          0, -0.0, range.subnormal, -range.subnormal, range.largest, -range.largest, 1, -1};
      const double infinite[] = {INFINITY, -INFINITY, std::numeric_limits<double>::quiet_NaN()};
      value = mayBeInfinite ? infinite[(bits >> 8) % 3] : finite[(bits >> 8) % 8];
      if (domain.low >= 0)
        value = std::fabs(value);
    }
    tensor.set(i, isComplex(node.element)
                      ? Scalar(std::complex<double>(value, number(draws.at(~position))))
                      : Scalar(value));
  }

  void imposeFacts() {
    std::vector<int64_t> dims(node.extents.size());
    std::iota(dims.begin(), dims.end(), 0);
    uint64_t seed = draws.at(~uint64_t{0});
    switch (node.facts) {
    case 1:
      clearOffDiagonal(tensor, dims);
      break;
    case 2:
      // Units in random places: an isometry in every type, of which no sum is rounded.
      fillInjection(tensor, std::vector<int64_t>{1}, seed);
      turnOnes();
      break;
    case 3:
      fillInjection(tensor, std::vector<int64_t>{0}, seed);
      break;
    case 4:
      clearShare(tensor, 0.5, seed);
      break;
    default:
      break;
    }
  }

  /// Ones become units, of either sign or powers of i: otherwise an isometry is its own conjugate.
  /// Integers keep them, since a negative one is no unit once it is widened without its sign.
  void turnOnes() {
    if (isInteger(node.element) || domain.low > -1)
      return;
    for (int64_t i = 0; i < tensor.size(); ++i) {
      if (std::visit([](auto value) { return value == decltype(value)(0); }, tensor.get(i)))
        continue;
      uint64_t quarter = draws.at(static_cast<uint64_t>(i)) >> 62;
      double sign = quarter < 2 ? 1 : -1;
      if (isComplex(node.element) && quarter % 2)
        tensor.set(i, std::complex<double>(0, sign));
      else
        tensor.set(i, sign);
    }
  }

  const Node &node;
  const LeafDomain &domain;
  Draws draws;
  uint64_t style;
  HostTensor tensor;
};

} // namespace

/// What a leaf draws for, whatever its number: a program keeps its data when nodes come or go
/// elsewhere, or lie differently in memory. Equal leaves are told apart by how many there were
/// before.
static uint64_t identityOf(std::span<const Node> nodes, size_t number) {
  auto hashOf = [](const Node &node) {
    uint64_t hash =
        mixBits(static_cast<uint64_t>(node.kind) << 24 | static_cast<uint64_t>(node.element) << 16 |
                static_cast<uint64_t>(node.flavour) << 8 | node.facts);
    for (uint32_t extent : node.extents)
      hash = mixBits(hash ^ extent);
    return hash;
  };
  uint64_t own = hashOf(nodes[number]), before = 0;
  for (const Node &node : nodes.first(number))
    before += node.kind == nodes[number].kind && hashOf(node) == own;
  return own + before;
}

HostTensor drawLeaf(const Genome &genome, const DataPlan &plan, size_t number) {
  Draws draws(genome.dataSeed, identityOf(genome.nodes, number));
  return LeafFill(genome.nodes[number], plan.leaves[number], draws).run();
}

} // namespace tenon::fuzz
