//===- InterleavedContraction.cpp - Small products, lane by lane ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Where neighbouring products of a batch lie side by side, a vector holds the same element of as
// many products as it has lanes, and each lane multiplies its own matrices. The operands of such a
// group are copied into the workspace first: their elements are a whole batch apart, and fall into
// few sets of the caches. Each line of memory is then touched once.
//
// The last group of a run is moved back until it is full: its products are computed twice, to the
// same bits. Where the result is added to, or may be an operand's memory, or a run is shorter than
// a vector, the lanes that are there are moved one by one; so are all where strides are others than
// expected. Register tiles at the edge of the matrices are moved likewise.
//
// Source: Kim, Costa, Deveci, Bradley, Hammond, Guney, Knepper, Story, Rajamanickam, "Designing
// vector-friendly compact BLAS and LAPACK kernels", SC 2017.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

using namespace mlir;

namespace tenon::cpu {
namespace {

using Group = ContractionShape::Group;

/// Groups of products between a prefetch and its use.
constexpr int64_t kGroupsAhead = 2;

class InterleavedEmitter {
public:
  explicit InterleavedEmitter(const KernelContext &context)
      : e(context.e), context(context), spec(context.spec), arithmetic(context.arithmetic),
        shape(context.shape), parts(arithmetic.parts), width(spec.lanes * parts),
        columns(spec.nr / spec.lanes) {}

  void emit();

private:
  /// An operand's elements of one group of products.
  struct Matrix {
    Value memory;
    const ElementLayout &layout;
    OffsetTable::Column column;
    bool conjugate;
    Value stride; ///< from product to product, in reals
    Value isUnit; ///< i1: products lie side by side
  };
  Matrix matrix(Value memory, const ElementLayout &layout, OffsetTable::Column column,
                bool conjugate, Value stride) {
    return {memory, layout, column, conjugate, stride, e.eq(stride, e.idx(layout.parts))};
  }
  void allocate();
  void emitRun(const Matrix &a, const Matrix &b, const Matrix &c, Value entry, Value low,
               Value high);
  void emitGroup(const Matrix &c, Value offset, Value count);
  void prefetch(const Matrix &matrix, Value at, KernelEmitter::Access access);
  void copyIn(const Matrix &from, const OffsetTable &rows, Value numRows, const OffsetTable &steps,
              Value numSteps, Value offset, Value count, Value target);
  void emitTile(int64_t rows, int64_t cols, const Matrix &c, Value row, Value column, Value offset,
                Value count);
  Values multiply(int64_t rows, int64_t cols, Value row, Value column);
  void storeLanes(int64_t rows, int64_t cols, ValueRange sums, const Matrix &c, Value row,
                  Value column, Value offset, Value count);
  Value placeInC(Value row, Value column) {
    return e.add(tableM.load(e, OffsetTable::C, row), tableN.load(e, OffsetTable::C, column));
  }

  KernelEmitter &e;
  const KernelContext &context;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const ShapeWords &shape;
  const int64_t parts, width; ///< reals of an element, of a vector of elements
  const int64_t columns;      ///< of a tile

