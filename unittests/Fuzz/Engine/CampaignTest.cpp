//===- CampaignTest.cpp - Whole campaigns over a fake executor ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Supervisor.h"

#include "FakeCases.h"
#include "ScratchFolder.h"

#include "tenon/Fuzz/CorpusFiles.h"

#include "llvm/ADT/StringExtras.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tenon::fuzz;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

namespace {
/// A campaign in a folder of its own.
class CampaignTest : public testing::Test {
protected:
  CampaignTest() {
    request.directory = folder.path("c");
    request.format = fakeFormat();
    request.options.workers = 1;
    request.options.runs = 400;
    request.options.recycle = 150;
    observer.onMessage = [this](const std::string &line) { messages += line + "\n"; };
  }

  CampaignResult run() {
    messages.clear();
    llvm::Expected<CampaignResult> result = runCampaign(request, observer, stop);
    if (!result) {
      ADD_FAILURE() << llvm::toString(result.takeError());
      return {};
    }
    return std::move(*result);
  }
  std::string runToError() {
    llvm::Expected<CampaignResult> result = runCampaign(request, observer, stop);
    return result ? "no error" : llvm::toString(result.takeError());
  }
  std::vector<CorpusEntry> corpus() {
    std::vector<std::string> problems;
    std::vector<CorpusEntry> entries =
        readCorpus(request.directory, request.format, 10000, 1 << 30, problems);
    EXPECT_THAT(problems, testing::IsEmpty());
    return entries;
  }
  std::vector<StoredFinding> findings(Oracle oracle) {
    std::vector<std::string> problems;
    std::vector<StoredFinding> all = readFindings(request.directory, problems), chosen;
    EXPECT_THAT(problems, testing::IsEmpty());
    for (StoredFinding &finding : all)
      if (finding.record.finding.oracle == oracle)
        chosen.push_back(std::move(finding));
    return chosen;
  }

  ScratchFolder folder;
  CampaignRequest request;
  CampaignObserver observer;
  std::atomic<bool> stop = false;
  std::string messages;
};
} // namespace

TEST_F(CampaignTest, CountsWhatItRan) {
  CampaignResult result = run();
  EXPECT_EQ(result.status.totals.executions, 400u);
  EXPECT_EQ(result.status.totals.conclusive, 800u);
  EXPECT_EQ(result.status.totals.passes, 1200u);
  EXPECT_EQ(result.status.totals.recycled, 2u);
  EXPECT_EQ(result.status.totals.generation, 3u);
  EXPECT_EQ(result.status.totals.crashes + result.status.totals.hangs + result.status.totals.lost,
            0u);
  EXPECT_EQ(result.status.features[0], 64u) << "every edge of the fake is a few steps away";
  EXPECT_EQ(result.status.features[2], 4u);
  EXPECT_EQ(result.status.featureTotals[0], 64u);
  EXPECT_EQ(corpus().size(), result.status.corpus);
  std::string history = ScratchFolder::read(folder.path("c/history.csv"));
  EXPECT_THAT(history, StartsWith("seconds,executions,conclusive,inconclusive,edges,blocks,"
                                  "patterns,corpus,findings,signatures\n"));
  EXPECT_THAT(history, HasSubstr(",400,800,"));
  EXPECT_THAT(ScratchFolder::read(folder.path("c/campaign.json")),
              HasSubstr("\"executions\": 400"));
}

TEST_F(CampaignTest, OneSeedIsOneRun) {
  CampaignResult first = run();
  request.directory = folder.path("again");
  CampaignResult second = run();
  EXPECT_EQ(first.status.totals.digest, second.status.totals.digest);
  std::string index = ScratchFolder::read(folder.path("c/corpus/index"));
  EXPECT_EQ(first.newFindings, second.newFindings);
  request.directory = folder.path("other");
  request.options.seed = 2;
  EXPECT_NE(run().status.totals.digest, first.status.totals.digest);
}

TEST_F(CampaignTest, WorkersShareCasesAndCorpus) {
  request.options.workers = 3;
  request.options.runs = 1000;
  CampaignResult result = run();
  EXPECT_EQ(result.status.totals.executions, 1000u);
  // Each feature is brought by one entry, whichever worker was first.
  std::set<uint32_t> edges;
  size_t count = 0;
  for (const CorpusEntry &entry : corpus()) {
    edges.insert(entry.features[0].begin(), entry.features[0].end());
    count += entry.features[0].size();
  }
  EXPECT_EQ(edges.size(), 64u);
  EXPECT_EQ(count, 64u);
}

