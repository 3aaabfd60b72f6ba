//===- BlockingTest.cpp - Sizes of kernels --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/Blocking.h"
#include "tenon/KernelModel/TuningTable.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>

using namespace tenon::cpu;

static const Processor wide{512, 32, true, 32 << 10, 1 << 20, 16 << 20};

TEST(Processor, TextGoesBothWays) {
  EXPECT_EQ(wide.text(), "512/32/1/32768/1048576/16777216");
  std::optional<Processor> read = Processor::fromText("128/32/0/65536/1048577/8388609");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->vectorBits, 128);
  EXPECT_EQ(read->numVectors, 32);
  EXPECT_FALSE(read->memoryOperand);
  EXPECT_EQ(read->l1Bytes, 65536);
  EXPECT_EQ(read->l2Bytes, 1048577);
  EXPECT_EQ(read->l3Bytes, 8388609);
}

TEST(Processor, TextTellsOfDots) {
  Processor dots = wide;
  dots.dotsBF16 = true;
  EXPECT_EQ(dots.text(), "512/32/1/32768/1048576/16777216/bf16");
  std::optional<Processor> read = Processor::fromText(dots.text());
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->dotsBF16);
  EXPECT_EQ(read->l3Bytes, wide.l3Bytes);
  EXPECT_FALSE(Processor::fromText(wide.text())->dotsBF16);
}

TEST(Processor, OtherTextIsRefused) {
  for (const char *text :
       {"", "512", "512/32/1/32768/1048576", "512/32/1/32768/1048576/1/2",
        "512/32/2/32768/1048576/1", "512/32/1/-5/1048576/1", "500/32/1/32768/1048576/1",
        "512/4/1/32768/1048576/1", "512/32/1/32768/1048576/99999999999999999999",
        "512/32/1/32768/1048576/1 ", "a/b/c/d/e/f", "512/32/1/32768/1048576/1/",
        "512/32/1/32768/1048576/1/bf1", "512/32/1/32768/1048576/1/bf16 ",
        "512/32/1/32768/1048576/bf16", "512/32/1/32768/1048576/1/bf16/bf16"})
    EXPECT_FALSE(Processor::fromText(text)) << text;
}

TEST(Blocking, SmallProductsAreNotPacked) {
  SumFormat sum{1, 4, false};
  auto strategy = [&](int64_t m, int64_t n, int64_t k) {
    return chooseBlocking(sum, {m, n, k, 1, 4}, wide).strategy;
  };
  EXPECT_EQ(strategy(32, 32, 32), KernelStrategy::Direct);
  EXPECT_EQ(strategy(32, 33, 32), KernelStrategy::Packed);
  EXPECT_EQ(strategy(2, 5000, 5000), KernelStrategy::Direct);
  EXPECT_EQ(strategy(5000, 5000, 2), KernelStrategy::Direct);
  ContractionSizes gathered{17, 17, 16, 1, 4, false};
  EXPECT_EQ(chooseBlocking(sum, gathered, wide).strategy, KernelStrategy::Packed);
  gathered.n = 15;
  EXPECT_EQ(chooseBlocking(sum, gathered, wide).strategy, KernelStrategy::Direct);
  // The product of the sizes exceeds 64 bits.
  EXPECT_EQ(strategy(1 << 24, 1 << 23, 1 << 22), KernelStrategy::Packed);
}

/// Products of matrices, or of matrices that lie side by side.
static ContractionSizes batchOf(int64_t m, int64_t n, int64_t k, int64_t batch,
                                bool areSideBySide = false) {
  ContractionSizes sizes{m, n, k, batch, 4};
  sizes.areMatrices = !areSideBySide;
  sizes.runsAlongBatch = areSideBySide;
  return sizes;
}

