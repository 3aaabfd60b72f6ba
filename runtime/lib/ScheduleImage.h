//===- ScheduleImage.h - A schedule table, read in place ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ErrorText.h"

#include "tenon-runtime/Schedule.h"

#include <span>

namespace tenon::runtime {

/// Limits that every table obeys. They bound the run-time stack and keep sums of offsets within
/// 128 bits; no network comes near them.
inline constexpr uint64_t kMaxLoopDepth = 64;
inline constexpr uint64_t kMaxTerms = 256; ///< of one view
inline constexpr int32_t kMaxWays = 1024;

/// Typed access to a table that checkSchedule() accepted. Does not own the bytes, which start at a
/// multiple of 64.
class ScheduleImage {
public:
  ScheduleImage() = default;
  explicit ScheduleImage(const void *table) : base(static_cast<const char *>(table)) {}

  const ScheduleHeader &header() const { return *reinterpret_cast<const ScheduleHeader *>(base); }
  std::span<const Argument> arguments() const { return records<Argument>(header().arguments); }
  std::span<const View> views() const { return records<View>(header().views); }
  std::span<const ViewDim> dims() const { return records<ViewDim>(header().dims); }
  std::span<const OffsetTerm> terms() const { return records<OffsetTerm>(header().terms); }
  std::span<const Step> steps() const { return records<Step>(header().steps); }
  std::span<const int32_t> operands() const { return records<int32_t>(header().operands); }
  std::span<const LoopDim> loopDims() const { return records<LoopDim>(header().loopDims); }
  std::span<const int64_t> extents() const { return records<int64_t>(header().extents); }
  std::span<const Constant> constants() const { return records<Constant>(header().constants); }
  std::span<const char> blob() const { return records<char>(header().blob); }

  std::span<const ViewDim> dims(const View &view) const {
    return dims().subspan(view.firstDim, static_cast<size_t>(view.rank));
  }
  std::span<const OffsetTerm> terms(const View &view) const {
    return terms().subspan(view.firstTerm, view.numTerms);
  }
  std::span<const int32_t> operands(const Step &step) const {
    return operands().subspan(step.firstOperand, step.numOperands);
  }
  std::span<const LoopDim> loopDims(const Step &step) const {
    return loopDims().subspan(step.firstLoopDim, step.numLoopDims);
  }
  std::span<const int64_t> extents(const Argument &argument) const {
    return extents().subspan(argument.firstExtent, static_cast<size_t>(argument.rank));
  }
  /// Number of the argument that an Input or Output view lies in.
  uint64_t argumentOf(const View &view) const {
    return static_cast<uint64_t>(view.baseIndex) +
           (view.base == Base::Output ? header().numInputs : 0);
  }
  bool isEmpty(const View &view) const {
    for (const ViewDim &dim : dims(view))
      if (dim.extent == 0)
        return true;
    return false;
  }

private:
  template <typename Record> std::span<const Record> records(const Section &section) const {
    return {reinterpret_cast<const Record *>(base + section.offset), section.count};
  }
  const char *base = nullptr;
};

/// Checks everything that the runtime relies on: sizes, checksum, that every number refers to
/// something, that loops nest, and that every element of every view lies inside its argument, the
/// arena or its constant for all values of the loop counters. `table` starts at a multiple of 64.
/// Time linear in the table (each use of a view counted). TENON_CORRUPT with a text, or TENON_OK.
tenon_status checkSchedule(const void *table, uint64_t bytes, ErrorText &error);

} // namespace tenon::runtime
