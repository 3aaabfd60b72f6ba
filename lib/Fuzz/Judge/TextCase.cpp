//===- TextCase.cpp - Programs of the second mode -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TextCase.h"

#include "Determinism.h"
#include "Exactness.h"
#include "RoundTrip.h"
#include "Signature.h"
#include "Stage.h"
#include "Verify.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Execution/CompiledNetwork.h"
#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Fuzz/TextMutation.h"

#include "mlir/Parser/Parser.h"

#include <deque>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Functions of one module whose stages are compared.
static constexpr size_t kMaxFunctions = 4;
/// An extent that a type leaves open.
static constexpr uint64_t kMaxDynamicExtent = 4;

namespace {
/// One function, with what it is called with and what it must compute.
struct Entry {
  std::string name;
  std::vector<HostTensor> arguments;
  Truth truth;
};
} // namespace

/// Small integers: of either sign, but for indices, which may be positions.
static void fill(HostTensor &tensor, bool isIndex, Random &random) {
  auto draw = [&] { return isIndex ? int64_t(random.below(4)) : int64_t(random.below(7)) - 3; };
  for (int64_t i = 0; i < tensor.size(); ++i) {
    int64_t real = draw();
    if (tensor.type().isComplex())
      tensor.set(i, std::complex<double>(double(real), double(draw())));
    else if (tensor.type().isBool())
      tensor.set(i, int64_t(random.below(2)));
    else
      tensor.set(i, real);
  }
}

/// The arguments of a function; none where a type is none of a host tensor's. Extents that a type
/// leaves open are what a hint says, which passes may rely on, and else one number: they mostly
/// have to agree.
static std::optional<std::vector<HostTensor>> drawArguments(func::FuncOp function, uint64_t seed) {
  llvm::Expected<Signature> signature = getSignature(function);
  if (!signature) {
    llvm::consumeError(signature.takeError());
    return std::nullopt;
  }
  Random random(seed);
  auto open = static_cast<int64_t>(1 + random.below(kMaxDynamicExtent));
  std::vector<HostTensor> arguments;
  for (auto [number, info] : llvm::enumerate(signature->inputs)) {
    Type type = function.getArgumentTypes()[number];
    std::vector<int64_t> shape = info.extents;
    if (auto hint = function.getArgAttrOfType<DenseI64ArrayAttr>(number, "tn.hint");
        hint && hint.size() == static_cast<int64_t>(shape.size()))
      for (auto [extent, hinted] : llvm::zip_equal(shape, hint.asArrayRef()))
        if (extent < 0 && hinted >= 0)
          extent = hinted;
    llvm::replace(shape, int64_t{-1}, open);
    std::optional<int64_t> count = countElements(shape);
    if (!count || *count > int64_t{1} << 20)
      return std::nullopt;
    Result<HostTensor> tensor = HostTensor::zeros({info.dtype, info.isUnsigned}, shape);
    if (!tensor)
      return std::nullopt;
    fill(*tensor, getElementTypeOrSelf(type).isIndex(), random);
    arguments.push_back(std::move(*tensor));
  }
  return arguments;
}

/// The functions of a module whose value is certain.
static std::deque<Entry> findEntries(Case &current, ModuleOp module, uint64_t dataSeed) {
  std::deque<Entry> entries;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (entries.size() == kMaxFunctions)
      break;
    if (!function.isPublic() || !findOnTensors(module, function.getName()))
      continue;
    std::optional<std::vector<HostTensor>> arguments = drawArguments(function, dataSeed);
    if (!arguments)
      continue;
    std::optional<Arithmetic> arithmetic = findArithmetic(function, *arguments);
    if (!arithmetic) {
      ++current.outcome.inconclusive;
      continue;
    }
    Interpretation said = interpretCase(function, *arguments);
    if (said.end != Interpretation::End::Results) {
      ++current.outcome.inconclusive;
      continue;
    }
    Truth truth;
    truth.arithmetic = *arithmetic;
    truth.results = std::move(said.results);
    entries.push_back({function.getName().str(), std::move(*arguments), std::move(truth)});
  }
  return entries;
}

/// False where a pass on buffers is guilty.
static bool finishAll(std::deque<StageOracle> &stages) {
  return llvm::all_of(stages, [](StageOracle &stage) { return stage.finish(); });
}

void fuzz::judgeText(Case &current, std::string_view text, const std::vector<PassStep> &passes,
                     uint64_t dataSeed) {
  current.beginPhase("parse");
  // Resources keep their names only in a context that has not seen them.
  std::optional<Session> fresh;
  if (StringRef(text).contains("dense_resource<"))
    fresh.emplace(current.options);
  Session &session = fresh ? *fresh : current.session;
  Case own{session, current.options, current.outcome, current.hash, {}, {}};
  OwningOpRef<ModuleOp> source;
  {
    DiagnosticCollector diagnostics(session.context());
    source = parseSourceString<ModuleOp>(StringRef(text), ParserConfig(&session.context()), "case");
    if (!source) {
      own.outcome.problem = "the text is no module: " + diagnostics.takeText("no diagnostic");
      return;
    }
  }
  own.types = classOfTypes(*source);
  std::deque<Entry> entries;
  std::deque<StageOracle> stages;
  if (own.asks(Oracle::Stage)) {
    own.beginPhase("interpret the source");
    entries = findEntries(own, *source, dataSeed);
    for (const Entry &entry : entries)
      stages.emplace_back(own, *source, entry.name, entry.arguments, entry.truth);
  }
  OwningOpRef<ModuleOp> module = source->clone();
  RoundTrips trips(own, passes.size());
  if (!trips.check("", 0, *module))
    return;
  std::optional<OperationFingerPrint> print;
  for (auto [number, step] : llvm::enumerate(passes)) {
    // What the passes before it have made of the module may meet a known defect, though the source
    // does not.
    own.beginPhase("guards of " + step.name);
    if (own.options.guards && !guardOf(step, *module).empty()) {
      ++own.outcome.refused;
      finishAll(stages);
      return;
    }
    PassEnd end = runPass(own, step, /*mayRefuse=*/true, *module, print);
    if (end == PassEnd::Failed)
      return;
    if (end == PassEnd::Refused) {
      finishAll(stages);
      return;
    }
    if (end == PassEnd::Changed)
      for (StageOracle &stage : stages)
        if (!stage.check(step, *module))
          return;
    if (!trips.check(step.name, number + 1, *module))
      return;
  }
  if (!finishAll(stages))
    return;
  if (own.asks(Oracle::Determinism) && own.oneIn(purpose::determinism, 8))
    checkDeterminism(own, passes, *source, *module);
}