TEST_F(CampaignTest, FindingsAreKeptOnceEach) {
  request.options.runs = 20000;
  request.options.recycle = 20000;
  CampaignResult result = run();
  std::vector<StoredFinding> found = findings(Oracle::Stage);
  ASSERT_FALSE(found.empty());
  EXPECT_LE(found.size(), 8u) << "duplicates past the bound are counted only";
  EXPECT_GE(result.newFindings, found.size());
  ASSERT_EQ(result.findings.size(), 1u) << "one signature";
  const ReportedFinding &record = result.findings[0].record;
  EXPECT_EQ(record.finding.pass, "tn-simplify");
  EXPECT_EQ(record.finding.detail, "element 0: expected 1, found 2");
  EXPECT_EQ(record.options.runs, 20000u);
  uint64_t hash;
  std::string error;
  ASSERT_TRUE(fakeFormat().check(ScratchFolder::read(result.findings[0].casePath), hash, error));
  EXPECT_EQ(hash, record.caseHash);
}

TEST_F(CampaignTest, CrashesAreFindingsWithPassAndFrames) {
  for (auto [fault, signal] :
       {std::pair("crash-at:200", "SIGSEGV"), std::pair("abort-at:200", "SIGABRT"),
        std::pair("overflow-at:200", "SIGSEGV"), std::pair("exit-at:200", "exit status 3")}) {
    SCOPED_TRACE(fault);
    ScratchFolder own;
    request.directory = own.path("c");
    request.options.recycle = 1000;
    request.options.fault = fault;
    CampaignResult result = run();
    EXPECT_EQ(result.status.totals.executions, 400u) << "no case is lost with the worker";
    EXPECT_EQ(result.status.totals.crashes, 1u);
    std::vector<StoredFinding> found = findings(Oracle::Crash);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_THAT(found[0].record.finding.signature, HasSubstr(signal));
    EXPECT_THAT(ScratchFolder::read(found[0].casePath), StartsWith("case "));
    EXPECT_EQ(found[0].record.executions, 200u);
  }
}

TEST_F(CampaignTest, FramesOfAFaultAreNamed) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "AddressSanitizer handles faults itself";
#endif
  request.options.fault = "overflow-at:5";
  run();
  std::vector<StoredFinding> found = findings(Oracle::Crash);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].record.finding.signature, HasSubstr("descend"));
}

TEST_F(CampaignTest, CrashesLeaveRunsTheSame) {
  request.options.fault = "crash-at:200";
  CampaignResult first = run();
  request.directory = folder.path("again");
  CampaignResult second = run();
  EXPECT_EQ(first.status.totals.digest, second.status.totals.digest);
}

TEST_F(CampaignTest, HangsAreFindings) {
  request.options.timeout = 0.3;
  for (const char *fault : {"hang-at:120", "sleep-at:120"}) {
    SCOPED_TRACE(fault);
    ScratchFolder own;
    request.directory = own.path("c");
    request.options.fault = fault;
    CampaignResult result = run();
    EXPECT_EQ(result.status.totals.hangs, 1u);
    EXPECT_EQ(result.status.totals.executions, 400u);
    ASSERT_EQ(findings(Oracle::Hang).size(), 1u);
    EXPECT_EQ(findings(Oracle::Hang)[0].record.executions, 120u);
  }
}

TEST_F(CampaignTest, ExhaustedMemoryIsAFinding) {
  request.options.memory = 600 << 20;
  request.options.fault = "memory-at:120";
  CampaignResult result = run();
  EXPECT_EQ(result.status.totals.exhausted, 1u);
  EXPECT_EQ(result.status.totals.executions, 400u);
  EXPECT_EQ(findings(Oracle::Memory).size(), 1u);
}

TEST_F(CampaignTest, AKilledWorkersCaseIsRunAgain) {
  request.options.fault = "killed-at:120";
  CampaignResult result = run();
  EXPECT_EQ(result.status.totals.lost, 1u);
  EXPECT_EQ(result.status.totals.crashes, 0u);
  EXPECT_EQ(result.status.totals.executions, 400u);
  EXPECT_TRUE(findings(Oracle::Crash).empty());
  EXPECT_THAT(messages, HasSubstr("worker 0 was killed by something else; its case is run again"));
}

