//===- TNContract.cpp - tn.contract: building, printing, verifying ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SemiringSyntax.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

ArrayRef<int64_t> ContractOp::getOperandIndices(unsigned i) {
  size_t begin = 0;
  for (unsigned k = 0; k < i; ++k)
    begin += getInputType(k).getRank();
  return getIndices().slice(begin, getInputType(i).getRank());
}

SmallVector<ArrayRef<int64_t>> ContractOp::getOperandIndexLists() {
  SmallVector<ArrayRef<int64_t>> lists;
  lists.reserve(getInputs().size());
  ArrayRef<int64_t> rest = getIndices();
  for (unsigned i = 0, e = getInputs().size(); i < e; ++i) {
    size_t rank = getInputType(i).getRank();
    lists.push_back(rest.take_front(rank));
    rest = rest.drop_front(rank);
  }
  return lists;
}

int64_t ContractOp::getNumIndices() {
  int64_t count = 0;
  for (int64_t index : getIndices())
    count = std::max(count, index + 1);
  return count;
}

SmallVector<int64_t> ContractOp::getIndexExtents() {
  SmallVector<int64_t> extents(getNumIndices(), ShapedType::kDynamic);
  for (auto [operand, list] : llvm::enumerate(getOperandIndexLists()))
    for (auto [index, extent] : llvm::zip_equal(list, getInputType(operand).getShape()))
      if (ShapedType::isDynamic(extents[index]))
        extents[index] = extent;
  return extents;
}

Type ContractOp::getAccumulationType() {
  return getAccumulate() ? *getAccumulate() : getResultType().getElementType();
}

/// What an index without a name of its own is called.
static std::string defaultName(int64_t index) { return "i" + std::to_string(index); }

std::string ContractOp::getIndexName(int64_t index) {
  IndexNamesAttr names = getIndexNames(getLoc());
  if (names && index < static_cast<int64_t>(names.getNames().size()))
    return names.getNames()[index].str();
  return defaultName(index);
}

void ContractOp::build(OpBuilder &builder, OperationState &state, ValueRange inputs,
                       ArrayRef<SmallVector<int64_t>> operandIndices,
                       ArrayRef<int64_t> resultIndices, Type elementType, Semiring semiring,
                       Type accumulate, bool isUnsigned) {
  llvm::DenseMap<int64_t, int64_t> number;
  SmallVector<int64_t> indices, extents, results, shape;
  for (auto [input, list] : llvm::zip_equal(inputs, operandIndices))
    for (auto [index, extent] :
         llvm::zip_equal(list, cast<RankedTensorType>(input.getType()).getShape())) {
      auto [it, isNew] = number.try_emplace(index, extents.size());
      if (isNew)
        extents.push_back(extent);
      else if (ShapedType::isDynamic(extents[it->second]))
        extents[it->second] = extent;
      indices.push_back(it->second);
    }
  for (int64_t index : resultIndices) {
    results.push_back(number.lookup(index));
    shape.push_back(extents[results.back()]);
  }
  state.addOperands(inputs);
  auto &properties = state.getOrAddProperties<Properties>();
  properties.setIndices(builder.getDenseI64ArrayAttr(indices));
  properties.setResultIndices(builder.getDenseI64ArrayAttr(results));
  properties.setSemiring(SemiringAttr::get(builder.getContext(), semiring));
  if (accumulate)
    properties.setAccumulate(TypeAttr::get(accumulate));
  if (isUnsigned)
    properties.setIsUnsigned(builder.getUnitAttr());
  state.addTypes(RankedTensorType::get(shape, elementType));
}

//===----------------------------------------------------------------------===//
// Custom assembly
//===----------------------------------------------------------------------===//

namespace {
/// Numbers names by first appearance.
struct NameTable {
  llvm::StringMap<int64_t> numbers;
  SmallVector<StringAttr> names;

  int64_t number(StringAttr name) {
    auto [it, isNew] = numbers.try_emplace(name.getValue(), names.size());
    if (isNew)
      names.push_back(name);
    return it->second;
  }
};
} // namespace

