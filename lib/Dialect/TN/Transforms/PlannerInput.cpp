//===- PlannerInput.cpp - What the planner is told of contractions ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/Transforms/PlannerInput.h"

#include "PackingModel.h"

#include "tenon/Dialect/TN/IR/MemoryLimit.h"
#include "tenon/Planner/Path.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

/// The extents of an operation's indices, from hints where they are dynamic; a failure names the
/// index that has neither.
static FailureOr<SmallVector<int64_t>> getPlanningExtents(ContractOp op) {
  SmallVector<int64_t> extents = op.getIndexExtents();
  for (auto [operand, list] : llvm::enumerate(op.getOperandIndexLists())) {
    auto argument = dyn_cast<BlockArgument>(op.getInputs()[operand]);
    auto function =
        argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
    if (!function)
      continue;
    auto hint = function.getArgAttrOfType<DenseI64ArrayAttr>(argument.getArgNumber(),
                                                             TNDialect::getHintAttrName());
    if (!hint)
      continue;
    for (auto [index, extent] : llvm::zip_equal(list, hint.asArrayRef()))
      if (ShapedType::isDynamic(extents[index]))
        extents[index] = extent;
  }
  for (auto [index, extent] : llvm::enumerate(extents))
    if (ShapedType::isDynamic(extent))
      return op.emitOpError()
             << "cannot be planned: the extent of index '" << op.getIndexName(index)
             << "' is not known; give it by tn.hint on an argument, or fix it (tenon-specialize)";
  return extents;
}

static planner::Network makeNetwork(ContractOp op, ArrayRef<int64_t> extents) {
  planner::Network network(getElementBytes(op.getAccumulationType()));
  for (int64_t extent : extents)
    network.addIndex(extent);
  for (ArrayRef<int64_t> list : op.getOperandIndexLists()) {
    SmallVector<planner::IndexId> ids(list.begin(), list.end());
    network.addTensor(std::span<const planner::IndexId>(ids.data(), ids.size()));
  }
  network.setOutput({op.getResultIndices().begin(), op.getResultIndices().end()});
  return network;
}

FailureOr<planner::Network> tn::makePlannerNetwork(ContractOp op) {
  FailureOr<SmallVector<int64_t>> extents = getPlanningExtents(op);
  if (failed(extents))
    return failure();
  if (op->hasAttr("tn.sliced") && !op->hasAttr("tn.path"))
    return op.emitOpError("cannot be planned: tn.sliced belongs to a tn.path, which is missing; "
                          "give both, or use the option min-slices");
  planner::Network network = makeNetwork(op, *extents);
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
  bool readsBF16 = llvm::any_of(
      op.getInputs(), [](Value input) { return getElementTypeOrSelf(input.getType()).isBF16(); });
  if (processor)
    memory.extraBytes = makePackingModel(*processor, op.getAccumulationType(),
                                         op.getResultType().getElementType(), readsBF16);
  return memory;
}

