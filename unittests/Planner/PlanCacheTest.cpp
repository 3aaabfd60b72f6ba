//===- PlanCacheTest.cpp - Plans kept on disk -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/PlanCache.h"
#include "NarrowPath.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tenon::planner;
using namespace tenon::planner::test;
namespace fs = std::filesystem;

namespace {

/// A strategy that counts its searches.
class CountingStrategy final : public Strategy {
public:
  explicit CountingStrategy(int &count) : count(count) {}
  std::string_view name() const override { return "counting"; }
  std::string_view summary() const override { return "greedy, counted"; }
  Result<SlicedTree> search(const Request &request) const override {
    ++count;
    return (*StrategyRegistry().find("greedy"))->search(request);
  }

private:
  int &count;
};

class PlanCacheTest : public testing::Test {
protected:
  void SetUp() override {
    const auto *test = testing::UnitTest::GetInstance()->current_test_info();
    directory = testing::TempDir() + "tenon-" + std::to_string(getpid()) + "-" + test->name();
    fs::remove_all(directory);
    registry.add(std::make_unique<CountingStrategy>(searches));
    options.strategy = "counting";
  }
  void TearDown() override { fs::remove_all(directory); }

  CachedPlan plan(const Network &network, uint64_t maxBytes = 0) {
    Result<CachedPlan> found =
        planNetworkCached(network, options, registry, PlanCache(directory, maxBytes));
    EXPECT_TRUE(found.ok()) << found.error();
    EXPECT_EQ(found->warning, "");
    return std::move(*found);
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> result;
    for (const fs::directory_entry &entry : fs::directory_iterator(directory))
      result.push_back(entry.path());
    std::sort(result.begin(), result.end());
    return result;
  }
  void setDeadline(double seconds) {
    options.budget.deadline =
        std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                               std::chrono::duration<double>(seconds));
  }

  std::string directory;
  StrategyRegistry registry;
  PlanOptions options;
  int searches = 0;
};

/// The same network with other numbers for its indices, and one more that nothing has.
Network renumbered(const Network &network) {
  Network result(network.elementBytes());
  IndexId count = network.numIndices();
  auto renumber = [&](std::span<const IndexId> list) {
    std::vector<IndexId> ids;
    for (IndexId index : list)
      ids.push_back(count - index);
    return ids;
  };
  result.addIndex(17);
  for (IndexId i = count; i-- > 0;)
    result.addIndex(network.extent(i));
  for (NodeId number = 0; number < network.numTensors(); ++number)
    result.addTensor(renumber(network.tensor(number)));
  std::vector<IndexId> output = renumber(network.output());
  std::reverse(output.begin(), output.end());
  result.setOutput(output);
  return result;
}

TEST_F(PlanCacheTest, PlansOnceAndAgainAfterAChange) {
  Network network = makeRandomNetwork(3, 9, 14);
  CachedPlan first = plan(network);
  EXPECT_FALSE(first.wasKnown);
  CachedPlan second = plan(network);
  EXPECT_TRUE(second.wasKnown);
  EXPECT_EQ(searches, 1);
  EXPECT_EQ(second.plan.tree, first.plan.tree);
  EXPECT_EQ(second.plan.cost.ops, recountOps(network, second.plan.tree));

  int expected = 1;
  auto searchesAgain = [&](const char *what) {
    plan(network);
    EXPECT_EQ(searches, ++expected) << what;
  };
  options.budget.seed = 1;
  searchesAgain("seed");
  options.budget.restarts = 3;
  searchesAgain("restarts");
  options.costModel = "size";
  searchesAgain("cost model");
  options.memory.threads = 2;
  searchesAgain("threads of slices");
  options.slicing.largest = 1e9;
  searchesAgain("limit on the largest");
  options.initial = first.plan.tree;
  searchesAgain("initial tree");
  network.addTensor({0});
  options.initial.reset();
  searchesAgain("tensor");
  options.budget.threads = 4;
  EXPECT_TRUE(plan(network).wasKnown) << "threads change only the time";
}

