//===- WorkspaceTest.cpp --------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "Workspace.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tenon::runtime;

TEST(WorkspaceTest, blocksAreAlignedAndUsable) {
  for (uint64_t bytes : {uint64_t(1), uint64_t(100), uint64_t(5) << 20, uint64_t(7000001)}) {
    Workspace workspace;
    auto *block = static_cast<char *>(workspace.reserve(bytes));
    ASSERT_NE(block, nullptr);
    uintptr_t alignment = bytes > (4 << 20) ? 2 << 20 : 64;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, 0u);
    EXPECT_GE(workspace.size(), bytes);
    std::memset(block, 3, bytes);
    EXPECT_EQ(workspace.reserve(bytes / 2), block);
  }
}

TEST(WorkspaceTest, failsWithoutMemory) {
  Workspace workspace;
  EXPECT_EQ(workspace.reserve(uint64_t(1) << 58), nullptr);
  EXPECT_EQ(workspace.reserve(UINT64_MAX), nullptr);
  EXPECT_EQ(workspace.size(), 0u);
  EXPECT_NE(workspace.reserve(10), nullptr);
}
