//===- Judge.cpp - Runs a case past every oracle --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Judge.h"

#include "ConstantRange.h"
#include "Determinism.h"
#include "Metamorphic.h"
#include "Native.h"
#include "Pipelines.h"
#include "RoundTrip.h"
#include "Signature.h"
#include "Stage.h"
#include "TextCase.h"
#include "Verify.h"

#include "tenon/Execution/KernelCache.h"
#include "tenon/Fuzz/Program.h"
#include "tenon/Fuzz/RegisterPasses.h"
#include "tenon/Support/MixBits.h"

#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Cases of one context: types and attributes are never freed.
static constexpr unsigned kCasesOfContext = 5000;

struct Judge::State {
  JudgeOptions options;
  std::unique_ptr<Session> session;
  unsigned casesOfSession = 0;

  Session &use() {
    if (!session || ++casesOfSession > kCasesOfContext) {
      session.reset();
      session = std::make_unique<Session>(options);
      casesOfSession = 1;
    }
    return *session;
  }
};

Judge::Judge(JudgeOptions options) : state(std::make_unique<State>()) {
  state->options = std::move(options);
  registerFuzzPasses();
  // Kernels of cases are nothing to keep for other processes.
  KernelCache::get().setDisk(std::nullopt, 0);
}

Judge::~Judge() = default;

const JudgeOptions &Judge::options() const { return state->options; }

namespace {
/// A genome, its data and what it must compute.
struct Subject {
  const Genome &genome;
  OwningOpRef<ModuleOp> source;
  std::vector<HostTensor> arguments;
  std::optional<Truth> truth; ///< none where the interpreter reached a limit, or nobody asks
};
} // namespace

static bool asksForTruth(const Case &current) {
  return current.asks(Oracle::Stage) || current.asks(Oracle::Native) ||
         current.asks(Oracle::Pipelines) || current.asks(Oracle::Metamorphic);
}

/// Whether an infinity can be met though the data have none: the zeros of tropical semirings, and
/// sums that are too large for the type that they are rounded to.
static bool mayMeetInfinity(const Genome &genome, ArrayRef<HostTensor> arguments) {
  for (const Node &node : genome.nodes) {
    bool hasSpecial = node.kind == NodeKind::Constant && node.flavour == uint8_t(Content::Special);
    if (isContraction(node) && node.element != node.accumulate)
      return true;
    if (hasSpecial || node.semiring == Semiring::MaxPlus || node.semiring == Semiring::MinPlus)
      return true;
  }
  return !llvm::all_of(arguments, isFinite);
}

/// Interprets the source. Counts a case without a truth.
static void findTruth(Case &current, Subject &subject) {
  current.beginPhase("interpret the source");
  subject.arguments = makeArguments(subject.genome);
  Interpretation said = interpretCase(findOnTensors(*subject.source, "main"), subject.arguments);
  if (said.end != Interpretation::End::Results) {
    ++current.outcome.inconclusive;
    return;
  }
  Truth truth;
  truth.arithmetic = arithmeticOf(subject.genome);
  truth.results = std::move(said.results);
  truth.mayMeetInfinity = mayMeetInfinity(subject.genome, subject.arguments);
  auto take = [&](llvm::Expected<std::vector<HostTensor>> known, std::vector<HostTensor> &into) {
    if (!known) {
      llvm::consumeError(known.takeError());
      ++current.outcome.inconclusive;
      return false;
    }
    into = std::move(*known);
    return true;
  };
  MLIRContext &context = current.session.context();
  if (truth.arithmetic == Arithmetic::Bound &&
      !take(errorBounds(subject.genome, context), truth.bounds))
    return;
  if (truth.mayMeetInfinity && !take(certainNaNs(subject.genome, context), truth.certainNaNs))
    return;
  subject.truth = std::move(truth);
}

/// Runs the passes of a genome. False where one has failed or is guilty of another result; true
/// with `numRun` passes done where they went through or one has refused.
static bool runPasses(Case &current, const Subject &subject, ModuleOp module, size_t &numRun) {
  const Genome &genome = subject.genome;
  std::optional<StageOracle> stages;
  if (subject.truth && current.asks(Oracle::Stage))
    stages.emplace(current, module, "main", subject.arguments, *subject.truth);
  RoundTrips trips(current, genome.passes.size());
  if (!trips.check("", 0, module))
    return false;
  std::optional<OperationFingerPrint> print;
  for (numRun = 0; numRun < genome.passes.size(); ++numRun) {
    const PassStep &step = genome.passes[numRun];
    PassEnd end =
        runPass(current, step, findPass(step.name) && mayRefuse(genome, numRun), module, print);
    if (end == PassEnd::Failed)
      return false;
    if (end == PassEnd::Refused)
      return !stages || stages->finish();
    if (end == PassEnd::Changed && stages && !stages->check(step, module))
      return false;
    if (!trips.check(step.name, numRun + 1, module))
      return false;
  }
  return !stages || stages->finish();
}

