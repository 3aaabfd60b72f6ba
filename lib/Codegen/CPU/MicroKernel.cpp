//===- MicroKernel.cpp - One register tile over packed panels -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The tile of C stays in registers while k runs. An operand that no other tile uses is not worth
// packing: A is then broadcast, or B loaded, from where it lies. The tile is added to memory at the
// end: as vectors, or parts of them, where the tile is full and its columns lie side by side in
// runs, else through a small scratch tile, from which runs of any length are stored under masks.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

using namespace mlir;

namespace tenon::cpu {
namespace {

constexpr int64_t kLineBytes = 64;
/// Steps of k between a prefetch and its use. Tables may be read so far behind their end.
constexpr int64_t kPrefetchSteps = kTableSlack;

class TileEmitter {
public:
  TileEmitter(const KernelContext &context, const MicroTile &tile)
      : e(context.e), arithmetic(context.arithmetic), tile(tile), a(context.a), b(context.b),
        c(context.c), mr(context.spec.mr), nr(context.spec.nr), lanes(context.spec.lanes),
        vectors(nr / lanes), parts(arithmetic.parts), masks(usesMasks(context)) {}

  void emit();

private:
  /// All reals of one accumulator vector: row i, column vector v.
  ValueRange at(ValueRange values, int64_t i, int64_t v) const {
    return values.slice((i * vectors + v) * parts, parts);
  }
  void prefetchResult();
  enum class Place { Panels, A, B };
  Values multiply(Place place);
  Values multiplyWhereItLies();
  void storeRuns(ValueRange sums, int64_t run);
  void storeThroughScratch(ValueRange sums);
  void moveBrokenRuns();
  void moveShortRuns();
  void moveSingly();
  Value rowOf(Value i) {
    return e.add(tile.base, tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i)));
  }
  /// Lanes [j, j + lanes.width) of row i of the scratch tile.
  Values loadScratch(Value i, Value j, const Lanes &lanes);
  template <typename LanesOfC> void update(ValueRange sums, Value position, const LanesOfC &lanes);

  KernelEmitter &e;
  const KernelArithmetic &arithmetic;
  const MicroTile &tile;
  Value a, b, c;
  const int64_t mr, nr, lanes, vectors, parts;
  const bool masks; ///< of a vector, any first lanes can be moved
};

/// The lines of C arrive while k runs.
void TileEmitter::prefetchResult() {
  Value firstColumn = e.add(tile.base, tile.n.load(e, OffsetTable::C, tile.firstN));
  int64_t bytes = arithmetic.layoutC.real.getIntOrFloatBitWidth() / 8;
  e.loop(e.idx(0), e.idx(mr), 1, [&](Value i) {
    Value row = e.add(firstColumn, tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i)));
    for (int64_t line = 0; line < nr * parts * bytes; line += kLineBytes)
      e.prefetch(c, e.add(row, line / bytes), KernelEmitter::Access::Write);
  });
}

