//===- ConstantIdentity.cpp - Constants that are inverse to each other ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ConstantIdentity.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

using Pairs = SmallVector<std::pair<int64_t, int64_t>>;

namespace {
/// A sum of products in twice the precision (Ogita, Rump, Oishi: Accurate sum and dot product, SIAM
/// J. Sci. Comput. 26(6), 2005, algorithm 5.3).
class DoubledSum {
public:
  void add(double x, double y) {
    double product = x * y, productError = std::fma(x, y, -product);
    double sum = high + product, part = sum - high;
    low += ((high - (sum - part)) + (product - part)) + productError;
    high = sum;
  }
  /// The sum less `value`.
  double less(double value) const { return (high - value) + low; }

private:
  double high = 0, low = 0;
};

struct RealTerms {
  using Element = double;
  DoubledSum sum;

  void add(double x, double y) { sum.add(x, y); }
  double distance(double value) const { return std::fabs(sum.less(value)); }
};

struct ComplexTerms {
  using Element = std::complex<double>;
  DoubledSum real, imaginary;

  void add(Element x, Element y) {
    real.add(x.real(), y.real());
    real.add(-x.imag(), y.imag());
    imaginary.add(x.real(), y.imag());
    imaginary.add(x.imag(), y.real());
  }
  double distance(double value) const { return std::hypot(real.less(value), imaginary.less(0)); }
};

/// Where the elements of a tensor lie for all positions in `labels`, the last one fastest.
std::vector<int64_t> offsetsOf(const ConstantTensor &tensor, ArrayRef<int64_t> list,
                               ArrayRef<int64_t> labels, ArrayRef<int64_t> extents) {
  std::vector<int64_t> offsets{0};
  for (auto [label, extent] : llvm::zip_equal(labels, extents)) {
    int64_t stride = 0, step = 1;
    for (size_t dim = list.size(); dim-- > 0; step *= tensor.shape[dim])
      if (list[dim] == label)
        stride = step;
    std::vector<int64_t> longer;
    longer.reserve(offsets.size() * extent);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < extent; ++i)
        longer.push_back(offset + i * stride);
    offsets = std::move(longer);
  }
  return offsets;
}
} // namespace

/// The product with its elements made zero and one exactly, or nothing where one is neither.
template <typename Terms>
static std::optional<ConstantTensor>
roundToUnits(const Arithmetic &arithmetic, const ConstantTensor &a, ArrayRef<int64_t> labelsOfA,
             const ConstantTensor &b, ArrayRef<int64_t> labelsOfB, ArrayRef<int64_t> left,
             ArrayRef<int64_t> leftExtents, ArrayRef<int64_t> summed,
             ArrayRef<int64_t> summedExtents, int64_t tied) {
  using Element = typename Terms::Element;
  Type part = arithmetic.type;
  constexpr bool isComplex = std::is_same_v<Terms, ComplexTerms>;
  if (auto complexType = dyn_cast<ComplexType>(part))
    part = complexType.getElementType();
  std::vector<int64_t> aInner = offsetsOf(a, labelsOfA, summed, summedExtents),
                       bInner = offsetsOf(b, labelsOfB, summed, summedExtents),
                       aOuter = offsetsOf(a, labelsOfA, left, leftExtents),
                       bOuter = offsetsOf(b, labelsOfB, left, leftExtents);
  double unitRoundoff = std::ldexp(1.0, -static_cast<int>(APFloat::semanticsPrecision(
                                            cast<FloatType>(part).getFloatSemantics())));
  double roundings =
      (double(aInner.size()) * double(tied) - 1 + (isComplex ? 8 : 2)) * unitRoundoff;
  if (roundings >= 0.5)
    return std::nullopt;
  double relative = roundings / (1 - roundings);
  const auto &x = std::get<std::vector<Element>>(a.elements);
  const auto &y = std::get<std::vector<Element>>(b.elements);
  std::vector<Element> units;
  units.reserve(aOuter.size());
  for (size_t o = 0; o < aOuter.size(); ++o) {
    Terms terms;
    double magnitude = 0;
    for (size_t s = 0; s < aInner.size(); ++s) {
      Element xTerm = x[aOuter[o] + aInner[s]], yTerm = y[bOuter[o] + bInner[s]];
      terms.add(xTerm, yTerm);
      magnitude += std::abs(xTerm) * std::abs(yTerm);
    }
    double bound = relative * magnitude;
    // A bound that is not a number holds nothing.
    if (!(bound < 0.5))
      return std::nullopt;
    if (terms.distance(0) <= bound)
      units.push_back(0);
    else if (terms.distance(1) <= bound)
      units.push_back(1);
    else
      return std::nullopt;
  }
  ConstantTensor result;
  result.shape.assign(leftExtents.begin(), leftExtents.end());
  result.elements = std::move(units);
  return result;
}

