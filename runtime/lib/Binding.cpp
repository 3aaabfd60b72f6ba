//===- Binding.cpp - A program bound to argument strides ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "Binding.h"

#include "tenon/Support/SeededBug.h"

#include "ElementType.h"

#include "tenon-runtime/ShortRun.h"

#include <algorithm>
#include <bit>
#include <new>

using namespace tenon::runtime;

// Offsets and strides are computed modulo 2^64: those of views that are empty, or used in loops
// without iterations, may be anything and are never followed.

bool Frame::allocate(const Program &program) {
  if (!words.allocate(program.numWords) || !args.allocate(program.argWords.size()) ||
      !positions.allocate(program.numLoops))
    return false;
  for (uint64_t i = 0; i < args.size(); ++i)
    args[i] = &words[program.argWords[i]];
  return true;
}

Binding::~Binding() {
  for (Frame *frame : threadFrames)
    if (frame) {
      frame->~Frame();
      std::free(frame);
    }
}

bool Binding::allocate() {
  return master.allocate(program) && plans.allocate(program.numPlans) &&
         planDims.allocate(program.numPlanDims) && bases.allocate(program.numBases()) &&
         argumentStrides.allocate(program.numStrides) && strides.allocate(program.numStrides) &&
         slotOffsets.allocate(program.slots.size()) && patches.allocate(program.patches.size()) &&
         fetched.allocate(kFetchedPerStep * program.steps.size()) &&
         ahead.allocate(program.steps.size());
}

bool Binding::ensureThreadFrames(int32_t threads) {
  auto count = static_cast<uint64_t>(threads);
  if (threadFrames.size() < count) {
    Array<Frame *> larger;
    if (!larger.allocate(count))
      return false;
    std::copy(threadFrames.begin(), threadFrames.end(), larger.begin());
    threadFrames.swap(larger);
  }
  for (Frame *&frame : threadFrames) {
    if (frame)
      continue;
    void *memory = std::malloc(sizeof(Frame));
    if (!memory)
      return false;
    frame = new (memory) Frame;
    if (!frame->allocate(program)) {
      frame->~Frame();
      std::free(frame);
      frame = nullptr;
      return false;
    }
  }
  return true;
}

uint64_t Binding::strideOf(const View &view, int64_t factor, DimSet sourceDims) const {
  if (sourceDims == 0)
    return static_cast<uint64_t>(factor);
  const int64_t *own = strides.data() + program.firstStride[program.image.argumentOf(view)];
  uint64_t sum = 0;
  for (DimSet rest = sourceDims; rest; rest &= rest - 1)
    sum += static_cast<uint64_t>(own[std::countr_zero(rest)]);
  return static_cast<uint64_t>(factor) * sum;
}

uint64_t Binding::dimStride(const View &view, int32_t dim) const {
  const ViewDim &record = program.image.dims(view)[static_cast<size_t>(dim)];
  if (tenon::isSeeded(tenon::SeededBug::ViewStrideIgnored) && record.sourceDims)
    return strideOf(view, 1, record.sourceDims);
  return strideOf(view, record.factor, record.sourceDims);
}

uint64_t Binding::termBytes(const View &view, const OffsetTerm &term) const {
  return strideOf(view, term.factor, onlyDim(term.sourceDim)) *
         static_cast<uint64_t>(findElementType(view.dtype)->bytes);
}

/// Bytes from the base to the view's first element in the first iteration of all loops.
uint64_t Binding::startOffset(const View &view) const {
  auto offset = static_cast<uint64_t>(view.byteOffset);
  if (view.base == Base::Constant)
    offset += program.image.constants()[static_cast<size_t>(view.baseIndex)].blobOffset;
  for (const OffsetTerm &term : program.image.terms(view))
    if (term.loop < 0)
      offset += termBytes(view, term);
  return offset;
}

void Binding::bindCall(const Step &step, const PreparedStep &prepared) {
  uint64_t *words = &master.words[prepared.firstWord];
  for (int32_t number : program.image.operands(step)) {
    const View &view = program.image.views()[static_cast<size_t>(number)];
    auto rank = static_cast<uint64_t>(view.rank);
    for (uint64_t dim = 0; dim < rank; ++dim) {
      words[kDescriptorSizes + dim] = static_cast<uint64_t>(program.image.dims(view)[dim].extent);
      words[kDescriptorSizes + rank + dim] = dimStride(view, static_cast<int32_t>(dim));
    }
    words += descriptorWords(rank);
  }
}

