//===- PatternFeedbackTest.cpp - Pairs of patterns --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PassRuns.h"
#include "tenon/Fuzz/Feedback.h"

#include "gmock/gmock.h"

#include <set>

using namespace tenon::fuzz;
using testing::HasSubstr;

namespace {

std::vector<uint32_t> featuresOf(PatternFeedback &feedback, const char *module,
                                 const char *pipeline) {
  return tenon::fuzz::featuresOf(feedback, module, pipeline,
                                 [&](mlir::MLIRContext &context) { feedback.install(context); });
}

bool isDescribed(const Feedback &feedback, const std::vector<uint32_t> &features,
                 const std::string &first, const std::string &second) {
  for (uint32_t feature : features) {
    std::string text = feedback.describe(feature);
    size_t place = text.find(first);
    if (place != std::string::npos && text.find(second, place + first.size()) != std::string::npos)
      return true;
  }
  return false;
}

TEST(PatternFeedback, CanonicalizationShowsItsPatterns) {
  std::unique_ptr<PatternFeedback> feedback = makePatternFeedback();
  std::vector<uint32_t> features = featuresOf(*feedback, kArithmetic, "canonicalize");
  EXPECT_TRUE(isDescribed(*feedback, features, "Canonicalizer: ", "AddIAddConstant"));
  EXPECT_TRUE(isDescribed(*feedback, features, "AddI", ", then "));
  EXPECT_EQ(feedback->numSeen(), features.size());
  EXPECT_EQ(std::set<uint32_t>(features.begin(), features.end()).size(), features.size());
}

TEST(PatternFeedback, AFeatureIsNewOnce) {
  std::unique_ptr<PatternFeedback> feedback = makePatternFeedback();
  std::vector<uint32_t> first = featuresOf(*feedback, kArithmetic, "canonicalize");
  EXPECT_FALSE(first.empty());
  EXPECT_TRUE(featuresOf(*feedback, kArithmetic, "canonicalize").empty());
  std::vector<uint32_t> other =
      featuresOf(*feedback, kNetwork, (kLower + std::string(",canonicalize")).c_str());
  EXPECT_FALSE(other.empty());
  EXPECT_EQ(feedback->numSeen(), first.size() + other.size());
}

TEST(PatternFeedback, NumbersMeanTheSameElsewhere) {
  std::unique_ptr<PatternFeedback> here = makePatternFeedback(), there = makePatternFeedback();
  std::vector<uint32_t> features = featuresOf(*here, kArithmetic, "canonicalize");
  there->markSeen(features);
  EXPECT_TRUE(featuresOf(*there, kArithmetic, "canonicalize").empty());
  EXPECT_EQ(there->numSeen(), features.size());
}

TEST(PatternFeedback, PairsEndWithThePass) {
  // No pattern of the second pass comes after one of the first.
  std::unique_ptr<PatternFeedback> feedback = makePatternFeedback();
  std::vector<uint32_t> once = featuresOf(*feedback, kArithmetic, "canonicalize");
  EXPECT_FALSE(once.empty());
  EXPECT_TRUE(featuresOf(*feedback, kArithmetic, "canonicalize,canonicalize").empty());
}

TEST(PatternFeedback, LastPatternIsOfThisCase) {
  std::unique_ptr<PatternFeedback> feedback = makePatternFeedback();
  EXPECT_EQ(feedback->lastPattern(), "");
  featuresOf(*feedback, kArithmetic, "canonicalize");
  EXPECT_NE(feedback->lastPattern(), "");
  EXPECT_EQ(feedback->lastPattern().find("pattern"), std::string::npos);
  feedback->begin();
  EXPECT_EQ(feedback->lastPattern(), "");
  EXPECT_THAT(feedback->describe(12345), HasSubstr("not met"));
}

} // namespace