TEST_F(PlanCacheTest, IndicesMayHaveOtherNumbers) {
  int sliced = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Network network = makeRandomNetwork(seed, 3 + seed % 7, 14);
    Network other = renumbered(network);
    options.memory.alignment = 8;
    options.slicing.peakBytes.reset();
    double peak = plan(network).plan.cost.peakBytes;
    if (peak > 8)
      options.slicing.peakBytes = peak - 1;
    Result<CachedPlan> first = planNetworkCached(network, options, registry, PlanCache(directory));
    Result<CachedPlan> second = planNetworkCached(other, options, registry, PlanCache(directory));
    ASSERT_EQ(first.ok(), second.ok());
    if (!first)
      continue;
    EXPECT_TRUE(second->wasKnown);
    sliced += !first->plan.sliced.empty();
    EXPECT_EQ(second->plan.tree, first->plan.tree);
    EXPECT_EQ(second->plan.cost.ops, first->plan.cost.ops);
    ASSERT_EQ(second->plan.sliced.size(), first->plan.sliced.size());
    EXPECT_TRUE(std::is_sorted(second->plan.sliced.begin(), second->plan.sliced.end()));
    for (IndexId index : first->plan.sliced)
      EXPECT_NE(std::find(second->plan.sliced.begin(), second->plan.sliced.end(),
                          network.numIndices() - index),
                second->plan.sliced.end());
    EXPECT_EQ(evaluateTree(other, second->plan.tree, second->plan.sliced, options.memory).peakBytes,
              first->plan.cost.peakBytes);
  }
  EXPECT_GT(sliced, 2);
}

TEST_F(PlanCacheTest, WhatIsSearchedDoesNotDependOnTheCache) {
  options.strategy = "random-greedy";
  options.budget.restarts = 5;
  Network network = makeLattice(5, 6), other = renumbered(network);
  Plan cold = plan(other).plan;
  fs::remove_all(directory);
  plan(network);
  EXPECT_EQ(plan(other).plan.tree, cold.tree);
}

TEST_F(PlanCacheTest, DamagedFilesAreSearchedForAndWrittenAnew) {
  Network network = makeLattice(3, 4);
  CachedPlan good = plan(network);
  ASSERT_EQ(files().size(), 1u);
  fs::path file = files().front();
  std::string bytes;
  {
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  auto write = [&](const std::string &text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  };
  int expected = 1;
  std::vector<std::string> damaged = {"",
                                      "x",
                                      bytes.substr(0, bytes.size() - 1),
                                      bytes + "\n",
                                      bytes.substr(bytes.size() / 2),
                                      std::string(bytes.size(), '\0')};
  // Any bit.
  for (size_t at = 0; at < bytes.size(); at += 3) {
    damaged.push_back(bytes);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ (1 << (at % 8)));
  }
  for (const std::string &text : damaged) {
    write(text);
    CachedPlan again = plan(network);
    EXPECT_EQ(searches, ++expected);
    EXPECT_EQ(again.plan.tree, good.plan.tree);
    EXPECT_TRUE(plan(network).wasKnown) << "written anew";
  }
  EXPECT_EQ(files().size(), 1u) << "no temporary file is left";
}

TEST_F(PlanCacheTest, LongerSearchesGoOnFromShorterOnes) {
  options.strategy = "random-greedy";
  options.budget.restarts = uint64_t{1} << 40;
  Network network = makeRandomRegularNetwork(5, 120);
  setDeadline(0.05);
  CachedPlan quick = plan(network);
  EXPECT_FALSE(quick.wasKnown);
  setDeadline(0.03);
  options.budget.seed = 9;
  CachedPlan shorter = plan(network);
  EXPECT_TRUE(shorter.wasKnown) << "less time, whatever the seed";
  EXPECT_EQ(shorter.plan.tree, quick.plan.tree);
  setDeadline(0.5);
  CachedPlan longer = plan(network);
  EXPECT_FALSE(longer.wasKnown);
  EXPECT_LE(longer.plan.cost.log2Ops, quick.plan.cost.log2Ops);
  setDeadline(0.3);
  EXPECT_EQ(plan(network).plan.tree, longer.plan.tree);

  // A path of the caller's that is better than what is known is not lost.
  options.strategy = "auto";
  options.budget.restarts = 512;
  options.budget.deadline.reset();
  ContractionTree best = plan(network).plan.tree;
  options.strategy = "random-greedy";
  options.budget.restarts = uint64_t{1} << 40;
  options.initial = best;
  setDeadline(0.02);
  EXPECT_LE(plan(network).plan.cost.log2Ops, evaluateTree(network, best).log2Ops + 1e-9);
}

