//===- ScheduleTest.cpp -------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TestKernels.h"

#include <gtest/gtest.h>

using namespace tenon::runtime;

TEST(ScheduleTest, oneContraction) {
  TestNetwork network(matrixProduct().finish(), {contractF32});
  ASSERT_NE(network.network, nullptr) << network.message;
  EXPECT_EQ(tenon_rt_network_workspace_size(network.network), 64);
  Floats a = Floats({3, 4}).fill(1), b = Floats({4, 5}).fill(-7), c({3, 5});
  ContextPtr context = makeContext();
  ASSERT_EQ(network.run(context.get(), {a.tensor(), b.tensor()}, {c.tensor()}), TENON_OK);
  EXPECT_EQ(c.values(), expectedMatrixProduct(a, b));
  EXPECT_STREQ(tenon_context_error(context.get()), "");
}

// One network serves any layout, and new layouts at every call.
TEST(ScheduleTest, stridedArguments) {
  TestNetwork network(matrixProduct().finish(), {contractF32});
  ASSERT_NE(network.network, nullptr) << network.message;
  ContextPtr context = makeContext();
  const std::vector<std::vector<int64_t>> layouts[3] = {
      {{4, 1}, {1, 3}, {-5, 2}, {0, 1}}, // A: rows, columns, reversed with gaps, repeated row
      {{5, 1}, {1, 4}, {7, -1}, {1, 0}},
      {{5, 1}, {1, 3}, {-11, -2}, {20, 3}}};
  for (const auto &aStrides : layouts[0])
    for (const auto &bStrides : layouts[1])
      for (const auto &cStrides : layouts[2]) {
        Floats a({3, 4}, aStrides), b({4, 5}, bStrides), c({3, 5}, cStrides);
        a.fill(2), b.fill(-9);
        Floats pristine = c;
        ASSERT_EQ(network.run(context.get(), {a.tensor(), b.tensor()}, {c.tensor()}), TENON_OK)
            << tenon_context_error(context.get());
        std::vector<float> expected = expectedMatrixProduct(a, b);
        EXPECT_EQ(c.values(), expected);
        // Nothing beside the elements was written.
        size_t next = 0;
        pristine.forEach([&](float &element) { element = expected[next++]; });
        EXPECT_EQ(c.storage, pristine.storage);
      }
}

TEST(ScheduleTest, missingStridesAreRowMajor) {
  TestNetwork network(matrixProduct().finish(), {contractF32});
  Floats a = Floats({3, 4}).fill(1), b = Floats({4, 5}).fill(3), c({3, 5});
  tenon_tensor tensors[3] = {a.tensor(), b.tensor(), c.tensor()};
  for (tenon_tensor &tensor : tensors)
    tensor.strides = nullptr;
  ContextPtr context = makeContext();
  ASSERT_EQ(network.run(context.get(), {tensors[0], tensors[1]}, {tensors[2]}), TENON_OK);
  EXPECT_EQ(c.values(), expectedMatrixProduct(a, b));
}

// Batch, two dimensions in a group, accumulation onto a filled output.
TEST(ScheduleTest, groupsAndAccumulation) {
  ScheduleBuilder builder;
  std::vector<int64_t> aExtents = {2, 3, 5, 4}, bExtents = {4, 2, 6}, cExtents = {5, 2, 6, 3};
  builder.addInput(TENON_F32, aExtents);  // g i j k
  builder.addInput(TENON_F32, bExtents);  // k g l
  builder.addOutput(TENON_F32, cExtents); // j g l i
  int32_t c = builder.addView(builder.outputView(0));
  float one = 1;
  builder.fill(c, &one);
  ContractionSpec spec;
  spec.kernel = builder.addKernel();
  spec.a = builder.addView(builder.inputView(0));
  spec.b = builder.addView(builder.inputView(1));
  spec.c = c;
  spec.workspace = builder.addView(ScheduleBuilder::workspaceView(0, 0));
  spec.accumulate = true;
  spec.loopDims = {{Group::Batch, 0, 1, 1, 2},
                   {Group::M, 2, -1, 0, 5},
                   {Group::M, 1, -1, 3, 3},
                   {Group::N, -1, 2, 2, 6},
                   {Group::K, 3, 0, -1, 4}};
  builder.callContraction(spec);
  TestNetwork network(builder.finish(), {contractF32});
  ASSERT_NE(network.network, nullptr) << network.message;
  Floats aArray = Floats(aExtents).fill(-40), bArray = Floats(bExtents).fill(3), cArray(cExtents);
  ContextPtr context = makeContext();
  ASSERT_EQ(network.run(context.get(), {aArray.tensor(), bArray.tensor()}, {cArray.tensor()}),
            TENON_OK);
  for (int64_t j = 0; j < 5; ++j)
    for (int64_t g = 0; g < 2; ++g)
      for (int64_t l = 0; l < 6; ++l)
        for (int64_t i = 0; i < 3; ++i) {
          float sum = 1;
          for (int64_t k = 0; k < 4; ++k)
            sum += aArray.at({g, i, j, k}) * bArray.at({k, g, l});
          EXPECT_EQ(cArray.at({j, g, l, i}), sum);
        }
}

