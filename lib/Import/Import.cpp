//===- Import.cpp - From network descriptions to the tn dialect -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Import/Import.h"

#include "ConstantElements.h"
#include "tenon/Support/Assert.h"
#include "tenon/Support/Counters.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace tenon;
using frontend::ElementType;
using frontend::NetworkDescription;

static bool isUnsigned(ElementType type) {
  return type == ElementType::U8 || type == ElementType::U16 || type == ElementType::U32 ||
         type == ElementType::U64;
}

static Type convertElementType(Builder &builder, ElementType type) {
  switch (type) {
  case ElementType::F16:
    return builder.getF16Type();
  case ElementType::BF16:
    return builder.getBF16Type();
  case ElementType::F32:
    return builder.getF32Type();
  case ElementType::F64:
    return builder.getF64Type();
  case ElementType::C64:
    return ComplexType::get(builder.getF32Type());
  case ElementType::C128:
    return ComplexType::get(builder.getF64Type());
  case ElementType::I1:
    return builder.getI1Type();
  case ElementType::I8:
  case ElementType::U8:
    return builder.getI8Type();
  case ElementType::I16:
  case ElementType::U16:
    return builder.getI16Type();
  case ElementType::I32:
  case ElementType::U32:
    return builder.getI32Type();
  case ElementType::I64:
  case ElementType::U64:
    return builder.getI64Type();
  }
  llvm_unreachable("an element type outside of the enumeration");
}

namespace {
class NetworkImporter {
public:
  NetworkImporter(MLIRContext *context, const NetworkDescription &network,
                  const ImportOptions &options)
      : network(network), options(options), builder(context),
        loc(network.name.empty() ? Location(builder.getUnknownLoc())
                                 : Location(NameLoc::get(builder.getStringAttr(network.name)))),
        elementType(convertElementType(builder, network.elementType)) {
    if (elementType.isF16() || elementType.isBF16())
      accumulate = builder.getF32Type();
  }

  OwningOpRef<ModuleOp> import() {
    if (failed(checkNetwork()))
      return {};
    OwningOpRef<ModuleOp> module = ModuleOp::create(builder, loc);
    builder.setInsertionPointToEnd(module->getBody());
    func::FuncOp function = createFunction();
    builder.setInsertionPointToEnd(&function.getBody().front());
    SmallVector<Value> operands;
    if (failed(collectOperands(function, operands)))
      return {};
    func::ReturnOp::create(builder, loc, createContraction(operands).getResult());
    return module;
  }

private:
  LogicalResult checkNetwork();
  func::FuncOp createFunction();
  LogicalResult collectOperands(func::FuncOp function, SmallVectorImpl<Value> &operands);
  FailureOr<Value> createConstant(size_t operand);
  std::string makeResourceName(StringRef operandName);
  tn::ContractOp createContraction(ValueRange operands);

  SmallVector<int64_t> getShape(ArrayRef<int32_t> indices) const;
  RankedTensorType getTensorType(ArrayRef<int32_t> indices) const {
    return RankedTensorType::get(getShape(indices), elementType);
  }

  const NetworkDescription &network;
  const ImportOptions &options;
  OpBuilder builder;
  Location loc;
  Type elementType;
  /// Null: the element type.
  Type accumulate;
  /// By shape and bytes, the constants there are. Descriptions share equal constants too, but
  /// rounding makes more of them equal.
  llvm::StringMap<Value> constants;
  llvm::StringMap<unsigned> resourceNames;
};
} // namespace

SmallVector<int64_t> NetworkImporter::getShape(ArrayRef<int32_t> indices) const {
  SmallVector<int64_t> shape;
  for (int32_t index : indices) {
    int64_t extent = network.extents[index];
    shape.push_back(extent == frontend::kDynamicExtent ? ShapedType::kDynamic : extent);
  }
  return shape;
}

LogicalResult NetworkImporter::checkNetwork() {
  TENON_ASSERT(network.extents.size() == network.indexNames.size(),
               "each index has an extent and a name");
  if (network.operands.empty())
    return emitError(loc, "the network has no tensors; a contraction needs at least one");
  Type accumulation = accumulate ? accumulate : elementType;
  if (!tn::isLegalSemiring(options.semiring, accumulation)) {
    StringRef legal = options.semiring == tn::Semiring::OrAnd
                          ? "i1"
                          : "real floats and integers of 8 bits and more";
    return emitError(loc) << "semiring " << tn::stringifySemiring(options.semiring)
                          << " is not defined on " << elementTypeName(network.elementType)
                          << "; it takes " << legal;
  }
  SmallVector<int64_t> extents;
  for (int32_t index : network.output)
    extents.push_back(network.extents[index]);
  if (!frontend::elementCount(extents))
    return emitError(loc) << "the result of shape " << frontend::shapeText(extents)
                          << " has 2^63 elements or more";
  return success();
}