  Value m, n, k, begin, end, counters;
  OffsetTable tableM, tableN, tableK, runs;
  Value copyOfA, copyOfB, copyOfC;
  Value mayRepeat; ///< i1: what is computed twice stays the same
  Value isOverwritten;
};

void InterleavedEmitter::allocate() {
  WorkspaceCursor cursor(e, context.workspace);
  counters = cursor.take(shape.rank, e.b.getIndexType(), 8);
  tableM = cursor.takeTable(m);
  tableN = cursor.takeTable(n);
  tableK = cursor.takeTable(k);
  runs = cursor.takeTable(e.min(e.sub(end, begin), shape.mc));
  const int64_t bytes = arithmetic.bytes * width;
  copyOfA = cursor.take(e.mul(m, k), arithmetic.compute, bytes);
  copyOfB = cursor.take(e.mul(k, n), arithmetic.compute, bytes);
  copyOfC = cursor.take(e.idx(spec.mr * columns), arithmetic.compute, bytes);
}

/// Asks for what a later group has where this one has the vector at `at`: no hardware prefetcher
/// follows as many rows as matrices have elements.
void InterleavedEmitter::prefetch(const Matrix &matrix, Value at, KernelEmitter::Access access) {
  const int64_t bytes = matrix.layout.real.getIntOrFloatBitWidth() / 8;
  const int64_t length = spec.lanes * matrix.layout.parts;
  for (int64_t line = 0; line < length * bytes; line += kLineBytes)
    e.prefetch(matrix.memory, e.add(at, kGroupsAhead * length + line / bytes), access);
}

/// All of an operand that `count` products have: vectors of the real parts, then of the imaginary
/// ones, row by row.
void InterleavedEmitter::copyIn(const Matrix &from, const OffsetTable &rows, Value numRows,
                                const OffsetTable &steps, Value numSteps, Value offset, Value count,
                                Value target) {
  Value asVectors = e.both(from.isUnit, e.eq(count, e.idx(spec.lanes)));
  auto forElements = [&](llvm::function_ref<void(Value, Value)> body) {
    e.loop(e.idx(0), numRows, 1, [&](Value i) {
      Value row = e.add(offset, rows.load(e, from.column, i)), to = e.mul(i, numSteps);
      e.loop(e.idx(0), numSteps, 1, [&](Value j) {
        body(e.add(row, steps.load(e, from.column, j)), e.mul(e.add(to, j), width));
      });
    });
  };
  auto move = [&](Value at, Value to, int64_t lanes) {
    Values value = arithmetic.load(from.memory, at, lanes, from.layout, from.conjugate);
    for (auto [part, numbers] : llvm::enumerate(value))
      e.store(numbers, target, e.add(to, static_cast<int64_t>(part) * spec.lanes));
  };
  e.ifElse(
      asVectors,
      [&] {
        forElements([&](Value at, Value to) {
          prefetch(from, at, KernelEmitter::Access::Read);
          move(at, to, spec.lanes);
        });
      },
      [&] {
        forElements([&](Value at, Value to) {
          e.loop(e.idx(0), count, 1, [&](Value lane) {
            move(e.add(at, e.mul(lane, from.stride)), e.add(to, lane), 1);
          });
        });
      });
}

/// The sums of a tile, row by row, all lanes.
Values InterleavedEmitter::multiply(int64_t rows, int64_t cols, Value row, Value column) {
  llvm::SmallVector<Value> rowsA;
  Value lengthA = e.mul(k, width), lengthB = e.mul(n, width);
  for (int64_t r = 0; r < rows; ++r)
    rowsA.push_back(e.from(copyOfA, e.mul(e.add(row, r), lengthA)));
  Value beginB = e.from(copyOfB, e.mul(column, width));
  Values state;
  for (int64_t i = 0; i < rows * cols; ++i)
    state.append(arithmetic.zero(spec.lanes));
  state.append({e.idx(0), e.idx(0)});
  auto load = [&](Value memory, Value at) {
    Values value;
    for (int64_t part = 0; part < parts; ++part)
      value.push_back(e.load(memory, e.add(at, part * spec.lanes), spec.lanes));
    return value;
  };
  state = e.loopCarry(e.idx(0), k, 1, state, [&](Value, ValueRange carry) {
    Value atA = carry[carry.size() - 2], atB = carry.back();
    llvm::SmallVector<Values> b;
    for (int64_t c = 0; c < cols; ++c)
      b.push_back(load(beginB, e.add(atB, c * width)));
    Values next;
    for (int64_t r = 0; r < rows; ++r) {
      Values a = load(rowsA[static_cast<size_t>(r)], atA);
      for (int64_t c = 0; c < cols; ++c)
        next.append(arithmetic.multiplyAdd(carry.slice(next.size(), static_cast<size_t>(parts)), a,
                                           b[static_cast<size_t>(c)]));
    }
    next.push_back(e.add(atA, width));
    next.push_back(e.add(atB, lengthB));
    return next;
  });
  state.truncate(state.size() - 2);
  return state;
}

/// The first `count` lanes of a tile, one by one.
void InterleavedEmitter::storeLanes(int64_t rows, int64_t cols, ValueRange sums, const Matrix &c,
                                    Value row, Value column, Value offset, Value count) {
  for (auto [i, numbers] : llvm::enumerate(sums))
    e.store(numbers, copyOfC, e.idx(static_cast<int64_t>(i) * spec.lanes));
  e.loop(e.idx(0), e.idx(rows), 1, [&](Value r) {
    e.loop(e.idx(0), e.idx(cols), 1, [&](Value j) {
      Value from = e.mul(e.add(e.mul(r, cols), j), width);
      Value at = e.add(offset, placeInC(e.add(row, r), e.add(column, j)));
      e.loop(e.idx(0), count, 1, [&](Value lane) {
        Values sum;
        for (int64_t part = 0; part < parts; ++part)
          sum.push_back(e.load(copyOfC, e.add(e.add(from, lane), part * spec.lanes), 1));
        Value to = e.add(at, e.mul(lane, c.stride));
        Values value = e.ifValues(
            isOverwritten, [&] { return sum; },
            [&] { return arithmetic.sum(arithmetic.loadC(context.c, to, 1), sum); });
        arithmetic.storeC(value, context.c, to);
      });
    });
  });
}

void InterleavedEmitter::emitTile(int64_t rows, int64_t cols, const Matrix &c, Value row,
                                  Value column, Value offset, Value count) {
  Values sums = multiply(rows, cols, row, column);
  auto forEach = [&](llvm::function_ref<void(ValueRange, Value)> body) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < cols; ++j)
        body(ValueRange(sums).slice(static_cast<size_t>((r * cols + j) * parts),
                                    static_cast<size_t>(parts)),
             e.add(offset, placeInC(e.add(row, r), e.add(column, j))));
  };
  auto storeVectors = [&] {
    forEach([&](ValueRange, Value at) { prefetch(c, at, KernelEmitter::Access::Write); });
    e.ifElse(
        isOverwritten,
        [&] { forEach([&](ValueRange sum, Value at) { arithmetic.storeC(sum, context.c, at); }); },
        [&] {
          forEach([&](ValueRange sum, Value at) {
            Values old = arithmetic.loadC(context.c, at, spec.lanes);
            arithmetic.storeC(arithmetic.sum(old, sum), context.c, at);
          });
        });
  };
  e.ifElse(e.both(c.isUnit, e.eq(count, e.idx(spec.lanes))), storeVectors,
           [&] { storeLanes(rows, cols, sums, c, row, column, offset, count); });
}

