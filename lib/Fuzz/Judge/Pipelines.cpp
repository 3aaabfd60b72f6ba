//===- Pipelines.cpp - The compiler's pipeline with options that must not matter -===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Pipelines.h"

#include "Interpretation.h"

#include "tenon/Codegen/Common/Specialize.h"
#include "tenon/Dialect/TN/IR/MemoryLimit.h"
#include "tenon/Execution/DiagnosticCollector.h"

#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

namespace {
/// One way through the compiler.
struct Variant {
  StringRef options;
  bool mayRefuse = false; ///< it asks for what may be impossible
  bool isLimited = false; ///< the memory limit is the smallest one that the compiler names
};
} // namespace

/// Contractions of one program that may each ask for a larger limit.
static constexpr unsigned kMaxLimits = 8;

static constexpr Variant kVariants[] = {
    {"threads=1"},
    {"threads=2"},
    {"threads=3 deterministic=true"},
    {"threads=1 fuse=false"},
    {"threads=2 fuse=false method=greedy"},
    {"threads=1 method=random-greedy restarts=4 seed=7"},
    {"threads=1 method=elimination minimize=size"},
    {"threads=1 method=bisection minimize=write"},
    {"threads=1 min-slices=3", true},
    {"threads=3 min-slices=4", true},
    {"threads=1 target=generic-neon"},
    {"threads=1", false, true},
    {"threads=2", false, true},
};

/// The smallest memory limit that planning says it can keep; none where it needs none, or does not say. Each contraction names its
/// own, the first that fails before the others. Reports one that is named and then not kept.
static std::optional<int64_t> findSmallestLimit(Case &current, ModuleOp source, StringRef options, StringRef pass) {
  int64_t limit = 1;
  for (unsigned tries = 0; tries < kMaxLimits; ++tries) {
    OwningOpRef<ModuleOp> copy = source.clone();
    std::string error;
    std::string text = ("tenon-plan-stage{" + options + " memory-limit=" + Twine(limit) + "}").str();
    PassManager *manager = current.session.pipeline(text, error);
    std::optional<int64_t> smallest;
    ScopedDiagnosticHandler handler(&current.session.context(), [&](Diagnostic &diagnostic) {
      if (std::optional<int64_t> mark = tn::getMemoryLimitMark(diagnostic))
        smallest = mark;
      return success();
    });
    if (!manager)
      return std::nullopt;
    if (succeeded(manager->run(*copy)))
      return limit > 1 ? std::optional(limit) : std::nullopt;
    if (!smallest || *smallest == 0)
      return std::nullopt;
    if (*smallest <= limit) {
      current.report(Oracle::Pipelines, pass, text + " fails, and names the limit " + std::to_string(*smallest) + " as one that can be kept",
                     "fails for a limit that it names");
      return std::nullopt;
    }
    limit = *smallest;
  }
  return std::nullopt;
}

/// The pipeline asks for extents that are known.
static bool specialize(Case &current, ModuleOp module, StringRef name, ArrayRef<HostTensor> arguments) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  SmallVector<SmallVector<int64_t>> extents;
  for (const HostTensor &argument : arguments)
    extents.emplace_back(argument.shape().begin(), argument.shape().end());
  DiagnosticCollector diagnostics(current.session.context());
  return succeeded(specializeExtents(function, extents)) && succeeded(verify(module));
}

static bool hasDynamicExtents(func::FuncOp function) {
  return llvm::any_of(function.getArgumentTypes(), [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && !tensor.hasStaticShape();
  });
}

void fuzz::checkPipeline(Case &current, ModuleOp source, StringRef name, ArrayRef<HostTensor> arguments, const Truth &truth) {
  const Variant &variant = kVariants[current.draw(purpose::pipeline) % std::size(kVariants)];
  OwningOpRef<ModuleOp> module = source.clone();
  if (hasDynamicExtents(module->lookupSymbol<func::FuncOp>(name)) && !specialize(current, *module, name, arguments))
    return;
  std::string options = variant.options.str(), pass = "pipeline " + options + (variant.isLimited ? " memory-limit" : "");
  if (variant.isLimited) {
    std::optional<int64_t> smallest = findSmallestLimit(current, *module, options, pass);
    if (!smallest)
      return;
    options += " memory-limit=" + std::to_string(*smallest);
  }
  std::string error, text = "tenon-plan-stage{" + options + "},tenon-tensor-stage{" +
                            options.substr(0, options.find(" memory-limit")) + "}";
  current.beginPhase(pass);
  PassManager *manager = current.session.pipeline(text, error);
  if (!manager) {
    current.report(Oracle::Pipelines, pass, "'" + text + "' is no pipeline: " + error);
    return;
  }
  DiagnosticCollector diagnostics(current.session.context());
  if (failed(manager->run(*module)) || failed(verify(*module))) {
    std::string why = "fails: " + diagnostics.takeText("no diagnostic");
    if (variant.mayRefuse)
      ++current.outcome.refused;
    else
      current.report(Oracle::Pipelines, pass, text + " " + why, why);
    return;
  }
  Interpretation said = interpretCase(module->lookupSymbol<func::FuncOp>(name), arguments);
  if (said.end == Interpretation::End::Beyond) {
    ++current.outcome.inconclusive;
    return;
  }
  if (said.end == Interpretation::End::Broken) {
    ++current.outcome.conclusive;
    current.report(Oracle::Pipelines, pass, "what it leaves has no value: " + said.why);
    return;
  }
  Verdict verdict = compareWithTruth(said.results, truth);
  current.outcome.conclusive += verdict.conclusive;
  current.outcome.inconclusive += verdict.inconclusive;
  if (!verdict.difference.empty())
    current.report(Oracle::Pipelines, pass, text + ": " + verdict.difference, verdict.kind);
}
