//===- IsolatedTest.cpp - Work in a process of its own ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Isolated.h"

#include "gtest/gtest.h"

#include <csignal>
#include <vector>

#include <unistd.h>

using namespace tenon::fuzz;

namespace {

TEST(Isolated, ReturnsWhatTheWorkSays) {
  std::string large(1 << 20, 'x');
  IsolatedRun run = runIsolated([&](const PhaseSink &phase) {
    phase("first");
    phase("second");
    return large + "y";
  });
  EXPECT_EQ(run.end, IsolationEnd::Finished);
  EXPECT_EQ(run.output, large + "y");
  EXPECT_EQ(run.phase, "second");
}

TEST(Isolated, ChangesNothingInTheParent) {
  int value = 1;
  runIsolated([&](const PhaseSink &) {
    value = 2;
    return std::string();
  });
  EXPECT_EQ(value, 1);
}

TEST(Isolated, NamesTheSignalAndThePhaseOfACrash) {
  for (int signal : {SIGSEGV, SIGABRT, SIGFPE}) {
    IsolatedRun run = runIsolated([&](const PhaseSink &phase) {
      phase("pass tn-plan");
      raise(signal);
      return std::string("not reached");
    });
    EXPECT_EQ(run.end, IsolationEnd::Crashed);
    EXPECT_EQ(run.signal, signal);
    EXPECT_EQ(run.phase, "pass tn-plan");
  }
}

TEST(Isolated, AnExitOfItsOwnIsACrash) {
  IsolatedRun run = runIsolated([](const PhaseSink &) -> std::string { _exit(0); });
  EXPECT_EQ(run.end, IsolationEnd::Crashed);
  EXPECT_EQ(run.signal, 0);
}

TEST(Isolated, EndsWhatTakesTooLong) {
  IsolationLimits limits;
  limits.time = std::chrono::milliseconds(200);
  auto begin = std::chrono::steady_clock::now();
  IsolatedRun run = runIsolated(
      [](const PhaseSink &phase) {
        phase("native");
        for (;;)
          pause();
        return std::string();
      },
      limits);
  EXPECT_EQ(run.end, IsolationEnd::TimedOut);
  EXPECT_EQ(run.phase, "native");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef TENON_ADDRESS_SANITIZER
TEST(Isolated, EndsWhatTakesTooMuchMemory) {
  IsolationLimits limits;
  limits.memory = 64 << 20;
  IsolatedRun run = runIsolated(
      [](const PhaseSink &) {
        std::vector<char> block(size_t{512} << 20, 'x');
        return std::string(block.data(), 1);
      },
      limits);
  EXPECT_EQ(run.end, IsolationEnd::OutOfMemory);
}
#endif

TEST(Isolated, CutsLongPhases) {
  IsolatedRun run = runIsolated([](const PhaseSink &phase) {
    phase(std::string(5000, 'p'));
    return std::string();
  });
  EXPECT_EQ(run.phase, std::string(200, 'p'));
}

} // namespace
