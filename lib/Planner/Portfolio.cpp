//===- Portfolio.cpp - Many starts, annealed ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Portfolio.h"

#include "Effort.h"
#include "IdleRule.h"
#include "Jobs.h"
#include "TreeWindow.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

using namespace tenon::planner;

namespace {

using Clock = std::chrono::steady_clock;
double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Lineages that are kept.
constexpr size_t kMostLineages = 8;

/// Of the time until the deadline, the part that goes to starts.
constexpr double kStartShare = 0.15;

/// The first annealing with a deadline takes this part of the time, each round half as much again
/// up to the longest.
constexpr double kFirstShare = 0.02, kLongestShare = 0.25;

class Portfolio {
public:
  Portfolio(const Request &request, std::span<const double> log2Extents, ScoredTree first,
            std::span<const Starter> starters)
      : request(request), budget(request.budget), quiet(request.budget), extents(log2Extents),
        starters(starters) {
    // Jobs run on several threads at once; their trees are reported here.
    quiet.progress = nullptr;
    lineages.push_back({0, std::move(first)});
    if (request.initial)
      offer({std::numeric_limits<uint64_t>::max(), scored(*request.initial)});
  }

  std::vector<ScoredTree> run();

private:
  struct Lineage {
    uint64_t start;
    ScoredTree best;
  };
  /// Trees of one round, by job.
  using Found = std::vector<std::optional<Lineage>>;

  void runStarts(uint64_t count);
  void runUntilDeadline();
  void runSteps();
  void annealRound(uint64_t count, uint64_t sweeps);
  Lineage startJob(uint64_t number);
  ContractionTree annealTree(const ContractionTree &tree, uint64_t sweeps, Random &random);
  ScoredTree scored(ContractionTree tree) const {
    Score score = scoreTree(request.network, tree, request.model, extents);
    return {std::move(tree), score};
  }
  ContractionTree polish(const ContractionTree &tree) const {
    return reconfigureDearest(request.network, tree, request.model, extents, quiet);
  }
  void offer(Lineage found);
  void noteProgress(const ScoredTree &tree);
  const ScoredTree &best() const { return lineages.front().best; }
  double movesOfSweep() const {
    return static_cast<double>(std::min<size_t>(best().tree.numSteps(), mostImprovedLeaves));
  }

  const Request &request;
  const Budget &budget;
  Budget quiet;
  std::span<const double> extents;
  std::span<const Starter> starters;
  /// Best first, each of another start.
  std::vector<Lineage> lineages;
  uint64_t startsMade = 0, annealings = 0;
  std::mutex mutex;
  Score reported;
  /// Seconds per rotation, the slowest so far.
  double secondsPerMove = 0;
};

} // namespace

void Portfolio::noteProgress(const ScoredTree &tree) {
  std::lock_guard<std::mutex> lock(mutex);
  if (reported.ops == log2Zero || tree.score.betterThan(reported))
    reported = tree.score;
  budget.report({"auto", startsMade + annealings, 0, reported});
}

void Portfolio::offer(Lineage found) {
  auto same = std::find_if(lineages.begin(), lineages.end(),
                           [&](const Lineage &other) { return other.start == found.start; });
  if (same != lineages.end()) {
    if (found.best.score.betterThan(same->best.score))
      *same = std::move(found);
  } else {
    lineages.push_back(std::move(found));
  }
  std::stable_sort(lineages.begin(), lineages.end(), [](const Lineage &a, const Lineage &b) {
    return a.best.score.betterThan(b.best.score);
  });
  if (lineages.size() > kMostLineages)
    lineages.pop_back();
}

Portfolio::Lineage Portfolio::startJob(uint64_t number) {
  const Starter &starter = starters[number % starters.size()];
  ScoredTree tree = scored(starter.make(number / starters.size()));
  ScoredTree polished = scored(polish(tree.tree));
  noteProgress(polished);
  return {number + 1,
          polished.score.betterThan(tree.score) ? std::move(polished) : std::move(tree)};
}

void Portfolio::runStarts(uint64_t count) {
  Found found(count);
  uint64_t first = startsMade;
  startsMade += count;
  runJobs(count, budget.threads, [&](uint64_t job) {
    if (!budget.expired())
      found[job] = startJob(first + job);
  });
  for (std::optional<Lineage> &lineage : found)
    if (lineage)
      offer(std::move(*lineage));
}

