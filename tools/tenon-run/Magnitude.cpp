//===- Magnitude.cpp - How far rounding may take a result -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Magnitude.h"

#include "RunInterpreter.h"

#include "tenon/Codegen/Common/Specialize.h"
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Target/EmitSchedule.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tenon;
using namespace tenon::run;

static bool isFloating(Type type) {
  return isa<FloatType, ComplexType>(getElementTypeOrSelf(type));
}

static FloatType getPartType(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (auto complex = dyn_cast<ComplexType>(element))
    element = complex.getElementType();
  return dyn_cast<FloatType>(element);
}

/// 2^-24 for f32: half the distance of 1 from the next number.
static double getUnitRoundoff(FloatType type) {
  return std::ldexp(1.0, -static_cast<int>(type.getFPMantissaWidth()));
}

static double getSmallestSubnormal(FloatType type) {
  return llvm::APFloat::getSmallest(type.getFloatSemantics()).convertToDouble();
}

/// What a product x y of two bf16 and its addition lose, relative to max(1, |x|) max(1, |y|), where
/// the processor takes factors and sums below the smallest normal number for 0.
static constexpr double kLostInDot = 3 * 0x1p-126;

namespace {
/// Turns a copy of a function into the one that computes magnitudes, and adds up roundings.
class MagnitudeBuilder {
public:
  MagnitudeBuilder(func::FuncOp function, double floor) : function(function), floor(floor) {}

  llvm::Error build();
  llvm::Expected<HostTensor> convert(const HostTensor &tensor) const;
  /// The bound of a result of the function with these values.
  RoundingBound getBound(unsigned result, HostTensor magnitude) const {
    const Rounding &rounding = resultRoundings[result];
    return {rounding.relative, std::move(magnitude), rounding.products, rounding.smallest};
  }

private:
  /// As in RoundingBound.
  struct Rounding {
    double relative = 0;
    int64_t products = 0;
    double smallest = 0;
  };

  llvm::Error convert(Operation &op);
  llvm::Error convertConstant(Operation &op, ElementsAttr value);
  void addContraction(tn::ContractOp op);
  void addSlice(tn::SliceOp op);
  double getMagnitude(double value) const;
  Type convertType(Type type) const;
  tn::Semiring convert(tn::Semiring semiring) const {
    return semiring == tn::Semiring::MinPlus ? tn::Semiring::MaxPlus : semiring;
  }
  Rounding joinOperands(Operation &op) const;
  /// What underflow may cost a product that is summed in this type.
  double getLostInProduct(FloatType type) const {
    bool mayDot = type.isBF16() || (type.isF32() && readsBF16);
    return mayDot ? kLostInDot : getSmallestSubnormal(type);
  }

  func::FuncOp function;
  double floor;
  bool isTropical = false, readsBF16 = false;
  DenseMap<Value, Rounding> roundings;
  std::vector<Rounding> resultRoundings;
  SmallVector<Operation *> erased;
};
} // namespace

double MagnitudeBuilder::getMagnitude(double value) const {
  // An infinity is the zero of max_plus and min_plus; where it is exact it never wins a maximum.
  if (isTropical && std::isinf(value))
    return -INFINITY;
  return std::max(floor, std::abs(value));
}

Type MagnitudeBuilder::convertType(Type type) const {
  if (!isFloating(type))
    return type;
  Type f64 = Float64Type::get(type.getContext());
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? Type(RankedTensorType::get(tensor.getShape(), f64)) : f64;
}

llvm::Expected<HostTensor> MagnitudeBuilder::convert(const HostTensor &tensor) const {
  if (!tensor.type().isFloat() && !tensor.type().isComplex()) {
    Result<HostTensor> copy = tensor.clone();
    if (!copy)
      return llvm::createStringError(copy.message());
    return std::move(*copy);
  }
  Result<HostTensor> result = HostTensor::zeros({TENON_F64}, tensor.shape());
  if (!result)
    return llvm::createStringError(result.message());
  auto *to = static_cast<double *>(result->data());
  for (int64_t i = 0; i < tensor.size(); ++i) {
    Scalar value = tensor.get(i);
    auto *complex = std::get_if<std::complex<double>>(&value);
    to[i] = getMagnitude(complex ? std::abs(*complex) : std::get<double>(value));
  }
  return std::move(*result);
}