planner::Result<planner::Plan> tn::followGivenPath(ContractOp op, const planner::Network &network,
                                                   const planner::PlanOptions &options) {
  auto flat = op->getAttrOfType<DenseI64ArrayAttr>("tn.path");
  if (!flat || flat.size() % 2 != 0)
    return planner::Error{"tn.path is an array of i64 with an even number of entries"};
  planner::Path path;
  for (int64_t i = 0; i < flat.size(); i += 2)
    path.push_back({flat[i], flat[i + 1]});
  planner::Result<planner::ContractionTree> tree =
      planner::treeFromSsaPath(network.numTensors(), path);
  if (!tree)
    return planner::Error{"tn.path: " + tree.error()};
  auto sliced = op->getAttrOfType<DenseI64ArrayAttr>("tn.sliced");
  if (op->hasAttr("tn.sliced") && !sliced)
    return planner::Error{"tn.sliced is an array of i64"};
  if (!sliced || sliced.empty())
    return planner::planTree(network, *tree, options, /*reshape=*/false);
  planner::Plan plan{*tree, {}, {}};
  if (tree->numSteps() == 0)
    return planner::Error{
        "tn.sliced: a contraction of one operand has no step to slice; leave tn.sliced out"};
  llvm::SmallBitVector isInSteps(network.numIndices());
  planner::NodeIndices nodeIndices(network, *tree);
  for (planner::NodeId leaf = 0; leaf < tree->numLeaves(); ++leaf)
    for (planner::IndexId index : nodeIndices[leaf])
      isInSteps.set(index);
  for (int64_t index : sliced.asArrayRef()) {
    if (index < 0 || index >= network.numIndices() ||
        llvm::is_contained(plan.sliced, static_cast<planner::IndexId>(index)))
      return planner::Error{"tn.sliced: " + std::to_string(index) +
                            " is not the number of an index, or is repeated"};
    if (!isInSteps.test(index))
      return planner::Error{"tn.sliced: index '" + op.getIndexName(index) +
                            "' is summed within its only operand, before any step; leave it out"};
    plan.sliced.push_back(static_cast<planner::IndexId>(index));
  }
  llvm::sort(plan.sliced);
  plan.cost = planner::evaluateTree(network, plan.tree, plan.sliced, options.memory);
  if (options.slicing.peakBytes && plan.cost.peakBytes > *options.slicing.peakBytes)
    return planner::Error{"the given path and slices need " +
                              std::to_string(static_cast<int64_t>(plan.cost.peakBytes)) +
                              " bytes, the limit is " +
                              std::to_string(static_cast<int64_t>(*options.slicing.peakBytes)) +
                              "; slice more indices, or give no slices",
                          plan.cost.peakBytes};
  if (plan.cost.slices < double(options.slicing.minSlices))
    return planner::Error{"the given tn.sliced makes " +
                          std::to_string(static_cast<int64_t>(plan.cost.slices)) +
                          " slices, min-slices asks for " +
                          std::to_string(static_cast<int64_t>(options.slicing.minSlices)) +
                          "; slice more indices, or give no slices"};
  return plan;
}

void tn::reportPlanningError(ContractOp op, const planner::Error &error) {
  InFlightDiagnostic diagnostic = op.emitOpError() << "cannot be planned: " << error.message;
  if (error.smallestPeak > 0)
    markMemoryLimit(*diagnostic.getUnderlyingDiagnostic(),
                    static_cast<int64_t>(std::ceil(error.smallestPeak)));
}

planner::Result<planner::MeasuredTimes> tn::readTimes(StringRef path) {
  if (path.empty())
    return planner::MeasuredTimes::shipped();
  return planner::MeasuredTimes::load(path.str());
}

/// As tables of times name a type.
static std::string getTimedName(Type type) {
  if (auto complexType = dyn_cast<ComplexType>(type))
    return "c" + std::to_string(2 * complexType.getElementType().getIntOrFloatBitWidth());
  if (type.isBF16())
    return "bf16";
  if (type.isIndex())
    return "index";
  return (isa<FloatType>(type) ? "f" : "i") + std::to_string(type.getIntOrFloatBitWidth());
}

/// The network of an operation whose extents need not be known.
static planner::Network makeRoughNetwork(ContractOp op) {
  SmallVector<int64_t> extents = op.getIndexExtents();
  llvm::replace(extents, ShapedType::kDynamic, int64_t(1));
  return makeNetwork(op, extents);
}

planner::Result<planner::TimeModel> tn::makeTimeModel(const planner::MeasuredTimes &times,
                                                      ContractOp op, unsigned threads) {
  Type accumulation = op.getAccumulationType();
  std::string name = getTimedName(accumulation);
  planner::TimeModel::Setting setting;
  setting.type = name;
  setting.elementBytes = getElementBytes(accumulation);
  setting.threads = threads;
  setting.sharedFromOps = double(cpu::kSharedFromOperations);
  setting.log2Extent = planner::TimeModel::typicalLog2Extent(makeRoughNetwork(op));
  return times.model(setting);
}

double tn::predictSeconds(ContractOp op, const planner::TimeModel &model) {
  planner::Network network = makeRoughNetwork(op);
  std::vector<planner::Step> steps;
  if (network.numTensors() == 2)
    steps.push_back({0, 1});
  planner::ContractionTree tree(network.numTensors(), std::move(steps));
  return model.predict(network, tree, {}, 0);
}
