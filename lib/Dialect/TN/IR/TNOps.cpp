//===- TNOps.cpp - tn.constant, tn.delta, tn.conj ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SemiringSyntax.h"

#include "tenon/Dialect/TN/IR/Facts.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

static ParseResult parseIndexList(OpAsmParser &parser, DenseI64ArrayAttr &list) {
  SmallVector<int64_t> numbers;
  auto parseNumber = [&] { return parser.parseInteger(numbers.emplace_back()); };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseNumber))
    return failure();
  list = parser.getBuilder().getDenseI64ArrayAttr(numbers);
  return success();
}

static void printIndexList(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr list) {
  printer << '[';
  llvm::interleaveComma(list.asArrayRef(), printer);
  printer << ']';
}

static ParseResult parseSplitGroup(OpAsmParser &parser, SplitGroupAttr &group) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<SplitGroup> known = symbolizeSplitGroup(keyword);
  if (!known)
    return parser.emitError(loc) << "unknown group '" << keyword << "'; expected batch, m or n";
  group = SplitGroupAttr::get(parser.getContext(), *known);
  return success();
}

static void printSplitGroup(OpAsmPrinter &printer, Operation *, SplitGroupAttr group) {
  printer << stringifySplitGroup(group.getValue());
}

#define GET_OP_CLASSES
#include "tenon/Dialect/TN/IR/TNOps.cpp.inc"

//===----------------------------------------------------------------------===//
// tn.constant
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  auto type = cast<RankedTensorType>(getResult().getType());
  std::optional<int64_t> elements = getNumElements(type.getShape());
  if (!elements)
    return emitOpError() << "K2: a constant of type " << type << " has 2^63 elements or more";
  if (FactsAttr facts = getFactsAttr())
    if (failed(verifyFacts([&] { return emitOpError(); }, facts, type)))
      return failure();
  auto resource = dyn_cast<DenseResourceElementsAttr>(getValue());
  if (!resource)
    return success();
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  // A resource that is only named here may be given its bytes later.
  if (!blob)
    return success();
  // Compared as counts of elements: the number of bytes can exceed 64 bits.
  uint64_t found = blob->getData().size();
  uint64_t elementBytes = getElementBytes(type.getElementType());
  if (found % elementBytes != 0 || found / elementBytes != static_cast<uint64_t>(*elements))
    return emitOpError() << "K1: resource '" << resource.getRawHandle().getKey() << "' has "
                         << found << " bytes, but " << type << " takes " << *elements
                         << " elements of " << elementBytes << " bytes";
  return success();
}

void ConstantOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(getValue()))
    setName(getResult(), resource.getRawHandle().getKey());
  else
    setName(getResult(), "cst");
}

//===----------------------------------------------------------------------===//
// tn.delta
//===----------------------------------------------------------------------===//

LogicalResult DeltaOp::verify() {
  auto type = cast<RankedTensorType>(getResult().getType());
  bool isDynamic = llvm::any_of(type.getShape(), ShapedType::isDynamic);
  if (isDynamic != static_cast<bool>(getExtent()))
    return emitOpError() << "D2: "
                         << (isDynamic ? "a delta with dynamic extents takes their value as operand"
                                       : "a delta with static extents takes no operand")
                         << ", found type " << type;
  int64_t known = ShapedType::kDynamic;
  for (int64_t extent : type.getShape()) {
    if (ShapedType::isDynamic(extent))
      continue;
    if (!ShapedType::isDynamic(known) && known != extent)
      return emitOpError() << "D1: all extents of a delta are equal, found " << known << " and "
                           << extent;
    known = extent;
  }
  if (!isDynamic && !getNumElements(type.getShape()))
    return emitOpError() << "D4: a delta of type " << type << " has 2^63 elements or more";
  if (!isLegalSemiring(getSemiring(), type.getElementType()))
    return emitOpError() << "D3: semiring " << stringifySemiring(getSemiring())
                         << " is not defined on " << type.getElementType();
  return success();
}

LogicalResult DeltaOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  SmallVector<OpFoldResult> shape;
  for (int64_t extent : cast<RankedTensorType>(getResult().getType()).getShape())
    shape.push_back(ShapedType::isDynamic(extent) ? OpFoldResult(getExtent())
                                                  : builder.getIndexAttr(extent));
  shapes.push_back(std::move(shape));
  return success();
}

//===----------------------------------------------------------------------===//
// tn.conj
//===----------------------------------------------------------------------===//

LogicalResult ConjOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  shapes.push_back(tensor::getMixedSizes(builder, getLoc(), getInput()));
  return success();
}
