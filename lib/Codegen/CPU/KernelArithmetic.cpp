//===- KernelArithmetic.cpp - Elements, widening and semirings ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelArithmetic.h"

#include "tenon/Support/Assert.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace tenon::cpu {
namespace {

int64_t partsOf(Type type) { return isa<ComplexType>(type) ? 2 : 1; }

/// Sums of f16 and bf16 are kept in f32; i1 is a byte.
Type computeTypeOf(Type accType) {
  Type real = ElementLayout(accType).real;
  if (real.isF16() || real.isBF16())
    return Float32Type::get(accType.getContext());
  return real;
}

/// An element of A or B in memory. What dots multiply stays bf16.
ElementLayout factorLayout(Type type, const ContractionKernelSpec &spec) {
  ElementLayout layout(type);
  layout.staysNarrow = spec.dot > 1;
  return layout;
}

Value callIntrinsic(KernelEmitter &e, const Twine &name, Type result, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(e.b, e.loc, result, e.b.getStringAttr(name), operands)
      ->getResult(0);
}

} // namespace

ElementLayout::ElementLayout(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element)) {
    real = complex.getElementType();
    parts = 2;
    return;
  }
  isBool = element.isInteger(1);
  real = isBool ? IntegerType::get(element.getContext(), 8) : element;
}

KernelArithmetic::KernelArithmetic(KernelEmitter &emitter, const ContractionKernelSpec &spec)
    : layoutA(factorLayout(spec.typeA, spec)), layoutB(factorLayout(spec.typeB, spec)),
      layoutC(spec.typeC), compute(computeTypeOf(spec.accType)),
      panel(spec.dot == 1 ? compute : Type(IntegerType::get(spec.accType.getContext(), 32))),
      parts(partsOf(spec.accType)), bytes(compute.getIntOrFloatBitWidth() / 8), dot(spec.dot),
      e(emitter), semiring(spec.semiring), isUnsigned(spec.isUnsigned),
      isModulo2(spec.accType.isInteger(1) && spec.semiring == Semiring::PlusTimes) {}

Value KernelArithmetic::widen(Value value, const ElementLayout &layout) const {
  if ((layout.real == compute && !layout.isBool) || layout.staysNarrow)
    return value;
  auto type = VectorType::get(cast<VectorType>(value.getType()).getShape(), compute);
  if (value.getType() == type)
    return value;
  if (isa<FloatType>(compute))
    return arith::ExtFOp::create(e.b, e.loc, type, value);
  if (isUnsigned || layout.isBool)
    return arith::ExtUIOp::create(e.b, e.loc, type, value);
  return arith::ExtSIOp::create(e.b, e.loc, type, value);
}

Values KernelArithmetic::split(Value raw, const ElementLayout &layout, bool conjugate) const {
  if (layout.parts == 1) {
    Values value{widen(raw, layout)};
    if (parts == 2) {
      auto type = cast<VectorType>(value[0].getType());
      value.push_back(e.zero(type));
    }
    return value;
  }
  auto halves = vector::DeinterleaveOp::create(e.b, e.loc, raw);
  Value real = widen(halves.getRes1(), layout);
  Value imag = widen(halves.getRes2(), layout);
  if (conjugate)
    imag = arith::NegFOp::create(e.b, e.loc, imag);
  return {real, imag};
}

Values KernelArithmetic::load(Value memory, Value position, int64_t lanes,
                              const ElementLayout &layout, bool conjugate) const {
  return split(e.load(memory, position, lanes * layout.parts), layout, conjugate);
}

Values KernelArithmetic::load(Value memory, Value position, const Lanes &lanes,
                              const ElementLayout &layout, bool conjugate) const {
  if (!lanes.count)
    return load(memory, position, lanes.width, layout, conjugate);
  if (!lanes.stride)
    return split(e.loadMasked(memory, position, lanes.width * layout.parts,
                              e.mul(lanes.count, layout.parts)),
                 layout, conjugate);
  Value raw = e.gather(memory, position, lanes.stride, lanes.width, lanes.count);
  if (layout.parts == 2)
    raw = vector::InterleaveOp::create(
        e.b, e.loc, raw,
        e.gather(memory, e.add(position, 1), lanes.stride, lanes.width, lanes.count));
  return split(raw, layout, conjugate);
}

