//===- ScheduleBuilder.h - Writes schedule tables -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The compiler's side of Schedule.h: collects arguments, constants, views and steps, and lays them
// out as one table. What it gets must be a legal schedule; the runtime's loader says where it is
// not. Equal runs of dimensions, terms, operands and loop dimensions, and equal views, are stored
// once.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-runtime/Schedule.h"

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace tenon::runtime {

/// A view to be: see View. Fields left alone describe a scalar at the start of the arena.
struct ViewSpec {
  Base base = Base::Arena;
  int32_t baseIndex = 0;
  tenon_dtype dtype = TENON_F32;
  int64_t byteOffset = 0; ///< Arena and Constant only
  std::vector<ViewDim> dims;
  std::vector<OffsetTerm> terms;
};

/// A contraction call: see Step and LoopDim. Views by number.
struct ContractionSpec {
  int32_t kernel = 0;
  int32_t a = 0, b = 0, c = 0;
  int32_t workspace = 0; ///< a rank-1 i8 view of the arena, see ScheduleBuilder::workspaceView
  bool accumulate = false;
  std::vector<LoopDim> loopDims; ///< sorted by group, outermost first
  int64_t blocks[3] = {1, 1, 0}; ///< mc, nc, kc: see the shape words
  int32_t ways = 1;
  Group splitGroup = Group::M;
  int64_t splitGrain = 1;
};

class ScheduleBuilder {
public:
  /// Return the number of the input, output or constant. Inputs and outputs may be added in any
  /// order. The constant's bytes are copied.
  int32_t addInput(tenon_dtype dtype, std::span<const int64_t> extents);
  int32_t addOutput(tenon_dtype dtype, std::span<const int64_t> extents);
  int32_t addConstant(const void *data, uint64_t bytes);
  /// Returns the number that steps name the kernel by: its position among those passed at load.
  int32_t addKernel() { return static_cast<int32_t>(numKernels++); }

  /// Returns the number of the view; equal views have one number. Constant time.
  int32_t addView(const ViewSpec &spec);
  /// The whole of an input or output.
  ViewSpec inputView(int32_t input) const;
  ViewSpec outputView(int32_t output) const;
  /// A contiguous row-major array in the arena or in a constant.
  static ViewSpec arenaView(tenon_dtype dtype, std::span<const int64_t> extents,
                            int64_t byteOffset);
  static ViewSpec constantView(int32_t constant, tenon_dtype dtype,
                               std::span<const int64_t> extents, int64_t byteOffset = 0);
  /// `bytes` bytes of the arena, for packing; `byteOffset` is a multiple of 64.
  static ViewSpec workspaceView(int64_t bytes, int64_t byteOffset);

  void callViews(int32_t kernel, std::span<const int32_t> views);
  void callContraction(const ContractionSpec &spec);
  void copy(int32_t from, int32_t to);
  /// `element`: the bytes of one element of the view.
  void fill(int32_t to, const void *element);
  /// Opens a loop and returns the number of its counter, for OffsetTerm::loop.
  int32_t beginLoop(int64_t extent) { return begin(StepKind::LoopBegin, extent); }
  int32_t beginParallelLoop(int64_t extent) { return begin(StepKind::ParallelBegin, extent); }
  /// Opens a nest of loops, directly inside a parallel loop whose iterations share those of the
  /// nest: the first `share` (in row-major order) go to the first iteration, and so on. Returns the
  /// number of the first counter; the others follow. Each loop of the nest is closed by endLoop.
  int32_t beginSharedNest(std::span<const int64_t> extents, int64_t share);
  /// Closes the innermost loop. `countsSlice`: each of its iterations is one slice, for progress.
  void endLoop(bool countsSlice = false);

  /// Size of the arena; a multiple of 64 lets callers place several in a row.
  void setWorkspaceBytes(int64_t bytes) { workspaceBytes = bytes; }

  /// The table. All loops must be closed. Linear time.
  std::vector<char> finish() const;

private:
  struct ArgumentSpec {
    tenon_dtype dtype;
    std::vector<int64_t> extents;
  };
  struct OpenLoop {
    uint64_t step;
    int64_t trips; ///< how often its body runs
  };
  /// An array of records in which equal runs are found again.
  template <typename Record> struct Pool {
    std::vector<Record> records;
    std::unordered_map<std::string, uint64_t> firstOfRun;
    uint64_t add(std::span<const Record> run);
  };

  static ViewSpec argumentView(Base base, int32_t index, const ArgumentSpec &argument);
  int32_t begin(StepKind kind, int64_t extent);
  Step &addStep(StepKind kind, std::span<const int32_t> views);
  int64_t openTrips() const { return openLoops.empty() ? 1 : openLoops.back().trips; }

  std::vector<ArgumentSpec> inputs, outputs;
  std::vector<Constant> constants;
  std::vector<char> blob;
  Pool<View> views;
  Pool<ViewDim> dims;
  Pool<OffsetTerm> terms;
  Pool<int32_t> operands;
  Pool<LoopDim> loopDims;
  std::vector<Step> steps;
  std::vector<OpenLoop> openLoops;
  int32_t numLoops = 0;
  uint32_t numKernels = 0;
  int64_t workspaceBytes = 0;
  int64_t totalSlices = 0;
};

} // namespace tenon::runtime
