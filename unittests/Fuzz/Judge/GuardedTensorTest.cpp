//===- GuardedTensorTest.cpp - Strided tensors between guard pages --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "GuardedTensor.h"

#include "gtest/gtest.h"

using namespace tenon;
using namespace tenon::fuzz;

namespace {

HostTensor counted(const std::vector<int64_t> &shape) {
  Result<HostTensor> made = HostTensor::zeros({TENON_I16}, shape);
  EXPECT_TRUE(made);
  for (int64_t i = 0; i < made->size(); ++i)
    made->set(i, i + 1);
  return std::move(*made);
}

/// The address of an element, from the view that callers get.
int16_t *at(const tenon_tensor &view, const std::vector<int64_t> &position) {
  auto *address = static_cast<int16_t *>(view.data);
  for (size_t d = 0; d < position.size(); ++d)
    address += position[d] * view.strides[d];
  return address;
}

GuardedTensor make(const std::vector<int64_t> &shape, const Layout &layout, Placement placement) {
  auto tensor = GuardedTensor::make({TENON_I16}, shape, layout, placement, std::byte{0xa5});
  EXPECT_TRUE(tensor.has_value());
  return std::move(*tensor);
}

TEST(GuardedTensor, KeepsValuesInEveryLayout) {
  std::vector<int64_t> shape{3, 4, 5};
  HostTensor values = counted(shape);
  for (Layout layout : {Layout{}, Layout{{2, 0, 1}, 3, 2, 5}, Layout{{1, 2, 0}, 0, 0, 7},
                        Layout{{0, 0, 1}, 1, 1, 0}})
    for (Placement placement : {Placement::AtEnd, Placement::AtBegin}) {
      GuardedTensor tensor = make(shape, layout, placement);
      tensor.write(values);
      tenon_tensor view = tensor.view();
      EXPECT_EQ(*at(view, {2, 1, 3}), 2 * 20 + 1 * 5 + 3 + 1);
      EXPECT_EQ(*at(view, {0, 3, 4}), 20);
      HostTensor read = tensor.read();
      EXPECT_TRUE(std::ranges::equal(read.bytes(), values.bytes()));
    }
}

TEST(GuardedTensor, StridesAreThoseOfTheLayout) {
  GuardedTensor tensor = make({3, 4, 5}, Layout{{2, 0, 1}, 3, 0, 1}, Placement::AtEnd);
  tenon_tensor view = tensor.view();
  // Dimension 1 is the innermost one, its rows of 4 are 7 apart.
  EXPECT_EQ(view.strides[1], 1);
  EXPECT_EQ(view.strides[0], -7);
  EXPECT_EQ(view.strides[2], 21);
}

TEST(GuardedTensor, EmptyTensorsAndScalars) {
  GuardedTensor empty = make({3, 0}, {}, Placement::AtEnd);
  EXPECT_EQ(empty.read().size(), 0);
  GuardedTensor scalar = make({}, {}, Placement::AtEnd);
  HostTensor one = counted({});
  scalar.write(one);
  EXPECT_EQ(std::get<int64_t>(scalar.read().get(0)), 1);
}

TEST(GuardedTensor, SeesChanges) {
  GuardedTensor tensor = make({2, 3}, Layout{{}, 1, 0, 0}, Placement::AtEnd);
  tensor.write(counted({2, 3}));
  tensor.remember();
  EXPECT_FALSE(tensor.firstChange(false));
  *at(tensor.view(), {1, 1}) = 99;
  EXPECT_TRUE(tensor.firstChange(false));
  EXPECT_FALSE(tensor.firstChange(true));
  // The gap after the first row.
  *at(tensor.view(), {0, 3}) = 7;
  EXPECT_TRUE(tensor.firstChange(true));
}

TEST(GuardedTensorDeathTest, GuardsBothEnds) {
  GuardedTensor last = make({2, 3}, Layout{{}, 1, 0, 0}, Placement::AtEnd);
  EXPECT_DEATH(*const_cast<volatile int16_t *>(at(last.view(), {1, 3})), "");
  GuardedTensor first = make({2, 3}, Layout{{}, 1, 0, 0}, Placement::AtBegin);
  EXPECT_DEATH(*const_cast<volatile int16_t *>(at(first.view(), {0, -1})), "");
}

} // namespace
