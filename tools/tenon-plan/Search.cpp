//===- Search.cpp - Plans the contractions of a function ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Search.h"

#include "Figures.h"

#include "tenon-c/Runtime.h"
#include "tenon/Dialect/TN/IR/PlaceInFile.h"
#include "tenon/Dialect/TN/Transforms/OperandDensity.h"
#include "tenon/Dialect/TN/Transforms/PlannerInput.h"
#include "tenon/Execution/DiagnosticCollector.h"

#include "mlir/IR/MLIRContext.h"

#include <map>

using namespace mlir;
using namespace tenon;
using namespace tenon::plan;
using Clock = std::chrono::steady_clock;

/// The numbers of a common x86-64 server, which tn-plan takes where nothing else is said.
static constexpr std::string_view kProcessor = "512/32/1/32768/1048576/16777216";

static unsigned countThreads(int32_t asked) {
  if (asked > 0)
    return asked;
  tenon_context *context = tenon_context_create(0);
  unsigned threads = context ? tenon_context_threads(context) : 1;
  tenon_context_destroy(context);
  return threads;
}

namespace {
/// Shows the state of a search a few times a second.
class SearchProgress {
public:
  SearchProgress(const PlanRequest &request, Clock::time_point start)
      : line(request.progress), start(start), method(request.method) {}

  void show(const planner::Progress &state) {
    Clock::time_point now = Clock::now();
    record(state, std::chrono::duration<double>(now - begin).count());
    // What works for a strategy may look at trees that it is not asked for, say narrow ones.
    if (state.strategy == method && std::isfinite(state.best.cost))
      best = std::min(best, state.best.cost);
    if (!line.isOn() || now - last < std::chrono::milliseconds(100))
      return;
    last = now;
    std::string text;
    llvm::raw_string_ostream os(text);
    os << llvm::format("%.1f s  ", std::chrono::duration<double>(now - start).count())
       << llvm::StringRef(state.strategy.data(), state.strategy.size());
    if (state.steps > 0)
      os << " " << state.step << "/" << state.steps;
    double shown = std::isfinite(best) ? best : state.best.cost;
    if (std::isfinite(shown))
      os << "  best " << formatPower(shown);
    line.show(text);
  }
  /// What comes is about another contraction.
  void restart() {
    best = std::numeric_limits<double>::infinity();
    begin = Clock::now();
    bestOf.clear();
  }
  /// The improvements since `restart`.
  std::vector<SearchEvent> takeEvents() { return std::exchange(events, {}); }

private:
  void record(const planner::Progress &state, double seconds) {
    // The exact search has nothing until it has all.
    if (!std::isfinite(state.best.cost))
      return;
    std::string strategy(state.strategy);
    auto [known, isNew] = bestOf.try_emplace(strategy, state.best.cost);
    if (!isNew && state.best.cost >= known->second)
      return;
    known->second = state.best.cost;
    events.push_back({seconds, std::move(strategy), state.best.cost});
  }

  StatusLine line;
  Clock::time_point start, begin, last;
  std::string method;
  std::map<std::string, double> bestOf;
  std::vector<SearchEvent> events;
  /// log2, of the method that the user chose.
  double best = std::numeric_limits<double>::infinity();
};
} // namespace

