//===- GreedyStrategy.cpp - The strategies greedy and random-greedy -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BestOfRuns.h"
#include "GreedySampler.h"
#include "Strategies.h"

#include <condition_variable>
#include <mutex>

using namespace tenon::planner;

/// A run; the first of all gives a tree in any case.
static std::optional<ScoredTree> runOf(GreedySearch &search, const Request &request,
                                       const GreedyOptions &options, uint64_t number) {
  if (number == 0)
    return search.runFirst(request.model, options, request.budget);
  return search.runWithin(request.model, options, request.budget);
}

ScoredTree tenon::planner::bestOfRestarts(const Request &request,
                                          std::span<const double> log2Extents, uint64_t first,
                                          uint64_t count) {
  auto makeRunner = [&] {
    return [&, search = GreedySearch(request.network, log2Extents)](uint64_t number) mutable {
      return runOf(search, request, restartOptions(request.budget.seed, first + number), number);
    };
  };
  // Run 0 is always made.
  return std::move(*bestOfRuns(request.budget, count, "random-greedy", makeRunner));
}

namespace {

class GreedyStrategy final : public Strategy {
public:
  std::string_view name() const override { return "greedy"; }
  std::string_view summary() const override {
    return "contract the pair that shrinks most, in near-linear time";
  }
  Result<SlicedTree> search(const Request &request) const override {
    std::vector<double> extents = request.network.log2Extents();
    GreedySearch search(request.network, extents);
    return SlicedTree{search.runFirst(request.model, GreedyOptions{}, request.budget).tree, {}};
  }
};

class RandomGreedyStrategy final : public Strategy {
public:
  std::string_view name() const override { return "random-greedy"; }
  std::string_view summary() const override {
    return "the best of many greedy runs, whose exponent and temperature adapt to the network";
  }
  Result<SlicedTree> search(const Request &request) const override;
};

/// Runs in generations: those of one know the outcomes of all before, whatever the threads, which
/// are the same throughout: one that is made may take a signal from the thread that it is for.
class AdaptiveRuns {
public:
  AdaptiveRuns(const Request &request, std::string_view name)
      : request(request), budget(request.budget), name(name), sampler(request.budget.seed),
        restarts(std::max<uint64_t>(request.budget.restarts, 1)) {
    beginGeneration();
  }

  ContractionTree run(std::span<const double> log2Extents) {
    runOnThreads(std::min<uint64_t>(budget.threads, std::min(generation, restarts)),
                 [&] { work(log2Extents); });
    return std::move(best->tree);
  }

private:
  static constexpr uint64_t generation = 16;

  struct Run {
    GreedyOptions options;
    std::optional<ScoredTree> found;
  };

  /// The options of the next runs, all that are known by now.
  void beginGeneration() {
    runs.clear();
    for (uint64_t number = first; number < std::min(first + generation, restarts); ++number)
      runs.push_back({sampler.sample(number), std::nullopt});
    next = finished = 0;
  }

  /// Learns in the order of the runs.
  void endGeneration() {
    for (Run &run : runs) {
      if (!run.found)
        continue;
      sampler.learn(run.options, run.found->score);
      if (!best || run.found->score.betterThan(best->score))
        best = std::move(run.found);
    }
    first += runs.size();
    isOver = first >= restarts || budget.expired();
    if (!isOver)
      beginGeneration();
    changed.notify_all();
  }

  void work(std::span<const double> log2Extents) {
    GreedySearch search(request.network, log2Extents);
    std::unique_lock lock(mutex);
    while (!isOver) {
      if (next == runs.size()) {
        uint64_t before = first;
        changed.wait(lock, [&] { return isOver || first != before; });
        continue;
      }
      Run &run = runs[next++];
      // There is always a tree: run 0 is made in any case.
      uint64_t number = first + next - 1;
      if (number == 0 || !budget.expired()) {
        lock.unlock();
        std::optional<ScoredTree> found = runOf(search, request, run.options, number);
        lock.lock();
        if (found) {
          if (made++ == 0 || found->score.betterThan(reported))
            reported = found->score;
          budget.report({name, made, restarts, reported});
        }
        run.found = std::move(found);
      }
      if (++finished == runs.size())
        endGeneration();
    }
  }

  const Request &request;
  const Budget &budget;
  const std::string_view name;
  std::mutex mutex;
  std::condition_variable changed;
  GreedySampler sampler;
  const uint64_t restarts;
  /// Of the generation: its first run's number, its runs, how many were begun and are finished.
  uint64_t first = 0;
  std::vector<Run> runs;
  size_t next = 0, finished = 0;
  bool isOver = false;
  uint64_t made = 0;
  Score reported;
  std::optional<ScoredTree> best;
};

} // namespace

Result<SlicedTree> RandomGreedyStrategy::search(const Request &request) const {
  return SlicedTree{AdaptiveRuns(request, name()).run(request.network.log2Extents()), {}};
}

std::unique_ptr<Strategy> tenon::planner::makeGreedyStrategy() {
  return std::make_unique<GreedyStrategy>();
}

std::unique_ptr<Strategy> tenon::planner::makeRandomGreedyStrategy() {
  return std::make_unique<RandomGreedyStrategy>();
}