/// All tiles of the products in the workspace.
void InterleavedEmitter::emitGroup(const Matrix &c, Value offset, Value count) {
  TileCover cover(e, mayRepeat, m, spec.mr, n, columns);
  e.loop(e.idx(0), cover.rowTiles, 1, [&](Value tileRow) {
    Value row = e.min(e.mul(tileRow, spec.mr), e.sub(m, spec.mr));
    e.loop(e.idx(0), cover.columnTiles, 1, [&](Value tileColumn) {
      Value column = e.min(e.mul(tileColumn, columns), e.sub(n, columns));
      emitTile(spec.mr, columns, c, row, column, offset, count);
    });
  });
  e.ifThen(e.negate(cover.isWhole), [&] {
    cover.forRest([&](Value row, Value column) { emitTile(1, 1, c, row, column, offset, count); });
  });
}

/// Products [low, high) of a run of the innermost dimension.
void InterleavedEmitter::emitRun(const Matrix &a, const Matrix &b, const Matrix &c, Value entry,
                                 Value low, Value high) {
  Value lanes = e.idx(spec.lanes);
  Value startA = runs.load(e, OffsetTable::A, entry), startB = runs.load(e, OffsetTable::B, entry);
  Value startC = runs.load(e, OffsetTable::C, entry);
  Value isLong = e.le(lanes, e.sub(high, low));
  Value mayMove = e.both(mayRepeat, isLong);
  e.loop(low, high, spec.lanes, [&](Value next) {
    Value first = e.select(mayMove, e.min(next, e.sub(high, lanes)), next);
    Value count = e.min(lanes, e.sub(high, first));
    auto offset = [&](const Matrix &matrix, Value start) {
      return e.add(start, e.mul(first, matrix.stride));
    };
    // What all products share is copied once for a run.
    auto isNew = [&](const Matrix &matrix) {
      return e.negate(e.both(e.eq(matrix.stride, e.idx(0)), e.lt(low, next)));
    };
    // Of it all lanes are there.
    auto lanesOf = [&](const Matrix &matrix) {
      return e.select(e.eq(matrix.stride, e.idx(0)), lanes, count);
    };
    e.ifThen(isNew(a),
             [&] { copyIn(a, tableM, m, tableK, k, offset(a, startA), lanesOf(a), copyOfA); });
    e.ifThen(isNew(b),
             [&] { copyIn(b, tableK, k, tableN, n, offset(b, startB), lanesOf(b), copyOfB); });
    emitGroup(c, offset(c, startC), count);
  });
}

