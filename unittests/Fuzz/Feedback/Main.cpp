//===- Main.cpp - The tests, and what they run in other processes -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// FuzzFeedbackTests --print-features prints what a canonicalization shows; --print-costs what
// feedback costs (docs/fuzzing.md).
//
//===----------------------------------------------------------------------===//
#include "PassRuns.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string_view>

using namespace tenon::fuzz;

namespace {

/// Of the processor, on this thread.
double seconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <typename Work> double secondsOf(Work work) {
  double begin = seconds();
  work();
  return seconds() - begin;
}

std::unique_ptr<Feedback> makeBlocks(const std::string &directory) {
  std::string error;
  std::unique_ptr<Feedback> blocks = makeBlockFeedback(directory, error);
  if (!blocks)
    std::fprintf(stderr, "%s\n", error.c_str());
  return blocks;
}

int printFeatures() {
  std::unique_ptr<Feedback> blocks = makeBlocks("");
  if (!blocks)
    return 1;
  for (uint32_t feature : featuresOf(*blocks, kArithmetic, "canonicalize"))
    std::printf("feature %u %s\n", feature, blocks->describe(feature).c_str());
  return 0;
}

/// The least time of a case with and without a feedback, taken in turns.
void printSteadyState(Feedback &feedback,
                      const std::function<void(mlir::MLIRContext &)> &prepare = {}) {
  double with = 1e9, without = 1e9;
  for (int i = 0; i < 100; ++i) {
    without = std::min(without, secondsOf([] { runPasses(kNetwork, "tenon-cpu-pipeline"); }));
    with = std::min(
        with, secondsOf([&] { featuresOf(feedback, kNetwork, "tenon-cpu-pipeline", prepare); }));
  }
  std::printf("%s: a case takes %.3f ms, %.3f ms without\n", std::string(feedback.name()).c_str(),
              1e3 * with, 1e3 * without);
}

int printCosts() {
  std::unique_ptr<Feedback> blocks;
  std::string directory = testing::TempDir() + "tenon-feedback-costs";
  runPasses(kNetwork, "tenon-cpu-pipeline");
  double usual = 1e9;
  for (int i = 0; i < 100; ++i)
    usual = std::min(usual, secondsOf([] { runPasses(kNetwork, "tenon-cpu-pipeline"); }));
  double first = secondsOf([&] { blocks = makeBlocks(""); });
  if (!blocks)
    return 1;
  blocks.reset();
  makeBlocks(directory);
  double again = secondsOf([&] { blocks = makeBlocks(directory); });
  std::printf("blocks: %zu; found and armed in %.3f s, armed from the cache in %.3f s\n",
              blocks->total(), first, again);
  double hits = secondsOf([&] { featuresOf(*blocks, kNetwork, "tenon-cpu-pipeline"); });
  std::printf("blocks: %zu first hits, %.2f us each\n", blocks->numSeen(),
              1e6 * (hits - usual) / static_cast<double>(blocks->numSeen()));
  printSteadyState(*blocks);
  blocks.reset();
  std::unique_ptr<PatternFeedback> patterns = makePatternFeedback();
  printSteadyState(*patterns, [&](mlir::MLIRContext &context) { patterns->install(context); });
  if (std::unique_ptr<Feedback> edges = makeEdgeFeedback()) {
    printSteadyState(*edges);
    std::printf("edges: %zu counters\n", edges->total() / 8);
  }
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  std::string_view argument = argc == 2 ? argv[1] : "";
  if (argument == "--print-features")
    return printFeatures();
  if (argument == "--print-costs")
    return printCosts();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
