//===- StridedCopyTest.cpp ------------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "StridedCopy.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <vector>

using namespace tenon::runtime;

namespace {
/// Two arrays of the same extents, elements of `bytes` bytes in places of their own.
struct Case {
  std::vector<int64_t> extents, from, to; // strides in elements
  int64_t fromOrigin = 0, toOrigin = 0;   // in elements
  int64_t bytes;
};

int64_t spanOf(const std::vector<int64_t> &extents, const std::vector<int64_t> &strides) {
  int64_t span = 1;
  for (size_t dim = 0; dim < extents.size(); ++dim)
    span += std::max<int64_t>(extents[dim] - 1, 0) * std::abs(strides[dim]);
  return span;
}

/// Copies by a plan, in `parts` parts, and compares the whole destination, gaps included, with what
/// loops over all positions give.
void check(const Case &test, int32_t parts) {
  auto size = static_cast<size_t>(test.bytes);
  std::vector<char> source(static_cast<size_t>(spanOf(test.extents, test.from)) * size);
  for (size_t i = 0; i < source.size(); ++i)
    source[i] = static_cast<char>(i * 37 + i / 251);
  std::vector<char> target(static_cast<size_t>(spanOf(test.extents, test.to)) * size, 'x');
  std::vector<char> expected = target;
  int64_t count = 1;
  for (int64_t extent : test.extents)
    count *= extent;
  for (int64_t flat = 0; flat < count; ++flat) {
    int64_t rest = flat, from = test.fromOrigin, to = test.toOrigin;
    for (size_t dim = test.extents.size(); dim-- > 0; rest /= test.extents[dim]) {
      from += rest % test.extents[dim] * test.from[dim];
      to += rest % test.extents[dim] * test.to[dim];
    }
    std::memcpy(&expected[static_cast<size_t>(to) * size],
                &source[static_cast<size_t>(from) * size], size);
  }
  std::vector<CopyDim> dims;
  for (size_t dim = 0; dim < test.extents.size(); ++dim)
    dims.push_back({test.extents[dim], test.from[dim] * test.bytes, test.to[dim] * test.bytes});
  CopyPlan plan =
      planCopy(dims.data(), static_cast<int32_t>(dims.size()), static_cast<int32_t>(test.bytes));
  for (int32_t part = 0; part < parts; ++part)
    runCopy(plan, dims.data(), source.data() + test.fromOrigin * test.bytes,
            target.data() + test.toOrigin * test.bytes, part, parts);
  EXPECT_EQ(target, expected);
}

/// Strides of a dense array whose dimensions are stored in the given order, outermost first.
std::vector<int64_t> denseStrides(const std::vector<int64_t> &extents,
                                  const std::vector<size_t> &order, int64_t gap) {
  std::vector<int64_t> strides(extents.size());
  int64_t stride = gap;
  for (size_t i = order.size(); i-- > 0; stride *= extents[order[i]])
    strides[order[i]] = stride;
  return strides;
}
} // namespace

TEST(StridedCopyTest, anyPermutationSignAndElementSize) {
  std::mt19937 random(20240607);
  auto below = [&](uint32_t bound) { return random() % bound; };
  for (int round = 0; round < 600; ++round) {
    Case test;
    test.bytes = int64_t(1) << below(5);
    size_t rank = below(6);
    for (size_t dim = 0; dim < rank; ++dim)
      test.extents.push_back(1 + below(rank < 3 ? 41 : 7));
    std::vector<size_t> order(rank);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    test.from = denseStrides(test.extents, order, 1 + below(4) / 3);
    std::shuffle(order.begin(), order.end(), random);
    test.to = denseStrides(test.extents, order, 1 + below(4) / 3);
    for (size_t dim = 0; dim < rank; ++dim) {
      if (below(5) == 0) {
        test.fromOrigin += (test.extents[dim] - 1) * test.from[dim];
        test.from[dim] = -test.from[dim];
      }
      if (below(5) == 0) {
        test.toOrigin += (test.extents[dim] - 1) * test.to[dim];
        test.to[dim] = -test.to[dim];
      }
    }
    SCOPED_TRACE(round);
    check(test, static_cast<int32_t>(1 + below(4)));
  }
}

