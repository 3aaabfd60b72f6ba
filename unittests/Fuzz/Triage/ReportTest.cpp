//===- ReportTest.cpp - A campaign on a page --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CampaignReport.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace tenon::fuzz;
namespace fs = llvm::sys::fs;

namespace {

StoredFinding makeFinding(std::string signature, double seconds, uint64_t bytes,
                          std::string casePath) {
  StoredFinding found;
  found.record.finding = {Oracle::Stage, "tn-fuse", "element [1, 2] is 7, expected 8", signature};
  found.record.seconds = seconds;
  found.caseBytes = bytes;
  found.casePath = std::move(casePath);
  return found;
}

std::string print(const CampaignRecord &campaign) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printReport(
      campaign,
      [](llvm::StringRef path) -> llvm::Expected<std::string> {
        return "the case of " + path.str();
      },
      stream);
  return text;
}

TEST(History, LeavesOutLinesThatAreCutShort) {
  std::vector<std::string> problems;
  History history =
      parseHistory("seconds,edges\n0.5,10\n1.5,x\n2.5,20,3\n\n3.5,30\n4.", "h.csv", problems);
  EXPECT_EQ(history.columns, (std::vector<std::string>{"seconds", "edges"}));
  EXPECT_EQ(history.lines, (std::vector<std::vector<double>>{{0.5, 10}, {3.5, 30}}));
  EXPECT_EQ(problems,
            (std::vector<std::string>{"h.csv:3: expected 2 numbers; the line is left out",
                                      "h.csv:4: expected 2 numbers; the line is left out",
                                      "h.csv:7: expected 2 numbers; the line is left out"}));
}

TEST(Report, Golden) {
  CampaignRecord campaign;
  campaign.directory = "runs/a";
  campaign.description = llvm::json::Object{
      {"format", 1}, {"options", llvm::json::Object{{"seed", 3}, {"policy", "bandit"}}}};
  campaign.findings = {makeFinding("stage | tn-fuse | a|b", 200, 80, "runs/a/findings/1-x.genome"),
                       makeFinding("stage | tn-fuse | a|b", 100, 90, "runs/a/findings/2-x.genome")};
  campaign.clusters = clusterFindings(campaign.findings);
  campaign.history = {{"seconds", "edges"}, {{1, 10}, {60.5, 3000}}};
  campaign.problems = {"'x.json': no case"};
  EXPECT_EQ(print(campaign), R"(# Campaign runs/a

| | |
|---|--:|
| format | 1 |
| options.policy | "bandit" |
| options.seed | 3 |

## Findings

2 findings in 1 clusters.

| | oracle | pass | found | first after | smallest case | signature |
|--:|---|---|--:|--:|--:|---|
| 1 | stage | tn-fuse | 2 | 100.0 s | 80 bytes | stage \| tn-fuse \| a\|b |

### 1. stage: tn-fuse

```
element [1, 2] is 7, expected 8
```

Not reduced; the smallest case:

```
the case of runs/a/findings/1-x.genome
```

```
tenon-fuzz replay runs/a/findings/1-x.genome
tenon-fuzz reduce runs/a/findings/1-x.genome
```

Other cases: `runs/a/findings/2-x.genome`

## Over time

| seconds | edges |
|--:|--:|
| 1 | 10 |
| 60.5 | 3000 |

## Skipped

* 'x.json': no case

)");
}

TEST(Report, NothingFound) {
  CampaignRecord campaign;
  std::string text = print(campaign);
  EXPECT_NE(text.find("## Findings\n\nNone.\n"), std::string::npos);
  EXPECT_NE(text.find("history.csv has no lines."), std::string::npos);
}

TEST(Report, TakesTheReducedCaseWhereThereIsOne) {
  llvm::SmallString<128> directory;
  ASSERT_FALSE(fs::createUniqueDirectory("tenon-report", directory));
  std::string found = (directory + "/findings/1-x.genome").str(), reduced = reducedPathOf(found);
  ASSERT_FALSE(fs::create_directories(llvm::sys::path::parent_path(reduced)));
  std::error_code code;
  llvm::raw_fd_ostream(reduced, code) << "x";
  ASSERT_FALSE(code);
  CampaignRecord campaign;
  campaign.directory = directory.str().str();
  campaign.findings = {makeFinding("s", 1, 8, found)};
  std::string other = (directory + "/findings/2-x.genome").str();
  llvm::raw_fd_ostream(reducedPathOf(other), code) << "x";
  ASSERT_FALSE(code);
  campaign.findings.push_back(makeFinding("t", 2, 9, other));
  campaign.clusters = clusterFindings(campaign.findings);
  std::string text = print(campaign);
  EXPECT_NE(text.find("Reduced:\n\n```\nthe case of " + reduced), std::string::npos) << text;
  EXPECT_NE(text.find("tenon-fuzz export " + reduced), std::string::npos);
  EXPECT_NE(text.find("### 2. stage: tn-fuse"), std::string::npos);
  EXPECT_NE(text.find("It reduces to the program of 1."), std::string::npos) << text;
  fs::remove_directories(directory);
}

TEST(Report, AFenceInTheTextDoesNotEndTheBlock) {
  CampaignRecord campaign;
  campaign.findings = {makeFinding("s", 1, 8, "f/1.genome")};
  campaign.findings[0].record.finding.detail = "```\nquoted";
  campaign.clusters = clusterFindings(campaign.findings);
  EXPECT_NE(print(campaign).find("````\n```\nquoted\n````"), std::string::npos);
}

TEST(Campaign, SaysWhyAFolderIsNone) {
  llvm::SmallString<128> directory;
  ASSERT_FALSE(fs::createUniqueDirectory("tenon-report", directory));
  auto none = readCampaignRecord(directory);
  ASSERT_FALSE(bool(none));
  EXPECT_NE(llvm::toString(none.takeError()).find("is no directory of a campaign"),
            std::string::npos);
  std::error_code code;
  llvm::raw_fd_ostream(directory.str().str() + "/campaign.json", code) << "{";
  auto torn = readCampaignRecord(directory);
  ASSERT_FALSE(bool(torn));
  EXPECT_NE(llvm::toString(torn.takeError()).find("is no JSON"), std::string::npos);
  fs::remove_directories(directory);
}

} // namespace
