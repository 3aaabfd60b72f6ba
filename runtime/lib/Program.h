//===- Program.h - A schedule, prepared for execution -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What a kernel gets is an array of pointers to memref descriptors. A *frame* is one block of
// 64-bit words that holds the descriptors and shape words of all steps; the program says where in
// it what lies. Between calls almost nothing in a frame changes: a call patches base pointers, an
// iteration of a loop moves the pointers that depend on its counter.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Array.h"
#include "ScheduleImage.h"

namespace tenon::runtime {

using KernelFunction = void (*)(void *const *args);

/// Words of a memref descriptor: allocated pointer, aligned pointer, offset, sizes, strides.
inline constexpr uint64_t kDescriptorPointer = 1;
inline constexpr uint64_t kDescriptorSizes = 3;
inline constexpr uint64_t descriptorWords(uint64_t rank) { return kDescriptorSizes + 2 * rank; }

enum class Op : uint8_t {
  Skip, ///< never executed, or writes to nothing
  Call,
  SplitCall, ///< a contraction that several threads may share
  Copy,
  Fill,
  Loop,
  ParallelLoop,
  LoopEnd,
  SharedNest,   ///< beginning of the outermost loop of a nest that parallel iterations share
  SharedNestEnd ///< end of its innermost loop
};

struct PreparedStep {
  Op op;
  bool countsSlice; ///< LoopEnd
  KernelFunction kernel;
  uint64_t firstWord; ///< of this step in a frame; the words of a loop's body are consecutive
  uint64_t firstArg;  ///< of this step in the frame's argument pointers
  uint64_t firstSlot; ///< the step's operands, in order
  uint64_t partner;   ///< loops: step of the LoopEnd, and from there of the beginning
  uint64_t loop;      ///< loops: consecutive number, distinct for each pair
  int64_t extent;     ///< loops: iterations; SplitCall: size of the space that is split
  int64_t grain;      ///< SplitCall; SharedNest: iterations of one share
  int32_t ways;       ///< SplitCall; SharedNest: number of loops
  uint64_t nest;      ///< SharedNest: number of the parallel loop; SharedNestEnd: step of the nest
  uint64_t plan;      ///< Copy, Fill: number of its plan
  uint64_t firstDim;  ///< Copy, Fill: its dimensions among those of all plans
};

/// Where a contraction keeps its words, relative to its first word. The descriptors of A, B and C
/// come first, then for each part: descriptors of the shape words and of the workspace, and the
/// shape words.
struct ContractionLayout {
  static constexpr uint64_t kOperands = 3;
  static constexpr uint64_t kRank1 = descriptorWords(1);
  static constexpr uint64_t kArgsPerPart = 5;
  /// Most rows of the shape words: cutting a dimension of n and one of k in two can add two.
  static uint64_t shapeRows(const Step &step) { return step.numLoopDims + 2; }
  static uint64_t partWords(const Step &step) {
    return 2 * kRank1 + kShapeHeaderWords + kShapeRowWords * shapeRows(step);
  }
  static uint64_t part(const Step &step, uint64_t number) {
    return kOperands * kRank1 + number * partWords(step);
  }
  static constexpr uint64_t kShapeDescriptor = 0, kWorkspaceDescriptor = kRank1,
                            kShapeWords = 2 * kRank1; ///< within a part
};

/// One pointer in a frame: what it is based on is patched at each call.
struct Slot {
  uint64_t word;
  uint64_t base; ///< number of the argument, or arenaBase(), or blobBase()
  uint64_t view;
};

/// A pointer that moves with a loop counter.
struct LoopPatch {
  uint64_t word;
  uint64_t view;
  uint64_t term;
};

class Program {
public:
  /// Prepares an image that checkSchedule() accepted, whose bytes must outlive the program. None of
  /// the kernels that the header states may be null. TENON_OUT_OF_MEMORY with a text, or TENON_OK.
  tenon_status prepare(ScheduleImage scheduleImage, void *const *kernels, ErrorText &error);

  uint64_t arenaBase() const { return image.arguments().size(); }
  uint64_t blobBase() const { return arenaBase() + 1; }
  uint64_t numBases() const { return arenaBase() + 2; }

  ScheduleImage image;
  Array<PreparedStep> steps; ///< one for each step of the schedule
  Array<uint64_t> argWords;  ///< word that each argument pointer points to
  Array<Slot> slots;
  Array<LoopPatch> patches;    ///< sorted by loop
  Array<uint64_t> firstPatch;  ///< by loop, with one more at the end
  Array<uint64_t> firstStride; ///< of each argument, among the strides of all
  uint64_t numWords = 0;
  uint64_t numLoops = 0;
  uint64_t numPlans = 0;
  uint64_t numPlanDims = 0;
  uint64_t numStrides = 0;
  bool hasParallelLoops = false;
  bool usesThreads = false; ///< some step may run on more than one thread
};

} // namespace tenon::runtime
