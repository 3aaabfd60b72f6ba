//===- ProgramBuilder.cpp - A genome as IR --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ProgramBuilder.h"

#include "LeafData.h"

#include "tenon/Dialect/TN/IR/RankReducedSlice.h"
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/Labels.h"
#include "tenon/Fuzz/Program.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

static Type typeOf(Element element, Builder &builder) {
  switch (element) {
  case Element::F16:
    return builder.getF16Type();
  case Element::BF16:
    return builder.getBF16Type();
  case Element::F32:
    return builder.getF32Type();
  case Element::F64:
    return builder.getF64Type();
  case Element::C64:
    return ComplexType::get(builder.getF32Type());
  case Element::C128:
    return ComplexType::get(builder.getF64Type());
  case Element::Index:
    return builder.getIndexType();
  default:
    return builder.getIntegerType(bitsOf(element));
  }
}

static tn::Semiring semiringOf(Semiring semiring) {
  switch (semiring) {
  case Semiring::PlusTimes:
    return tn::Semiring::PlusTimes;
  case Semiring::MaxPlus:
    return tn::Semiring::MaxPlus;
  case Semiring::MinPlus:
    return tn::Semiring::MinPlus;
  case Semiring::OrAnd:
    return tn::Semiring::OrAnd;
  case Semiring::MaxTimes:
    return tn::Semiring::MaxTimes;
  }
  llvm_unreachable("a semiring outside of the enumeration");
}

/// #tn.facts of a fact's number (Node::facts); null for none.
static tn::FactsAttr factsOf(uint8_t fact, Builder &builder) {
  DenseI64ArrayAttr all = builder.getDenseI64ArrayAttr({}),
                    second = builder.getDenseI64ArrayAttr({1});
  MLIRContext *context = builder.getContext();
  switch (fact) {
  case 1:
    return tn::FactsAttr::get(context, {all}, {}, {}, {});
  case 2:
    return tn::FactsAttr::get(context, {}, {second}, {}, {});
  case 3:
    return tn::FactsAttr::get(context, {}, {}, all, {});
  case 4:
    return tn::FactsAttr::get(context, {}, {}, {}, builder.getF64FloatAttr(0.5));
  default:
    return {};
  }
}

static DenseElementsAttr elementsOf(const HostTensor &tensor, RankedTensorType type) {
  std::span<const std::byte> bytes = tensor.bytes();
  ArrayRef<char> raw(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  // A dense attribute packs i1 into bits.
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> values(raw.begin(), raw.end());
    return DenseElementsAttr::get(type, values);
  }
  return DenseElementsAttr::getFromRawBuffer(type, raw);
}

namespace {
class ProgramBuilder {
public:
  ProgramBuilder(const Genome &genome, std::span<const HostTensor> constants, MLIRContext &context)
      : genome(genome), constants(constants), shapes(shapesOf(genome)), builder(&context),
        loc(builder.getUnknownLoc()) {}

  OwningOpRef<ModuleOp> build() {
    OwningOpRef<ModuleOp> module = ModuleOp::create(builder, loc);
    builder.setInsertionPointToEnd(module->getBody());
    func::FuncOp function = createFunction();
    builder.setInsertionPointToEnd(&function.getBody().front());
    unsigned argument = 0;
    for (size_t number = 0; number < genome.nodes.size(); ++number) {
      const Node &node = genome.nodes[number];
      values.push_back(node.kind == NodeKind::Argument ? Value(function.getArgument(argument++))
                                                       : create(node, number));
    }
    SmallVector<Value> results;
    for (uint16_t number : genome.results)
      results.push_back(values[number]);
    func::ReturnOp::create(builder, loc, results);
    function.setFunctionType(FunctionType::get(builder.getContext(), function.getArgumentTypes(),
                                               ValueRange(results).getTypes()));
    return module;
  }

private:
  func::FuncOp createFunction() {
    SmallVector<Type> types;
    SmallVector<DictionaryAttr> attributes;
    for (const Node &node : genome.nodes)
      if (node.kind == NodeKind::Argument) {
        types.push_back(argumentType(node));
        attributes.push_back(argumentAttributes(node));
      }
    auto function = func::FuncOp::create(builder, loc, "main", builder.getFunctionType(types, {}));
    for (auto [number, dictionary] : llvm::enumerate(attributes))
      if (!dictionary.empty())
        function.setArgAttrs(number, dictionary);
    function.addEntryBlock();
    return function;
  }

