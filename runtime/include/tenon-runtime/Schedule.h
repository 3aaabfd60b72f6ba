//===- Schedule.h - The table that a compiled network is ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A compiled network is a *schedule* and *kernels*. The schedule is a flat, position-independent,
// little-endian table: a header, then arrays of fixed-size records that refer to each other by
// number. The compiler writes it, tenon::runtime executes it; nothing in it needs LLVM, and it may
// be mapped read-only from a file or from the data section of an object.
//
// Words used here
//   view   a strided array inside an input, an output, the arena or a constant. Its offset is
//          affine in the loop counters. Extents are static. Strides of views into inputs and
//          outputs are multiples of the strides that the caller passes, so one schedule serves any
//          layout.
//   arena  the workspace: one block of bytes whose layout the compiler fixed.
//   step   one entry of the program: run a kernel, copy, fill, or begin / end a loop.
//   kernel a function `void kernel(void *const *args)`, each argument pointing to an MLIR strided
//          memref descriptor. Two conventions:
//
//   In every descriptor the aligned pointer points at element (0, …, 0), the offset is 0 and the
//   allocated pointer is null. Kernels must not write to descriptors or to shape words other than
//   [14] and [15].
//
//   KernelConvention::Views     args[i] is the ranked memref descriptor of view i.
//   KernelConvention::Contraction   C[b,m,n] (+)= sum_k A[b,m,k] * B[b,k,n], where b, m, n, k are
//          each a group of any number of dimensions. One compiled kernel serves every rank and
//          extent:
//            args[0..2]  rank-1 descriptors of A, B, C (stride 1; extent is INT64_MAX / 16 because
//                        offsets may be negative)
//            args[3]     rank-1 descriptor of int64 words: the *shape words*, below
//            args[4]     rank-1 descriptor of bytes: the packing workspace, 64-byte aligned
//          C overlaps neither A nor B nor the workspace; only in a contraction without k may it be
//          A or B exactly, with the same address and strides. Shape words: [0] nb [1] nm [2] nn [3]
//          nk, the numbers of dimensions in each group;
//            [4] accumulate: 0 overwrites C, 1 adds to it;
//            [5] m begin [6] m end [7] n begin [8] n end: the part of the flattened m and n spaces
//            that this call computes (row-major, the last dimension of a group fastest);
//            [9] batch begin [10] batch end, in the flattened b space;
//            [11] mc [12] nc [13] kc: at most so many points of m, n and k make a cache block; kc =
//            0: k is not split; [14] an address [15] a number of lines of 64 bytes from there on
//            that are read after this call: a kernel may ask the caches for some of them while it
//            computes, from the first one on, and then moves [14] behind these and subtracts their
//            number from [15]; [16 …] one row of four words per dimension, groups in the order b,
//            m, n, k, outermost dimension first: extent, stride in A, stride in B, stride in C
//            (elements; 0 where the operand lacks the dimension).
//          An empty sum (some k extent 0) leaves C's old content when accumulating and stores the
//          semiring's zero otherwise. A call whose C has no element is left out.
//
// Memory of parallel loops. A view may move with the counter of a parallel loop, in the arena as
// well: iterations that run at once must not write to common memory. A network whose slices share a
// small arena among threads runs them in a parallel loop over a few lanes, each with a part of the
// arena of its own, and a sequential loop over the slices of a lane inside.
//
// Limits that a loader checks: rank 64, loop depth 64, 256 terms in a view, 2^60 bytes in a view,
// 1024 ways, 2^60 iterations of a loop, 2^31 points in a cache block.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"

#include <cstdint>

