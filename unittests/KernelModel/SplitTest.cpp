//===- SplitTest.cpp - How threads share one contraction ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/Split.h"

#include <gtest/gtest.h>

#include <random>

using namespace tenon::cpu;

namespace {
TEST(Split, GivesEveryPartWork) {
  std::mt19937 random(5);
  auto size = [&] { return int64_t(1) << random() % 12; };
  int shared = 0;
  for (int round = 0; round < 2000; ++round) {
    KernelTiling tiling{KernelStrategy::Packed, 16, 12, 32};
    ContractionSizes sizes{size() + 1, size() + 3, size(), size(), 4};
    int64_t threads = 1 + random() % 9;
    CallSplit split = chooseSplit(tiling, sizes, threads);
    double operations = double(sizes.m) * double(sizes.n) * double(sizes.k) * double(sizes.batch);
    if (threads == 1 || operations < double(kSharedFromOperations)) {
      EXPECT_EQ(split.ways, 1);
      continue;
    }
    EXPECT_GE(split.ways, 1);
    EXPECT_LE(split.ways, threads);
    if (split.ways == 1)
      continue;
    ++shared;
    int64_t extent = split.group == CallSplit::Batch ? sizes.batch
                     : split.group == CallSplit::M   ? sizes.m
                                                     : sizes.n;
    int64_t unit = split.group == CallSplit::Batch ? 1 : split.group == CallSplit::M ? 12 : 32;
    EXPECT_EQ(split.grain, unit);
    EXPECT_GT(extent, (split.ways - 1) * split.grain) << "the last part is empty";
  }
  EXPECT_GT(shared, 100);
}

TEST(Split, CutsStreamsWhereNoLineOfTheResultIs) {
  KernelTiling tiling{KernelStrategy::Streamed, 16, 1, 16};
  CallSplit split = chooseSplit(tiling, {2, 1 << 16, 2, 64, 12}, 4);
  EXPECT_EQ(split.group, CallSplit::N);
  EXPECT_EQ(split.ways, 4);
  EXPECT_EQ(split.grain, 16);
}

TEST(Split, CutsGatheredLanesWhereMostPointsAre) {
  KernelTiling tiling{KernelStrategy::Gathered, 16, 1, 16};
  EXPECT_EQ(chooseSplit(tiling, {2, 3, 2, 1 << 20, 12}, 4).group, CallSplit::Batch);
  EXPECT_EQ(chooseSplit(tiling, {1 << 10, 3, 2, 1 << 9, 12}, 4).group, CallSplit::M);
  CallSplit split = chooseSplit(tiling, {2, 1 << 20, 2, 8, 12}, 4);
  EXPECT_EQ(split.group, CallSplit::N);
  EXPECT_EQ(split.grain, 16);
}

TEST(Split, TakesTheBatchWhereItSuffices) {
  KernelTiling tiling{KernelStrategy::Packed, 16, 12, 32};
  EXPECT_EQ(chooseSplit(tiling, {100, 100, 100, 8, 4}, 4).group, CallSplit::Batch);
  EXPECT_EQ(chooseSplit(tiling, {1000, 100, 100, 7, 4}, 4).group, CallSplit::M);
  EXPECT_EQ(chooseSplit(tiling, {24, 1000, 100, 1, 4}, 4).group, CallSplit::N);
  // Nothing but the sum is long: it is not cut.
  EXPECT_EQ(chooseSplit(tiling, {3, 5, 1 << 20, 1, 3}, 4).ways, 1);
}
} // namespace