  RankedTensorType argumentType(const Node &node) {
    SmallVector<int64_t> shape(node.extents.begin(), node.extents.end());
    for (size_t dim = 0; dim < shape.size(); ++dim)
      if (node.dynamic >> dim & 1)
        shape[dim] = ShapedType::kDynamic;
    return RankedTensorType::get(shape, typeOf(node.element, builder));
  }

  DictionaryAttr argumentAttributes(const Node &node) {
    SmallVector<NamedAttribute> attributes;
    if (tn::FactsAttr facts = factsOf(node.facts, builder))
      attributes.push_back(builder.getNamedAttr(tn::TNDialect::getFactsAttrName(), facts));
    if (node.dynamic) {
      SmallVector<int64_t> extents(node.extents.begin(), node.extents.end());
      attributes.push_back(builder.getNamedAttr(tn::TNDialect::getHintAttrName(),
                                                builder.getDenseI64ArrayAttr(extents)));
    }
    if (node.isUnsigned)
      attributes.push_back(
          builder.getNamedAttr(tn::TNDialect::getUnsignedAttrName(), builder.getUnitAttr()));
    return builder.getDictionaryAttr(attributes);
  }

  Value create(const Node &node, size_t number) {
    switch (node.kind) {
    case NodeKind::Argument:
      break;
    case NodeKind::Constant:
      return createConstant(node, number);
    case NodeKind::Delta:
      return tn::DeltaOp::create(builder, loc, staticType(number), Value(),
                                 semiringOf(node.semiring));
    case NodeKind::Contract:
      return isWrittenAsLoops(node) ? createLoops(node, number) : createContraction(node);
    case NodeKind::Slice:
      return createSlice(node, number);
    case NodeKind::Conj:
      return tn::ConjOp::create(builder, loc, operand(node, 0));
    case NodeKind::Map:
      return createMap(node);
    case NodeKind::Widen:
      return createWidening(node);
    case NodeKind::Permute:
      return createPermutation(node);
    case NodeKind::Subtensor:
      return createSubtensor(node);
    case NodeKind::Update:
      return createUpdate(node);
    }
    llvm_unreachable("a kind of node that repair leaves, and that is no argument");
  }

  Value operand(const Node &node, size_t i) { return values[node.operands[i].node]; }
  static RankedTensorType typeOfValue(Value value) {
    return cast<RankedTensorType>(value.getType());
  }

  RankedTensorType staticType(size_t number) {
    SmallVector<int64_t> shape(shapes[number].begin(), shapes[number].end());
    return RankedTensorType::get(shape, typeOf(genome.nodes[number].element, builder));
  }

  Value createConstant(const Node &node, size_t number) {
    DenseElementsAttr elements = elementsOf(constants.front(), staticType(number));
    constants = constants.subspan(1);
    return tn::ConstantOp::create(builder, loc, elements, factsOf(node.facts, builder));
  }

  Value createContraction(const Node &node) {
    SmallVector<Value> inputs;
    SmallVector<SmallVector<int64_t>> labels;
    for (const Operand &operand : node.operands) {
      inputs.push_back(values[operand.node]);
      labels.emplace_back(operand.labels.begin(), operand.labels.end());
    }
    SmallVector<int64_t> output(node.output.begin(), node.output.end());
    tn::ContractOp op = contract(node, inputs, labels, output);
    if (!node.path.empty())
      op->setAttr("tn.path", builder.getDenseI64ArrayAttr(
                                 SmallVector<int64_t>(node.path.begin(), node.path.end())));
    if (!node.sliced.empty()) {
      LabelTable table = labelsOf(node, shapes);
      SmallVector<int64_t> sliced;
      for (uint16_t label : node.sliced)
        sliced.push_back(table.find(label) - table.entries.data());
      op->setAttr("tn.sliced", builder.getDenseI64ArrayAttr(sliced));
    }
    return op;
  }