namespace tenon::runtime {

inline constexpr char kScheduleMagic[8] = {'T', 'E', 'N', 'O', 'N', 'S', 'C', 'H'};
inline constexpr uint32_t kScheduleVersion = 4;
/// Dimensions of an argument or a view; the other limits are the loader's own.
inline constexpr int32_t kMaxRank = 64;

/// Number of fixed shape words before the dimension rows of a contraction call.
inline constexpr int kShapeHeaderWords = 16;
inline constexpr int kShapeRowWords = 4;
/// Numbers of the words that say what is read after a contraction call.
inline constexpr int kSoonAddressWord = 14, kSoonLinesWord = 15;

/// An array of records inside the table: byte offset from its start, a multiple of 8, and a count.
struct Section {
  uint64_t offset;
  uint64_t count;
};

struct ScheduleHeader {
  char magic[8];
  uint32_t version;
  uint32_t numKernels;    ///< kernels are passed beside the table, in this number
  uint64_t totalBytes;    ///< of the whole table
  uint64_t checksum;      ///< scheduleChecksum() of the whole table, see Checksum.h
  int64_t workspaceBytes; ///< arena size, all threads' parts included
  int64_t totalSlices;    ///< how often the counting LoopEnds are reached; 0: there are none
  Section arguments;      ///< Argument, inputs first
  uint64_t numInputs;
  Section views;     ///< View
  Section dims;      ///< ViewDim
  Section terms;     ///< OffsetTerm
  Section steps;     ///< Step
  Section operands;  ///< int32_t: view numbers
  Section loopDims;  ///< LoopDim
  Section extents;   ///< int64_t: extents of the arguments
  Section constants; ///< Constant
  Section blob;      ///< bytes: contents of the constants, 64-byte aligned
};

struct Argument {
  int32_t dtype; ///< tenon_dtype
  int32_t rank;
  uint64_t firstExtent; ///< into `extents`
};

struct Constant {
  uint64_t blobOffset; ///< from the start of the blob section, a multiple of 64
  uint64_t bytes;
};

enum class Base : int32_t { Input = 0, Output = 1, Arena = 2, Constant = 3 };

/// Address of element 0: for Input and Output, the argument's data pointer; for Arena and Constant,
/// the block's first byte plus `byteOffset`, a multiple of the element's alignment. To that come
/// the terms, in elements. A view into an argument stays inside the argument's extent along each of
/// its dimensions. It may read the parts of the argument's elements (f32 of c64): strides of the
/// argument then come with a factor that is a multiple of the number of parts, and a term or
/// dimension without a source dimension selects the part.
struct View {
  Base base;
  int32_t baseIndex; ///< number of the input, output or constant; 0 for the arena
  int32_t dtype;     ///< tenon_dtype
  int32_t rank;
  int64_t byteOffset; ///< Arena and Constant only; 0 otherwise
  uint64_t firstDim;
  uint64_t firstTerm;
  uint64_t numTerms;
};

/// A set of dimensions of an argument: bit d is dimension d.
using DimSet = uint64_t;
/// The set of one dimension; of none for -1.
constexpr DimSet onlyDim(int32_t dim) { return dim < 0 ? 0 : DimSet(1) << dim; }
static_assert(kMaxRank <= 64);

/// stride = factor * (sourceDims is empty ? 1 : the sum of the argument's strides[d] over its
/// members d), in elements. Several members are a diagonal: all of them advance together.
struct ViewDim {
  int64_t extent;
  int64_t factor;
  DimSet sourceDims;
};

/// Adds factor * (loop >= 0 ? counter of that loop : 1) * (sourceDim >= 0 ? strides[sourceDim] : 1)
/// to a view's offset, in elements of the view's dtype. The loop encloses every use of the view.
struct OffsetTerm {
  int64_t factor;
  int32_t loop;
  int32_t sourceDim;
};

enum class StepKind : int32_t {
  CallViews = 0,       ///< kernel with KernelConvention::Views over `operands`
  CallContraction = 1, ///< operands: A, B, C, packing workspace (a rank-1 byte view of the arena)
  Copy = 2,            ///< operands: from, to; same dtype and extents
  Fill = 3,            ///< operands: to; `fill` holds the element's bytes
  LoopBegin = 4,       ///< sequential loop, counter number `loop`, from 0 to `extent`
  ParallelBegin = 5,   ///< the same; iterations may run at once on several threads
  LoopEnd = 6          ///< closes the innermost open loop
};

enum class Group : int32_t { Batch = 0, M = 1, N = 2, K = 3 };

/// One loop dimension of a contraction: which dimension of each operand's view it walks (-1: none).
/// Rows are sorted by group (Batch, M, N, K), outermost first. C is walked by all of them but K, B
/// not by M, A not by N. Each dimension of a view is walked by one row, those of extent 1 by at
/// most one.
struct LoopDim {
  Group group;
  int32_t dimA, dimB, dimC;
  int64_t extent;
};

struct Step {
  StepKind kind;
  int32_t kernel; ///< CallViews, CallContraction
  uint64_t firstOperand;
  uint64_t numOperands;
  int32_t loop;          ///< LoopBegin, ParallelBegin: number of the counter
  int32_t accumulate;    ///< CallContraction: 0 overwrite, 1 add to C
  int64_t extent;        ///< LoopBegin, ParallelBegin: number of iterations, 0 allowed
  uint64_t matchingEnd;  ///< LoopBegin, ParallelBegin: step number of the LoopEnd
  uint64_t firstLoopDim; ///< CallContraction
  uint64_t numLoopDims;
  int64_t blocks[3]; ///< CallContraction: mc, nc, kc of the shape words
  /// CallContraction outside parallel loops: at most this many threads share the call, split along
  /// `splitGroup` in multiples of `splitGrain`; each gets a part of its own of the workspace view,
  /// of size / ways bytes, which is a multiple of 64. 1: not split. Inside parallel loops, and on
  /// one thread, the call is whole and gets the first part. The workspace starts at a multiple
  /// of 64.
  int32_t ways;
  Group splitGroup; ///< Batch, M or N
  int64_t splitGrain;
  int32_t countsSlice; ///< LoopEnd: 1 when one iteration is one slice, for progress
  /// LoopBegin: 0, or this loop and the next nestDepth - 1, which follow it directly and end
  /// directly before it, are a nest that the iterations of the parallel loop directly around it
  /// share: iteration p executes those of the nest's iterations, counted in row-major order, whose
  /// number is in [p * share, (p + 1) * share).
  int32_t nestDepth;
  int64_t share;
  uint8_t fill[16]; ///< Fill
};

} // namespace tenon::runtime
