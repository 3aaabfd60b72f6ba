//===- SimplifyBuild.cpp - From contractions to a graph ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SimplifyNetwork.h"

#include "tenon/Support/SeededBug.h"

#include "TakenSteps.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

ElementsAttr simplify::getConstantValue(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto constant = dyn_cast<ConstantOp>(op))
    return constant.getValue();
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return dyn_cast<ElementsAttr>(constant.getValue());
  return {};
}

/// Whether the operands of `op` say all static extents of its result: else its type is a check at
/// run time that must stay.
static bool impliesResultType(ContractOp op) {
  SmallVector<int64_t> extents = op.getIndexExtents();
  return llvm::all_of(llvm::zip_equal(op.getResultIndices(), op.getResultType().getShape()),
                      [&](auto pair) {
                        auto [index, extent] = pair;
                        return ShapedType::isDynamic(extent) || extents[index] == extent;
                      });
}

bool simplify::hasPlan(ContractOp op) {
  if (op->hasAttr("tn.path"))
    return true;
  auto function = op->getParentOfType<FunctionOpInterface>();
  return function && function->hasAttr("tn.plan");
}

/// Whether the sum of `op` may be empty and its zero changes when something is multiplied with it.
/// A sum over no elements of a product is that zero; with the product's operands on their own, one
/// of them would be added to it.
static bool mayLoseEmptySum(ContractOp op) {
  if (Arithmetic{op.getSemiring(), op.getAccumulationType(), op.getIsUnsigned()}.zeroAnnihilates())
    return false;
  SmallVector<int64_t> extents = op.getIndexExtents();
  return llvm::any_of(llvm::seq<int64_t>(0, extents.size()), [&](int64_t index) {
    return !llvm::is_contained(op.getResultIndices(), index) &&
           (extents[index] == 0 || ShapedType::isDynamic(extents[index]));
  });
}

bool simplify::isInlinable(ContractOp op) {
  if (op->hasAttr("tn.path"))
    return false;
  Operation *def = op;
  if (!def->hasOneUse())
    return false;
  Operation *user = *def->getUsers().begin();
  while (isa<ConjOp>(user) && user->hasOneUse())
    user = *user->getUsers().begin();
  auto outer = dyn_cast<ContractOp>(user);
  return outer && !hasPlan(outer) && !mayLoseEmptySum(outer) &&
         outer->getBlock() == op->getBlock() && outer.getSemiring() == op.getSemiring() &&
         outer.getIsUnsigned() == op.getIsUnsigned() &&
         op.getAccumulationType() == op.getResultType().getElementType() &&
         op.getAccumulationType() == outer.getAccumulationType() && impliesResultType(op);
}

namespace {
class GraphBuilder {
public:
  GraphBuilder(ContractOp root, bool flatten, FoldLimits limits, SimplifyCounters &counters)
      : flatten(flatten), counters(counters), root(root),
        graph({root.getSemiring(), root.getAccumulationType(), root.getIsUnsigned()}, limits) {}

  Graph build() {
    // One frame for each contraction that is being read, innermost last.
    struct Frame {
      ContractOp op;
      SmallVector<ArrayRef<int64_t>> lists;
      SmallVector<int64_t> numbers;
      bool isConjugated;
      unsigned next = 0;
    };
    SmallVector<Frame> frames;
    frames.push_back({root, root.getOperandIndexLists(),
                      newIndices(root, SmallVector<int64_t>(root.getNumIndices(), -1)), false});
    graph.setOutput(map(root.getResultIndices(), frames.front().numbers));
    graph.areOriginsKnown = !hasTakenSteps(root);
    while (!frames.empty()) {
      Frame &frame = frames.back();
      if (frame.next == frame.lists.size()) {
        frames.pop_back();
        continue;
      }
      Value operand = frame.op.getInputs()[frame.next];
      SmallVector<int64_t> list = map(frame.lists[frame.next++], frame.numbers);
      bool isConjugated = frame.isConjugated;
      Value peeled = operand;
      bool isPeeledConjugated = isConjugated;
      while (auto conj = peeled.getDefiningOp<ConjOp>()) {
        peeled = conj.getInput();
        isPeeledConjugated = !isPeeledConjugated;
      }
      auto inner = peeled.getDefiningOp<ContractOp>();
      if (flatten && inner && isInlinable(inner)) {
        graph.isChanged = true;
        graph.areOriginsKnown &= !hasTakenSteps(inner);
        ++counters.flattened;
        if (peeled != operand)
          ++counters.conjugates;
        SmallVector<int64_t> known(inner.getNumIndices(), -1);
        for (auto [own, outer] : llvm::zip_equal(inner.getResultIndices(), list))
          known[own] = outer;
        frames.push_back({inner, inner.getOperandIndexLists(), newIndices(inner, std::move(known)),
                          isSeeded(SeededBug::ConjDropped) ? isConjugated : isPeeledConjugated});
        continue;
      }
      addOperand(operand, isConjugated, peeled, isPeeledConjugated, list);
    }
    dropUnitIndices();
    return std::move(graph);
  }

private:
  bool flatten;
  SimplifyCounters &counters;
  ContractOp root;
  Graph graph;
  llvm::StringMap<unsigned> names;
  /// Indices that some dimension has with an unknown extent.
  llvm::SmallVector<bool> isUncertain;

  static SmallVector<int64_t> map(ArrayRef<int64_t> list, ArrayRef<int64_t> numbers) {
    return llvm::map_to_vector(list, [&](int64_t index) { return numbers[index]; });
  }