TEST(Blocking, SmallProductsInBatchesHaveStrategiesOfTheirOwn) {
  auto strategy = [&](const ContractionSizes &sizes) {
    return chooseBlocking({1, 4, false}, sizes, wide).strategy;
  };
  for (int64_t extent : {2, 3, 4, 17, 32})
    for (int64_t batch : {2, 1000}) {
      EXPECT_EQ(strategy(batchOf(extent, extent, extent, batch)), KernelStrategy::Batched);
      EXPECT_EQ(strategy(batchOf(extent, extent, extent, batch, true)),
                KernelStrategy::Interleaved);
    }
  EXPECT_EQ(strategy(batchOf(4, 4, 4, 1)), KernelStrategy::Direct);
  // B no longer stays in the first cache; several dimensions are better packed.
  EXPECT_EQ(strategy(batchOf(64, 64, 64, 1000)), KernelStrategy::Batched);
  EXPECT_EQ(strategy(batchOf(20, 100, 100, 1000)), KernelStrategy::Packed);
  EXPECT_EQ(strategy(batchOf(65, 64, 64, 1000)), KernelStrategy::Packed);
  EXPECT_EQ(strategy({33, 32, 32, 1000, 4}), KernelStrategy::Packed);
  EXPECT_EQ(strategy({8, 8, 8, 1000, 4}), KernelStrategy::Direct);
  // Vectors and outer products.
  for (bool areSideBySide : {false, true}) {
    EXPECT_EQ(strategy(batchOf(1, 16, 16, 1000, areSideBySide)), KernelStrategy::Direct);
    EXPECT_EQ(strategy(batchOf(16, 1, 16, 1000, areSideBySide)), KernelStrategy::Direct);
    EXPECT_EQ(strategy(batchOf(16, 16, 1, 1000, areSideBySide)), KernelStrategy::Direct);
  }
}

TEST(Blocking, TilesOfBatchesFitRegistersAndProduct) {
  for (const Processor &processor : {wide, Processor{256, 16, true, 32 << 10, 1 << 20, 16 << 20},
                                     Processor{128, 32, false, 64 << 10, 1 << 20, 8 << 20}})
    for (SumFormat sum : {SumFormat{1, 4, false}, {1, 8, false}, {2, 4, false}, {2, 8, false}})
      for (int64_t m : {2, 3, 5, 8, 21, 32})
        for (int64_t n : {2, 3, 5, 8, 16, 21, 32}) {
          Blocking blocking = chooseBlocking(sum, batchOf(m, n, 7, 100), processor);
          ASSERT_EQ(blocking.strategy, KernelStrategy::Batched);
          int64_t registers = processor.lanes(8 * sum.elementBytes());
          auto rest = static_cast<uint64_t>(blocking.nr % std::max<int64_t>(registers, 2));
          int64_t vectors = blocking.nr / std::max<int64_t>(registers, 2) + std::popcount(rest);
          EXPECT_EQ(blocking.nr % blocking.lanes, 0);
          EXPECT_LE(blocking.mr, m);
          EXPECT_LE(blocking.nr, n);
          EXPECT_LE(blocking.mr * vectors * sum.parts + vectors + 1, processor.numVectors);
          EXPECT_TRUE(explainBlocking(blocking, processor).empty())
              << explainBlocking(blocking, processor);
        }
}

TEST(Blocking, TilesOfBatchesHaveShorterVectorsAtTheEnd) {
  auto tile = [](int64_t parts, int64_t bytes, int64_t extent) {
    Blocking blocking =
        chooseBlocking({parts, bytes, false}, batchOf(extent, extent, extent, 100), wide);
    return std::array<int64_t, 3>{blocking.lanes, blocking.mr, blocking.nr};
  };
  using Tile = std::array<int64_t, 3>;
  // A register and half of one; half and a quarter; a register and a quarter; three registers.
  EXPECT_EQ(tile(1, 4, 24), (Tile{8, 8, 24}));
  EXPECT_EQ(tile(1, 4, 12), (Tile{4, 6, 12}));
  EXPECT_EQ(tile(1, 4, 20), (Tile{4, 5, 20}));
  EXPECT_EQ(tile(1, 8, 24), (Tile{8, 8, 24}));
  EXPECT_EQ(tile(2, 4, 12), (Tile{4, 6, 12}));
  // Nothing is left.
  EXPECT_EQ(tile(1, 4, 16), (Tile{16, 8, 16}));
  EXPECT_EQ(tile(1, 4, 32), (Tile{16, 8, 32}));
}

