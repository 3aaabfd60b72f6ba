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

/// The memory limit that planning with a limit of one byte names as the smallest; none where it needs none, or does not say.
static std::optional<int64_t> findSmallestLimit(Case &current, ModuleOp source, StringRef options) {
  OwningOpRef<ModuleOp> copy = source.clone();
  std::string error;
  PassManager *manager =
      current.session.pipeline(("builtin.module(tenon-plan-stage{" + options + " memory-limit=1})").str(), error);
  std::optional<int64_t> smallest;
  ScopedDiagnosticHandler handler(&current.session.context(), [&](Diagnostic &diagnostic) {
    if (std::optional<int64_t> mark = tn::getMemoryLimitMark(diagnostic))
      smallest = std::max(smallest.value_or(0), *mark);
    return success();
  });
  if (!manager || succeeded(manager->run(*copy)))
    return std::nullopt;
  return smallest && *smallest > 0 ? smallest : std::nullopt;
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
  std::string options = variant.options.str();
  // Every limit from the smallest one on can be kept: one of the next few is drawn.
  if (variant.isLimited)
    if (std::optional<int64_t> smallest = findSmallestLimit(current, *module, options))
      options += " memory-limit=" + std::to_string(*smallest + int64_t(current.draw(purpose::pipeline + 256) % 64));
  std::string pass = "pipeline " + variant.options.str() + (variant.isLimited ? " memory-limit" : "");
  std::string error, text = "builtin.module(tenon-plan-stage{" + options + "},tenon-tensor-stage{" +
                            options.substr(0, options.find(" memory-limit")) + "})";
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
