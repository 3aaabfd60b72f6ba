//===- PrebuiltKernelsTest.cpp - Which kernels a build has ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/QuickStart/PrebuiltKernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

using namespace tenon;
using namespace tenon::quick;

namespace {
TEST(PrebuiltKernels, CoverWhatTheModelChooses) {
  // Sizes of all magnitudes, not those of the grid that the build asks for.
  std::mt19937 random(1);
  auto size = [&] {
    double log2 = std::uniform_real_distribution<double>(0, 24)(random);
    return static_cast<int64_t>(std::exp2(log2));
  };
  for (const KernelSet *set : allKernelSets())
    for (tenon_dtype dtype : {TENON_F32, TENON_F64, TENON_C64, TENON_C128}) {
      std::set<int64_t> tiles;
      for (int i = 0; i < 20000; ++i) {
        cpu::ContractionSizes sizes{size(), size(), size(), size(), 5};
        if (i % 2 == 1)
          for (int64_t *extent : {&sizes.m, &sizes.n, &sizes.k})
            *extent = 1 + *extent % 70;
        sizes.readsRuns = i % 3 != 0;
        sizes.areMatrices = i % 3 == 1;
        sizes.runsAlongBatch = i % 3 == 2;
        sizes.isStream = i % 5 == 0;
        sizes.isScattered = i % 7 == 0;
        sizes.runOfN = i % 2 == 0 ? size() : 0;
        cpu::KernelTiling tiling =
            cpu::chooseBlocking(*prebuiltSumFormat(dtype), sizes, set->processor);
        EXPECT_NE(set->find({dtype, tiling}), nullptr)
            << set->name << ", dtype " << dtype << ": " << tiling.mr << " x " << tiling.nr
            << " for m " << sizes.m << ", n " << sizes.n << ", k " << sizes.k;
        tiles.insert(tiling.mr * 1000 + tiling.nr);
      }
      EXPECT_GT(tiles.size(), 2u) << "the sizes ask for several kernels";
    }
}

TEST(PrebuiltKernels, AreDifferentFunctionsForDifferentKeys) {
  for (const KernelSet *set : allKernelSets()) {
    std::set<KernelFunction> functions;
    for (const PrebuiltKernel &kernel : set->kernels) {
      EXPECT_EQ(set->find(kernel.key), kernel.function) << set->name << ": a key stands twice";
      functions.insert(kernel.function);
    }
    EXPECT_EQ(functions.size(), set->kernels.size()) << set->name;
  }
}

TEST(PrebuiltKernels, HaveNoneForOtherTypesAndTiles) {
  EXPECT_FALSE(prebuiltSumFormat(TENON_I32));
  EXPECT_FALSE(prebuiltSumFormat(TENON_BF16));
  for (const KernelSet *set : allKernelSets()) {
    KernelKey key = set->kernels.front().key;
    key.tiling.mr += 1000;
    EXPECT_EQ(set->find(key), nullptr);
    key = set->kernels.front().key;
    key.dtype = TENON_I32;
    EXPECT_EQ(set->find(key), nullptr);
  }
}

TEST(PrebuiltKernels, BestSetHasTheCachesOfThisMachine) {
  const KernelSet *host = hostKernelSet();
  if (!host)
    GTEST_SKIP() << "no kernels are prebuilt for this processor";
  EXPECT_FALSE(host->kernels.empty());
  EXPECT_GT(host->processor.l1Bytes, 0);
  EXPECT_GE(host->processor.l2Bytes, host->processor.l1Bytes);
  EXPECT_EQ(hostKernelSet(), host) << "the choice is made once";
}
} // namespace
