//===- KeptMemoryTest.cpp -------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tenon-runtime/KeptMemory.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <gtest/gtest.h>
#include <initializer_list>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace tenon::runtime;

static constexpr uint64_t kMiB = uint64_t(1) << 20;

namespace {

/// Begins and ends with nothing kept.
class KeptMemoryTest : public testing::Test {
protected:
  void SetUp() override { KeptMemory::trim(); }
  void TearDown() override { KeptMemory::trim(); }
};

} // namespace

TEST_F(KeptMemoryTest, whatWasGivenBackIsTakenAgain) {
  auto *first = static_cast<char *>(KeptMemory::take(5 * kMiB));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % kBlockAlignment, 0u);
  std::memset(first, 1, 5 * kMiB);
  void *second = KeptMemory::take(5 * kMiB);
  EXPECT_NE(second, first);
  KeptMemory::give(first, 5 * kMiB);
  // Rounded up they are the same; 7 MiB are not.
  void *other = KeptMemory::take(7 * kMiB);
  EXPECT_NE(other, first);
  auto *again = static_cast<char *>(KeptMemory::take(5 * kMiB + 1));
  EXPECT_EQ(again, first);
  std::memset(again, 2, 5 * kMiB + 1);
  KeptMemory::give(again, 5 * kMiB + 1);
  KeptMemory::give(second, 5 * kMiB);
  KeptMemory::give(other, 7 * kMiB);
  EXPECT_EQ(KeptMemory::trim(), (6 + 6 + 8) * kMiB);
  EXPECT_EQ(KeptMemory::trim(), 0u);
}

TEST_F(KeptMemoryTest, theOldestGoFirst) {
  std::vector<void *> blocks;
  for (uint64_t i = 0; i < 17; ++i)
    blocks.push_back(KeptMemory::take((2 * i + 4) * kMiB));
  for (uint64_t i = 0; i < 17; ++i)
    KeptMemory::give(blocks[i], (2 * i + 4) * kMiB);
  // Sixteen are kept: all but the first.
  uint64_t expected = 0;
  for (uint64_t i = 1; i < 17; ++i)
    expected += (2 * i + 4) * kMiB;
  EXPECT_EQ(KeptMemory::trim(), expected);
}

/// Bytes of the process that the system may take without asking; -1 where it does not say.
static int64_t markedBytes() {
  FILE *file = std::fopen("/proc/self/smaps_rollup", "r");
  if (!file)
    return -1;
  long kilobytes = -1;
  char line[256];
  while (kilobytes < 0 && std::fgets(line, sizeof(line), file))
    if (std::sscanf(line, "LazyFree: %ld kB", &kilobytes) != 1)
      kilobytes = -1;
  std::fclose(file);
  return kilobytes < 0 ? -1 : int64_t(kilobytes) << 10;
}

static int64_t residentBytes(void *block, uint64_t bytes) {
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> isThere(bytes / page);
  if (mincore(block, bytes, isThere.data()) != 0)
    return 0;
  return static_cast<int64_t>(page) *
         std::count_if(isThere.begin(), isThere.end(), [](unsigned char byte) { return byte & 1; });
}

TEST_F(KeptMemoryTest, whatWasUsedLastIsNotMarked) {
  const int64_t before = markedBytes();
  if (before < 0)
    GTEST_SKIP() << "the system does not count marked pages";
  struct Block {
    void *memory;
    uint64_t bytes;
  };
  // The system counts pages one by one, and some of them late; where memory is short it has taken
  // some already.
  auto areMarked = [&](std::initializer_list<Block> blocks) {
    int64_t marked = markedBytes() - before, most = 0, least = -static_cast<int64_t>(kMiB);
    for (const Block &block : blocks) {
      most += static_cast<int64_t>(block.bytes);
      least += residentBytes(block.memory, block.bytes);
    }
    return marked > least && marked <= most;
  };
  auto takeAndFill = [](uint64_t bytes) {
    void *block = KeptMemory::take(bytes);
    std::memset(block, 1, bytes);
    return block;
  };
  const uint64_t small = 12 * kMiB, large = kMostUnmarkedBytes + 2 * kMiB;
  void *largeBlock = takeAndFill(large), *blocks[3];
  for (void *&block : blocks)
    block = takeAndFill(small);
  KeptMemory::give(blocks[0], small);
  KeptMemory::give(blocks[1], small);
  EXPECT_TRUE(areMarked({}));
  KeptMemory::give(blocks[2], small);
  EXPECT_TRUE(areMarked({{blocks[0], small}})) << "of 36 MiB the oldest block";
  // A block that is too large leaves the others as they are.
  KeptMemory::give(largeBlock, large);
  EXPECT_TRUE(areMarked({{blocks[0], small}, {largeBlock, large}}));
  // The last one comes first; what is taken and written is no longer marked.
  EXPECT_EQ(takeAndFill(small), blocks[2]);
  EXPECT_EQ(takeAndFill(small), blocks[1]);
  EXPECT_TRUE(areMarked({{blocks[0], small}, {largeBlock, large}}));
  EXPECT_EQ(takeAndFill(small), blocks[0]);
  EXPECT_TRUE(areMarked({{largeBlock, large}}));
  for (void *block : blocks)
    KeptMemory::give(block, small);
  EXPECT_TRUE(areMarked({{blocks[0], small}, {largeBlock, large}}));
  EXPECT_EQ(KeptMemory::trim(), 3 * small + large);
}

TEST_F(KeptMemoryTest, whatIsTooLargeIsRefused) {
  EXPECT_EQ(KeptMemory::take(uint64_t(1) << 58), nullptr);
  EXPECT_EQ(KeptMemory::take(UINT64_MAX), nullptr);
  KeptMemory::give(nullptr, 5 * kMiB);
  EXPECT_EQ(KeptMemory::trim(), 0u);
}

/// Runs `body` in a child process, whose limits are its own; its exit status.
template <typename Body> static int inChild(Body body) {
  pid_t child = fork();
  if (child == 0)
    _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(KeptMemoryTest, whatIsKeptMakesRoomWhereAddressesAreFew) {
  EXPECT_EQ(inChild([] {
              KeptMemory::give(KeptMemory::take(256 * kMiB), 256 * kMiB);
              // What is mapped now, and a little more.
              long pages = 0;
              FILE *file = std::fopen("/proc/self/statm", "r");
              if (!file || std::fscanf(file, "%ld", &pages) != 1)
                return 2;
              auto mapped =
                  static_cast<uint64_t>(pages) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
              rlimit limit = {mapped + 16 * kMiB, mapped + 16 * kMiB};
              if (setrlimit(RLIMIT_AS, &limit) != 0)
                return 3;
              return KeptMemory::take(200 * kMiB) ? 0 : 1;
            }),
            0);
}

TEST_F(KeptMemoryTest, threadsNeverGetOneBlockTwice) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int id = 0; id < 4; ++id)
    threads.emplace_back([id, &wrong] {
      for (int round = 0; round < 300; ++round) {
        auto *block = static_cast<char *>(KeptMemory::take(4 * kMiB));
        block[17] = static_cast<char>(id);
        std::this_thread::yield();
        wrong[static_cast<size_t>(id)] += block[17] != static_cast<char>(id);
        KeptMemory::give(block, 4 * kMiB);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}
