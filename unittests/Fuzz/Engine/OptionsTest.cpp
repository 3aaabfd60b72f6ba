//===- OptionsTest.cpp - Options of campaigns as text and JSON ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CampaignOptions.h"

#include "gtest/gtest.h"

using namespace tenon::fuzz;

TEST(CampaignOptions, JsonIsLossless) {
  CampaignOptions options;
  options.runs = 12;
  options.seconds = 1.5;
  options.workers = 3;
  options.seed = ~uint64_t(0) - 1;
  options.policy = Policy::Tzer;
  options.oracles = kCompileOnly;
  options.feedback = 0b101;
  options.guards = false;
  options.nativeShare = 0.25;
  options.timeout = 3;
  options.memory = 1ull << 40;
  options.text = "tests";
  options.recycle = 7;
  options.corpusCases = 8;
  options.corpusBytes = 9;
  CampaignOptions read;
  ASSERT_FALSE(bool(readJson(toJson(options), read)));
  EXPECT_EQ(llvm::json::Value(toJson(read)), llvm::json::Value(toJson(options)));
  EXPECT_EQ(read.seed, options.seed);
  EXPECT_EQ(read.policy, Policy::Tzer);
  EXPECT_EQ(read.memory, options.memory);
}

TEST(CampaignOptions, WrongFieldsAreNamed) {
  for (auto [field, value] : {std::pair<llvm::StringRef, llvm::json::Value>("seed", "x"),
                              {"workers", -1},
                              {"workers", 1ull << 40},
                              {"guards", 1},
                              {"policy", "best"},
                              {"oracles", "stage,none"},
                              {"timeout", -1.0}}) {
    CampaignOptions options;
    llvm::Error error = readJson(llvm::json::Object{{field, value}}, options);
    EXPECT_NE(llvm::toString(std::move(error)).find(field.str()), std::string::npos) << field.str();
  }
}

TEST(CampaignOptions, ListsOfWords) {
  EXPECT_EQ(*parseOracles("verifier,stage"),
            oracleBit(Oracle::Verifier) | oracleBit(Oracle::Stage));
  EXPECT_EQ(*parseOracles("all"), kAllOracles);
  EXPECT_EQ(printOracles(*parseOracles("stage,verifier")), "verifier,stage");
  EXPECT_EQ(*parseFeedback("none"), 0);
  EXPECT_EQ(*parseFeedback("edges,patterns"), 0b101);
  EXPECT_EQ(printFeedback(0), "none");
  EXPECT_EQ(llvm::toString(parseFeedback("edge").takeError()),
            "unknown feedback 'edge'; expected a list of edges, blocks, patterns");
  EXPECT_EQ(llvm::toString(parseOracles("").takeError()),
            "no oracle is named; expected a list, or all");
  EXPECT_EQ(llvm::toString(parsePolicy("x").takeError()),
            "unknown policy 'x'; expected generate, tzer or bandit");
}
