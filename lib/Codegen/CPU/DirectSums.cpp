//===- DirectSums.cpp - Sums of what no vectors of two operands cover -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Sums along k for one point at a time: sums over rows of a matrix, traces, dot products of vectors
// whose elements are apart. Where an operand lies side by side along k and the other is the same in
// all steps, in vectors; else element by element. A sum that waits for the one before takes the
// latency of an addition for each element: several are independent, and added up at the end.
//
//===----------------------------------------------------------------------===//
#include "DirectParts.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Independent sums of vectors, and of single elements. Each of these is loaded by an instruction
/// of its own: a trace reads 104 GB/s from the third cache with four and 85 with eight, which seem
/// to be too far apart for a prefetcher that follows instructions. A complex product is two
/// multiply-adds that wait for each other, and takes twice as many sums.
constexpr int64_t kVectors = 4, kElements = 4;
/// Memory answers within the time that so many bytes of a row take.
constexpr int64_t kBytesAhead = 8192;

class SumEmitter {
public:
  SumEmitter(const KernelContext &context, const DirectProblem &problem)
      : e(context.e), spec(context.spec), arithmetic(context.arithmetic), problem(problem),
        access(context, problem), masks(usesMasks(context)) {}

  void emit();

private:
  using AddRun = llvm::function_ref<Values(ValueRange sums, Value a, Value b)>;
  void forPoints(ValueRange zeros, AddRun addRun);
  Values addVectors(ValueRange sums, Value a, Value b);
  Values addElements(ValueRange sums, Value a, Value b);
  /// `count` neutral sums of so many lanes.
  Values zeros(int64_t count, int64_t lanes) const;
  Values sumUp(ValueRange sums) const;
  size_t parts() const { return static_cast<size_t>(arithmetic.parts); }
  int64_t elements() const { return kElements * arithmetic.parts; }

  KernelEmitter &e;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const DirectProblem &problem;
  DirectAccess access;
  const bool masks;
};

Values SumEmitter::zeros(int64_t count, int64_t lanes) const {
  Values result;
  for (int64_t i = 0; i < count; ++i)
    result.append(arithmetic.zero(lanes));
  return result;
}

/// One run of the innermost dimension of k, side by side in B and the same element of A. Without
/// masks, the last sum has one lane.
Values SumEmitter::addVectors(ValueRange sums, Value a, Value b) {
  const int64_t lanes = spec.lanes;
  const auto wide = static_cast<size_t>(kVectors) * parts();
  Value steps = problem.steps.count;
  Values one = access.loadA(a, {1}), same = arithmetic.broadcast(one, lanes);
  auto at = [&](Value step) { return e.add(b, e.mul(step, arithmetic.layoutB.parts)); };
  auto multiplesOf = [&](int64_t unit) { return e.mul(e.div(steps, e.idx(unit)), unit); };

  Value whole = multiplesOf(kVectors * lanes);
  Value ahead = e.idx(8 * kBytesAhead / arithmetic.layoutB.real.getIntOrFloatBitWidth());
  Values next = e.loopCarry(
      e.idx(0), whole, kVectors * lanes, sums.take_front(wide), [&](Value step, ValueRange carry) {
        access.prefetchB(at(step), kVectors, lanes, ahead);
        Values added;
        for (int64_t v = 0; v < kVectors; ++v)
          added.append(
              arithmetic.multiplyAdd(carry.slice(static_cast<size_t>(v) * parts(), parts()), same,
                                     access.loadB(at(e.add(step, v * lanes)), {lanes})));
        return added;
      });
  Values first(ValueRange(next).take_front(parts()));
  Value vectors = multiplesOf(lanes);
  first = e.loopCarry(whole, vectors, lanes, first, [&](Value step, ValueRange carry) {
    return arithmetic.multiplyAdd(carry, same, access.loadB(at(step), {lanes}));
  });
  Values last(sums.drop_front(wide));
  if (masks) {
    first = e.ifValues(
        e.lt(vectors, steps),
        [&] {
          Value count = e.sub(steps, vectors), mask = e.mask(count, lanes);
          Values factor;
          for (Value part : same) {
            auto type = cast<VectorType>(part.getType());
            Value nothing = e.zero(type);
            factor.push_back(e.select(mask, part, nothing));
          }
          return arithmetic.multiplyAdd(first, arithmetic.zeroOutside(factor, count),
                                        access.loadB(at(vectors), {lanes, count}));
        },
        [&] { return first; });
  } else {
    last = e.loopCarry(vectors, steps, 1, last, [&](Value step, ValueRange carry) {
      return arithmetic.multiplyAdd(carry, one, access.loadB(at(step), {1}));
    });
  }
  std::copy(first.begin(), first.end(), next.begin());
  next.append(last);
  return next;
}

