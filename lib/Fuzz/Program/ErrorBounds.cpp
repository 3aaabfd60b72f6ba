//===- ErrorBounds.cpp - How far rounding may take a result ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// docs/fuzzing.md, "Numerics". Of every node the computed elements are within (exp(ε) − 1) M + η of
// the exact ones, where M is the element of the *twin*, the same program in f64 on absolute values,
// ε the sum of the unit roundoffs of all operations that one product goes through, and η what
// underflow may have lost. A product of factors 1 + δ with Σ |δ| ≤ ε differs from 1 by at most
// exp(ε) − 1 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., lemma 3.1).
//
//===----------------------------------------------------------------------===//
#include "LeafData.h"
#include "Twin.h"

#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Labels.h"
#include "tenon/Fuzz/Program.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

namespace {

/// The node of the twin. Constants become arguments: their absolute values are handed over.
Node twinOf(const Node &node) {
  Node twin = node;
  if (isDataLeaf(node)) {
    twin = Node();
    twin.element = isFloating(node.element) ? Element::F64 : node.element;
    twin.extents = node.extents;
    return twin;
  }
  if (!isFloating(node.element))
    return twin;
  twin.element = Element::F64;
  twin.path.clear();
  if (isContraction(node)) {
    twin.accumulate = Element::F64;
    twin.flavour = static_cast<uint8_t>(Form::Contraction);
  }
  // The least of sums is no larger than the largest sum of absolute values.
  if (node.semiring == Semiring::MinPlus)
    twin.semiring = Semiring::MaxPlus;
  if (node.kind == NodeKind::Widen)
    becomeIdentity(twin);
  if (isMap(node))
    switch (static_cast<MapOp>(node.flavour)) {
    case MapOp::Sub:
      twin.flavour = static_cast<uint8_t>(MapOp::Add);
      break;
    case MapOp::Neg:
      becomeIdentity(twin);
      break;
    case MapOp::Min:
      twin.flavour = static_cast<uint8_t>(MapOp::Max);
      break;
    default:
      break;
    }
  return twin;
}

/// The moduli of floats, in f64; of integers a copy.
Result<HostTensor> magnitudesOf(const HostTensor &tensor) {
  if (!tensor.type().isFloat() && !tensor.type().isComplex())
    return tensor.clone();
  Result<HostTensor> result = HostTensor::zeros({TENON_F64}, tensor.shape());
  if (!result)
    return result;
  auto *to = static_cast<double *>(result->data());
  for (int64_t i = 0; i < tensor.size(); ++i) {
    Scalar value = tensor.get(i);
    auto *complex = std::get_if<std::complex<double>>(&value);
    to[i] = complex ? std::abs(*complex) : std::fabs(std::get<double>(value));
  }
  return result;
}

/// What rounding does to the elements of one node.
struct Rounding {
  double relative = 0;        ///< ε
  double underflow = 0;       ///< η
  bool isUnbounded = false;   ///< an operation may overflow, or be of infinities
  bool readsInfinity = false; ///< some leaf behind it has an infinity or a NaN
};

/// Adds up the roundings of nodes, in order.
class RoundingSum {
public:
  RoundingSum(const Genome &genome, std::span<const HostTensor> leaves)
      : genome(genome), shapes(shapesOf(genome)),
        readsBF16(std::ranges::any_of(
            genome.nodes, [](const Node &node) { return node.element == Element::BF16; })) {
    for (size_t number = 0; number < genome.nodes.size(); ++number)
      add(genome.nodes[number], leaves[number]);
  }

  const Rounding &operator[](size_t number) const { return roundings[number]; }

private:
  void add(const Node &node, const HostTensor &leaf) {
    RangeVerdict verdict;
    SumSize size = isContraction(node) ? labelsOf(node, shapes).sum() : SumSize();
    ranges.push_back(isDataLeaf(node) ? rangeOfValues(node, leaf)
                                      : rangeOfNode(node, genome.nodes, ranges, size, verdict));
    Rounding &rounding = roundings.emplace_back();
    if (!isFloating(node.element))
      return;
    if (isContraction(node))
      rounding = contraction(node, static_cast<double>(size.terms));
    else if (isMap(node))
      rounding = map(node);
    else if (!node.operands.empty())
      rounding = roundings[node.operands.front().node];
    rounding.readsInfinity = isDataLeaf(node) && !isFinite(leaf);
    for (const Operand &operand : node.operands)
      rounding.readsInfinity |= roundings[operand.node].readsInfinity;
    // An empty sum is zero, but not in every order: a factor may be an empty sum by itself, and
    // zero times infinity is NaN.
    rounding.isUnbounded |= size.isEmpty && rounding.readsInfinity;
    rounding.isUnbounded |= ranges.back().isUndefined || mayOverflow(node, rounding);
  }