  /// A linalg.generic that adds products to zeros: loops over what is open first, then over what is
  /// summed.
  Value createLoops(const Node &node, size_t number) {
    SmallVector<uint16_t> loops(node.output.begin(), node.output.end());
    for (uint16_t label : distinctLabels(node))
      if (!llvm::is_contained(node.output, label))
        loops.push_back(label);
    auto mapOf = [&](const std::vector<uint16_t> &labels) {
      SmallVector<AffineExpr> dims;
      for (uint16_t label : labels)
        dims.push_back(builder.getAffineDimExpr(
            static_cast<unsigned>(llvm::find(loops, label) - loops.begin())));
      return AffineMap::get(static_cast<unsigned>(loops.size()), 0, dims, builder.getContext());
    };
    SmallVector<Value> factors;
    SmallVector<AffineMap> maps;
    for (const Operand &operand : node.operands) {
      factors.push_back(values[operand.node]);
      maps.push_back(mapOf(operand.labels));
    }
    maps.push_back(mapOf(node.output));
    SmallVector<utils::IteratorType> iterators(loops.size(), utils::IteratorType::reduction);
    std::fill_n(iterators.begin(), node.output.size(), utils::IteratorType::parallel);

    RankedTensorType type = staticType(number);
    Value zero = arith::ConstantOp::create(
        builder, loc, cast<TypedAttr>(builder.getZeroAttr(type.getElementType())));
    Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(), type.getElementType());
    Value zeros = linalg::FillOp::create(builder, loc, zero, empty)->getResult(0);
    auto generic = linalg::GenericOp::create(
        builder, loc, type, factors, zeros, maps, iterators,
        [&](OpBuilder &inner, Location, ValueRange elements) {
          Value product = elements.front();
          for (Value factor : elements.drop_front().drop_back())
            product = applyMap(inner, MapOp::Mul, node, product, factor);
          linalg::YieldOp::create(inner, loc,
                                  applyMap(inner, MapOp::Add, node, elements.back(), product));
        });
    return generic.getResult(0);
  }

  tn::ContractOp contract(const Node &node, ValueRange inputs,
                          ArrayRef<SmallVector<int64_t>> labels, ArrayRef<int64_t> output) {
    Type accumulate = node.accumulate == node.element ? Type() : typeOf(node.accumulate, builder);
    return tn::ContractOp::create(builder, loc, inputs, labels, output,
                                  typeOf(node.element, builder), semiringOf(node.semiring),
                                  accumulate, node.isUnsigned);
  }

  Value createSlice(const Node &node, size_t number) {
    LabelTable table = labelsOf(node, shapes);
    SmallVector<int64_t> extents, placements;
    for (uint16_t label : node.sliced) {
      extents.push_back(table.find(label)->extent);
      auto place = llvm::find(node.output, label);
      placements.push_back(place == node.output.end() ? tn::SliceOp::kSum
                                                      : place - node.output.begin());
    }
    auto slice = tn::SliceOp::create(builder, loc, TypeRange(staticType(number)), extents,
                                     placements, semiringOf(node.semiring), node.isUnsigned);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(slice.getBodyBlock());
    SmallVector<Value> inputs;
    SmallVector<SmallVector<int64_t>> labels;
    for (const Operand &operand : node.operands) {
      labels.emplace_back();
      inputs.push_back(cutAtIteration(node, operand, slice, labels.back()));
    }
    SmallVector<int64_t> output;
    for (uint16_t label : node.output)
      if (!llvm::is_contained(node.sliced, label))
        output.push_back(label);
    tn::YieldOp::create(builder, loc,
                        ValueRange(contract(node, inputs, labels, output).getResult()));
    return slice.getResult(0);
  }

