//===- TakenSteps.cpp - The steps that tn-simplify took ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TakenSteps.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

static constexpr StringLiteral kTaken = "tn.taken", kNodes = "tn.nodes";

TakenSteps tn::takenSteps(const simplify::Graph &graph, ArrayRef<int> origins) {
  int count = graph.origins.size();
  std::vector<bool> isNeeded(count, false);
  for (int origin : origins)
    if (origin >= 0)
      isNeeded[origin] = true;
  // What is joined has smaller numbers than what is made of it.
  for (int origin = count - 1; origin >= 0; --origin)
    if (isNeeded[origin] && !graph.origins[origin].isOperand()) {
      isNeeded[graph.origins[origin].lhs] = true;
      isNeeded[graph.origins[origin].rhs] = true;
    }

  std::vector<int64_t> number(count, -1);
  int64_t operands = 0;
  for (int origin = 0; origin < count; ++origin)
    if (graph.origins[origin].isOperand())
      number[origin] = operands++;
  TakenSteps taken;
  auto join = [&](int64_t lhs, int64_t rhs) -> int64_t {
    taken.steps.append({std::min(lhs, rhs), std::max(lhs, rhs)});
    return operands + static_cast<int64_t>(taken.steps.size()) / 2 - 1;
  };
  for (int origin = 0; origin < count; ++origin)
    if (const simplify::Origin &made = graph.origins[origin]; isNeeded[origin] && !made.isOperand())
      number[origin] = join(number[made.lhs], number[made.rhs]);
  for (int origin : origins)
    taken.nodes.push_back(origin < 0 ? -1 : number[origin]);

  auto heir = llvm::find_if(taken.nodes, [](int64_t node) { return node >= 0; });
  if (heir == taken.nodes.end())
    heir = taken.nodes.begin();
  for (int origin = 0; origin < count; ++origin)
    if (graph.origins[origin].isOperand() && !isNeeded[origin])
      *heir = *heir < 0 ? number[origin] : join(*heir, number[origin]);
  return taken;
}

bool tn::hasTakenSteps(ContractOp op) { return op->hasAttr(kTaken) || op->hasAttr(kNodes); }

void tn::setTakenSteps(ContractOp op, const TakenSteps &taken) {
  Builder builder(op.getContext());
  op->setAttr(kTaken, builder.getDenseI64ArrayAttr(taken.steps));
  op->setAttr(kNodes, builder.getDenseI64ArrayAttr(taken.nodes));
}

void tn::removeTakenSteps(ContractOp op) {
  op->removeAttr(kTaken);
  op->removeAttr(kNodes);
}

FailureOr<planner::ContractionTree> tn::addTakenSteps(ContractOp op,
                                                      const planner::ContractionTree &tree) {
  auto taken = op->getAttrOfType<DenseI64ArrayAttr>(kTaken);
  auto nodes = op->getAttrOfType<DenseI64ArrayAttr>(kNodes);
  if (!taken || !nodes || taken.size() % 2 != 0 ||
      nodes.size() != static_cast<int64_t>(op.getInputs().size()))
    return op.emitOpError() << "'" << kTaken << "' and '" << kNodes
                            << "' belong together: an array of i64 with two numbers for each step "
                               "that was taken, and one with a number for each operand";
  int64_t count =
      taken.size() / 2 + llvm::count_if(nodes.asArrayRef(), [](int64_t node) { return node >= 0; });
  constexpr int64_t most = std::numeric_limits<planner::NodeId>::max() / 2;
  auto isNode = [&](int64_t node) { return node >= 0 && node < 2 * count; };
  bool isRight =
      count > 0 && count < most && llvm::all_of(taken.asArrayRef(), isNode) &&
      llvm::all_of(nodes.asArrayRef(), [&](int64_t node) { return node == -1 || isNode(node); });
  std::vector<planner::Step> steps;
  if (isRight) {
    for (int64_t i = 0; i < taken.size(); i += 2)
      steps.push_back(
          {static_cast<planner::NodeId>(taken[i]), static_cast<planner::NodeId>(taken[i + 1])});
    SmallVector<int64_t> nodeOf(nodes.asArrayRef());
    for (const planner::Step &step : tree.steps()) {
      int64_t lhs = nodeOf[step.lhs], rhs = nodeOf[step.rhs];
      if (lhs >= 0 && rhs >= 0) {
        steps.push_back({static_cast<planner::NodeId>(lhs), static_cast<planner::NodeId>(rhs)});
        nodeOf.push_back(count + static_cast<int64_t>(steps.size()) - 1);
      } else {
        nodeOf.push_back(std::max(lhs, rhs));
      }
    }
    isRight = !planner::ContractionTree::check(static_cast<planner::NodeId>(count), steps);
  }
  if (!isRight)
    return op.emitOpError() << "'" << kTaken << "' and '" << kNodes << "' must use each of the "
                            << count << " operands as read, and each step's result, once";
  return planner::ContractionTree(static_cast<planner::NodeId>(count), std::move(steps));
}
