//===- ElementBytes.cpp - Element types and constants of the ABI ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/ElementType.h"
#include "tenon/Target/EmitSchedule.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace tenon;

std::optional<tenon_dtype> tenon::toDType(Type type) {
  if (type.isF16())
    return TENON_F16;
  if (type.isBF16())
    return TENON_BF16;
  if (type.isF32())
    return TENON_F32;
  if (type.isF64())
    return TENON_F64;
  if (auto complexType = dyn_cast<ComplexType>(type)) {
    if (complexType.getElementType().isF32())
      return TENON_C64;
    if (complexType.getElementType().isF64())
      return TENON_C128;
    return std::nullopt;
  }
  if (type.isIndex())
    return TENON_I64;
  if (!type.isSignlessInteger())
    return std::nullopt;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return TENON_BOOL;
  case 8:
    return TENON_I8;
  case 16:
    return TENON_I16;
  case 32:
    return TENON_I32;
  case 64:
    return TENON_I64;
  default:
    return std::nullopt;
  }
}

Type tenon::fromDType(MLIRContext *context, tenon_dtype dtype) {
  Builder builder(context);
  switch (dtype) {
  case TENON_F16:
    return builder.getF16Type();
  case TENON_BF16:
    return builder.getBF16Type();
  case TENON_F32:
    return builder.getF32Type();
  case TENON_F64:
    return builder.getF64Type();
  case TENON_C64:
    return ComplexType::get(builder.getF32Type());
  case TENON_C128:
    return ComplexType::get(builder.getF64Type());
  case TENON_BOOL:
    return builder.getI1Type();
  case TENON_I8:
    return builder.getI8Type();
  case TENON_I16:
    return builder.getI16Type();
  case TENON_I32:
    return builder.getI32Type();
  case TENON_I64:
    return builder.getI64Type();
  }
  return {};
}

int64_t tenon::getDTypeBytes(tenon_dtype dtype) { return ElementType{dtype}.byteWidth(); }

std::optional<std::vector<char>> tenon::getElementBytes(ElementsAttr elements) {
  std::optional<tenon_dtype> dtype = toDType(elements.getElementType());
  if (!dtype)
    return std::nullopt;
  size_t count = elements.getNumElements(), size = getDTypeBytes(*dtype);
  std::vector<char> bytes;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() != count * size)
      return std::nullopt;
    bytes.assign(blob->getData().begin(), blob->getData().end());
    return bytes;
  }
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (!dense)
    return std::nullopt;
  bytes.reserve(count * size);
  if (*dtype == TENON_BOOL) {
    // MLIR packs eight to a byte.
    for (bool value : dense.getValues<bool>())
      bytes.push_back(value);
    return bytes;
  }
  ArrayRef<char> raw = dense.getRawData();
  if (!dense.isSplat()) {
    bytes.assign(raw.begin(), raw.end());
    return bytes;
  }
  for (size_t i = 0; i < count; ++i)
    bytes.insert(bytes.end(), raw.begin(), raw.begin() + size);
  return bytes;
}
