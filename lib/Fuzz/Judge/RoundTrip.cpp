//===- RoundTrip.cpp - Text and bytecode of a program ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RoundTrip.h"

#include "tenon/Execution/DiagnosticCollector.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

std::string fuzz::printModule(ModuleOp module, TextForm form) {
  OpPrintingFlags flags;
  flags.assumeVerified();
  if (form.isGeneric)
    flags.printGenericOpForm();
  if (form.hasLocations)
    flags.enableDebugInfo();
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream, flags);
  return text;
}

/// The first line in which two texts differ, as it is in each.
static std::string firstDifference(StringRef before, StringRef after) {
  while (!before.empty() || !after.empty()) {
    auto [a, restOfA] = before.split('\n');
    auto [b, restOfB] = after.split('\n');
    if (a != b)
      return ("'" + a.take_front(400) + "' became '" + b.take_front(400) + "'").str();
    before = restOfA;
    after = restOfB;
  }
  return "no line";
}

/// The generic form, which numbers values and says every property: the names that operations suggest for values may follow from
/// locations, which plain text leaves out.
static std::string printForComparison(ModuleOp module, bool hasLocations) {
  std::string text = printModule(module, {true, hasLocations});
  // memref.load and memref.store: upstream's custom form does not tell a default that is there from one that is not.
  static constexpr StringRef defaults[] = {" <{nontemporal = false}>", ", nontemporal = false", "nontemporal = false, "};
  for (StringRef value : defaults)
    for (size_t at = text.find(value); at != std::string::npos; at = text.find(value, at))
      text.erase(at, value.size());
  return text;
}

/// Reads a module back from `bytes` and compares it with what was written.
static bool readsAlike(Case &current, StringRef pass, StringRef bytes, ModuleOp module, bool hasLocations, StringRef medium) {
  std::string before = printForComparison(module, hasLocations);
  // Resources of one name in one context get other names when they are read again.
  std::optional<Session> fresh;
  if (StringRef(before).contains("dialect_resources"))
    fresh.emplace(current.options);
  MLIRContext &context = fresh ? fresh->context() : current.session.context();
  DiagnosticCollector diagnostics(context);
  OwningOpRef<ModuleOp> again = parseSourceString<ModuleOp>(bytes, ParserConfig(&context), "case");
  if (!again) {
    std::string why = diagnostics.takeText("no diagnostic");
    current.report(Oracle::RoundTrip, pass, (medium + " cannot be read back: " + why).str());
    return false;
  }
  std::string after = printForComparison(*again, hasLocations);
  if (before == after)
    return true;
  current.report(Oracle::RoundTrip, pass, (medium + " reads back as another program: " + firstDifference(before, after)).str(),
                 (medium + " reads back as another program").str());
  return false;
}

bool fuzz::checkRoundTrip(Case &current, StringRef pass, uint64_t stage, ModuleOp module) {
  uint64_t salt = stage << 8;
  TextForm form;
  form.isGeneric = current.oneIn(purpose::genericForm + salt, 4);
  // Custom forms leave the locations of block arguments out.
  form.hasLocations = form.isGeneric && current.oneIn(purpose::debugInfo + salt, 2);
  current.beginPhase("round trip after " + (pass.empty() ? "nothing" : pass));
  if (!readsAlike(current, pass, printModule(module, form), module, form.hasLocations, form.isGeneric ? "generic text" : "text"))
    return false;
  if (!current.oneIn(purpose::bytecode + salt, 4))
    return true;
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (failed(writeBytecodeToFile(module, stream))) {
    current.report(Oracle::RoundTrip, pass, "the module cannot be written as bytecode");
    return false;
  }
  return readsAlike(current, pass, bytes, module, /*hasLocations=*/true, "bytecode");
}
