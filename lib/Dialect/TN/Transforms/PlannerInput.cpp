//===- PlannerInput.cpp - What the planner is told of a contraction ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/Transforms/PlannerInput.h"

#include "PackingModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

/// The extents of an operation's indices, from hints where they are dynamic; a failure names the index that has neither.
static FailureOr<SmallVector<int64_t>> getPlanningExtents(ContractOp op) {
  SmallVector<int64_t> extents = op.getIndexExtents();
  for (auto [operand, list] : llvm::enumerate(op.getOperandIndexLists())) {
    auto argument = dyn_cast<BlockArgument>(op.getInputs()[operand]);
    auto function = argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
    if (!function)
      continue;
    auto hint = function.getArgAttrOfType<DenseI64ArrayAttr>(argument.getArgNumber(), TNDialect::getHintAttrName());
    if (!hint)
      continue;
    for (auto [index, extent] : llvm::zip_equal(list, hint.asArrayRef()))
      if (ShapedType::isDynamic(extents[index]))
        extents[index] = extent;
  }
  for (auto [index, extent] : llvm::enumerate(extents))
    if (ShapedType::isDynamic(extent))
      return op.emitOpError() << "cannot be planned: the extent of index '" << op.getIndexName(index)
                              << "' is not known; give it by tn.hint on an argument, or fix it (tenon-specialize)";
  return extents;
}

FailureOr<planner::Network> tn::makePlannerNetwork(ContractOp op) {
  FailureOr<SmallVector<int64_t>> extents = getPlanningExtents(op);
  if (failed(extents))
    return failure();
  planner::Network network(getElementBytes(op.getAccumulationType()));
  for (int64_t extent : *extents)
    network.addIndex(extent);
  for (ArrayRef<int64_t> list : op.getOperandIndexLists()) {
    SmallVector<planner::IndexId> ids(list.begin(), list.end());
    network.addTensor(std::span<const planner::IndexId>(ids.data(), ids.size()));
  }
  network.setOutput({op.getResultIndices().begin(), op.getResultIndices().end()});
  if (std::optional<std::string> wrong = network.validate())
    return op.emitOpError() << "cannot be planned: " << *wrong;
  return network;
}

planner::MemoryModel tn::makeMemoryModel(ContractOp op, unsigned threads,
                                         const std::optional<cpu::Processor> &processor) {
  planner::MemoryModel memory;
  memory.threads = threads;
  // As tenon-plan-arena places buffers.
  memory.alignment = 64;
  memory.sharedFromOps = double(cpu::kSharedFromOperations);
  if (processor)
    memory.extraBytes = makePackingModel(*processor, op.getAccumulationType(),
                                         op.getResultType().getElementType());
  return memory;
}

double tn::estimateSeconds(Type accumulation, double multiplyAdds, double writes,
                           unsigned threads) {
  bool isComplex = isa<ComplexType>(accumulation);
  Type part = isComplex ? cast<ComplexType>(accumulation).getElementType() : accumulation;
  double flops = multiplyAdds * (isComplex ? 8 : 2);
  double rate = getElementBytes(part) > 4 ? 50e9 : 100e9;
  double bytes = 2 * writes * getElementBytes(accumulation);
  return (flops / rate + bytes / 20e9) / double(threads);
}
