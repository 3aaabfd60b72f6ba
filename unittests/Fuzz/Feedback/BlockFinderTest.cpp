//===- BlockFinderTest.cpp - Blocks of code that is written out -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BlockFinder.h"

#include "gmock/gmock.h"

using namespace tenon::fuzz;
using testing::ElementsAre;

namespace {

/// Blocks of one function at address 0x1000, as offsets.
std::vector<uint64_t> blocksOf(const std::vector<uint8_t> &code) {
  CodeRange function{0x1000, code};
  llvm::Expected<std::vector<uint64_t>> blocks = findBlocks(function);
  EXPECT_TRUE(!!blocks);
  for (uint64_t &block : *blocks)
    block -= 0x1000;
  return *blocks;
}

TEST(BlockFinder, BranchesBeginBlocks) {
  EXPECT_THAT(blocksOf({0x85, 0xff, //  0: test edi, edi
                        0x74, 0x04, //  2: je 8
                        0x31, 0xc0, //  4: xor eax, eax
                        0xff, 0xc0, //  6: inc eax
                        0x89, 0xf8, //  8: mov eax, edi
                        0xc3}),     // 10: ret
              ElementsAre(0, 4, 8));
}

TEST(BlockFinder, PaddingThatIsNotReachedBeginsNothing) {
  EXPECT_THAT(blocksOf({0xeb, 0x06,                         //  0: jmp 8
                        0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00, //  2: nop
                        0xff, 0xcf,                         //  8: dec edi
                        0x75, 0xfc,                         // 10: jne 8
                        0xc3,                               // 12: ret
                        0x66, 0x90,                         // 13: nop
                        0x31, 0xc0,                         // 15: xor eax, eax, of a jump table
                        0xff, 0xe0,                         // 17: jmp rax
                        0x0f, 0x0b}),                       // 19: ud2
              ElementsAre(0, 8, 12, 15, 19));
}

TEST(BlockFinder, ReachedPaddingBeginsABlock) {
  EXPECT_THAT(blocksOf({0x74, 0x02, // 0: je 4
                        0x66, 0x90, // 2: nop
                        0xc3}),     // 4: ret
              ElementsAre(0, 2, 4));
}

TEST(BlockFinder, CallsAndBranchesElsewhereBeginNothing) {
  EXPECT_THAT(blocksOf({0xe8, 0x00, 0x01, 0x00, 0x00,       //  0: call 0x105
                        0x89, 0xf8,                         //  5: mov eax, edi
                        0x0f, 0x84, 0x00, 0x01, 0x00, 0x00, //  7: je 0x10d
                        0xe9, 0x00, 0x01, 0x00, 0x00}),     // 13: jmp 0x112
              ElementsAre(0, 13));
}

TEST(BlockFinder, DoubtfulFunctionsHaveNone) {
  // A branch into the middle of an instruction; bytes that are no instruction; an instruction that
  // ends behind the function.
  EXPECT_THAT(blocksOf({0x74, 0x01, 0xb8, 0x00, 0x00, 0x00, 0x00, 0xc3}), ElementsAre());
  EXPECT_THAT(blocksOf({0x31, 0xc0, 0x06, 0xc3}), ElementsAre());
  EXPECT_THAT(blocksOf({0x31, 0xc0, 0xb8, 0x00}), ElementsAre());
}

TEST(BlockFinder, BreakpointsStay) {
  EXPECT_THAT(blocksOf({0x74, 0x01, // 0: je 3
                        0xcc,       // 2: int3
                        0xc3}),     // 3: ret
              ElementsAre(0, 3));
}

} // namespace