  /// The part of an operand that an iteration reads, without the sliced dimensions; `labels` become
  /// those of the others.
  Value cutAtIteration(const Node &node, const Operand &operand, tn::SliceOp slice,
                       SmallVector<int64_t> &labels) {
    Value value = values[operand.node];
    SmallVector<OpFoldResult> offsets, sizes = tensor::getMixedSizes(builder, loc, value),
                                       strides(operand.labels.size(), builder.getIndexAttr(1));
    llvm::SmallBitVector dropped(operand.labels.size());
    for (auto [dim, label] : llvm::enumerate(operand.labels)) {
      auto place = llvm::find(node.sliced, label);
      if (place == node.sliced.end()) {
        offsets.push_back(builder.getIndexAttr(0));
        labels.push_back(label);
      } else {
        offsets.push_back(slice.getBodyBlock()->getArgument(place - node.sliced.begin()));
        sizes[dim] = builder.getIndexAttr(1);
        dropped.set(dim);
      }
    }
    if (labels.size() == operand.labels.size())
      return value;
    return tn::extractRankReduced(builder, loc, value, offsets, sizes, strides, dropped);
  }

  Value createMap(const Node &node) {
    Value a = operand(node, 0);
    if (static_cast<MapOp>(node.flavour) == MapOp::Neg)
      return isInteger(node.element) ? negate(a) : arith::NegFOp::create(builder, loc, a);
    return applyMap(builder, static_cast<MapOp>(node.flavour), node, a, operand(node, 1));
  }

  /// An operation on tensors or numbers of a node's type and signedness.
  static Value applyMap(OpBuilder &builder, MapOp op, const Node &node, Value a, Value b) {
    bool isInt = isInteger(node.element);
    Location loc = a.getLoc();
    switch (op) {
    case MapOp::Add:
      return isInt ? Value(arith::AddIOp::create(builder, loc, a, b))
                   : arith::AddFOp::create(builder, loc, a, b);
    case MapOp::Sub:
      return isInt ? Value(arith::SubIOp::create(builder, loc, a, b))
                   : arith::SubFOp::create(builder, loc, a, b);
    case MapOp::Mul:
      return isInt ? Value(arith::MulIOp::create(builder, loc, a, b))
                   : arith::MulFOp::create(builder, loc, a, b);
    case MapOp::Max:
      if (node.isUnsigned)
        return arith::MaxUIOp::create(builder, loc, a, b);
      return isInt ? Value(arith::MaxSIOp::create(builder, loc, a, b))
                   : arith::MaximumFOp::create(builder, loc, a, b);
    case MapOp::Min:
      if (node.isUnsigned)
        return arith::MinUIOp::create(builder, loc, a, b);
      return isInt ? Value(arith::MinSIOp::create(builder, loc, a, b))
                   : arith::MinimumFOp::create(builder, loc, a, b);
    case MapOp::Neg:
      break;
    }
    llvm_unreachable("a map of two operands");
  }

  Value createUpdate(const Node &node) {
    auto op = static_cast<MapOp>(node.flavour);
    Value source = operand(node, 0), destination = operand(node, 1);
    if (!readsTwice(node)) {
      auto map = linalg::MapOp::create(
          builder, loc, source, destination, [&](OpBuilder &inner, Location, ValueRange elements) {
            linalg::YieldOp::create(inner, loc,
                                    applyMap(inner, op, node, elements[0], elements[1]));
          });
      return map->getResult(0);
    }
    int64_t rank = typeOfValue(source).getRank();
    AffineMap identity = builder.getMultiDimIdentityMap(rank);
    SmallVector<unsigned> order(node.output.begin(), node.output.end());
    SmallVector<AffineMap> maps{
        identity, rank == 0 ? identity : AffineMap::getPermutationMap(order, builder.getContext()),
        identity};
    auto generic = linalg::GenericOp::create(
        builder, loc, destination.getType(), ValueRange{source, destination}, destination, maps,
        SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
        [&](OpBuilder &inner, Location, ValueRange elements) {
          Value once = applyMap(inner, op, node, elements[0], elements[1]);
          linalg::YieldOp::create(inner, loc, applyMap(inner, op, node, once, elements[2]));
        });
    return generic.getResult(0);
  }

