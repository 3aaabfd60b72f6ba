//===- ContractionKernelSpec.cpp - Which kernel for which contraction -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

#include "tenon/Support/Assert.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

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

/// Reals that a packed panel and a sum are made of: how many per element, and bytes of each.
struct SumLayout {
  explicit SumLayout(Type accType) {
    ElementLayout layout(accType);
    parts = layout.parts;
    bytes = isHalf(layout.real) ? 4 : layout.real.getIntOrFloatBitWidth() / 8;
  }
  int64_t parts, bytes;
  int64_t elementBytes() const { return parts * bytes; }
};

int64_t roundDown(int64_t value, int64_t unit) { return std::max(value / unit, int64_t(1)) * unit; }

/// The register tile with the least estimated time for an m x n result.
///
/// A step of k costs half a cycle per multiply-add and per load (two ports each), and no less than
/// the latency of a multiply-add (4 cycles) over the number of independent sums. The registers
/// hold the sums, one row of B and, where instructions take no memory operand, the element of A.
void chooseTile(ContractionKernelSpec &spec, const SumLayout &sum, int64_t m, int64_t n,
                const TargetDescription &target) {
  const int64_t parts = sum.parts;
  const int64_t rowUnit = target.numVectors >= 32 ? kPadPeriod : 2;
  const int64_t spare = target.memoryOperand ? 1 : parts;
  double best = 0;
  for (int64_t vectors = 1; vectors <= 4; ++vectors) {
    int64_t available = target.numVectors - spare - vectors * parts;
    int64_t most = available / (vectors * parts);
    for (int64_t mr = roundDown(most, rowUnit); mr >= rowUnit; mr -= rowUnit) {
      if (mr > most && vectors > 1)
        continue;
      int64_t nr = vectors * spec.lanes;
      double steps = double(llvm::divideCeil(m, mr)) * double(llvm::divideCeil(n, nr));
      double multiplies = 0.5 * double(mr * vectors * parts * parts);
      double loads = 0.5 * double(parts * (mr + vectors));
      // The store of a tile and the loop around it weigh as a few steps spread over k.
      double cost = steps * (std::max({multiplies, loads, 4.0}) + 0.02 * double(mr * vectors));
      if (best == 0 || cost < best) {
        best = cost;
        spec.mr = mr;
        spec.nr = nr;
      }
    }
  }
}

void chooseBlocks(ContractionKernelSpec &spec, const SumLayout &sum, int64_t k,
                  const TargetDescription &target) {
  int64_t bytes = sum.elementBytes();
  if (isHalf(ElementLayout(spec.typeC).real)) {
    // Rounding happens once: a sum is never interrupted.
    spec.kc = 0;
  } else {
    // A panel of B fills the first cache; A's panel and C's tile pass through it.
    spec.kc = std::clamp<int64_t>(roundDown(target.l1Bytes / (spec.nr * bytes), 8), 64, 512);
  }
  int64_t depth =
      spec.kc != 0 ? spec.kc : std::max<int64_t>(256, llvm::PowerOf2Ceil(std::max<int64_t>(k, 1)));
  // A's block takes half of the second cache, B's part of the third; of a thin problem, whose A is
  // read once per block of n, B's block shares the second cache with A.
  int64_t stepBytes = depth * bytes;
  spec.mc = roundDown(target.l2Bytes / 2 / stepBytes, spec.mr);
  spec.nc = roundDown(std::min<int64_t>(target.l3Bytes / 2, 4 << 20) / stepBytes, spec.nr);
  spec.ncThin = roundDown(target.l2Bytes / 4 / stepBytes, spec.nr);
}

} // namespace

std::string ContractionKernelSpec::key() const {
  return text(strategy == KernelStrategy::Packed ? "packed" : "direct", ",", nameOf(semiring), ",",
              typeA, conjA ? "*" : "", ",", typeB, conjB ? "*" : "", ",", typeC, ",", accType,
              isUnsigned ? ",unsigned" : "", ",lanes=", lanes, ",tile=", mr, "x", nr, ",mc=", mc,
              ",nc=", nc, "/", ncThin, ",kc=", kc);
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

ContractionKernelSpec chooseContractionSpec(const ContractionTypes &types,
                                            const ContractionShape &shape,
                                            const TargetDescription &target) {
  TENON_ASSERT(explainUnsupported(types).empty(), "types must be supported");
  ContractionKernelSpec spec;
  spec.typeA = types.typeA;
  spec.typeB = types.typeB;
  spec.typeC = types.typeC;
  spec.accType = types.accType;
  spec.semiring = types.semiring;
  spec.isUnsigned = types.isUnsigned;
  spec.conjA = types.conjA && isa<ComplexType>(types.typeA);
  spec.conjB = types.conjB && isa<ComplexType>(types.typeB);

  SumLayout sum(spec.accType);
  spec.lanes = target.lanes(8 * sum.bytes);
  int64_t m = shape.size(ContractionShape::M), n = shape.size(ContractionShape::N);
  int64_t k = shape.size(ContractionShape::K);
  bool thin = m < 3 || n < 3 || k < 3;
  bool tiny = m * n < 4 * spec.lanes;
  if (thin || tiny) {
    spec.strategy = KernelStrategy::Direct;
    spec.mr = 1;
    spec.nr = spec.lanes;
    spec.kc = isHalf(ElementLayout(spec.typeC).real) ? 0 : 1024;
    spec.mc = spec.nc = spec.ncThin = 512;
    return spec;
  }
  spec.strategy = KernelStrategy::Packed;
  chooseTile(spec, sum, m, n, target);
  chooseBlocks(spec, sum, k, target);
  return spec;
}

int64_t packingWorkspaceBytes(const ContractionKernelSpec &spec, const ContractionShape &shape) {
  return spec.strategy == KernelStrategy::Packed ? packedWorkspaceBytes(spec, shape)
                                                 : directWorkspaceBytes(spec, shape);
}

} // namespace tenon::cpu
