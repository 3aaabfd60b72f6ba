//===- Contraction.cpp - C API: a module from a contraction -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Facts.h"
#include "Handles.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Target/EmitSchedule.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"

#include <cstring>
#include <map>
#include <set>

using namespace mlir;
using namespace tenon;

static_assert(TENON_PLUS_TIMES == static_cast<int>(tn::Semiring::PlusTimes) &&
              TENON_MAX_PLUS == static_cast<int>(tn::Semiring::MaxPlus) &&
              TENON_MIN_PLUS == static_cast<int>(tn::Semiring::MinPlus) &&
              TENON_OR_AND == static_cast<int>(tn::Semiring::OrAnd) &&
              TENON_MAX_TIMES == static_cast<int>(tn::Semiring::MaxTimes));
static tn::Semiring toDialect(tenon_semiring semiring) {
  return static_cast<tn::Semiring>(semiring);
}

namespace {
/// Builds the module step by step; the first thing that is wrong stops it.
class ModuleBuilder {
public:
  ModuleBuilder(MLIRContext &context, const tenon_contraction &input)
      : builder(&context), input(input) {}

  bool build(ModuleOp module);
  std::string error;

private:
  bool fail(const llvm::Twine &message) {
    error = message.str();
    return false;
  }
  bool checkInput();
  Value addConstant(RankedTensorType type, const tenon_operand &operand, tn::FactsAttr facts);
  /// The facts of operand `i`, null where none are given; false where they are wrong.
  bool readFacts(int64_t i, RankedTensorType type, tn::FactsAttr &facts);
  bool addPath(tn::ContractOp op, std::map<int64_t, int64_t> &number);

  OpBuilder builder;
  const tenon_contraction &input;
};
} // namespace

bool ModuleBuilder::checkInput() {
  if (input.num_operands < 1)
    return fail("a contraction has at least one operand");
  if (input.num_result_indices < 0 || input.path_steps < 0 || input.num_sliced < 0)
    return fail("a number of entries is negative: num_result_indices, path_steps or num_sliced");
  std::map<int64_t, std::pair<int64_t, int64_t>> known; // index -> extent, operand
  for (int64_t i = 0; i < input.num_operands; ++i) {
    const tenon_operand &operand = input.operands[i];
    if (!fromDType(builder.getContext(), operand.dtype))
      return fail("operand " + Twine(i) + " has the unknown dtype " + Twine(operand.dtype));
    if (operand.rank < 0)
      return fail("operand " + Twine(i) + " has the rank " + Twine(operand.rank));
    for (int32_t dim = 0; dim < operand.rank; ++dim) {
      int64_t extent = operand.extents[dim], index = operand.indices[dim];
      if (extent < -1 || index < 0)
        return fail("operand " + Twine(i) + ", dimension " + Twine(dim) +
                    ": expected an extent of 0 or more (or -1) and an "
                    "index of 0 or more, found " +
                    Twine(extent) + " and " + Twine(index));
      if (extent == -1 && operand.constant)
        return fail("operand " + Twine(i) + " is a constant: its extents have to be known");
      auto [it, isNew] = known.try_emplace(index, extent, i);
      if (!isNew && extent != -1 && it->second.first != -1 && it->second.first != extent)
        return fail("index " + Twine(index) + " has extent " + Twine(it->second.first) +
                    " in operand " + Twine(it->second.second) + " and " + Twine(extent) +
                    " in operand " + Twine(i));
    }
  }
  std::set<int64_t> seen;
  SmallVector<int64_t> extents;
  for (int64_t i = 0; i < input.num_result_indices; ++i) {
    int64_t index = input.result_indices[i];
    if (!known.contains(index))
      return fail("output index " + Twine(index) + " occurs in no operand");
    if (!seen.insert(index).second)
      return fail("output index " + Twine(index) + " is repeated");
    extents.push_back(known[index].first);
  }
  if (!llvm::is_contained(extents, -1) && !tn::getNumElements(extents))
    return fail("the result has 2^63 elements or more");
  if (!fromDType(builder.getContext(), input.result_dtype))
    return fail("the result has the unknown dtype " + Twine(input.result_dtype));
  if (input.accumulate && !fromDType(builder.getContext(), input.accumulate))
    return fail("the accumulation type is the unknown dtype " + Twine(input.accumulate));
  if (input.semiring < TENON_PLUS_TIMES || input.semiring > TENON_MAX_TIMES)
    return fail("the semiring has the unknown number " + Twine(input.semiring));
  return true;
}

