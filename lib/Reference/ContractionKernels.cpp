//===- ContractionKernels.cpp - Sums of products over loops ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A semiring over a type says zero, add and multiply; the loop nest is the same for all.
//
//===----------------------------------------------------------------------===//
#include "ContractionKernels.h"
#include "Evaluator.h"
#include "tenon/HostTensor/FloatFormat.h"

#include <cmath>
#include <complex>
#include <limits>

// A product and the sum that takes it are two roundings.
#pragma STDC FP_CONTRACT OFF

namespace tenon::reference {
namespace {

// Element types: how values lie in memory and how + and * round.

template <typename T> struct NativeFloat {
  using Storage = T;
  using Value = T;
  static Value load(Storage value) { return value; }
  static Storage store(Value value) { return value; }
  static Value plus(Value a, Value b) { return a + b; }
  static Value times(Value a, Value b) { return a * b; }
  static Value max(Value a, Value b) { return static_cast<Value>(maximum(a, b)); }
  static Value min(Value a, Value b) { return static_cast<Value>(minimum(a, b)); }
  static Value nought() { return 0; }
  static Value least() { return -std::numeric_limits<T>::infinity(); }
  static Value greatest() { return std::numeric_limits<T>::infinity(); }
};

template <uint16_t (*encode)(double), double (*decode)(uint16_t)> struct NarrowFloat {
  using Storage = uint16_t;
  using Value = double;
  static Value round(Value value) { return decode(encode(value)); }
  static Value load(Storage value) { return decode(value); }
  static Storage store(Value value) { return encode(value); }
  static Value plus(Value a, Value b) { return round(a + b); }
  static Value times(Value a, Value b) { return round(a * b); }
  static Value max(Value a, Value b) { return maximum(a, b); }
  static Value min(Value a, Value b) { return minimum(a, b); }
  static Value nought() { return 0; }
  static Value least() { return -std::numeric_limits<double>::infinity(); }
  static Value greatest() { return std::numeric_limits<double>::infinity(); }
};

template <typename T> struct NativeComplex {
  using Storage = std::complex<T>;
  using Value = std::complex<T>;
  static Value load(Storage value) { return value; }
  static Storage store(Value value) { return value; }
  static Value plus(Value a, Value b) { return {a.real() + b.real(), a.imag() + b.imag()}; }
  static Value times(Value a, Value b) {
    const T rr = a.real() * b.real(), ii = a.imag() * b.imag();
    const T ri = a.real() * b.imag(), ir = a.imag() * b.real();
    return {rr - ii, ri + ir};
  }
  static Value nought() { return {}; }
};

/// T is signed or unsigned; arithmetic is modulo 2^width either way.
template <typename T> struct Integer {
  using Storage = T;
  using Value = T;
  static Value load(Storage value) { return value; }
  static Storage store(Value value) { return value; }
  static Value plus(Value a, Value b) {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
  static Value times(Value a, Value b) {
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  }
  static Value max(Value a, Value b) { return a > b ? a : b; }
  static Value min(Value a, Value b) { return a < b ? a : b; }
  static Value nought() { return 0; }
  static Value least() { return std::numeric_limits<T>::min(); }
  static Value greatest() { return std::numeric_limits<T>::max(); }
};

struct Bit {
  using Storage = uint8_t;
  using Value = bool;
  static Value load(Storage value) { return value != 0; }
  static Storage store(Value value) { return value; }
  static Value plus(Value a, Value b) { return a != b; }
  static Value times(Value a, Value b) { return a && b; }
  static Value max(Value a, Value b) { return a || b; }
  static Value nought() { return false; }
};

// Semirings over an element type.

template <typename Element> struct PlusTimes : Element {
  using Value = typename Element::Value;
  static Value zero() { return Element::nought(); }
  static Value add(Value a, Value b) { return Element::plus(a, b); }
  static Value multiply(Value a, Value b) { return Element::times(a, b); }
};

template <typename Element> struct MaxPlus : Element {
  using Value = typename Element::Value;
  static Value zero() { return Element::least(); }
  static Value add(Value a, Value b) { return Element::max(a, b); }
  static Value multiply(Value a, Value b) { return Element::plus(a, b); }
};

template <typename Element> struct MinPlus : Element {
  using Value = typename Element::Value;
  static Value zero() { return Element::greatest(); }
  static Value add(Value a, Value b) { return Element::min(a, b); }
  static Value multiply(Value a, Value b) { return Element::plus(a, b); }
};

/// On bits, this is (or, and).
template <typename Element> struct MaxTimes : Element {
  using Value = typename Element::Value;
  static Value zero() { return Element::nought(); }
  static Value add(Value a, Value b) { return Element::max(a, b); }
  static Value multiply(Value a, Value b) { return Element::times(a, b); }
};

template <typename Semiring> void contract(const ContractionLoops &loops) {
  using Storage = typename Semiring::Storage;
  using Value = typename Semiring::Value;
  if (llvm::is_contained(loops.outputExtents, 0))
    return;
  const size_t count = loops.operands.size();
  const bool isEmptySum = llvm::is_contained(loops.sumExtents, 0);
  // The innermost sum is a plain loop, the others an odometer.
  const llvm::ArrayRef<int64_t> outerSums =
      llvm::ArrayRef(loops.sumExtents).drop_back(loops.sumExtents.empty() ? 0 : 1);
  const int64_t innerExtent = loops.sumExtents.empty() ? 1 : loops.sumExtents.back();
  llvm::SmallVector<const Storage *> cursors(count);
  llvm::SmallVector<int64_t> innerStrides(count, 0);
  if (!loops.sumExtents.empty())
    for (size_t k = 0; k < count; ++k)
      innerStrides[k] = loops.operands[k].sumStrides.back();

  auto *result = static_cast<Storage *>(loops.result);
  llvm::SmallVector<int64_t> output(loops.outputExtents.size(), 0);
  llvm::SmallVector<int64_t> sum(outerSums.size(), 0);
  do {
    Value total = Semiring::zero();
    if (!isEmptySum) {
      do {
        for (size_t k = 0; k < count; ++k) {
          const ContractionLoops::Operand &operand = loops.operands[k];
          int64_t position = 0;
          for (size_t d = 0; d < output.size(); ++d)
            position += output[d] * operand.outputStrides[d];
          for (size_t d = 0; d < sum.size(); ++d)
            position += sum[d] * operand.sumStrides[d];
          cursors[k] = static_cast<const Storage *>(operand.data) + position;
        }
        for (int64_t i = 0; i < innerExtent; ++i) {
          Value product = Semiring::load(cursors[0][i * innerStrides[0]]);
          for (size_t k = 1; k < count; ++k)
            product = Semiring::multiply(product, Semiring::load(cursors[k][i * innerStrides[k]]));
          total = Semiring::add(total, product);
        }
      } while (nextPosition(sum, outerSums));
    }
    *result++ = Semiring::store(total);
  } while (nextPosition(output, loops.outputExtents));
}

template <typename Element> ContractionKernel selectOrdered(tn::Semiring semiring) {
  switch (semiring) {
  case tn::Semiring::PlusTimes:
    return contract<PlusTimes<Element>>;
  case tn::Semiring::MaxPlus:
    return contract<MaxPlus<Element>>;
  case tn::Semiring::MinPlus:
    return contract<MinPlus<Element>>;
  case tn::Semiring::MaxTimes:
    return contract<MaxTimes<Element>>;
  case tn::Semiring::OrAnd:
    return nullptr;
  }
  return nullptr;
}

template <typename Element> ContractionKernel selectComplex(tn::Semiring semiring) {
  return semiring == tn::Semiring::PlusTimes ? contract<PlusTimes<Element>> : nullptr;
}

template <typename Signed, typename Unsigned>
ContractionKernel selectInteger(tn::Semiring semiring, bool isUnsigned) {
  return isUnsigned ? selectOrdered<Integer<Unsigned>>(semiring)
                    : selectOrdered<Integer<Signed>>(semiring);
}

} // namespace

ContractionKernel selectKernel(tn::Semiring semiring, NumberType type, bool isUnsigned) {
  switch (type.kind) {
  case NumberType::Kind::F16:
    return selectOrdered<NarrowFloat<encodeF16, decodeF16>>(semiring);
  case NumberType::Kind::BF16:
    return selectOrdered<NarrowFloat<encodeBF16, decodeBF16>>(semiring);
  case NumberType::Kind::F32:
    return selectOrdered<NativeFloat<float>>(semiring);
  case NumberType::Kind::F64:
    return selectOrdered<NativeFloat<double>>(semiring);
  case NumberType::Kind::C64:
    return selectComplex<NativeComplex<float>>(semiring);
  case NumberType::Kind::C128:
    return selectComplex<NativeComplex<double>>(semiring);
  case NumberType::Kind::Integer:
    break;
  }
  switch (type.width) {
  case 1:
    return semiring == tn::Semiring::PlusTimes ? contract<PlusTimes<Bit>>
           : semiring == tn::Semiring::OrAnd   ? contract<MaxTimes<Bit>>
                                               : nullptr;
  case 8:
    return selectInteger<int8_t, uint8_t>(semiring, isUnsigned);
  case 16:
    return selectInteger<int16_t, uint16_t>(semiring, isUnsigned);
  case 32:
    return selectInteger<int32_t, uint32_t>(semiring, isUnsigned);
  case 64:
    return selectInteger<int64_t, uint64_t>(semiring, isUnsigned);
  default:
    return nullptr;
  }
}

Number semiringZero(tn::Semiring semiring, NumberType type, bool isUnsigned) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const uint64_t signBit = uint64_t{1} << (type.isInteger() ? type.width - 1 : 0);
  if (semiring == tn::Semiring::MaxPlus) {
    if (!type.isInteger())
      return Number::real(-infinity);
    return Number::integer(isUnsigned ? 0 : signBit);
  }
  if (semiring == tn::Semiring::MinPlus) {
    if (!type.isInteger())
      return Number::real(infinity);
    return Number::integer(isUnsigned ? type.truncate(~uint64_t{0}) : signBit - 1);
  }
  return {};
}

Number semiringOne(tn::Semiring semiring, NumberType type) {
  if (semiring == tn::Semiring::MaxPlus || semiring == tn::Semiring::MinPlus)
    return {};
  return type.isInteger() ? Number::integer(1) : Number::real(1);
}

Number semiringAdd(tn::Semiring semiring, NumberType type, bool isUnsigned, const Number &a,
                   const Number &b) {
  const bool isMin = semiring == tn::Semiring::MinPlus;
  if (semiring == tn::Semiring::PlusTimes) {
    if (type.isInteger())
      return Number::integer(type.truncate(a.bits + b.bits));
    return Number::complex(type.round(a.re + b.re), type.round(a.im + b.im));
  }
  if (semiring == tn::Semiring::OrAnd)
    return Number::integer(a.bits | b.bits);
  if (!type.isInteger())
    return Number::real(isMin ? minimum(a.re, b.re) : maximum(a.re, b.re));
  const bool aIsLess = isUnsigned ? a.bits < b.bits : type.asSigned(a) < type.asSigned(b);
  return aIsLess == isMin ? a : b;
}

} // namespace tenon::reference
