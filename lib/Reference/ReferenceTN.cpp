//===- ReferenceTN.cpp - Semantics of the tn dialect ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// docs/spec.md, executed.
//
//===----------------------------------------------------------------------===//
#include "ConstantTensors.h"
#include "ContractionKernels.h"
#include "Evaluator.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace tenon::reference {
namespace {

using IndexList = SmallVector<int64_t>;

/// One factor of the product: a tensor of the accumulation type, and the index of each dimension.
struct Factor {
  SharedTensor tensor;
  IndexList indices;
};

class Contraction {
public:
  Contraction(Evaluator &evaluator, tn::ContractOp op)
      : evaluator(evaluator), op(op), accumulation(*NumberType::get(op.getAccumulationType())),
        kernel(selectKernel(op.getSemiring(), accumulation, op.getIsUnsigned())),
        output(op.getResultIndices()) {}

  LogicalResult run() {
    TENON_ASSERT(kernel, "the verifier admits only semirings that are defined on the type (C8)");
    if (failed(findExtents()) || failed(widenOperands()))
      return failure();
    SharedTensor sum = usesDefinition() ? combine(factors, output) : pairwise();
    return sum ? round(std::move(sum)) : failure();
  }

private:
  /// The extent of each index, from all operands (C4).
  LogicalResult findExtents() {
    extents.assign(static_cast<size_t>(op.getNumIndices()), -1);
    SmallVector<size_t> source(extents.size());
    for (auto [k, input] : llvm::enumerate(op.getInputs())) {
      const ArrayRef<int64_t> shape = shapeOf(evaluator.tensor(input));
      for (auto [d, index] : llvm::enumerate(op.getOperandIndices(static_cast<unsigned>(k)))) {
        int64_t &extent = extents[static_cast<size_t>(index)];
        if (extent >= 0 && extent != shape[d])
          return evaluator.fail(op, "C4: index '" + op.getIndexName(index) + "' has the extent " +
                                        Twine(extent) + " in operand " +
                                        Twine(source[static_cast<size_t>(index)]) + " and " +
                                        Twine(shape[d]) + " in operand " + Twine(k));
        extent = shape[d];
        source[static_cast<size_t>(index)] = k;
      }
    }
    return success();
  }

  LogicalResult widenOperands() {
    for (auto [k, input] : llvm::enumerate(op.getInputs())) {
      SharedTensor tensor = evaluator.value(input).tensor;
      const Type from = op.getInputType(static_cast<unsigned>(k)).getElementType();
      if (from != op.getAccumulationType() && !(tensor = widen(*tensor, from)))
        return failure();
      factors.push_back(
          {std::move(tensor), IndexList(op.getOperandIndices(static_cast<unsigned>(k)))});
    }
    return success();
  }

  SharedTensor widen(const HostTensor &tensor, Type from) {
    std::optional<HostTensor> wide =
        evaluator.makeTensor(op, op.getAccumulationType(), shapeOf(tensor));
    if (!wide)
      return nullptr;
    const NumberType type = *NumberType::get(from);
    const bool extendsSign = type.isInteger() && type.width > 1 && !op.getIsUnsigned();
    for (int64_t i = 0; i < tensor.size(); ++i) {
      Number number = load(tensor, i);
      if (extendsSign)
        number.bits = accumulation.truncate(static_cast<uint64_t>(type.asSigned(number)));
      store(*wide, i, number);
    }
    return std::make_shared<HostTensor>(std::move(*wide));
  }

  uint64_t workOf(ArrayRef<int64_t> indices, size_t operands) const {
    SmallVector<int64_t> involved;
    for (int64_t index : indices)
      involved.push_back(extents[static_cast<size_t>(index)]);
    return llvm::SaturatingMultiply(saturatingProduct(involved), uint64_t{operands});
  }

  bool usesDefinition() {
    const InterpreterOptions &options = evaluator.getOptions();
    // An empty sum is zero whatever the factors are; a partial one times a factor need not be:
    // the least integer plus x, or -inf + inf.
    if (options.contraction == ContractionMode::Definition || llvm::is_contained(extents, 0))
      return true;
    if (options.contraction == ContractionMode::Pairwise)
      return false;
    return workOf(llvm::to_vector(llvm::seq<int64_t>(0, op.getNumIndices())), factors.size()) <=
           options.definitionLimit;
  }

  /// Stride of each of `indices` in `factor`; a repeated index steps along the diagonal, an absent
  /// one not at all.
  static IndexList strides(const Factor &factor, ArrayRef<int64_t> indices) {
    const IndexList own = stridesOf(shapeOf(*factor.tensor));
    IndexList result(indices.size(), 0);
    for (auto [d, index] : llvm::enumerate(factor.indices))
      for (auto [i, wanted] : llvm::enumerate(indices))
        if (wanted == index)
          result[i] += own[d];
    return result;
  }

