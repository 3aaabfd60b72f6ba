//===- DirectDots.cpp - Contractions with vectors along the sum -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Dot products, and matrix-vector products whose matrix lies side by side along k: some points at
// a time share the vectors of A, their sums are independent. Lanes are added up at the end, halves
// to halves, which is the same order on every target.
//
//===----------------------------------------------------------------------===//
#include "DirectParts.h"

#include "tenon/Support/SeededBug.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <algorithm>

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Vectors of one point whose sums are independent, where one point or several are summed at once.
constexpr int64_t kVectorsOfOne = 4, kVectorsOfSeveral = 2;
/// How far ahead the lines of several points are asked for: within their runs, where these are
/// long; across the next points, where they are not.
constexpr int64_t kBytesAhead = 2048, kBytesAheadAcross = 6144, kLongRunBytes = 4096;

class DotEmitter {
public:
  DotEmitter(const KernelContext &context, const DirectProblem &problem)
      : e(context.e), spec(context.spec), arithmetic(context.arithmetic), problem(problem),
        access(context, problem), masks(usesMasks(context)) {}

  void emit();

private:
  void emitPoints(int64_t count, int64_t vectors, Value row, Value point);
  Values addRun(ValueRange sums, int64_t count, int64_t vectors, Value a, Value b);
  Value ahead() const;
  Values addProducts(ValueRange sums, int64_t count, int64_t vectors, Value a, Value b, Value step,
                     const Lanes &lanes);

  KernelEmitter &e;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const DirectProblem &problem;
  DirectAccess access;
  const bool masks;
};

/// In reals of B.
Value DotEmitter::ahead() const {
  const int64_t bytes = arithmetic.layoutB.real.getIntOrFloatBitWidth() / 8;
  Value isLong =
      e.le(e.idx(kLongRunBytes / bytes), e.mul(problem.steps.count, arithmetic.layoutB.parts));
  return e.select(isLong, e.idx(kBytesAhead / bytes), e.idx(kBytesAheadAcross / bytes));
}

/// The products of `vectors` vectors of steps from `step` on, for `count` points.
Values DotEmitter::addProducts(ValueRange sums, int64_t count, int64_t vectors, Value a, Value b,
                               Value step, const Lanes &lanes) {
  const auto parts = static_cast<size_t>(arithmetic.parts);
  auto at = [&](Value base, int64_t vector, int64_t elementParts) {
    return e.add(base, e.mul(e.add(step, vector * lanes.width), elementParts));
  };
  llvm::SmallVector<Values> vectorsA;
  for (int64_t v = 0; v < vectors; ++v) {
    Values x = access.loadA(at(a, v, arithmetic.layoutA.parts), lanes);
    // A lane that is not there must add nothing.
    vectorsA.push_back(lanes.count ? arithmetic.zeroOutside(x, lanes.count) : x);
  }
  Values next;
  for (int64_t p = 0; p < count; ++p) {
    Value line = p == 0 ? b : e.add(b, e.mul(problem.points.strideB, p));
    if (count > 1 && vectors > 1)
      access.prefetchB(at(line, 0, arithmetic.layoutB.parts), vectors, lanes.width, ahead());
    for (int64_t v = 0; v < vectors; ++v) {
      Values y = access.loadB(at(line, v, arithmetic.layoutB.parts), lanes);
      auto sum = static_cast<size_t>(p * vectors + v) * parts;
      next.append(
          arithmetic.multiplyAdd(sums.slice(sum, parts), vectorsA[static_cast<size_t>(v)], y));
    }
  }
  return next;
}