  static bool isFinite(const HostTensor &magnitudes) {
    std::span<const double> elements(static_cast<const double *>(magnitudes.data()),
                                     magnitudes.size());
    return std::ranges::all_of(elements, [](double element) { return std::isfinite(element); });
  }

  /// The largest magnitude of the finite elements; others make the twin's elements that they meet
  /// infinite or NaN.
  NodeRange rangeOfValues(const Node &node, const HostTensor &leaf) const {
    if (!isFloating(node.element))
      return rangeOfLeaf(node.element, {0, 0, true});
    double largest = 0;
    const auto *magnitudes = static_cast<const double *>(leaf.data());
    for (int64_t i = 0; i < leaf.size(); ++i)
      if (std::isfinite(magnitudes[i]))
        largest = std::max(largest, magnitudes[i]);
    return {-largest, largest};
  }

  /// The range bounds every partial sum of parts of the products: factors below 1 count as 1 in it.
  bool mayOverflow(const Node &node, const Rounding &rounding) const {
    double largest = floatRangeOf(node.element).largest;
    if (isContraction(node))
      largest = std::min(largest, floatRangeOf(node.accumulate).largest);
    double reached = ranges.back().magnitude() * std::exp(rounding.relative) + rounding.underflow;
    return !isDataLeaf(node) && !(reached <= largest / 2);
  }

  /// What underflow takes from a number of this type at most. Processors with dots of bf16 take
  /// factors and sums in f32 below the smallest normal number for 0.
  double lostIn(Element element) const {
    bool mayDot = element == Element::BF16 || (element == Element::F32 && readsBF16);
    return mayDot ? 0x1p-126 : floatRangeOf(element).subnormal;
  }

  Rounding contraction(const Node &node, double terms) const {
    FloatRange accumulation = floatRangeOf(node.accumulate), result = floatRangeOf(node.element);
    bool multiplies = !isTropical(node.semiring);
    auto operations = static_cast<double>(node.operands.size() - 1);
    Rounding sum;
    double others = 1;
    for (const Operand &operand : node.operands) {
      const Rounding &own = roundings[operand.node];
      sum.isUnbounded |= own.isUnbounded;
      // Relative errors of factors add up; of terms the largest counts.
      sum.relative =
          multiplies ? sum.relative + own.relative : std::max(sum.relative, own.relative);
      others *= std::max(1.0, ranges[operand.node].magnitude());
    }
    // What one factor has lost is multiplied by the others, which may have lost something too.
    double lost = 0;
    for (const Operand &operand : node.operands)
      lost +=
          roundings[operand.node].underflow * (multiplies ? others * std::exp(sum.relative) : 1);
    if (multiplies) {
      // Of a dot either factor, the sum, and the sum when it is stored.
      lost += operations * lostIn(node.accumulate) * others * 4;
      if (node.semiring == Semiring::PlusTimes)
        lost *= terms;
    }
    double multiplication = isComplex(node.accumulate) ? 4 : 1;
    double additions = node.semiring == Semiring::PlusTimes ? terms - 1 : 0;
    sum.relative += accumulation.unit * (additions + multiplication * operations);
    sum.underflow = lost;
    if (node.accumulate != node.element) {
      sum.relative += result.unit;
      sum.underflow += lostIn(node.element) * terms;
    }
    if (node.kind == NodeKind::Slice)
      sum.relative += result.unit * additions;
    return sum;
  }

  /// What goes into an operation of two operands, or comes out of it: magnitudes are no less than
  /// 1.
  struct Term {
    Rounding rounding;
    double magnitude;
  };

  Rounding map(const Node &node) const {
    auto term = [&](const Operand &operand) {
      return Term{roundings[operand.node], std::max(1.0, ranges[operand.node].magnitude())};
    };
    Term a = term(node.operands.front()), b = term(node.operands.back());
    Rounding once = map(node, a, b);
    // Products alone use the magnitude.
    return readsTwice(node) ? map(node, {once, a.magnitude * b.magnitude}, b) : once;
  }

