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
  EXPECT_TRUE(isDescribed(*feedback, features, "Canonicalizer tries ", "AddIAddConstant"));
  EXPECT_TRUE(isDescribed(*feedback, features, "Canonicalizer applies ", "AddIAddConstant"));
  EXPECT_TRUE(isDescribed(*feedback, features, "Canonicalizer tries ", "AddISubConstantRHS"));
  EXPECT_FALSE(isDescribed(*feedback, features, "Canonicalizer applies ", "AddISubConstantRHS"));
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
  EXPECT_THAT(there->describe(features[0]), HasSubstr("not met"));
  EXPECT_TRUE(featuresOf(*there, kArithmetic, "canonicalize").empty());
  EXPECT_EQ(there->numSeen(), features.size());
  for (uint32_t feature : features)
    EXPECT_EQ(there->describe(feature), here->describe(feature));
}

TEST(PatternFeedback, PairsEndWithThePass) {
  // One pass for the module meets both functions; a pass for each function meets one pattern.
  std::unique_ptr<PatternFeedback> one = makePatternFeedback(), each = makePatternFeedback();
  std::vector<uint32_t> features = featuresOf(*one, kArithmetic, "canonicalize");
  EXPECT_TRUE(isDescribed(*one, features, "AddIAddConstant, then ", "MulIMulIConstant") ||
              isDescribed(*one, features, "MulIMulIConstant, then ", "AddIAddConstant"));
  features = featuresOf(*each, kArithmetic, "func.func(canonicalize)");
  EXPECT_TRUE(isDescribed(*each, features, "Canonicalizer applies ", "MulIMulIConstant"));
  EXPECT_FALSE(isDescribed(*each, features, ", then ", ""));
}

TEST(PatternFeedback, LastPatternIsOfThisCase) {
  std::unique_ptr<PatternFeedback> feedback = makePatternFeedback();
  EXPECT_EQ(feedback->takeLastPattern(), "");
  featuresOf(*feedback, kArithmetic, "canonicalize");
  EXPECT_THAT(feedback->takeLastPattern(), HasSubstr("Constant"));
  EXPECT_EQ(feedback->takeLastPattern(), "");
  // Tried, and not applied.
  feedback->begin();
  runPasses(kNetwork, "canonicalize",
            [&](mlir::MLIRContext &context) { feedback->install(context); });
  EXPECT_EQ(feedback->takeLastPattern(), "");
  featuresOf(*feedback, kArithmetic, "canonicalize");
  EXPECT_NE(feedback->takeLastPattern(), "");
  feedback->begin();
  EXPECT_EQ(feedback->takeLastPattern(), "");
  EXPECT_THAT(feedback->describe(12345), HasSubstr("not met"));
}

} // namespace
