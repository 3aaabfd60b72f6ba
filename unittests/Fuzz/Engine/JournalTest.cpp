//===- JournalTest.cpp - What a worker leaves in shared memory ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Journal.h"
#include "ScratchFolder.h"

#include "gtest/gtest.h"

#include <fstream>
#include <thread>

using namespace tenon::fuzz;

TEST(Journal, HasTheCaseAndThePhase) {
  ScratchFolder folder;
  std::error_code code;
  auto journal = Journal::create(folder.path("journal"), code);
  ASSERT_TRUE(journal && !code);
  EXPECT_FALSE(journal->readCase()) << "none has begun";
  journal->beginCase("bytes", 7);
  journal->setPhase("pass tn-plan");
  auto other = Journal::openFile(folder.path("journal"));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->readCase()->bytes, "bytes");
  EXPECT_EQ(other->readCase()->hash, 7u);
  EXPECT_EQ(other->readPhase(), "pass tn-plan");
  EXPECT_EQ(other->record().state, WorkerState::Running);
  Outcome outcome;
  outcome.conclusive = 3;
  journal->endCase(outcome);
  EXPECT_EQ(other->record().finished, 1u);
  EXPECT_EQ(other->record().conclusive, 3u);
  journal->setPhase(std::string(1000, 'x'));
  EXPECT_EQ(other->readPhase(), std::string(255, 'x'));
}

TEST(Journal, TornRecordsAreNone) {
  ScratchFolder folder;
  std::error_code code;
  auto journal = Journal::create(folder.path("journal"), code);
  ASSERT_TRUE(journal);
  journal->beginCase("bytes", 7);
  journal->record().sequence.fetch_add(1); // as a writer that died
  EXPECT_FALSE(journal->readCase());
}

TEST(Journal, ReadersSeeWholeCasesOnly) {
  ScratchFolder folder;
  std::error_code code;
  auto journal = Journal::create(folder.path("journal"), code);
  auto other = Journal::openFile(folder.path("journal"));
  ASSERT_TRUE(journal && other);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (unsigned i = 0; !stop; ++i)
      journal->beginCase(std::string(1000 + i % 7, char('a' + i % 7)), i % 7);
  });
  unsigned whole = 0;
  for (unsigned i = 0; i < 20000 || (whole == 0 && i < 10000000); ++i)
    if (auto found = other->readCase()) {
      ++whole;
      ASSERT_EQ(found->bytes, std::string(1000 + found->hash, char('a' + found->hash)));
    }
  stop = true;
  writer.join();
  EXPECT_GT(whole, 0u);
}

TEST(Journal, OtherFilesAreNone) {
  ScratchFolder folder;
  std::ofstream(folder.path("short")) << "x";
  std::ofstream(folder.path("long")) << std::string(sizeof(JournalRecord), 'x');
  EXPECT_FALSE(Journal::openFile(folder.path("short")));
  EXPECT_FALSE(Journal::openFile(folder.path("long")));
  EXPECT_FALSE(Journal::openFile(folder.path("missing")));
}

TEST(Journal, WithoutAFileIsInMemory) {
  std::error_code code;
  auto journal = Journal::create("/nowhere/at/all", code);
  ASSERT_TRUE(journal);
  EXPECT_TRUE(code);
  journal->beginCase("bytes", 7);
  EXPECT_EQ(journal->readCase()->bytes, "bytes");
}
