//===- AutoStrategy.cpp - The strategy auto -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BisectionTree.h"
#include "Elimination.h"
#include "Portfolio.h"
#include "Preprocess.h"
#include "Strategies.h"
#include "TreeWindow.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Exact.h"

#include <algorithm>

using namespace tenon::planner;

/// The best of some runs of elimination; nothing where the network is too dense for it.
static std::optional<ScoredTree> bestEliminated(const Request &request,
                                                const EliminationSearch &elimination,
                                                const Budget &budget, uint64_t first,
                                                uint64_t count) {
  std::optional<ScoredTree> best;
  for (uint64_t number = first; number < first + count; ++number) {
    std::optional<ScoredTree> found =
        elimination.run(request.model, eliminationOptions(budget.seed, number), budget);
    if (!found)
      return best;
    if (!best || found->score.betterThan(best->score))
      best = std::move(found);
  }
  return best;
}

namespace {

/// Exact where that is affordable; else the portfolio on a smaller network.
class AutoStrategy final : public Strategy {
public:
  std::string_view name() const override { return "auto"; }
  std::string_view summary() const override {
    return "optimal if affordable, else trees of several kinds, annealed and reconfigured";
  }

  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> whole = request.network.log2Extents();
    Preprocessed lossless = preprocess(request.network, whole);
    std::vector<double> extents = lossless.network().log2Extents();
    ScoredTree first = GreedySearch(lossless.network(), extents)
                           .runFirst(request.model, GreedyOptions{}, request.budget);
    ContractionTree plain = lossless.expand(first.tree);
    auto scoreOf = [&](const ContractionTree &tree) {
      return scoreTree(request.network, tree, request.model, whole);
    };
    request.budget.report({"greedy", 1, 1, scoreOf(plain)});
    Request smaller{lossless.network(), request.model,
                    reportingWhole(request, lossless.steps().size(), plain, whole)};
    auto finish = [&](ContractionTree tree) -> Result<SlicedTree> {
      request.budget.report({"auto", 1, 1, scoreOf(tree)});
      return SlicedTree{std::move(tree), {}};
    };
    if (std::optional<ContractionTree> exact = provenTree(request, lossless))
      return finish(std::move(*exact));

    constexpr double log2Allowance = -8;
    double known = quickestKnown(smaller, extents, first.score.ops);
    Preprocessed reduced = preprocess(request.network, whole, known + log2Allowance);
    ContractionTree tree = searchReduced(request, reduced, whole);
    // What was joined beforehand may find a better place, where that matters.
    tree = reconfigureDearest(request.network, tree, request.model, whole, request.budget);
    // With little time, joining beforehand can do harm.
    return finish(scoreOf(plain).betterThan(scoreOf(tree)) ? std::move(plain) : std::move(tree));
  }

private:
  static std::optional<ContractionTree> provenTree(const Request &request,
                                                   const Preprocessed &lossless);
  static double quickestKnown(const Request &request, std::span<const double> log2Extents,
                              double greedy);
  static Budget reportingWhole(const Request &request, size_t stepsTaken,
                               const ContractionTree &tree, std::span<const double> log2Extents);
  static ContractionTree searchReduced(const Request &request, const Preprocessed &reduced,
                                       std::span<const double> whole);
};

} // namespace

/// The best tree, if exact search is affordable. `lossless`: the network, smaller.
std::optional<ContractionTree> AutoStrategy::provenTree(const Request &request,
                                                        const Preprocessed &lossless) {
  Budget budget = request.budget;
  if (budget.expired())
    return std::nullopt;
  // With a deadline it gets a part of the time.
  using Clock = std::chrono::steady_clock;
  constexpr double share = 0.5;
  if (budget.deadline)
    budget.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                         share * (*budget.deadline - Clock::now()));
  // Some tenths of a second at most. Of larger networks few are solved at all, and those soon.
  constexpr NodeId fewTensors = 32;
  constexpr uint64_t shareOfFew = 2, shareOfMany = 40;
  const Network &whole = request.network, &smaller = lossless.network();
  bool isLossless = isPreprocessingLossless(request.model) || whole.numTensors() > maxSparseLeaves;
  const Network &searched = isLossless ? smaller : whole;
  budget.exactPairs /= searched.numTensors() > fewTensors ? shareOfMany : shareOfFew;
  Result<ContractionTree> found =
      exactTree({searched, request.model, budget}, searched.log2Extents());
  if (!found)
    return std::nullopt;
  ContractionTree tree = isLossless ? lossless.expand(*found) : std::move(*found);
  request.budget.report(
      {"optimal", 1, 1, scoreTree(whole, tree, request.model, whole.log2Extents())});
  return tree;
}

