//===- PlannerTest.cpp - The C API of the planner ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon-c/Planner.h"

#include "Owned.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using Numbers = std::vector<int64_t>;

/// A network by tensors, with the C struct that shows it.
struct Given {
  Numbers ranks, indices, extents, output;
  tenon_path_network network = {};

  Given(const std::vector<Numbers> &tensors, Numbers extents, Numbers output)
      : extents(std::move(extents)), output(std::move(output)) {
    for (const Numbers &tensor : tensors) {
      ranks.push_back(static_cast<int64_t>(tensor.size()));
      indices.insert(indices.end(), tensor.begin(), tensor.end());
    }
    network.struct_size = sizeof(network);
    network.num_tensors = static_cast<int64_t>(ranks.size());
    network.ranks = ranks.data();
    network.indices = indices.data();
    network.num_indices = static_cast<int64_t>(this->extents.size());
    network.extents = this->extents.data();
    network.num_output = static_cast<int64_t>(this->output.size());
    network.output = this->output.data();
  }
};

/// "ij,jk,kl->il" with the extents 2, 3, 5, 7: 2*3*5 + 2*5*7 = 100 multiply-adds from the left,
/// 3*5*7 + 2*3*7 = 147 from the right.
Given chain() { return Given({{0, 1}, {1, 2}, {2, 3}}, {2, 3, 5, 7}, {0, 3}); }

/// A ring of `count` tensors that also has chords, with extents from 2 to 4.
Given ring(int64_t count) {
  std::vector<Numbers> tensors(count);
  Numbers extents;
  auto connect = [&](int64_t a, int64_t b) {
    tensors[a].push_back(static_cast<int64_t>(extents.size()));
    tensors[b].push_back(static_cast<int64_t>(extents.size()));
    extents.push_back(2 + static_cast<int64_t>(extents.size()) % 3);
  };
  for (int64_t i = 0; i < count; ++i)
    connect(i, (i + 1) % count);
  for (int64_t i = 0; i < count; i += 2)
    connect(i, (i * 7 + 5) % count);
  return Given(tensors, extents, {});
}

struct PlanDeleter {
  void operator()(tenon_path_plan *plan) const { tenon_path_plan_destroy(plan); }
};
using OwnedPlan = std::unique_ptr<tenon_path_plan, PlanDeleter>;

OwnedPlan plan(const Given &given, const tenon_path_options &options,
               std::string *message = nullptr) {
  char *error = nullptr;
  OwnedPlan result(tenon_path_plan_create(&given.network, &options, &error));
  std::string text = take(error);
  EXPECT_EQ(text.empty(), result != nullptr) << text;
  if (message)
    *message = text;
  return result;
}

Numbers stepsOf(const OwnedPlan &plan, tenon_path_form form) {
  Numbers pairs(2 * tenon_path_plan_num_steps(plan.get()));
  EXPECT_EQ(tenon_path_plan_steps(plan.get(), form, pairs.data()), TENON_OK);
  return pairs;
}

tenon_path_cost costOf(const OwnedPlan &plan) {
  tenon_path_cost cost = {};
  cost.struct_size = sizeof(cost);
  EXPECT_EQ(tenon_path_plan_cost(plan.get(), &cost), TENON_OK);
  return cost;
}

TEST(CAPIPlanner, FindsThePathAndCountsIt) {
  char *error = nullptr;
  Given given = chain();
  OwnedPlan found(tenon_path_plan_create(&given.network, nullptr, &error));
  ASSERT_TRUE(found) << take(error);
  EXPECT_EQ(stepsOf(found, TENON_PATH_SSA), (Numbers{0, 1, 3, 2}));
  EXPECT_EQ(stepsOf(found, TENON_PATH_LINEAR), (Numbers{0, 1, 0, 1}));
  EXPECT_EQ(tenon_path_plan_num_sliced(found.get()), 0);
  EXPECT_EQ(tenon_path_plan_was_cancelled(found.get()), 0);
  tenon_path_cost cost = costOf(found);
  EXPECT_EQ(cost.operations, 100);
  EXPECT_DOUBLE_EQ(cost.log2_operations, std::log2(100));
  EXPECT_EQ(cost.largest, 14);
  EXPECT_EQ(cost.writes, 10 + 14);
  EXPECT_EQ(cost.slices, 1);
  EXPECT_EQ(cost.expected_operations, 100);
  // 10 elements of 4 bytes, rounded up to the arena's 64.
  EXPECT_EQ(cost.peak_bytes, 64);
  Numbers pairs(4);
  EXPECT_EQ(tenon_path_plan_steps(found.get(), TENON_PATH_EDGE, pairs.data()),
            TENON_INVALID_ARGUMENT);
  cost.struct_size = 8;
  EXPECT_EQ(tenon_path_plan_cost(found.get(), &cost), TENON_INVALID_ARGUMENT);
}