/// Parses an index name: a bare word, or a string where the name is none.
static ParseResult parseIndexName(OpAsmParser &parser, StringAttr &name) {
  std::string text;
  StringRef keyword;
  if (succeeded(parser.parseOptionalKeyword(&keyword)))
    text = keyword.str();
  else if (failed(parser.parseOptionalString(&text)))
    return parser.emitError(parser.getCurrentLocation(),
                            "expected the name of an index: a bare word or a string");
  name = parser.getBuilder().getStringAttr(text);
  return success();
}

ParseResult ContractOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  NameTable table;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  SmallVector<int64_t> indices, ranks, resultIndices;
  auto &properties = state.getOrAddProperties<Properties>();
  SMLoc operandsLoc = parser.getCurrentLocation();

  auto parseOperand = [&]() -> ParseResult {
    if (parser.parseOperand(operands.emplace_back()))
      return failure();
    size_t before = indices.size();
    auto parseIndex = [&]() -> ParseResult {
      StringAttr name;
      if (parseIndexName(parser, name))
        return failure();
      indices.push_back(table.number(name));
      return success();
    };
    if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseIndex))
      return failure();
    ranks.push_back(indices.size() - before);
    return success();
  };
  auto parseResultIndex = [&]() -> ParseResult {
    StringAttr name;
    SMLoc loc = parser.getCurrentLocation();
    if (parseIndexName(parser, name))
      return failure();
    auto it = table.numbers.find(name.getValue());
    if (it == table.numbers.end())
      return parser.emitError(loc)
             << "C5: output index '" << name.getValue() << "' occurs in no operand";
    resultIndices.push_back(it->second);
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseOperand) ||
      parser.parseArrow() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseResultIndex))
    return failure();

  SemiringAttr semiring;
  if (parseSemiringClause(parser, semiring))
    return failure();
  properties.setSemiring(semiring);
  if (succeeded(parser.parseOptionalKeyword("accumulate"))) {
    Type type;
    if (parser.parseLParen() || parser.parseType(type) || parser.parseRParen())
      return failure();
    properties.setAccumulate(TypeAttr::get(type));
  }
  if (succeeded(parser.parseOptionalKeyword("unsigned")))
    properties.setIsUnsigned(builder.getUnitAttr());

  FunctionType type;
  SMLoc typeLoc;
  if (parser.parseOptionalAttrDict(state.attributes) || parser.parseColon() ||
      parser.getCurrentLocation(&typeLoc) || parser.parseType(type))
    return failure();
  if (type.getNumResults() != 1)
    return parser.emitError(typeLoc) << "expected one result type, found " << type.getNumResults();
  if (type.getNumInputs() != operands.size())
    return parser.emitError(typeLoc)
           << "expected " << operands.size() << " operand types, found " << type.getNumInputs();
  // Checked here too, because the lists are stored joined: a surplus in one would be taken for
  // another's.
  for (auto [i, input, rank] : llvm::enumerate(type.getInputs(), ranks)) {
    auto tensorType = dyn_cast<RankedTensorType>(input);
    if (tensorType && tensorType.getRank() != rank)
      return parser.emitError(typeLoc)
             << "C2: operand " << i << " of type " << input << " has rank " << tensorType.getRank()
             << ", but " << rank << " indices";
  }
  properties.setIndices(builder.getDenseI64ArrayAttr(indices));
  properties.setResultIndices(builder.getDenseI64ArrayAttr(resultIndices));
  state.addTypes(type.getResults());
  if (parser.resolveOperands(operands, type.getInputs(), operandsLoc, state.operands))
    return failure();
  state.location =
      withIndexNames(state.location, IndexNamesAttr::get(builder.getContext(), table.names));
  return success();
}

/// Whether a name prints as a bare word that parses back as one.
static bool isBareWord(StringRef name) {
  if (name.empty() || !(llvm::isAlpha(name.front()) || name.front() == '_'))
    return false;
  return llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.'; });
}