std::vector<double> PlannedContraction::log2Runs() const {
  std::vector<bool> isSliced(network.numIndices()), varies;
  for (planner::IndexId index : plan.sliced)
    isSliced[index] = true;
  for (planner::NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
    varies.push_back(llvm::any_of(network.tensor(tensor),
                                  [&](planner::IndexId index) { return isSliced[index]; }));
  std::vector<double> runs;
  for (const planner::Step &step : plan.tree.steps()) {
    varies.push_back(varies[step.lhs] || varies[step.rhs]);
    runs.push_back(varies.back() ? std::log2(plan.cost.slices) : 0);
  }
  return runs;
}

std::vector<double> PlannedContraction::log2SliceExtents() const {
  std::vector<double> extents;
  for (planner::IndexId index = 0; index < network.numIndices(); ++index)
    extents.push_back(std::log2(double(network.extent(index))));
  for (planner::IndexId index : plan.sliced)
    extents[index] = 0;
  return extents;
}

static planner::PlanOptions makeOptions(const PlanRequest &request, unsigned threads) {
  planner::PlanOptions options;
  options.strategy = request.method;
  options.costModel = request.minimize;
  if (request.alpha)
    options.alpha = *request.alpha;
  options.budget.seed = request.seed;
  options.budget.threads = threads;
  if (request.restarts)
    options.budget.restarts = *request.restarts;
  options.slicing.seed = request.seed;
  options.slicing.largest = request.largest;
  if (request.memoryLimit > 0)
    options.slicing.peakBytes = static_cast<double>(request.memoryLimit);
  return options;
}

/// Adds the figures of contractions of another block, which run at another time.
static void addCost(planner::GraphCost &all, const planner::GraphCost &cost) {
  all.ops = planner::saturate(all.ops + cost.ops);
  all.log2Ops = planner::log2Add(all.log2Ops, cost.log2Ops);
  all.unsharedOps = planner::saturate(all.unsharedOps + cost.unsharedOps);
  all.log2UnsharedOps = planner::log2Add(all.log2UnsharedOps, cost.log2UnsharedOps);
  all.writes = planner::saturate(all.writes + cost.writes);
  all.largest = std::max(all.largest, cost.largest);
  all.slices = std::max(all.slices, cost.slices);
  all.peakBytes = std::max(all.peakBytes, cost.peakBytes);
  all.steps += cost.steps;
  all.sharedSteps += cost.sharedSteps;
}

llvm::Expected<PlannedFunction> plan::planContractions(func::FuncOp function,
                                                       const PlanRequest &request,
                                                       Clock::time_point start,
                                                       const std::atomic<bool> &stop) {
  if (function->hasAttr("tn.plan"))
    return llvm::createStringError(
        "function '" + function.getName() +
        "' is planned already (it has tn.plan); give the IR before tn-plan");
  SmallVector<tn::ContractOp> contractions;
  function.walk([&](tn::ContractOp op) { contractions.push_back(op); });
  if (contractions.empty())
    return llvm::createStringError("function '" + function.getName() +
                                   "' has no tn.contract; there is nothing to plan");

  unsigned threads = countThreads(request.threads);
  planner::PlanOptions options = makeOptions(request, threads);
  options.budget.cancel = &stop;
  SearchProgress progress(request, start);
  options.budget.progress = [&](const planner::Progress &state) { progress.show(state); };
  planner::Result<planner::MeasuredTimes> times = tn::readTimes(request.timeTable);
  if (!times)
    return llvm::createStringError("--time-table: " + times.error());
  DiagnosticCollector diagnostics(*function.getContext());
  auto groups = tn::groupByBlock(contractions);
  PlannedFunction planned;
  size_t left = contractions.size();
  for (auto &[block, members] : groups) {
    progress.restart();
    Clock::time_point begin = Clock::now();
    if (request.timeLimit) {
      auto end = start + std::chrono::duration_cast<Clock::duration>(
                             std::chrono::duration<double>(*request.timeLimit));
      options.budget.deadline = begin + (end - begin) * int64_t(members.size()) / int64_t(left);
    }
    left -= members.size();
    tn::ContractionGraph graph(options, threads, cpu::Processor::fromText(kProcessor), *times);
    for (tn::ContractOp op : members) {
      FailureOr<planner::Network> network = tn::makePlannerNetwork(op);
      if (failed(network))
        return diagnostics.takeError("the contraction cannot be planned");
      if (request.isSparse)
        tn::setDensities(op, *network);
      if (failed(graph.add(op, std::move(*network), /*isLimited=*/true,
                           request.improves ? tn::GivenPaths::StartFrom : tn::GivenPaths::Follow)))
        return diagnostics.takeError("the contraction cannot be planned");
    }
    FailureOr<planner::GraphPlan> plan = graph.plan();
    if (failed(plan))
      return diagnostics.takeError("the contraction cannot be planned");
    double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    for (auto [number, op] : llvm::enumerate(members)) {
      const planner::GraphNetwork &part = graph.networks().networks[number];
      const planner::PlannedNetwork &found = plan->networks[number];
      auto predict = [&](const std::vector<bool> &isComputed) {
        return graph.timesOf(number).predict(part.network, found.plan.tree, found.plan.sliced,
                                             found.plan.cost.peakBytes, isComputed);
      };
      planned.contractions.push_back({op, part.network, part.memory, found.plan,
                                      part.given.has_value(), seconds, predict({}), threads,
                                      progress.takeEvents()});
      planned.predictedSeconds += predict(found.isComputed);
    }
    addCost(planned.together, plan->cost);
  }
  return planned;
}
