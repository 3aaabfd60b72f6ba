//===- BatchedContraction.cpp - Many small products -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The loop over the batch is in the kernel, and what is the same in all products is found out
// before it: tables of m, n and k, which operands can be read where they lie, how many tiles there
// are. An operand that cannot (of several dimensions, narrower than the sum, with rows that fall
// into one set of the first cache) is copied into the workspace, product by product, and so is the
// result.
//
// Register tiles at the edge of a product are moved inwards until they fit: what they share with
// their neighbours is computed twice, to the same bits, and no lane is masked. Where a result is
// added to, or may be an operand's memory, that would be wrong, and single elements cover the rest.
//
//===----------------------------------------------------------------------===//
#include "BatchedParts.h"

#include "RegisterTranspose.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <optional>

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Rows whose distance is a multiple of this fall into a set of the first cache or two. So many
/// rows are copied before they evict each other.
constexpr int64_t kCollidingBytes = 2048, kCollidingRows = 8;
/// Steps of k that a loop takes at once.
constexpr int64_t kStepsAtOnce = 4;
/// Products between a prefetch and its use.
constexpr int64_t kProductsAhead = 3;
/// Rows and columns that are transposed at once.
constexpr int64_t kTransposed = 4;

class BatchedEmitter {
public:
  explicit BatchedEmitter(const KernelContext &context)
      : e(context.e), context(context), spec(context.spec), arithmetic(context.arithmetic),
        shape(context.shape), parts(arithmetic.parts), copied(spec.accType) {
    copied.real = arithmetic.compute;
    copied.isBool = false;
  }

  void emit();

private:
  /// One side of a matrix.
  struct Side {
    OffsetTable table;
    OffsetTable::Column column;
    Value count;
  };
  /// Whether points are evenly apart, and how far (0 where there is one).
  struct Distance {
    Value stride, isEven;
  };
  Distance distanceOf(const OffsetTables &tables, const Side &side);
  Value isSideBySide(const Distance &distance, Value count, const ElementLayout &layout);
  Value collide(Value stride, Value count);
  Value always() { return e.flag(true); }
  void allocate(WorkspaceCursor &cursor);
  void placeMatrices(const OffsetTables &tables);
  BatchedMatrix placeOrCopy(const BatchedMatrix &inPlace, const ElementLayout &layout, Value copy,
                            Value copiedRow);
  void countTiles();
  void listTiles();
  void emitTiles(const BatchedProduct &of, int64_t unroll, Value startA, Value startB,
                 Value startC);
  void emitRest(Value startA, Value startB, Value startC);
  void emitInPlace(Value count);
  struct Starts {
    Value a, b, c;
  };
  Starts startsInPlace(Value entry);
  void emitRows(Value count);
  void emitTogether(Value count);
  void emitCopying(Value count);
  void copyIn(Value memory, const ElementLayout &layout, Value offset, Value later,
              const Side &rows, const Side &columns, Value areSideBySide, Value target);
  void transposeIn(Value offset);
  void copyB(Value offset, Value later);
  void copyOut(Value offset);
  void prefetchResult(Value later);
  Value offsetAt(const Side &side, Value point) { return side.table.load(e, side.column, point); }

  KernelEmitter &e;
  const KernelContext &context;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const ShapeWords &shape;
  const int64_t parts;
  ElementLayout copied; ///< of elements in the workspace

  Value products, m, n, k;
  Value counters;
  OffsetTable tableM, tableN, tableK, batch;
  OffsetTable tiles; ///< of a product: where they start
  Value copyOfA, copyOfB, copyOfC;
  Value firstA, firstB, firstC; ///< of the first element, from where a product starts
  Value stepsOfA, stepsOfB;     ///< i1: elements lie side by side along k
  Value columnsOfB, columnsOfC; ///< the same along n
  Value rowsCollide;            ///< i1: those of the result fall into few sets of the caches
  BatchedProduct product;       ///< each matrix in place or copied
  BatchedProduct allInPlace;
  Value numTiles;
  std::optional<TileCover> cover;
};

