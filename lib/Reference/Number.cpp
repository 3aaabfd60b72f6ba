//===- Number.cpp - One scalar inside the interpreter ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Types, rounding, and the way between numbers and memory.
//
//===----------------------------------------------------------------------===//
#include "Number.h"
#include "tenon/HostTensor/FloatFormat.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/APSInt.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace mlir;

namespace tenon::reference {

std::optional<NumberType> NumberType::get(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    if (integer.getWidth() < 1 || integer.getWidth() > 64)
      return std::nullopt;
    return NumberType{Kind::Integer, static_cast<uint8_t>(integer.getWidth())};
  }
  if (type.isIndex())
    return NumberType{Kind::Integer, 64};
  if (type.isF16())
    return NumberType{Kind::F16, 0};
  if (type.isBF16())
    return NumberType{Kind::BF16, 0};
  if (type.isF32())
    return NumberType{Kind::F32, 0};
  if (type.isF64())
    return NumberType{Kind::F64, 0};
  if (auto complex = dyn_cast<ComplexType>(type)) {
    if (complex.getElementType().isF32())
      return NumberType{Kind::C64, 0};
    if (complex.getElementType().isF64())
      return NumberType{Kind::C128, 0};
  }
  return std::nullopt;
}

unsigned NumberType::bitWidth() const {
  switch (kind) {
  case Kind::Integer:
    return width;
  case Kind::F16:
  case Kind::BF16:
    return 16;
  case Kind::F32:
    return 32;
  case Kind::F64:
  case Kind::C64:
    return 64;
  case Kind::C128:
    return 128;
  }
  return 0;
}

const llvm::fltSemantics &NumberType::semantics() const {
  switch (kind) {
  case Kind::F16:
    return llvm::APFloat::IEEEhalf();
  case Kind::BF16:
    return llvm::APFloat::BFloat();
  case Kind::F32:
  case Kind::C64:
    return llvm::APFloat::IEEEsingle();
  default:
    return llvm::APFloat::IEEEdouble();
  }
}

double NumberType::round(double value) const {
  switch (kind) {
  case Kind::F16:
    return decodeF16(encodeF16(value));
  case Kind::BF16:
    return decodeBF16(encodeBF16(value));
  case Kind::F32:
  case Kind::C64:
    return static_cast<double>(static_cast<float>(value));
  default:
    return value;
  }
}

int64_t NumberType::asSigned(const Number &number) const {
  const unsigned shift = 64u - width;
  return static_cast<int64_t>(number.bits << shift) >> shift;
}

