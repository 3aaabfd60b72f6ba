//===- PlanWriteBack.h - A contraction tree becomes IR ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to tn-plan.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Planner/GraphPlan.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace tenon::tn {

/// The values of nodes that other nodes take, of the same contraction or of later ones.
class WrittenNodes {
public:
  /// `plan` outlives the object.
  explicit WrittenNodes(const planner::GraphPlan &plan);

  /// Keeps the value of a node, whose dimensions are `order`, if another node will ask for it.
  void add(uint32_t network, planner::NodeId node, mlir::Value value, llvm::ArrayRef<int64_t> order);

  struct Taken {
    mlir::Value value;
    /// The indices of the dimensions, those of the contraction that asked.
    llvm::SmallVector<int64_t> order;
  };
  /// The value of a node that is computed elsewhere.
  Taken take(uint32_t network, planner::NodeId node) const;

private:
  using Key = std::pair<uint32_t, planner::NodeId>;

  const planner::GraphPlan &plan;
  llvm::DenseSet<Key> isAskedFor;
  llvm::DenseMap<Key, Taken> values;
};

/// Builds the tree of the contraction `op`, number `number` of `plan`, at the builder's insertion point: binary contractions, those
/// that depend on a sliced index inside a tn.slice; what is computed elsewhere is taken from `written`. `network` is the one that was
/// planned; its tensors are the operands, its indices have the numbers of the operation's. Returns the value of the result. Linear in
/// the sum of the ranks of all nodes.
mlir::Value writeBackPlan(mlir::OpBuilder &builder, ContractOp op, const planner::Network &network, const planner::GraphPlan &plan,
                          uint32_t number, WrittenNodes &written);

} // namespace tenon::tn