/// Callers with one limit have more or less of it left, by what they do before.
TEST_F(PlanCacheTest, ATwentiethMoreTimeIsNoLongerSearch) {
  Network network = makeLattice(6, 6);
  auto planFor = [&](double seconds) {
    setDeadline(seconds);
    return plan(network);
  };
  EXPECT_FALSE(planFor(2.0).wasKnown);
  EXPECT_TRUE(planFor(2.06).wasKnown);
  EXPECT_FALSE(planFor(2.4).wasKnown);
  EXPECT_EQ(searches, 2);
}

TEST_F(PlanCacheTest, APathWithSlicesIsFoundAgain) {
  Network network = makeRandomRegularNetwork(5, 60);
  options.strategy = "auto";
  ContractionTree best = plan(network).plan.tree;
  options.strategy = "counting";
  options.slicing.largest = evaluateTree(network, best).largest / 64;
  auto greedyFrom = [&](uint64_t seed) {
    Budget budget;
    budget.seed = seed;
    budget.restarts = 3;
    FlopsModel model;
    Result<SlicedTree> found =
        (*StrategyRegistry().find("random-greedy"))->search({network, model, budget});
    return found->tree;
  };
  for (bool isTimed : {false, true}) {
    SCOPED_TRACE(isTimed);
    options.initial = best;
    auto planFor = [&](double seconds) {
      if (isTimed)
        setDeadline(seconds);
      return plan(network);
    };
    CachedPlan first = planFor(0.2);
    EXPECT_FALSE(first.wasKnown);
    EXPECT_FALSE(first.plan.sliced.empty());
    // The sliced tree is worse than the path without its slices, which must not count.
    EXPECT_GT(recountOps(network, first.plan.tree), recountOps(network, best));
    CachedPlan again = planFor(0.1);
    EXPECT_TRUE(again.wasKnown);
    EXPECT_EQ(again.plan.tree, first.plan.tree);
    EXPECT_EQ(again.plan.sliced, first.plan.sliced);
    // Another path in between does not make it forget.
    options.initial = greedyFrom(7);
    planFor(0.1);
    options.initial = best;
    EXPECT_TRUE(planFor(0.1).wasKnown);
  }
}

TEST_F(PlanCacheTest, SlicesOfAPathAreToldApart) {
  Network network = makeRandomRegularNetwork(5, 60);
  options.strategy = "auto";
  Plan unsliced = plan(network).plan;
  options.slicing.largest = unsliced.cost.largest / 64;
  Plan good = plan(network).plan;
  ASSERT_FALSE(good.sliced.empty());
  options.strategy = "counting";
  options.initial = good.tree;
  for (bool isTimed : {false, true}) {
    SCOPED_TRACE(isTimed);
    auto planFrom = [&](const Network &asked, std::vector<IndexId> sliced) {
      if (isTimed)
        setDeadline(0.2);
      options.initialSliced = std::move(sliced);
      return plan(asked);
    };
    CachedPlan first = planFrom(network, good.sliced);
    EXPECT_FALSE(first.wasKnown);
    EXPECT_LE(first.plan.cost.log2Ops, good.cost.log2Ops);
    EXPECT_FALSE(planFrom(network, {good.sliced.front()}).wasKnown);
    // The order in which they are stated does not matter, nor do the numbers of indices.
    EXPECT_TRUE(planFrom(network, {good.sliced.rbegin(), good.sliced.rend()}).wasKnown);
    Network renamed = renumbered(network);
    std::vector<IndexId> sliced;
    for (IndexId index : good.sliced)
      sliced.push_back(network.numIndices() - index);
    EXPECT_TRUE(planFrom(renamed, sliced).wasKnown);
  }
}

/// A plan that is cheaper without its slices than the path is not so in them.
TEST_F(PlanCacheTest, APathThatNeedsNoSlicesIsComparedWithThePlanInItsSlices) {
  NarrowPath given;
  registry.add(std::make_unique<KnownTree>(given.wide));
  options.strategy = "known";
  options.slicing.largest = given.largest;
  double ops = evaluateTree(given.network, given.narrow).ops;
  auto planNow = [&] {
    setDeadline(0);
    return plan(given.network);
  };
  ASSERT_GT(planNow().plan.cost.ops, ops);
  options.initial = given.narrow;
  CachedPlan found = planNow();
  EXPECT_FALSE(found.wasKnown);
  EXPECT_LE(found.plan.cost.ops, ops);
  EXPECT_TRUE(planNow().wasKnown);
}