func::FuncOp NetworkImporter::createFunction() {
  SmallVector<Type> argumentTypes;
  SmallVector<DictionaryAttr> argumentAttributes;
  NamedAttribute unsignedAttribute(tn::TNDialect::getUnsignedAttrName(), builder.getUnitAttr());
  bool isUnsignedNetwork = isUnsigned(network.elementType);
  for (const frontend::Operand &operand : network.operands) {
    if (operand.constant != frontend::kArgument)
      continue;
    argumentTypes.push_back(getTensorType(operand.indices));
    SmallVector<NamedAttribute, 2> attributes;
    if (!operand.name.empty())
      attributes.emplace_back(tn::TNDialect::getNameAttrName(),
                              builder.getStringAttr(operand.name));
    if (isUnsignedNetwork)
      attributes.push_back(unsignedAttribute);
    argumentAttributes.push_back(builder.getDictionaryAttr(attributes));
  }
  FunctionType type = builder.getFunctionType(argumentTypes, getTensorType(network.output));
  auto function = func::FuncOp::create(builder, loc, options.functionName, type,
                                       /*attrs=*/{}, argumentAttributes);
  if (isUnsignedNetwork)
    function.setResultAttr(0, unsignedAttribute.getName(), unsignedAttribute.getValue());
  function.addEntryBlock();
  return function;
}

LogicalResult NetworkImporter::collectOperands(func::FuncOp function,
                                               SmallVectorImpl<Value> &operands) {
  auto argument = function.args_begin();
  // By position in the description's constants, so that a shared one is converted once.
  std::vector<Value> known(network.constants.size());
  for (auto [position, operand] : llvm::enumerate(network.operands)) {
    if (operand.constant == frontend::kArgument) {
      operands.push_back(*argument++);
      continue;
    }
    Value &constant = known[operand.constant];
    if (!constant) {
      FailureOr<Value> created = createConstant(position);
      if (failed(created))
        return failure();
      constant = *created;
    }
    operands.push_back(constant);
  }
  return success();
}

FailureOr<Value> NetworkImporter::createConstant(size_t position) {
  const frontend::Operand &operand = network.operands[position];
  const frontend::Constant &constant = network.constants[operand.constant];
  RankedTensorType type = getTensorType(operand.indices);
  TENON_ASSERT(type.getShape() == ArrayRef<int64_t>(constant.shape),
               "a constant has the shape of its operand");

  std::string key = frontend::shapeText(constant.shape) + ':';
  size_t header = key.size();
  if (std::optional<size_t> bad = appendElements(constant, network.elementType, key)) {
    std::complex<double> element = constant.elements[*bad];
    return emitError(loc) << "element " << *bad << " of the constant operand " << position << " is "
                          << element.real() << " + " << element.imag() << "i, which "
                          << elementTypeName(network.elementType) << " cannot hold";
  }
  auto [place, isNew] = constants.try_emplace(key);
  if (isNew) {
    StringRef bytes = StringRef(key).drop_front(header);
    ElementsAttr value;
    if (static_cast<int64_t>(constant.elements.size()) <= options.inlineLimit)
      value = makeInlineElements(type, bytes);
    else
      value = makeResourceElements(type, makeResourceName(operand.name), bytes);
    place->second = tn::ConstantOp::create(builder, loc, value);
  }
  return place->second;
}

/// A name not used before: the context would find one too, but by counting up from 1 each time.
std::string NetworkImporter::makeResourceName(StringRef operandName) {
  std::string name = operandName.empty() ? "constant" : operandName.str();
  unsigned uses = resourceNames[name]++;
  return uses == 0 ? name : name + '_' + std::to_string(uses);
}

tn::ContractOp NetworkImporter::createContraction(ValueRange operands) {
  // The names' table follows the stored numbers: by first appearance over the operands.
  std::vector<bool> seen(network.extents.size());
  SmallVector<StringAttr> names;
  std::vector<SmallVector<int64_t>> lists;
  lists.reserve(network.operands.size());
  for (const frontend::Operand &operand : network.operands) {
    for (int32_t index : operand.indices)
      if (!seen[index]) {
        seen[index] = true;
        names.push_back(builder.getStringAttr(network.indexNames[index]));
      }
    lists.emplace_back(operand.indices.begin(), operand.indices.end());
  }
  SmallVector<int64_t> output(network.output.begin(), network.output.end());
  Location named = tn::withIndexNames(loc, tn::IndexNamesAttr::get(builder.getContext(), names));
  return tn::ContractOp::create(builder, named, operands, lists, output, elementType,
                                options.semiring, accumulate, isUnsigned(network.elementType));
}

namespace {
struct ImportCounters : Counters {
  ImportCounters() : Counters("import") {}

  Counter networks{*this, "networks", "networks read"};
  Counter operands{*this, "operands", "their operands"};
  Counter constants{*this, "constants", "different constants among them"};
  Counter indices{*this, "indices", "their indices"};
};
} // namespace

OwningOpRef<ModuleOp> tenon::importNetwork(MLIRContext *context, const NetworkDescription &network,
                                           const ImportOptions &options) {
  context->loadDialect<func::FuncDialect, tn::TNDialect>();
  ImportCounters counters;
  ++counters.networks;
  counters.operands += network.operands.size();
  counters.constants += network.constants.size();
  counters.indices += network.extents.size();
  Statistics::get().add(counters);
  return NetworkImporter(context, network, options).import();
}
