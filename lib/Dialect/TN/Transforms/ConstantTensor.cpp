//===- ConstantTensor.cpp - Arithmetic on tensors known at compile time -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ConstantTensor.h"

#include "tenon/Support/Assert.h"
#include "tenon/Support/SeededBug.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

bool Arithmetic::sharesUnits(Semiring other) const {
  bool otherIsTropical = other == Semiring::MaxPlus || other == Semiring::MinPlus;
  return isTropical() || otherIsTropical ? other == semiring : true;
}

int64_t ConstantTensor::size() const {
  return std::visit([](const auto &list) { return static_cast<int64_t>(list.size()); }, elements);
}

//===----------------------------------------------------------------------===//
// Rings: zero, one, sum and product of one element kind
//===----------------------------------------------------------------------===//

namespace {
/// The range and precision of a binary floating-point format.
struct FloatFormat {
  int precision;
  int minExponent;
  double largest;

  explicit FloatFormat(Type type) {
    const llvm::fltSemantics &semantics = cast<FloatType>(type).getFloatSemantics();
    precision = APFloat::semanticsPrecision(semantics);
    minExponent = APFloat::semanticsMinExponent(semantics);
    APFloat bound = APFloat::getLargest(semantics);
    bool losesInfo;
    bound.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
    largest = bound.convertToDouble();
  }

  /// To nearest, ties to even. One operation on two values of a format of at most 24 bits, computed
  /// in double and rounded here, is rounded correctly: double has more than twice the bits plus
  /// two.
  double round(double x) const {
    if (precision == 53 || x == 0 || !std::isfinite(x))
      return x;
    if (precision == 24)
      return static_cast<float>(x);
    int exponent;
    std::frexp(x, &exponent);
    int ulp = std::max(exponent - precision, minExponent - precision + 1);
    double rounded = std::ldexp(std::nearbyint(std::ldexp(x, -ulp)), ulp);
    return std::fabs(rounded) > largest ? std::copysign(HUGE_VAL, x) : rounded;
  }
};

struct IntegerRing {
  using Element = int64_t;
  Semiring semiring;
  unsigned width;
  bool isUnsigned;

  explicit IntegerRing(const Arithmetic &a)
      : semiring(a.semiring), width(a.type.isIndex() ? 64 : a.type.getIntOrFloatBitWidth()),
        isUnsigned(a.isUnsigned || width == 1) {}

  int64_t wrap(uint64_t bits) const {
    if (width == 64)
      return static_cast<int64_t>(bits);
    return isUnsigned ? static_cast<int64_t>(bits & llvm::maskTrailingOnes<uint64_t>(width))
                      : llvm::SignExtend64(bits, width);
  }
  bool less(int64_t a, int64_t b) const {
    return isUnsigned ? static_cast<uint64_t>(a) < static_cast<uint64_t>(b) : a < b;
  }
  int64_t zero() const {
    if (semiring == Semiring::MaxPlus)
      return isUnsigned ? 0 : llvm::minIntN(width);
    if (semiring == Semiring::MinPlus)
      return isUnsigned ? static_cast<int64_t>(llvm::maxUIntN(width)) : llvm::maxIntN(width);
    return 0;
  }
  int64_t one() const {
    return semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus ? 0 : 1;
  }
  int64_t add(int64_t a, int64_t b) const {
    switch (semiring) {
    case Semiring::PlusTimes:
      return wrap(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    case Semiring::OrAnd:
      return a | b;
    case Semiring::MinPlus:
      return less(b, a) ? b : a;
    case Semiring::MaxPlus:
    case Semiring::MaxTimes:
      return less(a, b) ? b : a;
    }
    llvm_unreachable("all semirings are listed");
  }
  int64_t multiply(int64_t a, int64_t b) const {
    uint64_t x = a, y = b;
    bool isSum = semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus;
    return wrap(isSum ? x + y : x * y);
  }
  bool equals(int64_t a, int64_t b) const { return a == b; }
};

struct RealRing {
  using Element = double;
  Semiring semiring;
  FloatFormat format;

