//===- PlanWriteBack.cpp - A contraction tree becomes IR --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PlanWriteBack.h"
#include "tenon/Dialect/TN/IR/RankReducedSlice.h"

#include "tenon/Planner/IndexOrder.h"
#include "tenon/Support/SeededBug.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

namespace {
using planner::NodeId;

class Writer {
public:
  Writer(OpBuilder &builder, ContractOp op, const planner::Network &network, const planner::PlannedNetwork &planned, uint32_t number,
         WrittenNodes &written)
      : builder(builder), op(op), network(network), planned(planned), number(number), written(written), tree(planned.plan.tree), nodeIndices(network, tree),
        sliced(planned.plan.sliced), values(tree.numNodes()), order(tree.numNodes()), dependsOnSlice(tree.numNodes(), false), isSliced(network.numIndices(), false) {
    for (planner::IndexId index : sliced)
      isSliced[index] = true;
    names = getIndexNames(op.getLoc());
  }

  Value write();

private:
  void orderLeaves();
  void sumPairwise();
  void readLeaf(NodeId leaf);
  void readOperand(NodeId node);
  void contract(size_t step);
  Value contractOperands(ArrayRef<Value> operands, ArrayRef<SmallVector<int64_t>> lists, ArrayRef<int64_t> result, Type elementType);
  Value takeSlice(NodeId leaf, ValueRange counters);
  Value writeSlices();
  /// The order of a node's indices inside the slices.
  SmallVector<int64_t> unslicedOrder(NodeId node) const {
    SmallVector<int64_t> list;
    for (int64_t index : order[node])
      if (!dependsOnSlice[node] || !isSliced[index])
        list.push_back(index);
    return list;
  }
  Type accumulation() { return op.getAccumulationType(); }

  OpBuilder &builder;
  ContractOp op;
  const planner::Network &network;
  const planner::PlannedNetwork &planned;
  uint32_t number;
  WrittenNodes &written;
  const planner::ContractionTree &tree;
  planner::NodeIndices nodeIndices;
  const std::vector<planner::IndexId> &sliced;
  std::vector<Value> values;
  std::vector<SmallVector<int64_t>> order;
  std::vector<bool> dependsOnSlice;
  std::vector<bool> isSliced;
  IndexNamesAttr names;
};
} // namespace

Value Writer::contractOperands(ArrayRef<Value> operands, ArrayRef<SmallVector<int64_t>> lists, ArrayRef<int64_t> result,
                               Type elementType) {
  Location loc = op.getLoc();
  if (names) {
    // The new operation numbers its indices anew; the names follow.
    SmallVector<StringAttr> renamed;
    llvm::SmallDenseSet<int64_t> seen;
    for (ArrayRef<int64_t> list : lists)
      for (int64_t index : list)
        if (seen.insert(index).second)
          renamed.push_back(builder.getStringAttr(op.getIndexName(index)));
    loc = withIndexNames(loc, IndexNamesAttr::get(builder.getContext(), renamed));
  }
  Type accumulate = elementType == accumulation() ? Type() : accumulation();
  return ContractOp::create(builder, loc, operands, lists, result, elementType, op.getSemiring(), accumulate, op.getIsUnsigned());
}

void Writer::orderLeaves() {
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf) {
    for (int64_t index : op.getOperandIndices(leaf)) {
      bool isKept = llvm::is_contained(nodeIndices[leaf], static_cast<planner::IndexId>(index));
      if (isKept && !llvm::is_contained(order[leaf], index))
        order[leaf].push_back(index);
      if (isKept && isSliced[index])
        dependsOnSlice[leaf] = true;
    }
  }
}

/// The seeded bug hyperedge-pairwise: what two operands have is summed, whoever else has it.
void Writer::sumPairwise() {
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    auto [lhs, rhs] = tree.step(step);
    SmallVector<int64_t> kept;
    for (int64_t index : order[tree.resultOf(step)]) {
      bool inLhs = llvm::is_contained(order[lhs], index), inRhs = llvm::is_contained(order[rhs], index);
      if ((inLhs || inRhs) && (inLhs != inRhs || llvm::is_contained(op.getResultIndices(), index)))
        kept.push_back(index);
    }
    order[tree.resultOf(step)] = kept;
  }
}