KernelArithmetic::BrokenMasks KernelArithmetic::masksOf(const BrokenLanes &lanes,
                                                        int64_t parts) const {
  Value first = e.mask(e.mul(lanes.cut, parts), lanes.width * parts);
  Value all = e.mask(e.mul(lanes.count, parts), lanes.width * parts);
  return {first, arith::XOrIOp::create(e.b, e.loc, first, all)};
}

Values KernelArithmetic::load(Value memory, Value position, const BrokenLanes &lanes,
                              const ElementLayout &layout, bool conjugate) const {
  auto [first, second] = masksOf(lanes, layout.parts);
  auto type = VectorType::get({lanes.width * layout.parts}, layout.real);
  Value nothing = e.zero(type);
  Value raw = e.loadWhere(first, memory, e.add(position, lanes.first), nothing);
  return split(e.loadWhere(second, memory, e.add(position, lanes.second), raw), layout, conjugate);
}

Values KernelArithmetic::loadC(Value memory, Value position, int64_t lanes) const {
  return load(memory, position, lanes, layoutC, /*conjugate=*/false);
}

Values KernelArithmetic::narrow(ValueRange value) const {
  Values result;
  for (Value part : value) {
    if (dot > 1 && layoutC.real.isBF16()) {
      part = roundToBF16(part);
    } else if (layoutC.real != compute) {
      auto type = VectorType::get(cast<VectorType>(part.getType()).getShape(), layoutC.real);
      part = arith::TruncFOp::create(e.b, e.loc, type, part);
    }
    result.push_back(part);
  }
  return result;
}

void KernelArithmetic::storeC(ValueRange value, Value memory, Value position) const {
  storeC(value, memory, position, Lanes{cast<VectorType>(value[0].getType()).getDimSize(0)});
}

void KernelArithmetic::storeC(ValueRange value, Value memory, Value position,
                              const Lanes &lanes) const {
  Values narrowed = narrow(value);
  if (lanes.stride) {
    for (auto [part, numbers] : llvm::enumerate(narrowed))
      e.scatter(numbers, memory, e.add(position, static_cast<int64_t>(part)), lanes.stride,
                lanes.count);
    return;
  }
  Value raw = interleaved(narrowed);
  if (lanes.count)
    e.storeMasked(raw, memory, position, e.mul(lanes.count, parts));
  else
    e.store(raw, memory, position);
}

void KernelArithmetic::storeC(ValueRange value, Value memory, Value position,
                              const BrokenLanes &lanes) const {
  Value raw = interleaved(narrow(value));
  auto [first, second] = masksOf(lanes, parts);
  e.storeWhere(first, raw, memory, e.add(position, lanes.first));
  e.storeWhere(second, raw, memory, e.add(position, lanes.second));
}

Value KernelArithmetic::maskOfC(Value count, int64_t lanes) const {
  return e.mask(e.mul(count, parts), lanes * parts);
}

void KernelArithmetic::storeC(ValueRange value, Value memory, Value position, Value mask) const {
  e.storeWhere(mask, interleaved(narrow(value)), memory, position);
}

Value KernelArithmetic::interleaved(ValueRange value) const {
  return parts == 1 ? value[0]
                    : vector::InterleaveOp::create(e.b, e.loc, value[0], value[1]).getResult();
}

// `contract` lets the target fuse products and sums; it allows nothing else.
static constexpr arith::FastMathFlags kFuse = arith::FastMathFlags::contract;

Value KernelArithmetic::times(Value x, Value y) const {
  if (isa<FloatType>(compute)) {
    if (semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus)
      return arith::AddFOp::create(e.b, e.loc, x, y);
    return arith::MulFOp::create(e.b, e.loc, x, y, kFuse);
  }
  if (semiring == Semiring::OrAnd || isModulo2)
    return arith::AndIOp::create(e.b, e.loc, x, y);
  if (semiring == Semiring::MaxPlus || semiring == Semiring::MinPlus)
    return arith::AddIOp::create(e.b, e.loc, x, y);
  return arith::MulIOp::create(e.b, e.loc, x, y);
}

