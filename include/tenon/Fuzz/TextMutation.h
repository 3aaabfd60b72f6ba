//===- TextMutation.h - Changes IR that is given as text ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The second mode starts from files of IR, those of the lit suite first, and changes the parsed
// modules. Nothing here knows single dialects but for the tables of operations that replace each
// other: values are replaced by values of their type, attributes by their like, types throughout a
// function; the verifier says what is a program.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Mutate.h"
#include "tenon/Fuzz/PassCatalog.h"
#include "tenon/Fuzz/TextCase.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>
#include <memory>
#include <optional>

namespace tenon::fuzz {

/// The modules of the `.mlir` files below a folder, in the order of their paths, each file split at
/// `// -----` and at the marks of split-file: those that parse and verify with the dialects of
/// `registry` and are no larger than a case may be.
struct Seeds {
  std::vector<TextCase> cases;
  unsigned files = 0;    ///< that were read
  unsigned rejected = 0; ///< parts that are no module
};
/// Fails with a message where the folder cannot be read, or has no module.
bool readSeeds(const std::string &folder, const mlir::DialectRegistry &registry, Seeds &seeds,
               std::string &error);

/// Changes a module in place. False: there was nothing to change, and the module is as it was or is
/// to be thrown away.
struct TextMutator {
  std::string_view name;
  /// `donor` is another module of the same context.
  bool (*apply)(mlir::ModuleOp module, mlir::ModuleOp donor, Random &random);
};
std::span<const TextMutator> textMutators();

/// How often mutators were asked, found something to change, and left a module that verifies.
struct MutationRate {
  uint64_t asked = 0, applied = 0, valid = 0;
};

/// A changed module, and the numbers of the mutators that it went through.
struct Mutant {
  mlir::OwningOpRef<mlir::ModuleOp>
      module; ///< null where no try left one that verifies and whose text can be read
  std::vector<size_t> mutators;
};
/// One to four changes of a copy of `module`, each kept where what it leaves verifies. `weights`:
/// how likely each mutator is to be chosen; `rates` is added to. Both have an entry for each
/// mutator.
Mutant mutate(mlir::ModuleOp module, mlir::ModuleOp donor, std::span<const double> weights,
              Random &random, std::vector<MutationRate> &rates);

/// The lowest level that a module can be at: Buffer where it has memrefs, Network where it has
/// operations of `tn`.
Level levelOf(mlir::ModuleOp module);

/// Whether IR shows where a guard holds; others that hold for some programs only hold for all IR.
bool isSeenInIr(GuardWhen when);

/// The known defect of upstream that a step would meet in the module that it is given, of those
/// that IR shows; empty: none. Of function-local passes any function of the module counts.
std::string_view guardOf(const PassStep &step, mlir::ModuleOp module);

/// Takes out the passes that would meet a known defect in this module: drawPasses leaves out those
/// that meet one in any. What earlier passes make of the module the judge looks at (guardOf).
void removeGuarded(std::vector<PassStep> &passes, mlir::ModuleOp module);

/// Draws passes that may run from `level` on, each with options.
std::vector<PassStep> drawPasses(Level level, bool guards, Random &random);

/// Chooses which text is tried next, as Schedule does for genomes: parents that led to something
/// lately more often, mutators by what they yielded.
class TextSchedule {
public:
  virtual ~TextSchedule() = default;
  virtual TextCase next(Random &random) = 0;
  /// What came of the last one: how many features it was the first to show.
  virtual void report(uint32_t newFeatures) = 0;
  virtual void add(const TextCase &text) = 0;
  virtual size_t corpusSize() const = 0;
  /// For each of textMutators().
  virtual std::span<const MutationRate> rates() const = 0;
};

/// `guards` keeps passes of known upstream defects out.
std::unique_ptr<TextSchedule> makeTextSchedule(const mlir::DialectRegistry &registry, bool guards);

} // namespace tenon::fuzz