void ContractOp::print(OpAsmPrinter &printer) {
  int64_t count = getNumIndices();
  SmallVector<std::string> names;
  llvm::StringSet<> seen;
  bool isUsable = true;
  for (int64_t i = 0; i < count; ++i) {
    names.push_back(getIndexName(i));
    isUsable &= seen.insert(names.back()).second;
  }
  // A table that a rewrite left too short can repeat a name; numbers never do.
  if (!isUsable)
    for (int64_t i = 0; i < count; ++i)
      names[i] = defaultName(i);
  auto printName = [&](int64_t index) {
    if (isBareWord(names[index]))
      printer << names[index];
    else
      printer.printString(names[index]);
  };
  auto printList = [&](ArrayRef<int64_t> list) {
    printer << '[';
    llvm::interleaveComma(list, printer, printName);
    printer << ']';
  };
  printer << " (";
  llvm::interleaveComma(llvm::zip_equal(getInputs(), getOperandIndexLists()), printer,
                        [&](auto pair) {
                          printer.printOperand(std::get<0>(pair));
                          printList(std::get<1>(pair));
                        });
  printer << ") -> ";
  printList(getResultIndices());
  printSemiringClause(printer, getSemiring());
  if (getAccumulate())
    printer << " accumulate(" << *getAccumulate() << ')';
  if (getIsUnsigned())
    printer << " unsigned";
  printer.printOptionalAttrDict(
      (*this)->getAttrs(), {getIndicesAttrName(), getResultIndicesAttrName(), getSemiringAttrName(),
                            getAccumulateAttrName(), getIsUnsignedAttrName()});
  printer << " : ";
  printer.printFunctionalType(getInputs().getTypes(), getOperation()->getResultTypes());
}

//===----------------------------------------------------------------------===//
// Verification and inference
//===----------------------------------------------------------------------===//

LogicalResult ContractOp::verify() {
  if (getInputs().empty())
    return emitOpError("C1: expected at least one operand");
  size_t totalRank = 0;
  for (Value input : getInputs())
    totalRank += cast<RankedTensorType>(input.getType()).getRank();
  if (getIndices().size() != totalRank)
    return emitOpError() << "C2: the operands have " << totalRank << " dimensions in all, but "
                         << getIndices().size() << " indices are listed";
  int64_t next = 0;
  for (int64_t index : getIndices()) {
    if (index < 0 || index > next)
      return emitOpError() << "C3: indices are numbered by first appearance; found " << index
                           << " where at most " << next << " was expected";
    next = std::max(next, index + 1);
  }
  SmallVector<int64_t> extents(next, ShapedType::kDynamic);
  SmallVector<unsigned> owner(next, 0);
  for (auto [operand, list] : llvm::enumerate(getOperandIndexLists())) {
    ArrayRef<int64_t> shape = getInputType(operand).getShape();
    for (auto [index, extent] : llvm::zip_equal(list, shape)) {
      if (ShapedType::isDynamic(extent))
        continue;
      if (ShapedType::isDynamic(extents[index])) {
        extents[index] = extent;
        owner[index] = operand;
      } else if (extents[index] != extent) {
        return emitOpError() << "C4: index '" << getIndexName(index) << "' has extent "
                             << extents[index] << " in operand " << owner[index] << " and "
                             << extent << " in operand " << operand;
      }
    }
    if (!getInputType(operand).hasStaticShape())
      continue;
    if (!getNumElements(shape))
      return emitOpError() << "C11: operand " << operand << " of type " << getInputType(operand)
                           << " has 2^63 elements or more";
  }
  llvm::SmallBitVector seen(next);
  for (int64_t index : getResultIndices()) {
    if (index < 0 || index >= next)
      return emitOpError() << "C5: output index " << index << " occurs in no operand";
    if (seen.test(index))
      return emitOpError() << "C6: index '" << getIndexName(index) << "' is repeated in the output";
    seen.set(index);
  }
  RankedTensorType type = getResultType();
  if (type.getRank() != static_cast<int64_t>(getResultIndices().size()))
    return emitOpError() << "C7: the result has rank " << type.getRank() << ", but "
                         << getResultIndices().size() << " output indices";
  for (auto [dim, index, extent] : llvm::enumerate(getResultIndices(), type.getShape()))
    if (!ShapedType::isDynamic(extent) && !ShapedType::isDynamic(extents[index]) &&
        extent != extents[index])
      return emitOpError() << "C7: dimension " << dim << " of the result has extent " << extent
                           << ", but its index '" << getIndexName(index) << "' has extent "
                           << extents[index];
  if (type.hasStaticShape() && !getNumElements(type.getShape()))
    return emitOpError() << "C11: the result of type " << type << " has 2^63 elements or more";

  Type accumulation = getAccumulationType();
  if (!isLegalSemiring(getSemiring(), accumulation))
    return emitOpError() << "C8: semiring " << stringifySemiring(getSemiring())
                         << " is not defined on " << accumulation;
  for (auto [operand, input] : llvm::enumerate(getInputs())) {
    Type element = cast<RankedTensorType>(input.getType()).getElementType();
    if (!widensTo(element, accumulation))
      return emitOpError() << "C9: operand " << operand << " has elements of " << element
                           << ", which do not widen to the accumulation type " << accumulation;
  }
  if (!roundsTo(accumulation, type.getElementType()))
    return emitOpError() << "C10: a sum in " << accumulation << " does not round to elements of "
                         << type.getElementType();
  if (getIsUnsigned() && !accumulation.isSignlessInteger())
    return emitOpError() << "C12: 'unsigned' is about integers, but the accumulation type is "
                         << accumulation;
  return success();
}