Value KernelArithmetic::plus(Value x, Value y) const {
  bool isFloat = isa<FloatType>(compute);
  switch (semiring) {
  case Semiring::PlusTimes:
    if (isFloat)
      return arith::AddFOp::create(e.b, e.loc, x, y, kFuse);
    if (isModulo2)
      return arith::XOrIOp::create(e.b, e.loc, x, y);
    return arith::AddIOp::create(e.b, e.loc, x, y);
  case Semiring::OrAnd:
    return arith::OrIOp::create(e.b, e.loc, x, y);
  case Semiring::MinPlus:
    if (isFloat)
      return arith::MinimumFOp::create(e.b, e.loc, x, y);
    if (isUnsigned)
      return arith::MinUIOp::create(e.b, e.loc, x, y);
    return arith::MinSIOp::create(e.b, e.loc, x, y);
  case Semiring::MaxPlus:
  case Semiring::MaxTimes:
    if (isFloat)
      return arith::MaximumFOp::create(e.b, e.loc, x, y);
    if (isUnsigned)
      return arith::MaxUIOp::create(e.b, e.loc, x, y);
    return arith::MaxSIOp::create(e.b, e.loc, x, y);
  }
  llvm_unreachable("all semirings are listed");
}

Value KernelArithmetic::minus(Value x, Value y) const {
  return arith::SubFOp::create(e.b, e.loc, x, y, kFuse);
}

Values KernelArithmetic::sum(ValueRange x, ValueRange y) const {
  Values result;
  for (auto [left, right] : llvm::zip_equal(x, y))
    result.push_back(plus(left, right));
  return result;
}

Value KernelArithmetic::pairs(Value first, Value second, Value mask) const {
  // Integers: shuffles of bf16 are no better, and bits are to be cleared.
  int64_t lanes = cast<VectorType>(first.getType()).getDimSize(0);
  auto halves = VectorType::get({lanes}, e.b.getI16Type());
  auto halvesOf = [&](Value value) {
    return vector::BitCastOp::create(e.b, e.loc, halves, value).getResult();
  };
  Value both = vector::InterleaveOp::create(e.b, e.loc, halvesOf(first), halvesOf(second));
  Value words = pairs(both);
  return arith::AndIOp::create(e.b, e.loc, words, e.splat(mask, lanes));
}

Value KernelArithmetic::pairs(Value sideBySide) const {
  int64_t count = cast<VectorType>(sideBySide.getType()).getDimSize(0);
  return vector::BitCastOp::create(e.b, e.loc, VectorType::get({count / dot}, panel), sideBySide);
}

/// acc + a * b for both bf16 of each word. Instructions take sums below the least normal number,
/// and factors below it, for 0 (docs/spec.md, "Floating point").
Value KernelArithmetic::plusDots(Value acc, Value a, Value b) const {
  int64_t lanes = cast<VectorType>(acc.getType()).getDimSize(0);
  auto type = VectorType::get({lanes * dot}, layoutA.real);
  a = vector::BitCastOp::create(e.b, e.loc, type, a);
  b = vector::BitCastOp::create(e.b, e.loc, type, b);
  return callIntrinsic(e, "llvm.x86.avx512bf16.dpbf16ps." + Twine(32 * lanes), acc.getType(),
                       {acc, a, b});
}

/// By the instruction that comes with dots. It takes subnormal numbers for 0, which sums of dots
/// are not.
Value KernelArithmetic::roundToBF16(Value value) const {
  constexpr int64_t kFewest = 8; // lanes of the smallest vector that it rounds as a whole
  int64_t lanes = cast<VectorType>(value.getType()).getDimSize(0);
  int64_t width = std::max(lanes, kFewest);
  if (lanes < width)
    value = e.repeat(value, width / lanes);
  Value rounded = callIntrinsic(e, "llvm.x86.avx512bf16.cvtneps2bf16." + Twine(32 * width),
                                VectorType::get({width}, layoutC.real), value);
  return lanes < width ? e.slice(rounded, 0, lanes) : rounded;
}

