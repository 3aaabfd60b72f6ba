//===- EdgeFeedbackTest.cpp - Edges, counted in classes ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "EdgeFeedback.h"
#include "PassRuns.h"

#include "gtest/gtest.h"

#include <array>

using namespace tenon::fuzz;

namespace {

/// Two modules with counters at odd places.
struct Counters : testing::Test {
  Counters() { regions = {{{{memory.data() + 3, 21}, {}}, {{memory.data() + 40, 9}, {}}}}; }

  std::vector<uint32_t> endCase(Feedback &feedback) {
    std::vector<uint32_t> features;
    feedback.end(features);
    return features;
  }

  std::array<uint8_t, 64> memory = {};
  std::array<CounterRegion, 2> regions;
};

TEST_F(Counters, CountsFallIntoClasses) {
  std::unique_ptr<Feedback> feedback = makeEdgeFeedback(regions);
  const unsigned firstOfClass[] = {1, 2, 3, 4, 8, 16, 32, 128, 256};
  for (uint32_t i = 0; i < 8; ++i)
    for (unsigned count : {firstOfClass[i], firstOfClass[i + 1] - 1}) {
      feedback = makeEdgeFeedback(regions);
      feedback->begin();
      regions[0].counters[5] = static_cast<uint8_t>(count);
      EXPECT_EQ(endCase(*feedback), std::vector<uint32_t>{5 * 8 + i}) << count;
    }
}

TEST_F(Counters, EachCounterIsRead) {
  std::unique_ptr<Feedback> feedback = makeEdgeFeedback(regions);
  feedback->begin();
  std::vector<uint32_t> expected;
  for (uint32_t i = 0; i < 30; ++i) {
    (i < 21 ? regions[0].counters[i] : regions[1].counters[i - 21]) = 1;
    expected.push_back(8 * i);
  }
  EXPECT_EQ(endCase(*feedback), expected);
  EXPECT_EQ(feedback->numSeen(), 30u);
  EXPECT_EQ(feedback->total(), 240u);
}

TEST_F(Counters, WhatLiesBesideIsNot) {
  std::unique_ptr<Feedback> feedback = makeEdgeFeedback(regions);
  memory.fill(7);
  feedback->begin();
  EXPECT_TRUE(endCase(*feedback).empty());
  EXPECT_EQ(memory[2], 7);
  EXPECT_EQ(memory[24], 7);
  EXPECT_EQ(memory[39], 7);
  EXPECT_EQ(memory[49], 7);
}

TEST_F(Counters, AFeatureIsNewOnce) {
  std::unique_ptr<Feedback> feedback = makeEdgeFeedback(regions);
  feedback->markSeen({8 * 7, 8 * 8 + 1, 1000000});
  EXPECT_EQ(feedback->numSeen(), 2u);
  feedback->begin();
  regions[0].counters[7] = 1;
  regions[0].counters[8] = 1;
  EXPECT_EQ(endCase(*feedback), std::vector<uint32_t>{8 * 8});
  feedback->begin();
  regions[0].counters[7] = 1;
  regions[0].counters[8] = 9;
  EXPECT_EQ(endCase(*feedback), std::vector<uint32_t>{8 * 8 + 4});
}

#ifdef TENON_FUZZ

TEST(EdgeFeedback, PlanningShowsEdgesOfThePlanner) {
  std::unique_ptr<Feedback> feedback = makeEdgeFeedback();
  ASSERT_TRUE(feedback);
  std::vector<uint32_t> features = featuresOf(*feedback, kNetwork, "func.func(tn-plan)");
  unsigned ofPlanner = 0, ofFuzzer = 0;
  for (uint32_t feature : features) {
    std::string text = feedback->describe(feature);
    ofPlanner += text.find("lib/Planner/") != std::string::npos;
    ofFuzzer += text.find("tenon::fuzz") != std::string::npos;
  }
  EXPECT_GT(ofPlanner, 100u);
  EXPECT_EQ(ofFuzzer, 0u);
  // The planner is deterministic.
  for (int i = 0; i < 3; ++i)
    features = featuresOf(*feedback, kNetwork, "func.func(tn-plan)");
  EXPECT_LT(features.size(), 10u);
}

#else

TEST(EdgeFeedback, NeedsCounters) { EXPECT_EQ(makeEdgeFeedback(), nullptr); }

#endif

} // namespace
