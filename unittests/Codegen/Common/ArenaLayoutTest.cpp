//===- ArenaLayoutTest.cpp - Offsets for buffers with known lives -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/Common/ArenaLayout.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <limits>
#include <random>

using namespace tenon;

namespace {

int64_t roundUp(int64_t bytes, int64_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

bool liveTogether(const BufferLife &a, const BufferLife &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// The largest sum of rounded sizes in use at one time, counted for every buffer anew.
int64_t countBound(const std::vector<BufferLife> &buffers, int64_t alignment) {
  int64_t bound = 0;
  // The sum can only rise where a life begins.
  for (const BufferLife &start : buffers) {
    int64_t inUse = 0;
    for (const BufferLife &other : buffers)
      if (other.first <= start.first && start.first <= other.last)
        inUse += roundUp(other.bytes, alignment);
    bound = std::max(bound, inUse);
  }
  return bound;
}

/// Checks what every layout promises; returns bytes / bound.
double checkLayout(const std::vector<BufferLife> &buffers, int64_t alignment) {
  std::optional<ArenaLayout> layout = layOutArena(buffers, alignment);
  if (!layout) {
    ADD_FAILURE() << "no layout";
    return 0;
  }
  EXPECT_EQ(layout->offsets.size(), buffers.size());
  int64_t end = 0;
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_GE(layout->offsets[i], 0);
    EXPECT_EQ(layout->offsets[i] % alignment, 0) << "buffer " << i;
    if (buffers[i].bytes == 0)
      continue;
    end = std::max(end, layout->offsets[i] + buffers[i].bytes);
    for (size_t k = 0; k < i; ++k)
      if (liveTogether(buffers[i], buffers[k]) && buffers[k].bytes > 0)
        EXPECT_TRUE(layout->offsets[i] + buffers[i].bytes <= layout->offsets[k] ||
                    layout->offsets[k] + buffers[k].bytes <= layout->offsets[i])
            << "buffers " << k << " and " << i << " overlap at " << layout->offsets[k] << " and "
            << layout->offsets[i];
  }
  EXPECT_EQ(layout->bytes, roundUp(end, alignment));
  EXPECT_EQ(layout->bound, countBound(buffers, alignment));
  EXPECT_GE(layout->bytes, layout->bound);
  return layout->bound == 0 ? 1 : double(layout->bytes) / double(layout->bound);
}

TEST(ArenaLayout, HasNoBytesForNoBuffers) {
  std::optional<ArenaLayout> layout = layOutArena({});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->bytes, 0);
  EXPECT_EQ(layout->bound, 0);
  EXPECT_TRUE(layout->offsets.empty());
}

TEST(ArenaLayout, SharesBytesOfLivesThatDoNotMeet) {
  // A chain: each lives with the next only.
  std::optional<ArenaLayout> layout = layOutArena({{320, 0, 1}, {192, 1, 2}, {256, 2, 3}});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offsets, (std::vector<int64_t>{0, 320, 0}));
  EXPECT_EQ(layout->bytes, 512);
  EXPECT_EQ(layout->bound, 512);
}

TEST(ArenaLayout, KeepsLivesThatMeetAtOneTimeApart) {
  std::optional<ArenaLayout> layout = layOutArena({{64, 0, 5}, {128, 5, 9}});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offsets, (std::vector<int64_t>{128, 0}));
  EXPECT_EQ(layout->bytes, 192);
}

TEST(ArenaLayout, TakesTheSmallestGapThatHolds) {
  // Five are placed one above the other; the second and the fourth die early and leave gaps of 512
  // and of 256 bytes.
  std::vector<BufferLife> buffers = {{1024, 0, 9}, {512, 0, 1}, {448, 0, 9},
                                     {256, 0, 1},  {192, 0, 9}, {128, 2, 9}};
  std::optional<ArenaLayout> layout = layOutArena(buffers);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->offsets, (std::vector<int64_t>{0, 1024, 1536, 1984, 2240, 1984}));
  checkLayout(buffers, 64);
}

TEST(ArenaLayout, RoundsSizesUpToTheAlignment) {
  std::optional<ArenaLayout> layout = layOutArena({{1, 0, 0}, {65, 0, 0}, {127, 0, 0}}, 64);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->bytes, 64 + 128 + 128);
  EXPECT_EQ(layOutArena({{1, 0, 0}, {2, 0, 0}, {3, 0, 0}}, 1)->bytes, 6);
}

TEST(ArenaLayout, GivesEmptyBuffersNoBytes) {
  std::optional<ArenaLayout> layout = layOutArena({{0, 0, 9}, {100, 3, 4}, {0, 3, 3}});
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->bytes, 128);
  EXPECT_EQ(layout->offsets[1], 0);
}

TEST(ArenaLayout, RefusesSumsPastAllMemory) {
  constexpr int64_t max = std::numeric_limits<int64_t>::max();
  EXPECT_FALSE(layOutArena({{max, 0, 0}}));
  EXPECT_FALSE(layOutArena({{max / 2, 0, 0}, {max / 2 + 2, 0, 0}}));
  EXPECT_TRUE(layOutArena({{max - 200, 0, 0}}));
}

TEST(ArenaLayout, IsTheSameEveryTime) {
  std::vector<BufferLife> buffers;
  for (int64_t i = 0; i < 200; ++i)
    buffers.push_back({(i * 7919) % 13 * 64, i % 17, i % 17 + i % 5});
  EXPECT_EQ(layOutArena(buffers)->offsets, layOutArena(buffers)->offsets);
}

/// Buffers as contraction trees have them: most live from one step to another not far away, sizes
/// over several orders of magnitude.
std::vector<BufferLife> randomLives(std::mt19937_64 &random, int64_t count) {
  std::vector<BufferLife> buffers;
  for (int64_t i = 0; i < count; ++i) {
    int64_t length = static_cast<int64_t>(random() % 8);
    if (random() % 10 == 0)
      length = static_cast<int64_t>(random() % count);
    buffers.push_back(
        {static_cast<int64_t>(1 + random() % (uint64_t(64) << (random() % 12))), i, i + length});
  }
  return buffers;
}

TEST(ArenaLayout, NeverOverlapsAndStaysNearTheBound) {
  std::mt19937_64 random(7);
  double sum = 0, worst = 0;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    std::vector<BufferLife> buffers = randomLives(random, 1 + static_cast<int64_t>(random() % 120));
    constexpr int64_t kAlignments[] = {1, 64, 128, 4096};
    double ratio = checkLayout(buffers, kAlignments[random() % 4]);
    if (HasFailure())
      return;
    sum += ratio;
    worst = std::max(worst, ratio);
  }
  RecordProperty("worst", std::to_string(worst));
  RecordProperty("mean", std::to_string(sum / kRounds));
  // Best fit has no constant bound; on lives like these it is close.
  EXPECT_LE(sum / kRounds, 1.05);
  EXPECT_LE(worst, 1.3);
}

} // namespace
