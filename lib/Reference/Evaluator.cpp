//===- Evaluator.cpp - The state of one interpretation --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Execution of blocks and operations, binding of values, limits.
//
//===----------------------------------------------------------------------===//
#include "Evaluator.h"
#include "tenon/Dialect/TN/IR/TN.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace tenon::reference {

std::string describeShape(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "a scalar's shape";
  std::string text;
  for (auto [position, extent] : llvm::enumerate(shape))
    text += (position ? "x" : "") + (ShapedType::isDynamic(extent) ? "?" : std::to_string(extent));
  return text;
}

uint64_t saturatingProduct(ArrayRef<int64_t> extents) {
  uint64_t product = 1;
  for (int64_t extent : extents)
    product = llvm::SaturatingMultiply(product, static_cast<uint64_t>(extent));
  // A zero behind an overflow still makes the whole zero.
  return llvm::is_contained(extents, 0) ? 0 : product;
}

SmallVector<int64_t> stridesOf(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

bool nextPosition(MutableArrayRef<int64_t> position, ArrayRef<int64_t> extents) {
  for (size_t d = position.size(); d-- > 0;) {
    if (++position[d] < extents[d])
      return true;
    position[d] = 0;
  }
  return false;
}

LogicalResult Evaluator::fail(Operation *op, const Twine &message) {
  return fail(op->getLoc(), message);
}

LogicalResult Evaluator::fail(Location location, const Twine &message) {
  if (!errorLocation) {
    errorLocation = location;
    errorText = message.str();
  }
  return failure();
}

llvm::Error Evaluator::takeError() {
  TENON_ASSERT(errorLocation, "a failed step records why");
  return llvm::make_error<InterpreterError>(*errorLocation, errorText);
}

LogicalResult Evaluator::checkWork(Operation *op, uint64_t amount) {
  if (llvm::SaturatingAdd(work, amount) > options.workLimit)
    return fail(op, "the reference interpreter stops here: '" + op->getName().getStringRef() +
                        "' takes about " + Twine(amount) + " scalar operations after " +
                        Twine(work) + " others, and the limit is " + Twine(options.workLimit) +
                        "; use a smaller problem or raise the limit");
  return success();
}

LogicalResult Evaluator::charge(Operation *op, uint64_t amount) {
  if (failed(checkWork(op, amount)))
    return failure();
  work += amount;
  return success();
}

const RuntimeValue &Evaluator::value(Value value) const {
  auto found = frames.back()->find(value);
  TENON_ASSERT(found != frames.back()->end(), "a value is bound before it is used");
  return found->second;
}

const HostTensor &Evaluator::tensor(Value operand) const {
  const RuntimeValue &bound = value(operand);
  TENON_ASSERT(bound.tensor, "a tensor has not been given away before its last use");
  return *bound.tensor;
}

int64_t Evaluator::integer(Value operand) const {
  const std::optional<NumberType> type = NumberType::get(operand.getType());
  TENON_ASSERT(type && type->isInteger(), "an integer operand");
  return type->asSigned(number(operand));
}

int64_t Evaluator::integer(OpFoldResult operand) const {
  if (std::optional<int64_t> constant =
          isa<Attribute>(operand) ? getConstantIntValue(operand) : std::nullopt)
    return *constant;
  return integer(cast<Value>(operand));
}

SmallVector<int64_t> Evaluator::integers(ArrayRef<OpFoldResult> operands) const {
  return llvm::map_to_vector(operands, [&](OpFoldResult operand) { return integer(operand); });
}

RuntimeValue Evaluator::take(OpOperand &operand) {
  RuntimeValue &bound = frames.back()->find(operand.get())->second;
  // Values of the same block are bound anew each time it runs, so the only use may consume them.
  if (operand.get().hasOneUse() && operand.get().getParentBlock() == operand.getOwner()->getBlock())
    return std::move(bound);
  return bound;
}

std::shared_ptr<HostTensor> Evaluator::ownedTensor(OpOperand &operand) {
  SharedTensor tensor = take(operand).tensor;
  TENON_ASSERT(tensor, "a tensor operand");
  // Arguments of the interpretation belong to the caller and have no owner count.
  if (tensor.use_count() == 1)
    return std::const_pointer_cast<HostTensor>(std::move(tensor));
  Operation *op = operand.getOwner();
  if (failed(charge(op, static_cast<uint64_t>(tensor->size()))))
    return nullptr;
  Result<HostTensor> copy = tensor->clone();
  if (!copy) {
    (void)fail(op, copy.message());
    return nullptr;
  }
  return std::make_shared<HostTensor>(std::move(*copy));
}

std::optional<HostTensor> Evaluator::makeTensor(Operation *op, Type elementType,
                                                ArrayRef<int64_t> shape) {
  const std::optional<ElementType> type = hostElementType(elementType);
  if (!type) {
    std::string text;
    llvm::raw_string_ostream(text) << elementType;
    (void)fail(op, "the reference interpreter has no tensors of " + text);
    return std::nullopt;
  }
  for (int64_t extent : shape)
    if (extent < 0) {
      (void)fail(op, "a tensor cannot have the extent " + Twine(extent));
      return std::nullopt;
    }
  const uint64_t elements = saturatingProduct(shape);
  const uint64_t bytes =
      llvm::SaturatingMultiply(elements, static_cast<uint64_t>(type->byteWidth()));
  if (bytes > options.tensorLimit) {
    (void)fail(op, "a tensor of shape " + describeShape(shape) + " needs " + Twine(bytes) +
                       " bytes, and the reference interpreter's limit is " +
                       Twine(options.tensorLimit) + "; use a smaller problem or raise the limit");
    return std::nullopt;
  }
  if (failed(charge(op, elements)))
    return std::nullopt;
  Result<HostTensor> tensor = HostTensor::zeros(*type, {shape.data(), shape.size()});
  if (!tensor) {
    (void)fail(op, tensor.message());
    return std::nullopt;
  }
  return std::move(*tensor);
}

void Evaluator::bind(Value value, RuntimeValue bound) {
  (*frames.back())[value] = std::move(bound);
}

LogicalResult Evaluator::checkType(Operation *op, const HostTensor &tensor, Type type) {
  auto shaped = dyn_cast<RankedTensorType>(type);
  if (!shaped) {
    if (isa<UnrankedTensorType>(type))
      return success();
    return fail(op, "the reference interpreter works on tensors and scalars only");
  }
  const ArrayRef<int64_t> shape = shapeOf(tensor);
  if (shape.size() != static_cast<size_t>(shaped.getRank()))
    return fail(op, "the type has rank " + Twine(shaped.getRank()) + ", the value has rank " +
                        Twine(shape.size()));
  for (auto [d, extent] : llvm::enumerate(shaped.getShape()))
    if (!ShapedType::isDynamic(extent) && extent != shape[d])
      return fail(op, "dimension " + Twine(d) + " has the extent " + Twine(shape[d]) +
                          ", but its type says " + Twine(extent));
  return success();
}

LogicalResult Evaluator::bindTensor(Operation *op, Value value, SharedTensor tensor) {
  if (failed(checkType(op, *tensor, value.getType())))
    return failure();
  bind(value, {Number(), std::move(tensor)});
  return success();
}

LogicalResult Evaluator::bindTensor(Operation *op, Value value, HostTensor tensor) {
  return bindTensor(op, value, std::make_shared<HostTensor>(std::move(tensor)));
}

LogicalResult Evaluator::bindResults(Operation *op, ValueRange results, Values values) {
  TENON_ASSERT(results.size() == values.size(), "one value for each result");
  for (auto [result, bound] : llvm::zip_equal(results, values)) {
    if (bound.tensor) {
      if (failed(bindTensor(op, result, std::move(bound.tensor))))
        return failure();
    } else {
      bind(result, std::move(bound));
    }
  }
  return success();
}

LogicalResult Evaluator::run(Operation *op) {
  if (failed(charge(op, 1)))
    return failure();
  const OpEntry *entry = OpTable::all().lookup(op);
  if (!entry) {
    if (isa<linalg::LinalgOp>(op))
      return evaluateLinalgOp(*this, op);
    return fail(op,
                "the reference interpreter does not know '" + op->getName().getStringRef() + "'");
  }
  if (entry->scalar) {
    const Type type = op->getResult(0).getType();
    if (!isa<ShapedType>(type))
      return runScalar(op, entry->scalar);
    if (!entry->function)
      return runElementwise(op, entry->scalar);
  }
  return entry->function(*this, op);
}

/// The types of a scalar operation's result and first operand; fails on one without numbers.
static LogicalResult scalarTypes(Evaluator &evaluator, Operation *op, NumberType &result,
                                 NumberType &operand) {
  for (Type type : llvm::concat<Type>(SmallVector<Type>(op->getOperandTypes()),
                                      SmallVector<Type>(op->getResultTypes()))) {
    const Type element = isa<TensorType>(type) ? getElementTypeOrSelf(type) : type;
    if (!NumberType::get(element)) {
      std::string text;
      llvm::raw_string_ostream(text) << type;
      return evaluator.fail(op, "the reference interpreter does not compute with " + text);
    }
  }
  result = *NumberType::get(getElementTypeOrSelf(op->getResult(0).getType()));
  operand = op->getNumOperands() == 0
                ? result
                : *NumberType::get(getElementTypeOrSelf(op->getOperand(0).getType()));
  return success();
}

LogicalResult Evaluator::runScalar(Operation *op, ScalarFunction function) {
  ScalarCall call{*this, op, {}, {}, {}, {}};
  if (failed(scalarTypes(*this, op, call.type, call.operandType)))
    return failure();
  const SmallVector<Number> in =
      llvm::map_to_vector(op->getOperands(), [&](Value operand) { return number(operand); });
  call.in = in;
  if (failed(function(call)))
    return failure();
  bindNumber(op->getResult(0), call.out);
  return success();
}

LogicalResult Evaluator::runElementwise(Operation *op, ScalarFunction function) {
  ScalarCall call{*this, op, {}, {}, {}, {}};
  if (failed(scalarTypes(*this, op, call.type, call.operandType)))
    return failure();
  const HostTensor *shaped = nullptr;
  for (Value operand : op->getOperands()) {
    const HostTensor *candidate = value(operand).tensor.get();
    if (shaped && candidate && shapeOf(*candidate) != shapeOf(*shaped))
      return fail(op, "the operands of an elementwise operation have the shapes " +
                          describeShape(shapeOf(*shaped)) + " and " +
                          describeShape(shapeOf(*candidate)));
    shaped = shaped ? shaped : candidate;
  }
  TENON_ASSERT(shaped, "an elementwise operation with a tensor result has a tensor operand");
  const Type elementType = getElementTypeOrSelf(op->getResult(0).getType());
  std::optional<HostTensor> result = makeTensor(op, elementType, shapeOf(*shaped));
  if (!result)
    return failure();
  SmallVector<Number> in(op->getNumOperands());
  SmallVector<const HostTensor *> sources(op->getNumOperands());
  for (auto [position, operand] : llvm::enumerate(op->getOperands())) {
    sources[position] = value(operand).tensor.get();
    in[position] = value(operand).number;
  }
  call.in = in;
  for (int64_t i = 0; i < result->size(); ++i) {
    for (auto [position, source] : llvm::enumerate(sources))
      if (source)
        in[position] = load(*source, i);
    if (failed(function(call)))
      return failure();
    store(*result, i, call.out);
  }
  return bindTensor(op, op->getResult(0), std::move(*result));
}

LogicalResult Evaluator::run(Block &block, Values arguments, Values &yielded) {
  for (auto [argument, bound] : llvm::zip_equal(block.getArguments(), arguments)) {
    if (bound.tensor && failed(checkType(block.getParentOp(), *bound.tensor, argument.getType())))
      return failure();
    bind(argument, std::move(bound));
  }
  arguments.clear();
  for (Operation &op : block.without_terminator())
    if (failed(run(&op)))
      return failure();
  Operation *terminator = block.getTerminator();
  if (failed(charge(terminator, 1)))
    return failure();
  if (!isa<func::ReturnOp, linalg::YieldOp, scf::ConditionOp, scf::InParallelOp, scf::YieldOp,
           tensor::YieldOp, tn::YieldOp>(terminator))
    return fail(terminator, "the reference interpreter does not know '" +
                                terminator->getName().getStringRef() + "'");
  yielded.clear();
  for (OpOperand &operand : terminator->getOpOperands())
    yielded.push_back(take(operand));
  return success();
}

LogicalResult Evaluator::call(Operation *caller, func::FuncOp function, Values arguments,
                              Values &results) {
  if (function.isExternal())
    return fail(caller, "the reference interpreter cannot call '" + function.getName() +
                            "', which has no body");
  if (frames.size() >= options.callDepthLimit)
    return fail(caller, "more than " + Twine(options.callDepthLimit) +
                            " calls are active at once; the limit can be raised");
  frames.push_back(std::make_unique<Frame>());
  const LogicalResult result = run(function.front(), std::move(arguments), results);
  frames.pop_back();
  return result;
}

} // namespace tenon::reference
