//===- DirectParts.h - Loop structures of the direct strategy -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// DirectContraction chooses the dimension that vectors run along and walks the dimensions that need
// no more than a loop. What is left is a problem of three dimensions, points x rows x steps, for
// one of several loop structures: tiles, vectors along the points; dots, vectors along k; sums, one
// point at a time.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "KernelParts.h"

namespace tenon::cpu {

/// A part of the steps of k: positions [firstEntry, endEntry) of the outer dimensions, and at each
/// of them `count` steps of the innermost one, from `first` on.
struct DirectSteps {
  OffsetTable table;      ///< offsets of the outer positions
  Value columnA, columnB; ///< where A's and B's column start in it
  Value firstEntry, endEntry;
  Value first, count;
  Value strideA, strideB; ///< of the innermost dimension, in reals
};

/// C[row, point] (+)= the sum over steps of A[row, point, step] * B[row, point, step], with A and B
/// exchanged where vectors run along m. Positions are those of row 0 and point 0, in reals.
struct DirectProblem {
  Value memoryA, memoryB;
  GroupDim points, rows;
  DirectSteps steps;
  Value a, b, c;
  Value numPoints, numRows;
  Value kTotal;
  Value overwrite; ///< i1: C's old content does not count

  // Found out once for all problems of a call (i1).
  Value unitB, unitC; ///< elements lie side by side along the points
  Value unitA;        ///< the same of A
  Value sharedA;      ///< A is the same at all points
  Value sharedB;      ///< B is the same in all rows
  /// Groups of mr points, counted from the start of a run, are never cut where threads share the
  /// contraction: what is computed for a group as a whole may differ from the points by themselves.
  Value wholeGroups;
};

/// Loads and stores by lanes, and the loop over k, for a problem.
class DirectAccess {
public:
  DirectAccess(const KernelContext &context, const DirectProblem &problem)
      : e(context.e), context(context), arithmetic(context.arithmetic), problem(problem) {}

  Values loadA(Value position, const Lanes &lanes) const {
    return arithmetic.load(problem.memoryA, position, lanes, arithmetic.layoutA,
                           context.spec.conjA);
  }
  Values loadB(Value position, const Lanes &lanes) const {
    return arithmetic.load(problem.memoryB, position, lanes, arithmetic.layoutB,
                           context.spec.conjB);
  }
  /// Asks for what of B lies `ahead` reals behind each line of `vectors` vectors of `lanes`
  /// elements: prefetchers stop at pages, and are late where vectors do not begin at lines.
  void prefetchB(Value position, int64_t vectors, int64_t lanes, Value ahead) const;
  /// C becomes, or gains, sums: rows of vectors, given row by row. All of C that is read is read
  /// before anything is written.
  void update(ValueRange sums, int64_t rows, Value position, Value rowStride,
              const Lanes &lanes) const;
  /// The sums after all steps; `body(sums, atA, atB)` adds one step's products, `atA` and `atB` lie
  /// behind `a` and `b` by the step's offsets.
  Values overSteps(Value a, Value b, ValueRange sums,
                   llvm::function_ref<Values(ValueRange, Value, Value)> body) const;

private:
  KernelEmitter &e;
  const KernelContext &context;
  const KernelArithmetic &arithmetic;
  const DirectProblem &problem;
};

// Vectors along the points, where B and C lie side by side and A is the same at all of them; and
// for every other problem, with all three side by side or with elements gathered.
void emitSharedTiles(const KernelContext &context, const DirectProblem &problem);
void emitGeneralTiles(const KernelContext &context, const DirectProblem &problem);
/// Vectors along the innermost dimension of k, in which A and B must have unit stride.
void emitDots(const KernelContext &context, const DirectProblem &problem);
/// One point at a time, with any strides.
void emitSums(const KernelContext &context, const DirectProblem &problem);

} // namespace tenon::cpu