TEST(Blocking, TilesOfBatchesBeyondTheCachesAreSmaller) {
  auto vectors = [](int64_t batch) {
    Blocking blocking = chooseBlocking({1, 8, false}, batchOf(16, 16, 16, batch), wide);
    return blocking.mr * blocking.nr / blocking.lanes;
  };
  // 6 KiB each, and a third cache of 16 MiB.
  EXPECT_EQ(vectors(1300), 16);
  EXPECT_EQ(vectors(1400), 8);
}

TEST(Blocking, StrategiesHaveNames) {
  for (KernelStrategy strategy :
       {KernelStrategy::Packed, KernelStrategy::Direct, KernelStrategy::Batched,
        KernelStrategy::Interleaved, KernelStrategy::Streamed, KernelStrategy::Gathered})
    EXPECT_EQ(strategyFromName(strategyName(strategy)), strategy);
  EXPECT_EQ(strategyName(KernelStrategy::Batched), "batched");
  EXPECT_FALSE(strategyFromName("batch"));
  EXPECT_FALSE(strategyFromName(""));
}

TEST(Blocking, StreamsAreTinyOperandsTimesLargeOnes) {
  EXPECT_TRUE(isTinyTimesLarge({2, 1 << 13, 2, 1, 4}));
  EXPECT_TRUE(isTinyTimesLarge({4, 1 << 20, 4, 64, 8}));
  // Too small, too much to do for each element, no tiny operand.
  EXPECT_FALSE(isTinyTimesLarge({2, 1 << 12, 2, 1, 4}));
  EXPECT_FALSE(isTinyTimesLarge({8, 1 << 20, 4, 1, 4}));
  EXPECT_FALSE(isTinyTimesLarge({2, 1 << 20, 2, 1024, 4}));
  // The batch makes C large, but not beside A.
  EXPECT_FALSE(isTinyTimesLarge({1, 100, 1, 1024, 4}));
  ContractionSizes sizes{2, 1 << 20, 2, 16, 10};
  EXPECT_EQ(chooseBlocking({1, 4, false}, sizes, wide).strategy, KernelStrategy::Direct);
  sizes.isStream = true;
  for (SumFormat sum : {SumFormat{1, 1, false}, {1, 4, false}, {1, 8, false}, {2, 8, false}}) {
    Blocking blocking = chooseBlocking(sum, sizes, wide);
    EXPECT_EQ(blocking.strategy, KernelStrategy::Streamed);
    EXPECT_EQ(blocking.lanes, sum.bytes == 8 ? 8 : 16);
    EXPECT_EQ(explainBlocking(blocking, wide), "");
  }
}

TEST(Blocking, LongRunsOfStreamsAreReadDirectly) {
  auto strategy = [&](int64_t parts, int64_t batch, int64_t run) {
    ContractionSizes sizes{4, 1 << 20, 4, batch, 10};
    sizes.isStream = true;
    sizes.runOfN = run;
    return chooseBlocking({parts, 4, false}, sizes, wide).strategy;
  };
  EXPECT_EQ(strategy(1, 1, 63), KernelStrategy::Streamed);
  EXPECT_EQ(strategy(1, 1, 64), KernelStrategy::Direct);
  EXPECT_EQ(strategy(1, 16, 511), KernelStrategy::Streamed);
  EXPECT_EQ(strategy(1, 16, 512), KernelStrategy::Direct);
  EXPECT_EQ(strategy(2, 1, 4096), KernelStrategy::Streamed);
}

TEST(Blocking, WorkspaceOfStreamsHoldsAVectorForEachElement) {
  SumFormat sum{2, 4, false};
  ContractionSizes sizes{2, 1 << 20, 4, 8, 9};
  sizes.isStream = true;
  Blocking blocking = chooseBlocking(sum, sizes, wide);
  auto up = [](int64_t value) { return (value + 63) / 64 * 64; };
  int64_t rows = 2 * 9 + 2, lists = 7 * up(8 * (16 + 4 * rows));
  int64_t tables = up(24 * (16 + 8)) + up(24 * (4 + 8)) + 2 * up(24 * (blocking.mc + 8)) +
                   up(24 * (2 * 4 * 8 + 8));
  EXPECT_EQ(workspaceBytes(blocking, sum, sizes),
            up(8 * rows) + lists + up(8 * 16) + tables + up(8 * 16 * 2 * 4 * 8));
}