TEST(CAPIPlanner, CountsWhatIsExpectedOfSparseTensors) {
  Given given = chain();
  const double densities[] = {1, 0.1, 0.1};
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.densities = densities;
  OwnedPlan found = plan(given, options);
  ASSERT_TRUE(found);
  // From the right: 3·5·7 products of which a hundredth counts, and a result filled to 1 − 0.99^5.
  EXPECT_EQ(stepsOf(found, TENON_PATH_SSA), (Numbers{1, 2, 0, 3}));
  tenon_path_cost cost = costOf(found);
  double expected = 105 * 0.01 + 42 * (1 - std::pow(0.99, 5));
  EXPECT_EQ(cost.operations, 147);
  EXPECT_NEAR(cost.expected_operations, expected, 1e-9);
  EXPECT_NEAR(cost.log2_expected_operations, std::log2(expected), 1e-12);
  const double wrong[] = {1, 2, 0.1};
  options.densities = wrong;
  std::string message;
  EXPECT_FALSE(plan(given, options, &message));
  EXPECT_NE(message.find("tensor 1 has the density 2"), std::string::npos) << message;
}

TEST(CAPIPlanner, TakesTheStructsOfEarlierVersions) {
  Given given = chain();
  const double densities[] = {1, 0.1, 0.1};
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.densities = densities;
  // A caller of version 1.1 has no such member.
  options.struct_size = offsetof(tenon_path_options, densities);
  OwnedPlan found = plan(given, options);
  ASSERT_TRUE(found);
  EXPECT_EQ(stepsOf(found, TENON_PATH_SSA), (Numbers{0, 1, 3, 2}));
  tenon_path_cost cost = {};
  cost.struct_size = offsetof(tenon_path_cost, expected_operations);
  cost.expected_operations = -1;
  EXPECT_EQ(tenon_path_plan_cost(found.get(), &cost), TENON_OK);
  EXPECT_EQ(cost.operations, 100);
  EXPECT_EQ(cost.expected_operations, -1);
}

TEST(CAPIPlanner, KeepsTheMemoryLimitByTheBytesOfElements) {
  Given given = ring(24);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.element_bytes = 16;
  double whole = costOf(plan(given, options)).peak_bytes;
  options.memory_limit = static_cast<int64_t>(whole / 3);
  OwnedPlan sliced = plan(given, options);
  ASSERT_TRUE(sliced);
  EXPECT_LE(costOf(sliced).peak_bytes, whole / 3);
  int64_t count = tenon_path_plan_num_sliced(sliced.get());
  ASSERT_GT(count, 0);
  double slices = 1;
  for (int64_t i = 0; i < count; ++i)
    slices *= static_cast<double>(given.extents[tenon_path_plan_sliced(sliced.get())[i]]);
  EXPECT_EQ(costOf(sliced).slices, slices);

  // Nothing keeps a byte; the limit that the failure names can be kept.
  options.memory_limit = 1;
  tenon_compile_failure failure = {sizeof(failure), TENON_OK, 0};
  options.failure = &failure;
  std::string message;
  EXPECT_FALSE(plan(given, options, &message));
  EXPECT_NE(message.find("cannot be kept"), std::string::npos) << message;
  EXPECT_EQ(failure.status, TENON_MEMORY_LIMIT);
  ASSERT_GT(failure.smallest_memory_limit, 1);
  options.memory_limit = failure.smallest_memory_limit;
  OwnedPlan smallest = plan(given, options);
  ASSERT_TRUE(smallest);
  EXPECT_LE(costOf(smallest).peak_bytes, static_cast<double>(failure.smallest_memory_limit));
}

