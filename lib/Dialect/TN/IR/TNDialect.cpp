//===- TNDialect.cpp - Registration and argument attributes -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/IR/Facts.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/InterleavedRange.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;

#include "tenon/Dialect/TN/IR/TNDialect.cpp.inc"
#include "tenon/Dialect/TN/IR/TNEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "tenon/Dialect/TN/IR/TNAttributes.cpp.inc"

LogicalResult LayoutAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> order) {
  if (isPermutationVector(order))
    return success();
  return emitError() << "#tn.layout lists the dimensions 0 to " << order.size() - 1
                     << ", each once; found " << llvm::interleaved(order);
}

void TNDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tenon/Dialect/TN/IR/TNAttributes.cpp.inc"
      >();
}

namespace {
/// Every operation may move to another function: those on tensors are pure, and a kernel that a step
/// of a schedule calls is a symbol of the module.
struct TNInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final { return true; }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final { return true; }
};
} // namespace

void TNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "tenon/Dialect/TN/IR/TNOps.cpp.inc"
      >();
  registerAttributes();
  addInterfaces<TNInlinerInterface>();
}

Operation *TNDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                          Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  auto tensorType = dyn_cast<RankedTensorType>(type);
  if (!elements || !tensorType || elements.getType() != tensorType)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

/// Checks one attribute of an argument or a result, of type `type`.
static LogicalResult verifyValueAttribute(Operation *op, NamedAttribute attribute, Type type,
                                          bool isArgument) {
  // A function keeps its attributes when its tensors become buffers.
  auto tensorType = dyn_cast<ShapedType>(type);
  if (tensorType && !tensorType.hasRank())
    tensorType = {};
  StringRef name = attribute.getName().strref();
  if (name == TNDialect::getNameAttrName()) {
    if (isa<StringAttr>(attribute.getValue()))
      return success();
    return op->emitOpError() << "'" << name
                             << "' is the name of a tensor and must be a string, found "
                             << attribute.getValue();
  }
  if (name == TNDialect::getUnsignedAttrName()) {
    if (isa<UnitAttr>(attribute.getValue()) && tensorType &&
        tensorType.getElementType().isSignlessInteger())
      return success();
    return op->emitOpError() << "'" << name << "' is a unit attribute of integer tensors, found "
                             << attribute.getValue() << " on " << type;
  }
  if (name == TNDialect::getHintAttrName()) {
    if (!isArgument)
      return op->emitOpError() << "'" << name << "' belongs on arguments: results take their "
                               << "extents from them";
    auto hint = dyn_cast<DenseI64ArrayAttr>(attribute.getValue());
    if (!hint || !tensorType || hint.size() != tensorType.getRank())
      return op->emitOpError() << "'" << name
                               << "' must be an array of i64 with one extent for each dimension of "
                               << type << ", found " << attribute.getValue();
    for (auto [hinted, extent] : llvm::zip_equal(hint.asArrayRef(), tensorType.getShape())) {
      if (hinted >= 0 && (ShapedType::isDynamic(extent) || extent == hinted))
        continue;
      return op->emitOpError() << "'" << name << "' says extent " << hinted << " where the type "
                               << type << " says "
                               << (ShapedType::isDynamic(extent) ? "?" : std::to_string(extent));
    }
    return success();
  }
  if (name == TNDialect::getFactsAttrName()) {
    auto facts = dyn_cast<FactsAttr>(attribute.getValue());
    if (!isArgument || !facts || !tensorType)
      return op->emitOpError() << "F7: '" << name
                               << "' is a #tn.facts<…> on an argument that is a tensor, found "
                               << attribute.getValue() << (isArgument ? " on " : " on a result of type ")
                               << type;
    return verifyFacts([&] { return op->emitOpError(); }, facts, tensorType);
  }
  return op->emitOpError() << "does not know the attribute '" << name
                           << "'; tn has tn.name, tn.unsigned, tn.hint and tn.facts";
}

LogicalResult TNDialect::verifyRegionArgAttribute(Operation *op, unsigned regionIndex,
                                                  unsigned argIndex, NamedAttribute attribute) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return op->emitOpError() << "'" << attribute.getName() << "' belongs on arguments of functions";
  return verifyValueAttribute(op, attribute, function.getArgumentTypes()[argIndex],
                              /*isArgument=*/true);
}

LogicalResult TNDialect::verifyRegionResultAttribute(Operation *op, unsigned regionIndex,
                                                     unsigned resultIndex,
                                                     NamedAttribute attribute) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return op->emitOpError() << "'" << attribute.getName() << "' belongs on results of functions";
  return verifyValueAttribute(op, attribute, function.getResultTypes()[resultIndex],
                              /*isArgument=*/false);
}

//===----------------------------------------------------------------------===//
// Index names
//===----------------------------------------------------------------------===//

IndexNamesAttr tn::getIndexNames(Location loc) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    if (auto names = dyn_cast_if_present<IndexNamesAttr>(fused.getMetadata()))
      return names;
    return {};
  }
  if (auto named = dyn_cast<NameLoc>(loc))
    return getIndexNames(named.getChildLoc());
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return getIndexNames(call.getCallee());
  return {};
}

Location tn::withIndexNames(Location loc, IndexNamesAttr names) {
  // A product of scalars has no names, and an empty table no syntax.
  if (names.getNames().empty())
    return loc;
  if (auto fused = dyn_cast<FusedLoc>(loc))
    if (isa_and_present<IndexNamesAttr>(fused.getMetadata()))
      return FusedLoc::get(fused.getLocations(), names, loc.getContext());
  return FusedLoc::get({loc}, names, loc.getContext());
}
