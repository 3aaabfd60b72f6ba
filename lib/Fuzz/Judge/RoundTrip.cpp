//===- RoundTrip.cpp - Text and bytecode of a program ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RoundTrip.h"

#include "tenon/Execution/DiagnosticCollector.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
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

/// Values by number, in the order in which they appear. The names that operations suggest for values may follow from locations,
/// which plain text leaves out.
static std::string withoutNames(StringRef text) {
  auto isNameCharacter = [](char c) { return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$' || c == '-'; };
  std::string result;
  llvm::StringMap<unsigned> numbers;
  while (!text.empty()) {
    size_t next = std::min(text.find('%'), text.size());
    result += text.take_front(next);
    text = text.drop_front(next);
    if (text.empty())
      break;
    StringRef name = text.drop_front().take_while(isNameCharacter);
    text = text.drop_front(1 + name.size());
    result += '%';
    result += std::to_string(numbers.try_emplace(name, numbers.size()).first->second);
  }
  return result;
}

/// Reads a module back from `bytes` and compares it with the module's text.
static bool readsAlike(Case &current, StringRef pass, StringRef bytes, StringRef text, TextForm form, StringRef medium) {
  // Resources of one name in one context get other names when they are read again.
  std::optional<Session> fresh;
  if (text.contains("dialect_resources"))
    fresh.emplace(current.options);
  MLIRContext &context = fresh ? fresh->context() : current.session.context();
  DiagnosticCollector diagnostics(context);
  OwningOpRef<ModuleOp> again = parseSourceString<ModuleOp>(bytes, ParserConfig(&context), "case");
  if (!again) {
    std::string why = diagnostics.takeText("no diagnostic");
    current.report(Oracle::RoundTrip, pass, (medium + " cannot be read back: " + why).str());
    return false;
  }
  std::string second = printModule(*again, form);
  if (second == text)
    return true;
  std::string before = withoutNames(text), after = withoutNames(second);
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
  std::string text = printModule(module, form);
  if (!readsAlike(current, pass, text, text, form, form.isGeneric ? "generic text" : "text"))
    return false;
  if (!current.oneIn(purpose::bytecode + salt, 4))
    return true;
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (failed(writeBytecodeToFile(module, stream))) {
    current.report(Oracle::RoundTrip, pass, "the module cannot be written as bytecode");
    return false;
  }
  return readsAlike(current, pass, bytes, text, form, "bytecode");
}
