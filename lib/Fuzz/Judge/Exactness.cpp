//===- Exactness.cpp - Functions whose value no order of evaluation changes -===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Exactness.h"

#include "tenon/Dialect/TN/IR/TN.h"

#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

static bool isInexact(Type type) {
  type = getElementTypeOrSelf(type);
  return isa<FloatType, ComplexType>(type);
}

/// Integers of a smaller magnitude are exact in the type, or in its parts.
static double largestExact(Type type) {
  type = getElementTypeOrSelf(type);
  if (auto complex = dyn_cast<ComplexType>(type))
    type = complex.getElementType();
  return std::ldexp(1.0, static_cast<int>(cast<FloatType>(type).getFPMantissaWidth()));
}

//===----------------------------------------------------------------------===//
// What MLIR or the specification leaves open
//===----------------------------------------------------------------------===//

/// Whether every reader of what tensor.empty makes overwrites it unread.
static bool isOverwritten(tensor::EmptyOp empty) {
  return llvm::all_of(empty->getUses(), [](OpOperand &use) {
    // payloadUsesValueFromOperand of linalg.map does not know that bodies may read the init (D5).
    if (auto map = dyn_cast<linalg::MapOp>(use.getOwner()))
      return map.isDpsInit(&use) && map.getMapper().front().getArguments().back().use_empty();
    auto op = dyn_cast<linalg::LinalgOp>(use.getOwner());
    return op && op.isDpsInit(&use) && !op.payloadUsesValueFromOperand(&use);
  });
}

static bool leavesOpen(Operation *op) {
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return !isOverwritten(empty);
  if (auto contract = dyn_cast<tn::ContractOp>(op)) {
    tn::Semiring semiring = contract.getSemiring();
    return semiring != tn::Semiring::PlusTimes && semiring != tn::Semiring::OrAnd;
  }
  if (auto delta = dyn_cast<tn::DeltaOp>(op))
    return delta.getSemiring() != tn::Semiring::PlusTimes &&
           delta.getSemiring() != tn::Semiring::OrAnd;
  if (auto slice = dyn_cast<tn::SliceOp>(op))
    return slice.getSemiring() != tn::Semiring::PlusTimes &&
           slice.getSemiring() != tn::Semiring::OrAnd;
  // Facts may not be true.
  if (op->hasAttr("facts"))
    return true;
  if (auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op))
    if (flags.getOverflowAttr().getValue() != arith::IntegerOverflowFlags::none)
      return true;
  return isa<scf::ForallOp, scf::ParallelOp, func::CallOp, arith::DivSIOp, arith::DivUIOp,
             arith::RemSIOp, arith::RemUIOp, arith::CeilDivSIOp, arith::CeilDivUIOp,
             arith::FloorDivSIOp, arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(op);
}

static bool isKnownDialect(Operation *op) {
  StringRef name = op->getName().getDialectNamespace();
  return name == "tn" || name == "arith" || name == "tensor" || name == "linalg" || name == "scf" ||
         name == "func" || name == "complex" || name == "affine";
}

//===----------------------------------------------------------------------===//
// Magnitudes of floats that hold integers
//===----------------------------------------------------------------------===//

namespace {
/// Follows magnitudes through straight-line code. A value without one is none of floats.
class Magnitudes {
public:
  bool enter(func::FuncOp function, ArrayRef<HostTensor> arguments);

private:
  bool visit(Operation &op);
  bool visitConstant(Operation &op, Attribute value);
  bool visitContract(tn::ContractOp op);
  bool visitLinalg(linalg::LinalgOp op);
  /// Elementwise operations, of tensors or numbers.
  bool visitElementwise(Operation &op);
  bool set(Value value, double magnitude);
  double get(Value value) const { return magnitudes.lookup(value); }
  double largestOperand(Operation &op) const;

  DenseMap<Value, double> magnitudes;
};
} // namespace

/// Where a magnitude is not below what is exact, the value is not.
bool Magnitudes::set(Value value, double magnitude) {
  if (!isInexact(value.getType()))
    return true;
  magnitudes[value] = std::max(magnitude, 1.0);
  return magnitude < largestExact(value.getType());
}

double Magnitudes::largestOperand(Operation &op) const {
  double largest = 1;
  for (Value operand : op.getOperands())
    largest = std::max(largest, get(operand));
  return largest;
}