namespace {
/// A row of the shape words.
struct ShapeRow {
  uint64_t extent, strideA, strideB, strideC;
};
static_assert(sizeof(ShapeRow) == kShapeRowWords * sizeof(uint64_t));
} // namespace

/// The stride of a row in A, B or C.
using RowStride = uint64_t ShapeRow::*;

/// Where one tensor is contiguous along a group's innermost dimension and a second one along another, neither order suits
/// both: the innermost is cut into short runs, and the second one's walks right outside of a run, so that packing reads whole
/// cache lines of either. Rows have place for one more of each group that may be cut.
static void cutIntoRuns(uint64_t *words, Group group, RowStride firstTensor, RowStride secondTensor) {
  auto *rows = reinterpret_cast<ShapeRow *>(words + kShapeHeaderWords);
  uint64_t first = 0, all = 0, count = words[static_cast<uint64_t>(group)];
  for (uint64_t each = 0; each < 4; ++each) {
    first += each < static_cast<uint64_t>(group) ? words[each] : 0;
    all += words[each];
  }
  uint64_t last = first + count - 1;
  if (count < 2 || rows[last].*firstTensor != 1 || rows[last].*secondTensor == 1)
    return;
  uint64_t across = first;
  while (across < last && rows[across].*secondTensor != 1)
    ++across;
  auto run = static_cast<uint64_t>(shortRun(static_cast<int64_t>(rows[last].extent)));
  if (across == last || run == 0)
    return;
  ShapeRow contiguous = rows[across], inner = rows[last], outer = inner;
  inner.extent = run;
  outer.extent /= run;
  outer.strideA *= run;
  outer.strideB *= run;
  outer.strideC *= run;
  std::copy(rows + across + 1, rows + last, rows + across);
  uint64_t next = last - 1;
  if (outer.extent > 1) {
    std::copy_backward(rows + last + 1, rows + all, rows + all + 1);
    rows[next++] = outer;
    ++words[static_cast<uint64_t>(group)];
  }
  rows[next++] = contiguous;
  rows[next] = inner;
}

void Binding::bindShapeWords(const Step &step, uint64_t *words) {
  constexpr uint64_t rangeWords[4] = {9, 5, 7, 0}; // of batch, m, n; k has none
  uint64_t groupExtents[4] = {1, 1, 1, 1};
  uint64_t *row = words + kShapeHeaderWords;
  std::fill(words, row, 0);
  for (const LoopDim &loopDim : program.image.loopDims(step)) {
    auto group = static_cast<uint64_t>(loopDim.group);
    auto extent = static_cast<uint64_t>(loopDim.extent);
    if (extent == 1)
      continue;
    groupExtents[group] *= extent;
    const int32_t dims[3] = {loopDim.dimA, loopDim.dimB, loopDim.dimC};
    row[0] = extent;
    for (uint64_t operand = 0; operand < 3; ++operand)
      row[1 + operand] =
          dims[operand] < 0 ? 0 : dimStride(operandView(step, operand), dims[operand]);
    // Kernels like few, long dimensions; which are contiguous is known only with the strides.
    uint64_t *outer = row - kShapeRowWords;
    if (words[group] > 0 && outer[1] == row[1] * extent && outer[2] == row[2] * extent &&
        outer[3] == row[3] * extent) {
      row[0] *= outer[0];
      std::copy(row, row + kShapeRowWords, outer);
      continue;
    }
    ++words[group];
    row += kShapeRowWords;
  }
  cutIntoRuns(words, Group::N, &ShapeRow::strideC, &ShapeRow::strideB);
  auto extentOf = [&](Group group) { return static_cast<int64_t>(groupExtents[static_cast<uint64_t>(group)]); };
  if (cutsSteps(extentOf(Group::M), extentOf(Group::N), extentOf(Group::K)))
    cutIntoRuns(words, Group::K, &ShapeRow::strideB, &ShapeRow::strideA);
  words[4] = static_cast<uint64_t>(step.accumulate);
  for (uint64_t block = 0; block < 3; ++block)
    words[11 + block] = static_cast<uint64_t>(step.blocks[block]);
  for (uint64_t group = 0; group < 3; ++group)
    words[rangeWords[group] + 1] = groupExtents[group];
}