void InterleavedEmitter::emit() {
  auto size = [&](Group group) { return e.sub(shape.end[group], shape.begin[group]); };
  begin = shape.begin[Group::Batch];
  end = shape.end[Group::Batch];
  m = size(Group::M);
  n = size(Group::N);
  k = shape.kTotal;
  isOverwritten = e.negate(shape.accumulate);
  mayRepeat = e.both(isOverwritten, e.lt(e.idx(1), k));
  Value nothing = e.both(e.eq(k, e.idx(0)), shape.accumulate);
  for (Value count : {e.sub(end, begin), m, n})
    nothing = e.either(nothing, e.le(count, e.idx(0)));
  e.ifThen(e.negate(nothing), [&] {
    allocate();
    OffsetTables tables(e, context.module, arithmetic, shape, counters);
    tables.fill(tableM, Group::M, shape.begin[Group::M], m, m);
    tables.fill(tableN, Group::N, shape.begin[Group::N], n, n);
    tables.fill(tableK, Group::K, e.idx(0), k, k);
    GroupDim inner =
        shape.innermost(e, arithmetic, shape.firstRow[Group::Batch], shape.numRows[Group::Batch]);
    Matrix a = matrix(context.a, arithmetic.layoutA, OffsetTable::A, spec.conjA, inner.strideA);
    Matrix b = matrix(context.b, arithmetic.layoutB, OffsetTable::B, spec.conjB, inner.strideB);
    Matrix c = matrix(context.c, arithmetic.layoutC, OffsetTable::C, false, inner.strideC);
    Value outerRows = e.max(e.sub(shape.numRows[Group::Batch], 1), e.idx(0));
    Value firstRun = e.div(begin, inner.extent), lastRun = e.ceilDiv(end, inner.extent);
    e.loop(firstRun, lastRun, shape.mc, [&](Value first) {
      Value count = e.min(shape.mc, e.sub(lastRun, first));
      tables.fill(runs, shape.firstRow[Group::Batch], outerRows, first, count, count);
      e.loop(e.idx(0), count, 1, [&](Value entry) {
        Value start = e.mul(e.add(first, entry), inner.extent);
        Value low = e.max(e.sub(begin, start), e.idx(0));
        Value high = e.min(e.sub(end, start), inner.extent);
        emitRun(a, b, c, entry, low, high);
      });
    });
  });
}

} // namespace

void emitInterleavedContraction(const KernelContext &context) {
  InterleavedEmitter(context).emit();
}

} // namespace tenon::cpu
