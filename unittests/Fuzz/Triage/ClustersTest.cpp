//===- ClustersTest.cpp - Findings that are one fault -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Clusters.h"

#include "gtest/gtest.h"

using namespace tenon::fuzz;

namespace {

StoredFinding makeFinding(std::string signature, double seconds, uint64_t bytes) {
  StoredFinding found;
  found.record.finding.signature = std::move(signature);
  found.record.seconds = seconds;
  found.caseBytes = bytes;
  return found;
}

TEST(Clusters, OneForEachSignatureByFirstSeen) {
  std::vector<StoredFinding> findings = {makeFinding("b", 30, 200), makeFinding("a", 20, 90),
                                         makeFinding("b", 5, 300), makeFinding("b", 50, 100),
                                         makeFinding("c", 7, 10)};
  std::vector<Cluster> clusters = clusterFindings(findings);
  ASSERT_EQ(clusters.size(), 3u);
  EXPECT_EQ(clusters[0].signature, "b");
  EXPECT_EQ(clusters[0].firstSeen, 5);
  EXPECT_EQ(clusters[0].members, (std::vector<size_t>{3, 0, 2}));
  EXPECT_EQ(clusters[1].signature, "c");
  EXPECT_EQ(clusters[2].signature, "a");
  EXPECT_EQ(clusters[2].members, std::vector<size_t>{1});
}

TEST(Clusters, WhatHasNoSignatureStaysAlone) {
  std::vector<StoredFinding> findings = {makeFinding("", 2, 1), makeFinding("", 1, 1)};
  std::vector<Cluster> clusters = clusterFindings(findings);
  ASSERT_EQ(clusters.size(), 2u);
  EXPECT_EQ(clusters[0].members, std::vector<size_t>{1});
  EXPECT_EQ(clusters[1].members, std::vector<size_t>{0});
}

TEST(Clusters, ReducedCasesLieBesideFindings) {
  EXPECT_EQ(reducedPathOf("dir/findings/ab-cd.genome"), "dir/reduced/ab-cd.genome");
  EXPECT_EQ(reducedPathOf("/x/findings/ab-cd.mlir"), "/x/reduced/ab-cd.mlir");
  EXPECT_EQ(reportPathOf("/x/findings/ab-cd.mlir"), "/x/findings/ab-cd.json");
  EXPECT_EQ(reportPathOf("ab.reduced.genome"), "ab.reduced.json");
}

} // namespace
