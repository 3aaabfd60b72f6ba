//===- ReferenceSCF.cpp - Semantics of the scf dialect --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Structured control flow on tensors. Iterations of scf.forall read the shared outputs as they
// were before the loop; what they insert is combined in row-major order of the iterations.
//
//===----------------------------------------------------------------------===//
#include "Evaluator.h"
#include "TensorSlices.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace tenon::reference {
namespace {

Evaluator::Values valuesOf(Evaluator &evaluator, ValueRange operands) {
  Evaluator::Values values;
  for (Value operand : operands)
    values.push_back(evaluator.value(operand));
  return values;
}

/// How many steps a loop from `lower` to below `upper` makes.
uint64_t tripCount(int64_t lower, int64_t upper, int64_t step) {
  if (lower >= upper)
    return 0;
  const uint64_t distance = static_cast<uint64_t>(upper) - static_cast<uint64_t>(lower);
  return (distance - 1) / static_cast<uint64_t>(step) + 1;
}

LogicalResult evaluateFor(Evaluator &evaluator, Operation *op) {
  auto loop = cast<scf::ForOp>(op);
  const NumberType type = *NumberType::get(loop.getInductionVar().getType());
  int64_t lower = evaluator.integer(loop.getLowerBound());
  int64_t upper = evaluator.integer(loop.getUpperBound());
  const int64_t step = evaluator.integer(loop.getStep());
  if (step <= 0)
    return evaluator.fail(op, "the step of a loop must be positive, but it is " + Twine(step));
  if (loop.getUnsignedCmp()) {
    // Moving both bounds by half the range maps the unsigned order to the signed one.
    const uint64_t half = uint64_t{1} << 63;
    lower = static_cast<int64_t>(evaluator.number(loop.getLowerBound()).bits ^ half);
    upper = static_cast<int64_t>(evaluator.number(loop.getUpperBound()).bits ^ half);
  }
  const uint64_t trips = tripCount(lower, upper, step);
  uint64_t induction = evaluator.number(loop.getLowerBound()).bits;

  Evaluator::Values carried = valuesOf(evaluator, loop.getInitArgs());
  for (uint64_t trip = 0; trip < trips; ++trip) {
    Evaluator::Values arguments;
    arguments.push_back({Number::integer(type.truncate(induction)), nullptr});
    for (RuntimeValue &value : carried)
      arguments.push_back(std::move(value));
    if (failed(evaluator.run(*loop.getBody(), std::move(arguments), carried)))
      return failure();
    induction += static_cast<uint64_t>(step);
  }
  return evaluator.bindResults(op, op->getResults(), std::move(carried));
}

LogicalResult runRegion(Evaluator &evaluator, Operation *op, Region &region) {
  Evaluator::Values yielded;
  if (!region.hasOneBlock())
    return evaluator.fail(op, "the reference interpreter runs regions of one block only");
  if (failed(evaluator.run(region.front(), {}, yielded)))
    return failure();
  return evaluator.bindResults(op, op->getResults(), std::move(yielded));
}

LogicalResult evaluateIf(Evaluator &evaluator, Operation *op) {
  auto branch = cast<scf::IfOp>(op);
  if (evaluator.number(branch.getCondition()).bits)
    return runRegion(evaluator, op, branch.getThenRegion());
  if (branch.getElseRegion().empty())
    return success();
  return runRegion(evaluator, op, branch.getElseRegion());
}

LogicalResult evaluateIndexSwitch(Evaluator &evaluator, Operation *op) {
  auto choice = cast<scf::IndexSwitchOp>(op);
  const int64_t selected = evaluator.integer(choice.getArg());
  for (auto [position, label] : llvm::enumerate(choice.getCases()))
    if (label == selected)
      return runRegion(evaluator, op, choice.getCaseRegions()[position]);
  return runRegion(evaluator, op, choice.getDefaultRegion());
}

LogicalResult evaluateExecuteRegion(Evaluator &evaluator, Operation *op) {
  return runRegion(evaluator, op, cast<scf::ExecuteRegionOp>(op).getRegion());
}

LogicalResult evaluateWhile(Evaluator &evaluator, Operation *op) {
  auto loop = cast<scf::WhileOp>(op);
  Evaluator::Values carried = valuesOf(evaluator, loop.getInits());
  // Ends by its condition or by the work limit: each round counts at least its terminators.
  while (true) {
    Evaluator::Values passed;
    if (failed(evaluator.run(*loop.getBeforeBody(), std::move(carried), passed)))
      return failure();
    const bool goesOn = passed.front().number.bits != 0;
    passed.erase(passed.begin());
    if (!goesOn)
      return evaluator.bindResults(op, op->getResults(), std::move(passed));
    if (failed(evaluator.run(*loop.getAfterBody(), std::move(passed), carried)))
      return failure();
  }
}

/// Applies what one iteration's terminator inserts to the accumulated outputs.
LogicalResult combine(Evaluator &evaluator, scf::ForallOp loop,
                      MutableArrayRef<std::shared_ptr<HostTensor>> outputs) {
  for (Operation &op : loop.getTerminator().getYieldingOps()) {
    auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(op);
    if (!insert)
      return evaluator.fail(&op, "the reference interpreter does not know '" +
                                     op.getName().getStringRef() + "'");
    auto target = dyn_cast<BlockArgument>(insert.getDest());
    if (!target || target.getOwner() != loop.getBody() || target.getArgNumber() < loop.getRank())
      return evaluator.fail(&op, "the destination must be a shared output of the loop");
    HostTensor &output = *outputs[target.getArgNumber() - loop.getRank()];
    if (failed(insertSlice(evaluator, &op, evaluator.tensor(insert.getSource()), output,
                           {evaluator.integers(insert.getMixedOffsets()),
                            evaluator.integers(insert.getMixedSizes()),
                            evaluator.integers(insert.getMixedStrides())},
                           insert.getDroppedDims())))
      return failure();
  }
  return success();
}

LogicalResult evaluateForall(Evaluator &evaluator, Operation *op) {
  auto loop = cast<scf::ForallOp>(op);
  const SmallVector<int64_t> lower = evaluator.integers(loop.getMixedLowerBound());
  const SmallVector<int64_t> upper = evaluator.integers(loop.getMixedUpperBound());
  const SmallVector<int64_t> steps = evaluator.integers(loop.getMixedStep());
  SmallVector<int64_t> trips;
  for (auto [from, to, step] : llvm::zip_equal(lower, upper, steps)) {
    if (step <= 0)
      return evaluator.fail(op, "the step of a loop must be positive, but it is " + Twine(step));
    const uint64_t count = tripCount(from, to, step);
    if (count > static_cast<uint64_t>(INT64_MAX))
      return evaluator.charge(op, count);
    trips.push_back(static_cast<int64_t>(count));
  }
  if (failed(evaluator.charge(op, saturatingProduct(trips))))
    return failure();

  const Evaluator::Values initial = valuesOf(evaluator, loop.getOutputs());
  SmallVector<std::shared_ptr<HostTensor>> outputs;
  for (const RuntimeValue &value : initial) {
    if (failed(evaluator.charge(op, static_cast<uint64_t>(value.tensor->size()))))
      return failure();
    Result<HostTensor> copy = value.tensor->clone();
    if (!copy)
      return evaluator.fail(op, copy.message());
    outputs.push_back(std::make_shared<HostTensor>(std::move(*copy)));
  }

  if (!llvm::is_contained(trips, 0)) {
    SmallVector<int64_t> position(trips.size(), 0);
    do {
      Evaluator::Values arguments, yielded;
      for (size_t d = 0; d < position.size(); ++d)
        arguments.push_back(
            {Number::integer(static_cast<uint64_t>(lower[d]) +
                             static_cast<uint64_t>(position[d]) * static_cast<uint64_t>(steps[d])),
             nullptr});
      llvm::append_range(arguments, initial);
      if (failed(evaluator.run(*loop.getBody(), std::move(arguments), yielded)) ||
          failed(combine(evaluator, loop, outputs)))
        return failure();
    } while (nextPosition(position, trips));
  }
  for (auto [result, output] : llvm::zip_equal(op->getResults(), outputs))
    if (failed(evaluator.bindTensor(op, result, SharedTensor(std::move(output)))))
      return failure();
  return success();
}

} // namespace

void registerSCF(OpTable &table) {
  table.add<scf::ExecuteRegionOp>(evaluateExecuteRegion);
  table.add<scf::ForOp>(evaluateFor);
  table.add<scf::ForallOp>(evaluateForall);
  table.add<scf::IfOp>(evaluateIf);
  table.add<scf::IndexSwitchOp>(evaluateIndexSwitch);
  table.add<scf::WhileOp>(evaluateWhile);
}

} // namespace tenon::reference
