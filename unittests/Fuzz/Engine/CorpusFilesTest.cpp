//===- CorpusFilesTest.cpp - A corpus that was damaged --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CorpusFiles.h"

#include "FakeCases.h"
#include "ScratchFolder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace tenon::fuzz;
using testing::HasSubstr;

static CorpusEntry entryOf(uint64_t number, Features features = {}) {
  CorpusEntry entry;
  entry.encoded.bytes = fakeCase(number);
  std::string error;
  fakeFormat().check(entry.encoded.bytes, entry.encoded.hash, error);
  entry.features = features;
  entry.seconds = 1.5;
  entry.worker = 2;
  return entry;
}

static std::string put(const ScratchFolder &folder, const CorpusEntry &entry) {
  std::string path = corpusPath(folder.path("c"), entry.encoded.hash, ".genome");
  llvm::sys::fs::create_directories(llvm::StringRef(path).rsplit('/').first);
  ScratchFolder::write(path, entry.encoded.bytes);
  return path;
}

TEST(CorpusFiles, IndexLinesAreLossless) {
  CorpusEntry entry = entryOf(5, {{{3, 1, 2, 9}, {}, {0}}});
  std::string line = printIndexLine(entry);
  EXPECT_THAT(line, HasSubstr(" 1.5 2 edges:1-3,9 patterns:0"));
  CorpusEntry read;
  uint64_t bytes;
  ASSERT_TRUE(parseIndexLine(line, read, bytes));
  EXPECT_EQ(read.encoded.hash, entry.encoded.hash);
  EXPECT_EQ(bytes, entry.encoded.bytes.size());
  EXPECT_EQ(read.features[0], (std::vector<uint32_t>{1, 2, 3, 9}));
  EXPECT_EQ(read.features[2], (std::vector<uint32_t>{0}));
  for (const char *wrong :
       {"", "x", "0123456789abcdef 5 1.0", "0123456789abcdef 5 1.0 0 sides:1",
        "0123456789abcdef 5 1.0 0 edges:5-1", "0123456789abcdef 5 1.0 0 edges:0-4294967295",
        "0123456789abcdef 5 1.0 0 edges:-"})
    EXPECT_FALSE(parseIndexLine(wrong, read, bytes)) << wrong;
}

TEST(CorpusFiles, TheIndexGivesTheOrder) {
  ScratchFolder folder;
  std::string index;
  for (uint64_t number : {30, 10, 20}) {
    CorpusEntry entry = entryOf(number, {{{uint32_t(number)}, {}, {}}});
    put(folder, entry);
    index += printIndexLine(entry) + "\n";
  }
  put(folder, entryOf(40)); // not in the index: a supervisor was killed in between
  ScratchFolder::write(folder.path("c/corpus/index"), index);
  std::vector<std::string> problems;
  std::vector<CorpusEntry> entries =
      readCorpus(folder.path("c"), fakeFormat(), 100, 1 << 20, problems);
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(entries[0].encoded.bytes, fakeCase(30));
  EXPECT_EQ(entries[2].encoded.bytes, fakeCase(20));
  EXPECT_EQ(entries[2].features[0], (std::vector<uint32_t>{20}));
  EXPECT_EQ(entries[3].encoded.bytes, fakeCase(40));
  EXPECT_TRUE(entries[2].isIndexed && !entries[3].isIndexed);
}

TEST(CorpusFiles, DamageIsSkippedAndNamed) {
  ScratchFolder folder;
  CorpusEntry good = entryOf(1), cut = entryOf(2), swapped = entryOf(3), lost = entryOf(4);
  put(folder, good);
  ScratchFolder::write(put(folder, cut), "case 2");
  ScratchFolder::write(put(folder, swapped), fakeCase(1));
  ScratchFolder::write(folder.path("c/corpus/index"), printIndexLine(lost) + "\n" +
                                                          printIndexLine(good) + "\nhalf a li\n" +
                                                          printIndexLine(good) + "\n");
  llvm::sys::fs::create_directories(folder.path("c/corpus/zz"));
  ScratchFolder::write(folder.path("c/corpus/zz/stray.genome"), "x");
  ScratchFolder::write(folder.path("c/corpus/zz/other.txt"), "x");
  std::vector<std::string> problems;
  std::vector<CorpusEntry> entries =
      readCorpus(folder.path("c"), fakeFormat(), 100, 1 << 20, problems);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].encoded.bytes, fakeCase(1));
  std::string all;
  for (const std::string &problem : problems)
    all += problem + "\n";
  EXPECT_EQ(problems.size(), 5u) << all;
  EXPECT_THAT(all, HasSubstr("not a case of this test"));
  EXPECT_THAT(all, HasSubstr("another hash than its name says"));
  EXPECT_THAT(all, HasSubstr("line 3: not a line of an index"));
  EXPECT_THAT(all, HasSubstr("stray.genome': not the name of a case"));
  EXPECT_THAT(all, HasSubstr("No such file"));
}

TEST(CorpusFiles, BoundsHold) {
  ScratchFolder folder;
  for (uint64_t number = 0; number < 10; ++number)
    put(folder, entryOf(number));
  std::vector<std::string> problems;
  EXPECT_EQ(readCorpus(folder.path("c"), fakeFormat(), 4, 1 << 20, problems).size(), 4u);
  EXPECT_EQ(problems.size(), 6u);
  EXPECT_EQ(
      readCorpus(folder.path("c"), fakeFormat(), 100, 3 * fakeCase(1).size(), problems).size(), 3u);
}