  static Rounding map(const Node &node, const Term &first, const Term &second) {
    FloatRange format = floatRangeOf(node.element);
    const Rounding &a = first.rounding, &b = second.rounding;
    Rounding result{std::max(a.relative, b.relative), a.underflow, a.isUnbounded || b.isUnbounded};
    switch (static_cast<MapOp>(node.flavour)) {
    case MapOp::Neg:
      break;
    case MapOp::Max:
    case MapOp::Min:
      result.underflow = std::max(a.underflow, b.underflow);
      break;
    case MapOp::Add:
    case MapOp::Sub:
      result.relative += format.unit;
      result.underflow = (a.underflow + b.underflow) * (1 + format.unit);
      break;
    case MapOp::Mul: {
      result.relative = a.relative + b.relative + format.unit;
      double growth = 2 * std::exp(result.relative);
      result.underflow = a.underflow * growth * second.magnitude +
                         b.underflow * growth * first.magnitude + format.subnormal;
      break;
    }
    }
    return result;
  }

  const Genome &genome;
  Shapes shapes;
  bool readsBF16; ///< some node is of bf16: sums in f32 may be dots, even of what is widened first
  std::vector<NodeRange> ranges;
  std::vector<Rounding> roundings;
};

} // namespace

/// The bounds of one result from the elements of the twin.
static void boundElements(HostTensor &magnitudes, const Rounding &rounding) {
  auto *elements = static_cast<double *>(magnitudes.data());
  // The twin is rounded too, each element by less than 2^-19 of it: no program has more than 2^30
  // operations.
  double relative = std::expm1(rounding.relative) * (1 + 0x1p-18);
  for (int64_t i = 0; i < magnitudes.size(); ++i) {
    double magnitude = elements[i];
    if (rounding.isUnbounded || std::isnan(magnitude) || magnitude == INFINITY)
      elements[i] = INFINITY;
    else
      // An infinity of the twin that is negative is a tropical zero, which is exact.
      elements[i] = (magnitude > 0 ? relative * magnitude : 0) + rounding.underflow;
  }
}

llvm::Expected<std::vector<HostTensor>> fuzz::errorBounds(const Genome &genome,
                                                          MLIRContext &context) {
  DataPlan plan = planData(genome);
  std::vector<HostTensor> bounds;
  auto append = [&](Result<HostTensor> tensor) -> llvm::Error {
    if (!tensor)
      return llvm::createStringError(tensor.message());
    bounds.push_back(std::move(*tensor));
    return llvm::Error::success();
  };
  if (plan.arithmetic != Arithmetic::Bound) {
    Shapes shapes = shapesOf(genome);
    for (uint16_t result : genome.results) {
      std::vector<int64_t> shape(shapes[result].begin(), shapes[result].end());
      if (llvm::Error error = append(HostTensor::zeros({TENON_F64}, shape)))
        return error;
    }
    return bounds;
  }

  Genome twin;
  twin.arithmetic = Arithmetic::Bound;
  twin.results = genome.results;
  // By node, for the roundings; of leaves once more, in order, for the interpreter.
  std::vector<HostTensor> leaves(genome.nodes.size());
  std::vector<HostTensor> arguments;
  for (size_t number = 0; number < genome.nodes.size(); ++number) {
    twin.nodes.push_back(twinOf(genome.nodes[number]));
    if (!isDataLeaf(genome.nodes[number]))
      continue;
    Result<HostTensor> magnitudes = magnitudesOf(drawLeaf(genome, plan, number));
    if (!magnitudes)
      return llvm::createStringError(magnitudes.message());
    Result<HostTensor> copy = magnitudes->clone();
    if (!copy)
      return llvm::createStringError(copy.message());
    leaves[number] = std::move(*copy);
    arguments.push_back(std::move(*magnitudes));
  }
  RoundingSum roundings(genome, leaves);
  llvm::Expected<SmallVector<HostTensor>> values = interpretTwin(twin, arguments, context);
  if (!values)
    return values.takeError();
  for (auto [number, value] : llvm::enumerate(*values)) {
    uint16_t node = genome.results[number];
    if (!isFloating(genome.nodes[node].element)) {
      if (llvm::Error error = append(HostTensor::zeros({TENON_F64}, value.shape())))
        return error;
      continue;
    }
    boundElements(value, roundings[node]);
    bounds.push_back(std::move(value));
  }
  return bounds;
}
