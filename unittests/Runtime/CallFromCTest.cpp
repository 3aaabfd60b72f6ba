//===- CallFromCTest.cpp ------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TestKernels.h"

#include <gtest/gtest.h>
#include <thread>

using namespace tenon::runtime;

extern "C" {
extern const void *callFromCTable;
extern uint64_t callFromCBytes;
extern void *const *callFromCKernels;
tenon_status callFromC(const float *a, const float *b, float *c);
void callFromCRelease(void);
}

TEST(CallFromCTest, compiledFunction) {
  std::vector<char> table = matrixProduct(2).finish();
  auto *kernel = reinterpret_cast<void *>(contractF32);
  callFromCTable = table.data();
  callFromCBytes = table.size();
  callFromCKernels = &kernel;
  EXPECT_EQ(tenon_rt_workspace_size(table.data()), 128);
  // The first calls meet: one of them loads the table.
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([caller] {
      Floats a = Floats({3, 4}).fill(caller), b = Floats({4, 5}).fill(2), c({3, 5}, {1, 3});
      for (int round = 0; round < 3; ++round)
        EXPECT_EQ(callFromC(a.storage.data(), b.storage.data(), c.storage.data()), TENON_OK);
      EXPECT_EQ(c.values(), expectedMatrixProduct(a, b));
    });
  for (std::thread &caller : callers)
    caller.join();
  callFromCRelease();
}

static std::vector<char> oneCall() {
  ScheduleBuilder builder;
  builder.addOutput(TENON_F32, std::vector<int64_t>{2, 3});
  int32_t kernel = builder.addKernel();
  builder.callViews(kernel, std::vector<int32_t>{builder.addView(builder.outputView(0))});
  return builder.finish();
}

// As when the process ends while a thread is in a kernel.
static void *slotInUse;
static void releaseDuringTheCall(void *const *) { tenon_rt_release(&slotInUse); }
TEST(CallFromCTest, releaseKeepsWhatACallUses) {
  std::vector<char> table = oneCall();
  auto *kernel = reinterpret_cast<void *>(releaseDuringTheCall);
  ContextPtr context = makeContext();
  Floats c({2, 3});
  tenon_tensor output = c.tensor();
  auto run = [&] {
    return tenon_rt_run(&slotInUse, table.data(), table.size(), &kernel, context.get(), nullptr, 0,
                        &output, 1, nullptr, 0);
  };
  EXPECT_EQ(run(), TENON_OK);
  void *network = slotInUse;
  EXPECT_NE(network, nullptr);
  EXPECT_EQ(run(), TENON_OK);
  EXPECT_EQ(slotInUse, network);
  tenon_rt_release(&slotInUse);
  EXPECT_EQ(slotInUse, nullptr);
}

TEST(CallFromCTest, corruptTable) {
  std::vector<char> table = matrixProduct().finish();
  table[100] ^= 1;
  void *slot = nullptr;
  auto *kernel = reinterpret_cast<void *>(contractF32);
  ContextPtr context = makeContext();
  EXPECT_EQ(tenon_rt_run(&slot, table.data(), table.size(), &kernel, context.get(), nullptr, 0,
                         nullptr, 0, nullptr, 0),
            TENON_CORRUPT);
  EXPECT_STREQ(tenon_context_error(context.get()),
               "schedule table: wrong checksum; the file is damaged");
  EXPECT_EQ(slot, nullptr);
}
