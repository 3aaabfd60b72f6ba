//===- EncodingTest.cpp - Genomes as bytes and as text --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RandomGenome.h"

#include "gtest/gtest.h"

#include <algorithm>

using namespace tenon::fuzz;
using test::RandomGenome;

namespace {

Genome drawRepaired(RandomGenome &random) {
  Genome genome = random.draw();
  repair(genome);
  return genome;
}

/// Every field of some node, and a pass with options.
Genome example() {
  Genome genome;
  genome.arithmetic = Arithmetic::Exact;
  genome.dataSeed = 0x123456789abcdef0;
  genome.threads = 2;
  Node argument;
  argument.element = Element::BF16;
  argument.extents = {3, 4};
  argument.facts = 4;
  argument.dynamic = 2;
  argument.layout = {{1, 0}, 2, 5, 1};
  Node part;
  part.kind = NodeKind::Subtensor;
  part.element = Element::BF16;
  part.operands = {{0, {}}};
  part.numbers = {1, 2, 1, 0, 2, 3};
  Node sum;
  sum.kind = NodeKind::Contract;
  sum.element = Element::F32;
  sum.accumulate = Element::F64;
  sum.semiring = Semiring::MinPlus;
  sum.operands = {{1, {0, 300}}, {1, {0, 2}}};
  sum.output = {300, 0};
  sum.path = {0, 1};
  sum.sliced = {0};
  Node integers;
  integers.element = Element::I16;
  integers.isUnsigned = true;
  genome.nodes = {argument, part, sum, integers};
  genome.results = {2, 3};
  genome.passes = {{"tn-plan", "method=greedy"}};
  return genome;
}

TEST(Encoding, RoundTrips) {
  RandomGenome random(3);
  for (int i = 0; i < 5000; ++i) {
    Genome genome = drawRepaired(random), read, parsed;
    std::string error;
    std::vector<uint8_t> bytes = writeGenome(genome);
    ASSERT_TRUE(readGenome(bytes, read, error)) << error;
    ASSERT_EQ(read, genome);
    ASSERT_TRUE(parseGenome(printGenome(genome), parsed, error)) << error << printGenome(genome);
    ASSERT_EQ(parsed, genome) << printGenome(genome);
    ASSERT_EQ(hashGenome(read), hashGenome(genome));
  }
}

TEST(Encoding, StaysAsItIsInVersion1) {
  // Files of corpora have these bytes. A change of the encoding is another version.
  static const uint8_t golden[] = {
      84,  78,  70,  90,  1,   0,   0,   0,  137, 0,   0,   0,   1,   240, 189, 243, 213, 137,
      207, 149, 154, 18,  2,   4,   0,   1,  2,   0,   0,   0,   4,   2,   2,   3,   4,   0,
      0,   0,   0,   0,   2,   1,   0,   2,  5,   1,   9,   1,   2,   0,   0,   0,   0,   0,
      0,   1,   0,   0,   0,   0,   0,   6,  2,   4,   2,   0,   4,   6,   0,   0,   0,   0,
      3,   2,   3,   2,   0,   0,   0,   0,  0,   2,   1,   2,   0,   172, 2,   1,   2,   0,
      2,   2,   172, 2,   0,   1,   0,   2,  0,   1,   0,   0,   0,   0,   0,   0,   8,   2,
      0,   1,   0,   0,   0,   0,   0,   0,  0,   0,   0,   0,   0,   0,   0,   2,   2,   3,
      1,   7,   116, 110, 45,  112, 108, 97, 110, 13,  109, 101, 116, 104, 111, 100, 61,  103,
      114, 101, 101, 100, 121, 72,  142, 11, 17,  150, 127, 248, 215};
  std::vector<uint8_t> bytes = writeGenome(example());
  EXPECT_TRUE(std::ranges::equal(bytes, golden)) << testing::PrintToString(bytes);
  Genome read;
  std::string error;
  ASSERT_TRUE(readGenome(golden, read, error)) << error;
  EXPECT_EQ(read, example());
  EXPECT_EQ(hashGenome(read), 0xd7f87f96110b8e48u);
}

TEST(Encoding, PrintsWhatDiffersFromANewNode) {
  EXPECT_EQ(printGenome(example()), R"(genome 1
arithmetic exact
seed 1311768467463790320
threads 2
%0 = argument element=bf16 facts=4 dynamic=2 extents=[3, 4] order=[1, 0] padding=2 offset=5 reversed=1
%1 = subtensor element=bf16 operands=(%0[]) numbers=[1, 2, 1, 0, 2, 3]
%2 = contract element=f32 accumulate=f64 semiring=min_plus operands=(%1[0, 300], %1[0, 2]) output=[300, 0] sliced=[0] path=[0, 1]
%3 = argument element=i16 unsigned=1
return %2, %3
pass "tn-plan" "method=greedy"
)");
}

TEST(Encoding, RefusesEveryPrefixAndEveryFlippedBit) {
  RandomGenome random(4);
  for (int i = 0; i < 20; ++i) {
    std::vector<uint8_t> bytes = writeGenome(i == 0 ? example() : drawRepaired(random));
    Genome genome = example();
    std::string error;
    for (size_t size = 0; size < bytes.size(); ++size) {
      error.clear();
      ASSERT_FALSE(readGenome(std::span(bytes).first(size), genome, error)) << size;
      ASSERT_FALSE(error.empty());
    }
    for (size_t place = 0; place < bytes.size(); ++place)
      for (int bit = 0; bit < 8; ++bit) {
        bytes[place] ^= static_cast<uint8_t>(1 << bit);
        ASSERT_FALSE(readGenome(bytes, genome, error)) << place;
        bytes[place] ^= static_cast<uint8_t>(1 << bit);
      }
    // A reading that fails leaves what was there.
    EXPECT_EQ(genome, example());
    bytes.push_back(0);
    EXPECT_FALSE(readGenome(bytes, genome, error));
    EXPECT_NE(error.find("something follows"), std::string::npos);
  }
}

TEST(Encoding, NamesAnotherVersion) {
  std::vector<uint8_t> bytes = writeGenome(example());
  bytes[4] = 9;
  Genome genome;
  std::string error;
  EXPECT_FALSE(readGenome(bytes, genome, error));
  EXPECT_EQ(error.substr(0, 43), "the genome has version 9, expected 1; `teno");
}

TEST(Encoding, SaysWhereTextIsWrong) {
  struct Case {
    std::string text, error;
  };
  for (const Case &wrong : std::vector<Case>{
           {"", "expected a genome, found an empty text"},
           {"genome 2", "line 1: the genome has version 2, expected 1"},
           {"seed 1", "line 1: expected `genome 1` as the first line, found 'seed 1'"},
           {"genome 1\nseed x", "line 2: expected a number of its field's range, found 'x'"},
           {"genome 1\nthreads 300", "line 2: expected a number of its field's range, found '300'"},
           {"genome 1\n%1 = argument",
            "line 2: expected node %0: nodes are numbered in order, found '= argument'"},
           {"genome 1\n%0 = argumnt",
            "line 2: expected a kind of node instead of 'argumnt', found the end"},
           {"genome 1\n%0 = argument elem=f32",
            "line 2: expected a field of a node instead of 'elem', found 'f32'"},
           {"genome 1\n%0 = argument extents=[3, ",
            "line 2: expected a number of its field's range, found the end"},
           {"genome 1\npass \"a", "line 2: expected \" at the end of the text, found '\"a'"},
           {"genome 1\nfoo",
            "line 2: expected genome, arithmetic, seed, threads, a node, return or pass instead of "
            "'foo', found the end"},
           {"genome 1\nseed 1 2", "line 2: expected the end of the line, found '2'"}}) {
    Genome genome;
    std::string error;
    EXPECT_FALSE(parseGenome(wrong.text, genome, error));
    EXPECT_EQ(error, wrong.error);
  }
}

TEST(Encoding, HoldsTextsOfAnyBytes) {
  std::string text = printGenome(example());
  Genome genome;
  std::string error;
  // Escapes, comments, blank lines and spaces.
  size_t place = text.find("tn-plan");
  text.replace(place, 2, "\\74n");
  text += "\n  # done\r\n";
  ASSERT_TRUE(parseGenome(text, genome, error)) << error;
  EXPECT_EQ(genome, example());
}

TEST(Encoding, MakesAGenomeOfAnyBytes) {
  RandomGenome random(5);
  size_t nodes = 0, contractions = 0, passes = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<uint8_t> bytes(random.below(400));
    for (uint8_t &byte : bytes)
      byte = static_cast<uint8_t>(random.below(256));
    Genome genome = decodeBytes(bytes), again = genome;
    repair(again);
    ASSERT_EQ(again, genome);
    nodes += genome.nodes.size();
    passes += genome.passes.size();
    for (const Node &node : genome.nodes)
      contractions += node.kind == NodeKind::Contract && node.operands.size() > 1;
  }
  // Programs, and no mere leaves.
  EXPECT_GT(contractions, nodes / 20);
  EXPECT_GT(passes, 20000u);
  Genome empty = decodeBytes({});
  EXPECT_EQ(empty.nodes.size(), 1u);
}

} // namespace
