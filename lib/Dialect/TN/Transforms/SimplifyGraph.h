//===- SimplifyGraph.h - The network that tn-simplify works on ----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// One network, built from one tn.contract and what it was flattened with, rewritten by rules, and
// written back. It holds nodes (tensors) and indices. A node is alive until it is merged into
// another one; the network is the product of the nodes that are alive, summed over all indices but
// the outputs.
//
// Invariants, outside the rule that runs:
//   * a live node that has an index twice, or alone, is in the queue of the first stage;
//   * every output index belongs to a live node;
//   * parts of a node have smaller numbers than it has;
//   * every operand of the network as it was read is below the origin of exactly one live node.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ConstantTensor.h"

#include <array>
#include <deque>
#include <memory>
#include <set>
#include <unordered_map>

namespace tenon::tn::simplify {

/// What constant folding may make.
struct FoldLimits {
  int64_t elements;
  int64_t operations;
};

/// How many nodes at an index are looked at as partners of a merge. It bounds the work at indices
/// that very many nodes share.
inline constexpr size_t kMaxPartners = 32;

/// Rules are applied in stages: a node is looked at by those of a later stage when none of an
/// earlier stage applies anywhere.
inline constexpr int kNumStages = 3;

struct Node {
  enum class Kind : uint8_t {
    Input,    ///< a value of the IR
    Constant, ///< a tensor whose elements are known
    Delta,    ///< a copy tensor
    Contract  ///< the contraction of other nodes, ahead of the network's own
  };
  Kind kind;
  /// One index for each dimension. Those of a live node are up to date; others go through
  /// Graph::find.
  llvm::SmallVector<int64_t, 4> indices;
  /// Input, and Constant and Delta where the IR has it as it is.
  mlir::Value value = {};
  /// Constant: the value that it was read from, whose facts are its own.
  mlir::Value source = {};
  /// Input: the value is to be conjugated. Constant: it is the conjugate of its source.
  bool isConjugated = false;
  /// Input and Constant: dimensions of extent 1 of the value, or source, that `indices` leaves out,
  /// ascending.
  llvm::SmallVector<int64_t, 2> unitDims = {};
  /// Constant: the elements.
  std::shared_ptr<const ConstantTensor> constant = {};
  /// Delta: the extent of each leg (that of an index may be unknown because of another operand).
  int64_t extent = 0;
  /// Contract: its operands.
  llvm::SmallVector<int, 2> parts = {};
  /// Which operands of the network it is made of, a number of Graph::origins; −1 for none.
  int origin = -1;
  bool isAlive = true;
  /// The queue that it stands in, or −1.
  int8_t stage = -1;
  /// Constant: its elements have been looked at. Input: its facts have been.
  bool isExamined = false;

  bool is(Kind other) const { return kind == other; }
};

struct Index {
  /// The extent, where every dimension that has the index says it.
  int64_t extent = mlir::ShapedType::kDynamic;
  /// Where the output lists it, or −1.
  int64_t outputPosition = -1;
  /// Live nodes that have the index, by number.
  std::set<int> users = {};
  mlir::StringAttr name = {};
  /// The index that this one was tied to, or itself.
  int64_t representative = -1;

  bool isOutput() const { return outputPosition >= 0; }
};

/// An operand of the network as it was read, or two origins that were joined.
struct Origin {
  int lhs = -1, rhs = -1;
  bool isOperand() const { return lhs < 0; }
};

class Graph {
public:
  Graph(Arithmetic arithmetic, FoldLimits limits) : arithmetic(arithmetic), limits(limits) {}

  const Arithmetic arithmetic;
  const FoldLimits limits;
  std::vector<Node> nodes;
  std::vector<Index> indices;
  /// The output list, as representatives.
  llvm::SmallVector<int64_t> output;
  /// Dimensions of the IR's result, of extent 1, that the output leaves out; ascending.
  llvm::SmallVector<int64_t> unitOutputDims;
  /// What is joined has smaller numbers than what is made of it.
  std::vector<Origin> origins;
  /// Whether the operands as read are those that somebody stated: not where tn-simplify ran before.
  bool areOriginsKnown = true;
  /// Whether anything differs from what the IR says.
  bool isChanged = false;

  int addOrigin(Origin origin = {});
  /// The origin of what is made of both, either of which may be −1.
  int joinOrigins(int lhs, int rhs);
  /// `heir` takes over the origin of a node that goes without being multiplied into another.
  void handOver(int node, int heir);

  int64_t addIndex(int64_t extent, mlir::StringAttr name);
  int addNode(Node node);
  void kill(int node);
  void setOutput(llvm::ArrayRef<int64_t> list);
  /// Puts the output position of `index` on a new index of the same extent, and returns that one.
  int64_t detachOutput(int64_t index);

  /// The index that `index` was tied to.
  int64_t find(int64_t index) const;
  llvm::SmallVector<int64_t> find(llvm::ArrayRef<int64_t> list) const;

  /// Whether summing over `index` involves no live node but those of `users` (one or two).
  bool isSummedWithin(int64_t index, llvm::ArrayRef<int> users) const;
  bool isStatic(llvm::ArrayRef<int64_t> list) const;
  /// Product of the extents; INT64_MAX where it is larger or not known.
  int64_t sizeOf(llvm::ArrayRef<int64_t> list) const;

  /// Whether the two may become one index: both static, of one extent, and not both in the output.
  bool canTie(int64_t a, int64_t b) const;
  /// Makes two indices one. Time: that of the nodes that have the index which fewer nodes have.
  void tie(int64_t a, int64_t b);

  /// The indices of the contraction of these nodes: theirs, less those that are summed within.
  llvm::SmallVector<int64_t, 4> resultOf(llvm::ArrayRef<int> parts) const;
  /// Whether contracting two constants is within the limits and loses nothing to a narrow range.
  bool canFold(int a, int b) const;
  /// Contracts one or two live nodes into a new one: constants at once, others when the IR runs.
  int contract(llvm::ArrayRef<int> parts);

  bool hasRepeatedIndex(int node) const;
  /// Whether the node has an index that no other node has and that is summed.
  bool hasIndexAlone(int node) const;
  /// Takes the diagonal of a node that has an index twice, and the sum over the indices that it has
  /// alone (of a delta, only the diagonal). Returns the node that stands for it now.
  int reduceAlone(int node);

  /// Puts a node into the queue of a stage. It stands in the queue of one stage at most, the
  /// earliest.
  void enqueue(int node, int stage = 0);
  /// The next live node of the earliest stage that has one, and that stage; −1 where there is none.
  std::pair<int, int> next();
  llvm::SmallVector<int> liveNodes() const;

private:
  std::array<std::deque<int>, kNumStages> queues;

  void link(int node);
  void unlink(int node);
};

} // namespace tenon::tn::simplify