/// A share of the cases is compiled with all its kernels, each of which takes a tenth of a second.
/// Lowering takes milliseconds: of so many times as many, those are run that want few new kernels.
static constexpr double kLoweredCases = 16, kNewKernels = 4;

/// How many kernels may be compiled for a case: any number for `share` of the draws, and the fewer
/// the larger the draw is; none: it is not lowered.
static std::optional<size_t> drawMostNewKernels(uint64_t draw, double share) {
  double drawn = double(draw >> 11) * 0x1p-53;
  if (drawn < share)
    return SIZE_MAX;
  if (drawn >= kLoweredCases * share)
    return std::nullopt;
  return size_t(kNewKernels * share / drawn);
}

/// Native code of the source, and of what the passes left.
static void runNative(Case &current, const Subject &subject, ModuleOp left, StringRef lastPass,
                      size_t mostNewKernels) {
  NativeData data;
  data.mostNewKernels = mostNewKernels;
  // What LLVM makes of a kernel for its speed is looked at less often than Tenon's part.
  data.effort = current.oneIn(purpose::effort, 4) ? KernelEffort::Full : KernelEffort::Quick;
  data.arguments = subject.arguments;
  data.threads = std::clamp<unsigned>(subject.genome.threads, 1, 2);
  for (const Node &node : subject.genome.nodes)
    if (node.kind == NodeKind::Argument)
      data.layouts.push_back(node.layout);
  size_t findings = current.outcome.findings.size();
  checkNative(current, "native", subject.source.get(), "main", data, *subject.truth,
              /*mayRefuse=*/false);
  if (current.outcome.findings.size() == findings && left && !lastPass.empty())
    checkNative(current, ("native after " + lastPass).str(), left, "main", data, *subject.truth,
                /*mayRefuse=*/true);
}

Outcome Judge::run(const Genome &genome) {
  Outcome outcome;
  Session &session = state->use();
  Case current{session, state->options, outcome, state->options.draws.value_or(hashOf(genome)), {},
               {}};
  current.beginPhase("build");
  Subject subject{genome, {}, {}, {}};
  llvm::Expected<OwningOpRef<ModuleOp>> built = buildModule(genome, session.context());
  if (!built) {
    current.report(Oracle::Verifier, "", llvm::toString(built.takeError()));
    return outcome;
  }
  subject.source = std::move(*built);
  current.types = classOfTypes(*subject.source);
  if (asksForTruth(current))
    findTruth(current, subject);
  if (current.asks(Oracle::Stage) && !checkConstantRange(current, genome, *subject.source))
    return outcome;

  OwningOpRef<ModuleOp> module = subject.source->clone();
  size_t numRun = 0;
  if (!runPasses(current, subject, *module, numRun))
    return outcome;
  bool allRan = numRun == genome.passes.size();
  if (current.asks(Oracle::Determinism) && allRan && current.oneIn(purpose::determinism, 8))
    checkDeterminism(current, genome.passes, *subject.source, *module);
  if (!subject.truth || !outcome.findings.empty())
    return outcome;
  if (current.asks(Oracle::Native))
    if (std::optional<size_t> most =
            drawMostNewKernels(current.draw(purpose::native), state->options.nativeShare))
      runNative(current, subject, allRan ? *module : ModuleOp(),
                genome.passes.empty() ? StringRef() : genome.passes.back().name, *most);
  if (current.asks(Oracle::Pipelines) && outcome.findings.empty() &&
      current.oneIn(purpose::pipeline, 3))
    checkPipeline(current, *subject.source, "main", subject.arguments, *subject.truth);
  if (current.asks(Oracle::Metamorphic) && outcome.findings.empty() &&
      current.oneIn(purpose::metamorphic, 3))
    checkRelation(current, genome, subject.arguments, *subject.truth);
  return outcome;
}

uint64_t Judge::hashOf(const Genome &genome) { return hashGenome(genome); }

/// A case of the second mode has no other name than what it is.
uint64_t Judge::hashOf(std::string_view text, const std::vector<PassStep> &passes,
                       uint64_t dataSeed) {
  auto hash = [](std::string_view bytes) {
    return llvm::xxh3_64bits(
        ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
  };
  uint64_t all = mixBits(hash(text) ^ dataSeed);
  for (const PassStep &step : passes)
    all = mixBits(all ^ hash(step.name)) ^ hash(step.options);
  return all;
}

Outcome Judge::run(std::string_view mlirText, const std::vector<PassStep> &passes,
                   uint64_t dataSeed) {
  Outcome outcome;
  Session &session = state->use();
  Case current{session, state->options,
               outcome, state->options.draws.value_or(hashOf(mlirText, passes, dataSeed)),
               {},      {}};
  judgeText(current, mlirText, passes, dataSeed);
  return outcome;
}
