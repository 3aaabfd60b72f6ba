//===- Signature.cpp - A function as its callers see it ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Execution/CompiledNetwork.h"
#include "tenon/HostTensor/ElementType.h"
#include "tenon/Target/EmitSchedule.h"

#include "llvm/Support/JSON.h"

#include <cstring>

using namespace mlir;
using namespace tenon;

llvm::Expected<func::FuncOp> tenon::findEntry(ModuleOp module, StringRef name) {
  if (!name.empty()) {
    auto function = dyn_cast_if_present<func::FuncOp>(module.lookupSymbol(name));
    if (!function || function.isDeclaration())
      return llvm::createStringError("the module has no function '" + name + "' with a body");
    return function;
  }
  SmallVector<func::FuncOp> candidates;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isDeclaration() || !function.isPublic())
      continue;
    if (function.getName() == "main")
      return function;
    candidates.push_back(function);
  }
  if (candidates.size() == 1)
    return candidates.front();
  if (candidates.empty())
    return llvm::createStringError("the module has no public function with a body");
  std::string names;
  for (func::FuncOp function : candidates)
    names += (names.empty() ? "" : ", ") + function.getName().str();
  return llvm::createStringError("the module has several public functions (" + names + ") and none is 'main'; name one");
}

static llvm::Expected<ArgumentInfo> describe(Type type, DictionaryAttr attributes, StringRef kind, unsigned number) {
  // A tensor, or the buffer of one in a function that is lowered that far.
  auto shaped = isa<RankedTensorType, MemRefType>(type) ? cast<ShapedType>(type) : ShapedType();
  std::optional<tenon_dtype> dtype = shaped ? toDType(shaped.getElementType()) : std::nullopt;
  if (!dtype) {
    std::string text;
    llvm::raw_string_ostream(text) << kind << ' ' << number << " has type " << type
                                   << "; expected a ranked tensor of f16, bf16, f32, f64, complex, i1, i8, i16, i32, i64 or index";
    return llvm::createStringError(text);
  }
  ArgumentInfo info;
  info.dtype = *dtype;
  for (int64_t extent : shaped.getShape())
    info.extents.push_back(ShapedType::isDynamic(extent) ? -1 : extent);
  if (attributes) {
    info.isUnsigned = attributes.contains(tn::TNDialect::getUnsignedAttrName());
    if (auto name = attributes.getAs<StringAttr>(tn::TNDialect::getNameAttrName()))
      info.name = name.str();
  }
  return info;
}

bool tenon::takesBuffers(func::FuncOp function) { return function->hasAttr("tn.num_inputs"); }

bool tenon::isSchedule(func::FuncOp function) { return takesBuffers(function) && function->hasAttr("tn.workspace"); }

llvm::Expected<Signature> tenon::getSignature(func::FuncOp function) {
  Signature signature;
  signature.name = function.getName().str();
  size_t arguments = function.getNumArguments(), inputs = arguments;
  if (takesBuffers(function)) {
    // Inputs, outputs, and the arena of a schedule.
    auto count = function->getAttrOfType<IntegerAttr>("tn.num_inputs");
    arguments -= isSchedule(function) && arguments > 0;
    if (!count || count.getInt() < 0 || count.getInt() > static_cast<int64_t>(arguments))
      return llvm::createStringError("function '" + function.getName() + "' has " + Twine(arguments) +
                                     " arguments; tn.num_inputs, the number of those that are read, is not among 0 to that");
    inputs = count.getInt();
  }
  for (size_t i = 0; i < arguments; ++i) {
    bool isInput = i < inputs;
    auto info = describe(function.getArgument(i).getType(), function.getArgAttrDict(i), isInput ? "argument" : "result",
                         isInput ? i : i - inputs);
    if (!info)
      return info.takeError();
    (isInput ? signature.inputs : signature.outputs).push_back(std::move(*info));
  }
  for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
    auto info = describe(type, function.getResultAttrDict(i), "result", i);
    if (!info)
      return info.takeError();
    signature.outputs.push_back(std::move(*info));
  }
  return signature;
}

static llvm::Error checkInput(const tenon_tensor &input, int64_t number, const ArgumentInfo &expected) {
  std::string name = "input " + std::to_string(number);
  // A caller may have put any number there, also one that is no tenon_dtype.
  std::underlying_type_t<tenon_dtype> dtype;
  std::memcpy(&dtype, &input.dtype, sizeof(dtype));
  if (dtype != expected.dtype)
    return llvm::createStringError(name + ": found the dtype " + Twine(dtype) + ", expected " + Twine(expected.dtype) +
                                   ", which is " + ElementType{expected.dtype}.name());
  if (input.rank < 0 || static_cast<size_t>(input.rank) != expected.extents.size())
    return llvm::createStringError(name + ": found the rank " + Twine(input.rank) + ", expected " + Twine(expected.extents.size()));
  if (input.rank > 0 && !input.extents)
    return llvm::createStringError(name + ": found no extents, expected " + Twine(input.rank));
  for (int32_t dim = 0; dim < input.rank; ++dim) {
    int64_t found = input.extents[dim], known = expected.extents[dim];
    if (found < 0 || (known != -1 && found != known))
      return llvm::createStringError(name + ", dimension " + Twine(dim) + ": found the extent " + Twine(found) +
                                     ", expected " + (known == -1 ? "0 or more" : Twine(known)));
  }
  return llvm::Error::success();
}

llvm::Error tenon::checkInputs(const Signature &signature, const tenon_tensor *inputs, int64_t n) {
  if (n != static_cast<int64_t>(signature.inputs.size()))
    return llvm::createStringError("inputs: found " + Twine(n) + ", expected " + Twine(signature.inputs.size()));
  if (n > 0 && !inputs)
    return llvm::createStringError("inputs: found no array, expected one of " + Twine(n) + " tensors");
  for (int64_t i = 0; i < n; ++i)
    if (llvm::Error error = checkInput(inputs[i], i, signature.inputs[i]))
      return error;
  return llvm::Error::success();
}

bool Signature::isStatic() const {
  auto isKnown = [](const ArgumentInfo &info) { return !llvm::is_contained(info.extents, -1); };
  return llvm::all_of(inputs, isKnown) && llvm::all_of(outputs, isKnown);
}

static llvm::json::Value toJSON(const std::vector<ArgumentInfo> &list) {
  llvm::json::Array array;
  for (const ArgumentInfo &info : list)
    array.push_back(llvm::json::Object{{"name", info.name},
                                       {"dtype", StringRef(ElementType{info.dtype}.name())},
                                       {"unsigned", info.isUnsigned},
                                       {"extents", llvm::json::Array(info.extents)}});
  return array;
}

std::string Signature::toJSON() const {
  llvm::json::Value value = llvm::json::Object{{"name", name}, {"inputs", ::toJSON(inputs)}, {"outputs", ::toJSON(outputs)}};
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}