TEST_F(CampaignTest, ResumeGoesOn) {
  CampaignResult first = run();
  request.resume = true;
  CampaignResult second = run();
  EXPECT_EQ(second.status.totals.executions, 800u);
  EXPECT_EQ(second.status.totals.generation, 6u);
  EXPECT_GE(second.status.totals.seconds, first.status.totals.seconds);
  EXPECT_EQ(second.status.features, first.status.features) << "nothing new is left to find";
  EXPECT_EQ(second.status.corpus, first.status.corpus);
  EXPECT_NE(second.status.totals.digest, first.status.totals.digest)
      << "the same cases would be run again";
}

TEST_F(CampaignTest, ResumeAfterAnotherBuildRunsTheCorpusAgain) {
  CampaignResult first = run();
  std::string path = folder.path("c/campaign.json"), text = ScratchFolder::read(path);
  size_t place = text.find("\"build\": \"");
  ASSERT_NE(place, std::string::npos);
  text.replace(place, 20, "\"build\": \"0000000000");
  ScratchFolder::write(path, text);
  request.resume = true;
  request.options.runs = first.status.corpus;
  CampaignResult second = run();
  EXPECT_THAT(messages, HasSubstr("another build"));
  EXPECT_EQ(second.status.features, first.status.features);
  EXPECT_EQ(second.status.corpus, first.status.corpus);
  // And the new index has it all.
  EXPECT_EQ(corpus().size(), first.status.corpus);
  for (const CorpusEntry &entry : corpus())
    EXPECT_TRUE(entry.isIndexed);
}

TEST_F(CampaignTest, ResumeSkipsDamage) {
  CampaignResult first = run();
  std::vector<CorpusEntry> entries = corpus();
  ASSERT_GT(entries.size(), 3u);
  ScratchFolder::write(corpusPath(request.directory, entries[1].encoded.hash, ".genome"), "case");
  ScratchFolder::write(folder.path("c/findings/half.json"), "{");
  std::string index = ScratchFolder::read(folder.path("c/corpus/index"));
  ScratchFolder::write(folder.path("c/corpus/index"), index + "0123");
  request.resume = true;
  CampaignResult second = run();
  EXPECT_EQ(second.status.totals.executions, 800u);
  EXPECT_THAT(messages, AllOf(HasSubstr("not a case of this test"), HasSubstr("half.json"),
                              HasSubstr("not a line of an index")));
}

