//===- ChainTilingTest.cpp - Two contractions, tile by tile ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/ChainTiling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace tenon::cpu;

namespace {
const Processor wide{512, 32, true, 48 << 10, 1 << 20, 16 << 20};

int64_t elements(const ContractionChain::Indices &tensor, const std::vector<int64_t> &extents) {
  int64_t product = 1;
  for (int32_t index : tensor)
    product *= extents[static_cast<size_t>(index)];
  return product;
}

/// a[i, j] b[j, k] -> [i, k], then c[k, l] -> [i, l].
ContractionChain matrices(int64_t i, int64_t j, int64_t k, int64_t l) {
  ContractionChain chain;
  chain.extents = {i, j, k, l};
  chain.lhs = {0, 1};
  chain.rhs = {1, 2};
  chain.between = {0, 2};
  chain.other = {2, 3};
  chain.result = {0, 3};
  return chain;
}

/// What a tiling promises, from the definitions.
void check(const ContractionChain &chain, const ChainTiling &tiling) {
  ContractionChain::Indices kept = chain.keptIndices();
  ASSERT_EQ(tiling.tile.size(), chain.extents.size());
  for (size_t index = 0; index < chain.extents.size(); ++index) {
    EXPECT_GE(tiling.tile[index], 1);
    EXPECT_LE(tiling.tile[index], chain.extents[index]);
    bool isCut = tiling.tile[index] < chain.extents[index];
    auto number = static_cast<int32_t>(index);
    EXPECT_EQ(std::count(tiling.loops.begin(), tiling.loops.end(), number), isCut ? 1 : 0);
    if (isCut)
      EXPECT_NE(std::find(kept.begin(), kept.end(), number), kept.end());
  }
}

TEST(ChainTiling, CutsWhatMovesMoreThanItComputes) {
  // 200 MB between, 24 multiply-adds for each element of it.
  ContractionChain chain = matrices(500000, 12, 100, 12);
  std::optional<ChainTiling> tiling = chooseChainTiling(chain, wide, 1);
  ASSERT_TRUE(tiling);
  check(chain, *tiling);
  EXPECT_EQ(tiling->loops, ContractionChain::Indices{0});
  EXPECT_LE(elements(chain.between, tiling->tile) * 4, wide.l2Bytes);
  EXPECT_LT(tiling->tiled, tiling->whole);
}

TEST(ChainTiling, LeavesWholeWhatFitsOrMultipliesMuch) {
  EXPECT_FALSE(chooseChainTiling(matrices(500, 12, 100, 12), wide, 1)) << "200 kB between";
  EXPECT_FALSE(chooseChainTiling(matrices(5000, 5000, 5000, 5000), wide, 1)) << "bound by products";
  ContractionChain summed = matrices(5000, 12, 5000, 12);
  summed.other = {0, 2, 3};
  summed.result = {3};
  EXPECT_FALSE(chooseChainTiling(summed, wide, 1)) << "nothing is kept";
}

TEST(ChainTiling, LeavesWholeWhatTheModelDoesNotKnow) {
  // Vectors of two elements, times matrices, for each of a batch of a million.
  ContractionChain chain = matrices(2, 2, 16, 2);
  chain.extents.push_back(1000000);
  for (ContractionChain::Indices *tensor :
       {&chain.lhs, &chain.rhs, &chain.between, &chain.other, &chain.result})
    tensor->insert(tensor->begin(), 4);
  EXPECT_FALSE(chooseChainTiling(chain, wide, 1));
  chain.isMap = {true, true};
  EXPECT_TRUE(chooseChainTiling(chain, wide, 1));
}

TEST(ChainTiling, LeavesNoThreadIdle) {
  // Five positions of four megabytes: two threads share four, and none of the tiles is split.
  ContractionChain chain = matrices(500000, 12, 100, 12);
  for (int64_t threads : {1, 2, 3, 8}) {
    std::optional<ChainTiling> tiling = chooseChainTiling(chain, wide, threads);
    ASSERT_TRUE(tiling);
    check(chain, *tiling);
    LoopShare share = shareLoop(chain.extents[0], tiling->tile[0], threads);
    EXPECT_GE(share.efficiency, 0.9) << threads << " threads";
  }
  EXPECT_EQ(shareLoop(5, 3, 2).share, 0);
}

TEST(ChainTiling, SharesAreWholeTilesSideBySide) {
  std::mt19937 random(3);
  auto between = [&](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  for (int round = 0; round < 1000; ++round) {
    int64_t extent = between(1, 100), tile = between(1, extent), threads = between(1, 9);
    LoopShare share = shareLoop(extent, tile, threads);
    EXPECT_EQ(share.share % tile, 0);
    EXPECT_LE(share.share * threads, extent);
    EXPECT_GT((share.share + tile) * threads, extent) << "another tile for each would fit";
    EXPECT_LE(share.efficiency, 1);
    EXPECT_EQ(share.efficiency == 0, share.share == 0);
  }
}

TEST(ChainTiling, ManySmallIndicesAreCutTogether) {
  // A tensor of 24 dimensions of 2; the first sums four of them, the second four others.
  ContractionChain chain;
  chain.extents.assign(32, 2);
  for (int32_t index = 0; index < 24; ++index) {
    chain.between.push_back(index);
    (index < 4 ? chain.rhs : chain.lhs).push_back(index);
    (index >= 4 && index < 8 ? chain.other : chain.result).push_back(index);
  }
  for (int32_t index = 24; index < 28; ++index) {
    chain.lhs.push_back(index);
    chain.rhs.push_back(index);
  }
  for (int32_t index = 28; index < 32; ++index) {
    chain.other.push_back(index);
    chain.result.push_back(index);
  }
  std::optional<ChainTiling> tiling = chooseChainTiling(chain, wide, 1);
  ASSERT_TRUE(tiling);
  check(chain, *tiling);
  EXPECT_GT(tiling->loops.size(), 2u);
}

TEST(ChainTiling, RandomChainsAreCutAlongKeptIndicesOnly) {
  std::mt19937 random(11);
  int found = 0;
  for (int round = 0; round < 200; ++round) {
    ContractionChain chain;
    auto add = [&](std::initializer_list<ContractionChain::Indices *> tensors) {
      chain.extents.push_back(1 + static_cast<int64_t>(random() % 97));
      for (ContractionChain::Indices *tensor : tensors)
        tensor->push_back(static_cast<int32_t>(chain.extents.size()) - 1);
    };
    add({&chain.lhs, &chain.between, &chain.result});
    add({&chain.rhs, &chain.between, &chain.result});
    add({&chain.lhs, &chain.rhs});
    add({&chain.lhs, &chain.between, &chain.other});
    add({&chain.rhs, &chain.between, &chain.result});
    add({&chain.other, &chain.result});
    for (ContractionChain::Indices *tensor : {&chain.between, &chain.result})
      std::shuffle(tensor->begin(), tensor->end(), random);
    std::optional<ChainTiling> tiling = chooseChainTiling(chain, wide, 1 + round % 3);
    std::optional<ChainTiling> again = chooseChainTiling(chain, wide, 1 + round % 3);
    ASSERT_EQ(tiling.has_value(), again.has_value());
    if (!tiling)
      continue;
    ++found;
    check(chain, *tiling);
    EXPECT_EQ(tiling->tile, again->tile);
    EXPECT_GT(elements(chain.between, chain.extents) * 4, wide.l2Bytes);
  }
  EXPECT_GT(found, 10);
}
} // namespace
