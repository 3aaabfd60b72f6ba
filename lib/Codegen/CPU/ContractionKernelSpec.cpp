//===- ContractionKernelSpec.cpp - Which kernel for which contraction -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

#include "tenon/Support/Assert.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace tenon::cpu {
namespace {

llvm::StringRef nameOf(Semiring semiring) {
  switch (semiring) {
  case Semiring::PlusTimes:
    return "plus-times";
  case Semiring::MaxPlus:
    return "max-plus";
  case Semiring::MinPlus:
    return "min-plus";
  case Semiring::OrAnd:
    return "or-and";
  case Semiring::MaxTimes:
    return "max-times";
  }
  llvm_unreachable("all semirings are listed");
}

template <typename... Parts> std::string text(const Parts &...parts) {
  std::string result;
  llvm::raw_string_ostream stream(result);
  (stream << ... << parts);
  return result;
}

bool isElement(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    type = complex.getElementType();
  else if (auto integer = dyn_cast<IntegerType>(type))
    return integer.isSignless() && llvm::is_contained({1u, 8u, 16u, 32u, 64u}, integer.getWidth());
  else if (type.isF16() || type.isBF16())
    return true;
  return type.isF32() || type.isF64();
}

/// Can every value of `from` be represented in `to` by extension alone?
bool widens(Type from, Type to) {
  if (from == to)
    return true;
  if (auto complex = dyn_cast<ComplexType>(to)) {
    Type real = complex.getElementType();
    if (auto complexFrom = dyn_cast<ComplexType>(from))
      return widens(complexFrom.getElementType(), real);
    return widens(from, real);
  }
  if (isa<FloatType>(from) && isa<FloatType>(to))
    return from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth();
  return from.isInteger() && to.isInteger() &&
         from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth();
}

bool isHalf(Type type) { return type.isF16() || type.isBF16(); }

} // namespace

SumFormat sumFormat(const ContractionTypes &types) {
  ElementLayout layout(types.accType);
  int64_t bytes = isHalf(layout.real) ? 4 : layout.real.getIntOrFloatBitWidth() / 8;
  bool isOfBF16 = types.typeA.isBF16() && types.typeB.isBF16() &&
                  types.semiring == Semiring::PlusTimes &&
                  (types.accType.isBF16() || types.accType.isF32());
  return {layout.parts, bytes, isHalf(ElementLayout(types.typeC).real), isOfBF16};
}

/// The types of a contraction, and what is done with them.
static std::string textOf(const ContractionTypes &types) {
  return text(nameOf(types.semiring), ",", types.typeA, types.conjA ? "*" : "", ",", types.typeB,
              types.conjB ? "*" : "", ",", types.typeC, ",", types.accType,
              types.isUnsigned ? ",unsigned" : "");
}

std::string ContractionKernelSpec::key() const {
  return text(strategyName(strategy), ",", textOf(*this),
              ",lanes=", lanes, dot == 1 ? "" : ",dot=2", ",tile=", mr, "x", nr);
}

std::string tuningKey(const ContractionTypes &types, const ContractionShape &shape) {
  std::string key = textOf(types);
  llvm::raw_string_ostream stream(key);
  constexpr const char *kNames[] = {" b", " m", " n", " k"};
  for (auto [group, name] : llvm::zip_equal(shape.groups, kNames))
    for (const ContractionDim &dim : group)
      stream << name << dim.extent << '(' << dim.strideA << ',' << dim.strideB << ',' << dim.strideC
             << ')';
  return key;
}

std::string explainBlockingOf(const ContractionTypes &types, const Blocking &blocking,
                              const TargetDescription &target) {
  SumFormat sum = sumFormat(types);
  if (blocking.lanes > target.lanes(8 * sum.bytes))
    return text("vectors of ", blocking.lanes, " elements of ", types.accType,
                " are longer than a register");
  if (blocking.dot != 1 && dotOf(sum, target) == 1)
    return text("dot ", blocking.dot, " is for sums of products of bf16, not for ", types.typeA,
                " times ", types.typeB, " in ", types.accType);
  if (sum.isRoundedOnce && blocking.kc != 0)
    return text("k is in blocks of ", blocking.kc, ", but a result in ", types.typeC,
                " is rounded once; expected 0");
  return "";
}

std::string explainUnsupported(const ContractionTypes &types) {
  for (Type type : {types.typeA, types.typeB, types.typeC, types.accType})
    if (!type || !isElement(type))
      return type ? text("no CPU kernel for element type ", type,
                         "; expected f16, bf16, f32, f64, complex of f32 or f64, i1, i8, i16, i32 "
                         "or i64")
                  : std::string("a contraction kernel needs the types of A, B, C and the sum");
  for (Type type : {types.typeA, types.typeB})
    if (!widens(type, types.accType))
      return text("an operand of ", type, " cannot be widened to the accumulation type ",
                  types.accType, "; convert it before the contraction");
  bool rounds = types.accType.isF32() && isHalf(types.typeC);
  if (types.typeC != types.accType && !rounds)
    return text("a result of ", types.typeC, " cannot be stored from a sum in ", types.accType,
                "; only f32 sums may be stored as f16 or bf16");
  bool isBool = types.accType.isInteger(1);
  switch (types.semiring) {
  case Semiring::PlusTimes:
    return "";
  case Semiring::OrAnd:
    return isBool ? "" : text("the (or, and) semiring needs i1, not ", types.accType);
  case Semiring::MaxPlus:
  case Semiring::MinPlus:
  case Semiring::MaxTimes:
    if (isa<ComplexType>(types.accType) || isBool)
      return text("the ", nameOf(types.semiring), " semiring needs real numbers or integers, not ",
                  types.accType);
    return "";
  }
  llvm_unreachable("all semirings are listed");
}

ContractionChoice chooseContraction(const ContractionTypes &types, const ContractionShape &shape,
                                    const TargetDescription &target) {
  TENON_ASSERT(explainUnsupported(types).empty(), "types must be supported");
  Blocking blocking = chooseBlocking(sumFormat(types), shape.sizes(), target);
  ContractionKernelSpec spec{types, blocking};
  spec.conjA &= isa<ComplexType>(types.typeA);
  spec.conjB &= isa<ComplexType>(types.typeB);
  return {spec, blocking};
}

int64_t packingWorkspaceBytes(const ContractionKernelSpec &spec, const CacheBlocks &blocks,
                              const ContractionSizes &sizes) {
  return workspaceBytes({spec, blocks}, sumFormat(spec), sizes);
}

} // namespace tenon::cpu