// Views kernels, a constant, an intermediate in the arena, a transposing copy.
TEST(ScheduleTest, viewsConstantsAndCopies) {
  ScheduleBuilder builder;
  std::vector<int64_t> extents = {3, 5}, transposed = {5, 3}, row = {5};
  builder.addInput(TENON_F32, extents);
  builder.addOutput(TENON_F32, transposed);
  std::vector<float> skipped = {9, 9}, constant = {10, 20, 30, 40, 50};
  builder.addConstant(skipped.data(), 8);
  int32_t constantNumber = builder.addConstant(constant.data(), 20);
  builder.setWorkspaceBytes(128);
  int32_t input = builder.addView(builder.inputView(0));
  int32_t bias = builder.addView(ScheduleBuilder::constantView(constantNumber, TENON_F32, row));
  ViewSpec arena = ScheduleBuilder::arenaView(TENON_F32, extents, 64);
  int32_t sum = builder.addView(arena);
  EXPECT_EQ(builder.addView(arena), sum);
  std::swap(arena.dims[0], arena.dims[1]);
  int32_t sumTransposed = builder.addView(arena);
  int32_t output = builder.addView(builder.outputView(0));
  builder.callViews(builder.addKernel(), std::vector<int32_t>{input, bias, sum});
  builder.copy(sumTransposed, output);
  TestNetwork network(builder.finish(), {scaleAndAddF32});
  ASSERT_NE(network.network, nullptr) << network.message;
  Floats a = Floats(extents).fill(1), c(transposed, {-1, 8});
  ContextPtr context = makeContext();
  alignas(64) char workspace[128];
  ASSERT_EQ(network.run(context.get(), {a.tensor()}, {c.tensor()}, workspace, sizeof(workspace)),
            TENON_OK)
      << tenon_context_error(context.get());
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t j = 0; j < 5; ++j)
      EXPECT_EQ(c.at({j, i}), 2 * a.at({i, j}) + constant[static_cast<size_t>(j)]);
}

// One dimension of a view walks two of its argument, shifted by a loop and a constant.
TEST(ScheduleTest, diagonals) {
  ScheduleBuilder builder;
  builder.addInput(TENON_F32, std::vector<int64_t>{4, 6, 5});
  builder.addOutput(TENON_F32, std::vector<int64_t>{2, 3, 6});
  int32_t loop = builder.beginLoop(2);
  ViewSpec diagonal = builder.inputView(0), rows = builder.outputView(0);
  diagonal.dims = {{3, 1, onlyDim(0) | onlyDim(2)}, {6, 1, onlyDim(1)}};
  diagonal.terms = {{1, loop, 0}, {1, loop, 2}, {1, -1, 2}};
  rows.dims.erase(rows.dims.begin());
  rows.terms = {{1, loop, 0}};
  builder.copy(builder.addView(diagonal), builder.addView(rows));
  builder.endLoop();
  TestNetwork network(builder.finish(), {});
  ASSERT_NE(network.network, nullptr) << network.message;
  ContextPtr context = makeContext();
  const std::vector<int64_t> layouts[] = {{30, 5, 1}, {1, -25, 4}, {-7, 40, 300}};
  for (const std::vector<int64_t> &strides : layouts) {
    Floats a = Floats({4, 6, 5}, strides).fill(1), c({2, 3, 6});
    ASSERT_EQ(network.run(context.get(), {a.tensor()}, {c.tensor()}), TENON_OK);
    for (int64_t shift = 0; shift < 2; ++shift)
      for (int64_t i = 0; i < 3; ++i)
        for (int64_t j = 0; j < 6; ++j)
          EXPECT_EQ(c.at({shift, i, j}), a.at({i + shift, j, i + shift + 1}));
  }
}

// The real parts of a c64 input, read as f32.
TEST(ScheduleTest, partsOfComplexElements) {
  ScheduleBuilder builder;
  std::vector<int64_t> extents = {3, 2};
  builder.addInput(TENON_C64, extents);
  builder.addOutput(TENON_F32, extents);
  ViewSpec imaginary = builder.inputView(0);
  imaginary.dtype = TENON_F32;
  for (ViewDim &dim : imaginary.dims)
    dim.factor = 2;
  imaginary.terms = {{1, -1, -1}};
  builder.copy(builder.addView(imaginary), builder.addView(builder.outputView(0)));
  TestNetwork network(builder.finish(), {});
  ASSERT_NE(network.network, nullptr) << network.message;
  struct Complex {
    float real, imaginary;
    Complex(int value = 0) : real(float(value)), imaginary(float(value * 10)) {}
  };
  TestArray<Complex> a({3, 2}, {1, 4});
  a.fill(1);
  Floats c(extents);
  ContextPtr context = makeContext();
  ASSERT_EQ(network.run(context.get(), {a.tensor(TENON_C64)}, {c.tensor()}), TENON_OK);
  EXPECT_EQ(c.values(), (std::vector<float>{10, 20, 30, 40, 50, 60}));
}