TEST(CAPIPlanner, KeepsALimitOnTheLargestIntermediate) {
  Given given = ring(24);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  double whole = costOf(plan(given, options)).largest;
  options.largest_limit = static_cast<int64_t>(whole / 5);
  OwnedPlan sliced = plan(given, options);
  ASSERT_TRUE(sliced);
  EXPECT_LE(costOf(sliced).largest, whole / 5);
  EXPECT_GT(costOf(sliced).slices, 1);
}

TEST(CAPIPlanner, ReadsInitialPathsOfEveryForm) {
  Given given = chain();
  struct Case {
    tenon_path_form form;
    Numbers steps, lengths;
    double operations;
  };
  const Case cases[] = {
      {TENON_PATH_SSA, {1, 2, 0, 3}, {}, 147},
      {TENON_PATH_LINEAR, {1, 2, 0, 1}, {}, 147},
      {TENON_PATH_LINEAR, {2, 1, 0}, {3}, 147},
      {TENON_PATH_SSA, {1, 2, 3, 0}, {1, 3}, 147},
      {TENON_PATH_SSA, {1, 0, 2, 3, 4}, {1, 2, 2}, 2 * 3 * 5 * 7 * 2},
      {TENON_PATH_EDGE, {2, 1}, {}, 147},
      {TENON_PATH_EDGE, {1, 2}, {}, 100},
      {TENON_PATH_EDGE, {2}, {}, 147},
  };
  for (const Case &test : cases) {
    tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
    options.keep_initial = 1;
    options.initial_form = test.form;
    options.initial = test.steps.data();
    options.initial_lengths = test.lengths.empty() ? nullptr : test.lengths.data();
    size_t count = test.lengths.empty() ? test.steps.size() / 2 : test.lengths.size();
    options.initial_steps =
        static_cast<int64_t>(test.form == TENON_PATH_EDGE ? test.steps.size() : count);
    std::string message;
    OwnedPlan kept = plan(given, options, &message);
    ASSERT_TRUE(kept) << message;
    EXPECT_EQ(costOf(kept).operations, test.operations);
    EXPECT_EQ(tenon_path_plan_num_steps(kept.get()), 2);
  }
}

TEST(CAPIPlanner, WritesAnEdgePath) {
  Given given = chain(), other = ring(4);
  Numbers steps = {1, 2, 0, 3};
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.keep_initial = 1;
  options.initial = steps.data();
  options.initial_steps = 2;
  OwnedPlan kept = plan(given, options);
  ASSERT_TRUE(kept);
  EXPECT_EQ(tenon_path_plan_edge_path(kept.get(), &given.network, nullptr), 2);
  Numbers edges(2);
  EXPECT_EQ(tenon_path_plan_edge_path(kept.get(), &given.network, edges.data()), 2);
  EXPECT_EQ(edges, (Numbers{2, 1}));
  EXPECT_EQ(tenon_path_plan_edge_path(kept.get(), &other.network, edges.data()), -1);
  given.network.num_indices = -1;
  EXPECT_EQ(tenon_path_plan_edge_path(kept.get(), &given.network, edges.data()), -1);
  EXPECT_EQ(edges, (Numbers{2, 1}));
}

TEST(CAPIPlanner, StartsFromSlices) {
  Given given = chain();
  Numbers steps = {1, 2, 0, 3}, sliced = {3, 1};
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.keep_initial = 1;
  options.initial = steps.data();
  options.initial_steps = 2;
  options.initial_sliced = sliced.data();
  options.num_initial_sliced = 2;
  OwnedPlan kept = plan(given, options);
  ASSERT_TRUE(kept);
  ASSERT_EQ(tenon_path_plan_num_sliced(kept.get()), 2);
  EXPECT_EQ(tenon_path_plan_sliced(kept.get())[0], 1);
  EXPECT_EQ(tenon_path_plan_sliced(kept.get())[1], 3);
  EXPECT_EQ(costOf(kept).operations, 147);
  // A caller of version 1.5 has no such members.
  options.struct_size = offsetof(tenon_path_options, initial_sliced);
  EXPECT_EQ(tenon_path_plan_num_sliced(plan(given, options).get()), 0);
  options.struct_size = sizeof(options);
  // Without a limit nothing that is searched is sliced.
  options.keep_initial = 0;
  EXPECT_EQ(tenon_path_plan_num_sliced(plan(given, options).get()), 0);
  std::string message;
  sliced = {1, 4};
  EXPECT_FALSE(plan(given, options, &message));
  EXPECT_NE(message.find("initial_sliced has index 4, which the network does not have; expected 0 "
                         "to 3"),
            std::string::npos)
      << message;
  sliced = {1, 1};
  EXPECT_FALSE(plan(given, options, &message));
  EXPECT_NE(message.find("index 1 twice"), std::string::npos) << message;
  options.initial_sliced = nullptr;
  EXPECT_FALSE(plan(given, options, &message));
  EXPECT_NE(message.find("num_initial_sliced is 2, but there is no array"), std::string::npos)
      << message;
  options.num_initial_sliced = -1;
  EXPECT_FALSE(plan(given, options, &message));
  EXPECT_NE(message.find("num_initial_sliced is -1"), std::string::npos) << message;
  options.num_initial_sliced = 1;
  options.initial = nullptr;
  options.initial_steps = 0;
  EXPECT_FALSE(plan(given, options, &message));
  EXPECT_NE(message.find("there is no initial path"), std::string::npos) << message;
}