  /// 0 - a; where extents are dynamic there is no zero of that type, and a - (a + a) is the same
  /// number.
  Value negate(Value a) {
    RankedTensorType type = typeOfValue(a);
    if (!type.hasStaticShape())
      return arith::SubIOp::create(builder, loc, a, arith::AddIOp::create(builder, loc, a, a));
    Value zero =
        arith::ConstantOp::create(builder, loc, cast<TypedAttr>(builder.getZeroAttr(type)));
    return arith::SubIOp::create(builder, loc, zero, a);
  }

  Value createWidening(const Node &node) {
    Value value = operand(node, 0);
    Type type = typeOfValue(value).clone(typeOf(node.element, builder));
    if (!isInteger(node.element))
      return arith::ExtFOp::create(builder, loc, type, value);
    return node.isUnsigned ? Value(arith::ExtUIOp::create(builder, loc, type, value))
                           : arith::ExtSIOp::create(builder, loc, type, value);
  }

  Value createPermutation(const Node &node) {
    Value value = operand(node, 0);
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, value), permuted;
    SmallVector<int64_t> order(node.output.begin(), node.output.end());
    for (int64_t dim : order)
      permuted.push_back(sizes[dim]);
    Value init =
        tensor::EmptyOp::create(builder, loc, permuted, typeOfValue(value).getElementType());
    return linalg::TransposeOp::create(builder, loc, value, init, order)->getResult(0);
  }

  Value createSubtensor(const Node &node) {
    SmallVector<OpFoldResult> parts[3];
    for (auto [i, number] : llvm::enumerate(node.numbers))
      parts[i % 3].push_back(builder.getIndexAttr(number));
    return tensor::ExtractSliceOp::create(builder, loc, operand(node, 0), parts[0], parts[1],
                                          parts[2]);
  }

  const Genome &genome;
  /// Of the nodes that are still to come.
  std::span<const HostTensor> constants;
  Shapes shapes;
  OpBuilder builder;
  Location loc;
  SmallVector<Value> values;
};
} // namespace

OwningOpRef<ModuleOp> fuzz::buildUnverified(const Genome &genome,
                                            std::span<const HostTensor> constants,
                                            MLIRContext &context) {
  context.loadDialect<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                      tensor::TensorDialect, tn::TNDialect>();
  return ProgramBuilder(genome, constants, context).build();
}

llvm::Expected<OwningOpRef<ModuleOp>> fuzz::buildModule(const Genome &genome,
                                                        MLIRContext &context) {
  return buildModule(genome, makeConstants(genome), context);
}

/// Whether there is a tensor of its shape and type for each constant.
static bool fit(const Genome &genome, std::span<const HostTensor> constants) {
  for (const Node &node : genome.nodes) {
    if (node.kind != NodeKind::Constant)
      continue;
    if (constants.empty() || !std::ranges::equal(constants.front().shape(), node.extents) ||
        constants.front().type().dtype != elementTypeOf(node.element, false).dtype)
      return false;
    constants = constants.subspan(1);
  }
  return constants.empty();
}

llvm::Expected<OwningOpRef<ModuleOp>> fuzz::buildModule(const Genome &genome,
                                                        std::span<const HostTensor> constants,
                                                        MLIRContext &context) {
  if (!fit(genome, constants))
    return llvm::createStringError(
        "a fault of the fuzzer: the values of a genome's constants have other types or shapes");
  OwningOpRef<ModuleOp> module = buildUnverified(genome, constants, context);
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message += (message.empty() ? "" : "; ") + diagnostic.str();
    return success();
  });
  if (failed(mlir::verify(*module)))
    return llvm::createStringError(
        "a fault of the fuzzer: the program of a genome does not verify: " + message);
  return module;
}