// An empty sum stores 0; an empty result needs no data.
TEST(ScheduleTest, emptyArguments) {
  for (int64_t k : {0, 4}) {
    int64_t n = k == 0 ? 5 : 0;
    ScheduleBuilder builder;
    builder.addInput(TENON_F32, std::vector<int64_t>{3, k});
    builder.addInput(TENON_F32, std::vector<int64_t>{k, n});
    builder.addOutput(TENON_F32, std::vector<int64_t>{3, n});
    ContractionSpec spec;
    spec.kernel = builder.addKernel();
    spec.a = builder.addView(builder.inputView(0));
    spec.b = builder.addView(builder.inputView(1));
    spec.c = builder.addView(builder.outputView(0));
    spec.workspace = builder.addView(ScheduleBuilder::workspaceView(0, 0));
    spec.loopDims = {{Group::M, 0, -1, 0, 3}, {Group::N, -1, 1, 1, n}, {Group::K, 1, 0, -1, k}};
    builder.callContraction(spec);
    TestNetwork network(builder.finish(), {contractF32});
    ASSERT_NE(network.network, nullptr) << network.message;
    Floats a = Floats({3, k}).fill(1), b({k, n}), c({3, n});
    tenon_tensor inputs[2] = {a.tensor(), b.tensor()}, output = c.tensor();
    inputs[1].data = nullptr;
    (k == 0 ? inputs[0] : output).data = nullptr;
    ContextPtr context = makeContext();
    ASSERT_EQ(network.run(context.get(), {inputs[0], inputs[1]}, {output}), TENON_OK)
        << tenon_context_error(context.get());
    EXPECT_EQ(c.values(), std::vector<float>(static_cast<size_t>(3 * n), 0));
  }
}

// Extents of an array without elements may multiply to anything; those of other arrays may not.
TEST(ScheduleTest, extentsBesideZero) {
  constexpr int64_t huge = int64_t(1) << 62;
  auto makeTable = [](const std::vector<int64_t> &extents) {
    ScheduleBuilder builder;
    builder.addInput(TENON_F32, extents);
    builder.addOutput(TENON_F32, extents);
    ContractionSpec spec;
    spec.kernel = builder.addKernel();
    spec.a = builder.addView(builder.inputView(0));
    spec.b = builder.addView(ScheduleBuilder::arenaView(TENON_F32, std::vector<int64_t>{}, 0));
    spec.c = builder.addView(builder.outputView(0));
    spec.workspace = builder.addView(ScheduleBuilder::workspaceView(0, 64));
    builder.setWorkspaceBytes(64);
    for (size_t dim = 0; dim < extents.size(); ++dim) {
      auto walked = static_cast<int32_t>(dim);
      spec.loopDims.push_back({Group::M, walked, -1, walked, extents[dim]});
    }
    builder.callContraction(spec);
    builder.copy(builder.addView(ScheduleBuilder::arenaView(TENON_F32, extents, 0)), spec.c);
    return builder.finish();
  };
  for (const std::vector<int64_t> &extents :
       {std::vector<int64_t>{huge, 0}, {0, huge}, {huge, huge - 1, 0}, {0, huge, huge - 1}}) {
    TestNetwork network(makeTable(extents), {contractF32});
    ASSERT_NE(network.network, nullptr) << network.message;
    tenon_tensor empty = {};
    empty.dtype = TENON_F32;
    empty.rank = static_cast<int32_t>(extents.size());
    empty.extents = extents.data();
    ContextPtr context = makeContext();
    EXPECT_EQ(network.run(context.get(), {empty}, {empty}), TENON_OK)
        << tenon_context_error(context.get());
  }
  TestNetwork refused(makeTable({huge, 1}), {contractF32});
  EXPECT_EQ(refused.network, nullptr);
  EXPECT_NE(refused.message.find("argument 0 exceeds 2^60 bytes"), std::string::npos)
      << refused.message;
}

// The table needs no alignment: one byte off, it is copied.
TEST(ScheduleTest, misalignedTable) {
  std::vector<char> table = matrixProduct().finish();
  std::vector<char> shifted(table.size() + 128);
  for (size_t shift : {1, 8, 64}) {
    std::copy(table.begin(), table.end(), shifted.begin() + static_cast<ptrdiff_t>(shift));
    auto *kernel = reinterpret_cast<void *>(contractF32);
    tenon_rt_network *network =
        tenon_rt_load(shifted.data() + shift, table.size(), &kernel, 1, nullptr, nullptr, 0);
    ASSERT_NE(network, nullptr);
    tenon_rt_network_destroy(network);
  }
}