TEST(CAPIPlanner, IsNeverWorseThanTheInitialPath) {
  Given given = ring(30);
  tenon_path_options best = TENON_PATH_OPTIONS_DEFAULT;
  best.restarts = 256;
  OwnedPlan good = plan(given, best);
  Numbers steps = stepsOf(good, TENON_PATH_SSA);

  tenon_path_options quick = TENON_PATH_OPTIONS_DEFAULT;
  quick.strategy = "greedy";
  double greedy = costOf(plan(given, quick)).operations;
  ASSERT_LT(costOf(good).operations, greedy);
  quick.initial = steps.data();
  quick.initial_steps = static_cast<int64_t>(steps.size() / 2);
  EXPECT_LE(costOf(plan(given, quick)).operations, costOf(good).operations);
}

TEST(CAPIPlanner, EqualOptionsGiveEqualPlansWhateverTheThreads) {
  Given given = ring(40);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.seed = 7;
  options.restarts = 24;
  options.threads = 1;
  Numbers one = stepsOf(plan(given, options), TENON_PATH_SSA);
  options.threads = 3;
  EXPECT_EQ(stepsOf(plan(given, options), TENON_PATH_SSA), one);
}

TEST(CAPIPlanner, PredictsSeconds) {
  Given given = ring(20);
  auto secondsOf = [&](const tenon_path_options &options) {
    OwnedPlan found = plan(given, options);
    tenon_path_cost cost = {};
    cost.struct_size = sizeof(cost);
    EXPECT_TRUE(found);
    EXPECT_EQ(tenon_path_plan_cost(found.get(), &cost), TENON_OK);
    return cost.seconds;
  };
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  double byFlops = secondsOf(options);
  EXPECT_GT(byFlops, 0);
  EXPECT_LT(byFlops, 1);
  options.minimize = "time";
  EXPECT_LE(secondsOf(options), byFlops);
  // f32 is what four bytes stand for.
  double unnamed = secondsOf(options);
  options.element_type = TENON_F32;
  EXPECT_EQ(secondsOf(options), unnamed);
}

TEST(CAPIPlanner, ABadTableOfTimesIsAnError) {
  Given given = ring(4);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.time_table = "/nowhere/x.times";
  std::string message;
  plan(given, options, &message);
  EXPECT_EQ(message,
            "cannot read the table of times '/nowhere/x.times': No such file or directory");
  options.time_table = nullptr;
  options.element_type = static_cast<tenon_dtype>(99);
  plan(given, options, &message);
  EXPECT_EQ(message, "tenon_path_options: element_type is 99; expected a tenon_dtype, or 0");
}

TEST(CAPIPlanner, TakesStructsOfCallersThatKnowNothingOfTime) {
  Given given = ring(6);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.struct_size = offsetof(tenon_path_options, time_table);
  options.time_table = "/nowhere/behind/the/end";
  OwnedPlan found = plan(given, options);
  ASSERT_TRUE(found);
  tenon_path_cost cost = {};
  cost.struct_size = offsetof(tenon_path_cost, seconds);
  cost.seconds = -7;
  ASSERT_EQ(tenon_path_plan_cost(found.get(), &cost), TENON_OK);
  EXPECT_GT(cost.operations, 0);
  EXPECT_EQ(cost.seconds, -7);
  cost.struct_size = offsetof(tenon_path_cost, slices);
  EXPECT_EQ(tenon_path_plan_cost(found.get(), &cost), TENON_INVALID_ARGUMENT);
}