static std::optional<double> magnitudeOf(const HostTensor &tensor) {
  double largest = 1;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    Scalar value = tensor.get(i);
    std::complex<double> number =
        std::visit([](auto part) { return std::complex<double>(part); }, value);
    if (std::trunc(number.real()) != number.real() || std::trunc(number.imag()) != number.imag())
      return std::nullopt;
    largest = std::max({largest, std::abs(number.real()), std::abs(number.imag())});
  }
  return largest;
}

/// None where it is no integer, or infinite.
static std::optional<double> magnitudeOf(const APFloat &value) {
  if (!value.isFinite() || !value.isInteger())
    return std::nullopt;
  bool losesInfo;
  APFloat copy = value;
  copy.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return std::abs(copy.convertToDouble());
}

bool Magnitudes::visitConstant(Operation &op, Attribute value) {
  Value result = op.getResult(0);
  if (!isInexact(result.getType()))
    return true;
  double largest = 1;
  auto include = [&](const APFloat &number) {
    std::optional<double> magnitude = magnitudeOf(number);
    largest = std::max(largest, magnitude.value_or(largest));
    return magnitude.has_value();
  };
  // One value stands for all elements of a splat, of which there may be more than fit anywhere.
  auto includeAll = [&](auto values, bool isSplat, auto includeOne) {
    return isSplat && !values.empty() ? includeOne(*values.begin())
                                      : llvm::all_of(values, includeOne);
  };
  bool isGood = false;
  if (auto number = dyn_cast<FloatAttr>(value)) {
    isGood = include(number.getValue());
  } else if (auto dense = dyn_cast<DenseFPElementsAttr>(value)) {
    isGood = includeAll(dense.getValues<APFloat>(), dense.isSplat(), include);
  } else if (auto dense = dyn_cast<DenseElementsAttr>(value);
             dense && isa<ComplexType>(dense.getElementType())) {
    isGood = includeAll(dense.getValues<std::complex<APFloat>>(), dense.isSplat(),
                        [&](const std::complex<APFloat> &pair) {
                          return include(pair.real()) && include(pair.imag());
                        });
  }
  return isGood && set(result, largest);
}

bool Magnitudes::visitContract(tn::ContractOp op) {
  Type accumulation = op.getAccumulate().value_or(getElementTypeOrSelf(op.getType()));
  if (!isInexact(accumulation))
    return true;
  // Each point adds one product; the points of all indices bound those that are summed.
  double terms = 1, product = 1;
  llvm::SmallDenseSet<int64_t> seen;
  size_t position = 0;
  for (Value operand : op.getInputs()) {
    product *= std::max(get(operand), 1.0) * (isa<ComplexType>(accumulation) ? 2 : 1);
    for (int64_t extent : cast<RankedTensorType>(operand.getType()).getShape()) {
      if (ShapedType::isDynamic(extent))
        return false;
      if (seen.insert(op.getIndices()[position++]).second)
        terms *= double(std::max<int64_t>(extent, 1));
    }
  }
  return terms * product < largestExact(accumulation) && set(op.getResult(), terms * product);
}

bool Magnitudes::visitElementwise(Operation &op) {
  if (op.getNumResults() != 1)
    return false;
  Value result = op.getResult(0);
  bool readsFloats = llvm::any_of(op.getOperandTypes(), isInexact);
  if (!readsFloats && !isInexact(result.getType()))
    return true;
  double sum = 0, product = isa<complex::MulOp>(op) ? 2 : 1;
  for (Value operand : op.getOperands()) {
    sum += get(operand);
    product *= std::max(get(operand), 1.0);
  }
  if (isa<arith::AddFOp, arith::SubFOp, complex::AddOp, complex::SubOp>(op))
    return set(result, sum);
  if (isa<arith::MulFOp, complex::MulOp>(op))
    return set(result, product);
  // Rounding to a narrower type keeps integers that it holds.
  if (isa<arith::NegFOp, arith::MaximumFOp, arith::MinimumFOp, arith::ExtFOp, arith::TruncFOp,
          complex::NegOp, complex::ConjOp, complex::ReOp, complex::ImOp, complex::CreateOp>(op))
    return set(result, largestOperand(op));
  return false;
}