bool ModuleBuilder::readFacts(int64_t i, RankedTensorType type, tn::FactsAttr &facts) {
  if (!input.facts || !input.facts[i])
    return true;
  llvm::Expected<tn::FactsAttr> parsed = capi::parseFacts(input.facts[i], type);
  if (!parsed)
    return fail("operand " + Twine(i) + ": " + llvm::toString(parsed.takeError()));
  facts = *parsed;
  return true;
}

Value ModuleBuilder::addConstant(RankedTensorType type, const tenon_operand &operand,
                                 tn::FactsAttr facts) {
  std::optional<int64_t> count = tn::getNumElements(type.getShape());
  size_t bytes = static_cast<size_t>(*count) * getDTypeBytes(operand.dtype);
  ArrayRef<char> data(static_cast<const char *>(operand.constant), bytes);
  ElementsAttr value;
  // Small constants are text that people can read and passes can fold; large ones are resources,
  // aligned as far as MLIR's bytecode reader accepts.
  constexpr int64_t kInlineElements = 64;
  if (*count <= kInlineElements && type.getElementType().isInteger(1)) {
    SmallVector<bool> flags;
    for (char byte : data)
      flags.push_back(byte != 0);
    value = DenseElementsAttr::get(type, flags);
  } else if (*count <= kInlineElements) {
    value = DenseElementsAttr::getFromRawBuffer(type, data);
  } else {
    AsmResourceBlob blob =
        HeapAsmResourceBlob::allocateAndCopyWithAlign(data, 16, /*dataIsMutable=*/false);
    value = DenseResourceElementsAttr::get(type, "constant", std::move(blob));
  }
  return tn::ConstantOp::create(builder, builder.getUnknownLoc(), value, facts);
}

bool ModuleBuilder::addPath(tn::ContractOp op, std::map<int64_t, int64_t> &number) {
  if (!input.path) {
    if (input.num_sliced > 0)
      return fail("indices to slice are given without a path");
    return true;
  }
  op->setAttr("tn.path", builder.getDenseI64ArrayAttr(ArrayRef(input.path, 2 * input.path_steps)));
  SmallVector<int64_t> sliced;
  for (int64_t i = 0; i < input.num_sliced; ++i) {
    auto it = number.find(input.sliced[i]);
    if (it == number.end())
      return fail("sliced index " + Twine(input.sliced[i]) + " occurs in no operand");
    sliced.push_back(it->second);
  }
  op->setAttr("tn.sliced", builder.getDenseI64ArrayAttr(sliced));
  return true;
}

