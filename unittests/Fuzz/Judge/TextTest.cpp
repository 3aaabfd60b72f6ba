//===- TextTest.cpp - Programs of the second mode, judged -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "../Nodes.h"
#include "TestPasses.h"

#include "tenon/Fuzz/Judge.h"

#include "gtest/gtest.h"

#include <ctime>

using namespace tenon::fuzz;
using namespace tenon::fuzz::test;

namespace {

Outcome judge(std::string_view text, const std::vector<PassStep> &passes, uint64_t seed = 3,
              Oracles oracles = kAllOracles) {
  registerWrongPasses();
  JudgeOptions options;
  options.oracles = oracles;
  Judge judge(options);
  return judge.run(text, passes, seed);
}

const char *const kDifference = R"(
  func.func @main(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
    %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
    %1 = arith.subf %0, %c : tensor<3x5xf32>
    return %1 : tensor<3x5xf32>
  })";

TEST(Text, GoodPassesHaveNoFinding) {
  Outcome outcome =
      judge(kDifference,
            {{"tn-simplify", ""}, {"convert-tn-to-linalg", ""}, {"canonicalize", ""}, {"cse", ""}});
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_GE(outcome.conclusive, 1u);
  EXPECT_EQ(outcome.inconclusive, 0u);
  EXPECT_EQ(outcome.passesRun, 4u);
}

TEST(Text, NamesThePassThatSwapsOperands) {
  Outcome outcome = judge(kDifference, {{"tn-simplify", ""},
                                        {"convert-tn-to-linalg", ""},
                                        {"test-swap-subtraction", ""},
                                        {"cse", ""}});
  ASSERT_EQ(outcome.findings.size(), 1u) << describe(outcome);
  EXPECT_EQ(outcome.findings[0].oracle, Oracle::Stage);
  EXPECT_EQ(outcome.findings[0].pass, "test-swap-subtraction");
  EXPECT_NE(outcome.findings[0].detail.find("3x5xf32"), std::string::npos)
      << outcome.findings[0].detail;
  // The pass after it did not run.
  EXPECT_EQ(outcome.passesRun, 3u);
}

TEST(Text, NamesThePassThatDropsAnAddend) {
  const char *text = R"(
    func.func @main(%a: tensor<2x3xi8>, %b: tensor<3xi8>) -> tensor<2xi8> {
      %0 = tn.contract (%a[i, j], %b[j]) -> [i] : (tensor<2x3xi8>, tensor<3xi8>) -> tensor<2xi8>
      return %0 : tensor<2xi8>
    })";
  Outcome outcome =
      judge(text, {{"convert-tn-to-linalg", ""}, {"canonicalize", ""}, {"test-drop-addend", ""}});
  ASSERT_EQ(outcome.findings.size(), 1u) << describe(outcome);
  EXPECT_EQ(outcome.findings[0].oracle, Oracle::Stage);
  EXPECT_EQ(outcome.findings[0].pass, "test-drop-addend");
}

TEST(Text, ReportsWhatDoesNotVerify) {
  const char *text = R"(
    func.func @main(%a: tensor<2xf32>) -> tensor<2xf32> {
      %0 = arith.addf %a, %a : tensor<2xf32>
      return %0 : tensor<2xf32>
    })";
  Outcome outcome = judge(text, {{"cse", ""}, {"test-widen-type", ""}});
  ASSERT_EQ(outcome.findings.size(), 1u) << describe(outcome);
  EXPECT_EQ(outcome.findings[0].oracle, Oracle::Verifier);
  EXPECT_EQ(outcome.findings[0].pass, "test-widen-type");
}

TEST(Text, RefusalsAreNoFindings) {
  // The memory that the limit allows holds nothing.
  const char *text = R"(
    func.func @main(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
      %0 = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
        : (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
      return %0 : tensor<64x64xf32>
    })";
  Outcome outcome = judge(text, {{"tn-plan", "memory-limit=1"}}, 3, kCompileOnly);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_EQ(outcome.refused, 1u);
}

TEST(Text, ReportsWhatIsNotDecided) {
  // Determinism is looked at in one case out of eight.
  size_t found = 0;
  for (uint64_t seed = 0; seed < 64; ++seed) {
    Outcome outcome =
        judge(kDifference, {{"cse", ""}, {"test-undecided", ""}, {"canonicalize", ""}}, seed);
    for (const Finding &finding : outcome.findings) {
      EXPECT_EQ(finding.oracle, Oracle::Determinism);
      EXPECT_EQ(finding.pass, "test-undecided");
      ++found;
    }
  }
  EXPECT_GE(found, 1u);
  EXPECT_LE(found, 32u);
}

TEST(Text, GuardsLookAtWhatAPassIsGiven) {
  // The first pass makes casts of buffers that fold to their source (D40).
  const char *text = R"(
    func.func @main(%a: tensor<2xi32>, %b: tensor<2xi32>) -> tensor<2xi32> {
      %0 = tensor.cast %a : tensor<2xi32> to tensor<?xi32>
      %1 = tensor.cast %0 : tensor<?xi32> to tensor<2xi32>
      %2 = linalg.copy ins(%1 : tensor<2xi32>) outs(%b : tensor<2xi32>) -> tensor<2xi32>
      return %2 : tensor<2xi32>
    }
    func.func @free(%a: memref<2xi32>, %c: i1) {
      bufferization.dealloc (%a : memref<2xi32>) if (%c)
      return
    })";
  const std::vector<PassStep> passes = {
      {"one-shot-bufferize", "bufferize-function-boundaries=true"},
      {"buffer-deallocation-simplification", ""},
      {"cse", ""}};
  Outcome outcome = judge(text, passes);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_EQ(outcome.passesRun, 1u);
  EXPECT_EQ(outcome.refused, 1u);
  JudgeOptions options;
  options.guards = false;
  outcome = Judge(options).run(text, passes, 3);
  EXPECT_EQ(outcome.passesRun, 3u);
  EXPECT_EQ(outcome.refused, 0u);
}

