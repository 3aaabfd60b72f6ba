//===- PassCatalogTest.cpp - What the fuzzer knows about passes -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/PassCatalog.h"

#include <gtest/gtest.h>

#include <set>

using namespace tenon::fuzz;

namespace {

TEST(PassCatalogTest, DescriptionsAreWhole) {
  std::set<std::string_view> names;
  for (const PassDescription &pass : passCatalog()) {
    EXPECT_TRUE(names.insert(pass.name).second) << pass.name << " is described twice";
    EXPECT_EQ(findPass(pass.name), &pass);
    EXPECT_NE(pass.from, 0) << pass.name;
    EXPECT_TRUE(pass.anchor == "builtin.module" || pass.anchor == "func.func") << pass.name;
    bool anyRefuses = false;
    std::set<std::string_view> options;
    for (const PassOption &option : pass.options) {
      EXPECT_TRUE(options.insert(option.name).second) << pass.name << " " << option.name;
      EXPECT_GE(option.values.size(), 2u) << pass.name << " " << option.name;
      EXPECT_EQ(std::set<std::string_view>(option.values.begin(), option.values.end()).size(),
                option.values.size())
          << pass.name << " " << option.name;
      anyRefuses |= option.mayRefuse;
    }
    EXPECT_EQ(anyRefuses, (pass.refuses & kRefusesOptions) != 0) << pass.name;
  }
  EXPECT_EQ(findPass("no-such-pass"), nullptr);
}

TEST(PassCatalogTest, EveryLevelIsReached) {
  Levels reached = levelBit(Level::Network);
  for (unsigned round = 0; round < 4; ++round)
    for (const PassDescription &pass : passCatalog())
      if ((pass.from & reached) && pass.to)
        reached |= levelBit(*pass.to);
  EXPECT_EQ(reached, 0b1111);
}

TEST(PassCatalogTest, OptionsAreFound) {
  PassStep step{"tn-plan", "min-slices=4 seed=2"};
  EXPECT_EQ(optionOf(step, "min-slices"), "4");
  EXPECT_EQ(optionOf(step, "seed"), "2");
  EXPECT_EQ(optionOf(step, "slices"), "");
  EXPECT_EQ(optionOf(step, "threads"), "");
}

TEST(PassCatalogTest, RefusalsDependOnTheCase) {
  Genome genome;
  genome.nodes.emplace_back();
  genome.nodes[0].extents = {4};
  genome.results = {0};
  genome.passes = {{"tn-plan", ""},
                   {"tn-plan", "threads=2"},
                   {"tn-plan", "memory-limit=64"},
                   {"tn-simplify", ""}};
  EXPECT_FALSE(mayRefuse(genome, 0));
  EXPECT_FALSE(mayRefuse(genome, 1));
  EXPECT_TRUE(mayRefuse(genome, 2));
  EXPECT_FALSE(mayRefuse(genome, 3));
  genome.nodes[0].dynamic = 1;
  EXPECT_TRUE(mayRefuse(genome, 0));
  EXPECT_FALSE(mayRefuse(genome, 3));
  // Bits past the rank are none.
  genome.nodes[0].dynamic = 2;
  EXPECT_FALSE(mayRefuse(genome, 0));

  genome.passes = {{"tenon-buffer-stage", ""}, {"tenon-kernel-stage", ""}};
  EXPECT_FALSE(mayRefuse(genome, 0));
  EXPECT_FALSE(mayRefuse(genome, 1));
  genome.nodes.emplace_back();
  genome.nodes[1].kind = NodeKind::Map;
  EXPECT_TRUE(mayRefuse(genome, 0));
  genome.passes.insert(genome.passes.begin(), {"convert-elementwise-to-linalg", ""});
  EXPECT_FALSE(mayRefuse(genome, 1));
  // Somebody else has been at the buffers.
  genome.passes.insert(genome.passes.begin() + 2, {"convert-linalg-to-loops", ""});
  EXPECT_TRUE(mayRefuse(genome, 3));
}

} // namespace