  IndexList extentsOf(ArrayRef<int64_t> indices) const {
    return llvm::map_to_vector<6>(
        indices, [&](int64_t index) { return extents[static_cast<size_t>(index)]; });
  }

  /// The product of `operands`, summed over every index that `kept` lacks. Null after a failure.
  SharedTensor combine(ArrayRef<Factor> operands, ArrayRef<int64_t> kept) {
    IndexList all(kept), summed;
    for (const Factor &factor : operands)
      for (int64_t index : factor.indices)
        if (!llvm::is_contained(all, index)) {
          all.push_back(index);
          summed.push_back(index);
        }
    llvm::sort(summed);
    if (failed(evaluator.charge(op, workOf(all, operands.size()))))
      return nullptr;
    ContractionLoops loops;
    loops.outputExtents.append(extentsOf(kept));
    loops.sumExtents.append(extentsOf(summed));
    std::optional<HostTensor> result =
        evaluator.makeTensor(op, op.getAccumulationType(), loops.outputExtents);
    if (!result)
      return nullptr;
    for (const Factor &factor : operands)
      loops.operands.push_back(
          {factor.tensor->data(), strides(factor, kept), strides(factor, summed)});
    loops.result = result->data();
    kernel(loops);
    return std::make_shared<HostTensor>(std::move(*result));
  }

  /// Those of `indices` that the output or an operand from `next` on has.
  IndexList stillNeeded(ArrayRef<int64_t> indices, size_t next) const {
    IndexList needed;
    for (int64_t index : indices) {
      bool isNeeded = llvm::is_contained(output, index);
      for (size_t k = next; k < factors.size() && !isNeeded; ++k)
        isNeeded = llvm::is_contained(factors[k].indices, index);
      if (isNeeded && !llvm::is_contained(needed, index))
        needed.push_back(index);
    }
    return needed;
  }

  SharedTensor pairwise() {
    Factor product = factors.front();
    if (factors.size() == 1)
      return combine(product, output);
    if (IndexList kept = stillNeeded(product.indices, 1); kept != product.indices) {
      SharedTensor reduced = combine(product, kept);
      product = {std::move(reduced), std::move(kept)};
    }
    for (size_t k = 1; k < factors.size() && product.tensor; ++k) {
      IndexList joined = product.indices;
      llvm::append_range(joined, factors[k].indices);
      IndexList kept = k + 1 == factors.size() ? IndexList(output) : stillNeeded(joined, k + 1);
      SharedTensor next = combine({product, factors[k]}, kept);
      product = {std::move(next), std::move(kept)};
    }
    return product.tensor;
  }

  LogicalResult round(SharedTensor sum) {
    const Type elementType = op.getResultType().getElementType();
    if (elementType == op.getAccumulationType())
      return evaluator.bindTensor(op, op.getResult(), std::move(sum));
    std::optional<HostTensor> rounded = evaluator.makeTensor(op, elementType, shapeOf(*sum));
    if (!rounded)
      return failure();
    for (int64_t i = 0; i < sum->size(); ++i)
      store(*rounded, i, load(*sum, i));
    return evaluator.bindTensor(op, op.getResult(), std::move(*rounded));
  }

  Evaluator &evaluator;
  tn::ContractOp op;
  NumberType accumulation;
  ContractionKernel kernel;
  ArrayRef<int64_t> output;
  IndexList extents;
  SmallVector<Factor> factors;
};

LogicalResult evaluateContract(Evaluator &evaluator, Operation *op) {
  return Contraction(evaluator, cast<tn::ContractOp>(op)).run();
}

LogicalResult evaluateConstant(Evaluator &evaluator, Operation *op) {
  return evaluateTensorConstant(evaluator, op, cast<tn::ConstantOp>(op).getValue());
}

LogicalResult evaluateDelta(Evaluator &evaluator, Operation *op) {
  auto delta = cast<tn::DeltaOp>(op);
  auto type = cast<RankedTensorType>(delta.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t &extent : shape)
    if (ShapedType::isDynamic(extent))
      extent = evaluator.integer(delta.getExtent());
  for (int64_t extent : shape)
    if (extent != shape.front())
      return evaluator.fail(op, "D1: all extents of a delta are equal, but the type has " +
                                    Twine(shape.front()) + " and " + Twine(extent));
  std::optional<HostTensor> result = evaluator.makeTensor(op, type.getElementType(), shape);
  if (!result)
    return failure();
  const NumberType number = *NumberType::get(type.getElementType());
  const Number zero = semiringZero(delta.getSemiring(), number, /*isUnsigned=*/false);
  for (int64_t i = 0; i < result->size(); ++i)
    store(*result, i, zero);
  int64_t diagonal = 0;
  for (int64_t stride : stridesOf(shape))
    diagonal += stride;
  const int64_t ones = shape.empty() ? 1 : shape.front();
  for (int64_t i = 0; i < ones; ++i)
    store(*result, i * diagonal, semiringOne(delta.getSemiring(), number));
  return evaluator.bindTensor(op, delta, std::move(*result));
}

LogicalResult evaluateConj(Evaluator &evaluator, Operation *op) {
  auto conj = cast<tn::ConjOp>(op);
  const HostTensor &input = evaluator.tensor(conj.getInput());
  const Type elementType = cast<RankedTensorType>(conj.getType()).getElementType();
  std::optional<HostTensor> result = evaluator.makeTensor(op, elementType, shapeOf(input));
  if (!result)
    return failure();
  const bool isComplex = NumberType::get(elementType)->isComplex();
  for (int64_t i = 0; i < input.size(); ++i) {
    Number number = load(input, i);
    if (isComplex)
      number.im = -number.im;
    store(*result, i, number);
  }
  return evaluator.bindTensor(op, conj, std::move(*result));
}

/// One result of a tn.slice while the slices are gathered.
class GatheredResult {
public:
  GatheredResult(tn::SliceOp slice, unsigned number, HostTensor tensor)
      : slice(slice), placement(slice.getPlacement(number)),
        type(*NumberType::get(
            cast<RankedTensorType>(slice->getResult(number).getType()).getElementType())),
        isSum(llvm::is_contained(placement, tn::SliceOp::kSum)), tensor(std::move(tensor)) {
    const Number zero = semiringZero(slice.getSemiring(), type, slice.getIsUnsigned());
    for (int64_t i = 0; i < this->tensor.size(); ++i)
      store(this->tensor, i, zero);
  }

