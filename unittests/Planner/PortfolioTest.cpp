//===- PortfolioTest.cpp - The strategy auto and its parts ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TestNetworks.h"
#include "tenon/Planner/Cost.h"
#include "tenon/Planner/Greedy.h"
#include "tenon/Planner/Strategy.h"

#include <gtest/gtest.h>

#include <thread>

using namespace tenon::planner;
using namespace tenon::planner::test;

static ContractionTree searchBy(std::string_view strategy, const Network &network,
                                const Budget &budget) {
  StrategyRegistry registry;
  Result<const Strategy *> found = registry.find(strategy);
  EXPECT_TRUE(found.ok());
  FlopsModel model;
  Result<SlicedTree> tree = (*found)->search({network, model, budget});
  EXPECT_TRUE(tree.ok());
  EXPECT_EQ(ContractionTree::check(network.numTensors(), tree->tree.steps()), std::nullopt);
  return tree->tree;
}

TEST(Portfolio, ThreadsChangeOnlyTheTime) {
  Network network = makeRandomRegularNetwork(7, 80);
  Budget budget;
  budget.seed = 5;
  for (std::string_view strategy : {"auto", "annealing"}) {
    ContractionTree one = searchBy(strategy, network, budget);
    for (unsigned threads : {2, 3, 8}) {
      budget.threads = threads;
      EXPECT_EQ(searchBy(strategy, network, budget), one) << strategy << " on " << threads;
    }
    budget.threads = 1;
  }
}

TEST(Portfolio, BeatsReconfiguration) {
  // A random cubic graph: what greedy begins, reconfiguration does not mend.
  Network network = makeRandomRegularNetwork(3, 120);
  double reconfigured =
      evaluateTree(network, searchBy("reconfiguration", network, Budget())).log2Ops;
  EXPECT_LT(evaluateTree(network, searchBy("auto", network, Budget())).log2Ops, reconfigured - 0.5);
  EXPECT_LT(evaluateTree(network, searchBy("annealing", network, Budget())).log2Ops,
            reconfigured - 0.5);
}

TEST(Portfolio, WorksUntilTheDeadline) {
  using Clock = std::chrono::steady_clock;
  Network network = makeRandomRegularNetwork(9, 200);
  for (std::string_view strategy : {"auto", "annealing"}) {
    Clock::time_point begin = Clock::now();
    Budget budget;
    budget.threads = 2;
    budget.deadline = begin + std::chrono::milliseconds(300);
    searchBy(strategy, network, budget);
    double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    EXPECT_GE(seconds, 0.2) << strategy;
    EXPECT_LT(seconds, 3) << strategy;
  }
}

TEST(Portfolio, StopsWhenCancelled) {
  Network network = makeRandomRegularNetwork(11, 300);
  std::atomic<bool> cancel = false;
  Budget budget;
  budget.cancel = &cancel;
  budget.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  Score last;
  int improvements = 0;
  budget.progress = [&](const Progress &progress) {
    EXPECT_FALSE(last.ops != log2Zero && progress.strategy == "auto" &&
                 last.betterThan(progress.best));
    if (progress.strategy == "auto")
      last = progress.best;
    cancel = ++improvements > 20;
  };
  searchBy("auto", network, budget);
  EXPECT_GT(improvements, 20);
}

/// Planning compares its result with the path; that the search itself goes on from it is another
/// thing.
TEST(Portfolio, GoesOnFromTheInitialTree) {
  FlopsModel model;
  StrategyRegistry registry;
  for (std::string_view strategy : {"auto", "annealing"}) {
    int better = 0;
    for (uint64_t seed = 0; seed < 4; ++seed) {
      Network network = makeRandomRegularNetwork(seed, 150);
      Budget thorough, quick;
      thorough.seed = quick.seed = seed;
      quick.restarts = 1;
      ContractionTree start = searchBy("auto", network, thorough);
      double startOps = evaluateTree(network, start).log2Ops;
      Result<SlicedTree> found =
          (*registry.find(strategy))->search({network, model, quick, &start});
      ASSERT_TRUE(found.ok());
      // What preprocessing may lose of it.
      EXPECT_LE(evaluateTree(network, found->tree).log2Ops, startOps + std::log2(1 + 0x1p-8));
      better += startOps < evaluateTree(network, searchBy(strategy, network, quick)).log2Ops - 0.1;
    }
    EXPECT_GT(better, 0) << strategy;
  }
}

/// Whatever preprocessing takes: half of these tensors are vectors.
TEST(Portfolio, ReportsTheWholeNetwork) {
  for (uint64_t size : {3, 40}) {
    Network bare = makeLattice(static_cast<unsigned>(size), 4), network(8);
    for (IndexId index = 0; index < bare.numIndices(); ++index)
      network.addIndex(bare.extent(index));
    for (NodeId tensor = 0; tensor < bare.numTensors(); ++tensor) {
      std::vector<IndexId> legs(bare.tensor(tensor).begin(), bare.tensor(tensor).end());
      legs.push_back(network.addIndex(50));
      network.addTensor(legs);
      network.addTensor(std::vector<IndexId>{legs.back()});
    }
    for (std::string_view name : {"flops", "size", "write"}) {
      std::unique_ptr<CostModel> model = std::move(*makeCostModel(name));
      Score last;
      Budget budget;
      budget.progress = [&](const Progress &progress) {
        if (std::isfinite(progress.best.cost))
          last = progress.best;
      };
      StrategyRegistry registry;
      Result<SlicedTree> found = (*registry.find("auto"))->search({network, *model, budget});
      Score score = scoreTree(network, found->tree, *model, network.log2Extents());
      EXPECT_NEAR(last.cost, score.cost, 0.01) << name << ", " << size;
      EXPECT_NEAR(last.ops, score.ops, 0.01) << name << ", " << size;
    }
  }
}

TEST(Portfolio, ReportsByOneThreadAtATime) {
  Network network = makeRandomRegularNetwork(13, 100);
  std::atomic<int> inside = 0, overlaps = 0, reports = 0;
  Budget budget;
  budget.threads = 4;
  budget.progress = [&](const Progress &) {
    overlaps += inside++ > 0;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    --inside;
    ++reports;
  };
  searchBy("auto", network, budget);
  EXPECT_EQ(overlaps, 0);
  EXPECT_GT(reports, 3);
}

TEST(Strategies, HaveATreeAtEveryMoment) {
  // Stopped at moments from the first to about the last of a search.
  StrategyRegistry registry;
  for (const Strategy *strategy : registry.all()) {
    for (unsigned moment = 0; moment < 60; ++moment) {
      Network network = makeRandomNetwork(moment % 7, 80, 107);
      std::atomic<bool> cancel = false;
      std::thread stop([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(250 * moment));
        cancel = true;
      });
      Budget budget;
      budget.seed = moment;
      budget.threads = 1 + moment % 2;
      budget.cancel = &cancel;
      FlopsModel model;
      Result<SlicedTree> found = strategy->search({network, model, budget});
      stop.join();
      // Exact search refuses where it does not come to an end.
      if (!found.ok()) {
        EXPECT_EQ(strategy->name(), "optimal");
        continue;
      }
      ASSERT_EQ(found->tree.numLeaves(), network.numTensors()) << strategy->name();
      ASSERT_EQ(ContractionTree::check(network.numTensors(), found->tree.steps()), std::nullopt)
          << strategy->name();
    }
  }
}