BatchedEmitter::Distance BatchedEmitter::distanceOf(const OffsetTables &tables, const Side &side) {
  Value stride = e.sub(offsetAt(side, e.idx(1)), offsetAt(side, e.idx(0)));
  stride = e.select(e.lt(e.idx(1), side.count), stride, e.idx(0));
  Value neighbours = e.max(e.sub(side.count, 1), e.idx(0));
  return {stride, tables.periodsAreContiguous(side.table, side.column, e.idx(0), neighbours,
                                              e.idx(1), stride)};
}

Value BatchedEmitter::isSideBySide(const Distance &distance, Value count,
                                   const ElementLayout &layout) {
  Value isUnit = e.either(e.eq(distance.stride, e.idx(layout.parts)), e.le(count, e.idx(1)));
  return e.both(distance.isEven, isUnit);
}

Value BatchedEmitter::collide(Value stride, Value count) {
  Value beyond = e.rem(stride, e.idx(kCollidingBytes / arithmetic.bytes));
  Value areApart = e.negate(e.eq(stride, e.idx(0)));
  return e.both(e.both(e.eq(beyond, e.idx(0)), areApart), e.le(e.idx(kCollidingRows), count));
}

void BatchedEmitter::allocate(WorkspaceCursor &cursor) {
  counters = cursor.take(shape.rank, e.b.getIndexType(), 8);
  tableM = cursor.takeTable(m);
  tableN = cursor.takeTable(n);
  tableK = cursor.takeTable(k);
  batch = cursor.takeTable(e.min(products, shape.mc));
  const int64_t bytes = arithmetic.bytes * parts;
  copyOfA = cursor.take(e.mul(m, k), arithmetic.compute, bytes);
  copyOfB = cursor.take(e.mul(k, n), arithmetic.compute, bytes);
  copyOfC = cursor.take(e.mul(m, n), arithmetic.compute, bytes);
}

/// A matrix where it lies, or its copy with rows of `copiedRow` elements.
BatchedMatrix BatchedEmitter::placeOrCopy(const BatchedMatrix &inPlace, const ElementLayout &layout,
                                          Value copy, Value copiedRow) {
  Value length = e.mul(copiedRow, parts), step = e.idx(parts);
  if (!isReadAsItLies(arithmetic, layout, /*conjugate=*/false))
    return {copy, {}, length, step};
  Value is = inPlace.isInPlace;
  return {e.select(is, inPlace.memory, copy), is, e.select(is, inPlace.rowStride, length),
          e.select(is, inPlace.stepStride, step)};
}

void BatchedEmitter::placeMatrices(const OffsetTables &tables) {
  using enum OffsetTable::Column;
  auto distance = [&](const OffsetTable &table, OffsetTable::Column column, Value count) {
    return distanceOf(tables, {table, column, count});
  };
  Distance rowsA = distance(tableM, A, m), stepsA = distance(tableK, A, k);
  Distance rowsB = distance(tableK, B, k), columnsB = distance(tableN, B, n);
  Distance rowsC = distance(tableM, C, m), columnsC = distance(tableN, C, n);
  stepsOfA = isSideBySide(stepsA, k, arithmetic.layoutA);
  stepsOfB = isSideBySide(rowsB, k, arithmetic.layoutB);
  columnsOfB = isSideBySide(columnsB, n, arithmetic.layoutB);
  columnsOfC = isSideBySide(columnsC, n, arithmetic.layoutC);
  Value inPlaceA = e.both(rowsA.isEven, stepsA.isEven);
  inPlaceA = e.both(inPlaceA, e.negate(collide(rowsA.stride, m)));
  Value inPlaceB = e.both(rowsB.isEven, columnsOfB);
  inPlaceB = e.both(inPlaceB, e.negate(collide(rowsB.stride, k)));
  rowsCollide = collide(rowsC.stride, m);
  Value inPlaceC = e.both(rowsC.isEven, columnsOfC);
  allInPlace.steps = product.steps = k;
  allInPlace.a = {context.a, inPlaceA, rowsA.stride, stepsA.stride};
  allInPlace.b = {context.b, inPlaceB, rowsB.stride, e.idx(parts)};
  allInPlace.c = {context.c, inPlaceC, rowsC.stride, e.idx(parts)};
  allInPlace.overwrite = e.negate(shape.accumulate);
  product.a = placeOrCopy(allInPlace.a, arithmetic.layoutA, copyOfA, k);
  product.b = placeOrCopy(allInPlace.b, arithmetic.layoutB, copyOfB, n);
  product.c = placeOrCopy(allInPlace.c, arithmetic.layoutC, copyOfC, n);
  auto firstOf = [&](const BatchedMatrix &matrix, const OffsetTable &rows,
                     const OffsetTable &columns, OffsetTable::Column column) {
    if (!matrix.isInPlace)
      return e.idx(0);
    Value first = e.add(rows.load(e, column, e.idx(0)), columns.load(e, column, e.idx(0)));
    return e.select(matrix.isInPlace, first, e.idx(0));
  };
  firstA = firstOf(product.a, tableM, tableK, A);
  firstB = firstOf(product.b, tableK, tableN, B);
  firstC = firstOf(product.c, tableM, tableN, C);
  // A copy of the result is overwritten, and added to the result later.
  product.overwrite =
      product.c.isInPlace ? e.either(allInPlace.overwrite, e.negate(inPlaceC)) : always();
}

