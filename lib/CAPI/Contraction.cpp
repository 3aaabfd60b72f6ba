//===- Contraction.cpp - C API: modules from contractions ------------------===//
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

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <set>
#include <vector>

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
/// A tensor, as the operand that names it first describes it.
struct Tensor {
  const tenon_operand *operand = nullptr;
  const char *factsText = nullptr; ///< null where nothing is known
  size_t contraction = 0;          ///< whose operand it is
  int64_t position = 0;
  RankedTensorType type;
  tn::FactsAttr facts;
  Value value; ///< once the function is there
};

/// Builds the module step by step; the first thing that is wrong stops it.
class ModuleBuilder {
public:
  /// numbers[c][i] is the number of the tensor that operand i of contractions[c] is. Both outlive
  /// the builder.
  ModuleBuilder(MLIRContext &context, ArrayRef<tenon_contraction> contractions,
                ArrayRef<const int64_t *> numbers)
      : builder(&context), contractions(contractions), numbers(numbers) {}

  bool build(ModuleOp module);
  std::string error;

private:
  bool fail(const llvm::Twine &message) {
    error = contractions.size() > 1 ? ("contraction " + llvm::Twine(current) + ": " + message).str()
                                    : message.str();
    return false;
  }
  bool checkInput();
  /// Takes over the tensors that the current contraction is the first to name.
  bool addTensors();
  bool addTensor(Tensor &tensor, int64_t i);
  /// Provides the value of each tensor, at the insertion point.
  void addValues(func::FuncOp function);
  Value addConstant(const Tensor &tensor);
  /// Adds the current contraction.
  bool addContraction(SmallVectorImpl<Value> &results);
  bool addPath(tn::ContractOp op, std::map<int64_t, int64_t> &number);

  OpBuilder builder;
  ArrayRef<tenon_contraction> contractions;
  ArrayRef<const int64_t *> numbers;
  size_t current = 0;
  std::map<int64_t, Tensor> tensors; // by number, in which order they are arguments
};
} // namespace