ContractionTree Portfolio::annealTree(const ContractionTree &tree, uint64_t sweeps,
                                      Random &random) {
  // Where annealing stands still, windows that are bisected anew help, and the other way round.
  constexpr uint32_t annealings = 4;
  constexpr double movesPerWindow = 15'000;
  if (random.below(annealings) == 0) {
    double windows = static_cast<double>(sweeps) * movesOfSweep() / movesPerWindow;
    return rearrangeDearest(request.network, tree, request.model, extents,
                            {.windows = static_cast<uint64_t>(windows) + 1, .seed = random.bits()},
                            quiet);
  }
  AnnealOptions options;
  options.sweeps = sweeps;
  options.hottest = random.logUniform(0.25, 4);
  options.coldest = random.logUniform(0.02, 0.1);
  options.seed = random.bits();
  Clock::time_point begin = Clock::now();
  ContractionTree result =
      annealDearest(request.network, tree, request.model, extents, options, quiet);
  if (!budget.expired()) {
    std::lock_guard<std::mutex> lock(mutex);
    secondsPerMove = std::max(secondsPerMove,
                              secondsSince(begin) / (static_cast<double>(sweeps) * movesOfSweep()));
  }
  return result;
}

void Portfolio::annealRound(uint64_t count, uint64_t sweeps) {
  Found found(count);
  uint64_t first = annealings;
  annealings += count;
  runJobs(count, budget.threads, [&](uint64_t job) {
    Random random(deriveSeed(budget.seed, 0x706f7274 + first + job));
    // The best of all half of the time; of the others the better ones more often.
    size_t chosen = 0;
    if (random.below(2) == 0)
      chosen = random.below(1 + random.below(static_cast<uint32_t>(lineages.size())));
    const Lineage &from = lineages[chosen];
    ScoredTree tree = scored(annealTree(from.best.tree, sweeps, random));
    // Reconfiguration saves a bit or two: a tree that is further off is not worth it.
    constexpr double far = 3;
    if (tree.score.cost < from.best.score.cost + far)
      tree = scored(polish(tree.tree));
    noteProgress(tree);
    found[job] = Lineage{from.start, std::move(tree)};
  });
  for (std::optional<Lineage> &lineage : found)
    offer(std::move(*lineage));
}

void Portfolio::runUntilDeadline() {
  Clock::time_point begin = Clock::now();
  double whole = std::chrono::duration<double>(*budget.deadline - begin).count();
  uint64_t threads = std::max(budget.threads, 1u);
  do
    runStarts(std::max<uint64_t>(threads, starters.size()));
  while (!budget.expired() && secondsSince(begin) < kStartShare * whole &&
         startsMade < 1000 * starters.size());
  // A guess, until the first annealing is measured.
  constexpr double guessedSecondsPerMove = 1e-7;
  IdleRule idle;
  for (double share = kFirstShare; !budget.expired() && !idle.isOver();
       share = std::min(1.5 * share, kLongestShare)) {
    double left = whole - secondsSince(begin), seconds = share * whole;
    // What would be left after this round goes to it.
    if (left < 1.5 * seconds)
      seconds = 0.95 * left;
    double perSweep =
        movesOfSweep() * (secondsPerMove > 0 ? secondsPerMove : guessedSecondsPerMove);
    uint64_t sweeps = std::max<uint64_t>(10, static_cast<uint64_t>(seconds / perSweep));
    Score before = best().score;
    annealRound(threads, sweeps);
    idle.note(static_cast<double>(threads * sweeps) * movesOfSweep(),
              best().score.betterThan(before));
  }
}

void Portfolio::runSteps() {
  // A start is worth some hundred rotations for every tensor.
  constexpr double movesPerTensor = 250;
  auto worth = [&] { return rotationsWorth(best().score.ops); };
  double ofStart = movesPerTensor * static_cast<double>(request.network.numTensors());
  // The same whatever the threads. Two starts in any case.
  constexpr uint64_t together = 2;
  uint64_t mostStarts = std::clamp<uint64_t>(budget.restarts / 8, 1, kMostLineages);
  do
    runStarts(std::min(together, mostStarts - startsMade));
  while (startsMade < mostStarts && static_cast<double>(startsMade) * ofStart < worth());
  double work = worth();
  constexpr uint64_t jobs = 4, rounds = 2;
  uint64_t sweeps = static_cast<uint64_t>(work / (movesOfSweep() * jobs * rounds));
  constexpr uint64_t fewestSweeps = 100;
  if (sweeps < fewestSweeps)
    return;
  for (uint64_t round = 0; round < rounds && !budget.expired(); ++round)
    annealRound(jobs, sweeps);
}

std::vector<ScoredTree> Portfolio::run() {
  // One step or none: there is one tree only.
  if (best().tree.numSteps() >= 2)
    budget.deadline ? runUntilDeadline() : runSteps();
  std::vector<ScoredTree> trees;
  for (Lineage &lineage : lineages)
    trees.push_back(std::move(lineage.best));
  return trees;
}

std::vector<ScoredTree> tenon::planner::searchPortfolio(const Request &request,
                                                        std::span<const double> log2Extents,
                                                        ScoredTree first,
                                                        std::span<const Starter> starters) {
  return Portfolio(request, log2Extents, std::move(first), starters).run();
}
