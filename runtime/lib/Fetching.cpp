//===- Fetching.cpp - Which arguments are fetched, and when ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What a contraction reads of an argument comes from memory, while kernels like it in the second
// cache. It is fetched while contractions before it compute, or just before its own kernel starts.
//
//===----------------------------------------------------------------------===//

#include "Binding.h"

#include "ElementType.h"

#include <algorithm>
#include <array>
#include <span>

using namespace tenon::runtime;

namespace {
/// A usual second cache.
constexpr uint64_t kCacheBytes = 1 << 20;

/// Points of each group of a contraction.
std::array<double, 4> groupExtents(std::span<const LoopDim> dims) {
  std::array<double, 4> extents = {1, 1, 1, 1};
  for (const LoopDim &dim : dims)
    extents[static_cast<size_t>(dim.group)] *= static_cast<double>(dim.extent);
  return extents;
}
} // namespace

/// Kernels that pack, or broadcast, read an operand in pieces that no hardware prefetcher follows:
/// one that comes from memory arrives at a tenth of the bandwidth. Arguments are read once in a
/// run, so they do; up to the size of a usual second cache they are fetched line by line
/// beforehand. What is multiplied too few times for that is read as it lies anyway.
void Binding::chooseFetched(const Step &step, const PreparedStep &prepared,
                            FetchedOperand *operands) const {
  constexpr double kLeastExtent = 4;
  std::array<double, 4> extents = groupExtents(program.image.loopDims(step));
  for (Group group : {Group::M, Group::N, Group::K})
    if (extents[static_cast<size_t>(group)] < kLeastExtent)
      return;
  for (uint64_t operand = 0; operand < kFetchedPerStep; ++operand) {
    const View &view = operandView(step, operand);
    if (view.base != Base::Input)
      continue;
    uint64_t elements = 1, span = 1, first = 0;
    for (int32_t dim = 0; dim < view.rank; ++dim) {
      auto extent =
          static_cast<uint64_t>(program.image.dims(view)[static_cast<size_t>(dim)].extent);
      uint64_t stride = dimStride(view, dim);
      bool isNegative = static_cast<int64_t>(stride) < 0;
      uint64_t distance = (extent - 1) * (isNegative ? 0 - stride : stride);
      elements *= extent;
      span += distance;
      first -= isNegative ? distance : 0;
    }
    auto size = static_cast<uint64_t>(findElementType(view.dtype)->bytes);
    if (span <= elements && elements * size <= kCacheBytes)
      operands[operand] = {prepared.firstWord + operand * ContractionLayout::kRank1 +
                               kDescriptorPointer,
                           first * size, elements * size};
  }
}

bool Binding::isWholeContraction(uint64_t number) const {
  return program.steps[number].op == Op::Call &&
         program.image.steps()[number].kind == StepKind::CallContraction;
}

/// Bytes of all three tensors of a contraction.
double Binding::contractionBytes(const Step &step) const {
  std::array<double, 4> extents = groupExtents(program.image.loopDims(step));
  auto points = [&](Group group) { return extents[static_cast<size_t>(group)]; };
  auto bytesOf = [&](uint64_t operand, Group first, Group second) {
    auto size = static_cast<double>(findElementType(operandView(step, operand).dtype)->bytes);
    return size * points(Group::Batch) * points(first) * points(second);
  };
  return bytesOf(0, Group::M, Group::K) + bytesOf(1, Group::K, Group::N) +
         bytesOf(2, Group::M, Group::N);
}

/// A matrix that is multiplied by few columns takes nearly as long to arrive as to be multiplied. A
/// contraction therefore asks for an argument of one of the next steps while it computes: the first
/// one that no step before it asks for, as much of it as the second cache has room for beside what
/// waits there, and the tensors of the steps until then. The rest is fetched when its step begins.
void Binding::chooseAhead() {
  constexpr uint64_t kStepsAhead = 4;
  const uint64_t steps = program.steps.size();
  double waiting = 0; // bytes that were asked for and are not used yet
  uint64_t next = 0;  // the first operand that nobody has asked for
  for (uint64_t number = 0; number < steps; ++number) {
    ahead[number] = {};
    for (uint64_t i = 0; i < kFetchedPerStep; ++i)
      waiting -= static_cast<double>(fetched[number * kFetchedPerStep + i].expected);
    if (!isWholeContraction(number))
      continue;
    next = std::max(next, (number + 1) * kFetchedPerStep);
    const uint64_t last = std::min(number + kStepsAhead, steps - 1);
    const Step &step = program.image.steps()[number];
    double used = contractionBytes(step);
    uint64_t user = number + 1;
    for (; user <= last && isWholeContraction(user); ++user) {
      next = std::max(next, user * kFetchedPerStep);
      const uint64_t behind = (user + 1) * kFetchedPerStep;
      while (next < behind && fetched[next].bytes == 0)
        ++next;
      if (next < behind)
        break;
      used = std::max(used, contractionBytes(program.image.steps()[user]));
    }
    double room = static_cast<double>(kCacheBytes) - used - waiting;
    if (user > last || !isWholeContraction(user) || room < double(kFetchedLineBytes))
      continue;
    FetchedOperand &operand = fetched[next];
    uint64_t lines = std::min(operand.bytes, static_cast<uint64_t>(room)) / kFetchedLineBytes;
    operand.expected = lines * kFetchedLineBytes;
    waiting += static_cast<double>(operand.expected);
    ahead[number] = {program.steps[number].firstWord + ContractionLayout::part(step, 0) +
                         ContractionLayout::kShapeWords + kSoonAddressWord,
                     next++, lines};
  }
}