bool ModuleBuilder::build(ModuleOp module) {
  if (!checkInput())
    return false;
  MLIRContext *context = builder.getContext();
  Location loc = builder.getUnknownLoc();
  SmallVector<Type> argumentTypes;
  SmallVector<RankedTensorType> types;
  bool isUnsigned = false;
  for (int64_t i = 0; i < input.num_operands; ++i) {
    const tenon_operand &operand = input.operands[i];
    SmallVector<int64_t> shape;
    for (int32_t dim = 0; dim < operand.rank; ++dim)
      shape.push_back(operand.extents[dim] == -1 ? ShapedType::kDynamic : operand.extents[dim]);
    if (!llvm::is_contained(shape, ShapedType::kDynamic) && !tn::getNumElements(shape))
      return fail("operand " + Twine(i) + " has 2^63 elements or more");
    types.push_back(RankedTensorType::get(shape, fromDType(context, operand.dtype)));
    if (!operand.constant)
      argumentTypes.push_back(types.back());
    isUnsigned |= operand.is_unsigned != 0;
  }
  builder.setInsertionPointToEnd(module.getBody());
  auto function =
      func::FuncOp::create(builder, loc, "main", builder.getFunctionType(argumentTypes, {}));
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);

  SmallVector<Value> operands;
  SmallVector<SmallVector<int64_t>> lists;
  std::map<int64_t, int64_t> number; // of any 64-bit integers: a DenseMap keeps some for itself
  unsigned nextArgument = 0;
  for (int64_t i = 0; i < input.num_operands; ++i) {
    const tenon_operand &operand = input.operands[i];
    SmallVector<int64_t> &list = lists.emplace_back();
    for (int64_t index : ArrayRef(operand.indices, operand.rank))
      list.push_back(number.try_emplace(index, number.size()).first->second);
    tn::FactsAttr facts;
    if (!readFacts(i, types[i], facts))
      return false;
    if (operand.constant) {
      operands.push_back(addConstant(types[i], operand, facts));
      continue;
    }
    if (facts)
      function.setArgAttr(nextArgument, tn::TNDialect::getFactsAttrName(), facts);
    if (operand.is_unsigned)
      function.setArgAttr(nextArgument, tn::TNDialect::getUnsignedAttrName(),
                          builder.getUnitAttr());
    operands.push_back(body->getArgument(nextArgument++));
  }
  Type resultType = fromDType(context, input.result_dtype), accumulate;
  if (input.accumulate)
    accumulate = fromDType(context, input.accumulate);
  else if (resultType.isF16() || resultType.isBF16())
    accumulate = builder.getF32Type();
  Type sum = accumulate ? accumulate : resultType;
  SmallVector<int64_t> resultIndices;
  for (int64_t index : ArrayRef(input.result_indices, input.num_result_indices))
    resultIndices.push_back(number[index]);
  auto op = tn::ContractOp::create(
      builder, loc, operands, lists, resultIndices, resultType, toDialect(input.semiring),
      accumulate, (isUnsigned || input.result_is_unsigned) && sum.isSignlessInteger());
  if (!addPath(op, number))
    return false;
  func::ReturnOp::create(builder, loc, op.getResult());
  function.setType(builder.getFunctionType(argumentTypes, op.getResult().getType()));
  if (input.result_is_unsigned && resultType.isSignlessInteger())
    function.setResultAttr(0, tn::TNDialect::getUnsignedAttrName(), builder.getUnitAttr());
  return true;
}

bool capi::readContraction(const tenon_contraction *given, tenon_contraction &contraction) {
  if (!given || given->struct_size < offsetof(tenon_contraction, facts))
    return false;
  // The caller's may be that of an earlier version.
  contraction = {};
  std::memcpy(&contraction, given, std::min(given->struct_size, sizeof(contraction)));
  return true;
}

tenon_module *tenon_module_from_contraction(const tenon_contraction *given, char **error) {
  tenon_contraction contraction;
  if (!capi::readContraction(given, contraction)) {
    capi::setError(error, "tenon_contraction: struct_size is not the size of the struct");
    return nullptr;
  }
  auto module = std::make_unique<tenon_module>();
  module->context = std::make_shared<tenon_module::Context>();
  module->module = ModuleOp::create(UnknownLoc::get(&module->context->mlir));
  DiagnosticCollector diagnostics(module->context->mlir);
  ModuleBuilder builder(module->context->mlir, contraction);
  if (!builder.build(*module->module)) {
    capi::setError(error, builder.error);
    return nullptr;
  }
  if (failed(verify(*module->module))) {
    capi::setError(error, diagnostics.takeText("the contraction is not valid"));
    return nullptr;
  }
  return module.release();
}