TEST(StridedCopyTest, transposesWithWholeAndPartialTiles) {
  for (int64_t bytes : {1, 2, 4, 8, 16})
    for (int64_t rows : {3, 64, 70})
      for (int64_t columns : {5, 64, 129})
        check({{rows, columns}, {columns, 1}, {1, rows}, 0, 0, bytes}, 2);
}

TEST(StridedCopyTest, broadcastsAndEmptyArrays) {
  check({{3, 4, 5}, {0, 1, 0}, {20, 5, 1}, 0, 0, 4}, 1);
  check({{3, 0, 5}, {1, 1, 1}, {20, 5, 1}, 0, 0, 4}, 3);
  check({{}, {}, {}, 0, 0, 16}, 3);
}

TEST(StridedCopyTest, shortDimensionsInAnyOrder) {
  std::mt19937 random(20250310);
  for (int64_t bytes : {1, 2, 4, 8, 16})
    for (int64_t extent : {2, 3, 5})
      for (int round = 0; round < 6; ++round) {
        Case test;
        test.bytes = bytes;
        size_t rank = extent == 2 ? 12 : extent == 3 ? 8 : 5;
        for (size_t dim = 0; dim < rank; ++dim)
          test.extents.push_back(extent + (dim == rank / 2));
        std::vector<size_t> order(rank);
        std::iota(order.begin(), order.end(), 0);
        test.from = denseStrides(test.extents, order, 1 + round / 5);
        // Reversed, then any order: what is side by side here is spread there.
        std::reverse(order.begin(), order.end());
        if (round > 0)
          std::shuffle(order.begin(), order.end(), random);
        test.to = denseStrides(test.extents, order, 1);
        SCOPED_TRACE(round);
        check(test, 1 + round % 3);
      }
}

TEST(StridedCopyTest, arraysThatExceedTheSecondCache) {
  check({{2, 1033, 170}, {1, 340, 2}, {175610, 1, 1033}, 0, 0, 4}, 2);
  check({{700, 3, 601}, {3, 1, 2100}, {3, 2100, 6300}, 0, 0, 2}, 1);
  // The longest dimension of the source is too long for a table, and so is the run.
  check({{3, 120001}, {120001, 1}, {1, 3}, 0, 0, 8}, 1);
  check({{120001, 3}, {3, 1}, {1, 120001}, 0, 0, 8}, 3);
  Case pairs;
  for (int64_t dim = 0; dim < 19; ++dim)
    pairs.extents.push_back(2);
  std::vector<size_t> order(19);
  std::iota(order.begin(), order.end(), 0);
  pairs.from = denseStrides(pairs.extents, order, 1);
  std::reverse(order.begin(), order.end());
  pairs.to = denseStrides(pairs.extents, order, 1);
  pairs.bytes = 8;
  check(pairs, 1);
}

// Each plane is a few tiles and an edge.
TEST(StridedCopyTest, manySmallTransposes) {
  for (int64_t bytes : {1, 2, 4, 8, 16})
    for (const std::vector<int64_t> &extents : {std::vector<int64_t>{24, 37, 44, 26},
                                                {67, 25, 15, 72},
                                                {96, 5, 31, 96},
                                                {28, 20, 60, 28}}) {
      Case test{extents, {}, {}, 0, 0, bytes};
      std::vector<size_t> order(extents.size());
      std::iota(order.begin(), order.end(), 0);
      test.from = denseStrides(extents, order, 1);
      std::reverse(order.begin(), order.end());
      test.to = denseStrides(extents, order, 1);
      check(test, 2);
    }
}