TEST(CAPIPlanner, NoTimeGivesTheFirstPath) {
  Given given = ring(2000);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.time_limit = 0;
  OwnedPlan found = plan(given, options);
  ASSERT_TRUE(found);
  EXPECT_EQ(tenon_path_plan_num_steps(found.get()), 1999);
}

TEST(CAPIPlanner, ReportsTheBestSoFarAndItOnlyGetsBetter) {
  struct Log {
    int calls = 0;
    double last = std::numeric_limits<double>::infinity(), seconds = 0;
    std::string wrong;
  } log;
  Given given = ring(60);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.restarts = 16;
  options.progress_data = &log;
  options.progress = [](void *data, const tenon_path_progress *state) {
    Log &log = *static_cast<Log *>(data);
    ++log.calls;
    if (state->log2_cost > log.last)
      log.wrong = "the best became worse";
    if (state->seconds < log.seconds)
      log.wrong = "time went back";
    if (std::string(state->strategy).empty() || (state->steps && state->step > state->steps))
      log.wrong = "a step past the last";
    log.last = state->log2_cost;
    log.seconds = state->seconds;
  };
  OwnedPlan found = plan(given, options);
  ASSERT_TRUE(found);
  EXPECT_GT(log.calls, 4);
  EXPECT_EQ(log.wrong, "");
  // Strategies may leave out steps that every tree has.
  EXPECT_NEAR(log.last, costOf(found).log2_operations, 0.05);
}

TEST(CAPIPlanner, CancellationIsAskedOnTheCallingThreadAndReturnsTheBest) {
  struct Question {
    std::thread::id thread;
    int asked = 0;
    bool elsewhere = false;
  } question;
  Given given = ring(600);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.strategy = "random-greedy";
  options.restarts = int64_t(1) << 40;
  options.cancelled_data = &question;
  options.cancelled = [](void *data) -> int32_t {
    Question &question = *static_cast<Question *>(data);
    question.elsewhere |= std::this_thread::get_id() != question.thread;
    return ++question.asked >= 2;
  };
  question.thread = std::this_thread::get_id();
  OwnedPlan found = plan(given, options);
  ASSERT_TRUE(found);
  EXPECT_EQ(tenon_path_plan_was_cancelled(found.get()), 1);
  EXPECT_EQ(tenon_path_plan_num_steps(found.get()), 599);
  EXPECT_FALSE(question.elsewhere);

  // There is no plan to return where nothing keeps the limit.
  tenon_compile_failure failure = {sizeof(failure), TENON_OK, 0};
  options.failure = &failure;
  options.memory_limit = 1;
  EXPECT_FALSE(plan(given, options));
  EXPECT_EQ(failure.status, TENON_CANCELLED);
}

