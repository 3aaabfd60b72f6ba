//===- DirectContraction.cpp - Contractions that packing does not pay for -===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Matrix-vector and outer products, dot products, elementwise and small contractions, many of them
// in a batch: operands are read from where they lie. One of the groups b, m, n becomes the *points*
// that vectors run along, one of m and n the *rows*. The innermost dimension of both and of k is
// left to a loop structure (DirectParts.h); positions of all other dimensions are read from tables,
// which have one entry where there is no other dimension.
//
// Strides are known at run time only, and so is which loop structure suits: every kernel has all.
//
//===----------------------------------------------------------------------===//
#include "DirectParts.h"

using namespace mlir;

namespace tenon::cpu {
namespace {

using Group = ContractionShape::Group;

/// Steps from which on sums of single elements pay, where vectors of many points could be gathered.
constexpr int64_t kStepsOfSums = 16;

class DirectEmitter {
public:
  explicit DirectEmitter(const KernelContext &context)
      : e(context.e), context(context), spec(context.spec), arithmetic(context.arithmetic),
        shape(context.shape) {}

  void emit();

private:
  /// Dimensions of a group: all of them, or all but the innermost.
  struct Rows {
    Value first, count;
  };
  /// One output group as its loops see it.
  struct Walk {
    Rows rows;         ///< of all its dimensions
    Value begin, end;  ///< part of its flattened space
    Rows tableRows;    ///< dimensions whose positions are in the table
    Value first, last; ///< entries of the flattened space of those
    GroupDim inner;    ///< the dimension left to the loop structure
    OffsetTable table = {};
  };
  Walk walkOf(Value isM, Value isBatch);
  GroupDim innermost(const Rows &rows) {
    return shape.innermost(e, arithmetic, rows.first, rows.count);
  }
  void leaveInnermost(Walk &walk);
  void chooseWalks();
  void describeSteps();
  void exchangeForSums();
  void describeProblem();
  void chooseStructure();
  void fillTable(const OffsetTable &table, const Rows &rows, Value start, Value count);
  void forBlocks(const Walk &walk, llvm::function_ref<void(Value, Value)> body);
  using Structure = void (*)(const KernelContext &context, const DirectProblem &problem);
  void emitBlock(Structure structure);
  void emitProblem(Structure structure, Value entry, Value row, Value firstRow, Value point,
                   Value firstPoint);
  Value columnOf(const OffsetTable &table, OffsetTable::Column column);

  KernelEmitter &e;
  const KernelContext &context;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const ShapeWords &shape;
  const OffsetTables *tables = nullptr;

