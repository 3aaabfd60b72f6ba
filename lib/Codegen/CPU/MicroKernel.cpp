//===- MicroKernel.cpp - One register tile over packed panels -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The tile of C stays in registers while k runs. It is added to memory at the end: as vectors, or
// parts of them, where the tile is full and its columns lie side by side in runs, else through a
// small scratch tile.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

using namespace mlir;

namespace tenon::cpu {
namespace {

constexpr int64_t kLineBytes = 64;

class TileEmitter {
public:
  TileEmitter(const KernelContext &context, const MicroTile &tile)
      : e(context.e), arithmetic(context.arithmetic), tile(tile), c(context.c), mr(context.spec.mr),
        nr(context.spec.nr), lanes(context.spec.lanes), vectors(nr / lanes),
        parts(arithmetic.parts) {}

  void emit();

private:
  /// All reals of one accumulator vector: row i, column vector v.
  ValueRange at(ValueRange values, int64_t i, int64_t v) const {
    return values.slice((i * vectors + v) * parts, parts);
  }
  void prefetchResult();
  Values multiply();
  void storeVectors(ValueRange sums);
  void storeRuns(ValueRange sums, int64_t run);
  void toScratch(ValueRange sums);
  void storeThroughScratch(ValueRange sums);
  void update(ValueRange sums, Value position);

  KernelEmitter &e;
  const KernelArithmetic &arithmetic;
  const MicroTile &tile;
  Value c;
  const int64_t mr, nr, lanes, vectors, parts;
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

Values TileEmitter::multiply() {
  Values zero = arithmetic.zero(lanes), sums;
  for (int64_t i = 0; i < mr * vectors; ++i)
    sums.append(zero);
  // The counter is the position in A's panel, from its end: the loop takes two bases, two positions
  // and no other register.
  const int64_t stepA = mr * parts, stepB = nr * parts;
  Value length = e.mul(tile.depth, stepA);
  Value endA = e.from(tile.panelsA, e.add(tile.startA, length));
  Value beginB = e.from(tile.panelsB, tile.startB);
  sums.push_back(e.idx(0));
  sums =
      e.loopCarry(e.sub(e.idx(0), length), e.idx(0), stepA, sums, [&](Value a, ValueRange carry) {
        Value b = carry.back();
        llvm::SmallVector<Values> columns(vectors);
        for (int64_t v = 0; v < vectors; ++v)
          for (int64_t part = 0; part < parts; ++part)
            columns[v].push_back(e.load(beginB, e.add(b, part * nr + v * lanes), lanes));
        Values next;
        for (int64_t i = 0; i < mr; ++i) {
          Values row;
          for (int64_t part = 0; part < parts; ++part)
            row.push_back(e.load(endA, e.add(a, part * mr + i), 1));
          row = arithmetic.broadcast(row, lanes);
          for (int64_t v = 0; v < vectors; ++v)
            next.append(arithmetic.multiplyAdd(at(carry, i, v), row, columns[v]));
        }
        next.push_back(e.add(b, stepB));
        return next;
      });
  sums.pop_back();
  return sums;
}

/// C at `position` becomes, or gains, consecutive sums.
void TileEmitter::update(ValueRange sums, Value position) {
  int64_t count = cast<VectorType>(sums[0].getType()).getDimSize(0);
  e.ifElse(
      tile.overwrite, [&] { arithmetic.storeC(sums, c, position); },
      [&] {
        arithmetic.storeC(arithmetic.sum(arithmetic.loadC(c, position, count), sums), c, position);
      });
}

/// The columns lie side by side in vectors.
void TileEmitter::storeVectors(ValueRange sums) {
  Values columns;
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(
        e.add(tile.base, tile.n.load(e, OffsetTable::C, e.add(tile.firstN, v * lanes))));
  auto forVectors = [&](auto body) {
    for (int64_t i = 0; i < mr; ++i) {
      Value row = tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i));
      for (int64_t v = 0; v < vectors; ++v)
        body(at(sums, i, v), e.add(row, columns[static_cast<size_t>(v)]));
    }
  };
  e.ifElse(
      tile.overwrite,
      [&] {
        forVectors(
            [&](ValueRange value, Value position) { arithmetic.storeC(value, c, position); });
      },
      [&] {
        forVectors([&](ValueRange value, Value position) {
          Values old = arithmetic.loadC(c, position, lanes);
          arithmetic.storeC(arithmetic.sum(old, value), c, position);
        });
      });
}

void TileEmitter::toScratch(ValueRange sums) {
  for (int64_t i = 0; i < mr; ++i)
    for (int64_t v = 0; v < vectors; ++v)
      for (int64_t part = 0; part < parts; ++part)
        e.store(at(sums, i, v)[part], tile.scratch, e.idx((i * parts + part) * nr + v * lanes));
}

/// Every `run` columns lie side by side.
void TileEmitter::storeRuns(ValueRange sums, int64_t run) {
  Values columns;
  for (int64_t j = 0; j < nr; j += run)
    columns.push_back(e.add(tile.base, tile.n.load(e, OffsetTable::C, e.add(tile.firstN, j))));
  auto rowOf = [&](Value i) { return tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i)); };
  auto position = [&](Value row, int64_t j) {
    return e.add(row, columns[static_cast<size_t>(j / run)]);
  };
  auto overwrite = [&] {
    for (int64_t i = 0; i < mr; ++i) {
      Value row = rowOf(e.idx(i));
      for (int64_t j = 0; j < nr; j += run) {
        Values value;
        for (Value part : at(sums, i, j / lanes))
          value.push_back(e.slice(part, j % lanes, run));
        arithmetic.storeC(value, c, position(row, j));
      }
    }
  };
  // Less often, and after many steps where k is cut: a loop over rows in memory, since adding to
  // parts of all registers would be a fifth of the kernel's code.
  auto add = [&] {
    toScratch(sums);
    e.loop(e.idx(0), e.idx(mr), 1, [&](Value i) {
      Value row = rowOf(i), from = e.mul(i, parts * nr);
      for (int64_t j = 0; j < nr; j += run) {
        Values value;
        for (int64_t part = 0; part < parts; ++part)
          value.push_back(e.load(tile.scratch, e.add(from, part * nr + j), run));
        Values old = arithmetic.loadC(c, position(row, j), run);
        arithmetic.storeC(arithmetic.sum(old, value), c, position(row, j));
      }
    });
  };
  e.ifElse(tile.overwrite, overwrite, add);
}

