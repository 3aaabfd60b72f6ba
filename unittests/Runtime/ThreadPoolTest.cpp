//===- ThreadPoolTest.cpp -------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "ThreadPool.h"

#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace tenon::runtime;

namespace {
struct PoolDeleter {
  void operator()(ThreadPool *pool) const { ThreadPool::destroy(pool); }
};
using PoolPtr = std::unique_ptr<ThreadPool, PoolDeleter>;
} // namespace

TEST(ThreadPoolTest, everyParticipantRunsOnceOnItsOwnThread) {
  PoolPtr pool(ThreadPool::create(5));
  ASSERT_EQ(pool->size(), 5);
  std::vector<std::thread::id> ids(4);
  auto work = [&](int32_t participant) {
    ids[static_cast<size_t>(participant)] = std::this_thread::get_id();
  };
  pool->run(4, work);
  EXPECT_EQ(ids[0], std::this_thread::get_id());
  for (size_t i = 0; i < 4; ++i)
    for (size_t j = 0; j < i; ++j)
      EXPECT_NE(ids[i], ids[j]);
}

// Jobs of changing size, in a row and after pauses that let the threads fall asleep.
TEST(ThreadPoolTest, manyJobs) {
  PoolPtr pool(ThreadPool::create(4));
  int64_t expected = 0;
  std::atomic<int64_t> sum{0};
  for (int32_t job = 0; job < 3000; ++job) {
    int32_t participants = 1 + job % 4;
    auto work = [&](int32_t participant) { sum += job * 5 + participant; };
    pool->run(participants, work);
    for (int32_t participant = 0; participant < participants; ++participant)
      expected += job * 5 + participant;
    ASSERT_EQ(sum, expected);
    if (job % 500 == 499)
      usleep(2000);
  }
}

TEST(ThreadPoolTest, isStaleInAForkedChild) {
  PoolPtr pool(ThreadPool::create(3));
  EXPECT_FALSE(pool->isStale());
  pid_t child = fork();
  if (child == 0)
    _exit(pool->isStale() ? 17 : 18);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 17);
  EXPECT_FALSE(pool->isStale());
}