TEST_F(PlanCacheTest, APathIsSearchedFromForAsLongAsIsAsked) {
  Network network = makeRandomRegularNetwork(5, 60);
  options.strategy = "auto";
  ContractionTree best = plan(network).plan.tree;
  options.strategy = "counting";
  options.slicing.largest = evaluateTree(network, best).largest / 64;
  for (bool isCancelled : {false, true}) {
    SCOPED_TRACE(isCancelled);
    fs::remove_all(directory);
    options.initial.reset();
    setDeadline(1);
    EXPECT_FALSE(plan(network).wasKnown);
    // No time for the path, or not all of it.
    std::atomic<bool> cancel = true;
    options.budget.cancel = isCancelled ? &cancel : nullptr;
    options.initial = best;
    setDeadline(isCancelled ? 20 : 0);
    EXPECT_FALSE(plan(network).wasKnown);
    options.budget.cancel = nullptr;
    setDeadline(0.5);
    EXPECT_FALSE(plan(network).wasKnown) << "as much was searched, but not from the path";
    setDeadline(0.4);
    EXPECT_TRUE(plan(network).wasKnown);
    setDeadline(1.2);
    EXPECT_FALSE(plan(network).wasKnown) << "less than in all, more than from the path";
  }
}

TEST_F(PlanCacheTest, ABetterPathHasNotTheTimeOfThePlanThatItReplaces) {
  Network network = makeRandomRegularNetwork(5, 60);
  options.strategy = "auto";
  ContractionTree best = plan(network).plan.tree;
  options.strategy = "counting";
  setDeadline(30);
  EXPECT_FALSE(plan(network).wasKnown);
  // The path is the plan now, but nothing was searched for it.
  options.initial = best;
  setDeadline(0);
  EXPECT_EQ(plan(network).plan.cost.ops, recountOps(network, best));
  setDeadline(20);
  EXPECT_FALSE(plan(network).wasKnown);
  setDeadline(19);
  EXPECT_TRUE(plan(network).wasKnown);
}

TEST_F(PlanCacheTest, APathIsFoundAgainInAnotherOrder) {
  Network network = makeRandomRegularNetwork(5, 60);
  options.strategy = "auto";
  ContractionTree best = plan(network).plan.tree;
  // The same tree, its operands swapped, and what is first now computed first.
  std::vector<Step> children;
  for (const Step &step : best.steps())
    children.push_back({step.rhs, step.lhs});
  ContractionTree restated = treeFromChildren(best.numLeaves(), children);
  ASSERT_NE(restated, best);
  options.strategy = "counting";
  options.slicing.largest = evaluateTree(network, best).largest / 64;
  options.initial = best;
  setDeadline(0.5);
  CachedPlan first = plan(network);
  // The plan is of another tree, which is worse than the path without its slices.
  EXPECT_GT(recountOps(network, first.plan.tree), recountOps(network, best));
  options.initial = restated;
  setDeadline(0.4);
  EXPECT_TRUE(plan(network).wasKnown);
}

TEST_F(PlanCacheTest, TheLatestStartsAreRemembered) {
  Network network = makeLattice(3, 3);
  PlanCache cache(directory);
  PlanCache::Entry entry{{plan(network).plan.tree, {2}}, 1.5, {}};
  PlanKey key = {1, 2};
  for (uint64_t start = 0; start < PlanCache::mostStarts; ++start) {
    entry.starts.push_back({{start, ~start}, 0.25 * static_cast<double>(start)});
    EXPECT_EQ(cache.store(key, entry), std::nullopt);
    std::optional<PlanCache::Entry> found = cache.find(key, network);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->starts, entry.starts);
    EXPECT_EQ(found->plan.tree, entry.plan.tree);
    EXPECT_EQ(found->plan.sliced, entry.plan.sliced);
    EXPECT_EQ(found->seconds, 1.5);
  }
  entry.starts.push_back({{7, 7}, 7});
  cache.store(key, entry);
  EXPECT_FALSE(cache.find(key, network)) << "more than any search writes";
}

