//===- NodeRange.cpp - Bounds on the values of nodes ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Ranges whose bounds are of both signs are kept symmetric: the magnitude of a result then depends
// on the magnitudes of the operands alone, so that what holds for small values of one sign holds
// for both.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/DataPlan.h"
#include "tenon/Fuzz/ElementRules.h"

#include <algorithm>

namespace tenon::fuzz {
namespace {

double powerOfTwo(int exponent) { return std::ldexp(1.0, exponent); }

/// The largest sums of magnitudes that neither overflow nor meet a tropical zero. Doubles do not
/// hold the limits of 64 bits, but half of them.
double signedLimit(unsigned bits) { return bits <= 32 ? powerOfTwo(bits - 1) - 2 : powerOfTwo(62); }
double unsignedLimit(unsigned bits) { return bits <= 32 ? powerOfTwo(bits) - 2 : powerOfTwo(63); }

void setAllUnsigned(NodeRange &range, unsigned bits) {
  range.unsignedLow = 0;
  range.unsignedHigh = powerOfTwo(bits) - 1;
}

void setAllSigned(NodeRange &range, unsigned bits) {
  range.low = -powerOfTwo(bits - 1);
  range.high = powerOfTwo(bits - 1) - 1;
}

NodeRange allOf(Element element) {
  NodeRange range;
  setAllUnsigned(range, bitsOf(element));
  if (element == Element::I1)
    range.high = 1;
  else
    setAllSigned(range, bitsOf(element));
  return range;
}

/// Of integers that are these numbers modulo 2^bits, read as signed.
NodeRange fromSigned(double low, double high, Element element) {
  unsigned bits = bitsOf(element);
  if (element == Element::I1 || low < -powerOfTwo(bits - 1) || high >= powerOfTwo(bits - 1))
    return allOf(element);
  NodeRange range{low, high};
  if (low >= 0) {
    range.unsignedLow = low;
    range.unsignedHigh = high;
  } else {
    setAllUnsigned(range, bits);
  }
  return range;
}

/// … read as unsigned.
NodeRange fromUnsigned(double low, double high, Element element) {
  unsigned bits = bitsOf(element);
  if (element == Element::I1 || high >= powerOfTwo(bits))
    return allOf(element);
  NodeRange range{low, high, low, high};
  if (high >= powerOfTwo(bits - 1))
    setAllSigned(range, bits);
  return range;
}

/// From 0, or from the negative of it, to a magnitude.
NodeRange upTo(double magnitude, bool isNonNegative) {
  return {isNonNegative ? 0 : -magnitude, magnitude};
}

/// One operand as a sum reads it.
struct Reading {
  double low, high;
  double magnitude() const { return std::fmax(std::fabs(low), std::fabs(high)); }
};

/// A contraction, or a sum over slices, of these operands.
class ContractionRange {
public:
  ContractionRange(const Node &node, std::span<const Node> nodes, std::span<const NodeRange> ranges,
                   SumSize size, RangeVerdict &verdict)
      : node(node), nodes(nodes), ranges(ranges), isEmpty(size.isEmpty),
        terms(static_cast<double>(size.terms)), verdict(verdict) {}

  NodeRange compute() { return isInteger(node.accumulate) ? integers() : floats(); }

private:
  NodeRange integers() {
    if (node.accumulate == Element::I1)
      return allOf(Element::I1);
    bool isUnsigned = node.isUnsigned;
    double sum = 0, product = 1;
    bool isNonNegative = true;
    for (const Operand &operand : node.operands) {
      const NodeRange &range = ranges[operand.node];
      bool readsUnsigned = isUnsigned || nodes[operand.node].element == Element::I1;
      Reading reading = readsUnsigned ? Reading{range.unsignedLow, range.unsignedHigh}
                                      : Reading{range.low, range.high};
      sum += reading.magnitude();
      // At least 1: a part of the product, and of the sum, is then no larger than all of it.
      product *= std::fmax(1.0, reading.magnitude());
      isNonNegative &= reading.low >= 0;
    }
    auto wrap = [&](double magnitude) {
      NodeRange range = upTo(magnitude, isNonNegative);
      return isUnsigned ? fromUnsigned(range.low, range.high, node.element)
                        : fromSigned(range.low, range.high, node.element);
    };
    unsigned bits = bitsOf(node.accumulate);
    double limit = isUnsigned ? unsignedLimit(bits) : signedLimit(bits);
    switch (node.semiring) {
    case Semiring::MaxTimes:
      verdict.isInSemiring &= isNonNegative && product <= limit;
      return wrap(product);
    case Semiring::MaxPlus:
    case Semiring::MinPlus:
      if (node.operands.size() > 1)
        verdict.isInSemiring &= !isEmpty && sum <= limit;
      // The zero of an empty sum is no operand of another one.
      if (isEmpty || sum > limit)
        return allOf(node.element);
      return wrap(sum);
    default:
      return wrap(product * terms);
    }
  }

