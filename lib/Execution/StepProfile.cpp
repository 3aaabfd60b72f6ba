//===- StepProfile.cpp - What each step of a network took -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/StepProfile.h"

#include "tenon/Target/EmitSchedule.h"

#include "tenon-runtime/Schedule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <bit>

using namespace tenon;
using namespace tenon::runtime;

namespace {
/// Reads the records of a table in place.
class TableReader {
public:
  explicit TableReader(const void *table)
      : base(static_cast<const char *>(table)),
        header(*static_cast<const ScheduleHeader *>(table)) {}

  llvm::ArrayRef<Step> steps() const { return records<Step>(header.steps); }
  const View &operand(const Step &step, uint64_t number) const {
    return records<View>(
        header.views)[records<int32_t>(header.operands)[step.firstOperand + number]];
  }
  llvm::ArrayRef<ViewDim> dims(const View &view) const {
    return records<ViewDim>(header.dims).slice(view.firstDim, static_cast<size_t>(view.rank));
  }
  llvm::ArrayRef<LoopDim> loopDims(const Step &step) const {
    return records<LoopDim>(header.loopDims).slice(step.firstLoopDim, step.numLoopDims);
  }
  double bytes(const View &view) const {
    double bytes = double(getDTypeBytes(static_cast<tenon_dtype>(view.dtype)));
    for (const ViewDim &dim : dims(view))
      bytes *= double(dim.extent);
    return bytes;
  }
  /// Dimensions from the outermost in memory to the innermost; of arguments as if they were
  /// row-major.
  llvm::SmallVector<int32_t> inMemoryOrder(const View &view) const {
    llvm::SmallVector<int32_t> order = llvm::to_vector(llvm::seq<int32_t>(0, view.rank));
    llvm::ArrayRef<ViewDim> all = dims(view);
    llvm::stable_sort(order, [&](int32_t a, int32_t b) {
      auto key = [&](int32_t dim) {
        // Of no dimension, the most that there are.
        return std::pair(std::countr_zero(all[dim].sourceDims), -std::abs(all[dim].factor));
      };
      return key(a) < key(b);
    });
    return order;
  }

private:
  template <typename Record> llvm::ArrayRef<Record> records(const Section &section) const {
    return {reinterpret_cast<const Record *>(base + section.offset), section.count};
  }

  const char *base;
  const ScheduleHeader &header;
};
} // namespace

static void writeOperand(llvm::raw_ostream &text, const TableReader &table, const Step &step,
                         int operand) {
  constexpr char kLetters[] = {'b', 'm', 'n', 'k'};
  constexpr int32_t LoopDim::*kDims[] = {&LoopDim::dimA, &LoopDim::dimB, &LoopDim::dimC};
  const View &view = table.operand(step, operand);
  llvm::SmallVector<char> letter(view.rank, 0);
  for (const LoopDim &row : table.loopDims(step))
    if (int32_t dim = row.*kDims[operand]; dim >= 0)
      letter[dim] = kLetters[static_cast<int>(row.group)];
  text << "ABC"[operand];
  llvm::SmallVector<std::pair<char, int64_t>> blocks;
  for (int32_t dim : table.inMemoryOrder(view)) {
    int64_t extent = table.dims(view)[dim].extent;
    if (letter[dim] == 0 || extent == 1)
      continue;
    if (!blocks.empty() && blocks.back().first == letter[dim])
      blocks.back().second *= extent;
    else
      blocks.emplace_back(letter[dim], extent);
  }
  for (auto [kind, extent] : blocks)
    text << ' ' << kind << extent;
}

std::vector<StepProfile> tenon::describeSteps(const void *bytes,
                                              const std::vector<std::string> &kernels) {
  TableReader table(bytes);
  std::vector<StepProfile> profiles;
  for (const Step &step : table.steps()) {
    StepProfile &profile = profiles.emplace_back();
    llvm::raw_string_ostream text(profile.text);
    switch (step.kind) {
    case StepKind::CallContraction: {
      text << kernels[step.kernel] << ": ";
      profile.operations = 1;
      for (const LoopDim &row : table.loopDims(step))
        profile.operations *= double(row.extent);
      for (int operand = 0; operand < 3; ++operand) {
        text << (operand == 0 ? "" : ", ");
        writeOperand(text, table, step, operand);
        profile.bytes += table.bytes(table.operand(step, operand));
      }
      if (step.accumulate)
        text << ", adds";
      int32_t dtype = table.operand(step, 2).dtype;
      profile.isComplex = dtype == TENON_C64 || dtype == TENON_C128;
      break;
    }
    case StepKind::CallViews:
    case StepKind::Copy:
    case StepKind::Fill:
      text << (step.kind == StepKind::Copy   ? "copy"
               : step.kind == StepKind::Fill ? "fill"
                                             : kernels[step.kernel])
           << ':';
      for (uint64_t operand = 0; operand < step.numOperands; ++operand) {
        const View &view = table.operand(step, operand);
        profile.bytes += table.bytes(view);
        text << (operand == 0 ? " [" : ", [");
        llvm::interleave(
            table.dims(view), text, [&](const ViewDim &dim) { text << dim.extent; }, ",");
        text << ']';
      }
      break;
    case StepKind::LoopBegin:
    case StepKind::ParallelBegin:
    case StepKind::LoopEnd:
      break;
    }
  }
  return profiles;
}
