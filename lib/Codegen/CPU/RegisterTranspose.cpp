//===- RegisterTranspose.cpp - Transposes of vectors in registers ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RegisterTranspose.h"

#include "tenon/Support/Assert.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <algorithm>

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Which element a lane holds.
struct Place {
  int64_t row, column;
  bool operator==(const Place &other) const = default;
};

/// A vector and what its lanes hold, so that no formula for the order of a stage's results is
/// needed.
struct Tracked {
  Value value;
  llvm::SmallVector<Place> places;
};

/// All elements of some neighbouring rows.
using RowGroup = llvm::SmallVector<Tracked>;

Tracked shuffle(KernelEmitter &e, const Tracked &a, const Tracked &b,
                llvm::ArrayRef<int64_t> lanes) {
  Tracked result;
  for (int64_t lane : lanes) {
    auto width = static_cast<int64_t>(a.places.size());
    result.places.push_back(lane < width ? a.places[static_cast<size_t>(lane)]
                                         : b.places[static_cast<size_t>(lane - width)]);
  }
  result.value = vector::ShuffleOp::create(e.b, e.loc, a.value, b.value, lanes);
  return result;
}

/// Within every `block` lanes, pieces of `piece` lanes of a and b in turn: those of the lower half
/// of the block, or of the upper.
llvm::SmallVector<int64_t> interleaved(int64_t width, int64_t block, int64_t piece, bool upper) {
  llvm::SmallVector<int64_t> lanes;
  for (int64_t start = 0; start < width; start += block)
    for (int64_t at = 0; at < block / 2; at += piece)
      for (int64_t operand = 0; operand < 2; ++operand)
        for (int64_t i = 0; i < piece; ++i)
          lanes.push_back(operand * width + start + (upper ? block / 2 : 0) + at + i);
  return lanes;
}

/// Every other block of a, then of b.
llvm::SmallVector<int64_t> everyOther(int64_t width, int64_t block, bool odd) {
  llvm::SmallVector<int64_t> lanes;
  for (int64_t start = odd ? block : 0; start < 2 * width; start += 2 * block)
    for (int64_t i = 0; i < block; ++i)
      lanes.push_back(start + i);
  return lanes;
}

} // namespace

Values transposeInRegisters(KernelEmitter &e, ValueRange rows) {
  auto type = cast<VectorType>(rows[0].getType());
  auto height = static_cast<int64_t>(rows.size());
  const int64_t width = type.getDimSize(0);
  TENON_ASSERT(height <= width && llvm::isPowerOf2_64(height) && llvm::isPowerOf2_64(width),
               "numbers of rows and lanes are powers of two, rows the fewer");
  const int64_t block = std::min<int64_t>(width, 128 / type.getElementTypeBitWidth());

  llvm::SmallVector<RowGroup> groups;
  for (auto [number, row] : llvm::enumerate(rows)) {
    Tracked vector{row, {}};
    for (int64_t column = 0; column < width; ++column)
      vector.places.push_back({static_cast<int64_t>(number), column});
    groups.push_back({vector});
  }
  for (int64_t joined = 1; joined < height; joined *= 2) {
    llvm::SmallVector<int64_t> first, second;
    if (joined < block) {
      first = interleaved(width, block, joined, false);
      second = interleaved(width, block, joined, true);
    } else if (height == width) {
      first = everyOther(width, block, false);
      second = everyOther(width, block, true);
    } else {
      first = interleaved(width, width, joined, false);
      second = interleaved(width, width, joined, true);
    }
    llvm::SmallVector<RowGroup> merged;
    for (size_t pair = 0; pair < groups.size(); pair += 2) {
      RowGroup group;
      for (auto [a, b] : llvm::zip_equal(groups[pair], groups[pair + 1])) {
        group.push_back(shuffle(e, a, b, first));
        group.push_back(shuffle(e, a, b, second));
      }
      merged.push_back(group);
    }
    groups = merged;
  }

  Values result(static_cast<size_t>(width));
  for (const Tracked &vector : groups[0])
    for (int64_t start = 0; start < width; start += height) {
      llvm::SmallVector<int64_t> slice;
      for (int64_t i = 0; i < height; ++i) {
        slice.push_back(start + i);
        TENON_ASSERT((vector.places[static_cast<size_t>(start + i)] ==
                      Place{i, vector.places[static_cast<size_t>(start)].column}),
                     "the lanes of a column lie side by side");
      }
      Value &column = result[static_cast<size_t>(vector.places[static_cast<size_t>(start)].column)];
      column = height == width
                   ? vector.value
                   : vector::ShuffleOp::create(e.b, e.loc, vector.value, vector.value, slice);
    }
  return result;
}

} // namespace tenon::cpu