  NodeRange floats() {
    double sum = 0, product = 1;
    bool isNonNegative = !isComplex(node.accumulate), hasMinus = false, hasPlus = false,
         isUndefined = false;
    for (const Operand &operand : node.operands) {
      const NodeRange &range = ranges[operand.node];
      sum += range.magnitude();
      product *= std::fmax(1.0, range.magnitude());
      isNonNegative &= range.low >= 0;
      hasMinus |= range.hasMinusInfinity;
      hasPlus |= range.hasPlusInfinity;
      isUndefined |= range.isUndefined;
    }
    // Each part of a complex product is a sum of two products of parts.
    if (isComplex(node.accumulate))
      product *= powerOfTwo(static_cast<int>(node.operands.size()) - 1);
    NodeRange result;
    switch (node.semiring) {
    case Semiring::MaxPlus:
    case Semiring::MinPlus: {
      bool isMax = node.semiring == Semiring::MaxPlus;
      // The zero of one semiring is none of the other's numbers.
      if (node.operands.size() > 1)
        isUndefined |= isMax ? hasPlus : hasMinus;
      result = upTo(sum, isNonNegative);
      result.hasMinusInfinity = hasMinus || (isEmpty && isMax);
      result.hasPlusInfinity = hasPlus || (isEmpty && !isMax);
      break;
    }
    case Semiring::MaxTimes:
      verdict.isInSemiring &= isNonNegative && !hasMinus && !hasPlus;
      result = upTo(product, isNonNegative);
      break;
    default:
      isUndefined |= hasMinus || hasPlus;
      result = upTo(product * terms, isNonNegative);
      break;
    }
    result.isUndefined = isUndefined;
    verdict.isExact &= !isUndefined &&
                       result.high <= powerOfTwo(floatRangeOf(node.accumulate).precision) &&
                       result.high <= powerOfTwo(floatRangeOf(node.element).precision);
    return result;
  }