TEST_F(PlanCacheTest, ALongerSearchIsNeverWorseUnderAnyModel) {
  Network network = makeRandomRegularNetwork(9, 80);
  options.strategy = "random-greedy";
  options.budget.restarts = uint64_t{1} << 40;
  for (const char *name : {"flops", "size", "write", "combo"}) {
    SCOPED_TRACE(name);
    options.costModel = name;
    options.slicing.largest = 128;
    setDeadline(0.4);
    CachedPlan good = plan(network);
    EXPECT_FALSE(good.plan.sliced.empty());
    // More time is asked for, but none is taken: what is found is poor.
    std::atomic<bool> cancel = true;
    options.budget.cancel = &cancel;
    setDeadline(1000);
    CachedPlan poor = plan(network);
    options.budget.cancel = nullptr;
    EXPECT_FALSE(poor.wasKnown);
    std::unique_ptr<CostModel> model = std::move(*makeCostModel(name));
    auto scoreOf = [&](const CachedPlan &known) {
      return scoreSliced(network, known.plan.tree, known.plan.sliced, *model);
    };
    EXPECT_FALSE(scoreOf(good).betterThan(scoreOf(poor)));
    EXPECT_LE(poor.plan.cost.largest, 128);
    setDeadline(0.01);
    CachedPlan kept = plan(network);
    EXPECT_TRUE(kept.wasKnown);
    EXPECT_FALSE(scoreOf(good).betterThan(scoreOf(kept))) << "the file has the better one";
  }
}

TEST_F(PlanCacheTest, AnEarlyEndCountsAsAllOfItsTime) {
  Network network = makeLattice(3, 3);
  setDeadline(30);
  plan(network);
  setDeadline(29);
  EXPECT_TRUE(plan(network).wasKnown);
  // It need not have been the best: another search, with more time, starts from it.
  setDeadline(1000);
  EXPECT_FALSE(plan(network).wasKnown);
}

TEST_F(PlanCacheTest, AStoppedSearchOfStepsIsNotKept) {
  std::atomic<bool> cancel = true;
  options.budget.cancel = &cancel;
  plan(makeLattice(3, 3));
  EXPECT_FALSE(fs::exists(directory));
}

TEST_F(PlanCacheTest, TheLeastRecentlyUsedLeave) {
  std::vector<Network> networks;
  for (uint64_t seed = 0; seed < 6; ++seed)
    networks.push_back(makeRandomRegularNetwork(seed, 40));
  plan(networks[0]);
  // What the disk gives to a small file.
  constexpr uint64_t each = 4096;
  ASSERT_LT(fs::file_size(files().front()), each / 3);
  auto age = [&](int hours) {
    for (const fs::path &file : files())
      fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(hours));
  };
  uint64_t room = 3 * each + each / 2;
  for (int i = 1; i < 3; ++i) {
    age(1);
    plan(networks[i], room);
  }
  age(1);
  EXPECT_TRUE(plan(networks[0], room).wasKnown); // used last now
  age(1);
  plan(networks[3], room);
  EXPECT_EQ(files().size(), 3u);
  EXPECT_TRUE(plan(networks[0], room).wasKnown);
  EXPECT_TRUE(plan(networks[2], room).wasKnown);
  EXPECT_FALSE(plan(networks[1], room).wasKnown);
  // What is larger than the whole bound is not kept, and drives nothing out.
  size_t before = files().size();
  EXPECT_FALSE(plan(networks[4], each / 2).wasKnown);
  EXPECT_EQ(files().size(), before);
}

TEST_F(PlanCacheTest, TheBoundHoldsAlthoughFewStoresLookAtAllFiles) {
  Network network = makeLattice(3, 3);
  PlanCache::Entry entry{{plan(network).plan.tree, {}}, 0, {}};
  // Room for 256 files; one store in 4 looks at all of them, so 257 + 64 are there with a chance of
  // 0.75^65, less than 1e-8.
  constexpr uint64_t files = 256, stores = 800;
  PlanCache cache(directory, files * 4096);
  size_t most = 0, removals = 0, before = 1;
  for (uint64_t i = 0; i < stores; ++i) {
    EXPECT_EQ(cache.store({i, ~i}, entry), std::nullopt);
    size_t now = std::distance(fs::directory_iterator(directory), fs::directory_iterator());
    removals += now <= before;
    most = std::max(most, before = now);
  }
  EXPECT_GT(most, files) << "not each store looks";
  EXPECT_LE(most, files + 64);
  EXPECT_LT(removals, stores / 2);
}