  void add(const HostTensor &part, ArrayRef<int64_t> iteration) {
    if (part.size() == 0)
      return;
    const SmallVector<int64_t> strides = stridesOf(shapeOf(tensor));
    int64_t base = 0;
    SmallVector<int64_t> free = strides;
    for (auto [index, dimension] : llvm::zip_equal(iteration, placement))
      if (dimension != tn::SliceOp::kSum) {
        base += index * strides[static_cast<size_t>(dimension)];
        free[static_cast<size_t>(dimension)] = -1;
      }
    llvm::erase(free, -1);
    SmallVector<int64_t> position(free.size(), 0);
    int64_t next = 0;
    do {
      int64_t linear = base;
      for (auto [index, stride] : llvm::zip_equal(position, free))
        linear += index * stride;
      Number number = load(part, next++);
      if (isSum)
        number = semiringAdd(slice.getSemiring(), type, slice.getIsUnsigned(), load(tensor, linear),
                             number);
      store(tensor, linear, number);
    } while (nextPosition(position, shapeOf(part)));
  }

  HostTensor take() { return std::move(tensor); }

private:
  tn::SliceOp slice;
  ArrayRef<int64_t> placement;
  NumberType type;
  bool isSum;
  HostTensor tensor;
};

LogicalResult evaluateSlice(Evaluator &evaluator, Operation *op) {
  auto slice = cast<tn::SliceOp>(op);
  SmallVector<GatheredResult> gathered;
  for (auto [number, result] : llvm::enumerate(op->getResults())) {
    auto type = cast<RankedTensorType>(result.getType());
    std::optional<HostTensor> tensor =
        evaluator.makeTensor(op, type.getElementType(), type.getShape());
    if (!tensor)
      return failure();
    gathered.emplace_back(slice, static_cast<unsigned>(number), std::move(*tensor));
  }
  const ArrayRef<int64_t> extents = slice.getExtents();
  if (failed(evaluator.checkWork(op, saturatingProduct(extents))))
    return failure();
  if (!llvm::is_contained(extents, 0)) {
    SmallVector<int64_t> iteration(extents.size(), 0);
    do {
      Evaluator::Values arguments, yielded;
      for (int64_t index : iteration)
        arguments.push_back({Number::integer(static_cast<uint64_t>(index)), nullptr});
      if (failed(evaluator.run(*slice.getBodyBlock(), std::move(arguments), yielded)))
        return failure();
      for (auto [number, value] : llvm::enumerate(yielded)) {
        if (failed(evaluator.checkType(op, *value.tensor,
                                       slice.getYieldType(static_cast<unsigned>(number)))) ||
            failed(evaluator.charge(op, static_cast<uint64_t>(value.tensor->size()))))
          return failure();
        gathered[number].add(*value.tensor, iteration);
      }
    } while (nextPosition(iteration, extents));
  }
  for (auto [result, part] : llvm::zip_equal(op->getResults(), gathered))
    if (failed(evaluator.bindTensor(op, result, part.take())))
      return failure();
  return success();
}

} // namespace

void registerTN(OpTable &table) {
  table.add<tn::ConjOp>(evaluateConj);
  table.add<tn::ConstantOp>(evaluateConstant);
  table.add<tn::ContractOp>(evaluateContract);
  table.add<tn::DeltaOp>(evaluateDelta);
  table.add<tn::SliceOp>(evaluateSlice);
}

} // namespace tenon::reference
