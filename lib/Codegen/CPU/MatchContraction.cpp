//===- MatchContraction.cpp - Recognises contractions in linalg -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "MatchContraction.h"

#include "tenon/Dialect/TN/IR/MaxTimesMark.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::cpu;

namespace {
enum class Addition { Sum, Xor, Max, Min, Or };
enum class Product { Times, Plus };

/// An operand of the product: which block argument, conjugated or not, and how integers were widened.
struct Factor {
  unsigned argument = 0;
  bool isConjugated = false;
  bool zeroExtends = false, signExtends = false;
};
} // namespace

static std::optional<std::pair<Addition, bool>> matchAddition(Operation *op) {
  if (isa<arith::AddFOp, arith::AddIOp, complex::AddOp>(op))
    return std::pair(Addition::Sum, false);
  if (isa<arith::XOrIOp>(op))
    return std::pair(Addition::Xor, false);
  if (isa<arith::OrIOp>(op))
    return std::pair(Addition::Or, false);
  if (isa<arith::MaximumFOp, arith::MaxSIOp>(op))
    return std::pair(Addition::Max, false);
  if (isa<arith::MaxUIOp>(op))
    return std::pair(Addition::Max, true);
  if (isa<arith::MinimumFOp, arith::MinSIOp>(op))
    return std::pair(Addition::Min, false);
  if (isa<arith::MinUIOp>(op))
    return std::pair(Addition::Min, true);
  return std::nullopt;
}

static std::optional<Product> matchProduct(Operation *op) {
  if (isa<arith::MulFOp, arith::MulIOp, complex::MulOp, arith::AndIOp>(op))
    return Product::Times;
  if (isa<arith::AddFOp, arith::AddIOp>(op))
    return Product::Plus;
  return std::nullopt;
}

static std::optional<Factor> matchFactor(Value value, Block *body) {
  Factor factor;
  while (Operation *op = value.getDefiningOp()) {
    if (op->getBlock() != body || op->getNumOperands() != 1)
      return std::nullopt;
    if (isa<arith::ExtUIOp>(op))
      factor.zeroExtends |= !op->getOperand(0).getType().isInteger(1);
    else if (isa<arith::ExtSIOp>(op))
      factor.signExtends = true;
    else if (isa<complex::ConjOp>(op))
      factor.isConjugated = !factor.isConjugated;
    else if (!isa<arith::ExtFOp>(op))
      return std::nullopt;
    // i1 widens with zeros; a sign extension of it means -1.
    if (isa<arith::ExtSIOp>(op) && op->getOperand(0).getType().isInteger(1))
      return std::nullopt;
    value = op->getOperand(0);
  }
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != body || argument.getArgNumber() > 1)
    return std::nullopt;
  factor.argument = argument.getArgNumber();
  return factor;
}

static std::optional<cpu::Semiring> toSemiring(std::optional<Addition> addition, Product product, Type type) {
  bool isBool = type.isInteger(1);
  if (!addition)
    // No sum: any semiring with this product will do.
    return product == Product::Times ? cpu::Semiring::PlusTimes : cpu::Semiring::MaxPlus;
  switch (*addition) {
  case Addition::Sum:
    // Addition of i1 by arith.addi is the exclusive or.
    return product == Product::Times ? std::optional(cpu::Semiring::PlusTimes) : std::nullopt;
  case Addition::Xor:
    return product == Product::Times && isBool ? std::optional(cpu::Semiring::PlusTimes) : std::nullopt;
  case Addition::Or:
    return product == Product::Times && isBool ? std::optional(cpu::Semiring::OrAnd) : std::nullopt;
  case Addition::Max:
    return product == Product::Times ? cpu::Semiring::MaxTimes : cpu::Semiring::MaxPlus;
  case Addition::Min:
    return product == Product::Plus ? std::optional(cpu::Semiring::MinPlus) : std::nullopt;
  }
  return std::nullopt;
}

static bool collectLoops(AffineMap map, SmallVectorImpl<int64_t> &loops) {
  if (!map.isProjectedPermutation())
    return false;
  for (AffineExpr expr : map.getResults())
    loops.push_back(cast<AffineDimExpr>(expr).getPosition());
  return true;
}

std::optional<MatchedContraction> cpu::matchContraction(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1)
    return std::nullopt;
  MatchedContraction match;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!collectLoops(maps[0], match.loopsA) || !collectLoops(maps[1], match.loopsB) || !collectLoops(maps[2], match.loopsC))
    return std::nullopt;
  SmallVector<bool> isRead(op.getNumLoops(), false);
  for (int64_t loop : llvm::concat<const int64_t>(match.loopsA, match.loopsB))
    isRead[loop] = true;
  if (llvm::is_contained(isRead, false))
    return std::nullopt;

  Block *body = op.getBody();
  Value old = body->getArgument(2), result = body->getTerminator()->getOperand(0);
  Operation *top = result.getDefiningOp();
  if (!top || top->getNumOperands() != 2)
    return std::nullopt;
  std::optional<Addition> addition;
  bool isUnsigned = false;
  Operation *product = top;
  if (llvm::is_contained(top->getOperands(), old)) {
    auto matched = matchAddition(top);
    if (!matched)
      return std::nullopt;
    addition = matched->first;
    isUnsigned = matched->second;
    Value other = top->getOperand(top->getOperand(0) == old ? 1 : 0);
    product = other.getDefiningOp();
    if (other == old || !product || product->getNumOperands() != 2)
      return std::nullopt;
    match.addsToC = true;
  } else {
    // Nothing is added up: a loop that C lacks would keep its last product, not their sum.
    for (auto [loop, extent] : llvm::enumerate(op.getStaticLoopRanges()))
      if (extent != 1 && !llvm::is_contained(match.loopsC, static_cast<int64_t>(loop)))
        return std::nullopt;
  }
  std::optional<Product> kind = matchProduct(product);
  if (!kind)
    return std::nullopt;
  Type accumulation = result.getType();
  if (isa<arith::AndIOp>(product) && !accumulation.isInteger(1))
    return std::nullopt;
  std::optional<Factor> x = matchFactor(product->getOperand(0), body), y = matchFactor(product->getOperand(1), body);
  if (!x || !y || x->argument == y->argument)
    return std::nullopt;
  if (x->argument == 1)
    std::swap(x, y);
  if ((x->signExtends || y->signExtends) && (x->zeroExtends || y->zeroExtends || isUnsigned))
    return std::nullopt;
  // Signed order and unsigned widening: the kernels know one signedness for both.
  if ((addition == Addition::Max || addition == Addition::Min) && !isUnsigned && (x->zeroExtends || y->zeroExtends))
    return std::nullopt;
  std::optional<cpu::Semiring> semiring = toSemiring(addition, *kind, accumulation);
  if (!semiring)
    return std::nullopt;
  // The zero of max_times, 0, is above every negative product: the kernel is right for what tn calls max_times only.
  if (*semiring == cpu::Semiring::MaxTimes && !op->hasAttr(tn::kMaxTimesMark))
    return std::nullopt;
  match.types.typeA = body->getArgument(0).getType();
  match.types.typeB = body->getArgument(1).getType();
  match.types.typeC = old.getType();
  match.types.accType = accumulation;
  match.types.semiring = *semiring;
  match.types.isUnsigned = isUnsigned || x->zeroExtends || y->zeroExtends;
  match.types.conjA = x->isConjugated;
  match.types.conjB = y->isConjugated;
  if (!explainUnsupported(match.types).empty())
    return std::nullopt;
  return match;
}