  /// New indices of the graph for those of `op` that have no number yet.
  SmallVector<int64_t> newIndices(ContractOp op, SmallVector<int64_t> numbers) {
    IndexNamesAttr table = getIndexNames(op.getLoc());
    for (auto [i, number] : llvm::enumerate(numbers)) {
      if (number >= 0)
        continue;
      StringAttr name;
      if (table && i < table.getNames().size())
        name = uniqueName(table.getNames()[i]);
      number = graph.addIndex(ShapedType::kDynamic, name);
      isUncertain.push_back(false);
    }
    return numbers;
  }

  /// The name, or, where another contraction has it for something else, the name with a number.
  StringAttr uniqueName(StringAttr name) {
    if (names.try_emplace(name.getValue(), 1).second)
      return name;
    std::string candidate;
    do
      candidate = (name.getValue() + "_" + Twine(++names[name.getValue()])).str();
    while (!names.try_emplace(candidate, 1).second);
    return StringAttr::get(name.getContext(), candidate);
  }

  void addOperand(Value operand, bool isConjugated, Value peeled, bool isPeeledConjugated,
                  ArrayRef<int64_t> list) {
    auto type = cast<RankedTensorType>(operand.getType());
    for (auto [index, extent] : llvm::zip_equal(list, type.getShape())) {
      if (ShapedType::isDynamic(extent))
        isUncertain[index] = true;
      else
        graph.indices[index].extent = extent;
    }
    SmallVector<int64_t, 4> indices(list.begin(), list.end());
    if (ElementsAttr attribute = getConstantValue(peeled);
        attribute && type.getNumElements() <= graph.limits.elements)
      if (auto tensor = loadConstant(attribute, graph.arithmetic, isPeeledConjugated)) {
        bool isAsItIs = peeled == operand && !isConjugated;
        if (!isAsItIs && isa<ComplexType>(type.getElementType())) {
          ++counters.conjugates;
          graph.isChanged = true;
        }
        graph.addNode({.kind = Node::Kind::Constant,
                       .indices = indices,
                       .value = isAsItIs ? peeled : Value(),
                       .source = peeled,
                       .isConjugated = isPeeledConjugated,
                       .constant = std::make_shared<ConstantTensor>(std::move(*tensor)),
                       .origin = graph.addOrigin()});
        return;
      }
    // A delta is real: conjugation leaves it.
    if (auto delta = peeled.getDefiningOp<DeltaOp>();
        delta && type.hasStaticShape() &&
        (graph.arithmetic.sharesUnits(delta.getSemiring()) ||
         isSeeded(SeededBug::DeltaSemiringIgnored)) &&
        graph.arithmetic.zeroAnnihilates()) {
      graph.addNode({.kind = Node::Kind::Delta,
                     .indices = indices,
                     .value = peeled,
                     .extent = type.getRank() ? type.getDimSize(0) : 1,
                     .origin = graph.addOrigin()});
      return;
    }
    Node node{.kind = Node::Kind::Input,
              .indices = indices,
              .value = operand,
              .origin = graph.addOrigin()};
    if (isConjugated && isa<ComplexType>(type.getElementType())) {
      // Conjugating twice is not conjugating.
      node.value = peeled;
      node.isConjugated = isPeeledConjugated;
    }
    graph.addNode(std::move(node));
  }

  /// Rule 5. Where one dimension's extent is not known to be 1, the index stays: that the extents
  /// agree is then checked at run time.
  void dropUnitIndices() {
    SmallVector<bool> isDropped(graph.indices.size(), false);
    bool any = false;
    for (auto [i, index] : llvm::enumerate(graph.indices)) {
      if (isUncertain[i])
        index.extent = ShapedType::kDynamic;
      if (index.extent != 1)
        continue;
      isDropped[i] = any = true;
      index.users.clear();
      ++counters.unitIndices;
    }
    if (!any)
      return;
    graph.isChanged = true;
    for (Node &node : graph.nodes) {
      SmallVector<int64_t, 4> kept;
      SmallVector<int64_t> keptDims;
      for (auto [dim, index] : llvm::enumerate(node.indices)) {
        if (!isDropped[index]) {
          kept.push_back(index);
          keptDims.push_back(dim);
        } else if (!node.is(Node::Kind::Delta)) {
          node.unitDims.push_back(dim);
        }
      }
      if (kept.size() == node.indices.size())
        continue;
      node.indices = kept;
      if (!node.is(Node::Kind::Input))
        node.value = {};
      if (node.is(Node::Kind::Constant)) {
        auto smaller = std::make_shared<ConstantTensor>(*node.constant);
        smaller->shape =
            llvm::map_to_vector(keptDims, [&](int64_t dim) { return node.constant->shape[dim]; });
        node.constant = std::move(smaller);
      }
    }
    SmallVector<int64_t> output;
    for (auto [dim, index] : llvm::enumerate(graph.output)) {
      if (!isDropped[index]) {
        output.push_back(index);
        continue;
      }
      graph.indices[index].outputPosition = -1;
      graph.unitOutputDims.push_back(dim);
    }
    graph.setOutput(output);
  }
};
} // namespace

Graph simplify::buildGraph(ContractOp op, bool flatten, FoldLimits limits,
                           SimplifyCounters &counters) {
  return GraphBuilder(op, flatten, limits, counters).build();
}