  explicit RealRing(const Arithmetic &a) : semiring(a.semiring), format(a.type) {}

  double zero() const {
    if (semiring == Semiring::MaxPlus)
      return -HUGE_VAL;
    return semiring == Semiring::MinPlus ? HUGE_VAL : 0.0;
  }
  double one() const {
    return semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus ? 0.0 : 1.0;
  }
  double add(double a, double b) const {
    if (semiring == Semiring::PlusTimes)
      return format.round(a + b);
    if (std::isnan(a) || std::isnan(b))
      return std::isnan(a) ? a : b;
    bool wantsMin = semiring == Semiring::MinPlus;
    // −0 lies below +0.
    bool isLess = a == b ? std::signbit(a) > std::signbit(b) : a < b;
    return isLess == wantsMin ? a : b;
  }
  double multiply(double a, double b) const {
    bool isSum = semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus;
    return format.round(isSum ? a + b : a * b);
  }
  bool equals(double a, double b) const { return a == b; }
};

struct ComplexRing {
  using Element = std::complex<double>;
  FloatFormat format;

  explicit ComplexRing(const Arithmetic &a) : format(cast<ComplexType>(a.type).getElementType()) {}

  Element zero() const { return 0.0; }
  Element one() const { return 1.0; }
  Element add(Element a, Element b) const {
    return {format.round(a.real() + b.real()), format.round(a.imag() + b.imag())};
  }
  Element multiply(Element a, Element b) const {
    auto product = [&](double x, double y) { return format.round(x * y); };
    return {format.round(product(a.real(), b.real()) - product(a.imag(), b.imag())),
            format.round(product(a.real(), b.imag()) + product(a.imag(), b.real()))};
  }
  bool equals(Element a, Element b) const { return a == b; }
};

/// Calls `function` with the ring of an arithmetic.
template <typename Function> auto withRing(const Arithmetic &arithmetic, Function &&function) {
  if (isa<ComplexType>(arithmetic.type))
    return function(ComplexRing(arithmetic));
  if (isa<FloatType>(arithmetic.type))
    return function(RealRing(arithmetic));
  return function(IntegerRing(arithmetic));
}

template <typename Ring>
const std::vector<typename Ring::Element> &elementsOf(const ConstantTensor &tensor, const Ring &) {
  const auto *elements = std::get_if<std::vector<typename Ring::Element>>(&tensor.elements);
  TENON_ASSERT(elements, "a constant is loaded in the arithmetic that it is used in");
  return *elements;
}
} // namespace

//===----------------------------------------------------------------------===//
// Contraction
//===----------------------------------------------------------------------===//

namespace {
/// The loop nest of a contraction: output labels first, then the summed ones.
struct LoopNest {
  SmallVector<int64_t> labels, extents;
  /// For each tensor, its step in elements along each label; repeated labels add up.
  SmallVector<SmallVector<int64_t>> strides;
  int64_t outer = 1, inner = 1;

