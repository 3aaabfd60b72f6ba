//===- RoundTrip.cpp - Text and bytecode of a program ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RoundTrip.h"

#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Fuzz/AnyOperation.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IntegerSet.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

#include <limits>

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

/// The bodies of named operations of linalg, which the custom form leaves out, though passes
/// rewrite them (D31).
static SmallVector<Block *> findImpliedBodies(ModuleOp module) {
  SmallVector<Block *> bodies;
  module.walk([&](linalg::LinalgOp op) {
    if (!isa<linalg::GenericOp, linalg::MapOp, linalg::ReduceOp>(op))
      bodies.push_back(op.getBlock());
  });
  return bodies;
}

/// The generic form, which numbers values and says every property: the names that operations
/// suggest for values may follow from locations, which plain text leaves out.
static std::string printForComparison(ModuleOp module, bool hasLocations, bool isCustom) {
  TextForm form{true, hasLocations};
  if (!isCustom || findImpliedBodies(module).empty())
    return printModule(module, form);
  OwningOpRef<ModuleOp> copy = module.clone();
  for (Block *body : findImpliedBodies(*copy))
    body->clear();
  return printModule(*copy, form);
}

/// Whether the custom form normalises: affine accesses merge equal operands of their maps, memref
/// accesses do not tell a default that is there from one that is not, and functions and globals of
/// LLVM are read with an unnamed_addr, which those that passes make lack (D37).
static bool normalises(Operation *op) {
  if (auto function = dyn_cast<LLVM::LLVMFuncOp>(op))
    return !function.getUnnamedAddr();
  if (auto global = dyn_cast<LLVM::GlobalOp>(op))
    return !global.getUnnamedAddr();
  StringRef dialect = op->getName().getDialectNamespace();
  return dialect == "affine" || dialect == "memref";
}

static bool hasNormalisingForms(ModuleOp module) { return anyOperation(module, normalises); }

/// Whether the custom form leaves regions out: of a linalg.map whose body is one operation it says
/// the operation's name alone (D33).
static bool losesRegions(ModuleOp module) {
  return module
      .walk([](linalg::MapOp op) {
        Operation &first = op.getMapper().front().front();
        return first.getNumRegions() != 0 ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Whether an affine map or set, which attributes and types may have at any depth, has the least
/// number that an index holds: its text, which bytecode has as well, negates the magnitude and
/// cannot be read (D43).
static bool hasLeastIndex(ModuleOp module) {
  auto isLeast = [](AffineExpr expression) {
    auto constant = dyn_cast<AffineConstantExpr>(expression);
    return constant && constant.getValue() == std::numeric_limits<int64_t>::min()
               ? WalkResult::interrupt()
               : WalkResult::advance();
  };
  auto check = [&](ArrayRef<AffineExpr> expressions) {
    return llvm::any_of(
               expressions,
               [&](AffineExpr expression) { return expression.walk(isLeast).wasInterrupted(); })
               ? WalkResult::interrupt()
               : WalkResult::advance();
  };
  AttrTypeWalker walker;
  walker.addWalk([&](AffineMapAttr map) { return check(map.getValue().getResults()); });
  walker.addWalk([&](IntegerSetAttr set) { return check(set.getValue().getConstraints()); });
  auto isMet = [&](auto each) { return walker.walk(each).wasInterrupted(); };
  return anyOperation(module, [&](Operation *op) {
    return isMet(op->getAttrDictionary()) || llvm::any_of(op->getResultTypes(), isMet) ||
           llvm::any_of(op->getRegions(), [&](Region &region) {
             return llvm::any_of(region, [&](Block &block) {
               return llvm::any_of(block.getArgumentTypes(), isMet);
             });
           });
  });
}

namespace {
/// A program on its way through one medium.
struct Trip {
  Case &current;
  StringRef pass, medium;
  bool hasLocations;

  OwningOpRef<ModuleOp> read(StringRef bytes, MLIRContext &context) {
    DiagnosticCollector diagnostics(context);
    OwningOpRef<ModuleOp> module =
        parseSourceString<ModuleOp>(bytes, ParserConfig(&context), "case");
    if (!module)
      current.report(
          Oracle::RoundTrip, pass,
          (medium + " cannot be read back: " + diagnostics.takeText("no diagnostic")).str());
    return module;
  }

  /// Whether `bytes`, which `module` was written as, are read as what it was. With `form`: text in
  /// its custom form. `isComparable`: text as printForComparison makes it.
  bool check(ModuleOp module, StringRef bytes, const TextForm *form, bool isComparable) {
    std::string before =
        isComparable ? bytes.str() : printForComparison(module, hasLocations, form != nullptr);
    // Resources of one name in one context get other names when they are read again.
    // Some have a name only, and no line among the dialects' resources.
    std::optional<Session> fresh, second;
    if (StringRef(before).contains("dense_resource<"))
      fresh.emplace(current.options);
    MLIRContext &context = fresh ? fresh->context() : current.session.context();
    OwningOpRef<ModuleOp> again = read(bytes, context);
    if (!again)
      return false;
    std::string after = printForComparison(*again, hasLocations, form != nullptr);
    if (before == after)
      return true;
    if (form && hasNormalisingForms(module)) {
      // Once normalised, it stays.
      std::string normalised = printModule(*again, *form);
      if (fresh)
        second.emplace(current.options);
      again = read(normalised, second ? second->context() : context);
      if (!again)
        return false;
      before = std::move(after);
      after = printForComparison(*again, hasLocations, form != nullptr);
      if (before == after)
        return true;
    }
    current.report(
        Oracle::RoundTrip, pass,
        (medium + " reads back as another program: " + firstDifference(before, after)).str(),
        (medium + " reads back as another program").str());
    return false;
  }
};
} // namespace

RoundTrips::RoundTrips(Case &current, size_t numPasses)
    : current(current), chosen(current.draw(purpose::roundTrip) % (numPasses + 1)) {}

bool RoundTrips::check(StringRef pass, size_t stage, ModuleOp module) {
  if (!current.asks(Oracle::RoundTrip) || (stage != chosen && !current.options.draws) ||
      hasLeastIndex(module))
    return true;
  TextForm form;
  form.isGeneric = current.oneIn(purpose::genericForm, 4) || losesRegions(module);
  // Custom forms leave the locations of block arguments out.
  form.hasLocations = form.isGeneric && current.oneIn(purpose::debugInfo, 2);
  current.beginPhase("round trip after " + (pass.empty() ? "nothing" : pass));
  Trip text{current, pass, form.isGeneric ? "generic text" : "text", form.hasLocations};
  if (!text.check(module, printModule(module, form), form.isGeneric ? nullptr : &form,
                  /*isComparable=*/form.isGeneric))
    return false;
  if (!current.oneIn(purpose::bytecode, 4))
    return true;
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (failed(writeBytecodeToFile(module, stream))) {
    current.report(Oracle::RoundTrip, pass, "the module cannot be written as bytecode");
    return false;
  }
  return Trip{current, pass, "bytecode", /*hasLocations=*/true}.check(module, bytes, nullptr,
                                                                      /*isComparable=*/false);
}