bool Magnitudes::visitLinalg(linalg::LinalgOp op) {
  double terms = 1;
  for (auto [range, iterator] :
       llvm::zip_equal(op.getStaticLoopRanges(), op.getIteratorTypesArray())) {
    if (iterator == utils::IteratorType::parallel)
      continue;
    if (ShapedType::isDynamic(range))
      return false;
    terms *= double(std::max<int64_t>(range, 1));
  }
  Block *body = op.getBlock();
  for (BlockArgument argument : body->getArguments())
    if (!set(argument, get(op->getOperand(argument.getArgNumber()))))
      return false;
  auto yield = body->getTerminator();
  for (Operation &inner : body->without_terminator()) {
    if (auto constant = dyn_cast<arith::ConstantOp>(inner)
                            ? visitConstant(inner, cast<arith::ConstantOp>(inner).getValue())
                            : inner.getNumRegions() == 0 && visitElementwise(inner);
        !constant)
      return false;
  }
  for (auto [number, result] : llvm::enumerate(op->getResults())) {
    if (!isInexact(result.getType()))
      continue;
    OpOperand *init = op.getDpsInitOperand(static_cast<int64_t>(number));
    BlockArgument sum = op.getMatchingBlockArgument(init);
    double magnitude = get(yield->getOperand(static_cast<unsigned>(number)));
    if (!sum.use_empty() && terms > 1) {
      // What is yielded adds something to the sum once; that something does not depend on the sum.
      Operation *last = yield->getOperand(static_cast<unsigned>(number)).getDefiningOp();
      bool isSum = last &&
                   isa<arith::AddFOp, arith::MaximumFOp, arith::MinimumFOp, complex::AddOp>(last) &&
                   sum.hasOneUse() && *sum.getUsers().begin() == last;
      if (!isSum)
        return false;
      magnitude *= terms;
    }
    if (!set(result, magnitude))
      return false;
  }
  return true;
}

bool Magnitudes::visit(Operation &op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return visitConstant(op, constant.getValue());
  if (auto constant = dyn_cast<tn::ConstantOp>(op))
    return visitConstant(op, constant.getValue());
  if (auto contract = dyn_cast<tn::ContractOp>(op))
    return visitContract(contract);
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return visitLinalg(structured);
  if (isa<tn::DeltaOp>(op))
    return set(op.getResult(0), 1);
  if (isa<tensor::EmptyOp>(op))
    return set(op.getResult(0), 0);
  if (isa<tn::ConjOp, tensor::CastOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp,
          tensor::ExtractSliceOp, tensor::InsertSliceOp, tensor::ConcatOp, tensor::ExtractOp,
          tensor::InsertOp, tensor::FromElementsOp, tensor::SplatOp>(op))
    return set(op.getResult(0), largestOperand(op));
  if (isa<func::ReturnOp, tensor::DimOp>(op))
    return true;
  return op.getNumRegions() == 0 && visitElementwise(op);
}

bool Magnitudes::enter(func::FuncOp function, ArrayRef<HostTensor> arguments) {
  for (auto [argument, tensor] : llvm::zip_equal(function.getArguments(), arguments)) {
    if (!isInexact(argument.getType()))
      continue;
    std::optional<double> magnitude = magnitudeOf(tensor);
    if (!magnitude || !set(argument, *magnitude))
      return false;
  }
  return llvm::all_of(function.front(), [&](Operation &op) { return visit(op); });
}

std::optional<Arithmetic> fuzz::findArithmetic(func::FuncOp function,
                                               ArrayRef<HostTensor> arguments) {
  bool hasFloats = false, isOpen = !function.getBody().hasOneBlock();
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    isOpen |= function.getArgAttr(i, tn::TNDialect::getFactsAttrName()) != nullptr;
  function.walk([&](Operation *op) {
    if (op == function)
      return;
    isOpen |= !isKnownDialect(op) || leavesOpen(op);
    hasFloats |= llvm::any_of(op->getResultTypes(), isInexact) ||
                 llvm::any_of(op->getOperandTypes(), isInexact);
  });
  if (isOpen)
    return std::nullopt;
  if (!hasFloats)
    return Arithmetic::Ring;
  Magnitudes magnitudes;
  return magnitudes.enter(function, arguments) ? std::optional(Arithmetic::Exact) : std::nullopt;
}