/// Provides a leaf at the insertion point, right before the first step that reads it: what is made early lives long. Operations
/// that make nothing else but this leaf (those of tn-simplify, mostly) move here. A leaf with a diagonal, or with an index that
/// nobody else has, becomes an intermediate of its own.
void Writer::readLeaf(NodeId leaf) {
  values[leaf] = op.getInputs()[leaf];
  SmallVector<std::pair<Value, Block::iterator>> worklist = {{values[leaf], builder.getInsertionPoint()}};
  while (!worklist.empty()) {
    auto [value, place] = worklist.pop_back_val();
    Operation *maker = value.getDefiningOp();
    if (!maker || maker->getBlock() != builder.getInsertionBlock() || !llvm::all_equal(value.getUsers()) || maker->getNumResults() != 1 ||
        maker->getNumRegions() != 0 || !isPure(maker))
      continue;
    maker->moveBefore(builder.getInsertionBlock(), place);
    for (Value operand : maker->getOperands())
      worklist.emplace_back(operand, maker->getIterator());
  }
  ArrayRef<int64_t> list = op.getOperandIndices(leaf);
  if (list.size() != order[leaf].size())
    values[leaf] = contractOperands({values[leaf]}, {SmallVector<int64_t>(list)}, order[leaf], accumulation());
}

/// Provides an operand of a step.
void Writer::readOperand(NodeId node) {
  if (values[node])
    return;
  if (tree.isLeaf(node))
    return readLeaf(node);
  WrittenNodes::Taken taken = written.take(number, node);
  values[node] = taken.value;
  order[node] = std::move(taken.order);
}

void Writer::contract(size_t step) {
  auto [lhs, rhs] = tree.step(step);
  for (NodeId operand : {lhs, rhs})
    readOperand(operand);
  NodeId result = tree.resultOf(step);
  bool isRoot = result == tree.root();
  bool isNarrow = isRoot ? sliced.empty() : isSeeded(SeededBug::EarlyNarrowing);
  Type elementType = isNarrow ? op.getResultType().getElementType() : accumulation();
  values[result] = contractOperands({values[lhs], values[rhs]}, {unslicedOrder(lhs), unslicedOrder(rhs)}, unslicedOrder(result),
                                    elementType);
  if (sliced.empty())
    written.add(number, result, values[result], order[result]);
}

/// The part of a leaf, or of a hoisted intermediate, that belongs to the slice at `counters`.
Value Writer::takeSlice(NodeId node, ValueRange counters) {
  auto type = cast<RankedTensorType>(values[node].getType());
  SmallVector<OpFoldResult> offsets, sizes, strides(type.getRank(), builder.getIndexAttr(1));
  llvm::SmallBitVector dropped(type.getRank());
  for (auto [dim, index] : llvm::enumerate(order[node])) {
    if (isSliced[index]) {
      size_t number = llvm::find(sliced, static_cast<planner::IndexId>(index)) - sliced.begin();
      if (isSeeded(SeededBug::WrongSliceCounter))
        number = dropped.count();
      offsets.push_back(counters[number]);
      sizes.push_back(builder.getIndexAttr(1));
      dropped.set(dim);
      continue;
    }
    offsets.push_back(builder.getIndexAttr(0));
    // A type may leave open what another operand says of the index; that the two agree is checked when the program runs.
    sizes.push_back(tensor::getMixedSize(builder, op.getLoc(), values[node], static_cast<int64_t>(dim)));
  }
  return extractRankReduced(builder, op.getLoc(), values[node], offsets, sizes, strides, dropped);
}

