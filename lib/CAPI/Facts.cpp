//===- Facts.cpp - C API: facts of operands ---------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Facts.h"

#include "Handles.h"
#include "HostCopy.h"

#include "tenon/Dialect/TN/IR/Facts.h"
#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Reference/FactChecks.h"
#include "tenon/Target/EmitSchedule.h"

#include "mlir/AsmParser/AsmParser.h"

using namespace mlir;
using namespace tenon;

llvm::Expected<tn::FactsAttr> capi::parseFacts(StringRef text, RankedTensorType type) {
  MLIRContext *context = type.getContext();
  context->loadDialect<tn::TNDialect>();
  std::vector<std::string> messages;
  ScopedDiagnosticHandler collector(context, [&](Diagnostic &diagnostic) {
    messages.push_back(diagnostic.str());
    return success();
  });
  auto fail = [&] {
    return llvm::createStringError(
        "facts '" + text + "': " + (messages.empty() ? "they do not parse" : messages.front()));
  };
  // A closing bracket would end the attribute, and something else could follow.
  auto facts = text.contains('>') ? tn::FactsAttr()
                                  : dyn_cast_if_present<tn::FactsAttr>(
                                        parseAttribute(("#tn.facts<" + text + ">").str(), context));
  if (!facts ||
      failed(tn::verifyFacts([&] { return emitError(UnknownLoc::get(context)); }, facts, type)))
    return fail();
  return facts;
}

tenon_status tenon_check_facts(const char *facts, const tenon_tensor *tensor, int32_t is_unsigned, char **error) {
  auto fail = [&](const Twine &message) {
    capi::setError(error, message.str());
    return TENON_INVALID_ARGUMENT;
  };
  if (!facts || !tensor)
    return fail("tenon_check_facts: found no facts or no tensor");
  if (tenon_dtype_size(tensor->dtype) == 0)
    return fail("the tensor has the unknown dtype " + Twine(tensor->dtype));
  if (tensor->rank < 0 || (tensor->rank > 0 && !tensor->extents))
    return fail("the tensor has the rank " + Twine(tensor->rank) +
                ", expected 0 or more, with extents");
  ArrayRef<int64_t> extents(tensor->extents, tensor->rank);
  if (llvm::any_of(extents, [](int64_t extent) { return extent < 0; }))
    return fail("the tensor has a negative extent");
  MLIRContext context(MLIRContext::Threading::DISABLED);
  auto type = RankedTensorType::get(extents, fromDType(&context, tensor->dtype));
  llvm::Expected<tn::FactsAttr> attribute = capi::parseFacts(facts, type);
  if (!attribute)
    return fail(llvm::toString(attribute.takeError()));
  if (!tensor->data)
    return TENON_OK;
  bool isInteger = ElementType{tensor->dtype}.isInteger();
  Result<HostTensor> copy = capi::copyTensor(*tensor, is_unsigned && isInteger);
  if (!copy)
    return fail("the tensor: " + copy.message());
  if (llvm::Error wrong = reference::checkFacts(*attribute, *copy))
    return fail(llvm::toString(std::move(wrong)));
  return TENON_OK;
}