// ThreadSanitizer supports no threads in forked children.
#if !__has_feature(thread_sanitizer)
TEST(CAPIPlanner, AChildForkedWhileCancellationIsAskedIsToldSo) {
  struct Question {
    int asked = 0;
    pid_t child = -1;
  } question;
  Given given = ring(600);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.strategy = "random-greedy";
  options.restarts = int64_t(1) << 40;
  options.cancelled_data = &question;
  options.cancelled = [](void *data) -> int32_t {
    Question &question = *static_cast<Question *>(data);
    if (++question.asked == 2 && (question.child = fork()) == 0)
      // Threads of the child's own may get the ids of those that were left in the parent.
      for (int i = 0; i < 4; ++i)
        std::thread([] { std::this_thread::sleep_for(std::chrono::seconds(30)); }).detach();
    return question.child > 0;
  };
  char *error = nullptr;
  tenon_path_plan *found = tenon_path_plan_create(&given.network, &options, &error);
  if (question.child == 0) {
    bool isRight = !found && error && std::string(error).find("forked") != std::string::npos;
    // It can search on its own.
    alarm(60);
    options = TENON_PATH_OPTIONS_DEFAULT;
    Given other = ring(30);
    found = tenon_path_plan_create(&other.network, &options, nullptr);
    _exit(isRight && found && tenon_path_plan_num_steps(found) == 29 ? 0 : 1);
  }
  OwnedPlan kept(found);
  ASSERT_TRUE(kept);
  EXPECT_EQ(tenon_path_plan_num_steps(found), 599);
  ASSERT_GT(question.child, 0);
  int status = -1;
  waitpid(question.child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}
#endif

TEST(CAPIPlanner, KeepsPlansOnDisk) {
  std::string directory = testing::TempDir() + "tenon-capi-" + std::to_string(getpid());
  Given given = ring(30);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  options.cache_directory = directory.c_str();
  OwnedPlan first = plan(given, options), second = plan(given, options);
  EXPECT_EQ(tenon_path_plan_was_cached(first.get()), 0);
  EXPECT_EQ(tenon_path_plan_was_cached(second.get()), 1);
  EXPECT_EQ(stepsOf(second, TENON_PATH_SSA), stepsOf(first, TENON_PATH_SSA));
  EXPECT_STREQ(tenon_path_plan_warning(second.get()), "");
  std::filesystem::remove_all(directory);

  std::ofstream(directory) << "a file";
  OwnedPlan kept = plan(given, options);
  EXPECT_EQ(stepsOf(kept, TENON_PATH_SSA), stepsOf(first, TENON_PATH_SSA));
  EXPECT_NE(std::string(tenon_path_plan_warning(kept.get())).find(directory), std::string::npos);
  std::filesystem::remove_all(directory);
}

TEST(CAPIPlanner, CountsPastTheRangeOfADouble) {
  // Two tensors of 1100 indices of extent 2^10 each, which only differ in one.
  std::vector<Numbers> tensors(2);
  Numbers extents(1101, 1024);
  for (int64_t i = 0; i < 1100; ++i) {
    tensors[0].push_back(i);
    tensors[1].push_back(i + 1);
  }
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  tenon_path_cost cost = costOf(plan(Given(tensors, extents, {}), options));
  EXPECT_EQ(cost.operations, std::numeric_limits<double>::max());
  // Leaves are summed first: the indices that only one of them has are gone.
  EXPECT_DOUBLE_EQ(cost.log2_operations, 1099 * 10.0);
}

TEST(CAPIPlannerBadInput, SaysWhatIsWrong) {
  static const Numbers twice = {0, 1, 0, 2}, beyond = {0, 1, 2, 9}, one = {0, 1};
  static const Numbers edges = {1, 1}, negativeLength = {-1, 2};
  struct Case {
    const char *message;
    std::function<void(Given &, tenon_path_options &)> spoil;
  };
  auto initial = [](const Numbers &steps, tenon_path_form form) {
    return [&steps, form](Given &, tenon_path_options &o) {
      o.initial = steps.data();
      o.initial_form = form;
      o.initial_steps =
          static_cast<int64_t>(form == TENON_PATH_EDGE ? steps.size() : steps.size() / 2);
    };
  };
  const Case cases[] = {
      {"the network has no tensors",
       [](Given &g, tenon_path_options &) { g.network.num_tensors = 0; }},
      {"num_output is -2; expected 0 or more",
       [](Given &g, tenon_path_options &) { g.network.num_output = -2; }},
      {"num_tensors is 3, but there is no array",
       [](Given &g, tenon_path_options &) { g.network.ranks = nullptr; }},
      {"tensor 0 has rank 2, but there is no array of indices",
       [](Given &g, tenon_path_options &) { g.network.indices = nullptr; }},
      {"tensor 1 has the negative rank -1",
       [](Given &g, tenon_path_options &) { g.ranks[1] = -1; }},
      {"tensor 1 has index 9; expected 0 to 3",
       [](Given &g, tenon_path_options &) { g.indices[3] = 9; }},
      {"the output has index -1; expected 0 to 3",
       [](Given &g, tenon_path_options &) { g.output[0] = -1; }},
      {"the output has index 3 twice", [](Given &g, tenon_path_options &) { g.output[0] = 3; }},
      {"index 2 has the negative extent -5",
       [](Given &g, tenon_path_options &) { g.extents[2] = -5; }},
      {"tenon_path_network: struct_size",
       [](Given &g, tenon_path_options &) { g.network.struct_size = 3; }},
      {"tenon_path_options: struct_size",
       [](Given &, tenon_path_options &o) { o.struct_size = 3; }},
      {"unknown strategy 'best'; expected one of ",
       [](Given &, tenon_path_options &o) { o.strategy = "best"; }},
      {"'speed'", [](Given &, tenon_path_options &o) { o.minimize = "speed"; }},
      {"threads is -1", [](Given &, tenon_path_options &o) { o.threads = -1; }},
      {"restarts is -3", [](Given &, tenon_path_options &o) { o.restarts = -3; }},
      {"memory_limit is -8", [](Given &, tenon_path_options &o) { o.memory_limit = -8; }},
      {"largest_limit is -6", [](Given &, tenon_path_options &o) { o.largest_limit = -6; }},
      {"cache_bytes is -1", [](Given &, tenon_path_options &o) { o.cache_bytes = -1; }},
      {"element_bytes is -4", [](Given &, tenon_path_options &o) { o.element_bytes = -4; }},
      {"slice_threads is -2", [](Given &, tenon_path_options &o) { o.slice_threads = -2; }},
      {"time_limit is not a number", [](Given &, tenon_path_options &o) { o.time_limit = NAN; }},
      {"alpha is not a finite number", [](Given &, tenon_path_options &o) { o.alpha = -1; }},
      {"there is no initial path", [](Given &, tenon_path_options &o) { o.keep_initial = 1; }},
      {"step 1 of the path names tensor 0, which step 0 already contracted",
       initial(twice, TENON_PATH_SSA)},
      {"step 1 of the path names position 2, but 2 tensors remain",
       initial(beyond, TENON_PATH_LINEAR)},
      {"element 1 of the edge path repeats index 1", initial(edges, TENON_PATH_EDGE)},
      {"initial_form is 5", initial(one, static_cast<tenon_path_form>(5))},
      {"step 0 of the path has the negative length -1",
       [](Given &, tenon_path_options &o) {
         o.initial = one.data();
         o.initial_steps = 2;
         o.initial_lengths = negativeLength.data();
       }},
  };
  for (const Case &test : cases) {
    Given given = chain();
    tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
    tenon_compile_failure failure = {sizeof(failure), TENON_OK, 0};
    options.failure = &failure;
    test.spoil(given, options);
    std::string message;
    EXPECT_FALSE(plan(given, options, &message));
    EXPECT_NE(message.find(test.message), std::string::npos)
        << message << "\n  expected: " << test.message;
    if (std::string(test.message).find("options: struct_size") == std::string::npos)
      EXPECT_EQ(failure.status, TENON_INVALID_ARGUMENT) << message;
  }
}

/// The chain, and its last two tensors by themselves: values 10, 20 and 30.
struct Pair {
  Given whole = chain(), right = Given({{2, 0}, {0, 1}}, {5, 7, 3}, {1, 2});
  Numbers ofWhole = {10, 20, 30}, ofRight = {20, 30};
  const tenon_path_network *networks[2] = {&whole.network, &right.network};
  const int64_t *tensors[2] = {ofWhole.data(), ofRight.data()};
  int64_t count = 2;
  tenon_joint_cost cost = {sizeof(tenon_joint_cost), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  tenon_path_plan *made[2] = {nullptr, nullptr};

  Pair() = default;
  Pair(const Pair &) = delete;
  Pair &operator=(const Pair &) = delete;
  ~Pair() {
    for (tenon_path_plan *plan : made)
      tenon_path_plan_destroy(plan);
  }

  tenon_status plan(const tenon_path_options &options, std::string &message) {
    char *error = nullptr;
    tenon_status status =
        tenon_path_plans_create(networks, tensors, count, &options, made, &cost, &error);
    message = take(error);
    return status;
  }
};

TEST(CAPIPlanner, PlansNetworksTogether) {
  Pair pair;
  std::string message;
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  ASSERT_EQ(pair.plan(options, message), TENON_OK) << message;
  // By itself the chain is contracted from the left, for 100. Since the product of its last two is
  // there, 42 are added to 105.
  EXPECT_EQ(pair.cost.operations, 147);
  EXPECT_EQ(pair.cost.log2_operations, std::log2(147.0));
  EXPECT_EQ(pair.cost.operations_unshared, 252);
  EXPECT_EQ(pair.cost.shared_steps, 1);
  EXPECT_EQ(pair.cost.steps, 2);
  EXPECT_EQ(pair.cost.largest, 21);
  EXPECT_EQ(pair.cost.slices, 1);
  EXPECT_GT(pair.cost.seconds, 0);
  OwnedPlan whole(std::exchange(pair.made[0], nullptr)),
      right(std::exchange(pair.made[1], nullptr));
  EXPECT_EQ(costOf(whole).operations, 147);
  EXPECT_EQ(costOf(right).operations, 105);
  EXPECT_EQ(stepsOf(whole, TENON_PATH_SSA), (Numbers{1, 2, 0, 3}));
  EXPECT_EQ(stepsOf(right, TENON_PATH_LINEAR), (Numbers{0, 1}));

  // Tensors that only look alike share nothing.
  pair.ofRight = {40, 50};
  ASSERT_EQ(pair.plan(options, message), TENON_OK) << message;
  EXPECT_EQ(pair.cost.operations, 100 + 105);
  EXPECT_EQ(pair.cost.shared_steps, 0);
}

TEST(CAPIPlanner, WritesNoMoreOfAJointCostThanThereIs) {
  // A caller of a later version, whose struct has one more number.
  struct {
    tenon_joint_cost cost;
    double later;
  } given = {{sizeof(given), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 7};
  Pair pair;
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  char *error = nullptr;
  ASSERT_EQ(tenon_path_plans_create(pair.networks, pair.tensors, pair.count, &options, pair.made,
                                    &given.cost, &error),
            TENON_OK)
      << take(error);
  EXPECT_EQ(given.cost.struct_size, sizeof(given));
  EXPECT_EQ(given.cost.operations, 147);
  EXPECT_EQ(given.later, 7);
}

TEST(CAPIPlannerBadInput, SaysWhatIsWrongWithSeveralNetworks) {
  static const Numbers path = {0, 1};
  static const double densities[] = {1, 1, 1};
  struct Case {
    const char *message;
    std::function<void(Pair &, tenon_path_options &)> spoil;
    tenon_status status = TENON_INVALID_ARGUMENT;
  };
  const Case cases[] = {
      {"found 0 networks, expected at least one", [](Pair &p, auto &) { p.count = 0; }},
      {"network 1: found no network, or no tensor numbers",
       [](Pair &p, auto &) { p.networks[1] = nullptr; }},
      {"network 0: found no network, or no tensor numbers",
       [](Pair &p, auto &) { p.tensors[0] = nullptr; }},
      {"network 1: tensor 1 has the number -4, expected 0 or more",
       [](Pair &p, auto &) { p.ofRight[1] = -4; }},
      {"network 1: tensor 0 has index 9", [](Pair &p, auto &) { p.right.indices[0] = 9; }},
      {"network 0: ", [](Pair &p, auto &) { p.whole.output[0] = p.whole.output[1]; }},
      {"several networks have no initial path, no densities and no cache",
       [](Pair &, tenon_path_options &o) { o.initial = path.data(), o.initial_steps = 1; }},
      {"several networks have no", [](Pair &, tenon_path_options &o) { o.densities = densities; }},
      {"several networks have no", [](Pair &, tenon_path_options &o) { o.cache_directory = ""; }},
      {"unknown strategy 'best'", [](Pair &, tenon_path_options &o) { o.strategy = "best"; }},
      {"unknown cost model 'speed'", [](Pair &, tenon_path_options &o) { o.minimize = "speed"; }},
      {"restarts is -1", [](Pair &, tenon_path_options &o) { o.restarts = -1; }},
      {"struct_size", [](Pair &p, auto &) { p.cost.struct_size = 8; }},
      {"the memory bound of 10 bytes cannot be kept",
       [](Pair &, tenon_path_options &o) { o.memory_limit = 10; }, TENON_MEMORY_LIMIT},
  };
  for (const Case &test : cases) {
    Pair pair;
    tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
    test.spoil(pair, options);
    std::string message;
    EXPECT_EQ(pair.plan(options, message), test.status) << test.message;
    EXPECT_NE(message.find(test.message), std::string::npos) << message;
    if (std::string(test.message).find("strategy") != std::string::npos)
      EXPECT_EQ(message.find("network"), std::string::npos) << message;
    EXPECT_FALSE(pair.made[0] || pair.made[1]);
  }
}

} // namespace