TEST(Blocking, LanesAreGatheredWhereLittleIsDone) {
  EXPECT_TRUE(isLittleForMany({2, 1 << 12, 2, 2, 4}));
  EXPECT_TRUE(isLittleForMany({1, 1, 64, 1 << 14, 4}));
  EXPECT_FALSE(isLittleForMany({2, 1 << 12, 2, 1, 4}));
  EXPECT_FALSE(isLittleForMany({1, 1, 65, 1 << 14, 4}));
  auto strategy = [&](ContractionSizes sizes, bool isScattered) {
    sizes.isScattered = isScattered;
    sizes.readsRuns = false;
    Blocking blocking = chooseBlocking({1, 4, false}, sizes, wide);
    EXPECT_EQ(explainBlocking(blocking, wide), "");
    return blocking.strategy;
  };
  EXPECT_EQ(strategy({2, 1 << 20, 2, 1 << 10, 10}, false), KernelStrategy::Direct);
  EXPECT_EQ(strategy({2, 1 << 20, 2, 1 << 10, 10}, true), KernelStrategy::Gathered);
  EXPECT_EQ(strategy({3, 81, 9, 1 << 16, 10}, true), KernelStrategy::Gathered);
  // Enough to do for each element to pack them.
  EXPECT_EQ(strategy({64, 64, 16, 1 << 10, 10}, true), KernelStrategy::Packed);
  for (SumFormat sum : {SumFormat{1, 1, false}, {1, 4, false}, {1, 8, false}, {2, 8, false}})
    EXPECT_EQ(gatheredTile(sum, wide).lanes, sum.bytes == 8 ? 8 : 16);
}

TEST(Blocking, WorkspaceOfGatheredLanesHoldsTables) {
  SumFormat sum{2, 4, false};
  ContractionSizes sizes{2, 1 << 20, 4, 8, 9};
  Blocking blocking = blockingWithTile(gatheredTile(sum, wide), sum, sizes, wide);
  auto up = [](int64_t value) { return (value + 63) / 64 * 64; };
  int64_t rows = 2 * 9 + 2, lists = 6 * up(8 * (16 + 4 * rows));
  int64_t tables = up(24 * (16 * 16 + 8)) + up(24 * (4 + 8)) + 3 * up(24 * (blocking.mc + 8)) +
                   up(24 * (2 * 4 * 8 + 8));
  EXPECT_EQ(workspaceBytes(blocking, sum, sizes), up(8 * rows) + lists + up(8 * 32) + tables);
}

TEST(Blocking, WorkspaceOfBatchesHoldsOneProduct) {
  ContractionSizes sizes = batchOf(7, 6, 5, 1000);
  SumFormat sum{2, 4, false};
  Blocking blocking = chooseBlocking(sum, sizes, wide);
  ASSERT_EQ(blocking.strategy, KernelStrategy::Batched);
  auto up = [](int64_t value) { return (value + 63) / 64 * 64; };
  int64_t tables = up(24 * 15) + up(24 * 14) + up(24 * 13) + up(24 * (blocking.mc + 8));
  ASSERT_EQ(blocking.mr, 4);
  ASSERT_EQ(blocking.nr, 6);
  int64_t numTiles = 2;
  EXPECT_EQ(workspaceBytes(blocking, sum, sizes),
            64 + tables + up(8 * 35) + up(8 * 30) + up(8 * 42) + up(24 * (numTiles + 8)));
  // Of products that lie side by side, as many as a vector has lanes; of C one tile.
  sizes = batchOf(7, 6, 5, 1000, true);
  blocking = chooseBlocking(sum, sizes, wide);
  ASSERT_EQ(blocking.strategy, KernelStrategy::Interleaved);
  EXPECT_EQ(workspaceBytes(blocking, sum, sizes),
            64 + tables + up(16 * 8 * 35) + up(16 * 8 * 30) + up(8 * blocking.mr * blocking.nr));
}