/// Tiles that overlap read what others have written, or add to it, where that is not new memory.
void BatchedEmitter::countTiles() {
  Value mayOverlap = e.both(product.overwrite, e.lt(e.idx(1), k));
  cover.emplace(e, mayOverlap, m, spec.mr, n, spec.nr);
  numTiles = e.mul(cover->rowTiles, cover->columnTiles);
}

/// Where tiles start, from where a product does.
void BatchedEmitter::listTiles() {
  e.loop(e.idx(0), cover->rowTiles, 1, [&](Value tileRow) {
    Value row = e.min(e.mul(tileRow, spec.mr), e.sub(m, spec.mr));
    Value rowA = e.add(firstA, e.mul(row, product.a.rowStride));
    Value rowC = e.add(firstC, e.mul(row, product.c.rowStride));
    e.loop(e.idx(0), cover->columnTiles, 1, [&](Value tileColumn) {
      Value column = e.min(e.mul(tileColumn, spec.nr), e.sub(n, spec.nr));
      Value reals = e.mul(column, parts),
            tile = e.add(e.mul(tileRow, cover->columnTiles), tileColumn);
      auto note = [&](OffsetTable::Column operand, Value start) {
        e.storeIndex(start, tiles.memory, tiles.position(e, operand, tile));
      };
      note(OffsetTable::A, rowA);
      note(OffsetTable::B, e.add(firstB, reals));
      note(OffsetTable::C, e.add(rowC, reals));
    });
  });
}

/// A matrix into the workspace, row by row. That of a later product, at `later`, is asked for: no
/// hardware prefetcher follows as many rows.
void BatchedEmitter::copyIn(Value memory, const ElementLayout &layout, Value offset, Value later,
                            const Side &rows, const Side &columns, Value areSideBySide,
                            Value target) {
  const int64_t lanes = spec.lanes;
  Value row = e.mul(columns.count, parts), ahead = e.sub(later, offset);
  Value whole = e.mul(e.div(columns.count, e.idx(lanes)), lanes);
  whole = e.select(areSideBySide, whole, e.idx(0));
  e.loop(e.idx(0), rows.count, 1, [&](Value i) {
    Value from = e.add(offset, offsetAt(rows, i)), to = e.mul(i, row);
    auto move = [&](Value at, Value j, int64_t count) {
      Values value = arithmetic.load(memory, at, count, layout, /*conjugate=*/false);
      e.store(arithmetic.interleaved(value), target, e.add(to, e.mul(j, parts)));
    };
    e.loop(e.idx(0), whole, lanes, [&](Value j) {
      Value at = e.add(from, offsetAt(columns, j));
      e.prefetch(memory, e.add(at, ahead), KernelEmitter::Access::Read);
      move(at, j, lanes);
    });
    e.loop(whole, columns.count, 1,
           [&](Value j) { move(e.add(from, offsetAt(columns, j)), j, 1); });
  });
}