bool ModuleBuilder::checkInput() {
  const tenon_contraction &input = contractions[current];
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

Value ModuleBuilder::addConstant(const Tensor &tensor) {
  const tenon_operand &operand = *tensor.operand;
  RankedTensorType type = tensor.type;
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
  return tn::ConstantOp::create(builder, builder.getUnknownLoc(), value, tensor.facts);
}

bool ModuleBuilder::addPath(tn::ContractOp op, std::map<int64_t, int64_t> &number) {
  const tenon_contraction &input = contractions[current];
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

/// In what two descriptions of one tensor differ; null where they do not.
static const char *findDifference(const Tensor &known, const tenon_operand &operand,
                                  const char *facts) {
  const tenon_operand &first = *known.operand;
  if (first.dtype != operand.dtype || (first.is_unsigned != 0) != (operand.is_unsigned != 0))
    return "dtype";
  if (ArrayRef(first.extents, first.rank) != ArrayRef(operand.extents, operand.rank))
    return "extents";
  if (first.constant != operand.constant)
    return "elements";
  if (StringRef(known.factsText ? known.factsText : "") != StringRef(facts ? facts : ""))
    return "facts";
  return nullptr;
}

bool ModuleBuilder::addTensors() {
  const tenon_contraction &input = contractions[current];
  for (int64_t i = 0; i < input.num_operands; ++i) {
    int64_t number = numbers[current][i];
    if (number < 0)
      return fail("operand " + Twine(i) + " is tensor " + Twine(number) +
                  ", expected a number of 0 or more");
    const char *facts = input.facts ? input.facts[i] : nullptr;
    auto [it, isNew] = tensors.try_emplace(number);
    Tensor &tensor = it->second;
    if (isNew) {
      tensor.factsText = facts;
      if (!addTensor(tensor, i))
        return false;
    } else if (const char *what = findDifference(tensor, input.operands[i], facts)) {
      return fail("operand " + Twine(i) + " is tensor " + Twine(number) + ", as operand " +
                  Twine(tensor.position) + " of contraction " + Twine(tensor.contraction) +
                  " is, and has other " + what + "; expected the same");
    }
  }
  return true;
}

bool ModuleBuilder::addTensor(Tensor &tensor, int64_t i) {
  const tenon_operand &operand = contractions[current].operands[i];
  SmallVector<int64_t> shape;
  for (int64_t extent : ArrayRef(operand.extents, operand.rank))
    shape.push_back(extent == -1 ? ShapedType::kDynamic : extent);
  if (!llvm::is_contained(shape, ShapedType::kDynamic) && !tn::getNumElements(shape))
    return fail("operand " + Twine(i) + " has 2^63 elements or more");
  tensor.operand = &operand;
  tensor.contraction = current;
  tensor.position = i;
  tensor.type = RankedTensorType::get(shape, fromDType(builder.getContext(), operand.dtype));
  if (!tensor.factsText)
    return true;
  llvm::Expected<tn::FactsAttr> parsed = capi::parseFacts(tensor.factsText, tensor.type);
  if (!parsed)
    return fail("operand " + Twine(i) + ": " + llvm::toString(parsed.takeError()));
  tensor.facts = *parsed;
  return true;
}

void ModuleBuilder::addValues(func::FuncOp function) {
  unsigned nextArgument = 0;
  for (auto &[number, tensor] : tensors) {
    if (tensor.operand->constant) {
      tensor.value = addConstant(tensor);
      continue;
    }
    if (tensor.facts)
      function.setArgAttr(nextArgument, tn::TNDialect::getFactsAttrName(), tensor.facts);
    if (tensor.operand->is_unsigned)
      function.setArgAttr(nextArgument, tn::TNDialect::getUnsignedAttrName(),
                          builder.getUnitAttr());
    tensor.value = function.getArgument(nextArgument++);
  }
}

bool ModuleBuilder::addContraction(SmallVectorImpl<Value> &results) {
  const tenon_contraction &input = contractions[current];
  MLIRContext *context = builder.getContext();
  SmallVector<Value> operands;
  SmallVector<SmallVector<int64_t>> lists;
  std::map<int64_t, int64_t> number; // of any 64-bit integers: a DenseMap keeps some for itself
  bool isUnsigned = false;
  for (int64_t i = 0; i < input.num_operands; ++i) {
    const tenon_operand &operand = input.operands[i];
    operands.push_back(tensors.find(numbers[current][i])->second.value);
    SmallVector<int64_t> &list = lists.emplace_back();
    for (int64_t index : ArrayRef(operand.indices, operand.rank))
      list.push_back(number.try_emplace(index, number.size()).first->second);
    isUnsigned |= operand.is_unsigned != 0;
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
  auto op =
      tn::ContractOp::create(builder, builder.getUnknownLoc(), operands, lists, resultIndices,
                             resultType, toDialect(input.semiring), accumulate,
                             (isUnsigned || input.result_is_unsigned) && sum.isSignlessInteger());
  results.push_back(op.getResult());
  return addPath(op, number);
}

bool ModuleBuilder::build(ModuleOp module) {
  for (current = 0; current < contractions.size(); ++current)
    if (!checkInput() || !addTensors())
      return false;
  Location loc = builder.getUnknownLoc();
  SmallVector<Type> argumentTypes;
  for (const auto &[number, tensor] : tensors)
    if (!tensor.operand->constant)
      argumentTypes.push_back(tensor.type);
  builder.setInsertionPointToEnd(module.getBody());
  auto function =
      func::FuncOp::create(builder, loc, "main", builder.getFunctionType(argumentTypes, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  addValues(function);
  SmallVector<Value> results;
  for (current = 0; current < contractions.size(); ++current)
    if (!addContraction(results))
      return false;
  func::ReturnOp::create(builder, loc, results);
  function.setType(builder.getFunctionType(argumentTypes, TypeRange(ValueRange(results))));
  for (auto [number, contraction] : llvm::enumerate(contractions))
    if (contraction.result_is_unsigned &&
        fromDType(builder.getContext(), contraction.result_dtype).isSignlessInteger())
      function.setResultAttr(static_cast<unsigned>(number), tn::TNDialect::getUnsignedAttrName(),
                             builder.getUnitAttr());
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

static tenon_module *makeModule(ArrayRef<tenon_contraction> contractions,
                                ArrayRef<const int64_t *> numbers, char **error) {
  auto module = std::make_unique<tenon_module>();
  module->context = std::make_shared<tenon_module::Context>();
  module->module = ModuleOp::create(UnknownLoc::get(&module->context->mlir));
  DiagnosticCollector diagnostics(module->context->mlir);
  ModuleBuilder builder(module->context->mlir, contractions, numbers);
  if (!builder.build(*module->module)) {
    capi::setError(error, builder.error);
    return nullptr;
  }
  if (failed(verify(*module->module))) {
    capi::setError(error,
                   diagnostics.takeText(contractions.size() > 1 ? "the contractions are not valid"
                                                                : "the contraction is not valid"));
    return nullptr;
  }
  return module.release();
}

tenon_module *tenon_module_from_contraction(const tenon_contraction *given, char **error) {
  tenon_contraction contraction;
  if (!capi::readContraction(given, contraction)) {
    capi::setError(error, "tenon_contraction: struct_size is not the size of the struct");
    return nullptr;
  }
  // Each operand is a tensor of its own.
  std::vector<int64_t> numbers(std::max<int64_t>(contraction.num_operands, 0));
  std::iota(numbers.begin(), numbers.end(), 0);
  const int64_t *list = numbers.data();
  return makeModule(contraction, list, error);
}

tenon_module *tenon_module_from_contractions(const tenon_contraction *const *given,
                                             const int64_t *const *tensors, int64_t count,
                                             char **error) {
  if (count < 1) {
    capi::setError(error, ("found " + Twine(count) + " contractions, expected at least one").str());
    return nullptr;
  }
  if (!given || !tensors) {
    capi::setError(error, "found no array of contractions or of tensor numbers");
    return nullptr;
  }
  std::vector<tenon_contraction> contractions(count);
  for (int64_t c = 0; c < count; ++c) {
    auto fail = [&](const char *message) {
      capi::setError(error, ("contraction " + Twine(c) + ": " + message).str());
      return nullptr;
    };
    if (!capi::readContraction(given[c], contractions[c]))
      return fail("tenon_contraction: struct_size is not the size of the struct");
    if (!tensors[c] && contractions[c].num_operands > 0)
      return fail("found no array of tensor numbers");
  }
  return makeModule(contractions, ArrayRef(tensors, count), error);
}