void Binding::bindContraction(const Step &step, const PreparedStep &prepared) {
  using Layout = ContractionLayout;
  auto setRank1 = [](uint64_t *descriptor, uint64_t extent) {
    descriptor[kDescriptorSizes] = extent;
    descriptor[kDescriptorSizes + 1] = 1;
  };
  uint64_t *words = &master.words[prepared.firstWord];
  for (uint64_t operand = 0; operand < Layout::kOperands; ++operand)
    setRank1(words + operand * Layout::kRank1, INT64_MAX / 16);
  auto workspaceBytes =
      static_cast<uint64_t>(program.image.dims(operandView(step, Layout::kOperands))[0].extent);
  uint64_t parts = prepared.op == Op::SplitCall ? static_cast<uint64_t>(prepared.ways) : 1;
  for (uint64_t number = 0; number < parts; ++number) {
    uint64_t *part = words + Layout::part(step, number);
    uint64_t *shape = part + Layout::kShapeWords;
    setRank1(part + Layout::kShapeDescriptor,
             kShapeHeaderWords + kShapeRowWords * Layout::shapeRows(step));
    part[Layout::kShapeDescriptor + kDescriptorPointer] = reinterpret_cast<uint64_t>(shape);
    setRank1(part + Layout::kWorkspaceDescriptor,
             workspaceBytes / static_cast<uint64_t>(step.ways));
    bindShapeWords(step, shape);
  }
}

void Binding::bindCopy(const Step &step, const PreparedStep &prepared) {
  CopyDim *dims = planDims.data() + prepared.firstDim;
  const View &from = operandView(step, 0), &to = operandView(step, step.numOperands - 1);
  bool copies = step.kind == StepKind::Copy;
  for (int32_t dim = 0; dim < to.rank; ++dim) {
    int64_t extent = program.image.dims(to)[static_cast<size_t>(dim)].extent;
    auto bytes = [&](const View &view) {
      const ViewDim &record = program.image.dims(view)[static_cast<size_t>(dim)];
      return static_cast<int64_t>(strideOf(view, record.factor, record.sourceDims)) *
             findElementType(view.dtype)->bytes;
    };
    dims[dim] = {extent, copies ? bytes(from) : 0, bytes(to)};
  }
  plans[prepared.plan] = planCopy(dims, to.rank, findElementType(to.dtype)->bytes);
}

void Binding::bind(const Array<int64_t> &newStrides) {
  std::copy(newStrides.begin(), newStrides.end(), strides.begin());
  bound = true;
  const ScheduleImage &image = program.image;
  for (uint64_t i = 0; i < slotOffsets.size(); ++i)
    slotOffsets[i] = startOffset(image.views()[program.slots[i].view]);
  for (uint64_t i = 0; i < patches.size(); ++i) {
    const LoopPatch &patch = program.patches[i];
    const View &view = image.views()[patch.view];
    const OffsetTerm &term = image.terms(view)[patch.term];
    patches[i] = {patch.word, termBytes(view, term)};
  }
  uint64_t depth = 0; // of loops
  for (uint64_t number = 0; number < program.steps.size(); ++number) {
    const Step &step = image.steps()[number];
    const PreparedStep &prepared = program.steps[number];
    depth += step.kind == StepKind::LoopBegin || step.kind == StepKind::ParallelBegin;
    depth -= step.kind == StepKind::LoopEnd;
    FetchedOperand *operands = &fetched[number * kFetchedPerStep];
    std::fill_n(operands, kFetchedPerStep, FetchedOperand{});
    if (depth == 0 && step.kind == StepKind::CallContraction && prepared.op == Op::Call)
      chooseFetched(step, prepared, operands);
    if (prepared.op == Op::Copy || prepared.op == Op::Fill)
      bindCopy(step, prepared);
    else if (prepared.op == Op::Call && step.kind == StepKind::CallViews)
      bindCall(step, prepared);
    else if (prepared.op == Op::Call || prepared.op == Op::SplitCall)
      bindContraction(step, prepared);
  }
  chooseAhead();
}