TEST(Text, AffineMapsOfTheLeastIndexAreNotReadBack) {
  // D43.
  const char *text = R"(
    func.func @main(%a: memref<4xf32>, %x: f32) {
      %least = arith.constant -9223372036854775808 : index
      memref.store %x, %a[%least] : memref<4xf32>
      return
    })";
  for (uint64_t seed = 0; seed < 16; ++seed) {
    Outcome outcome = judge(text, {{"affine-raise-from-memref", ""}}, seed);
    EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
    EXPECT_EQ(outcome.passesRun, 1u);
  }
}

TEST(Text, MapsAndSetsOfTheLeastIndexAreFoundWhereverTheyAre) {
  const std::string least = "- 9223372036854775807 - 1";
  const std::string programs[] = {
      "#s = affine_set<(d0) : (d0 * 2 " + least +
          " >= 0)>\nfunc.func @f(%i: index) {\naffine.if #s(%i) {\n}\nreturn\n}",
      "#m = affine_map<(d0) -> (d0 " + least +
          ")>\nfunc.func @f(%a: tensor<4xf32>) attributes {maps = [#m]} {\nreturn\n}",
      "#m = affine_map<(d0) -> (d0 " + least + ")>\nfunc.func private @f(memref<4xf32, #m>)\n",
      "#m = affine_map<(d0) -> (d0 " + least +
          ")>\nfunc.func @f() {\n%a = memref.alloca() : memref<4xf32, #m>\nreturn\n}",
      "#m = affine_map<(d0) -> (d0 " + least +
          ")>\nfunc.func @f() {\ncf.br ^next\n^bb1(%a: memref<4xf32, #m>):\ncf.br "
          "^next\n^next:\nreturn\n}"};
  for (const std::string &program : programs)
    for (uint64_t seed = 0; seed < 8; ++seed) {
      Outcome outcome = judge(program, {}, seed);
      EXPECT_TRUE(outcome.problem.empty()) << outcome.problem;
      EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
    }
}

TEST(Text, WhatIsNoModuleIsNotJudged) {
  Outcome outcome = judge("func.func @main(", {});
  EXPECT_TRUE(outcome.findings.empty());
  EXPECT_NE(outcome.problem.find("the text is no module"), std::string::npos) << outcome.problem;
}

TEST(Text, DoesNotCompareWhatIsNotExact) {
  // Quotients are rounded: no order of evaluation is the right one.
  const char *text = R"(
    func.func @main(%a: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {
      %0 = arith.divf %a, %b : tensor<2xf32>
      %1 = arith.subf %0, %b : tensor<2xf32>
      return %1 : tensor<2xf32>
    })";
  Outcome outcome = judge(text, {{"test-swap-subtraction", ""}});
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_EQ(outcome.conclusive, 0u);
  EXPECT_GE(outcome.inconclusive, 1u);
}

TEST(Text, SplatsAreNotReadElementByElement) {
  const char *text = R"(
    func.func @main(%a: tensor<2xf32>) -> tensor<2xf32> {
      %c = arith.constant dense<3.0> : tensor<40000x40000xf32>
      %e = tensor.extract_slice %c[5, 7] [2, 1] [1, 1] : tensor<40000x40000xf32> to tensor<2xf32>
      %r = arith.mulf %a, %e : tensor<2xf32>
      return %r : tensor<2xf32>
    })";
  std::clock_t begin = std::clock();
  Outcome outcome = judge(text, {{"cse", ""}});
  EXPECT_LT(double(std::clock() - begin) / CLOCKS_PER_SEC, 3);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
}

TEST(Text, BodiesThatTheCustomFormLeavesOutAreNotCompared) {
  const char *text = R"(
    func.func @main(%a: tensor<2xf32>, %b: tensor<2xf32>, %c: tensor<2xf32>) -> tensor<2xf32> {
      %r = linalg.min ins(%a, %b : tensor<2xf32>, tensor<2xf32>) outs(%c : tensor<2xf32>) -> tensor<2xf32>
      return %r : tensor<2xf32>
    })";
  for (uint64_t seed = 0; seed < 16; ++seed) {
    Outcome outcome = judge(text, {{"arith-expand", ""}}, seed);
    EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  }
}

TEST(Text, FunctionsOfLLVMAreReadWithOneAttributeMore) {
  const char *text = R"(
    "llvm.func"() <{CConv = #llvm.cconv<ccc>, function_type = !llvm.func<void (i64)>,
                    linkage = #llvm.linkage<external>, sym_name = "f", visibility_ = 0 : i64}> ({
    }) : () -> ())";
  for (uint64_t seed = 0; seed < 16; ++seed) {
    Outcome outcome = judge(text, {{"cse", ""}}, seed);
    EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
    EXPECT_TRUE(outcome.problem.empty()) << outcome.problem;
  }
}

TEST(Text, ResourcesSurviveARoundTrip) {
  const char *text = R"(
    func.func @main(%a: tensor<2xf32>) -> tensor<2xf32> {
      %w = tn.constant dense_resource<w> : tensor<2xf32>
      %0 = tn.contract (%a[i], %w[i]) -> [i] : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      return %0 : tensor<2xf32>
    }
    {-# dialect_resources: { builtin: { w: "0x040000000000803f00000040" } } #-})";
  for (uint64_t seed = 0; seed < 16; ++seed) {
    Outcome outcome = judge(text, {{"tn-simplify", ""}, {"convert-tn-to-linalg", ""}}, seed);
    EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  }
}

} // namespace