/// Exact: every format of NumberType is a subset of double.
static double toDouble(llvm::APFloat value) {
  bool losesInfo = false;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

double roundInteger(NumberType type, uint64_t bits, bool isSigned) {
  llvm::APFloat value(type.semantics());
  value.convertFromAPInt(llvm::APInt(64, bits), isSigned, llvm::APFloat::rmNearestTiesToEven);
  return toDouble(value);
}

double fusedMultiplyAdd(NumberType type, double a, double b, double c) {
  const auto exact = [&](double value) {
    llvm::APFloat converted(value);
    bool losesInfo = false;
    converted.convert(type.semantics(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    return converted;
  };
  llvm::APFloat value = exact(a);
  value.fusedMultiplyAdd(exact(b), exact(c), llvm::APFloat::rmNearestTiesToEven);
  return toDouble(value);
}

double maximum(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<double>::quiet_NaN();
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

double minimum(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<double>::quiet_NaN();
  if (a == b)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

uint64_t toBitPattern(NumberType type, const Number &number) {
  switch (type.kind) {
  case NumberType::Kind::F16:
    return encodeF16(number.re);
  case NumberType::Kind::BF16:
    return encodeBF16(number.re);
  case NumberType::Kind::F32:
    return std::bit_cast<uint32_t>(static_cast<float>(number.re));
  case NumberType::Kind::F64:
    return std::bit_cast<uint64_t>(number.re);
  default:
    return number.bits;
  }
}

Number fromBitPattern(NumberType type, uint64_t bits) {
  switch (type.kind) {
  case NumberType::Kind::F16:
    return Number::real(decodeF16(static_cast<uint16_t>(bits)));
  case NumberType::Kind::BF16:
    return Number::real(decodeBF16(static_cast<uint16_t>(bits)));
  case NumberType::Kind::F32:
    return Number::real(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  case NumberType::Kind::F64:
    return Number::real(std::bit_cast<double>(bits));
  default:
    return Number::integer(type.truncate(bits));
  }
}

std::optional<ElementType> hostElementType(Type type) {
  const std::optional<NumberType> number = NumberType::get(type);
  if (!number)
    return std::nullopt;
  switch (number->kind) {
  case NumberType::Kind::F16:
    return ElementType{TENON_F16};
  case NumberType::Kind::BF16:
    return ElementType{TENON_BF16};
  case NumberType::Kind::F32:
    return ElementType{TENON_F32};
  case NumberType::Kind::F64:
    return ElementType{TENON_F64};
  case NumberType::Kind::C64:
    return ElementType{TENON_C64};
  case NumberType::Kind::C128:
    return ElementType{TENON_C128};
  case NumberType::Kind::Integer:
    break;
  }
  const bool isUnsigned = type.isUnsignedInteger();
  switch (number->width) {
  case 1:
    return ElementType{TENON_BOOL};
  case 8:
    return ElementType{TENON_I8, isUnsigned};
  case 16:
    return ElementType{TENON_I16, isUnsigned};
  case 32:
    return ElementType{TENON_I32, isUnsigned};
  case 64:
    return ElementType{TENON_I64, isUnsigned};
  default:
    return std::nullopt;
  }
}

Number load(const HostTensor &tensor, int64_t index) {
  TENON_ASSERT(index >= 0 && index < tensor.size(), "element position within the tensor");
  const void *data = tensor.data();
  switch (tensor.type().dtype) {
  case TENON_F16:
    return Number::real(decodeF16(static_cast<const uint16_t *>(data)[index]));
  case TENON_BF16:
    return Number::real(decodeBF16(static_cast<const uint16_t *>(data)[index]));
  case TENON_F32:
    return Number::real(static_cast<const float *>(data)[index]);
  case TENON_F64:
    return Number::real(static_cast<const double *>(data)[index]);
  case TENON_C64: {
    const auto *pair = static_cast<const float *>(data) + 2 * index;
    return Number::complex(pair[0], pair[1]);
  }
  case TENON_C128: {
    const auto *pair = static_cast<const double *>(data) + 2 * index;
    return Number::complex(pair[0], pair[1]);
  }
  case TENON_BOOL:
    return Number::integer(static_cast<const uint8_t *>(data)[index] != 0);
  case TENON_I8:
    return Number::integer(static_cast<const uint8_t *>(data)[index]);
  case TENON_I16:
    return Number::integer(static_cast<const uint16_t *>(data)[index]);
  case TENON_I32:
    return Number::integer(static_cast<const uint32_t *>(data)[index]);
  case TENON_I64:
    return Number::integer(static_cast<const uint64_t *>(data)[index]);
  }
  return {};
}

void store(HostTensor &tensor, int64_t index, const Number &number) {
  TENON_ASSERT(index >= 0 && index < tensor.size(), "element position within the tensor");
  void *data = tensor.data();
  switch (tensor.type().dtype) {
  case TENON_F16:
    static_cast<uint16_t *>(data)[index] = encodeF16(number.re);
    return;
  case TENON_BF16:
    static_cast<uint16_t *>(data)[index] = encodeBF16(number.re);
    return;
  case TENON_F32:
    static_cast<float *>(data)[index] = static_cast<float>(number.re);
    return;
  case TENON_F64:
    static_cast<double *>(data)[index] = number.re;
    return;
  case TENON_C64: {
    auto *pair = static_cast<float *>(data) + 2 * index;
    pair[0] = static_cast<float>(number.re);
    pair[1] = static_cast<float>(number.im);
    return;
  }
  case TENON_C128: {
    auto *pair = static_cast<double *>(data) + 2 * index;
    pair[0] = number.re;
    pair[1] = number.im;
    return;
  }
  case TENON_BOOL:
    static_cast<uint8_t *>(data)[index] = number.bits & 1;
    return;
  case TENON_I8:
    static_cast<uint8_t *>(data)[index] = static_cast<uint8_t>(number.bits);
    return;
  case TENON_I16:
    static_cast<uint16_t *>(data)[index] = static_cast<uint16_t>(number.bits);
    return;
  case TENON_I32:
    static_cast<uint32_t *>(data)[index] = static_cast<uint32_t>(number.bits);
    return;
  case TENON_I64:
    static_cast<uint64_t *>(data)[index] = number.bits;
    return;
  }
}

} // namespace tenon::reference
