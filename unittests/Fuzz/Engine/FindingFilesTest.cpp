//===- FindingFilesTest.cpp - Findings as files ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/FindingFiles.h"

#include "ScratchFolder.h"

#include "gtest/gtest.h"

using namespace tenon::fuzz;

static ReportedFinding example() {
  ReportedFinding record;
  record.finding = {Oracle::Crash, "tn-plan", "SIGSEGV in phase 'pass tn-plan'",
                    "crash; tn-plan; SIGSEGV; f < g"};
  record.caseHash = 0x0123456789abcdef;
  record.seconds = 2.5;
  record.executions = 1ull << 40;
  record.worker = 3;
  record.frames = {"f", "g"};
  record.log = "words \xff\x01";
  record.options.seed = 77;
  return record;
}

TEST(FindingFiles, JsonIsLossless) {
  ReportedFinding record = example();
  std::string text = printReportedFinding(record);
  llvm::Expected<ReportedFinding> read = parseReportedFinding(text);
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(printReportedFinding(*read), text);
  EXPECT_EQ(read->finding.oracle, Oracle::Crash);
  EXPECT_EQ(read->caseHash, record.caseHash);
  EXPECT_EQ(read->executions, record.executions);
  EXPECT_EQ(read->frames, record.frames);
  EXPECT_EQ(read->options.seed, 77u);
  EXPECT_EQ(stemOf(*read), stemOf(record));
  EXPECT_EQ(stemOf(record).substr(0, 17), "0123456789abcdef-");
  EXPECT_EQ(stemOf(record).size(), 25u);
}

TEST(FindingFiles, DrawsOfReducedCasesAreKept) {
  ReportedFinding record = example();
  llvm::Expected<ReportedFinding> without = parseReportedFinding(printReportedFinding(record));
  ASSERT_TRUE(bool(without)) << llvm::toString(without.takeError());
  EXPECT_EQ(without->draws, std::nullopt);
  record.draws = 0xfedcba9876543210;
  std::string text = printReportedFinding(record);
  llvm::Expected<ReportedFinding> with = parseReportedFinding(text);
  ASSERT_TRUE(bool(with)) << llvm::toString(with.takeError());
  EXPECT_EQ(with->draws, record.draws);
  // A number that was cut off is none.
  text.replace(text.find("fedcba9876543210"), 16, "fedcba98");
  llvm::Expected<ReportedFinding> cut = parseReportedFinding(text);
  ASSERT_FALSE(bool(cut));
  EXPECT_EQ(llvm::toString(cut.takeError()), "'draws' are 16 hexadecimal digits");
}

TEST(FindingFiles, EveryCutIsRefused) {
  std::string text = printReportedFinding(example());
  for (size_t size = 0; size + 2 < text.size(); ++size) {
    llvm::Expected<ReportedFinding> read =
        parseReportedFinding(llvm::StringRef(text).take_front(size));
    EXPECT_FALSE(bool(read)) << size;
    llvm::consumeError(read.takeError());
  }
}

TEST(FindingFiles, LoneFilesAreNamed) {
  ScratchFolder folder;
  llvm::sys::fs::create_directories(folder.path("c/findings"));
  ReportedFinding record = example();
  std::string stem = folder.path("c/findings/" + stemOf(record));
  ScratchFolder::write(stem + ".json", printReportedFinding(record));
  ScratchFolder::write(folder.path("c/findings/half.json"), "{");
  std::vector<std::string> problems;
  EXPECT_TRUE(readFindings(folder.path("c"), problems).empty());
  EXPECT_EQ(problems.size(), 2u);
  ScratchFolder::write(stem + ".genome", "12345");
  problems.clear();
  std::vector<StoredFinding> findings = readFindings(folder.path("c"), problems);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].caseBytes, 5u);
  EXPECT_EQ(findings[0].casePath, stem + ".genome");
  EXPECT_EQ(problems.size(), 1u);
}
