//===- ScalarProgram.cpp - Bodies that run once for each element ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The steps call the same scalar functions as the evaluator does, in the same order.
//
//===----------------------------------------------------------------------===//
#include "ScalarProgram.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace tenon::reference {

BodyRunner::BodyRunner(Evaluator &evaluator, Operation *op, Block &body)
    : evaluator(evaluator), owner(op), body(body) {
  work = std::max<uint64_t>(1, static_cast<uint64_t>(llvm::range_size(body.without_terminator())));
  compiled = compile();
  yielded.resize(body.getTerminator()->getNumOperands());
}

unsigned BodyRunner::slotOf(Value value) {
  auto [entry, isNew] = slotNumbers.try_emplace(value, static_cast<unsigned>(slots.size()));
  if (isNew) {
    // A value that is first seen as an operand comes from around the body.
    const bool isOutside = value.getParentBlock() != &body;
    slots.push_back(isOutside ? evaluator.number(value) : Number());
  }
  return entry->second;
}

bool BodyRunner::compile() {
  for (Type type : body.getArgumentTypes())
    if (!NumberType::get(type))
      return false;
  for (BlockArgument argument : body.getArguments())
    slotOf(argument);
  for (Operation &op : body.without_terminator()) {
    const OpEntry *entry = OpTable::all().lookup(&op);
    auto index = dyn_cast<linalg::IndexOp>(op);
    if (op.getNumRegions() != 0 || op.getNumResults() != 1 ||
        (!index && (!entry || !entry->scalar)))
      return false;
    for (Type type : op.getOperandTypes())
      if (!NumberType::get(type))
        return false;
    const std::optional<NumberType> type = NumberType::get(op.getResult(0).getType());
    if (!type)
      return false;
    Step step{&op,
              index ? nullptr : entry->scalar,
              static_cast<unsigned>(operandSlots.size()),
              op.getNumOperands(),
              0,
              index ? static_cast<unsigned>(index.getDim()) : 0,
              *type,
              op.getNumOperands() == 0 ? *type : *NumberType::get(op.getOperand(0).getType())};
    for (Value operand : op.getOperands())
      operandSlots.push_back(slotOf(operand));
    step.result = slotOf(op.getResult(0));
    steps.push_back(step);
  }
  if (!isa<linalg::YieldOp, tensor::YieldOp>(body.getTerminator()))
    return false;
  for (Value operand : body.getTerminator()->getOperands()) {
    if (!NumberType::get(operand.getType()))
      return false;
    yieldSlots.push_back(slotOf(operand));
  }
  return true;
}

LogicalResult BodyRunner::run(ArrayRef<Number> arguments, ArrayRef<int64_t> indices) {
  if (!compiled)
    return runGeneric(arguments, indices);
  if (failed(evaluator.charge(owner, work)))
    return failure();
  llvm::copy(arguments, slots.begin());
  SmallVector<Number, 4> in;
  for (const Step &step : steps) {
    if (!step.function) {
      slots[step.result] = Number::integer(static_cast<uint64_t>(indices[step.dimension]));
      continue;
    }
    in.clear();
    for (unsigned slot : ArrayRef(operandSlots).slice(step.firstOperand, step.operandCount))
      in.push_back(slots[slot]);
    ScalarCall call{evaluator, step.op, step.type, step.operandType, in, {}};
    if (failed(step.function(call)))
      return failure();
    slots[step.result] = call.out;
  }
  for (auto [result, slot] : llvm::zip_equal(yielded, yieldSlots))
    result = slots[slot];
  return success();
}

LogicalResult BodyRunner::runGeneric(ArrayRef<Number> arguments, ArrayRef<int64_t> indices) {
  Evaluator::Values bound, produced;
  for (const Number &argument : arguments)
    bound.push_back({argument, nullptr});
  const Evaluator::IndexScope scope(evaluator, indices);
  if (failed(evaluator.run(body, std::move(bound), produced)))
    return failure();
  for (auto [result, value] : llvm::zip_equal(yielded, produced)) {
    if (value.tensor)
      return evaluator.fail(owner,
                            "the reference interpreter computes numbers, not tensors, in the "
                            "body of '" +
                                owner->getName().getStringRef() + "'");
    result = value.number;
  }
  return success();
}

} // namespace tenon::reference