Value KernelArithmetic::multiplyAdd(Value acc, Value a, Value b) const {
  if (!isa<FloatType>(compute) || semiring != Semiring::PlusTimes)
    return plus(acc, times(a, b));
  // One operation, instead of two that the code generator would have to find.
  return LLVM::FMulAddOp::create(e.b, e.loc, acc.getType(), a, b, acc);
}

Values KernelArithmetic::multiplyAdd(ValueRange acc, ValueRange a, ValueRange b) const {
  if (dot > 1)
    return {plusDots(acc[0], a[0], b[0])};
  if (parts == 1)
    return {multiplyAdd(acc[0], a[0], b[0])};
  // Each step is one fused multiply-add; the subtraction becomes a negated one.
  Value real = minus(multiplyAdd(acc[0], a[0], b[0]), times(a[1], b[1]));
  Value imag = multiplyAdd(multiplyAdd(acc[1], a[0], b[1]), a[1], b[0]);
  return {real, imag};
}

TypedAttr KernelArithmetic::zeroAttr() const {
  bool lowest = semiring == Semiring::MaxPlus, highest = semiring == Semiring::MinPlus;
  if (auto type = dyn_cast<FloatType>(compute)) {
    if (!lowest && !highest)
      return e.b.getFloatAttr(type, 0.0);
    return e.b.getFloatAttr(type, llvm::APFloat::getInf(type.getFloatSemantics(), lowest));
  }
  unsigned width = compute.getIntOrFloatBitWidth();
  llvm::APInt value(width, 0);
  if (lowest && !isUnsigned)
    value = llvm::APInt::getSignedMinValue(width);
  if (highest)
    value = isUnsigned ? llvm::APInt::getMaxValue(width) : llvm::APInt::getSignedMaxValue(width);
  return e.b.getIntegerAttr(compute, value);
}

Values KernelArithmetic::zero(int64_t lanes) const {
  auto type = VectorType::get({lanes}, compute);
  Value one = e.constant(DenseElementsAttr::get(type, Attribute(zeroAttr())));
  return Values(parts, one);
}

Values KernelArithmetic::zeroOutside(ValueRange value, Value count) const {
  // 0 times 0 is 0, which is neutral to all sums but those whose zero is an infinity.
  if (semiring != Semiring::MaxPlus && semiring != Semiring::MinPlus)
    return Values(value);
  int64_t lanes = cast<VectorType>(value[0].getType()).getDimSize(0);
  Value mask = e.mask(count, lanes);
  Values result;
  for (auto [part, neutral] : llvm::zip_equal(value, zero(lanes)))
    result.push_back(e.select(mask, part, neutral));
  return result;
}

Values KernelArithmetic::reduceLanes(ValueRange value) const {
  // Halves are added pairwise, which keeps the order of the sum the same for every target.
  Values result(value);
  int64_t lanes = cast<VectorType>(value[0].getType()).getDimSize(0);
  while (lanes > 1) {
    TENON_ASSERT(lanes % 2 == 0, "vectors have a power of two lanes");
    lanes /= 2;
    Values low, high;
    for (Value part : result) {
      llvm::SmallVector<int64_t> first, second;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        first.push_back(lane);
        second.push_back(lanes + lane);
      }
      low.push_back(vector::ShuffleOp::create(e.b, e.loc, part, part, first));
      high.push_back(vector::ShuffleOp::create(e.b, e.loc, part, part, second));
    }
    result = sum(low, high);
  }
  return result;
}

Values KernelArithmetic::broadcast(ValueRange value, int64_t lanes) const {
  Values result;
  for (Value part : value) {
    Value scalar = vector::ExtractOp::create(e.b, e.loc, part, int64_t(0));
    result.push_back(e.splat(scalar, lanes));
  }
  return result;
}

} // namespace tenon::cpu
