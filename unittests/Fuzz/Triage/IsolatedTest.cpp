//===- IsolatedTest.cpp - Work in a process of its own ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Isolated.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <csignal>
#include <vector>

#include <unistd.h>

using namespace tenon::fuzz;

namespace {

TEST(Isolated, ReturnsWhatTheWorkSays) {
  std::string large(1 << 20, 'x');
  IsolatedRun run = runIsolated([&] { return large + "y"; });
  EXPECT_EQ(run.end, IsolationEnd::Finished);
  EXPECT_EQ(run.output, large + "y");
}

TEST(Isolated, ChangesNothingInTheParent) {
  int value = 1;
  runIsolated([&] {
    value = 2;
    return std::string();
  });
  EXPECT_EQ(value, 1);
}

TEST(Isolated, NamesTheSignalOfACrash) {
  for (int signal : {SIGSEGV, SIGABRT, SIGFPE}) {
    IsolatedRun run = runIsolated([&] {
      raise(signal);
      return std::string("not reached");
    });
    EXPECT_EQ(run.end, IsolationEnd::Crashed);
    EXPECT_EQ(run.signal, signal);
  }
}

TEST(Isolated, AnExitOfItsOwnIsACrash) {
  IsolatedRun run = runIsolated([]() -> std::string { _exit(3); });
  EXPECT_EQ(run.end, IsolationEnd::Crashed);
  EXPECT_EQ(run.signal, 0);
  EXPECT_EQ(run.status, 3);
}

TEST(Isolated, EndsWhatTakesTooLong) {
  IsolationLimits limits;
  limits.time = std::chrono::milliseconds(200);
  auto begin = std::chrono::steady_clock::now();
  IsolatedRun run = runIsolated(
      [] {
        for (;;)
          pause();
        return std::string();
      },
      limits);
  EXPECT_EQ(run.end, IsolationEnd::TimedOut);
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
      [] {
        // Volatile, or the compiler sees that nothing needs it.
        auto *volatile block = new std::vector<char>(size_t{512} << 20, 'x');
        return std::string(block->data(), 1);
      },
      limits);
  EXPECT_EQ(run.end, IsolationEnd::OutOfMemory);
}
#endif

TEST(Isolated, KeepsWhatIsWrittenToStandardError) {
  llvm::SmallString<128> log;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("isolated", "log", log));
  IsolationLimits limits;
  limits.log = log.str().str();
  runIsolated(
      [] {
        llvm::errs() << "a reason\n";
        return std::string();
      },
      limits);
  auto buffer = llvm::MemoryBuffer::getFile(log);
  ASSERT_TRUE(bool(buffer));
  EXPECT_EQ((*buffer)->getBuffer(), "a reason\n");
  llvm::sys::fs::remove(log);
}

} // namespace
