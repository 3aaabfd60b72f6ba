//===- LastWordsTest.cpp - Signatures of dead workers ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "LastWords.h"
#include "ScratchFolder.h"

#include "gtest/gtest.h"

#include <csignal>

using namespace tenon::fuzz;

TEST(LastWords, PassesOfPhases) {
  EXPECT_EQ(passOfPhase("pass tn-plan"), "tn-plan");
  EXPECT_EQ(passOfPhase("pass tn-plan{method=greedy}"), "tn-plan");
  EXPECT_EQ(passOfPhase("native"), "native");
  EXPECT_EQ(passOfPhase(""), "");
}

TEST(LastWords, CausesAreWithoutNumbers) {
  EXPECT_EQ(findCause("noise\nX.cpp:12: int f(): Assertion `rank == 3' failed.\n"),
            "Assertion `rank == #' failed.");
  EXPECT_EQ(findCause("==77==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020003f "
                      "at pc 0x55d1\n"),
            "AddressSanitizer: heap-buffer-overflow on address @ at pc @");
  EXPECT_EQ(findCause("LLVM ERROR: out of registers 12\n"), "LLVM ERROR: out of registers #");
  EXPECT_EQ(findCause("nothing of note\n"), "");
}

TEST(LastWords, TheSignatureNamesThePassAndTheCause) {
  ScratchFolder folder;
  std::error_code code;
  auto journal = Journal::create(folder.path("journal"), code);
  ASSERT_TRUE(journal);
  journal->beginCase("bytes", 7);
  journal->setPhase("pass tn-plan");
  ScratchFolder::write(folder.path("log"), "X.cpp:12: int f(): Assertion `rank == 3' failed.\n");
  Coroner coroner;
  ReportedFinding record = coroner.examine(*journal, folder.path("log"), {Oracle::Crash, SIGABRT});
  EXPECT_EQ(record.finding.signature, "crash; tn-plan; SIGABRT; Assertion `rank == #' failed.");
  EXPECT_EQ(record.finding.pass, "tn-plan");
  EXPECT_EQ(coroner.examine(*journal, folder.path("log"), {Oracle::Hang}).finding.signature,
            "hang; tn-plan");
  EXPECT_EQ(coroner.examine(*journal, folder.path("none"), {Oracle::Crash, 0, 3}).finding.signature,
            "crash; tn-plan; exit status 3");
}

TEST(LastWords, TailsAreWholeLines) {
  ScratchFolder folder;
  ScratchFolder::write(folder.path("log"), "first\nsecond\nthird\n");
  EXPECT_EQ(readTail(folder.path("log"), 10), "third\n");
  EXPECT_EQ(readTail(folder.path("log"), 100), "first\nsecond\nthird\n");
  EXPECT_EQ(readTail(folder.path("none"), 100), "");
}