TEST_F(CampaignTest, AKilledSupervisorLeavesACampaign) {
  // The supervisor is a process of its own here, killed at some moment.
  request.options.runs = 0;
  request.options.recycle = 50;
  pid_t supervisor = fork();
  if (supervisor == 0) {
    observer.onMessage = [](const std::string &) {};
    llvm::consumeError(runCampaign(request, observer, stop).takeError());
    _exit(0);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  // Its one worker must end with it.
  std::string children = ScratchFolder::read("/proc/" + std::to_string(supervisor) + "/task/" +
                                             std::to_string(supervisor) + "/children");
  kill(supervisor, SIGKILL);
  waitpid(supervisor, nullptr, 0);
  pid_t worker = pid_t(std::atoi(children.c_str()));
  if (worker > 0) {
    for (int i = 0; i < 100 && kill(worker, 0) == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::string stat = ScratchFolder::read("/proc/" + std::to_string(worker) + "/stat");
    EXPECT_TRUE(stat.empty() || stat.find(") Z ") != std::string::npos) << stat;
  }
  EXPECT_FALSE(corpus().empty());
  request.resume = true;
  request.options.runs = 100;
  CampaignResult result = run();
  EXPECT_GT(result.status.totals.executions, 100u);
  EXPECT_THAT(messages, testing::Not(HasSubstr("skipped")));
}

TEST_F(CampaignTest, AFullDiskLosesNoFinding) {
  bool isFull = true;
  request.options.runs = 20000;
  request.options.recycle = 20000;
  request.writeFile = [&](const std::string &path, const std::string &bytes) {
    if (isFull)
      return std::make_error_code(std::errc::no_space_on_device);
    ScratchFolder::write(path, bytes);
    return std::error_code();
  };
  CampaignResult result = run();
  EXPECT_EQ(result.status.totals.executions, 20000u);
  EXPECT_THAT(messages, HasSubstr("warning: the corpus on disk grows no more"));
  EXPECT_EQ(messages.find("grows no more"), messages.rfind("grows no more")) << "said once";
  EXPECT_GT(result.newFindings, 0u);
  ASSERT_FALSE(result.unwritten.empty());
  EXPECT_THAT(result.unwritten[0].bytes, StartsWith("case "));
  EXPECT_EQ(result.unwritten[0].record.finding.pass, "tn-simplify");
  EXPECT_TRUE(corpus().empty());
}

TEST_F(CampaignTest, FindingsAreWrittenOnceThereIsRoom) {
  int refusals = 3;
  request.options.runs = 20000;
  request.options.recycle = 20000;
  request.writeFile = [&](const std::string &path, const std::string &bytes) {
    if (llvm::StringRef(path).contains("/findings/") && refusals-- > 0)
      return std::make_error_code(std::errc::no_space_on_device);
    ScratchFolder::write(path, bytes);
    return std::error_code();
  };
  CampaignResult result = run();
  EXPECT_TRUE(result.unwritten.empty());
  EXPECT_EQ(result.findings.size(), 1u);
  EXPECT_THAT(messages, HasSubstr("the findings that were kept in memory are written"));
}

TEST_F(CampaignTest, TheCorpusIsBounded) {
  request.options.corpusCases = 5;
  EXPECT_EQ(run().status.corpus, 5u);
  EXPECT_EQ(corpus().size(), 5u);
  request.directory = folder.path("bytes");
  request.options.corpusCases = 100;
  request.options.corpusBytes = 40;
  EXPECT_LE(run().status.corpusBytes, 40u);
}

TEST_F(CampaignTest, StopsWhenAsked) {
  request.options.runs = 0;
  observer.onStatus = [&](const CampaignStatus &status) {
    stop = stop || status.totals.executions > 0;
  };
  auto begin = std::chrono::steady_clock::now();
  CampaignResult result = run();
  EXPECT_GT(result.status.totals.executions, 0u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_THAT(ScratchFolder::read(folder.path("c/campaign.json")), HasSubstr("\"totals\""));
}

TEST_F(CampaignTest, StopsWhenTheTimeIsOver) {
  request.options.runs = 0;
  request.options.seconds = 0.5;
  EXPECT_GT(run().status.totals.executions, 0u);
}

TEST_F(CampaignTest, RefusesWrongDirectories) {
  EXPECT_THAT((request.resume = true, runToError()),
              HasSubstr("is not the directory of a campaign"));
  EXPECT_FALSE(llvm::sys::fs::exists(request.directory)) << "nothing is made there";
  request.resume = false;
  run();
  EXPECT_THAT(runToError(), HasSubstr("holds a campaign; --resume goes on with it"));
  request.resume = true;
  ScratchFolder::write(folder.path("c/campaign.json"), "{\"format\": 2}");
  EXPECT_THAT(runToError(), HasSubstr("is of format 2; this tenon-fuzz reads 1"));
  ScratchFolder::write(folder.path("c/campaign.json"), "[]");
  EXPECT_THAT(runToError(), HasSubstr("expected an object with a field 'format'"));
  ScratchFolder::write(folder.path("c/campaign.json"), "{\"form");
  EXPECT_THAT(runToError(), HasSubstr("campaign.json'"));
  request.resume = false;
  llvm::sys::fs::create_directories(folder.path("full"));
  ScratchFolder::write(folder.path("full/letter"), "x");
  request.directory = folder.path("full");
  EXPECT_THAT(runToError(),
              HasSubstr("neither empty nor the directory of a campaign; 'letter' is in it"));
  request.directory = folder.path("full/letter");
  EXPECT_THAT(runToError(), HasSubstr("Not a directory"));
}

TEST_F(CampaignTest, OneSupervisorAtATime) {
  run();
  request.resume = true;
  std::string inner;
  observer.onStatus = [&](const CampaignStatus &) {
    if (inner.empty()) {
      CampaignObserver silent;
      inner = llvm::toString(runCampaign(request, silent, stop).takeError());
    }
  };
  run();
  EXPECT_THAT(inner, HasSubstr("another tenon-fuzz works in"));
}

TEST_F(CampaignTest, WorkersThatCannotBeginAreAnError) {
  request.options.text = "refuse";
  EXPECT_EQ(runToError(), "there is nothing to start from");
  ScratchFolder own;
  request.directory = own.path("c");
  request.workerCommand = {"/bin/false"};
  EXPECT_THAT(runToError(), HasSubstr("worker 0 ended 5 times before its first case"));
}

TEST_F(CampaignTest, OptionsAreReadBack) {
  request.options.seed = 99;
  run();
  llvm::Expected<CampaignOptions> options = readCampaignOptions(request.directory);
  ASSERT_TRUE(bool(options));
  EXPECT_EQ(options->seed, 99u);
  EXPECT_EQ(options->recycle, 150u);
}
