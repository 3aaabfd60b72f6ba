//===- DirectContraction.cpp - Contractions that packing does not pay for -===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Matrix-vector and outer products, dot products, elementwise and tiny contractions: operands are
// read once or nearly so, from where they lie. One of the groups b, m, n becomes the *vector
// group*: the one in which C's unit stride runs longest. Its innermost dimension is walked in
// vectors where A and B have stride 1 or 0 along it; else sums over a unit stride of k are made
// with vectors along k; else element by element.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

#include <algorithm>

using namespace mlir;

namespace tenon::cpu {
namespace {

using Group = ContractionShape::Group;

/// Vectors whose sums are independent, to hide the latency of a multiply-add.
constexpr int64_t kUnroll = 4;
/// Steps of k per block when vectors run along C: few enough rows for the hardware's prefetchers.
constexpr int64_t kFewSteps = 64;

/// A dimension along which vectors may run.
struct InnerDim {
  Value extent, strideA, strideB, strideC; ///< strides in reals
};

class DirectEmitter {
public:
  explicit DirectEmitter(const KernelContext &context)
      : e(context.e), context(context), spec(context.spec), arithmetic(context.arithmetic),
        shape(context.shape) {}

  void emit();

private:
  /// One output group as a loop sees it: which rows of the shape, which range.
  struct Loop {
    Value firstRow, numRows, begin, size;
    OffsetTable table;
  };
  InnerDim innermost(Value firstRow, Value numRows);
  void chooseLoops();
  void chooseVectors();
  void emitStepBlock(Value start, Value count);
  void emitPoint(Value a, Value b, Value c, Value run, Value count);
  Value emitChunks(Value from, Value run, int64_t unroll, bool vectorA, bool vectorB, Value a,
                   Value b, Value c, Value count);
  void emitElements(Value from, Value run, Value a, Value b, Value c, Value count);
  Values dot(Value a, Value b, Value count);
  void update(ValueRange sums, Value position);
  void forBlocks(const Loop &loop, Value largest, llvm::function_ref<void(Value, Value)> body);

  Values loadA(Value position, int64_t lanes) {
    return arithmetic.load(context.a, position, lanes, arithmetic.layoutA, spec.conjA);
  }
  Values loadB(Value position, int64_t lanes) {
    return arithmetic.load(context.b, position, lanes, arithmetic.layoutB, spec.conjB);
  }

  KernelEmitter &e;
  const KernelContext &context;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const ShapeWords &shape;
  const OffsetTables *tables = nullptr;