void TileEmitter::storeThroughScratch(ValueRange sums) {
  toScratch(sums);
  const int64_t run = runLength(nr);
  Value inRuns = e.select(tile.columnRuns, e.mul(e.div(tile.columns, e.idx(run)), run), e.idx(0));
  e.loop(e.idx(0), tile.rows, 1, [&](Value i) {
    Value row = e.add(tile.base, tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i)));
    Value from = e.mul(i, parts * nr);
    auto move = [&](Value j, int64_t count) {
      Values value;
      for (int64_t part = 0; part < parts; ++part)
        value.push_back(e.load(tile.scratch, e.add(e.add(from, part * nr), j), count));
      update(value, e.add(row, tile.n.load(e, OffsetTable::C, e.add(tile.firstN, j))));
    };
    e.loop(e.idx(0), inRuns, run, [&](Value j) { move(j, run); });
    e.loop(inRuns, tile.columns, 1, [&](Value j) { move(j, 1); });
  });
}

void TileEmitter::emit() {
  prefetchResult();
  Values sums = multiply();
  Value full = e.both(e.eq(tile.rows, e.idx(mr)), e.eq(tile.columns, e.idx(nr)));
  const int64_t run = runLength(nr);
  auto otherwise = [&] { storeThroughScratch(sums); };
  e.ifElse(
      e.both(full, tile.columnVectors), [&] { storeVectors(sums); },
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