TEST(Blocking, TilesHaveSumsToSpare) {
  // Two multiply-adds a cycle take eight sums to hide a latency of four: with no more than that, or
  // little work for a step of the loop, a tile that fits exactly is slower than one that does not.
  for (int64_t n : {16, 21, 32, 48, 430})
    for (int64_t m : {427, 428, 505, 1024}) {
      Blocking blocking = chooseBlocking({1, 4, false}, {m, n, 429, 1, 3}, wide);
      EXPECT_GE(blocking.mr * blocking.nr / blocking.lanes, 16) << m << " x " << n;
    }
}

TEST(Blocking, TilesOfFewRowsWasteFew) {
  for (int64_t m = 9; m <= 28; ++m) {
    Blocking blocking = chooseBlocking({1, 4, false}, {m, 2000, 400, 1, 3}, wide);
    int64_t tiles = (m + blocking.mr - 1) / blocking.mr;
    EXPECT_LE(tiles * blocking.mr - m, 3) << m;
  }
  // Of many rows, panels are packed through the larger transposes.
  for (int64_t bytes : {4, 8})
    for (int64_t parts : {1, 2})
      for (int64_t m = 85; m <= 400; ++m)
        for (int64_t n : {17, 64, 700}) {
          Blocking blocking = chooseBlocking({parts, bytes, false}, {m, n, 400, 1, 3}, wide);
          EXPECT_EQ(blocking.mr % kPadPeriod, 0) << m << " x " << n;
        }
}

TEST(Blocking, TheEstimateIsThatOfTheTile) {
  SumFormat sum{1, 4, false};
  for (int64_t m : {5, 19, 64, 301})
    for (int64_t n : {17, 33, 500}) {
      TileEstimate estimate = estimateTile(sum, m, n, wide);
      Blocking blocking = chooseBlocking(sum, {m, n, 500, 1, 3}, wide);
      EXPECT_EQ(estimate.mr, blocking.mr);
      EXPECT_EQ(estimate.nr, blocking.nr);
      // No faster than two vectors a cycle.
      EXPECT_GE(estimate.cycles, double(m * n) / 32);
    }
  // 19 columns fill three fifths of two vectors, 19 rows nearly two tiles of ten.
  EXPECT_GT(estimateTile(sum, 500, 19, wide).cycles, 1.2 * estimateTile(sum, 19, 500, wide).cycles);
}

TEST(Blocking, DirectTilesFitTheRegisters) {
  for (const Processor &processor : {wide, Processor{256, 16, true, 32 << 10, 1 << 20, 16 << 20},
                                     Processor{128, 32, false, 64 << 10, 1 << 20, 8 << 20}})
    for (SumFormat sum : {SumFormat{1, 4, false}, SumFormat{2, 8, false}}) {
      Blocking blocking = chooseBlocking(sum, {4, 4, 4, 1, 3}, processor);
      ASSERT_EQ(blocking.strategy, KernelStrategy::Direct);
      int64_t vectors = blocking.nr / blocking.lanes;
      EXPECT_EQ(blocking.nr % blocking.lanes, 0);
      EXPECT_LE((blocking.mr * vectors + vectors + 1) * sum.parts, processor.numVectors);
      EXPECT_EQ(blocking.nc % blocking.nr, 0);
    }
}

TEST(Blocking, WorkspaceIsTheSumOfItsParts) {
  // 2 dimensions, tables of 7 + 8 points for each group, and one of k: nothing is packed.
  ContractionSizes sizes{7, 2, 30, 1, 3};
  SumFormat sum{1, 4, false};
  Blocking blocking = chooseBlocking(sum, sizes, wide);
  EXPECT_EQ(blocking.strategy, KernelStrategy::Direct);
  // Words; k: 3 * 38 * 8 = 912; batch: 216; m: 360; n: 240; each in units of 64.
  EXPECT_EQ(workspaceBytes(blocking, sum, sizes), 64 + 960 + 256 + 384 + 256);
}

