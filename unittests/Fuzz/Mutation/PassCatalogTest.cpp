//===- PassCatalogTest.cpp - What the fuzzer knows about passes -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/PassCatalog.h"

#include <gtest/gtest.h>
#include <utility>

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
  for (unsigned round = 0; round < 5; ++round)
    for (const PassDescription &pass : passCatalog())
      if ((pass.from & reached) && pass.to)
        reached |= levelBit(*pass.to);
  EXPECT_EQ(reached, 0b111111);
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

TEST(PassCatalogTest, GuardsDependOnTheProgram) {
  Genome genome;
  genome.nodes.emplace_back();
  genome.nodes[0].extents = {4};
  genome.results = {0};
  genome.passes = {
      {"linalg-specialize-generic-ops", ""},
      {"linalg-block-pack-matmul", "block-factors=2,3,4"},
      {"int-range-optimizations", ""},
      {"affine-loop-unroll", "unroll-factor=2 unroll-up-to-factor=true unroll-num-reps=2"},
      {"affine-loop-unroll", "unroll-factor=2"}};
  auto guards = [&] {
    std::vector<std::string_view> list;
    for (const PassStep &step : genome.passes)
      list.push_back(guardOf(genome, step));
    return list;
  };
  using List = std::vector<std::string_view>;
  EXPECT_EQ(guards(), (List{"D1-D4", "", "", "D8", ""}));
  genome.nodes[0].element = Element::C64;
  EXPECT_EQ(guards(), (List{"D1-D4", "D10", "", "D8", ""}));
  genome.nodes[0].element = Element::I8;
  EXPECT_EQ(guards(), (List{"D1-D4", "", "", "D8", ""}));
  genome.nodes[0].extents = {0};
  EXPECT_EQ(guards(), (List{"D1-D4", "", "D12, D21", "D8", ""}));
  // The analysis of ranges stays away from affine loops.
  genome.nodes[0].extents = {4};
  std::vector<PassStep> steps =
      std::exchange(genome.passes, {{"int-range-optimizations", ""},
                                    {"one-shot-bufferize", ""},
                                    {"arith-unsigned-when-equivalent", ""},
                                    {"convert-linalg-to-affine-loops", ""},
                                    {"affine-loop-coalescing", ""},
                                    {"arith-unsigned-when-equivalent", ""}});
  EXPECT_EQ(guards(), (List{"", "", "", "", "", "D12, D21"}));
  removeGuarded(genome);
  EXPECT_EQ(genome.passes.size(), 5u);
  EXPECT_EQ(genome.passes.back().name, "affine-loop-coalescing");
  genome.nodes[0].extents = {4, 0};
  EXPECT_EQ(guards().back(), "D25");
  // Extents that are open reach loops.
  genome.passes = {{"one-shot-bufferize", ""}, {"convert-linalg-to-affine-loops", ""}};
  genome.nodes[0].extents = {4};
  EXPECT_EQ(guards(), (List{"", ""}));
  genome.nodes[0].dynamic = 1;
  EXPECT_EQ(guards(), (List{"", "D26"}));
  genome.nodes[0].dynamic = 0;
  // Maps that read their init, until they are generic.
  genome.passes = {{"one-shot-bufferize", ""}};
  genome.nodes.emplace_back();
  genome.nodes[1].kind = NodeKind::Update;
  EXPECT_EQ(guards(), List{"D5"});
  genome.passes.push_back({"convert-linalg-to-loops", ""});
  removeGuarded(genome);
  EXPECT_TRUE(genome.passes.empty());
  genome.passes = {{"one-shot-bufferize", ""}};
  genome.nodes[1].output = {0};
  EXPECT_EQ(guards(), List{""});
  genome.nodes[1].output.clear();
  genome.passes.insert(genome.passes.begin(), {"tenon-destination-style", ""});
  EXPECT_EQ(guards(), (List{"", ""}));
  genome.passes = {{"linalg-fuse-elementwise-ops", ""}};
  EXPECT_EQ(guards(), List{"D28"});
  // Loops that sum nothing are one more elementwise operation on zeros.
  genome.nodes[1].kind = NodeKind::Contract;
  genome.nodes[1].operands = {{0, {0}}};
  genome.nodes[1].output = {0};
  EXPECT_EQ(guards(), List{""});
  genome.nodes[1].flavour = static_cast<uint8_t>(Form::Loops);
  EXPECT_EQ(guards(), List{"D28"});
  genome.nodes[1].output.clear();
  EXPECT_EQ(guards(), List{""});
  genome.nodes.pop_back();
  EXPECT_EQ(guards(), List{""});
  genome.passes = steps;
  genome.nodes[0].extents = {0};
  // Options with a guard go, and their pass stays.
  removeGuarded(genome);
  EXPECT_EQ(genome.passes,
            (std::vector<PassStep>{{"linalg-block-pack-matmul", "block-factors=2,3,4"},
                                   {"affine-loop-unroll", "unroll-factor=2 unroll-num-reps=2"},
                                   {"affine-loop-unroll", "unroll-factor=2"}}));
}

TEST(PassCatalogTest, BuffersAreHoistedBeforeTheyAreFreed) {
  Genome genome;
  genome.passes = {{"tenon-buffer-stage", ""},
                   {"buffer-loop-hoisting", ""},
                   {"ownership-based-buffer-deallocation", ""},
                   {"buffer-hoisting", ""},
                   {"buffer-loop-hoisting", ""}};
  repair(genome);
  ASSERT_EQ(genome.passes.size(), 5u);
  EXPECT_EQ(guardOf(genome, genome.passes[1]), "");
  EXPECT_EQ(guardOf(genome, genome.passes[3]), "D32");
  removeGuarded(genome);
  EXPECT_EQ(genome.passes.size(), 3u);
}

} // namespace