/// One run of the innermost dimension of k. `sums`: `vectors` for each point; without masks, one of
/// a single lane for each point behind them.
Values DotEmitter::addRun(ValueRange sums, int64_t count, int64_t vectors, Value a, Value b) {
  const int64_t lanes = spec.lanes, parts = arithmetic.parts;
  const auto wide = static_cast<size_t>(count * vectors * parts);
  Value steps = problem.steps.count;
  Value whole = e.mul(e.div(steps, e.idx(vectors * lanes)), vectors * lanes);
  Values next = e.loopCarry(e.idx(0), whole, vectors * lanes, sums.take_front(wide),
                            [&](Value k, ValueRange carry) {
                              return addProducts(carry, count, vectors, a, b, k, {lanes});
                            });
  if (isSeeded(SeededBug::TailDropped))
    steps = whole;
  // What is left goes to the first vector of each point.
  Values first;
  for (int64_t p = 0; p < count; ++p)
    for (int64_t part = 0; part < parts; ++part)
      first.push_back(next[static_cast<size_t>(p * vectors * parts + part)]);
  if (masks)
    first = e.loopCarry(whole, steps, lanes, first, [&](Value k, ValueRange carry) {
      if (isSeeded(SeededBug::TailOverrun))
        return addProducts(carry, count, 1, a, b, k, {lanes});
      return addProducts(carry, count, 1, a, b, k, {lanes, e.min(e.sub(steps, k), e.idx(lanes))});
    });
  for (int64_t p = 0; p < count; ++p)
    for (int64_t part = 0; part < parts; ++part)
      next[static_cast<size_t>(p * vectors * parts + part)] =
          first[static_cast<size_t>(p * parts + part)];
  if (!masks)
    next.append(e.loopCarry(whole, steps, 1, sums.drop_front(wide), [&](Value k, ValueRange carry) {
      return addProducts(carry, count, 1, a, b, k, {1});
    }));
  return next;
}

/// The sums of `count` points from `point` on, in one row.
void DotEmitter::emitPoints(int64_t count, int64_t vectors, Value row, Value point) {
  const auto parts = static_cast<size_t>(arithmetic.parts);
  const DirectSteps &steps = problem.steps;
  auto start = [&](Value base, Value rowStride, Value pointStride) {
    return e.add(base, e.add(e.mul(row, rowStride), e.mul(point, pointStride)));
  };
  Value a = start(problem.a, problem.rows.strideA, problem.points.strideA);
  Value b = start(problem.b, problem.rows.strideB, problem.points.strideB);
  Values sums;
  for (int64_t i = 0; i < count * vectors; ++i)
    sums.append(arithmetic.zero(spec.lanes));
  if (!masks)
    for (int64_t p = 0; p < count; ++p)
      sums.append(arithmetic.zero(1));
  sums = e.loopCarry(steps.firstEntry, steps.endEntry, 1, sums, [&](Value entry, ValueRange carry) {
    auto runStart = [&](Value base, Value column) {
      return e.add(base, e.loadIndex(steps.table.memory, e.add(column, entry)));
    };
    return addRun(carry, count, vectors, runStart(a, steps.columnA), runStart(b, steps.columnB));
  });
  Values totals;
  for (int64_t p = 0; p < count; ++p) {
    ValueRange own = ValueRange(sums).slice(static_cast<size_t>(p * vectors) * parts,
                                            static_cast<size_t>(vectors) * parts);
    Values total(own.take_front(parts));
    for (int64_t v = 1; v < vectors; ++v)
      total = arithmetic.sum(total, own.slice(static_cast<size_t>(v) * parts, parts));
    total = arithmetic.reduceLanes(total);
    if (!masks)
      total = arithmetic.sum(
          total, ValueRange(sums).slice(static_cast<size_t>(count * vectors + p) * parts, parts));
    totals.append(total);
  }
  // Points are apart by any stride: each is a row of one lane.
  access.update(totals, count, start(problem.c, problem.rows.strideC, problem.points.strideC),
                problem.points.strideC, {1});
}

void DotEmitter::emit() {
  const int64_t several = spec.mr;
  e.loop(e.idx(0), problem.numRows, 1, [&](Value row) {
    Value together = e.idx(0);
    if (several > 1) {
      Value whole = e.mul(e.div(problem.numPoints, e.idx(several)), several);
      together = e.select(e.both(problem.sharedA, problem.wholeGroups), whole, e.idx(0));
      e.loop(e.idx(0), together, several,
             [&](Value point) { emitPoints(several, kVectorsOfSeveral, row, point); });
    }
    e.loop(together, problem.numPoints, 1,
           [&](Value point) { emitPoints(1, kVectorsOfOne, row, point); });
  });
}

} // namespace

void emitDots(const KernelContext &context, const DirectProblem &problem) {
  DotEmitter(context, problem).emit();
}

} // namespace tenon::cpu