/// The sums of all steps. `place`: the operand that is not packed, if any.
Values TileEmitter::multiply(Place place) {
  Values zero = arithmetic.zero(lanes), sums;
  for (int64_t i = 0; i < mr * vectors; ++i)
    sums.append(zero);
  Value zeroIndex = e.idx(0);
  Value depth = e.opaque(tile.depth);
  Value panelA = e.from(tile.panelsA, tile.startA), panelB = e.from(tile.panelsB, tile.startB);
  Value columnsOfB = e.add(tile.baseB, tile.n.load(e, OffsetTable::B, tile.firstN));
  return e.loopCarry(zeroIndex, depth, 1, sums, [&](Value k, ValueRange carry) {
    llvm::SmallVector<Values> columns(vectors);
    if (place == Place::B) {
      auto rowOfB = [&](Value step) {
        return e.add(columnsOfB, tile.k.load(e, OffsetTable::B, step));
      };
      Value row = rowOfB(k), later = rowOfB(e.add(k, kPrefetchSteps));
      for (int64_t v = 0; v < vectors; ++v) {
        e.prefetch(b, e.add(later, v * lanes), KernelEmitter::Access::Read);
        columns[v].push_back(e.load(b, e.add(row, v * lanes), lanes));
      }
    } else {
      Value row = e.mul(k, nr * parts);
      for (int64_t v = 0; v < vectors; ++v)
        for (int64_t part = 0; part < parts; ++part)
          columns[v].push_back(e.load(panelB, e.add(row, part * nr + v * lanes), lanes));
    }
    Value step, entry;
    if (place == Place::A) {
      step = e.add(tile.baseA, tile.k.load(e, OffsetTable::A, k));
      // Offsets of rows are read again in each step: the registers do not hold them.
      entry = e.add(tile.firstM, e.sub(e.opaque(k), k));
    } else {
      step = e.mul(k, mr * parts);
    }
    Values next;
    for (int64_t i = 0; i < mr; ++i) {
      Values row;
      Value first;
      if (place == Place::A)
        first = e.add(step, tile.m.load(e, OffsetTable::A, e.add(entry, i)));
      for (int64_t part = 0; part < parts; ++part)
        row.push_back(place == Place::A ? e.load(a, e.add(first, part), 1)
                                        : e.load(panelA, e.add(step, part * mr + i), 1));
      row = arithmetic.broadcast(row, lanes);
      for (int64_t v = 0; v < vectors; ++v)
        next.append(arithmetic.multiplyAdd(at(carry, i, v), row, columns[v]));
    }
    return next;
  });
}

Values TileEmitter::multiplyWhereItLies() {
  auto packed = [&] { return multiply(Place::Panels); };
  auto withoutB = [&] {
    return tile.placeB ? e.ifValues(
                             tile.placeB, [&] { return multiply(Place::B); }, packed)
                       : packed();
  };
  return tile.placeA ? e.ifValues(
                           tile.placeA, [&] { return multiply(Place::A); }, withoutB)
                     : withoutB();
}

/// C at `position` becomes, or gains, sums: Lanes or BrokenLanes of it.
template <typename LanesOfC>
void TileEmitter::update(ValueRange sums, Value position, const LanesOfC &lanes) {
  e.ifElse(
      tile.overwrite, [&] { arithmetic.storeC(sums, c, position, lanes); },
      [&] {
        Values old = arithmetic.load(c, position, lanes, arithmetic.layoutC, /*conjugate=*/false);
        arithmetic.storeC(arithmetic.sum(old, sums), c, position, lanes);
      });
}

/// Every `run` columns lie side by side.
void TileEmitter::storeRuns(ValueRange sums, int64_t run) {
  Values columns;
  for (int64_t j = 0; j < nr; j += run)
    columns.push_back(e.add(tile.base, tile.n.load(e, OffsetTable::C, e.add(tile.firstN, j))));
  auto forRuns = [&](auto body) {
    for (int64_t i = 0; i < mr; ++i) {
      Value row = tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i));
      for (int64_t j = 0; j < nr; j += run) {
        Values value;
        for (Value part : at(sums, i, j / lanes))
          value.push_back(e.slice(part, j % lanes, run));
        body(value, e.add(row, columns[static_cast<size_t>(j / run)]));
      }
    }
  };
  e.ifElse(
      tile.overwrite,
      [&] {
        forRuns([&](ValueRange value, Value position) { arithmetic.storeC(value, c, position); });
      },
      [&] {
        forRuns([&](ValueRange value, Value position) {
          Values old = arithmetic.loadC(c, position, run);
          arithmetic.storeC(arithmetic.sum(old, value), c, position);
        });
      });
}

Values TileEmitter::loadScratch(Value i, Value j, const Lanes &lanes) {
  Values value;
  for (int64_t part = 0; part < parts; ++part) {
    Value position = e.add(e.add(e.mul(i, parts * nr), part * nr), j);
    value.push_back(lanes.count ? e.loadMasked(tile.scratch, position, lanes.width, lanes.count)
                                : e.load(tile.scratch, position, lanes.width));
  }
  return value;
}