TEST(Blocking, WorkspaceOfPanelsIsClampedToTheProblem) {
  SumFormat sum{2, 8, false};
  ContractionSizes sizes{37, 53, 41, 1, 3};
  Blocking blocking = chooseBlocking(sum, sizes, wide);
  ASSERT_EQ(blocking.strategy, KernelStrategy::Packed);
  auto up = [](int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; };
  int64_t m = up(37, blocking.mr), n = up(53, blocking.nr), k = 44;
  EXPECT_LE(m, blocking.mc);
  EXPECT_LE(n, blocking.nc);
  int64_t tables =
      up(24 * (m + 8), 64) + up(24 * (n + 8), 64) + up(24 * (k + 8), 64) + up(24 * 9, 64);
  EXPECT_EQ(workspaceBytes(blocking, sum, sizes),
            64 + tables + up(16 * blocking.mr * blocking.nr, 64) + 16 * (m + n) * k);
}

TEST(Blocking, PanelsOfPairsAreTwiceAsDeep) {
  Processor dots = wide;
  dots.dotsBF16 = true;
  SumFormat sum{1, 4, false, true};
  ContractionSizes sizes{5000, 5000, 5000, 1, 3};
  Blocking pairs = chooseBlocking(sum, sizes, dots), single = chooseBlocking(sum, sizes, wide);
  EXPECT_EQ(pairs.dot, 2);
  EXPECT_EQ(single.dot, 1);
  EXPECT_EQ(pairs.kc, 2 * single.kc);
  EXPECT_EQ(workspaceBytes(pairs, sum, {37, 53, 41, 1, 3}) + 2 * (48 + 64) * 44,
            workspaceBytes(
                [&] {
                  Blocking same = pairs;
                  same.dot = 1;
                  return same;
                }(),
                sum, {37, 53, 41, 1, 3}));
  // Products of other types, and small ones, which are not packed.
  EXPECT_EQ(chooseBlocking({1, 4, false}, sizes, dots).dot, 1);
  EXPECT_EQ(chooseBlocking(sum, {8, 8, 8, 1, 3}, dots).dot, 1);
}

TEST(Blocking, BlocksOfNHoldWhatPackingReadsTogether) {
  ContractionSizes thin{24, 100000, 384, 1, 3}, square{3000, 3000, 3000, 1, 3};
  for (int64_t bytes : {4, 8})
    for (int64_t parts : {1, 2})
      for (const ContractionSizes &sizes : {thin, square}) {
        Blocking blocking = chooseBlocking({parts, bytes, false}, sizes, wide);
        EXPECT_EQ(blocking.nc % runGroup(parts * bytes), 0) << blocking.nc;
        EXPECT_EQ(blocking.nc % blocking.nr, 0) << blocking.nc;
      }
  EXPECT_EQ(runGroup(4), 256);
  EXPECT_EQ(runGroup(16), 64);
  // Not where k is so deep that a group of panels is larger than the second cache.
  ContractionSizes deep{24, 100000, 1 << 20, 1, 3};
  Blocking blocking = chooseBlocking({1, 4, true}, deep, wide);
  EXPECT_EQ(blocking.nc, blocking.nr);
}

TEST(Blocking, WorkspaceStopsGrowing) {
  SumFormat sum{1, 8, false};
  ContractionSizes large{1 << 20, 1 << 19, 1 << 18, 5, 7}, larger{1 << 24, 1 << 23, 1 << 22, 5, 7};
  EXPECT_EQ(workspaceBytes(chooseBlocking(sum, large, wide), sum, large),
            workspaceBytes(chooseBlocking(sum, larger, wide), sum, larger));
  // Blocks of A and B in half of the second cache and 4 MiB, tables and tile beside them.
  EXPECT_LT(workspaceBytes(chooseBlocking(sum, large, wide), sum, large),
            (4 << 20) + (1 << 19) + (1 << 18));
  // A sum that is rounded once is never cut: panels are as deep as k.
  sum.isRoundedOnce = true;
  EXPECT_GT(workspaceBytes(chooseBlocking(sum, larger, wide), sum, larger), int64_t(8) << 22);
}