  LoopNest(ArrayRef<const ConstantTensor *> tensors, ArrayRef<ArrayRef<int64_t>> lists,
           ArrayRef<int64_t> output) {
    labels.assign(output.begin(), output.end());
    for (ArrayRef<int64_t> list : lists)
      for (int64_t label : list)
        if (!llvm::is_contained(labels, label))
          labels.push_back(label);
    extents.assign(labels.size(), 0);
    for (auto [tensor, list] : llvm::zip_equal(tensors, lists)) {
      SmallVector<int64_t> &steps = strides.emplace_back(labels.size(), 0);
      int64_t step = 1;
      for (size_t dim = list.size(); dim-- > 0;) {
        size_t position = llvm::find(labels, list[dim]) - labels.begin();
        extents[position] = tensor->shape[dim];
        steps[position] = isSeeded(SeededBug::DiagonalLost) ? step : steps[position] + step;
        step *= tensor->shape[dim];
      }
    }
    for (auto [i, extent] : llvm::enumerate(extents))
      (i < output.size() ? outer : inner) *= extent;
  }
};
} // namespace

ConstantTensor simplify::contractConstants(const Arithmetic &arithmetic,
                                           ArrayRef<const ConstantTensor *> tensors,
                                           ArrayRef<ArrayRef<int64_t>> labels,
                                           ArrayRef<int64_t> output) {
  TENON_ASSERT(tensors.size() == 1 || tensors.size() == 2, "one or two tensors are contracted");
  LoopNest nest(tensors, labels, output);
  ConstantTensor result;
  result.shape.assign(nest.extents.begin(), nest.extents.begin() + output.size());
  withRing(arithmetic, [&](const auto &ring) {
    using Element = typename std::decay_t<decltype(ring)>::Element;
    const std::vector<Element> &first = elementsOf(*tensors.front(), ring);
    const std::vector<Element> *second =
        tensors.size() == 2 ? &elementsOf(*tensors.back(), ring) : nullptr;
    std::vector<Element> values;
    values.reserve(nest.outer);
    SmallVector<int64_t> position(nest.labels.size(), 0);
    int64_t offsets[2] = {0, 0};
    for (int64_t o = 0; o < nest.outer; ++o) {
      Element sum = ring.zero();
      for (int64_t s = 0; s < nest.inner; ++s) {
        Element term = first[offsets[0]];
        if (second)
          term = ring.multiply(term, (*second)[offsets[1]]);
        sum = s == 0 ? term : ring.add(sum, term);
        // On to the next assignment; after the last summed one the next output position follows.
        for (size_t d = position.size(); d-- > 0;) {
          bool wraps = ++position[d] == nest.extents[d];
          for (size_t t = 0; t < tensors.size(); ++t)
            offsets[t] += nest.strides[t][d] * (wraps ? 1 - nest.extents[d] : 1);
          if (!wraps)
            break;
          position[d] = 0;
        }
      }
      values.push_back(sum);
    }
    result.elements = std::move(values);
  });
  return result;
}

//===----------------------------------------------------------------------===//
// Loading and storing
//===----------------------------------------------------------------------===//

template <typename T> static T readAs(const char *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

static double readFloat(Type type, const char *bytes) {
  if (type.isF64())
    return readAs<double>(bytes);
  if (type.isF32())
    return readAs<float>(bytes);
  APFloat value(cast<FloatType>(type).getFloatSemantics(), APInt(16, readAs<uint16_t>(bytes)));
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

static int64_t readInteger(Type type, const char *bytes, bool isUnsigned) {
  if (isSeeded(SeededBug::ConstantSignedness))
    isUnsigned = false;
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  switch (width) {
  case 64:
    return readAs<int64_t>(bytes);
  case 32:
    return isUnsigned ? int64_t(readAs<uint32_t>(bytes)) : int64_t(readAs<int32_t>(bytes));
  case 16:
    return isUnsigned ? int64_t(readAs<uint16_t>(bytes)) : int64_t(readAs<int16_t>(bytes));
  case 8:
    return isUnsigned ? int64_t(readAs<uint8_t>(bytes)) : int64_t(readAs<int8_t>(bytes));
  default:
    return readAs<uint8_t>(bytes) & 1;
  }
}

static unsigned bytesOf(Type type) {
  if (auto complexType = dyn_cast<ComplexType>(type))
    return 2 * bytesOf(complexType.getElementType());
  return type.isIndex() ? 8 : std::max(1u, type.getIntOrFloatBitWidth() / 8);
}

std::optional<ConstantTensor>
simplify::loadConstant(ElementsAttr attribute, const Arithmetic &arithmetic, bool isConjugated) {
  auto type = cast<RankedTensorType>(attribute.getType());
  Type elementType = type.getElementType();
  int64_t count = type.getNumElements();
  ArrayRef<char> bytes;
  SmallVector<char> unpacked;
  bool isSplat = false;
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
    isSplat = dense.isSplat();
    if (elementType.isInteger(1)) {
      // The attribute's own storage of booleans is its business.
      for (bool value : dense.getValues<bool>())
        unpacked.push_back(value);
      isSplat = false;
      bytes = unpacked;
    } else {
      bytes = dense.getRawData();
    }
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return std::nullopt;
    bytes = blob->getData();
  } else {
    return std::nullopt;
  }
  unsigned step = bytesOf(elementType);
  if (bytes.size() < (isSplat ? 1 : static_cast<uint64_t>(count)) * step)
    return std::nullopt;
  auto at = [&](int64_t i) { return bytes.data() + (isSplat ? 0 : i * step); };

  ConstantTensor tensor;
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  auto fill = [&](auto read) {
    std::vector<decltype(read(at(0)))> values;
    values.reserve(count);
    for (int64_t i = 0; i < count; ++i)
      values.push_back(read(at(i)));
    tensor.elements = std::move(values);
  };
  auto complexFrom = dyn_cast<ComplexType>(elementType);
  if (isa<ComplexType>(arithmetic.type)) {
    Type part = complexFrom ? complexFrom.getElementType() : elementType;
    unsigned half = bytesOf(part);
    fill([&](const char *p) {
      double imaginary = complexFrom ? readFloat(part, p + half) : 0.0;
      bool negates = isConjugated && complexFrom;
      return std::complex<double>(readFloat(part, p), negates ? -imaginary : imaginary);
    });
  } else if (isa<FloatType>(arithmetic.type)) {
    fill([&](const char *p) { return readFloat(elementType, p); });
  } else {
    fill([&](const char *p) { return readInteger(elementType, p, arithmetic.isUnsigned); });
  }
  return tensor;
}

template <typename T> static void append(SmallVectorImpl<char> &bytes, T value) {
  const char *begin = reinterpret_cast<const char *>(&value);
  bytes.append(begin, begin + sizeof(T));
}

static void appendFloat(SmallVectorImpl<char> &bytes, Type type, double value) {
  if (type.isF64())
    return append(bytes, value);
  if (type.isF32())
    return append(bytes, static_cast<float>(value));
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(cast<FloatType>(type).getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
  append(bytes, static_cast<uint16_t>(rounded.bitcastToAPInt().getZExtValue()));
}

DenseElementsAttr simplify::storeConstant(const ConstantTensor &tensor, Type elementType) {
  auto type = RankedTensorType::get(tensor.shape, elementType);
  SmallVector<char> bytes;
  if (const auto *values = std::get_if<std::vector<int64_t>>(&tensor.elements)) {
    if (elementType.isInteger(1)) {
      SmallVector<bool> bits(values->begin(), values->end());
      return DenseElementsAttr::get(type, bits);
    }
    unsigned width = bytesOf(elementType);
    for (int64_t value : *values) {
      const char *begin = reinterpret_cast<const char *>(&value);
      bytes.append(begin, begin + width);
    }
  } else if (const auto *values = std::get_if<std::vector<double>>(&tensor.elements)) {
    for (double value : *values)
      appendFloat(bytes, elementType, value);
  } else {
    Type part = cast<ComplexType>(elementType).getElementType();
    for (std::complex<double> value :
         std::get<std::vector<std::complex<double>>>(tensor.elements)) {
      appendFloat(bytes, part, value.real());
      appendFloat(bytes, part, value.imag());
    }
  }
  // A tensor of one value is stored as that value, so that equal constants are one attribute.
  unsigned step = bytesOf(elementType);
  ArrayRef<char> all(bytes);
  bool isSplat =
      !all.empty() && llvm::all_of(llvm::seq<size_t>(1, all.size() / step), [&](size_t i) {
        return all.slice(i * step, step) == all.take_front(step);
      });
  return DenseElementsAttr::getFromRawBuffer(type, isSplat ? all.take_front(step) : all);
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

std::optional<ConstantTensor> simplify::sumOfOnes(const Arithmetic &arithmetic, int64_t count) {
  ConstantTensor result;
  bool isSummed = arithmetic.semiring == Semiring::PlusTimes;
  if (isa<ComplexType>(arithmetic.type)) {
    double sum = ComplexRing(arithmetic).format.round(static_cast<double>(count));
    if (!std::isfinite(sum))
      return std::nullopt;
    result.elements = std::vector<std::complex<double>>{sum};
  } else if (isa<FloatType>(arithmetic.type)) {
    RealRing ring(arithmetic);
    double sum = count == 0 ? ring.zero() : ring.one();
    if (isSummed)
      sum = ring.format.round(static_cast<double>(count));
    if (isSummed && !std::isfinite(sum))
      return std::nullopt;
    result.elements = std::vector<double>{sum};
  } else {
    IntegerRing ring(arithmetic);
    result.elements = std::vector<int64_t>{isSummed     ? ring.wrap(count)
                                           : count == 0 ? ring.zero()
                                                        : ring.one()};
  }
  return result;
}

bool simplify::isAllOnes(const ConstantTensor &tensor, const Arithmetic &arithmetic) {
  return withRing(arithmetic, [&](const auto &ring) {
    return llvm::all_of(elementsOf(tensor, ring),
                        [&](auto value) { return ring.equals(value, ring.one()); });
  });
}

bool simplify::isAllZeros(const ConstantTensor &tensor, const Arithmetic &arithmetic) {
  return withRing(arithmetic, [&](const auto &ring) {
    return llvm::all_of(elementsOf(tensor, ring),
                        [&](auto value) { return ring.equals(value, ring.zero()); });
  });
}

bool simplify::isDiagonalIn(const ConstantTensor &tensor, const Arithmetic &arithmetic, unsigned p,
                            unsigned q) {
  int64_t strideP = 1, strideQ = 1;
  for (size_t dim = p + 1; dim < tensor.shape.size(); ++dim)
    strideP *= tensor.shape[dim];
  for (size_t dim = q + 1; dim < tensor.shape.size(); ++dim)
    strideQ *= tensor.shape[dim];
  return withRing(arithmetic, [&](const auto &ring) {
    const auto &elements = elementsOf(tensor, ring);
    auto zero = ring.zero();
    for (int64_t i = 0, e = elements.size(); i < e; ++i) {
      int64_t row = i / strideP % tensor.shape[p], column = i / strideQ % tensor.shape[q];
      if (isSeeded(SeededBug::TriangularAsDiagonal) && row > column)
        continue;
      if (row != column && !ring.equals(elements[i], zero))
        return false;
    }
    return true;
  });
}

template <typename Element> static double largestMagnitude(const std::vector<Element> &elements) {
  double largest = 0;
  for (Element element : elements) {
    double magnitude = std::abs(element);
    // NaN compares with nothing, and must not be overlooked.
    if (!(magnitude <= largest))
      largest = magnitude;
  }
  return largest;
}

bool simplify::isProductInRange(const ConstantTensor &a, const ConstantTensor &b, int64_t terms,
                                const Arithmetic &arithmetic) {
  if (arithmetic.isInteger() || arithmetic.isTropical())
    return true;
  Type part = arithmetic.type;
  if (auto complexType = dyn_cast<ComplexType>(part))
    part = complexType.getElementType();
  FloatFormat format(part);
  auto magnitude = [](const ConstantTensor &tensor) {
    return std::visit(
        [](const auto &elements) -> double {
          if constexpr (std::is_same_v<std::decay_t<decltype(elements)>, std::vector<int64_t>>)
            return 0;
          else
            return largestMagnitude(elements);
        },
        tensor.elements);
  };
  double x = magnitude(a), y = magnitude(b);
  if (x == 0 || y == 0)
    return std::isfinite(x) && std::isfinite(y);
  double product = x * y;
  return product >= std::ldexp(1.0, format.minExponent) &&
         product * static_cast<double>(terms) <= format.largest;
}
