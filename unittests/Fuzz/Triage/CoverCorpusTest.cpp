//===- CoverCorpusTest.cpp - The smallest corpus with all features ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CoverCorpus.h"
#include "tenon/Fuzz/CampaignLock.h"
#include "tenon/Fuzz/CorpusFiles.h"
#include "tenon/Fuzz/Mutate.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <set>

using namespace tenon::fuzz;
namespace fs = llvm::sys::fs;

namespace {

CoveringCase makeCase(std::vector<uint32_t> edges, std::vector<uint32_t> blocks = {},
                      uint64_t bytes = 10) {
  return {{std::move(edges), std::move(blocks), {}}, bytes};
}

TEST(CoverCorpus, TakesTheLargestSetFirst) {
  std::vector<CoveringCase> cases = {makeCase({1, 2}), makeCase({3, 4}), makeCase({1, 2, 3, 4}),
                                     makeCase({5})};
  EXPECT_EQ(coverFeatures(cases), (std::vector<size_t>{2, 3}));
}

TEST(CoverCorpus, TellsSourcesApart) {
  std::vector<CoveringCase> cases = {makeCase({1}), makeCase({}, {1})};
  EXPECT_EQ(coverFeatures(cases).size(), 2u);
}

TEST(CoverCorpus, PrefersFewBytesThenTheFirst) {
  std::vector<CoveringCase> cases = {makeCase({1, 2}, {}, 30), makeCase({1, 2}, {}, 20),
                                     makeCase({1, 2}, {}, 20)};
  EXPECT_EQ(coverFeatures(cases), std::vector<size_t>{1});
}

TEST(CoverCorpus, DropsWhatLaterChoicesMadeSuperfluous) {
  // Greedy takes the middle one first; the two others have all of it.
  std::vector<CoveringCase> cases = {makeCase({1, 2, 3, 7}), makeCase({2, 3, 4, 5, 6}),
                                     makeCase({4, 5, 6, 8})};
  EXPECT_EQ(coverFeatures(cases), (std::vector<size_t>{0, 2}));
}

TEST(CoverCorpus, LosesNoFeatureAndKeepsNothingSuperfluous) {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<CoveringCase> cases;
    std::set<std::pair<int, uint32_t>> all;
    for (uint64_t n = random.below(30); n-- > 0;) {
      CoveringCase each = makeCase({}, {}, random.below(100));
      for (uint64_t k = random.below(12); k-- > 0;) {
        auto source = static_cast<int>(random.below(kNumFeedbacks));
        auto feature = static_cast<uint32_t>(random.below(40));
        each.features[static_cast<size_t>(source)].push_back(feature);
        all.emplace(source, feature);
      }
      cases.push_back(each);
    }
    auto featuresOf = [&](const std::vector<size_t> &chosen) {
      std::set<std::pair<int, uint32_t>> found;
      for (size_t number : chosen)
        for (int source = 0; source < static_cast<int>(kNumFeedbacks); ++source)
          for (uint32_t feature : cases[number].features[static_cast<size_t>(source)])
            found.emplace(source, feature);
      return found;
    };
    std::vector<size_t> chosen = coverFeatures(cases);
    EXPECT_EQ(featuresOf(chosen), all);
    for (size_t i = 0; i < chosen.size(); ++i) {
      std::vector<size_t> fewer = chosen;
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(i));
      EXPECT_NE(featuresOf(fewer), all);
    }
  }
}

/// Cases are texts of digits: each digit is a feature. `v0:` is another version's.
class CorpusFolder : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(fs::createUniqueDirectory("tenon-cover", directory));
    format.extension = ".case";
    format.check = [](std::string_view bytes, uint64_t &hash, std::string &error) {
      hash = std::hash<std::string_view>()(bytes);
      if (bytes.find_first_not_of("0123456789") == std::string_view::npos)
        return true;
      error = "no digits";
      return false;
    };
  }
  void TearDown() override { fs::remove_directories(directory); }

  void add(std::string_view bytes) {
    std::string file =
        corpusPath(directory, std::hash<std::string_view>()(bytes), format.extension);
    ASSERT_FALSE(fs::create_directories(llvm::sys::path::parent_path(file)));
    std::error_code code;
    llvm::raw_fd_ostream(file, code) << bytes;
    ASSERT_FALSE(code);
  }

  llvm::Expected<MinimizedCorpus> minimize() {
    return minimizeCorpus(
        directory, format,
        [](std::string_view bytes) -> llvm::Expected<Features> {
          if (bytes.find('9') != std::string_view::npos)
            return llvm::createStringError("it crashes");
          Features features;
          for (char digit : bytes)
            features[0].push_back(static_cast<uint32_t>(digit));
          return features;
        },
        [](std::string_view bytes) -> std::optional<std::string> {
          if (bytes.substr(0, 3) != "v0:")
            return std::nullopt;
          return std::string(bytes.substr(3));
        });
  }

  std::set<std::string> read() {
    std::vector<std::string> problems;
    std::set<std::string> all;
    for (const CorpusEntry &entry : readCorpus(directory, format, 1000, 1 << 20, problems)) {
      EXPECT_TRUE(entry.isIndexed);
      all.insert(entry.encoded.bytes);
    }
    EXPECT_TRUE(problems.empty());
    return all;
  }

  llvm::SmallString<128> directory;
  CaseFormat format;
};

TEST_F(CorpusFolder, IsReplacedByTheChosenCases) {
  for (const char *bytes : {"12", "34", "1234", "5", "v0:6", "v0:text", "text", "79"})
    add(bytes);
  llvm::Expected<MinimizedCorpus> summary = minimize();
  ASSERT_TRUE(bool(summary)) << llvm::toString(summary.takeError());
  EXPECT_EQ(summary->filesBefore, 8u);
  EXPECT_EQ(summary->filesAfter, 3u);
  EXPECT_EQ(summary->carried, 1u);
  EXPECT_EQ(summary->features[0], 6u);
  EXPECT_EQ(summary->skipped.size(), 3u);
  EXPECT_EQ(read(), (std::set<std::string>{"1234", "5", "6"}));
  EXPECT_TRUE(fs::exists(directory + "/corpus.before"));
  EXPECT_FALSE(fs::exists(directory + "/corpus.new"));
}

TEST_F(CorpusFolder, StaysWhileAnotherProcessUsesIt) {
  add("1");
  {
    llvm::Expected<CampaignLock> lock = CampaignLock::take(directory);
    ASSERT_TRUE(bool(lock)) << llvm::toString(lock.takeError());
    llvm::Expected<MinimizedCorpus> summary = minimize();
    ASSERT_FALSE(bool(summary));
    EXPECT_NE(llvm::toString(summary.takeError()).find("another tenon-fuzz works in"),
              std::string::npos);
    EXPECT_FALSE(fs::exists(directory + "/corpus.before"));
  }
  EXPECT_TRUE(bool(minimize()));
}

TEST_F(CorpusFolder, StaysWhereNothingRuns) {
  add("9");
  llvm::Expected<MinimizedCorpus> summary = minimize();
  ASSERT_FALSE(bool(summary));
  EXPECT_NE(llvm::toString(summary.takeError()).find("it crashes"), std::string::npos);
  EXPECT_TRUE(fs::exists(directory + "/corpus"));
  EXPECT_FALSE(fs::exists(directory + "/corpus.before"));
}

} // namespace
