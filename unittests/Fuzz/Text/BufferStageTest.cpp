//===- BufferStageTest.cpp - Passes on buffers before the judge -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Judge.h"

#include "gtest/gtest.h"

#include <optional>

using namespace tenon::fuzz;

namespace {

const PassStep kBufferize = {"one-shot-bufferize",
                             "bufferize-function-boundaries=true "
                             "function-boundary-type-conversion=identity-layout-map"};
const PassStep kLoops = {"convert-linalg-to-affine-loops", ""};

constexpr char kMatmul[] = R"(
  func.func @main(%a: tensor<3x3xi32>, %b: tensor<3x7xi32>, %c: tensor<3x7xi32>) -> tensor<3x7xi32> {
    %r = linalg.matmul ins(%a, %b : tensor<3x3xi32>, tensor<3x7xi32>) outs(%c : tensor<3x7xi32>) -> tensor<3x7xi32>
    return %r : tensor<3x7xi32>
  })";
constexpr char kMap[] = R"(
  func.func @main(%a: tensor<13xi32>, %b: tensor<13xi32>) -> (tensor<13xi32>, tensor<13xi32>) {
    %r = linalg.map ins(%a : tensor<13xi32>) outs(%b : tensor<13xi32>) (%x: i32, %z: i32) {
      %s = arith.addi %x, %z : i32
      linalg.yield %s : i32
    }
    return %r, %b : tensor<13xi32>, tensor<13xi32>
  })";
constexpr char kTwice[] = R"(
  func.func @main(%a: tensor<13xi32>) -> tensor<13xi32> {
    %e = tensor.empty() : tensor<13xi32>
    %r = linalg.add ins(%a, %a : tensor<13xi32>, tensor<13xi32>) outs(%e : tensor<13xi32>) -> tensor<13xi32>
    return %r : tensor<13xi32>
  })";

/// All outcomes for some seeds of data as one: a judge runs the buffers of half of them.
Outcome judge(std::string_view text, std::vector<PassStep> passes) {
  Outcome all;
  Judge judge({.oracles = Oracles(oracleBit(Oracle::Verifier) | oracleBit(Oracle::Stage)),
               .guards = false});
  for (uint64_t seed = 0; seed < 8; ++seed) {
    Outcome one = judge.run(text, passes, seed);
    all.conclusive += one.conclusive;
    all.inconclusive += one.inconclusive;
    all.passesRun += one.passesRun;
    all.findings.insert(all.findings.end(), one.findings.begin(), one.findings.end());
  }
  return all;
}

void expectGuilty(const Outcome &outcome, const char *pass) {
  ASSERT_FALSE(outcome.findings.empty());
  for (const Finding &finding : outcome.findings) {
    EXPECT_EQ(finding.oracle, Oracle::Stage);
    EXPECT_EQ(finding.pass, pass);
    EXPECT_NE(finding.detail.find("on buffers: "), std::string::npos) << finding.detail;
  }
}

TEST(BufferStage, AgreesWithTheInterpreter) {
  for (const char *text : {kMatmul, kTwice}) {
    Outcome outcome = judge(text, {kBufferize,
                                   kLoops,
                                   {"affine-loop-tile", "tile-size=3"},
                                   {"affine-loop-unroll", "unroll-factor=2"},
                                   {"affine-scalrep", ""},
                                   {"lower-affine", ""}});
    for (const Finding &finding : outcome.findings)
      ADD_FAILURE() << finding.pass << ": " << finding.detail;
    EXPECT_GE(outcome.conclusive, 1u);
    EXPECT_EQ(outcome.inconclusive, 0u);
  }
}

TEST(BufferStage, AgreesOnDestinations) {
  Outcome outcome =
      judge(kTwice, {{"tenon-destination-style", ""}, {"one-shot-bufferize", ""}, kLoops});
  for (const Finding &finding : outcome.findings)
    ADD_FAILURE() << finding.pass << ": " << finding.detail;
  EXPECT_GE(outcome.conclusive, 1u);
}

TEST(BufferStage, NamesThePassOfD5) {
  expectGuilty(judge(kMap, {{"cse", ""}, kBufferize, kLoops}), "one-shot-bufferize");
}

TEST(BufferStage, SmallerCasesGoThroughWhatTheFirstOneDid) {
  const std::vector<PassStep> passes = {kBufferize, kLoops};
  JudgeOptions options{.oracles = Oracles(oracleBit(Oracle::Verifier) | oracleBit(Oracle::Stage)),
                       .guards = false};
  std::optional<uint64_t> shown;
  unsigned missed = 0;
  Judge judge(options);
  for (uint64_t seed = 0; seed < 16; ++seed)
    if (judge.run(kMap, passes, seed).findings.empty())
      ++missed;
    else
      shown = Judge::hashOf(kMap, passes, seed);
  ASSERT_TRUE(shown);
  EXPECT_GT(missed, 0u);
  options.draws = shown;
  Judge same(options);
  for (uint64_t seed = 0; seed < 16; ++seed)
    EXPECT_EQ(same.run(kMap, passes, seed).findings.size(), 1u);
}

TEST(BufferStage, NamesThePassOfD6) {
  expectGuilty(judge(kMatmul, {kBufferize,
                               kLoops,
                               {"affine-loop-tile", "tile-size=3"},
                               {"affine-super-vectorize", "virtual-vector-size=4"},
                               {"canonicalize", ""}}),
               "affine-super-vectorize");
}

TEST(BufferStage, NamesThePassOfD7) {
  expectGuilty(judge(kTwice, {kBufferize,
                              kLoops,
                              {"affine-loop-unroll", "unroll-factor=2"},
                              {"affine-super-vectorize", "virtual-vector-size=4"},
                              {"cse", ""}}),
               "affine-super-vectorize");
}

} // namespace