/// Columns lie side by side in runs that are no shorter than a vector.
void TileEmitter::moveBrokenRuns() {
  BrokenRuns runs(e, tile.n, OffsetTable::C, tile.firstN, tile.columns, tile.run, tile.untilRun,
                  lanes, arithmetic.layoutC.parts);
  llvm::SmallVector<BrokenLanes> columns;
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(runs.next());
  e.loop(e.idx(0), tile.rows, 1, [&](Value i) {
    Value row = rowOf(i);
    for (int64_t v = 0; v < vectors; ++v)
      update(loadScratch(i, e.idx(v * lanes), {lanes}), row, columns[static_cast<size_t>(v)]);
  });
}

/// The same for runs of any length.
void TileEmitter::moveShortRuns() {
  e.loop(e.idx(0), tile.rows, 1, [&](Value i) {
    Value row = rowOf(i);
    e.whileLoop(
        {e.idx(0), tile.untilRun}, [&](ValueRange state) { return e.lt(state[0], tile.columns); },
        [&](ValueRange state) {
          Value j = state[0], left = state[1];
          Value count = e.min(e.min(left, e.sub(tile.columns, j)), e.idx(lanes));
          update(loadScratch(i, j, {lanes, count}),
                 e.add(row, tile.n.load(e, OffsetTable::C, e.add(tile.firstN, j))),
                 Lanes{lanes, count});
          Value rest = e.sub(left, count);
          return Values{e.add(j, count), e.select(e.eq(rest, e.idx(0)), tile.run, rest)};
        });
  });
}

/// Four columns at a time where they lie side by side, then one by one.
void TileEmitter::moveSingly() {
  const int64_t run = runLength(nr);
  Value inRuns = e.select(tile.columnRuns, e.mul(e.div(tile.columns, e.idx(run)), run), e.idx(0));
  e.loop(e.idx(0), tile.rows, 1, [&](Value i) {
    Value row = rowOf(i);
    auto move = [&](Value j, int64_t count) {
      update(loadScratch(i, j, {count}),
             e.add(row, tile.n.load(e, OffsetTable::C, e.add(tile.firstN, j))), Lanes{count});
    };
    e.loop(e.idx(0), inRuns, run, [&](Value j) { move(j, run); });
    e.loop(inRuns, tile.columns, 1, [&](Value j) { move(j, 1); });
  });
}

void TileEmitter::storeThroughScratch(ValueRange sums) {
  for (int64_t i = 0; i < mr; ++i)
    for (int64_t v = 0; v < vectors; ++v)
      for (int64_t part = 0; part < parts; ++part)
        e.store(at(sums, i, v)[part], tile.scratch, e.idx((i * parts + part) * nr + v * lanes));
  if (!masks)
    return moveSingly();
  e.ifElse(
      e.le(e.idx(lanes), tile.run), [&] { moveBrokenRuns(); },
      [&] {
        e.ifElse(
            e.lt(e.idx(1), tile.run), [&] { moveShortRuns(); }, [&] { moveSingly(); });
      });
}

void TileEmitter::emit() {
  prefetchResult();
  Values sums = multiplyWhereItLies();
  Value full = e.both(e.eq(tile.rows, e.idx(mr)), e.eq(tile.columns, e.idx(nr)));
  const int64_t run = runLength(nr);
  auto otherwise = [&] { storeThroughScratch(sums); };
  e.ifElse(
      e.both(full, tile.columnVectors), [&] { storeRuns(sums, lanes); },
      [&] {
        if (run <= 1 || run >= lanes)
          return otherwise();
        e.ifElse(
            e.both(full, tile.columnRuns), [&] { storeRuns(sums, run); }, otherwise);
      });
}

} // namespace

void emitMicroKernel(const KernelContext &context, const MicroTile &tile) {
  TileEmitter(context, tile).emit();
}

} // namespace tenon::cpu