Value Writer::writeSlices() {
  SmallVector<int64_t> extents, placements, knownExtents = op.getIndexExtents();
  SmallVector<StringAttr> counterNames;
  for (planner::IndexId index : sliced) {
    extents.push_back(knownExtents[index]);
    ArrayRef<int64_t> output = op.getResultIndices();
    const int64_t *place = llvm::find(output, static_cast<int64_t>(index));
    placements.push_back(place == output.end() ? SliceOp::kSum : place - output.begin());
    counterNames.push_back(builder.getStringAttr(op.getIndexName(index)));
  }
  for (size_t step = 0; step < tree.numSteps(); ++step)
    if (dependsOnSlice[tree.resultOf(step)])
      for (NodeId operand : {tree.step(step).lhs, tree.step(step).rhs})
        if (!values[operand] && tree.isLeaf(operand))
          readLeaf(operand);
  bool isOneTensor = tree.numSteps() == 0;
  if (isOneTensor)
    readLeaf(tree.root());
  // The type of the result may leave open what the operands say.
  SmallVector<int64_t> shape = llvm::map_to_vector(op.getResultIndices(), [&](int64_t index) { return knownExtents[index]; });
  auto sumType = RankedTensorType::get(shape, accumulation());
  Location loc = withIndexNames(op.getLoc(), IndexNamesAttr::get(builder.getContext(), counterNames));
  auto slice = SliceOp::create(builder, loc, TypeRange(sumType), extents, placements, op.getSemiring(), op.getIsUnsigned());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(slice.getBodyBlock());
  ValueRange counters = slice.getBodyBlock()->getArguments();
  for (NodeId leaf = 0; leaf < tree.numLeaves(); ++leaf)
    if (dependsOnSlice[leaf])
      values[leaf] = takeSlice(leaf, counters);
  for (size_t step = 0; step < tree.numSteps(); ++step)
    if (dependsOnSlice[tree.resultOf(step)])
      contract(step);
  NodeId root = tree.root();
  if (isOneTensor) {
    SmallVector<int64_t> list = llvm::to_vector(
        llvm::make_filter_range(op.getResultIndices(), [&](int64_t index) { return !isSliced[index]; }));
    values[root] = contractOperands({values[root]}, {unslicedOrder(root)}, list, accumulation());
  }
  YieldOp::create(builder, op.getLoc(), values[root]);
  return slice.getResult(0);
}

Value Writer::write() {
  std::vector<std::vector<planner::IndexId>> chosen = planner::orderIntermediates(network, tree, nodeIndices);
  for (planner::NodeId node = tree.numLeaves(); node < tree.numNodes(); ++node)
    order[node].assign(chosen[node].begin(), chosen[node].end());
  orderLeaves();
  if (isSeeded(SeededBug::HyperedgePairwise))
    sumPairwise();
  for (size_t step = 0; step < tree.numSteps(); ++step)
    dependsOnSlice[tree.resultOf(step)] = dependsOnSlice[tree.step(step).lhs] || dependsOnSlice[tree.step(step).rhs];
  for (size_t step = 0; step < tree.numSteps(); ++step)
    if (planned.isComputed[step] && !dependsOnSlice[tree.resultOf(step)])
      contract(step);
  if (sliced.empty()) {
    NodeId root = tree.root();
    readOperand(root);
    // What another contraction made may have its dimensions in another order.
    if (ArrayRef<int64_t>(order[root]) == op.getResultIndices())
      return values[root];
    return contractOperands({values[root]}, {order[root]}, op.getResultIndices(), op.getResultType().getElementType());
  }
  Value result = writeSlices();
  if (cast<RankedTensorType>(result.getType()).getElementType() == op.getResultType().getElementType())
    return result;
  // The sum over the slices is rounded once.
  SmallVector<int64_t> list(op.getResultIndices());
  return contractOperands({result}, {list}, list, op.getResultType().getElementType());
}

WrittenNodes::WrittenNodes(const planner::GraphPlan &plan) : plan(plan) {
  for (auto [network, planned] : llvm::enumerate(plan.networks))
    for (auto [node, origin] : llvm::enumerate(planned.origins))
      if (origin.network != network || origin.node != node)
        isAskedFor.insert({origin.network, origin.node});
}

void WrittenNodes::add(uint32_t network, NodeId node, Value value, ArrayRef<int64_t> order) {
  if (isAskedFor.contains({network, node}))
    values[{network, node}] = {value, SmallVector<int64_t>(order)};
}

WrittenNodes::Taken WrittenNodes::take(uint32_t network, NodeId node) const {
  const planner::PlannedNetwork &asking = plan.networks[network];
  planner::NodeOrigin origin = asking.origins[node];
  const Taken &found = values.find({origin.network, origin.node})->second;
  std::span<const planner::IndexId> theirs = plan.networks[origin.network].slots[origin.node], ours = asking.slots[node];
  Taken result{found.value, {}};
  if (isSeeded(SeededBug::SharedStepLayout)) {
    result.order.assign(ours.begin(), ours.end());
    return result;
  }
  for (int64_t index : found.order)
    result.order.push_back(ours[llvm::find(theirs, static_cast<planner::IndexId>(index)) - theirs.begin()]);
  return result;
}

Value tn::writeBackPlan(OpBuilder &builder, ContractOp op, const planner::Network &network, const planner::GraphPlan &plan, uint32_t number,
                        WrittenNodes &written) {
  return Writer(builder, op, network, plan.networks[number], number, written).write();
}