TEST(StridedCopyTest, arraysThatExceedTheLastCacheAtAnyAlignment) {
  constexpr int64_t rows = 2120, columns = 2056; // of 8 bytes; rows of the result are whole lines
  const int64_t bytes = rows * columns * 8;
  std::vector<uint64_t> source(static_cast<size_t>(rows * columns));
  std::iota(source.begin(), source.end(), uint64_t(1) << 40);
  std::vector<char> memory(static_cast<size_t>(bytes) + 128);
  auto misaligned = static_cast<int64_t>(reinterpret_cast<uintptr_t>(memory.data()) % 64);
  for (int64_t shift : {0, 8}) {
    std::fill(memory.begin(), memory.end(), 'x');
    char *target = memory.data() + (64 - misaligned) + shift;
    CopyDim dims[2] = {{rows, columns * 8, 8}, {columns, 8, rows * 8}};
    CopyPlan plan = planCopy(dims, 2, 8);
    for (int32_t part = 0; part < 2; ++part)
      runCopy(plan, dims, source.data(), target, part, 2);
    int64_t wrong = 0;
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        uint64_t value;
        std::memcpy(&value, target + (j * rows + i) * 8, 8);
        wrong += value != source[static_cast<size_t>(i * columns + j)];
      }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(target[-1], 'x');
    EXPECT_EQ(target[bytes], 'x');
  }
}

TEST(StridedCopyTest, mergesDimensionsOfAContiguousArray) {
  CopyDim dims[3] = {{3, 80, 80}, {4, 20, 20}, {5, 4, 4}};
  CopyPlan plan = planCopy(dims, 3, 4);
  EXPECT_EQ(plan.rank, 1);
  EXPECT_EQ(dims[0].extent, 60);
  EXPECT_EQ(plan.bytes, 240);
}

TEST(StridedCopyTest, widensShortRows) {
  // Pairs of f32 that stay together move as one element of 8 bytes.
  CopyDim dims[3] = {{2, 8, 24}, {3, 16, 8}, {2, 4, 4}};
  CopyPlan plan = planCopy(dims, 3, 4);
  EXPECT_EQ(plan.elementBytes, 8);
  EXPECT_EQ(plan.rank, 2);
}

TEST(StridedCopyTest, fillsStridedArraysWithAnyElement) {
  for (int32_t bytes : {1, 2, 4, 8, 16})
    for (bool sameBytes : {false, true}) {
      char element[16];
      for (int i = 0; i < 16; ++i)
        element[i] = sameBytes ? 'q' : static_cast<char>('a' + i);
      // Extents 3, 1, 5 with a gap after each row.
      std::vector<char> target(static_cast<size_t>(3 * 7 * bytes), 'x');
      CopyDim dims[3] = {{3, 0, 7 * bytes}, {1, 0, 999}, {5, 0, bytes}};
      CopyPlan plan = planCopy(dims, 3, bytes);
      for (int32_t part = 0; part < 2; ++part)
        runFill(plan, dims, element, target.data(), part, 2);
      for (int64_t i = 0; i < 3; ++i)
        for (int64_t j = 0; j < 7; ++j)
          for (int64_t byte = 0; byte < bytes; ++byte)
            EXPECT_EQ(target[static_cast<size_t>((i * 7 + j) * bytes + byte)],
                      j < 5 ? element[byte] : 'x');
    }
}

TEST(StridedCopyTest, partsCoverEverythingOnce) {
  for (int64_t count : {0, 1, 7, 64})
    for (int32_t parts : {1, 3, 64}) {
      int64_t next = 0;
      for (int32_t part = 0; part < parts; ++part) {
        PartRange range = partOf(count, part, parts);
        EXPECT_EQ(range.begin, next);
        EXPECT_LE(range.end - range.begin, count / parts + 1);
        next = range.end;
      }
      EXPECT_EQ(next, count);
    }
}
