//===- Interpreter.cpp - What the compiler must compute -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The table of all operations, calls, and the way in and out.
//
//===----------------------------------------------------------------------===//
#include "tenon/Reference/Interpreter.h"
#include "Evaluator.h"
#include "tenon/Dialect/TN/IR/TN.h"

#include "mlir/IR/SymbolTable.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace tenon::reference {

char InterpreterError::ID;

void InterpreterError::log(llvm::raw_ostream &stream) const {
  where.print(stream);
  stream << ": " << text;
}

const OpTable &OpTable::all() {
  static const OpTable table = [] {
    OpTable all;
    registerAffine(all);
    registerArith(all);
    registerComplex(all);
    registerFunc(all);
    registerLinalg(all);
    registerMath(all);
    registerSCF(all);
    registerTN(all);
    registerTensor(all);
    return all;
  }();
  return table;
}

static LogicalResult evaluateCall(Evaluator &evaluator, Operation *op) {
  auto call = cast<func::CallOp>(op);
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.getCalleeAttr());
  if (!callee)
    return evaluator.fail(op, "there is no function '" + call.getCallee() + "' to call");
  Evaluator::Values arguments, results;
  for (Value operand : call.getOperands())
    arguments.push_back(evaluator.value(operand));
  if (failed(evaluator.call(op, callee, std::move(arguments), results)))
    return failure();
  return evaluator.bindResults(op, op->getResults(), std::move(results));
}

void registerFunc(OpTable &table) { table.add<func::CallOp>(evaluateCall); }

namespace {

std::string describe(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

std::string describe(const HostTensor &tensor) {
  return describeType(tensor.shape(), tensor.type());
}

/// Binds one argument to what the caller gave, or says how the two disagree.
LogicalResult importArgument(Evaluator &evaluator, func::FuncOp function, unsigned number,
                             const HostTensor &given, RuntimeValue &bound) {
  const Type type = function.getArgumentTypes()[number];
  const auto wrong = [&](const Twine &what) {
    return evaluator.fail(function,
                          "argument " + Twine(number) + " of '" + function.getName() + "' " + what);
  };
  auto tensorType = dyn_cast<RankedTensorType>(type);
  const Type elementType = tensorType ? tensorType.getElementType() : type;
  const std::optional<ElementType> expected = hostElementType(elementType);
  if (!expected || isa<VectorType>(type))
    return wrong("has the type " + describe(type) +
                 ", which the reference interpreter cannot take");
  if (given.type().dtype != expected->dtype)
    return wrong("has elements of type " + std::string(expected->name()) + ", but " +
                 std::string(given.type().name()) + " were given");
  const ArrayRef<int64_t> shape = tensorType ? tensorType.getShape() : ArrayRef<int64_t>();
  if (given.rank() != static_cast<int64_t>(shape.size()))
    return wrong("has rank " + Twine(shape.size()) + ", but a tensor of rank " +
                 Twine(given.rank()) + " (" + describe(given) + ") was given");
  for (auto [d, extent] : llvm::enumerate(shape))
    if (!ShapedType::isDynamic(extent) && extent != given.shape()[d])
      return wrong("has the extent " + Twine(extent) + " along dimension " + Twine(d) + ", but " +
                   Twine(given.shape()[d]) + " was given");
  if (tensorType)
    // The caller owns the tensor: an empty owner with a pointer is never taken over.
    bound.tensor = SharedTensor(SharedTensor(), &given);
  else
    bound.number = load(given, 0);
  return success();
}

LogicalResult exportResult(Evaluator &evaluator, func::FuncOp function, unsigned number,
                           RuntimeValue value, SmallVectorImpl<HostTensor> &results) {
  const Type type = function.getResultTypes()[number];
  const Type elementType = getElementTypeOrSelf(type);
  const std::optional<ElementType> expected = hostElementType(elementType);
  if (!expected || isa<VectorType>(type))
    return evaluator.fail(function, "a result of '" + function.getName() + "' has the type " +
                                        describe(type) +
                                        ", which the reference interpreter cannot return");
  if (!value.tensor) {
    std::optional<HostTensor> scalar = evaluator.makeTensor(function, elementType, {});
    if (!scalar)
      return failure();
    store(*scalar, 0, value.number);
    results.push_back(std::move(*scalar));
  } else if (value.tensor.use_count() == 1) {
    results.push_back(std::move(*std::const_pointer_cast<HostTensor>(value.tensor)));
  } else {
    Result<HostTensor> copy = value.tensor->clone();
    if (!copy)
      return evaluator.fail(function, copy.message());
    results.push_back(std::move(*copy));
  }
  if (results.back().type().isInteger())
    results.back().setUnsigned(
        expected->isUnsigned ||
        function.getResultAttr(number, tn::TNDialect::getUnsignedAttrName()) != nullptr);
  return success();
}

LogicalResult interpretInto(Evaluator &evaluator, func::FuncOp function, ArrayRef<HostTensor> args,
                            SmallVectorImpl<HostTensor> &results) {
  if (args.size() != function.getNumArguments())
    return evaluator.fail(function, "'" + function.getName() + "' takes " +
                                        Twine(function.getNumArguments()) + " arguments, but " +
                                        Twine(args.size()) + " were given");
  Evaluator::Values arguments(args.size()), values;
  for (auto [number, given] : llvm::enumerate(args))
    if (failed(importArgument(evaluator, function, static_cast<unsigned>(number), given,
                              arguments[number])))
      return failure();
  if (failed(evaluator.call(function, function, std::move(arguments), values)))
    return failure();
  for (auto [number, value] : llvm::enumerate(values))
    if (failed(exportResult(evaluator, function, static_cast<unsigned>(number), std::move(value),
                            results)))
      return failure();
  return success();
}

} // namespace

llvm::Expected<SmallVector<HostTensor>> interpret(func::FuncOp function, ArrayRef<HostTensor> args,
                                                  const InterpreterOptions &options) {
  Evaluator evaluator(options);
  SmallVector<HostTensor> results;
  if (failed(interpretInto(evaluator, function, args, results)))
    return evaluator.takeError();
  return results;
}

} // namespace tenon::reference