MagnitudeBuilder::Rounding MagnitudeBuilder::joinOperands(Operation &op) const {
  Rounding joined;
  for (Value operand : op.getOperands()) {
    Rounding rounding = roundings.lookup(operand);
    joined.relative = std::max(joined.relative, rounding.relative);
    joined.products = std::max(joined.products, rounding.products);
    joined.smallest = std::max(joined.smallest, rounding.smallest);
  }
  return joined;
}

/// Each product passes through p - 1 multiplications and N - 1 additions, in any order
/// (docs/spec.md, "Floating point").
void MagnitudeBuilder::addContraction(tn::ContractOp op) {
  Type accumulation = op.getAccumulationType();
  if (!isFloating(accumulation))
    return;
  FloatType part = getPartType(accumulation);
  double unit = getUnitRoundoff(part);
  tn::Semiring semiring = op.getSemiring();
  bool multiplies = semiring == tn::Semiring::PlusTimes || semiring == tn::Semiring::MaxTimes;
  Rounding result = joinOperands(*op);
  int64_t factors = op.getInputs().size();
  if (multiplies) {
    // Relative errors of factors multiply; those of terms do not.
    result.relative = 0;
    result.products = factors - 1;
    for (Value input : op.getInputs()) {
      result.relative += roundings.lookup(input).relative;
      result.products += roundings.lookup(input).products;
    }
  }
  double additions = 0;
  if (semiring == tn::Semiring::PlusTimes) {
    additions = 1;
    llvm::BitVector summed(op.getNumIndices(), true);
    for (int64_t index : op.getResultIndices())
      summed.reset(index);
    SmallVector<int64_t> extents = op.getIndexExtents();
    for (unsigned index : summed.set_bits())
      additions *= static_cast<double>(extents[index]);
    additions = std::max(additions - 1, 0.0);
  }
  double multiplication = isa<ComplexType>(accumulation) && multiplies ? 4 : 1;
  result.relative += unit * (additions + multiplication * static_cast<double>(factors - 1));
  result.smallest = std::max(result.smallest, getLostInProduct(part));
  FloatType stored = getPartType(op.getResultType());
  if (stored != part) {
    result.relative += getUnitRoundoff(stored);
    result.smallest = std::max(result.smallest, getLostInProduct(stored));
    ++result.products;
  }
  roundings[op.getResult()] = result;
}

/// Slices are added in the type of the result.
void MagnitudeBuilder::addSlice(tn::SliceOp op) {
  Operation *yield = op.getBodyBlock()->getTerminator();
  for (auto [number, value] : llvm::enumerate(op.getResults())) {
    Rounding rounding = roundings.lookup(yield->getOperand(number));
    if (isFloating(value.getType()) && op.getSemiring() == tn::Semiring::PlusTimes) {
      double added = 1;
      for (auto [placement, extent] : llvm::zip_equal(op.getPlacement(number), op.getExtents()))
        if (placement == tn::SliceOp::kSum)
          added *= static_cast<double>(extent);
      rounding.relative += std::max(added - 1, 0.0) * getUnitRoundoff(getPartType(value.getType()));
    }
    roundings[value] = rounding;
  }
}

llvm::Error MagnitudeBuilder::convertConstant(Operation &op, ElementsAttr value) {
  auto type = cast<RankedTensorType>(value.getType());
  std::optional<std::vector<char>> bytes = getElementBytes(value);
  std::optional<tenon_dtype> dtype = toDType(type.getElementType());
  if (!bytes || !dtype)
    return llvm::createStringError("a constant's elements cannot be read");
  Result<HostTensor> tensor = HostTensor::zeros({*dtype}, type.getShape());
  if (!tensor)
    return llvm::createStringError(tensor.message());
  std::memcpy(tensor->data(), bytes->data(), bytes->size());
  llvm::Expected<HostTensor> magnitudes = convert(*tensor);
  if (!magnitudes)
    return magnitudes.takeError();
  ArrayRef<double> elements(static_cast<const double *>(magnitudes->data()), magnitudes->size());
  auto newType = cast<RankedTensorType>(convertType(type));
  OpBuilder builder(&op);
  auto constant =
      tn::ConstantOp::create(builder, op.getLoc(), DenseElementsAttr::get(newType, elements));
  op.getResult(0).replaceAllUsesWith(constant);
  erased.push_back(&op);
  return llvm::Error::success();
}

