//===- ConstantTensors.cpp - Attributes as numbers and tensors ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Every kind of ElementsAttr that iterates, and the bytes of resources.
//
//===----------------------------------------------------------------------===//
#include "ConstantTensors.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <cstring>

using namespace mlir;

namespace tenon::reference {
namespace {

double toDouble(llvm::APFloat value) {
  bool losesInfo = false;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

Number toNumber(const llvm::APInt &value) { return Number::integer(value.getZExtValue()); }
Number toNumber(const llvm::APFloat &value) { return Number::real(toDouble(value)); }
Number toNumber(const std::complex<llvm::APFloat> &value) {
  return Number::complex(toDouble(value.real()), toDouble(value.imag()));
}

/// Fills `tensor` with the values of `elements` seen as T; false when they are not of that type.
template <typename T> bool fill(HostTensor &tensor, ElementsAttr elements) {
  auto range = elements.tryGetValues<T>();
  if (!range)
    return false;
  if (tensor.size() > 0 && elements.isSplat()) {
    const Number number = toNumber(*range->begin());
    for (int64_t i = 0; i < tensor.size(); ++i)
      store(tensor, i, number);
    return true;
  }
  int64_t i = 0;
  for (const T &value : *range)
    store(tensor, i++, toNumber(value));
  return true;
}

LogicalResult fillFromResource(Evaluator &evaluator, Operation *op, HostTensor &tensor,
                               DenseResourceElementsAttr resource) {
  const AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  const std::string name = resource.getRawHandle().getKey().str();
  if (!blob)
    return evaluator.fail(op, "the resource '" + name +
                                  "' has no data; give it in the dialect_resources section");
  const ArrayRef<char> data = blob->getData();
  if (data.size() != tensor.bytes().size())
    return evaluator.fail(op, "the resource '" + name + "' has " + Twine(data.size()) +
                                  " bytes, but its type takes " + Twine(tensor.bytes().size()));
  if (!data.empty())
    std::memcpy(tensor.data(), data.data(), data.size());
  if (tensor.type().isBool())
    for (int64_t i = 0; i < tensor.size(); ++i)
      if (const auto byte = static_cast<unsigned char>(data[static_cast<size_t>(i)]); byte > 1)
        return evaluator.fail(op, "byte " + Twine(i) + " of the resource '" + name + "' is " +
                                      Twine(unsigned{byte}) + "; an i1 is 0 or 1");
  return success();
}

} // namespace

Number numberFromAttribute(Attribute attribute) {
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return toNumber(integer.getValue());
  if (auto real = dyn_cast<FloatAttr>(attribute))
    return toNumber(real.getValue());
  auto parts = cast<ArrayAttr>(attribute);
  return Number::complex(toDouble(cast<FloatAttr>(parts[0]).getValue()),
                         toDouble(cast<FloatAttr>(parts[1]).getValue()));
}

LogicalResult evaluateTensorConstant(Evaluator &evaluator, Operation *op, Attribute value) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || !isa<RankedTensorType>(elements.getType()))
    return evaluator.fail(op,
                          "the reference interpreter knows constants of numbers and tensors only");
  const ShapedType type = elements.getShapedType();
  std::optional<HostTensor> tensor =
      evaluator.makeTensor(op, type.getElementType(), type.getShape());
  if (!tensor)
    return failure();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    if (failed(fillFromResource(evaluator, op, *tensor, resource)))
      return failure();
  } else if (!fill<llvm::APInt>(*tensor, elements) && !fill<llvm::APFloat>(*tensor, elements) &&
             !fill<std::complex<llvm::APFloat>>(*tensor, elements)) {
    return evaluator.fail(op, "the reference interpreter cannot read the values of this constant");
  }
  return evaluator.bindTensor(op, op->getResult(0), std::move(*tensor));
}

} // namespace tenon::reference