  Walk points, rows, others;
  Value alongBatch; ///< i1: the points are those of the batch
  Value exchanged;  ///< i1: A and B change places; null: they never do
  Rows stepRows;
  GroupDim step;      ///< innermost dimension of k
  Value stepEntries;  ///< positions of its other dimensions
  Value blockEntries; ///< of them in the table at a time
  DirectProblem problem;
  Value dots, tiles, sums; ///< i1: which structure suits
};

/// Group M, or the batch, or else N.
DirectEmitter::Walk DirectEmitter::walkOf(Value isM, Value isBatch) {
  auto pick = [&](auto valueOf) {
    Value other =
        isBatch ? e.select(isBatch, valueOf(Group::Batch), valueOf(Group::N)) : valueOf(Group::N);
    return isM ? e.select(isM, valueOf(Group::M), other) : other;
  };
  Walk walk;
  walk.rows.first = pick([&](Group group) { return shape.firstRow[group]; });
  walk.rows.count = pick([&](Group group) { return shape.numRows[group]; });
  walk.begin = pick([&](Group group) { return shape.begin[group]; });
  walk.end = pick([&](Group group) { return shape.end[group]; });
  return walk;
}

/// All dimensions but the innermost go to the table. A part of the flattened space that begins or
/// ends within a run of the innermost one cuts that run.
void DirectEmitter::leaveInnermost(Walk &walk) {
  walk.inner = innermost(walk.rows);
  Value isSingle = e.le(walk.rows.count, e.idx(1));
  walk.tableRows = {walk.rows.first, e.max(e.sub(walk.rows.count, 1), e.idx(0))};
  Values entries = e.ifValues(
      isSingle,
      [&] {
        return Values{e.idx(0), e.idx(1)};
      },
      [&] {
        Value run = e.max(walk.inner.extent, e.idx(1));
        return Values{e.div(walk.begin, run), e.ceilDiv(walk.end, run)};
      });
  walk.first = entries[0];
  walk.last = entries[1];
}

/// Vectors run where C's elements lie side by side; where they do nowhere, along what is longest.
void DirectEmitter::chooseWalks() {
  auto score = [&](Group group) {
    GroupDim dim = innermost({shape.firstRow[group], shape.numRows[group]});
    Value isUnit = e.eq(dim.strideC, e.idx(arithmetic.layoutC.parts));
    Value isRun = e.both(isUnit, e.lt(e.idx(1), dim.extent));
    return e.select(isRun, e.add(dim.extent, int64_t(1) << 60), dim.extent);
  };
  Value n = score(Group::N), batch = score(Group::Batch), m = score(Group::M);
  Value alongM = e.lt(e.max(n, batch), m);
  alongBatch = e.both(e.lt(n, batch), e.negate(alongM));
  Value never = {};
  points = walkOf(alongM, alongBatch);
  rows = walkOf(e.negate(alongM), never);
  others = walkOf(never, e.negate(alongBatch));
  leaveInnermost(points);
  leaveInnermost(rows);
  others.tableRows = others.rows;
  others.first = others.begin;
  others.last = others.end;
  if (spec.typeA == spec.typeB && spec.conjA == spec.conjB)
    exchanged = alongM;
}

void DirectEmitter::describeSteps() {
  stepRows = {shape.firstRow[Group::K], shape.numRows[Group::K]};
  step = innermost(stepRows);
  stepRows.count = e.max(e.sub(stepRows.count, 1), e.idx(0));
  stepEntries = e.loopCarry(stepRows.first, e.add(stepRows.first, stepRows.count), 1, e.idx(1),
                            [&](Value row, ValueRange product) {
                              Value extent = e.loadIndex(
                                  shape.memory, e.add(e.mul(row, kShapeRow), kShapeHeader));
                              return Values{e.mul(product[0], extent)};
                            })[0];
  stepEntries = e.select(e.eq(shape.kTotal, e.idx(0)), e.idx(0), stepEntries);
  blockEntries = e.min(e.max(stepEntries, e.idx(1)), shape.kc);
}

/// Of two operands, the one that is the same in all steps of k is A; but not where vectors along
/// the points suit as it is.
void DirectEmitter::exchangeForSums() {
  if (!exchanged)
    return;
  auto strides = [&](const GroupDim &dim) {
    return std::pair(e.select(exchanged, dim.strideB, dim.strideA),
                     e.select(exchanged, dim.strideA, dim.strideB));
  };
  auto [stepA, stepB] = strides(step);
  auto [pointA, pointB] = strides(points.inner);
  Value zero = e.idx(0);
  Value isOnlyB = e.both(e.eq(stepB, zero), e.negate(e.eq(stepA, zero)));
  Value suits = e.both(e.eq(pointA, zero), e.eq(pointB, e.idx(arithmetic.layoutB.parts)));
  Value changes = e.both(isOnlyB, e.negate(suits));
  exchanged = e.select(changes, e.negate(exchanged), exchanged);
}

Value DirectEmitter::columnOf(const OffsetTable &table, OffsetTable::Column column) {
  return table.position(e, column, e.idx(0));
}

/// All of the problems that does not change from one to the next.
void DirectEmitter::describeProblem() {
  auto exchange = [&](Value &a, Value &b) {
    if (!exchanged)
      return;
    Value first = a;
    a = e.select(exchanged, b, first);
    b = e.select(exchanged, first, b);
  };
  problem.memoryA = context.a;
  problem.memoryB = context.b;
  exchange(problem.memoryA, problem.memoryB);
  for (GroupDim *dim : {&points.inner, &rows.inner, &step})
    exchange(dim->strideA, dim->strideB);
  problem.points = points.inner;
  problem.rows = rows.inner;
  problem.kTotal = shape.kTotal;
  DirectSteps &steps = problem.steps;
  steps.columnA = columnOf(steps.table, OffsetTable::A);
  steps.columnB = columnOf(steps.table, OffsetTable::B);
  exchange(steps.columnA, steps.columnB);
  steps.firstEntry = e.idx(0);
  steps.first = e.idx(0);
  steps.count = step.extent;
  steps.strideA = step.strideA;
  steps.strideB = step.strideB;
  auto unit = [&](Value stride, const ElementLayout &layout) {
    return e.eq(stride, e.idx(layout.parts));
  };
  problem.unitA = unit(problem.points.strideA, arithmetic.layoutA);
  problem.unitB = unit(problem.points.strideB, arithmetic.layoutB);
  problem.unitC = unit(problem.points.strideC, arithmetic.layoutC);
  problem.sharedA = e.eq(problem.points.strideA, e.idx(0));
  problem.sharedB = e.eq(problem.rows.strideB, e.idx(0));
  // Parts of m and n begin at multiples of the tile, those of a batch anywhere. The tile divides a
  // run, or there is one run.
  Value fits = e.either(e.le(points.rows.count, e.idx(1)),
                        e.eq(e.rem(problem.points.extent, e.idx(spec.mr)), e.idx(0)));
  problem.wholeGroups = e.both(fits, e.negate(alongBatch));
  chooseStructure();
}

/// Vectors along k where A and B lie side by side along it, or A is the same in all steps, and no
/// vectors run along the points; but not where k is short and rows share what is gathered.
///
/// Where elements are apart along k and the points, they are not gathered if vectors of points had
/// few lanes, or these were further apart than the steps.
void DirectEmitter::chooseStructure() {
  Value unitB = e.eq(step.strideB, e.idx(arithmetic.layoutB.parts));
  Value unitK = e.both(e.eq(step.strideA, e.idx(arithmetic.layoutA.parts)), unitB);
  Value repeatsK = e.both(e.eq(step.strideA, e.idx(0)), unitB);
  Value alongPoints = e.both(problem.unitB, problem.unitC);
  tiles = e.both(alongPoints, problem.sharedA);
  Value vectors = e.both(alongPoints, e.either(problem.sharedA, problem.unitA));
  Value longEnough;
  Value shares = e.both(e.le(e.idx(spec.mr), problem.rows.extent),
                        e.le(e.idx(spec.lanes), problem.points.extent));
  if (usesMasks(context)) {
    Value least = e.select(shares, e.idx(4 * spec.lanes), e.idx(spec.lanes / 2));
    longEnough = e.le(least, step.extent);
  } else {
    longEnough = e.le(e.idx(spec.lanes), step.extent);
  }
  Value alongK = e.both(longEnough, e.negate(vectors));
  dots = e.both(unitK, alongK);
  auto size = [&](Value stride) { return e.max(stride, e.sub(e.idx(0), stride)); };
  Value fewPoints = e.lt(problem.points.extent, e.idx(std::max<int64_t>(spec.lanes / 2, 2)));
  Value nearer = e.lt(size(step.strideB), size(problem.points.strideB));
  Value fewRows = e.lt(problem.rows.extent, e.idx(spec.mr));
  Value isLong = e.le(e.idx(kStepsOfSums), step.extent);
  Value pays = e.either(e.both(fewPoints, e.either(fewRows, isLong)), e.both(nearer, isLong));
  Value apart =
      e.both(e.both(pays, e.lt(e.idx(1), step.extent)), e.negate(e.either(vectors, shares)));
  sums = e.either(e.both(repeatsK, alongK), apart);
}

/// Positions [start, start + count) of the given dimensions; one, 0, where there is no dimension.
void DirectEmitter::fillTable(const OffsetTable &table, const Rows &rows, Value start,
                              Value count) {
  e.ifElse(
      e.eq(rows.count, e.idx(0)),
      [&] {
        for (auto column : {OffsetTable::A, OffsetTable::B, OffsetTable::C})
          e.storeIndex(e.idx(0), table.memory, columnOf(table, column));
      },
      [&] { tables->fill(table, rows.first, rows.count, start, count, count); });
}

void DirectEmitter::forBlocks(const Walk &walk, llvm::function_ref<void(Value, Value)> body) {
  e.loop(walk.first, walk.last, shape.mc, [&](Value first) {
    Value count = e.min(shape.mc, e.sub(walk.last, first));
    fillTable(walk.table, walk.tableRows, first, count);
    body(first, count);
  });
}

/// The problem at one entry of each table. `firstRow` and `firstPoint` are where the entries' runs
/// start in the flattened spaces.
void DirectEmitter::emitProblem(Structure structure, Value entry, Value row, Value firstRow,
                                Value point, Value firstPoint) {
  auto base = [&](OffsetTable::Column column) {
    return e.add(others.table.load(e, column, entry),
                 e.add(rows.table.load(e, column, row), points.table.load(e, column, point)));
  };
  problem.a = base(OffsetTable::A);
  problem.b = base(OffsetTable::B);
  problem.c = base(OffsetTable::C);
  if (exchanged) {
    Value a = problem.a;
    problem.a = e.select(exchanged, problem.b, a);
    problem.b = e.select(exchanged, a, problem.b);
  }
  auto cut = [&](const Walk &walk, Value first) {
    Value isSingle = e.le(walk.rows.count, e.idx(1));
    Value low = e.max(e.sub(walk.begin, first), e.idx(0)), high = e.sub(walk.end, first);
    high = e.select(isSingle, high, e.min(high, walk.inner.extent));
    problem.a = e.add(problem.a, e.mul(low, walk.inner.strideA));
    problem.b = e.add(problem.b, e.mul(low, walk.inner.strideB));
    problem.c = e.add(problem.c, e.mul(low, walk.inner.strideC));
    return e.sub(high, low);
  };
  problem.numRows = cut(rows, firstRow);
  problem.numPoints = cut(points, firstPoint);
  structure(context, problem);
}

/// All of C for the steps of the current block.
void DirectEmitter::emitBlock(Structure structure) {
  forBlocks(others, [&](Value, Value entries) {
    forBlocks(rows, [&](Value rowEntry, Value rowEntries) {
      forBlocks(points, [&](Value pointEntry, Value pointEntries) {
        e.loop(e.idx(0), entries, 1, [&](Value entry) {
          e.loop(e.idx(0), rowEntries, 1, [&](Value row) {
            Value firstRow = e.mul(e.add(rowEntry, row), rows.inner.extent);
            e.loop(e.idx(0), pointEntries, 1, [&](Value point) {
              Value firstPoint = e.mul(e.add(pointEntry, point), points.inner.extent);
              emitProblem(structure, entry, row, firstRow, point, firstPoint);
            });
          });
        });
      });
    });
  });
}

void DirectEmitter::emit() {
  chooseWalks();
  describeSteps();
  WorkspaceCursor cursor(e, context.workspace);
  Value counters = cursor.take(shape.rank, e.b.getIndexType(), 8);
  problem.steps.table = cursor.takeTable(blockEntries);
  for (Walk *walk : {&points, &rows, &others}) {
    Value entries = e.min(e.sub(walk->last, walk->first), shape.mc);
    walk->table = cursor.takeTable(e.max(entries, e.idx(1)));
  }
  OffsetTables offsetTables(e, context.module, arithmetic, shape, counters);
  tables = &offsetTables;
  exchangeForSums();
  describeProblem();
  Value nothing = e.both(e.eq(shape.kTotal, e.idx(0)), shape.accumulate);
  for (const Walk *walk : {&points, &rows, &others})
    nothing = e.either(nothing, e.le(walk->end, walk->begin));
  e.ifThen(e.negate(nothing), [&] {
    // An empty sum still stores the semiring's zero: one block of no steps.
    e.loop(e.idx(0), e.max(stepEntries, e.idx(1)), blockEntries, [&](Value start) {
      Value count = e.min(blockEntries, e.sub(stepEntries, start));
      fillTable(problem.steps.table, stepRows, start, count);
      problem.steps.endEntry = count;
      problem.overwrite = e.both(e.eq(start, e.idx(0)), e.negate(shape.accumulate));
      auto apart = [&](llvm::StringRef name, Structure structure) {
        e.apart(context.module, name, [&] { emitBlock(structure); });
      };
      e.ifElse(
          tiles, [&] { apart("tenon_direct_tiles", emitSharedTiles); },
          [&] {
            e.ifElse(
                dots, [&] { apart("tenon_direct_dots", emitDots); },
                [&] {
                  e.ifElse(
                      sums, [&] { apart("tenon_direct_sums", emitSums); },
                      [&] { apart("tenon_direct_general", emitGeneralTiles); });
                });
          });
    });
  });
}

} // namespace

void emitDirectContraction(const KernelContext &context) { DirectEmitter(context).emit(); }

} // namespace tenon::cpu
