//===- PlanOptions.cpp - What users say about a plan ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/PlanOptions.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace tenon;

/// Where callers say what is no choice of the planner. In the text it would be overwritten.
static StringRef getPlaceOf(StringRef key) {
  return llvm::StringSwitch<StringRef>(key)
      .Case("memory-limit", "as --memory-limit (tools) or memory_limit (Python, C)")
      .Case("threads", "as --threads (tools) or threads (Python, C)")
      .Case("deterministic", "as --deterministic (tools) or deterministic (Python, C)")
      .Case("target", "as --target-cpu of tenon-compile")
      .Case("tuning", "as --tuning (tools) or tuning (C)")
      .Default("");
}

/// What a value has to be, where it is not that. LLVM's parsers would print it to standard error
/// and not say it to their caller.
static StringRef checkValue(StringRef key, StringRef value) {
  int64_t number;
  if (key == "min-slices" || key == "kept-limit" || key == "restarts" || key == "seed")
    return value.getAsInteger(0, number) ? "a number" : "";
  if (key == "least-memory" || key == "fuse")
    return llvm::is_contained({"", "true", "TRUE", "True", "1", "false", "FALSE", "False", "0"},
                              value)
               ? ""
               : "true or false";
  return "";
}

static llvm::Error checkOption(StringRef option) {
  auto [key, value] = option.split('=');
  if (StringRef place = getPlaceOf(key); !place.empty())
    return llvm::createStringError("'" + option +
                                   "' is no option of the plan; give it beside the plan, " + place);
  if (StringRef expected = checkValue(key, value.trim("'\"")); !expected.empty())
    return llvm::createStringError("'" + option + "': expected " + expected);
  return llvm::Error::success();
}

llvm::Error tenon::parsePlanOptions(StringRef text, CPUPipelineOptions &options) {
  SmallVector<StringRef> list;
  llvm::SplitString(text, list);
  for (StringRef option : list)
    if (llvm::Error error = checkOption(option))
      return error;
  std::string wrong;
  llvm::raw_string_ostream stream(wrong);
  if (succeeded(options.parseFromString(text, stream)))
    return llvm::Error::success();
  StringRef reason = StringRef(wrong).trim();
  reason.consume_front("<Pass-Options-Parser>: ");
  return llvm::createStringError(reason.empty() ? "cannot read '" + text + "'" : Twine(reason));
}
