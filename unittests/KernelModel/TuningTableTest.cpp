//===- TuningTableTest.cpp - Tuning files ---------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/TuningTable.h"
#include "tenon/KernelModel/TuningCandidates.h"

#include "gtest/gtest.h"

#include <random>

using namespace tenon::cpu;

namespace {

const Processor kProcessor{512, 32, true, 32 << 10, 1 << 20, 16 << 20};

Blocking packed() {
  Blocking blocking;
  static_cast<KernelTiling &>(blocking) = {KernelStrategy::Packed, 16, 12, 32};
  static_cast<CacheBlocks &>(blocking) = {504, 4096, 384};
  return blocking;
}

Blocking direct() {
  Blocking blocking;
  static_cast<KernelTiling &>(blocking) = {KernelStrategy::Direct, 8, 4, 16};
  static_cast<CacheBlocks &>(blocking) = {512, 2000, 0};
  return blocking;
}

std::string errorOf(std::string_view text) {
  std::string error;
  EXPECT_FALSE(TuningTable::parse(text, kProcessor, error).has_value()) << text;
  return error;
}

const std::string kHead = "tenon-tuning 1\nprocessor " + kProcessor.text() + "\n";

TEST(TuningTableTest, ReadsWhatItWrites) {
  TuningTable table(kProcessor);
  table.set("plus-times,f32 m7(5,0,3) k5(1,3,0)", {packed(), "1.5 us; packed 8x32: 2 us"});
  table.set("plus-times,f64 b9(1,1,1)", {direct(), ""});
  std::string error;
  auto read = TuningTable::parse(table.text(), kProcessor, error);
  ASSERT_TRUE(read.has_value()) << error;
  EXPECT_EQ(read->size(), 2u);
  ASSERT_NE(read->find("plus-times,f32 m7(5,0,3) k5(1,3,0)"), nullptr);
  EXPECT_EQ(*read->find("plus-times,f32 m7(5,0,3) k5(1,3,0)"), packed());
  ASSERT_NE(read->find("plus-times,f64 b9(1,1,1)"), nullptr);
  EXPECT_EQ(*read->find("plus-times,f64 b9(1,1,1)"), direct());
  EXPECT_EQ(read->find("plus-times,f64 b9(1,1,2)"), nullptr);
  EXPECT_EQ(read->text(), table.text());
}

TEST(TuningTableTest, TextIsReadable) {
  TuningTable table(kProcessor);
  table.set("c", {packed(), "faster"});
  EXPECT_EQ(table.text(), kHead + "\ncontraction c\n# faster\n"
                                  "packed lanes 16 tile 12x32 blocks 504 4096 384\n");
}

TEST(TuningTableTest, KeepsDotsOfBF16) {
  Processor dots = kProcessor;
  dots.dotsBF16 = true;
  TuningTable table(dots);
  Blocking blocking = packed();
  blocking.dot = 2;
  table.set("c", {blocking, ""});
  EXPECT_EQ(table.text(), "tenon-tuning 1\nprocessor " + dots.text() +
                              "\n\ncontraction c\n"
                              "packed lanes 16 dot 2 tile 12x32 blocks 504 4096 384\n");
  std::string error;
  auto read = TuningTable::parse(table.text(), dots, error);
  ASSERT_TRUE(read) << error;
  EXPECT_EQ(*read->find("c"), blocking);
  EXPECT_EQ(
      errorOf(kHead + "contraction c\npacked lanes 16 dot 2 tile 12x32 blocks 504 4096 384\n"),
      "line 4: dot 2: expected 1, or 2 in packed kernels of a processor with dots of bf16");
}

TEST(TuningTableTest, SaysWhatIsWrong) {
  EXPECT_EQ(errorOf(""), "line 0: found '', expected 'tenon-tuning 1'; --tune writes tuning files");
  EXPECT_EQ(
      errorOf("tenon-tuning 2\n"),
      "line 1: found 'tenon-tuning 2', expected 'tenon-tuning 1'; --tune writes tuning files");
  EXPECT_EQ(errorOf("tenon-tuning 1\nprocessor 1/2\n"), "line 2: '1/2' describes no processor");
  EXPECT_EQ(errorOf("tenon-tuning 1\nprocessor 256/16/1/32768/524288/16777216\n"),
            "line 2: tuned for the processor 256/16/1/32768/524288/16777216, but code is made for "
            "512/32/1/32768/1048576/16777216; tune again, on that machine");
  auto choice = [](const std::string &line) {
    return errorOf(kHead + "contraction c\n" + line + "\n");
  };
  const std::string expected =
      ", expected a choice such as 'packed lanes 16 tile 12x32 blocks 504 4096 384'";
  EXPECT_EQ(errorOf(kHead + "contraction c\n"), "line 3: found ''" + expected);
  EXPECT_EQ(choice("packed"), "line 4: found 'packed'" + expected);
  EXPECT_EQ(choice("\x1b[2J"), "line 4: found '?[2J'" + expected);
  EXPECT_NE(choice("direct lanes 4 tile 8x4 blocks 512 3072 1024")
                .find("tile 8x4: expected columns of a direct kernel to be a multiple of its rows"),
            std::string::npos);
  EXPECT_NE(choice("packed lanes 16 tile 12x32 blocks 504 4096 384 1").find(expected),
            std::string::npos);
  EXPECT_NE(choice("packed lanes 16 tile -12x32 blocks 504 4096 384").find(expected),
            std::string::npos);
  EXPECT_NE(
      choice("packed lanes 16 tile 12x32 blocks 504 4096 99999999999999999999").find(expected),
      std::string::npos);
  EXPECT_EQ(choice("packed lanes 12 tile 12x24 blocks 504 4096 384"),
            "line 4: lanes 12: expected a power of two from 2 to 64");
  EXPECT_EQ(choice("packed lanes 16 tile 12x40 blocks 504 4096 384"),
            "line 4: tile 12x40: expected whole vectors, at most 64 of them");
  EXPECT_EQ(choice("packed lanes 16 tile 33x32 blocks 504 4096 384"),
            "line 4: tile 33x32: expected whole vectors, at most 64 of them");
  EXPECT_EQ(choice("packed lanes 16 tile 12x32 blocks 504 9223372036854775807 384"),
            "line 4: blocks of 9223372036854775807: expected at most 1048576");
  EXPECT_EQ(
      choice("packed lanes 16 tile 12x32 blocks 500 4096 384"),
      "line 4: blocks 500 4096 384: expected positive numbers; of packed kernels multiples of "
      "the tile's and of 4");
  EXPECT_EQ(choice("direct lanes 16 tile 4x32 blocks 0 4096 384"),
            "line 4: blocks 0 4096 384: expected positive numbers; of packed kernels multiples of "
            "the tile's and of 4");
  std::string twice = "contraction c\npacked lanes 16 tile 12x32 blocks 504 4096 384\n";
  EXPECT_EQ(errorOf(kHead + twice + twice), "line 5: a second choice for 'c'");
  EXPECT_EQ(errorOf(kHead + "contraktion\n"),
            "line 3: found 'contraktion', expected 'contraction' and its shape");
}

/// Whatever happens to a file: it is read as some table of choices that kernels can be made of, or
/// refused with a line.
TEST(TuningTableTest, DamagedFilesAreReadOrRefused) {
  TuningTable table(kProcessor);
  table.set("plus-times,f32 m7(5,0,3)", {packed(), "note"});
  table.set("plus-times,f64 b9(1,1,1)", {direct(), ""});
  const std::string whole = table.text();
  std::mt19937 random(3);
  int refused = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text = whole;
    for (int edits = static_cast<int>(random() % 4); edits >= 0; --edits) {
      size_t at = random() % text.size();
      switch (random() % 4) {
      case 0:
        text.resize(std::max<size_t>(at, 1));
        break;
      case 1:
        text[at] = static_cast<char>(random());
        break;
      case 2:
        text.insert(at, text.substr(random() % text.size(), random() % 30));
        break;
      default:
        text[at] = "0123456789 x\n-"[random() % 14];
      }
    }
    std::string error;
    auto read = TuningTable::parse(text, kProcessor, error);
    if (read) {
      std::string again;
      EXPECT_TRUE(TuningTable::parse(read->text(), kProcessor, again).has_value()) << again;
    } else {
      ++refused;
      EXPECT_FALSE(error.empty());
      EXPECT_EQ(error.find_first_of("\n\x1b"), std::string::npos) << error;
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(TuningCandidatesTest, StreamsAreTriedWhereTheyFit) {
  auto streamed = [](bool isStream, int64_t run) {
    ContractionSizes sizes{2, 1 << 20, 2, 4, 8};
    sizes.isStream = isStream;
    sizes.runOfN = run;
    int64_t count = 0;
    for (const Blocking &one : tilesToTry({1, 4, false}, sizes, kProcessor)) {
      EXPECT_EQ(explainBlocking(one, kProcessor), "");
      count += one.strategy == KernelStrategy::Streamed;
    }
    return count;
  };
  EXPECT_EQ(streamed(true, 0), 1);
  EXPECT_EQ(streamed(true, 1 << 20), 1);
  EXPECT_EQ(streamed(false, 0), 0);
}

TEST(TuningCandidatesTest, GatheringIsTriedWhereItFits) {
  auto gathered = [](bool isScattered) {
    ContractionSizes sizes{3, 1 << 14, 2, 9, 8};
    sizes.isScattered = isScattered;
    int64_t count = 0;
    for (const Blocking &one : tilesToTry({1, 4, false}, sizes, kProcessor)) {
      EXPECT_EQ(explainBlocking(one, kProcessor), "");
      count += one.strategy == KernelStrategy::Gathered;
    }
    return count;
  };
  EXPECT_EQ(gathered(true), 1);
  EXPECT_EQ(gathered(false), 0);
}

TEST(TuningCandidatesTest, FitTheRegistersAndAreDifferent) {
  for (const Processor &processor :
       {kProcessor, Processor{256, 16, true, 32 << 10, 512 << 10, 16 << 20},
        Processor{128, 32, false, 64 << 10, 1 << 20, 8 << 20},
        Processor{512, 32, true, 32 << 10, 1 << 20, 16 << 20, true}})
    for (SumFormat sum :
         {SumFormat{1, 4, false}, SumFormat{1, 8, false}, SumFormat{2, 4, false},
          SumFormat{2, 8, false}, SumFormat{1, 4, true}, SumFormat{1, 4, false, true}})
      for (int64_t m : {1, 2, 7, 100, 5000})
        for (int64_t n : {1, 3, 64, 3000}) {
          ContractionSizes sizes{m, n, 50, 1, 3, true};
          std::vector<Blocking> candidates = tilesToTry(sum, sizes, processor);
          EXPECT_GE(candidates.size(), 2u);
          for (size_t i = 0; i < candidates.size(); ++i) {
            const Blocking &one = candidates[i];
            EXPECT_EQ(explainBlocking(one, processor), "");
            EXPECT_LE(one.mr * one.nr / one.lanes * sum.parts, processor.numVectors - 1);
            EXPECT_EQ(one.kc == 0, sum.isRoundedOnce);
            for (size_t j = 0; j < i; ++j)
              EXPECT_FALSE(one == candidates[j]);
            for (const Blocking &other : blocksToTry(one, processor)) {
              EXPECT_EQ(explainBlocking(other, processor), "");
              EXPECT_FALSE(other == one);
              EXPECT_EQ(other.kc == 0, sum.isRoundedOnce);
              EXPECT_TRUE(static_cast<const KernelTiling &>(other) == one);
            }
          }
        }
}

} // namespace