/// One run of the innermost dimension of k with any strides. Each sum has a base of its own in B,
/// so that all of them share a position; mostly A is one element, which is read again.
Values SumEmitter::addElements(ValueRange sums, Value a, Value b) {
  const DirectSteps &steps = problem.steps;
  Value whole = e.mul(e.div(steps.count, e.idx(elements())), elements());
  auto walk = [&](Value from, Value to, int64_t together, ValueRange state) {
    llvm::SmallVector<Value> basesB;
    for (int64_t i = 0; i < together; ++i)
      basesB.push_back(e.from(problem.memoryB, e.add(b, e.mul(steps.strideB, i))));
    Value next = e.mul(steps.strideB, together);
    return e.loopCarry(from, to, together, state, [&](Value, ValueRange carry) {
      Value atA = carry[carry.size() - 2], atB = carry.back();
      Values added;
      for (auto [i, base] : llvm::enumerate(basesB)) {
        added.append(
            arithmetic.multiplyAdd(carry.slice(i * parts(), parts()), access.loadA(atA, {1}),
                                   arithmetic.load(base, atB, 1, arithmetic.layoutB, spec.conjB)));
        atA = e.add(atA, steps.strideA);
      }
      ValueRange others = carry.drop_front(added.size()).drop_back(2);
      added.append(others.begin(), others.end());
      added.append({atA, e.add(atB, next)});
      return added;
    });
  };
  Values state(sums);
  state.append({a, e.idx(0)});
  state = walk(e.idx(0), whole, elements(), state);
  state = walk(whole, steps.count, 1, state);
  state.pop_back_n(2);
  return state;
}

/// All sums in one lane.
Values SumEmitter::sumUp(ValueRange sums) const {
  Values total;
  Type type;
  for (size_t i = 0; i < sums.size(); i += parts()) {
    ValueRange next = sums.slice(i, parts());
    // Vectors come first.
    if (type && next[0].getType() != type)
      total = arithmetic.reduceLanes(total);
    type = next[0].getType();
    total = total.empty() ? Values(next) : arithmetic.sum(total, next);
  }
  return arithmetic.reduceLanes(total);
}

void SumEmitter::forPoints(ValueRange zeros, AddRun addRun) {
  const DirectSteps &steps = problem.steps;
  const GroupDim &rows = problem.rows, &points = problem.points;
  e.loop(e.idx(0), problem.numRows, 1, [&](Value row) {
    e.loop(e.idx(0), problem.numPoints, 1, [&](Value point) {
      auto start = [&](Value base, Value rowStride, Value pointStride) {
        return e.add(base, e.add(e.mul(row, rowStride), e.mul(point, pointStride)));
      };
      Value a = start(problem.a, rows.strideA, points.strideA);
      Value b = start(problem.b, rows.strideB, points.strideB);
      Values sums = e.loopCarry(
          steps.firstEntry, steps.endEntry, 1, zeros, [&](Value entry, ValueRange carry) {
            auto runStart = [&](Value base, Value column) {
              return e.add(base, e.loadIndex(steps.table.memory, e.add(column, entry)));
            };
            return addRun(carry, runStart(a, steps.columnA), runStart(b, steps.columnB));
          });
      access.update(sumUp(sums), 1, start(problem.c, rows.strideC, points.strideC), e.idx(0), {1});
    });
  });
}

void SumEmitter::emit() {
  Value inVectors = e.both(e.eq(problem.steps.strideA, e.idx(0)),
                           e.eq(problem.steps.strideB, e.idx(arithmetic.layoutB.parts)));
  e.ifElse(
      inVectors,
      [&] {
        Values sums = zeros(kVectors, spec.lanes);
        if (!masks)
          sums.append(zeros(1, 1));
        forPoints(sums,
                  [&](ValueRange carry, Value a, Value b) { return addVectors(carry, a, b); });
      },
      [&] {
        forPoints(zeros(elements(), 1),
                  [&](ValueRange carry, Value a, Value b) { return addElements(carry, a, b); });
      });
}

} // namespace

void emitSums(const KernelContext &context, const DirectProblem &problem) {
  SumEmitter(context, problem).emit();
}

} // namespace tenon::cpu
