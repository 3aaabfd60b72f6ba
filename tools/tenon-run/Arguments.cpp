//===- Arguments.cpp - What a network is called with ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Arguments.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/HostTensor/Npy.h"
#include "tenon/HostTensor/RandomFill.h"
#include "tenon/Reference/FactChecks.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::run;

ElementType run::getElementType(const ArgumentInfo &info) { return {info.dtype, info.isUnsigned}; }

std::string run::describeArgument(const ArgumentInfo &info, size_t number) {
  std::string text = "argument " + std::to_string(number);
  return info.name.empty() ? text : text + " ('" + info.name + "')";
}

/// "3x?xf32".
static std::string describeType(const ArgumentInfo &info) {
  std::string text;
  for (int64_t extent : info.extents)
    text += (extent < 0 ? "?" : std::to_string(extent)) + "x";
  return text + std::string(getElementType(info).name());
}

static bool fits(const HostTensor &tensor, const ArgumentInfo &info) {
  if (tensor.type().dtype != info.dtype || tensor.shape().size() != info.extents.size())
    return false;
  for (auto [found, expected] : llvm::zip_equal(tensor.shape(), info.extents))
    if (expected >= 0 && found != expected)
      return false;
  return true;
}

llvm::Expected<std::vector<HostTensor>> run::readArguments(const Signature &signature,
                                                           ArrayRef<std::string> paths) {
  if (paths.size() != signature.inputs.size())
    return llvm::createStringError("function '" + signature.name + "' takes " +
                                   Twine(signature.inputs.size()) + " arguments, found " +
                                   Twine(paths.size()) +
                                   "; give --arg=FILE.npy for each, in order, or --random=SEED");
  std::vector<HostTensor> tensors;
  for (auto [number, info] : llvm::enumerate(signature.inputs)) {
    const std::string &path = paths[number];
    Result<HostTensor> tensor = readNpy(path);
    if (!tensor)
      return llvm::createStringError(tensor.message());
    if (!fits(*tensor, info))
      return llvm::createStringError(describeArgument(info, number) + ": " + path + " holds " +
                                     tenon::describeType(tensor->shape(), tensor->type()) +
                                     ", expected " + ::describeType(info));
    if (tensor->type().isInteger())
      tensor->setUnsigned(info.isUnsigned);
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

/// The argument's extents, or an error that asks for a hint.
static llvm::Expected<std::vector<int64_t>>
getHintedExtents(func::FuncOp function, const ArgumentInfo &info, unsigned number) {
  std::vector<int64_t> extents = info.extents;
  if (!llvm::is_contained(extents, -1))
    return extents;
  auto hint =
      function.getArgAttrOfType<DenseI64ArrayAttr>(number, tn::TNDialect::getHintAttrName());
  if (!hint || hint.size() != static_cast<int64_t>(extents.size()) ||
      llvm::any_of(hint.asArrayRef(), [](int64_t extent) { return extent < 0; }))
    return llvm::createStringError(
        describeArgument(info, number) + " of type " + ::describeType(info) +
        " has extents that are known only when it is run; for --random give them in the IR as its "
        "attribute tn.hint = array<i64: …>, or give --arg");
  return std::vector<int64_t>(hint.asArrayRef().begin(), hint.asArrayRef().end());
}

/// Replaces numbers by their moduli; only real types occur in max_times.
static void dropSigns(HostTensor &tensor) {
  for (int64_t i = 0; i < tensor.size(); ++i) {
    Scalar value = tensor.get(i);
    if (auto *number = std::get_if<int64_t>(&value); number && *number < 0)
      tensor.set(i, -*number);
    else if (auto *number = std::get_if<double>(&value); number && *number < 0)
      tensor.set(i, -*number);
  }
}

llvm::Expected<std::vector<HostTensor>>
run::makeRandomArguments(func::FuncOp function, const Signature &signature, uint64_t seed) {
  bool needsNonNegative = function
                              .walk([](tn::ContractOp op) {
                                return op.getSemiring() == tn::Semiring::MaxTimes
                                           ? WalkResult::interrupt()
                                           : WalkResult::advance();
                              })
                              .wasInterrupted();
  std::vector<HostTensor> tensors;
  for (auto [number, info] : llvm::enumerate(signature.inputs)) {
    llvm::Expected<std::vector<int64_t>> extents = getHintedExtents(function, info, number);
    if (!extents)
      return extents.takeError();
    Result<HostTensor> tensor = HostTensor::zeros(getElementType(info), *extents);
    if (!tensor)
      return llvm::createStringError(describeArgument(info, number) + ": " + tensor.message());
    // The golden ratio's bits spread consecutive arguments over all seeds.
    uint64_t ownSeed = seed + (number + 1) * 0x9E3779B97F4A7C15u;
    fillRandom(*tensor, ownSeed);
    if (needsNonNegative)
      dropSigns(*tensor);
    if (auto facts = function.getArgAttrOfType<tn::FactsAttr>(number, tn::TNDialect::getFactsAttrName()))
      if (llvm::Error error = reference::imposeFacts(facts, *tensor, ownSeed))
        return llvm::createStringError(describeArgument(info, number) + ": " +
                                       llvm::toString(std::move(error)) + "; give --arg");
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

std::vector<tenon_tensor> run::makeViews(std::vector<HostTensor> &tensors) {
  std::vector<tenon_tensor> views;
  for (HostTensor &tensor : tensors)
    views.push_back({tensor.data(), tensor.type().dtype, static_cast<int32_t>(tensor.rank()),
                     tensor.shape().data(), nullptr});
  return views;
}