llvm::Error MagnitudeBuilder::convert(Operation &op) {
  auto touches = [](TypeRange types) { return llvm::any_of(types, isFloating); };
  if (!touches(op.getOperandTypes()) && !touches(op.getResultTypes()))
    return llvm::Error::success();
  ElementsAttr constant;
  if (matchPattern(&op, m_Constant(&constant)))
    return convertConstant(op, constant);
  if (auto contract = dyn_cast<tn::ContractOp>(op)) {
    addContraction(contract);
    contract.setSemiring(convert(contract.getSemiring()));
    contract.removeAccumulateAttr();
  } else if (auto slice = dyn_cast<tn::SliceOp>(op)) {
    addSlice(slice);
    slice.setSemiring(convert(slice.getSemiring()));
  } else if (auto delta = dyn_cast<tn::DeltaOp>(op)) {
    delta.setSemiring(convert(delta.getSemiring()));
  } else if (auto conj = dyn_cast<tn::ConjOp>(op)) {
    roundings[conj.getInput()] = roundings.lookup(conj.getInput());
    conj.getResult().replaceAllUsesWith(conj.getInput());
    erased.push_back(&op);
    return llvm::Error::success();
  } else if (isa<tensor::CastOp, tensor::EmptyOp, tensor::ExtractSliceOp, tensor::InsertSliceOp,
                 tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::ConcatOp>(op)) {
    Rounding joined = joinOperands(op);
    for (Value result : op.getResults())
      roundings[result] = joined;
  } else if (!isa<tn::YieldOp, func::ReturnOp, tensor::DimOp>(op)) {
    return llvm::createStringError("no bound is derived for '" + op.getName().getStringRef() + "'");
  }
  for (Value result : op.getResults())
    result.setType(convertType(result.getType()));
  return llvm::Error::success();
}

llvm::Error MagnitudeBuilder::build() {
  function.walk([&](tn::ContractOp op) {
    isTropical |=
        op.getSemiring() == tn::Semiring::MaxPlus || op.getSemiring() == tn::Semiring::MinPlus;
    for (Value input : op.getInputs())
      readsBF16 |= getElementTypeOrSelf(input.getType()).isBF16();
  });
  Block &body = function.getBody().front();
  for (BlockArgument argument : body.getArguments())
    argument.setType(convertType(argument.getType()));
  llvm::Error error = llvm::Error::success();
  // Operands before their users, bodies before the operations around them.
  function.walk([&](Operation *op) {
    if (op == function)
      return WalkResult::advance();
    error = convert(*op);
    return error ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (error)
    return error;
  auto ret = cast<func::ReturnOp>(body.getTerminator());
  for (Value value : ret.getOperands())
    resultRoundings.push_back(roundings.lookup(value));
  for (Operation *op : erased)
    op->erase();
  function.setType(
      FunctionType::get(function.getContext(), body.getArgumentTypes(), ret.getOperandTypes()));
  return llvm::Error::success();
}

llvm::Expected<std::vector<RoundingBound>>
run::boundRounding(func::FuncOp original, ArrayRef<HostTensor> arguments, double floor) {
  DiagnosticCollector diagnostics(*original.getContext());
  OwningOpRef<ModuleOp> module = ModuleOp::create(original.getLoc());
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto function = cast<func::FuncOp>(builder.clone(*original));
  SmallVector<SmallVector<int64_t>> extents;
  for (const HostTensor &argument : arguments)
    extents.emplace_back(argument.shape().begin(), argument.shape().end());
  if (failed(specializeExtents(function, extents)))
    return diagnostics.takeError("the function's extents are not known");
  MagnitudeBuilder magnitudes(function, floor);
  if (llvm::Error error = magnitudes.build())
    return error;
  std::vector<HostTensor> converted;
  for (const HostTensor &argument : arguments) {
    llvm::Expected<HostTensor> tensor = magnitudes.convert(argument);
    if (!tensor)
      return tensor.takeError();
    converted.push_back(std::move(*tensor));
  }
  llvm::Expected<std::vector<HostTensor>> values = runInterpreter(function, converted);
  if (!values)
    return values.takeError();
  std::vector<RoundingBound> bounds;
  for (auto [number, value] : llvm::enumerate(*values))
    bounds.push_back(magnitudes.getBound(number, std::move(value)));
  return bounds;
}