/// The rows of the result of a later product.
void BatchedEmitter::prefetchResult(Value later) {
  const int64_t bytes = arithmetic.layoutC.real.getIntOrFloatBitWidth() / 8;
  const int64_t line = kLineBytes / (bytes * arithmetic.layoutC.parts);
  e.loop(e.idx(0), m, 1, [&](Value i) {
    Value row = e.add(later, tableM.load(e, OffsetTable::C, i));
    e.loop(e.idx(0), n, line, [&](Value j) {
      e.prefetch(context.c, e.add(row, tableN.load(e, OffsetTable::C, j)),
                 KernelEmitter::Access::Write);
    });
  });
}

/// B into the workspace where its elements lie side by side along k: blocks of a few rows and
/// columns, the last ones moved inwards. Elements of one real, or of two that make a wider one.
void BatchedEmitter::transposeIn(Value offset) {
  auto last = [&](Value count) { return e.sub(count, kTransposed); };
  const int64_t width = kTransposed * parts;
  auto wide = VectorType::get({kTransposed}, e.b.getF64Type());
  auto raw = VectorType::get({width}, arithmetic.compute);
  auto cast = [&](VectorType type, Value value) -> Value {
    return parts == 1 ? value : vector::BitCastOp::create(e.b, e.loc, type, value).getResult();
  };
  e.loop(e.idx(0), k, kTransposed, [&](Value nextStep) {
    Value step = e.min(nextStep, last(k));
    Value from = e.add(offset, tableK.load(e, OffsetTable::B, step));
    e.loop(e.idx(0), n, kTransposed, [&](Value nextColumn) {
      Value column = e.min(nextColumn, last(n));
      Values rows;
      for (int64_t i = 0; i < kTransposed; ++i) {
        Value at = e.add(from, tableN.load(e, OffsetTable::B, e.add(column, i)));
        rows.push_back(cast(wide, e.load(context.b, at, width)));
      }
      for (auto [i, value] : llvm::enumerate(transposeInRegisters(e, rows))) {
        Value row = e.mul(e.add(step, static_cast<int64_t>(i)), n);
        e.store(cast(raw, value), copyOfB, e.mul(e.add(row, column), parts));
      }
    });
  });
}

void BatchedEmitter::copyB(Value offset, Value later) {
  auto rows = [&] {
    copyIn(context.b, arithmetic.layoutB, offset, later, {tableK, OffsetTable::B, k},
           {tableN, OffsetTable::B, n}, columnsOfB, copyOfB);
  };
  const int64_t bytes = arithmetic.bytes * parts;
  if (!product.b.isInPlace || bytes > 8 || bytes < 4)
    return rows();
  Value least = e.idx(kTransposed);
  Value fits = e.both(e.le(least, k), e.le(least, n));
  e.ifElse(
      e.both(fits, e.both(stepsOfB, e.negate(columnsOfB))), [&] { transposeIn(offset); }, rows);
}

/// The result from the workspace to where it belongs.
void BatchedEmitter::copyOut(Value offset) {
  const int64_t lanes = spec.lanes;
  Value whole = e.mul(e.div(n, e.idx(lanes)), lanes);
  whole = e.select(columnsOfC, whole, e.idx(0));
  e.loop(e.idx(0), m, 1, [&](Value i) {
    Value to = e.add(offset, tableM.load(e, OffsetTable::C, i)), from = e.mul(i, n);
    auto move = [&](Value j, int64_t count) {
      Value at = e.add(to, tableN.load(e, OffsetTable::C, j));
      Values sums = arithmetic.load(copyOfC, e.mul(e.add(from, j), parts), count, copied,
                                    /*conjugate=*/false);
      Values values = e.ifValues(
          shape.accumulate,
          [&] { return arithmetic.sum(arithmetic.loadC(context.c, at, count), sums); },
          [&] { return sums; });
      arithmetic.storeC(values, context.c, at);
    };
    e.loop(e.idx(0), whole, lanes, [&](Value j) { move(j, lanes); });
    e.loop(whole, n, 1, [&](Value j) { move(j, 1); });
  });
}