/// log2 of the multiply-adds of a tree that is found in little time. Greedy's alone can be eight
/// decades too dear.
double AutoStrategy::quickestKnown(const Request &request, std::span<const double> log2Extents,
                                   double greedy) {
  EliminationSearch elimination(request.network, log2Extents, request.budget);
  constexpr uint64_t tries = 8;
  std::optional<ScoredTree> found = bestEliminated(request, elimination, request.budget, 0, tries);
  return found ? std::min(greedy, found->score.ops) : greedy;
}

/// The request's budget for a search in a smaller network: what that reports is without the steps
/// that were taken beforehand, the first `stepsTaken` of `tree`; they are added.
Budget AutoStrategy::reportingWhole(const Request &request, size_t stepsTaken,
                                    const ContractionTree &tree,
                                    std::span<const double> log2Extents) {
  Budget budget = request.budget;
  if (!budget.progress || stepsTaken == 0)
    return budget;
  NodeIndices indices(request.network, tree);
  ScoreSum sum(request.model);
  for (size_t step = 0; step < stepsTaken; ++step)
    sum.add(stepSizes(tree, indices, step, log2Extents));
  bool isSum = request.model.accumulation() == Accumulation::Sum;
  budget.progress = [report = request.budget.progress, taken = sum.score(),
                     isSum](Progress progress) {
    Score &best = progress.best;
    // What only counts steps says nothing of a tree.
    if (best.cost != log2Zero) {
      best.cost = isSum ? log2Add(best.cost, taken.cost) : std::max(best.cost, taken.cost);
      best.ops = log2Add(best.ops, taken.ops);
    }
    report(progress);
  };
  return budget;
}

ContractionTree AutoStrategy::searchReduced(const Request &request, const Preprocessed &reduced,
                                            std::span<const double> whole) {
  const Network &network = reduced.network();
  std::vector<double> extents = network.log2Extents();
  ScoredTree first =
      GreedySearch(network, extents).runFirst(request.model, GreedyOptions{}, request.budget);
  if (network.numTensors() < 3)
    return reduced.expand(first.tree);
  Request smaller{
      network, request.model,
      reportingWhole(request, reduced.steps().size(), reduced.expand(first.tree), whole)};
  std::optional<ContractionTree> initial;
  if (request.initial)
    smaller.initial = &initial.emplace(reduced.restrict(*request.initial));

  // A restart's time grows with the network: large ones get fewer.
  constexpr uint64_t tensorsPerSearch = 60'000;
  uint64_t perStart = std::clamp<uint64_t>(tensorsPerSearch / network.numTensors(), 1, 16);
  Budget oneThread = request.budget;
  oneThread.threads = 1;
  oneThread.progress = nullptr;
  auto greedy = [&](const CostModel &model, uint64_t number) {
    return bestOfRestarts({network, model, oneThread}, extents, number * perStart, perStart).tree;
  };
  SizeModel size;
  EliminationSearch elimination(network, extents, request.budget);
  // On some networks, model counting among them, no greedy tree chosen by operations comes near
  // one that was first made narrow.
  std::vector<Starter> starters;
  // The most promising first: little time may be worth spending.
  starters.push_back({"elimination", [&](uint64_t number) {
                        return bestEliminated(smaller, elimination, oneThread, number * perStart,
                                              perStart)
                            .value_or(first)
                            .tree;
                      }});
  starters.push_back(
      {"bisection", [&](uint64_t number) {
         BisectionSearch search(network, extents, request.model, worstCostFrom(first.score.cost));
         constexpr uint64_t together = 8;
         return search.bestOf(request.budget.seed, number * together, together, oneThread)
             .value_or(first)
             .tree;
       }});
  starters.push_back({"greedy", [&](uint64_t number) { return greedy(request.model, number); }});
  starters.push_back({"narrow", [&](uint64_t number) { return greedy(size, number); }});
  // A copy: starters that are stopped return the first tree.
  std::vector<ScoredTree> found = searchPortfolio(smaller, extents, first, starters);
  if (request.others)
    for (const ScoredTree &other : std::span(found).subspan(1))
      request.others->push_back(reduced.expand(other.tree));
  return reduced.expand(found.front().tree);
}

std::unique_ptr<Strategy> tenon::planner::makeAutoStrategy() {
  return std::make_unique<AutoStrategy>();
}
