//===- FeedbacksTest.cpp - Feedbacks by name --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Feedback.h"

#include "gmock/gmock.h"

using namespace tenon::fuzz;
using testing::HasSubstr;

namespace {

TEST(Feedbacks, AreMadeInTheOrderOfTheList) {
  std::string error;
  std::optional<Feedbacks> made = makeFeedbacks("patterns,blocks,edges", "", error);
  ASSERT_TRUE(made) << error;
  ASSERT_GE(made->all.size(), 2u);
  EXPECT_EQ(made->all[0]->name(), "patterns");
  EXPECT_EQ(made->all[0].get(), made->patterns);
  EXPECT_EQ(made->all[1]->name(), "blocks");
  if (made->all.size() == 3)
    EXPECT_EQ(made->all[2]->name(), "edges");
  else
    EXPECT_THAT(made->missing,
                testing::ElementsAre(HasSubstr("edges: this build has no counters")));
}

TEST(Feedbacks, NoneIsNone) {
  std::string error;
  std::optional<Feedbacks> made = makeFeedbacks("none", "", error);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->all.empty());
  EXPECT_TRUE(made->missing.empty());
  EXPECT_EQ(made->patterns, nullptr);
}

TEST(Feedbacks, WrongNamesAreErrors) {
  for (auto [names, said] : {std::pair{"edges,bloks", "unknown feedback 'bloks'"},
                             {"", "unknown feedback ''"},
                             {"patterns,none", "unknown feedback 'none'"},
                             {"blocks,edges,blocks", "'blocks' is named twice"}}) {
    std::string error;
    EXPECT_FALSE(makeFeedbacks(names, "", error)) << names;
    EXPECT_THAT(error, HasSubstr(said));
  }
  // Nothing was armed meanwhile.
  std::string error;
  EXPECT_TRUE(makeBlockFeedback("", error)) << error;
}

} // namespace