/// All tiles of the product whose matrices start at the given positions.
void BatchedEmitter::emitTiles(const BatchedProduct &of, int64_t unroll, Value startA, Value startB,
                               Value startC) {
  e.loop(e.idx(0), numTiles, 1, [&](Value tile) {
    auto start = [&](Value of, OffsetTable::Column column) {
      return e.add(of, tiles.load(e, column, tile));
    };
    emitBatchedTile(context, of, {spec.mr, spec.nr, spec.lanes, unroll},
                    start(startA, OffsetTable::A), start(startB, OffsetTable::B),
                    start(startC, OffsetTable::C));
  });
}

/// What tiles do not cover, element by element.
void BatchedEmitter::emitRest(Value startA, Value startB, Value startC) {
  cover->forRest([&](Value row, Value column) {
    Value reals = e.mul(column, parts);
    emitBatchedTile(context, product, {1, 1, 1, 1},
                    e.add(startA, e.add(firstA, e.mul(row, product.a.rowStride))),
                    e.add(startB, e.add(firstB, reals)),
                    e.add(startC, e.add(firstC, e.add(e.mul(row, product.c.rowStride), reals))));
  });
}

/// Products of which nothing is copied: as little as possible is done for each.
void BatchedEmitter::emitInPlace(Value count) {
  e.loop(e.idx(0), count, 1, [&](Value entry) {
    emitTiles(allInPlace, kStepsAtOnce, batch.load(e, OffsetTable::A, entry),
              batch.load(e, OffsetTable::B, entry), batch.load(e, OffsetTable::C, entry));
  });
}

/// Where the matrices of a product start that are all read and written where they lie.
BatchedEmitter::Starts BatchedEmitter::startsInPlace(Value entry) {
  return {e.add(firstA, batch.load(e, OffsetTable::A, entry)),
          e.add(firstB, batch.load(e, OffsetTable::B, entry)),
          e.add(firstC, batch.load(e, OffsetTable::C, entry))};
}

/// Products of matrices without gaps whose rows fill vectors together.
void BatchedEmitter::emitRows(Value count) {
  e.loop(e.idx(0), count, 1, [&](Value entry) {
    Starts at = startsInPlace(entry);
    emitRowsOfVectors(context, allInPlace, m, at.a, at.b, at.c);
  });
}

/// Products of matrices of which several fill a vector together. Where fewer are left, the last
/// ones are computed twice.
void BatchedEmitter::emitTogether(Value count) {
  const int64_t together = productsOfVector(context);
  e.loop(e.idx(0), count, together, [&](Value entry) {
    Starts at = startsInPlace(e.min(entry, e.sub(count, together)));
    emitProductsOfVector(context, allInPlace, at.a, at.b, at.c);
  });
}

/// Any products.
void BatchedEmitter::emitCopying(Value count) {
  auto unlessInPlace = [&](const BatchedMatrix &matrix, Value condition,
                           llvm::function_ref<void()> body) {
    if (matrix.isInPlace)
      condition = e.both(condition, e.negate(matrix.isInPlace));
    e.ifThen(condition, body);
  };
  auto start = [&](const BatchedMatrix &matrix, Value offset) {
    return matrix.isInPlace ? e.select(matrix.isInPlace, offset, e.idx(0)) : e.idx(0);
  };
  // An operand that neighbouring products share is copied once.
  Value none = e.idx(INT64_MIN);
  e.loopCarry(e.idx(0), count, 1, {none, none}, [&](Value entry, ValueRange last) {
    Value offsetA = batch.load(e, OffsetTable::A, entry);
    Value offsetB = batch.load(e, OffsetTable::B, entry);
    Value offsetC = batch.load(e, OffsetTable::C, entry);
    Value later = e.min(e.add(entry, kProductsAhead), e.sub(count, 1));
    unlessInPlace(product.a, e.negate(e.eq(offsetA, last[0])), [&] {
      copyIn(context.a, arithmetic.layoutA, offsetA, batch.load(e, OffsetTable::A, later),
             {tableM, OffsetTable::A, m}, {tableK, OffsetTable::A, k}, stepsOfA, copyOfA);
    });
    unlessInPlace(product.b, e.negate(e.eq(offsetB, last[1])),
                  [&] { copyB(offsetB, batch.load(e, OffsetTable::B, later)); });
    e.ifThen(rowsCollide, [&] { prefetchResult(batch.load(e, OffsetTable::C, later)); });
    Value startA = start(product.a, offsetA), startB = start(product.b, offsetB);
    Value startC = start(product.c, offsetC);
    emitTiles(product, 1, startA, startB, startC);
    e.ifThen(e.negate(cover->isWhole), [&] { emitRest(startA, startB, startC); });
    unlessInPlace(product.c, always(), [&] { copyOut(offsetC); });
    return Values{offsetA, offsetB};
  });
}