  Loop vector, outer[2];
  InnerDim alongC, alongK;
  OffsetTable steps;
  Value runsA, runsB; ///< i1: stride 1 along the vector dimension (else 0, when vectors are used)
  Value useVectors, useDots; ///< i1
  Value overwrite;
  Value firstStep; ///< first step of the block of k
  Value kc;
};

InnerDim DirectEmitter::innermost(Value firstRow, Value numRows) {
  Values words = e.ifValues(
      e.lt(e.idx(0), numRows),
      [&] {
        Value word = e.add(e.mul(e.sub(e.add(firstRow, numRows), 1), kShapeRow), kShapeHeader);
        Values values{e.loadIndex(shape.memory, word)};
        int64_t parts[] = {arithmetic.layoutA.parts, arithmetic.layoutB.parts,
                           arithmetic.layoutC.parts};
        for (int64_t column = 0; column < 3; ++column)
          values.push_back(
              e.mul(e.loadIndex(shape.memory, e.add(word, 1 + column)), parts[column]));
        return values;
      },
      [&] {
        return Values{e.idx(1), e.idx(0), e.idx(0), e.idx(0)};
      });
  return {words[0], words[1], words[2], words[3]};
}

/// The vector group first, then the other two.
void DirectEmitter::chooseLoops() {
  const Group order[] = {Group::N, Group::Batch, Group::M};
  auto group = [&](Group g) {
    return Values{shape.firstRow[g], shape.numRows[g], shape.begin[g],
                  e.sub(shape.end[g], shape.begin[g])};
  };
  Values chosen[3] = {group(order[0]), group(order[1]), group(order[2])};
  auto unitRun = [&](ValueRange words) {
    InnerDim dim = innermost(words[0], words[1]);
    return e.select(e.eq(dim.strideC, e.idx(arithmetic.layoutC.parts)), dim.extent, e.idx(0));
  };
  for (int other = 1; other < 3; ++other) {
    Value better = e.lt(unitRun(chosen[0]), unitRun(chosen[other]));
    for (size_t word = 0; word < chosen[0].size(); ++word) {
      Value first = chosen[0][word], second = chosen[other][word];
      chosen[0][word] = e.select(better, second, first);
      chosen[other][word] = e.select(better, first, second);
    }
  }
  auto loop = [&](ValueRange words) { return Loop{words[0], words[1], words[2], words[3], {}}; };
  vector = loop(chosen[0]);
  outer[0] = loop(chosen[1]);
  outer[1] = loop(chosen[2]);
}

void DirectEmitter::chooseVectors() {
  alongC = innermost(vector.firstRow, vector.numRows);
  alongK = innermost(shape.firstRow[Group::K], shape.numRows[Group::K]);
  Value zero = e.idx(0);
  Value unitA = e.idx(arithmetic.layoutA.parts), unitB = e.idx(arithmetic.layoutB.parts);
  runsA = e.eq(alongC.strideA, unitA);
  runsB = e.eq(alongC.strideB, unitB);
  Value fitA = e.either(runsA, e.eq(alongC.strideA, zero));
  Value fitB = e.either(runsB, e.eq(alongC.strideB, zero));
  Value unitC = e.eq(alongC.strideC, e.idx(arithmetic.layoutC.parts));
  Value longEnough = e.le(e.idx(spec.lanes), alongC.extent);
  useVectors =
      e.both(e.both(e.both(fitA, fitB), e.either(runsA, runsB)), e.both(unitC, longEnough));
  Value unitK = e.both(e.eq(alongK.strideA, unitA), e.eq(alongK.strideB, unitB));
  useDots = e.both(e.both(unitK, e.le(e.idx(spec.lanes), alongK.extent)), e.negate(useVectors));
  Value fewSteps = e.both(useVectors, shape.maySplitK);
  kc = e.select(fewSteps, e.min(shape.kc, e.idx(kFewSteps)), shape.kc);
  kc = e.min(kc, e.max(shape.kTotal, e.idx(1)));
}

/// C at `position` becomes, or gains, consecutive sums.
void DirectEmitter::update(ValueRange sums, Value position) {
  int64_t lanes = cast<VectorType>(sums[0].getType()).getDimSize(0);
  e.ifElse(
      overwrite, [&] { arithmetic.storeC(sums, context.c, position); },
      [&] {
        Values old = arithmetic.loadC(context.c, position, lanes);
        arithmetic.storeC(arithmetic.sum(old, sums), context.c, position);
      });
}

/// Whole chunks of `unroll` vectors from point `from` of the run on; returns the next point.
Value DirectEmitter::emitChunks(Value from, Value run, int64_t unroll, bool vectorA, bool vectorB,
                                Value a, Value b, Value c, Value count) {
  const int64_t lanes = spec.lanes, parts = arithmetic.parts;
  Value chunks = e.div(e.sub(run, from), e.idx(unroll * lanes));
  Value end = e.add(from, e.mul(chunks, unroll * lanes));
  e.loop(from, end, unroll * lanes, [&](Value i) {
    Value startA = e.add(a, e.mul(i, alongC.strideA)), startB = e.add(b, e.mul(i, alongC.strideB));
    Values sums;
    for (int64_t u = 0; u < unroll; ++u)
      sums.append(arithmetic.zero(lanes));
    sums = e.loopCarry(e.idx(0), count, 1, sums, [&](Value k, ValueRange carry) {
      Value atA = e.add(startA, steps.load(e, OffsetTable::A, k));
      Value atB = e.add(startB, steps.load(e, OffsetTable::B, k));
      Values sameA, sameB, next;
      if (!vectorA)
        sameA = arithmetic.broadcast(loadA(atA, 1), lanes);
      if (!vectorB)
        sameB = arithmetic.broadcast(loadB(atB, 1), lanes);
      for (int64_t u = 0; u < unroll; ++u) {
        Values x = vectorA ? loadA(e.add(atA, u * lanes * arithmetic.layoutA.parts), lanes) : sameA;
        Values y = vectorB ? loadB(e.add(atB, u * lanes * arithmetic.layoutB.parts), lanes) : sameB;
        next.append(arithmetic.multiplyAdd(carry.slice(u * parts, parts), x, y));
      }
      return next;
    });
    for (int64_t u = 0; u < unroll; ++u)
      update(ValueRange(sums).slice(u * parts, parts),
             e.add(c, e.mul(e.add(i, u * lanes), alongC.strideC)));
  });
  return end;
}

/// Sums of the products of `count` steps, vectors along k. One vector of one lane per part.
Values DirectEmitter::dot(Value a, Value b, Value count) {
  const int64_t lanes = spec.lanes, parts = arithmetic.parts;
  Values zero = arithmetic.zero(lanes), wide;
  for (int64_t u = 0; u < kUnroll; ++u)
    wide.append(zero);
  Values single = arithmetic.zero(1);
  Values carried(wide);
  carried.append(single);
  carried.push_back(e.idx(0));
  auto stretch = [&](ValueRange sums, Value from, Value to, Value startA, Value startB,
                     int64_t width, int64_t unroll) {
    return e.loopCarry(from, to, width * unroll, sums, [&](Value k, ValueRange carry) {
      Values next;
      for (int64_t u = 0; u < unroll; ++u) {
        Value step = e.add(k, u * width);
        Values x = loadA(e.add(startA, e.mul(step, arithmetic.layoutA.parts)), width);
        Values y = loadB(e.add(startB, e.mul(step, arithmetic.layoutB.parts)), width);
        next.append(arithmetic.multiplyAdd(carry.slice(u * parts, parts), x, y));
      }
      return next;
    });
  };
  // The block of steps falls into runs of the innermost k dimension.
  Values sums = e.whileLoop(
      carried, [&](ValueRange state) { return e.lt(state.back(), count); },
      [&](ValueRange state) {
        Value done = state.back();
        Value within = e.rem(e.add(firstStep, done), alongK.extent);
        Value run = e.min(e.sub(alongK.extent, within), e.sub(count, done));
        Value startA = e.add(a, steps.load(e, OffsetTable::A, done));
        Value startB = e.add(b, steps.load(e, OffsetTable::B, done));
        Value unrolled = e.mul(e.div(run, e.idx(kUnroll * lanes)), kUnroll * lanes);
        Value vectors = e.mul(e.div(run, e.idx(lanes)), lanes);
        Values next = stretch(state.take_front(kUnroll * parts), e.idx(0), unrolled, startA, startB,
                              lanes, kUnroll);
        Values first = stretch(ValueRange(next).take_front(parts), unrolled, vectors, startA,
                               startB, lanes, 1);
        std::copy(first.begin(), first.end(), next.begin());
        next.append(
            stretch(state.slice(kUnroll * parts, parts), vectors, run, startA, startB, 1, 1));
        next.push_back(e.add(done, run));
        return next;
      });
  ValueRange all(sums);
  Values total =
      arithmetic.sum(arithmetic.sum(all.slice(0, parts), all.slice(parts, parts)),
                     arithmetic.sum(all.slice(2 * parts, parts), all.slice(3 * parts, parts)));
  return arithmetic.sum(arithmetic.reduceLanes(total), all.slice(kUnroll * parts, parts));
}

/// Points [from, run) of a run, one by one.
void DirectEmitter::emitElements(Value from, Value run, Value a, Value b, Value c, Value count) {
  e.loop(from, run, 1, [&](Value i) {
    Value startA = e.add(a, e.mul(i, alongC.strideA)), startB = e.add(b, e.mul(i, alongC.strideB));
    Values sums = e.ifValues(
        useDots, [&] { return dot(startA, startB, count); },
        [&] {
          return e.loopCarry(e.idx(0), count, 1, arithmetic.zero(1),
                             [&](Value k, ValueRange carry) {
                               Values x = loadA(e.add(startA, steps.load(e, OffsetTable::A, k)), 1);
                               Values y = loadB(e.add(startB, steps.load(e, OffsetTable::B, k)), 1);
                               return arithmetic.multiplyAdd(carry, x, y);
                             });
        });
    update(sums, e.add(c, e.mul(i, alongC.strideC)));
  });
}

/// One run of the vector dimension: `run` points from offsets a, b, c on.
void DirectEmitter::emitPoint(Value a, Value b, Value c, Value run, Value count) {
  auto chunks = [&](bool vectorA, bool vectorB) {
    Value next = emitChunks(e.idx(0), run, kUnroll, vectorA, vectorB, a, b, c, count);
    return Values{emitChunks(next, run, 1, vectorA, vectorB, a, b, c, count)};
  };
  Value done = e.ifValues(
      useVectors,
      [&] {
        return e.ifValues(
            e.both(runsA, runsB), [&] { return chunks(true, true); },
            [&] {
              return e.ifValues(
                  runsA, [&] { return chunks(true, false); }, [&] { return chunks(false, true); });
            });
      },
      [&] { return Values{e.idx(0)}; })[0];
  emitElements(done, run, a, b, c, count);
}

void DirectEmitter::forBlocks(const Loop &loop, Value largest,
                              llvm::function_ref<void(Value, Value)> body) {
  e.loop(e.idx(0), loop.size, largest, [&](Value first) {
    Value start = e.add(loop.begin, first);
    Value count = e.min(largest, e.sub(loop.size, first));
    tables->fill(loop.table, loop.firstRow, loop.numRows, start, count, count);
    body(start, count);
  });
}

/// All outputs for `count` steps of k.
void DirectEmitter::emitStepBlock(Value start, Value count) {
  tables->fill(steps, Group::K, start, count, count);
  firstStep = start;
  overwrite = e.both(e.eq(start, e.idx(0)), e.negate(shape.accumulate));
  forBlocks(outer[0], shape.mc, [&](Value, Value count0) {
    forBlocks(outer[1], shape.mc, [&](Value, Value count1) {
      forBlocks(vector, shape.nc, [&](Value firstPoint, Value points) {
        auto base = [&](OffsetTable::Column column, Value i, Value j) {
          return e.add(outer[0].table.load(e, column, i), outer[1].table.load(e, column, j));
        };
        e.loop(e.idx(0), count0, 1, [&](Value i) {
          e.loop(e.idx(0), count1, 1, [&](Value j) {
            Value a = base(OffsetTable::A, i, j), b = base(OffsetTable::B, i, j);
            Value c = base(OffsetTable::C, i, j);
            // The block of points falls into runs of the vector dimension.
            e.whileLoop(
                e.idx(0), [&](ValueRange state) { return e.lt(state[0], points); },
                [&](ValueRange state) {
                  Value done = state[0];
                  Value within = e.rem(e.add(firstPoint, done), alongC.extent);
                  Value run = e.min(e.sub(alongC.extent, within), e.sub(points, done));
                  emitPoint(e.add(a, vector.table.load(e, OffsetTable::A, done)),
                            e.add(b, vector.table.load(e, OffsetTable::B, done)),
                            e.add(c, vector.table.load(e, OffsetTable::C, done)), run, count);
                  return Values{e.add(done, run)};
                });
          });
        });
      });
    });
  });
}

void DirectEmitter::emit() {
  chooseLoops();
  chooseVectors();
  auto block = [&](const Loop &loop, Value largest) {
    return e.max(e.min(loop.size, largest), e.idx(1));
  };
  WorkspaceCursor cursor(e, context.workspace);
  Value counters = cursor.take(shape.rank, e.b.getIndexType(), 8);
  steps = cursor.takeTable(kc);
  outer[0].table = cursor.takeTable(block(outer[0], shape.mc));
  outer[1].table = cursor.takeTable(block(outer[1], shape.mc));
  vector.table = cursor.takeTable(block(vector, shape.nc));
  OffsetTables offsetTables(e, context.module, arithmetic, shape, counters);
  tables = &offsetTables;
  Value nothing = e.both(e.eq(shape.kTotal, e.idx(0)), shape.accumulate);
  e.ifThen(e.negate(nothing), [&] {
    // An empty sum still stores the semiring's zero: one block of no steps.
    e.loop(e.idx(0), e.max(shape.kTotal, e.idx(1)), kc,
           [&](Value start) { emitStepBlock(start, e.min(kc, e.sub(shape.kTotal, start))); });
  });
}

} // namespace

void emitDirectContraction(const KernelContext &context) { DirectEmitter(context).emit(); }

} // namespace tenon::cpu