  const Node &node;
  std::span<const Node> nodes;
  std::span<const NodeRange> ranges;
  bool isEmpty;
  double terms;
  RangeVerdict &verdict;
};

NodeRange rangeOfDelta(const Node &node) {
  if (!isTropical(node.semiring))
    return isInteger(node.element) ? fromSigned(0, 1, node.element) : NodeRange{0, 1};
  bool hasZeros = node.extents.size() > 1 && node.extents.front() > 1;
  if (isInteger(node.element))
    return hasZeros ? allOf(node.element) : NodeRange{};
  NodeRange range;
  range.hasMinusInfinity = hasZeros && node.semiring == Semiring::MaxPlus;
  range.hasPlusInfinity = hasZeros && node.semiring == Semiring::MinPlus;
  return range;
}

NodeRange mapIntegers(MapOp op, const NodeRange &a, const NodeRange &b, bool isUnsigned,
                      Element element) {
  if (element == Element::I1)
    return allOf(element);
  bool isNonNegative = a.low >= 0 && b.low >= 0;
  auto wrap = [&](double magnitude, bool sign) {
    NodeRange range = upTo(magnitude, sign);
    return fromSigned(range.low, range.high, element);
  };
  switch (op) {
  case MapOp::Add:
    return wrap(a.magnitude() + b.magnitude(), isNonNegative);
  case MapOp::Sub:
    return wrap(a.magnitude() + b.magnitude(), false);
  case MapOp::Mul:
    return wrap(a.magnitude() * b.magnitude(), isNonNegative);
  case MapOp::Neg:
    return wrap(a.magnitude(), false);
  case MapOp::Max:
  case MapOp::Min:
    if (isUnsigned)
      return fromUnsigned(0, std::fmax(a.unsignedHigh, b.unsignedHigh), element);
    return wrap(std::fmax(a.magnitude(), b.magnitude()), isNonNegative);
  }
  return allOf(element);
}

NodeRange mapFloats(MapOp op, const NodeRange &a, const NodeRange &b, Element element,
                    RangeVerdict &verdict) {
  bool isNonNegative = a.low >= 0 && b.low >= 0;
  NodeRange result;
  bool isUndefined = a.isUndefined || b.isUndefined;
  switch (op) {
  case MapOp::Add:
  case MapOp::Sub:
    result = upTo(a.magnitude() + b.magnitude(), isNonNegative && op == MapOp::Add);
    isUndefined |= a.hasInfinity() || b.hasInfinity();
    break;
  case MapOp::Mul:
    result = upTo(std::fmax(1, a.magnitude()) * std::fmax(1, b.magnitude()), isNonNegative);
    isUndefined |= a.hasInfinity() || b.hasInfinity();
    break;
  case MapOp::Neg:
    result = {-a.high, -a.low};
    result.hasMinusInfinity = a.hasPlusInfinity;
    result.hasPlusInfinity = a.hasMinusInfinity;
    break;
  case MapOp::Max:
  case MapOp::Min:
    result = upTo(std::fmax(a.magnitude(), b.magnitude()), isNonNegative);
    result.hasMinusInfinity = a.hasMinusInfinity || b.hasMinusInfinity;
    result.hasPlusInfinity = a.hasPlusInfinity || b.hasPlusInfinity;
    break;
  }
  result.isUndefined = isUndefined;
  verdict.isExact &=
      !isUndefined && result.magnitude() <= powerOfTwo(floatRangeOf(element).precision);
  return result;
}

} // namespace

NodeRange rangeOfLeaf(Element element, const LeafDomain &domain) {
  if (!isInteger(element))
    return {domain.low, domain.high};
  if (domain.isFree)
    return allOf(element);
  return domain.low >= 0 ? fromUnsigned(domain.low, domain.high, element)
                         : fromSigned(domain.low, domain.high, element);
}

NodeRange rangeOfNode(const Node &node, std::span<const Node> nodes,
                      std::span<const NodeRange> ranges, SumSize size, RangeVerdict &verdict) {
  switch (node.kind) {
  case NodeKind::Argument:
  case NodeKind::Constant:
    return {};
  case NodeKind::Delta:
    return rangeOfDelta(node);
  case NodeKind::Contract:
  case NodeKind::Slice:
    return ContractionRange(node, nodes, ranges, size, verdict).compute();
  case NodeKind::Map:
  case NodeKind::Update: {
    const NodeRange &a = ranges[node.operands.front().node], &b = ranges[node.operands.back().node];
    auto op = static_cast<MapOp>(node.flavour);
    auto apply = [&](const NodeRange &left) {
      return isInteger(node.element) ? mapIntegers(op, left, b, node.isUnsigned, node.element)
                                     : mapFloats(op, left, b, node.element, verdict);
    };
    NodeRange once = apply(a);
    return readsTwice(node) ? apply(once) : once;
  }
  case NodeKind::Widen: {
    const NodeRange &range = ranges[node.operands.front().node];
    if (!isInteger(node.element))
      return range;
    return node.isUnsigned ? fromUnsigned(range.unsignedLow, range.unsignedHigh, node.element)
                           : fromSigned(range.low, range.high, node.element);
  }
  case NodeKind::Conj:
  case NodeKind::Permute:
  case NodeKind::Subtensor:
    return ranges[node.operands.front().node];
  }
  return {};
}

} // namespace tenon::fuzz
