//===- TNSlice.cpp - tn.slice: building, printing, verifying ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SemiringSyntax.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

int64_t SliceOp::getNumSlices() {
  // The verifier has bounded it (S1).
  return getNumElements(getExtents()).value_or(0);
}

RankedTensorType SliceOp::getYieldType(unsigned i) {
  auto type = cast<RankedTensorType>(getResult(i).getType());
  llvm::SmallBitVector isDropped(type.getRank());
  for (int64_t dim : getPlacement(i))
    if (dim != kSum)
      isDropped.set(dim);
  SmallVector<int64_t> shape;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!isDropped.test(dim))
      shape.push_back(type.getDimSize(dim));
  return RankedTensorType::get(shape, type.getElementType());
}

void SliceOp::build(OpBuilder &builder, OperationState &state, TypeRange results,
                    ArrayRef<int64_t> extents, ArrayRef<int64_t> placements, Semiring semiring,
                    bool isUnsigned) {
  auto &properties = state.getOrAddProperties<Properties>();
  properties.setExtents(builder.getDenseI64ArrayAttr(extents));
  properties.setPlacements(builder.getDenseI64ArrayAttr(placements));
  properties.setSemiring(SemiringAttr::get(builder.getContext(), semiring));
  if (isUnsigned)
    properties.setIsUnsigned(builder.getUnitAttr());
  state.addTypes(results);
  Region *body = state.addRegion();
  body->emplaceBlock();
  for (size_t i = 0; i < extents.size(); ++i)
    body->front().addArgument(builder.getIndexType(), state.location);
}

ParseResult SliceOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  auto &properties = state.getOrAddProperties<Properties>();
  SmallVector<OpAsmParser::Argument> counters;
  SmallVector<int64_t> extents, placements;
  auto parseCounter = [&]() -> ParseResult {
    OpAsmParser::Argument &argument = counters.emplace_back();
    argument.type = builder.getIndexType();
    return failure(parser.parseArgument(argument) || parser.parseKeyword("in") ||
                   parser.parseInteger(extents.emplace_back()));
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseCounter) ||
      parser.parseArrow())
    return failure();
  auto parseResult = [&]() -> ParseResult {
    Type type;
    if (parser.parseType(type))
      return failure();
    state.addTypes(type);
    SMLoc loc = parser.getCurrentLocation();
    size_t before = placements.size();
    auto parsePlacement = [&]() -> ParseResult {
      if (succeeded(parser.parseOptionalKeyword("sum"))) {
        placements.push_back(kSum);
        return success();
      }
      return parser.parseInteger(placements.emplace_back());
    };
    if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parsePlacement))
      return failure();
    if (placements.size() - before != extents.size())
      return parser.emitError(loc)
             << "S2: expected one placement for each of the " << extents.size()
             << " sliced indices, found " << placements.size() - before;
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseResult))
    return failure();
  SemiringAttr semiring;
  if (parseSemiringClause(parser, semiring))
    return failure();
  properties.setSemiring(semiring);
  if (succeeded(parser.parseOptionalKeyword("unsigned")))
    properties.setIsUnsigned(builder.getUnitAttr());
  properties.setExtents(builder.getDenseI64ArrayAttr(extents));
  properties.setPlacements(builder.getDenseI64ArrayAttr(placements));
  if (parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  Region *body = state.addRegion();
  if (parser.parseRegion(*body, counters))
    return failure();
  ensureTerminator(*body, builder, state.location);
  return success();
}

void SliceOp::print(OpAsmPrinter &printer) {
  printer << " (";
  llvm::interleaveComma(
      llvm::zip_equal(getBodyBlock()->getArguments(), getExtents()), printer,
      [&](auto pair) { printer << std::get<0>(pair) << " in " << std::get<1>(pair); });
  printer << ") -> (";
  for (unsigned i = 0; i < getNumResults(); ++i) {
    printer << (i ? ", " : "") << getResult(i).getType() << " [";
    llvm::interleaveComma(getPlacement(i), printer, [&](int64_t dim) {
      if (dim == kSum)
        printer << "sum";
      else
        printer << dim;
    });
    printer << ']';
  }
  printer << ")";
  printSemiringClause(printer, getSemiring());
  if (getIsUnsigned())
    printer << " unsigned";
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(),
                                           {getExtentsAttrName(), getPlacementsAttrName(),
                                            getSemiringAttrName(), getIsUnsignedAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

void SliceOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  IndexNamesAttr names = getIndexNames(getLoc());
  for (BlockArgument argument : region.getArguments()) {
    unsigned i = argument.getArgNumber();
    setName(argument, names && i < names.getNames().size() ? names.getNames()[i].getValue() : "s");
  }
}

LogicalResult SliceOp::verify() {
  for (int64_t extent : getExtents())
    if (extent < 0)
      return emitOpError() << "S1: expected extents of 0 or more, found " << extent;
  if (!getNumElements(getExtents()))
    return emitOpError("S1: the number of slices is 2^63 or more");
  if (getPlacements().size() != getExtents().size() * getNumResults())
    return emitOpError() << "S2: expected " << getExtents().size() * getNumResults()
                         << " placements, found " << getPlacements().size();
  for (unsigned i = 0; i < getNumResults(); ++i) {
    auto type = cast<RankedTensorType>(getResult(i).getType());
    if (!type.hasStaticShape())
      return emitOpError() << "S3: a sliced result has static extents, found " << type;
    if (!isLegalSemiring(getSemiring(), type.getElementType()))
      return emitOpError() << "S6: semiring " << stringifySemiring(getSemiring())
                           << " is not defined on " << type.getElementType();
    llvm::SmallBitVector seen(type.getRank());
    for (auto [dim, extent] : llvm::zip_equal(getPlacement(i), getExtents())) {
      if (dim == kSum)
        continue;
      if (dim < 0 || dim >= type.getRank() || seen.test(dim))
        return emitOpError() << "S4: result " << i << " cannot be concatenated along dimension "
                             << dim << " of " << type << ": dimensions are in range and distinct";
      if (type.getDimSize(dim) != extent)
        return emitOpError() << "S4: result " << i << " is concatenated along dimension " << dim
                             << " of extent " << type.getDimSize(dim)
                             << ", but the sliced index has extent " << extent;
      seen.set(dim);
    }
  }
  return success();
}

LogicalResult SliceOp::verifyRegions() {
  Block *body = getBodyBlock();
  if (body->getNumArguments() != getExtents().size() ||
      llvm::any_of(body->getArgumentTypes(), [](Type type) { return !type.isIndex(); }))
    return emitOpError() << "S7: expected one 'index' argument for each of the "
                         << getExtents().size() << " sliced indices";
  auto yield = cast<YieldOp>(body->getTerminator());
  if (yield.getValues().size() != getNumResults())
    return yield.emitOpError() << "S5: expected " << getNumResults() << " values, found "
                               << yield.getValues().size();
  for (unsigned i = 0; i < getNumResults(); ++i) {
    Type found = yield.getValues()[i].getType(), expected = getYieldType(i);
    if (found != expected)
      return yield.emitOpError() << "S5: value " << i << " has type " << found
                                 << ", but a slice of the result has type " << expected;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Interfaces
//===----------------------------------------------------------------------===//

SmallVector<Region *> SliceOp::getLoopRegions() { return {&getBody()}; }
