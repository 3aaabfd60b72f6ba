//===- SplitTest.cpp ----------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TestKernels.h"

#include <gtest/gtest.h>

using namespace tenon::runtime;

static std::vector<ContractionPart> runParts(int32_t threads, int32_t ways, Group group,
                                             int64_t grain) {
  TestNetwork network(matrixProduct(ways, group, grain).finish(), {contractF32});
  EXPECT_NE(network.network, nullptr) << network.message;
  Floats a = Floats({3, 4}).fill(1), b = Floats({4, 5}).fill(-6), c({3, 5}, {1, 3});
  ContextPtr context = makeContext(threads);
  takeContractionParts();
  workspaceWasShared = false;
  EXPECT_EQ(network.run(context.get(), {a.tensor(), b.tensor()}, {c.tensor()}), TENON_OK);
  EXPECT_EQ(c.values(), expectedMatrixProduct(a, b));
  EXPECT_FALSE(workspaceWasShared);
  return takeContractionParts();
}

TEST(SplitTest, partsAreMultiplesOfTheGrain) {
  using Parts = std::vector<ContractionPart>;
  // Two pieces of n: [0,2) [2,4) [4,5) over two threads.
  EXPECT_EQ(runParts(2, 4, Group::N, 2), (Parts{{{0, 3, 0, 4, 0, 1}}, {{0, 3, 4, 5, 0, 1}}}));
  EXPECT_EQ(runParts(3, 3, Group::M, 1),
            (Parts{{{0, 1, 0, 5, 0, 1}}, {{1, 2, 0, 5, 0, 1}}, {{2, 3, 0, 5, 0, 1}}}));
  // Fewer ways than threads.
  EXPECT_EQ(runParts(4, 2, Group::M, 1), (Parts{{{0, 2, 0, 5, 0, 1}}, {{2, 3, 0, 5, 0, 1}}}));
  // A grain beyond the extent, one thread, no batch dimension to split: one call.
  Parts whole = {{{0, 3, 0, 5, 0, 1}}};
  EXPECT_EQ(runParts(4, 4, Group::N, 100), whole);
  EXPECT_EQ(runParts(4, 4, Group::N, INT64_MAX), whole);
  EXPECT_EQ(runParts(1, 4, Group::N, 1), whole);
  EXPECT_EQ(runParts(4, 4, Group::Batch, 1), whole);
}

// A split call inside a parallel loop is one call on the loop's thread, with one part's workspace.
TEST(SplitTest, callsInParallelLoopsAreWhole) {
  ScheduleBuilder builder;
  builder.addInput(TENON_F32, std::vector<int64_t>{6, 2, 3});
  builder.addInput(TENON_F32, std::vector<int64_t>{3, 4});
  builder.addOutput(TENON_F32, std::vector<int64_t>{6, 2, 4});
  builder.setWorkspaceBytes(6 * 128);
  int32_t loop = builder.beginParallelLoop(6);
  ContractionSpec spec;
  spec.kernel = builder.addKernel();
  ViewSpec a = builder.inputView(0), c = builder.outputView(0);
  ViewSpec workspace = ScheduleBuilder::workspaceView(128, 0);
  for (ViewSpec *view : {&a, &c}) {
    view->dims.erase(view->dims.begin());
    view->terms = {{1, loop, 0}};
  }
  workspace.terms = {{128, loop, -1}};
  spec.a = builder.addView(a);
  spec.b = builder.addView(builder.inputView(1));
  spec.c = builder.addView(c);
  spec.workspace = builder.addView(workspace);
  spec.loopDims = {{Group::M, 0, -1, 0, 2}, {Group::N, -1, 1, 1, 4}, {Group::K, 1, 0, -1, 3}};
  spec.ways = 2;
  builder.callContraction(spec);
  builder.endLoop();
  TestNetwork network(builder.finish(), {contractF32});
  ASSERT_NE(network.network, nullptr) << network.message;
  Floats aArray = Floats({6, 2, 3}).fill(1), bArray = Floats({3, 4}).fill(-4), cArray({6, 2, 4});
  for (int32_t threads : {1, 4}) {
    ContextPtr context = makeContext(threads);
    takeContractionParts();
    workspaceWasShared = false;
    cArray.fill(0);
    ASSERT_EQ(network.run(context.get(), {aArray.tensor(), bArray.tensor()}, {cArray.tensor()}),
              TENON_OK);
    EXPECT_FALSE(workspaceWasShared);
    EXPECT_EQ(takeContractionParts(), std::vector<ContractionPart>(6, {{0, 2, 0, 4, 0, 1}}));
    for (int64_t g = 0; g < 6; ++g)
      for (int64_t i = 0; i < 2; ++i)
        for (int64_t j = 0; j < 4; ++j) {
          float sum = 0;
          for (int64_t k = 0; k < 3; ++k)
            sum += aArray.at({g, i, k}) * bArray.at({k, j});
          EXPECT_EQ(cArray.at({g, i, j}), sum);
        }
  }
}

// Copies of a megabyte and more are shared among the threads.
TEST(SplitTest, largeCopiesAndFills) {
  ScheduleBuilder builder;
  std::vector<int64_t> extents = {700, 600}, transposed = {600, 700};
  builder.addInput(TENON_F32, extents);
  builder.addOutput(TENON_F32, transposed);
  builder.addOutput(TENON_F32, extents);
  ViewSpec from = builder.inputView(0);
  std::swap(from.dims[0], from.dims[1]);
  builder.copy(builder.addView(from), builder.addView(builder.outputView(0)));
  float element = 7;
  builder.fill(builder.addView(builder.outputView(1)), &element);
  TestNetwork network(builder.finish(), {});
  ASSERT_NE(network.network, nullptr) << network.message;
  Floats in = Floats(extents).fill(0), out(transposed), filled(extents);
  ContextPtr context = makeContext(3);
  ASSERT_EQ(network.run(context.get(), {in.tensor()}, {out.tensor(), filled.tensor()}), TENON_OK);
  bool same = true;
  for (int64_t i = 0; i < 700; ++i)
    for (int64_t j = 0; j < 600; ++j)
      same &= out.at({j, i}) == in.at({i, j});
  EXPECT_TRUE(same);
  EXPECT_EQ(filled.storage, std::vector<float>(700 * 600, 7));
}
