//===- SimplifyWriteBack.cpp - From a graph to contractions -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SimplifyNetwork.h"

#include "tenon/Dialect/TN/IR/RankReducedSlice.h"
#include "tenon/Support/Assert.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

static RankedTensorType withoutDims(RankedTensorType type, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> shape;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!llvm::is_contained(dims, dim))
      shape.push_back(type.getDimSize(dim));
  return RankedTensorType::get(shape, type.getElementType());
}

static llvm::SmallBitVector asBits(ArrayRef<int64_t> dims, int64_t rank) {
  llvm::SmallBitVector bits(rank);
  for (int64_t dim : dims)
    bits.set(dim);
  return bits;
}

namespace {
class Writer {
public:
  Writer(const Graph &graph, ContractOp root, RewriterBase &rewriter)
      : graph(graph), root(root), rewriter(rewriter), values(graph.nodes.size()) {}

  std::optional<Written> write() {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(root);
    SmallVector<int> operands = graph.liveNodes();
    // A network that has become one contraction is that contraction.
    if (operands.size() == 1 && graph.nodes[operands.front()].is(Node::Kind::Contract))
      operands.assign(graph.nodes[operands.front()].parts.begin(),
                      graph.nodes[operands.front()].parts.end());
    materialise(operands);
    RankedTensorType type = root.getResultType();
    // The dimensions that rule 5 took from the result are restored.
    ArrayRef<int64_t> unitDims = graph.unitOutputDims;
    Value result = writeResult(operands, withoutDims(type, unitDims));
    std::optional<Written> written;
    if (own)
      written = {own,
                 llvm::map_to_vector(operands, [&](int node) { return graph.nodes[node].origin; })};
    if (!unitDims.empty())
      result = restoreUnitDims(result, type, unitDims);
    if (result.getType() != type)
      result = tensor::CastOp::create(rewriter, root.getLoc(), type, result);
    rewriter.replaceOp(root, result);
    return written;
  }

private:
  const Graph &graph;
  ContractOp root;
  RewriterBase &rewriter;
  std::vector<Value> values;
  /// The network's own contraction, once it is written.
  ContractOp own;

  /// The indices of the dimensions of a node's value.
  SmallVector<int64_t> dimsOf(int node) const {
    SmallVector<int64_t> list = graph.find(graph.nodes[node].indices);
    if (!graph.nodes[node].is(Node::Kind::Contract))
      return list;
    // Ties made after the contraction took effect on its operands.
    SmallVector<int64_t> result;
    for (int64_t index : list)
      if (!llvm::is_contained(result, index))
        result.push_back(index);
    return result;
  }

  /// Writes the nodes and all that they are made of.
  void materialise(ArrayRef<int> wanted) {
    std::vector<bool> isNeeded(graph.nodes.size(), false);
    for (int node : wanted)
      isNeeded[node] = true;
    for (int node = graph.nodes.size() - 1; node >= 0; --node)
      if (isNeeded[node])
        for (int part : graph.nodes[node].parts) {
          TENON_ASSERT(part < node, "parts are older than what is made of them");
          isNeeded[part] = true;
        }
    for (int node = 0, e = graph.nodes.size(); node < e; ++node)
      if (isNeeded[node])
        values[node] = valueOf(node);
  }

  /// `result` with unit extents put back at `unitDims`. It is inserted as a slice, which
  /// bufferization computes in place.
  Value restoreUnitDims(Value result, RankedTensorType type, ArrayRef<int64_t> unitDims) {
    SmallVector<OpFoldResult> offsets(type.getRank(), rewriter.getIndexAttr(0)), sizes,
        strides(type.getRank(), rewriter.getIndexAttr(1));
    llvm::SmallBitVector isUnit = asBits(unitDims, type.getRank());
    for (int64_t dim = 0, kept = 0; dim < type.getRank(); ++dim)
      sizes.push_back(isUnit.test(dim)
                          ? OpFoldResult(rewriter.getIndexAttr(1))
                          : tensor::getMixedSize(rewriter, root.getLoc(), result, kept++));
    Value empty = tensor::EmptyOp::create(rewriter, root.getLoc(), sizes, type.getElementType());
    // Slices of a tensor without elements do not verify, and would move nothing.
    if (llvm::is_contained(type.getShape(), 0))
      return empty;
    return insertRankReduced(rewriter, root.getLoc(), result, empty, offsets, sizes, strides,
                             isUnit);
  }