LogicalResult ContractOp::inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                                           ValueRange operands, DictionaryAttr attributes,
                                           OpaqueProperties properties, RegionRange regions,
                                           SmallVectorImpl<Type> &inferred) {
  Adaptor adaptor(operands, attributes, properties, regions);
  llvm::DenseMap<int64_t, int64_t> extents;
  SmallVector<Type> elementTypes;
  ArrayRef<int64_t> rest = adaptor.getIndices();
  for (Value operand : adaptor.getInputs()) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!type || static_cast<int64_t>(rest.size()) < type.getRank())
      return emitOptionalError(location,
                               "C2: the operands have more dimensions than indices are listed");
    elementTypes.push_back(type.getElementType());
    for (auto [index, extent] : llvm::zip_equal(rest.take_front(type.getRank()), type.getShape())) {
      auto [it, isNew] = extents.try_emplace(index, extent);
      if (!isNew && ShapedType::isDynamic(it->second))
        it->second = extent;
    }
    rest = rest.drop_front(type.getRank());
  }
  SmallVector<int64_t> shape;
  for (int64_t index : adaptor.getResultIndices()) {
    auto it = extents.find(index);
    if (it == extents.end())
      return emitOptionalError(location, "C5: output index ", index, " occurs in no operand");
    shape.push_back(it->second);
  }
  Type elementType =
      adaptor.getAccumulate() ? *adaptor.getAccumulate() : joinElementTypes(elementTypes);
  if (!elementType)
    return emitOptionalError(location, "C9: no type holds the elements of all operands");
  inferred.push_back(RankedTensorType::get(shape, elementType));
  return success();
}

bool ContractOp::isCompatibleReturnTypes(TypeRange inferred, TypeRange actual) {
  // Element types have rules of their own (C9, C10), and an extent may be known on one side only
  // (C7); the verifier has the messages for both.
  return inferred.size() == actual.size();
}

LogicalResult ContractOp::reifyResultShapes(OpBuilder &builder,
                                            ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> shape;
  for (auto [index, known] : llvm::zip_equal(getResultIndices(), getResultType().getShape())) {
    // The interface asks for attributes where the result's type is static, and for values
    // elsewhere.
    if (!ShapedType::isDynamic(known)) {
      shape.push_back(builder.getIndexAttr(known));
      continue;
    }
    Value extent;
    for (auto [operand, list] : llvm::enumerate(getOperandIndexLists())) {
      const int64_t *it = llvm::find(list, index);
      if (it == list.end())
        continue;
      int64_t dim = it - list.begin();
      if (!getInputType(operand).isDynamicDim(dim)) {
        extent = arith::ConstantIndexOp::create(builder, getLoc(),
                                                getInputType(operand).getDimSize(dim));
        break;
      }
      if (!extent)
        extent = tensor::DimOp::create(builder, getLoc(), getInputs()[operand], dim);
    }
    shape.push_back(extent);
  }
  shapes.push_back(std::move(shape));
  return success();
}
