//===- ChecksumTest.cpp ---------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tenon-runtime/Checksum.h"

#include "TestKernels.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tenon::runtime;

// Published values of XXH64.
TEST(ChecksumTest, agreesWithTheXXH64Specification) {
  EXPECT_EQ(hashBytes("", 0), 0xEF46DB3751D8E999u);
  EXPECT_EQ(hashBytes("a", 1), 0xD24EC4F1A98C6E5Bu);
  EXPECT_EQ(hashBytes("abc", 3), 0x44BC2CF5AD770999u);
  const char *longer = "Nobody inspects the spammish repetition";
  EXPECT_EQ(hashBytes(longer, std::strlen(longer)), 0xFBCEA83C8A378BF1u);
}

TEST(ChecksumTest, dependsOnTheSeedAndOnEveryByte) {
  char bytes[70];
  for (int i = 0; i < 70; ++i)
    bytes[i] = static_cast<char>(i * 3 + 1);
  uint64_t hash = hashBytes(bytes, sizeof(bytes));
  EXPECT_NE(hash, hashBytes(bytes, sizeof(bytes), 1));
  EXPECT_NE(hash, hashBytes(bytes, sizeof(bytes) - 1));
  for (char &byte : bytes) {
    byte ^= 4;
    EXPECT_NE(hash, hashBytes(bytes, sizeof(bytes)));
    byte ^= 4;
  }
}

TEST(ChecksumTest, coversTheHeaderButNotItself) {
  std::vector<char> table = matrixProduct().finish();
  uint64_t checksum = scheduleChecksum(table.data(), table.size());
  ScheduleHeader header;
  std::memcpy(&header, table.data(), sizeof(header));
  EXPECT_EQ(header.checksum, checksum);
  header.checksum = 1;
  std::memcpy(table.data(), &header, sizeof(header));
  EXPECT_EQ(scheduleChecksum(table.data(), table.size()), checksum);
  header.workspaceBytes += 64;
  std::memcpy(table.data(), &header, sizeof(header));
  EXPECT_NE(scheduleChecksum(table.data(), table.size()), checksum);
}
