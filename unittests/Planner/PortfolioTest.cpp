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