  Value valueOf(int number) {
    const Node &node = graph.nodes[number];
    switch (node.kind) {
    case Node::Kind::Input: {
      Value value = node.value;
      if (node.isConjugated)
        value = ConjOp::create(rewriter, value.getLoc(), value);
      if (node.unitDims.empty())
        return value;
      RankedTensorType reduced =
          withoutDims(cast<RankedTensorType>(value.getType()), node.unitDims);
      if (llvm::is_contained(reduced.getShape(), 0)) {
        SmallVector<OpFoldResult> sizes;
        for (auto [dim, size] :
             llvm::enumerate(tensor::getMixedSizes(rewriter, value.getLoc(), value)))
          if (!llvm::is_contained(node.unitDims, static_cast<int64_t>(dim)))
            sizes.push_back(size);
        return tensor::EmptyOp::create(rewriter, value.getLoc(), sizes, reduced.getElementType());
      }
      // A slice and not a collapsed shape: it is a view of a caller's buffer, whatever its strides
      // are.
      int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
      SmallVector<OpFoldResult> offsets(rank, rewriter.getIndexAttr(0)),
          strides(rank, rewriter.getIndexAttr(1));
      return extractRankReduced(rewriter, value.getLoc(), value, offsets,
                                tensor::getMixedSizes(rewriter, value.getLoc(), value), strides,
                                asBits(node.unitDims, rank));
    }
    case Node::Kind::Constant:
      if (node.value)
        return node.value;
      return ConstantOp::create(rewriter, plainLocation(),
                                storeConstant(*node.constant, graph.arithmetic.type));
    case Node::Kind::Delta: {
      int64_t rank = node.indices.size();
      if (node.value && cast<RankedTensorType>(node.value.getType()).getRank() == rank)
        return node.value;
      SmallVector<int64_t> shape(rank, node.extent);
      return DeltaOp::create(rewriter, plainLocation(),
                             RankedTensorType::get(shape, graph.arithmetic.type), Value(),
                             graph.arithmetic.semiring);
    }
    case Node::Kind::Contract:
      break;
    }
    SmallVector<int64_t> result = dimsOf(number);
    if (node.parts.size() == 1) {
      // Reading a diagonal changes no element: the tensor keeps its own type.
      SmallVector<int64_t> list = dimsOf(node.parts.front());
      Value part = values[node.parts.front()];
      if (llvm::all_of(list, [&](int64_t index) { return llvm::is_contained(result, index); }))
        return contraction({part}, {list}, result,
                           cast<RankedTensorType>(part.getType()).getElementType(),
                           Semiring::PlusTimes, {}, false);
    }
    return contraction(partValues(node.parts), partLists(node.parts), result, graph.arithmetic.type,
                       graph.arithmetic.semiring, {}, graph.arithmetic.isUnsigned);
  }

  SmallVector<Value> partValues(ArrayRef<int> parts) const {
    return llvm::map_to_vector(parts, [&](int part) { return values[part]; });
  }
  SmallVector<SmallVector<int64_t>> partLists(ArrayRef<int> parts) const {
    return llvm::map_to_vector(parts, [&](int part) { return dimsOf(part); });
  }

  /// The contraction's location without the names of its indices.
  Location plainLocation() {
    auto fused = dyn_cast<FusedLoc>(root.getLoc());
    if (fused && isa_and_present<IndexNamesAttr>(fused.getMetadata()) &&
        fused.getLocations().size() == 1)
      return fused.getLocations().front();
    return root.getLoc();
  }

  ContractOp contraction(ArrayRef<Value> operands, ArrayRef<SmallVector<int64_t>> lists,
                         ArrayRef<int64_t> result, Type elementType, Semiring semiring,
                         Type accumulate, bool isUnsigned) {
    // Names by first appearance, as the operation numbers its indices.
    SmallVector<StringAttr> names;
    llvm::DenseSet<int64_t> seen;
    bool hasNames = true;
    for (const SmallVector<int64_t> &list : lists)
      for (int64_t index : list)
        if (seen.insert(index).second) {
          names.push_back(graph.indices[index].name);
          hasNames &= static_cast<bool>(names.back());
        }
    Location loc = plainLocation();
    if (hasNames && !names.empty())
      loc = withIndexNames(loc, IndexNamesAttr::get(rewriter.getContext(), names));
    return ContractOp::create(rewriter, loc, operands, lists, result, elementType, semiring,
                              accumulate, isUnsigned);
  }

  /// The network's own contraction. `type` may know extents that no operand says: then they are
  /// checked when it runs, and stay in its type.
  Value writeResult(ArrayRef<int> operands, RankedTensorType type) {
    Type elementType = type.getElementType(), accumulation = graph.arithmetic.type;
    if (operands.size() == 1) {
      const Node &node = graph.nodes[operands.front()];
      if (node.is(Node::Kind::Constant) && elementType == accumulation) {
        if (node.indices == ArrayRef<int64_t>(graph.output) && node.value &&
            cast<RankedTensorType>(node.value.getType()).getElementType() == elementType)
          return node.value;
        ConstantTensor permuted = contractConstants(graph.arithmetic, {node.constant.get()},
                                                    {node.indices}, graph.output);
        return ConstantOp::create(rewriter, plainLocation(), storeConstant(permuted, elementType));
      }
    }
    ContractOp op =
        contraction(partValues(operands), partLists(operands), graph.output, elementType,
                    graph.arithmetic.semiring, accumulation == elementType ? Type() : accumulation,
                    graph.arithmetic.isUnsigned);
    SmallVector<int64_t> shape(op.getResultType().getShape());
    for (auto [own, asked] : llvm::zip_equal(shape, type.getShape()))
      if (ShapedType::isDynamic(own))
        own = asked;
    op.getResult().setType(RankedTensorType::get(shape, elementType));
    SmallVector<OpFoldResult> folded;
    if (op.getInputs().size() == 1 && succeeded(op->fold(folded)) && folded.size() == 1)
      if (auto value = dyn_cast<Value>(folded.front())) {
        rewriter.eraseOp(op);
        return value;
      }
    own = op;
    return op;
  }
};
} // namespace

std::optional<Written> simplify::writeBack(const Graph &graph, ContractOp op,
                                           RewriterBase &rewriter) {
  return Writer(graph, op, rewriter).write();
}
