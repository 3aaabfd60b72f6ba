//===- ContextTest.cpp --------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TestKernels.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace tenon::runtime;

namespace {
/// Sets TENON_NUM_THREADS for one test.
struct ThreadsVariable {
  explicit ThreadsVariable(const char *value) { setenv("TENON_NUM_THREADS", value, 1); }
  ~ThreadsVariable() { unsetenv("TENON_NUM_THREADS"); }
};
} // namespace

TEST(ContextTest, threads) {
  EXPECT_EQ(tenon_context_threads(makeContext(3).get()), 3);
  EXPECT_GE(tenon_context_threads(makeContext(0).get()), 1);
  EXPECT_EQ(makeContext(-1), nullptr);
  EXPECT_EQ(makeContext(1025), nullptr);
  tenon_context_destroy(nullptr);
  EXPECT_STREQ(tenon_context_error(makeContext(3).get()), "");
}

TEST(ContextTest, threadsFromTheEnvironment) {
  int32_t processors = tenon_context_threads(makeContext(0).get());
  {
    ThreadsVariable variable("7");
    EXPECT_EQ(tenon_context_threads(makeContext(0).get()), 7);
    EXPECT_EQ(tenon_context_threads(makeContext(2).get()), 2);
  }
  for (const char *bad : {"0", "-3", "8x", "1025", "99999999999999999999"}) {
    ThreadsVariable variable(bad);
    testing::internal::CaptureStderr();
    ContextPtr context = makeContext(0);
    std::string warning = testing::internal::GetCapturedStderr();
    EXPECT_EQ(tenon_context_threads(context.get()), processors);
    EXPECT_NE(warning.find("expected a number from 1 to 1024"), std::string::npos) << warning;
    EXPECT_NE(warning.find(bad), std::string::npos) << warning;
    EXPECT_EQ(warning, "tenon: warning: " + std::string(tenon_context_error(context.get())) + "\n");
  }
}

/// `iterations` calls of kernel 0 on output 0.
static std::vector<char> manyCalls(int64_t iterations, bool parallel) {
  ScheduleBuilder builder;
  builder.addOutput(TENON_F32, std::vector<int64_t>{2, 3});
  int32_t kernel = builder.addKernel();
  parallel ? builder.beginParallelLoop(iterations) : builder.beginLoop(iterations);
  builder.callViews(kernel, std::vector<int32_t>{builder.addView(builder.outputView(0))});
  builder.endLoop(/*countsSlice=*/true);
  return builder.finish();
}

static std::atomic<tenon_context *> contextToCancel;
static std::atomic<int64_t> callsBeforeCancel;
static void cancelAfterSomeCalls(void *const *) {
  if (--callsBeforeCancel == 0)
    tenon_context_cancel(contextToCancel);
}

TEST(ContextTest, cancels) {
  for (int32_t threads : {1, 3})
    for (bool parallel : {false, true}) {
      // Without the flag this would run for years.
      TestNetwork network(manyCalls(int64_t(1) << 50, parallel), {cancelAfterSomeCalls});
      ASSERT_NE(network.network, nullptr) << network.message;
      ContextPtr context = makeContext(threads);
      Floats c({2, 3});
      for (int round = 0; round < 2; ++round) {
        contextToCancel = context.get();
        callsBeforeCancel = 1000;
        EXPECT_EQ(network.run(context.get(), {}, {c.tensor()}), TENON_CANCELLED);
        EXPECT_STREQ(tenon_context_error(context.get()), "cancelled");
      }
    }
}

TEST(ContextTest, cancellingBeforeARunHasNoEffect) {
  TestNetwork network(manyCalls(5, false), {doNothing});
  ContextPtr context = makeContext();
  Floats c({2, 3});
  tenon_context_cancel(context.get());
  EXPECT_EQ(network.run(context.get(), {}, {c.tensor()}), TENON_OK);
}

TEST(ContextTest, progressIsMonotone) {
  TestNetwork network(manyCalls(1000, true), {doNothing});
  ContextPtr context = makeContext(4);
  int64_t last = 0;
  tenon_context_set_progress(
      context.get(),
      [](void *data, int64_t done, int64_t total) {
        int64_t &previous = *static_cast<int64_t *>(data);
        EXPECT_EQ(done, previous + 1);
        EXPECT_EQ(total, 1000);
        previous = done;
      },
      &last);
  Floats c({2, 3});
  EXPECT_EQ(network.run(context.get(), {}, {c.tensor()}), TENON_OK);
  EXPECT_EQ(last, 1000);
}

TEST(ContextTest, workspacesThatCannotBeAllocated) {
  ScheduleBuilder builder = matrixProduct();
  builder.setWorkspaceBytes(int64_t(1) << 58);
  TestNetwork network(builder.finish(), {contractF32});
  ASSERT_NE(network.network, nullptr) << network.message;
  Floats a = Floats({3, 4}).fill(1), b = Floats({4, 5}).fill(2), c({3, 5});
  Floats untouched = c;
  ContextPtr context = makeContext();
  EXPECT_EQ(network.run(context.get(), {a.tensor(), b.tensor()}, {c.tensor()}),
            TENON_OUT_OF_MEMORY);
  EXPECT_STREQ(tenon_context_error(context.get()),
               "workspace: an allocation of 288230376151711744 bytes failed; free memory, or "
               "compile the network with a smaller memory limit");
  EXPECT_EQ(c.storage, untouched.storage);
}

// ThreadSanitizer supports no threads in forked children.
#if !__has_feature(thread_sanitizer)
// The child has none of its parent's threads and starts its own.
TEST(ContextTest, runsInAForkedChild) {
  TestNetwork network(manyCalls(100, true), {doNothing});
  ContextPtr context = makeContext(3);
  Floats c({2, 3});
  ASSERT_EQ(network.run(context.get(), {}, {c.tensor()}), TENON_OK);
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(network.run(context.get(), {}, {c.tensor()}) == TENON_OK ? 17 : 18);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 17);
}
#endif
