//===- ArgumentTest.cpp -------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TestKernels.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace tenon::runtime;

namespace {
/// The matrix product of extents 3, 4, 5 and arguments that can be spoilt one at a time.
class ArgumentTest : public testing::Test {
protected:
  /// Runs with the present arguments and expects this failure.
  void expectFailure(const std::string &message) {
    EXPECT_EQ(network.run(context.get(), inputs, outputs), TENON_INVALID_ARGUMENT);
    EXPECT_EQ(tenon_context_error(context.get()), message);
    inputs = {a.tensor(), b.tensor()};
    outputs = {c.tensor()};
    // A failed call spoils nothing.
    ASSERT_EQ(network.run(context.get(), inputs, outputs), TENON_OK);
    EXPECT_EQ(c.values(), expectedMatrixProduct(a, b));
  }

  TestNetwork network{matrixProduct().finish(), {contractF32}};
  ContextPtr context = makeContext();
  Floats a = Floats({3, 4}).fill(1), b = Floats({4, 5}).fill(5), c = Floats({3, 5});
  std::vector<tenon_tensor> inputs = {a.tensor(), b.tensor()}, outputs = {c.tensor()};
};
} // namespace

TEST_F(ArgumentTest, wrongCounts) {
  inputs.pop_back();
  expectFailure("found 1 inputs and 1 outputs, expected 2 and 1");
  outputs.push_back(c.tensor());
  expectFailure("found 2 inputs and 2 outputs, expected 2 and 1");
}

TEST_F(ArgumentTest, missingArray) {
  EXPECT_EQ(tenon_rt_network_run(network.network, context.get(), nullptr, 2, outputs.data(), 1,
                                 nullptr, 0),
            TENON_INVALID_ARGUMENT);
  EXPECT_STREQ(tenon_context_error(context.get()), "the array of inputs is NULL");
}

TEST_F(ArgumentTest, wrongElementType) {
  inputs[1].dtype = TENON_F64;
  expectFailure("input 1: found f64[4,5], expected f32[4,5]");
  const int32_t unknown = 77;
  std::memcpy(&inputs[0].dtype, &unknown, sizeof(unknown));
  expectFailure("input 0: found (no element type)[3,4], expected f32[3,4]");
}

TEST_F(ArgumentTest, wrongExtent) {
  const int64_t extents[2] = {3, 6};
  outputs[0].extents = extents;
  expectFailure("output 0: found f32[3,6], expected f32[3,5]");
}

TEST_F(ArgumentTest, wrongRank) {
  inputs[0].rank = 1;
  expectFailure("input 0: found f32[3], expected f32[3,4]");
  inputs[0].rank = -1;
  expectFailure("input 0: rank -1 with some extents; expected f32[3,4]");
  inputs[0].extents = nullptr;
  expectFailure("input 0: rank 2 with no extents; expected f32[3,4]");
}

TEST_F(ArgumentTest, longShapesAreCut) {
  std::vector<int64_t> extents(60, 1000000007);
  inputs[0].rank = 60;
  inputs[0].extents = extents.data();
  EXPECT_EQ(network.run(context.get(), inputs, outputs), TENON_INVALID_ARGUMENT);
  std::string text = tenon_context_error(context.get());
  EXPECT_NE(text.find(",1000000007,... rank 60], expected f32[3,4]"), std::string::npos) << text;
}

TEST_F(ArgumentTest, missingData) {
  outputs[0].data = nullptr;
  expectFailure("output 0: data is NULL, expected f32[3,5]");
}

TEST_F(ArgumentTest, misalignedData) {
  inputs[0].data = static_cast<char *>(inputs[0].data) + 2;
  EXPECT_EQ(network.run(context.get(), inputs, outputs), TENON_INVALID_ARGUMENT);
  std::string text = tenon_context_error(context.get());
  EXPECT_NE(text.find("expected a multiple of 4; copy the array"), std::string::npos) << text;
}

TEST_F(ArgumentTest, outputsThatMeetThemselves) {
  const int64_t zero[2] = {1, 0}, equal[2] = {1, 1}, overlapping[2] = {4, -1};
  outputs[0].strides = zero;
  expectFailure("output 0: dimension 1 of extent 5 has stride 0, which puts its elements at one "
                "address; expected a stride of at least 1");
  const std::string nested =
      "output 0: its strides put several elements at one address, or "
      "interleave dimensions; expected each stride to exceed the span of the "
      "smaller ones";
  outputs[0].strides = equal;
  expectFailure(nested);
  outputs[0].strides = overlapping;
  expectFailure(nested);
}

TEST_F(ArgumentTest, stridesBeyondTheAddressSpace) {
  const int64_t huge[2] = {INT64_MIN, 1};
  inputs[0].strides = huge;
  expectFailure("input 0: stride -9223372036854775808 of dimension 0 (extent 3) leaves the address "
                "space");
}

TEST_F(ArgumentTest, workspaces) {
  alignas(64) char memory[128];
  EXPECT_EQ(network.run(context.get(), inputs, outputs, memory, 63), TENON_WORKSPACE_TOO_SMALL);
  EXPECT_STREQ(tenon_context_error(context.get()), "workspace: found 63 bytes, expected 64");
  EXPECT_EQ(network.run(context.get(), inputs, outputs, memory + 8, 64), TENON_INVALID_ARGUMENT);
  EXPECT_EQ(network.run(context.get(), inputs, outputs, memory, 64), TENON_OK);
}

TEST_F(ArgumentTest, contexts) {
  EXPECT_EQ(network.run(nullptr, inputs, outputs), TENON_INVALID_ARGUMENT);
}

// An extent of 1 may have any stride.
TEST(ArgumentsTest, stridesOfUnitExtents) {
  ScheduleBuilder builder;
  std::vector<int64_t> extents = {1, 3};
  builder.addInput(TENON_F32, extents);
  builder.addOutput(TENON_F32, extents);
  builder.copy(builder.addView(builder.inputView(0)), builder.addView(builder.outputView(0)));
  TestNetwork network(builder.finish(), {});
  Floats a = Floats(extents).fill(4), c(extents);
  tenon_tensor input = a.tensor(), output = c.tensor();
  const int64_t odd[2] = {INT64_MIN, 1}, zero[2] = {0, 1};
  input.strides = odd;
  output.strides = zero;
  ContextPtr context = makeContext();
  ASSERT_EQ(network.run(context.get(), {input}, {output}), TENON_OK)
      << tenon_context_error(context.get());
  EXPECT_EQ(c.values(), a.values());
}