TEST_F(PlanCacheTest, LeftoversOfStoppedWritersGo) {
  plan(makeLattice(3, 3));
  std::string old = directory + "/0123456789abcdef.tmp",
              fresh = directory + "/fedcba9876543210.tmp";
  std::ofstream(old) << "half";
  std::ofstream(fresh) << "half";
  fs::last_write_time(old, fs::last_write_time(old) - std::chrono::hours(2));
  // So little room is looked through each time.
  plan(makeLattice(3, 4), 1 << 18);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(fresh));
}

TEST_F(PlanCacheTest, ADirectoryThatCannotBeWrittenIsAWarning) {
  fs::create_directories(directory);
  std::ofstream(directory + "/file") << "not a directory";
  for (const std::string &wrong : {directory + "/file", directory + "/file/below", std::string()}) {
    Result<CachedPlan> found =
        planNetworkCached(makeLattice(3, 3), options, registry, PlanCache(wrong));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->warning.substr(0, 21), "the plan was not kept") << found->warning;
    EXPECT_EQ(found->plan.tree.numSteps(), 8u);
  }
}

TEST_F(PlanCacheTest, ErrorsAreThoseOfThePlanner) {
  Network network = makeLattice(3, 3);
  options.strategy = "best";
  Result<CachedPlan> found = planNetworkCached(network, options, registry, PlanCache(directory));
  EXPECT_EQ(found.error().substr(0, 23), "unknown strategy 'best'");
  options.strategy = "greedy";
  options.initial = ContractionTree(2, {{0, 1}});
  found = planNetworkCached(network, options, registry, PlanCache(directory));
  EXPECT_EQ(found.error(), "the path is over 2 tensors, the network has 9");
  found = planNetworkCached(Network(), options, registry, PlanCache(directory));
  EXPECT_EQ(found.error(), "the network has no tensors; there is nothing to contract");
  EXPECT_FALSE(fs::exists(directory));
}

TEST_F(PlanCacheTest, SeveralProcessesAndThreadsShareADirectory) {
  std::vector<pid_t> children;
  auto work = [&](uint64_t offset) {
    bool right = true;
    for (uint64_t round = 0; round < 3; ++round)
      for (uint64_t i = 0; i < 8; ++i) {
        Network network = makeRandomNetwork((i + offset) % 8, 9, 14);
        PlanOptions own;
        own.strategy = "greedy";
        // Small enough that files are removed all the time.
        Result<CachedPlan> found =
            planNetworkCached(network, own, StrategyRegistry(), PlanCache(directory, 2 * 4096));
        right = right && found.ok() && found->warning.empty() &&
                found->plan.cost.ops == recountOps(network, found->plan.tree);
      }
    return right;
  };
  for (uint64_t child = 0; child < 3; ++child) {
    pid_t id = fork();
    if (id == 0)
      _exit(work(child) ? 0 : 1);
    children.push_back(id);
  }
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (uint64_t thread = 0; thread < 2; ++thread)
    threads.emplace_back([&, thread] { wrong += !work(3 + thread); });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
  for (pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  for (const fs::path &file : files())
    EXPECT_EQ(file.extension(), ".plan");
}

TEST(PlanCacheDirectory, ComesFromTheEnvironment) {
  setenv("HOME", "/home/of", 1);
  unsetenv("XDG_CACHE_HOME");
  unsetenv("TENON_CACHE_DIR");
  EXPECT_EQ(PlanCache::defaultDirectory(), "/home/of/.cache/tenon/plans");
  setenv("XDG_CACHE_HOME", "/caches", 1);
  EXPECT_EQ(PlanCache::defaultDirectory(), "/caches/tenon/plans");
  setenv("TENON_CACHE_DIR", "/own", 1);
  EXPECT_EQ(PlanCache::defaultDirectory(), "/own");
}

} // namespace