/// The number of ones in a tensor whose other elements are zeros; nothing where there are others.
static std::optional<int64_t> countOnes(const ConstantTensor &tensor,
                                        const Arithmetic &arithmetic) {
  std::optional<ConstantTensor> zero = sumOfOnes(arithmetic, 0), one = sumOfOnes(arithmetic, 1);
  if (!zero || !one)
    return std::nullopt;
  return std::visit(
      [&](const auto &elements) -> std::optional<int64_t> {
        using Elements = std::decay_t<decltype(elements)>;
        auto zeroValue = std::get<Elements>(zero->elements).front(),
             oneValue = std::get<Elements>(one->elements).front();
        int64_t ones = 0;
        for (auto element : elements) {
          if (element == oneValue)
            ++ones;
          else if (element != zeroValue)
            return std::nullopt;
        }
        return ones;
      },
      tensor.elements);
}

std::optional<Pairs>
simplify::findIdentityProduct(const Arithmetic &arithmetic, const ConstantTensor &a,
                              ArrayRef<int64_t> labelsOfA, const ConstantTensor &b,
                              ArrayRef<int64_t> labelsOfB, ArrayRef<int64_t> summed, int64_t tied) {
  // The labels that are left: those of the first, of the second, and of both.
  SmallVector<int64_t> left, leftExtents, summedExtents(summed.size());
  SmallVector<unsigned> first, second;
  Pairs pairs;
  auto summedPlace = [&](int64_t label) { return llvm::find(summed, label) - summed.begin(); };
  int64_t size = 1;
  for (auto [label, extent] : llvm::zip_equal(labelsOfA, a.shape)) {
    if (llvm::is_contained(summed, label)) {
      summedExtents[summedPlace(label)] = extent;
      continue;
    }
    if (llvm::is_contained(labelsOfB, label))
      pairs.emplace_back(label, label);
    else
      first.push_back(left.size());
    left.push_back(label);
    leftExtents.push_back(extent);
    size *= extent;
  }
  for (auto [label, extent] : llvm::zip_equal(labelsOfB, b.shape)) {
    if (llvm::is_contained(labelsOfA, label))
      continue;
    second.push_back(left.size());
    left.push_back(label);
    leftExtents.push_back(extent);
  }
  if (first.size() != second.size() || a.size() == 0 || b.size() == 0)
    return std::nullopt;

  bool isRounded = arithmetic.semiring == Semiring::PlusTimes && !arithmetic.isInteger();
  std::optional<ConstantTensor> product;
  if (!isRounded)
    product = contractConstants(arithmetic, {&a, &b}, {labelsOfA, labelsOfB}, left);
  else if (isa<ComplexType>(arithmetic.type))
    product = roundToUnits<ComplexTerms>(arithmetic, a, labelsOfA, b, labelsOfB, left, leftExtents,
                                         summed, summedExtents, tied);
  else
    product = roundToUnits<RealTerms>(arithmetic, a, labelsOfA, b, labelsOfB, left, leftExtents,
                                      summed, summedExtents, tied);
  // An identity has a one for each position in the first's labels, and of other than that number
  // none.
  if (!product || countOnes(*product, arithmetic) != size)
    return std::nullopt;
  for (unsigned p : first) {
    auto partner = llvm::find_if(second, [&](unsigned q) {
      return leftExtents[p] == leftExtents[q] && isDiagonalIn(*product, arithmetic, p, q);
    });
    if (partner == second.end())
      return std::nullopt;
    pairs.emplace_back(left[p], left[*partner]);
    second.erase(partner);
  }
  return pairs;
}