void BatchedEmitter::emit() {
  auto size = [&](ContractionShape::Group group) {
    return e.sub(shape.end[group], shape.begin[group]);
  };
  products = size(ContractionShape::Batch);
  m = size(ContractionShape::M);
  n = size(ContractionShape::N);
  k = shape.kTotal;
  Value nothing = e.both(e.eq(k, e.idx(0)), shape.accumulate);
  for (Value count : {products, m, n})
    nothing = e.either(nothing, e.le(count, e.idx(0)));
  e.ifThen(e.negate(nothing), [&] {
    WorkspaceCursor cursor(e, context.workspace);
    allocate(cursor);
    OffsetTables offsets(e, context.module, arithmetic, shape, counters);
    offsets.fill(tableM, ContractionShape::M, shape.begin[ContractionShape::M], m, m);
    offsets.fill(tableN, ContractionShape::N, shape.begin[ContractionShape::N], n, n);
    offsets.fill(tableK, ContractionShape::K, e.idx(0), k, k);
    placeMatrices(offsets);
    countTiles();
    tiles = cursor.takeTable(numTiles);
    listTiles();
    Value begin = shape.begin[ContractionShape::Batch], end = shape.end[ContractionShape::Batch];
    e.loop(begin, end, shape.mc, [&](Value first) {
      Value count = e.min(shape.mc, e.sub(end, first));
      offsets.fill(batch, ContractionShape::Batch, first, count, count);
      auto apart = [&](llvm::StringRef name, void (BatchedEmitter::*emitProducts)(Value)) {
        return [this, name, emitProducts, count] {
          e.apart(context.module, name, [&] { (this->*emitProducts)(count); });
        };
      };
      auto copying = apart("tenon_batched_copying", &BatchedEmitter::emitCopying);
      auto inPlace = apart("tenon_batched_in_place", &BatchedEmitter::emitInPlace);
      auto rows = apart("tenon_batched_rows", &BatchedEmitter::emitRows);
      auto together = apart("tenon_batched_together", &BatchedEmitter::emitTogether);
      if (!product.a.isInPlace || !product.b.isInPlace || !product.c.isInPlace)
        return copying();
      Value isInPlace = e.both(e.both(product.a.isInPlace, product.b.isInPlace),
                               e.both(product.c.isInPlace, cover->isWhole));
      auto tiled = [&] { e.ifElse(isInPlace, inPlace, copying); };
      auto ofWholeRows = [&] {
        if (Value fill = fillsVectorsWithRows(context, allInPlace, m, n))
          e.ifElse(fill, rows, tiled);
        else
          tiled();
      };
      if (Value fill = fillVectorsTogether(context, allInPlace, m, n))
        e.ifElse(e.both(fill, e.le(e.idx(productsOfVector(context)), count)), together,
                 ofWholeRows);
      else
        ofWholeRows();
    });
  });
}

} // namespace

void emitBatchedContraction(const KernelContext &context) { BatchedEmitter(context).emit(); }

} // namespace tenon::cpu
