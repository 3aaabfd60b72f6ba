//===- DirectTiles.cpp - Contractions with vectors along the result -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Sums are kept in registers, a few rows times a few vectors of points, while k runs. B is read in
// vectors where its elements lie side by side along the points and gathered where they do not; an
// element of A is repeated in all lanes, or A is a vector too. What is left of a row is one vector
// with fewer lanes.
//
// A long sum over a large B reads a few lines of it at a time from one end to the other, as the
// processor expects, and keeps the part of C that they add to in the first cache.
//
//===----------------------------------------------------------------------===//
#include "DirectParts.h"

#include <algorithm>

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Bytes of B from which on lines of it are read few at a time, and how many.
constexpr int64_t kStreamedBytes = 256 << 10;
constexpr int64_t kStreamedLines = 16;
/// From so many bytes in a line on, prefetchers no longer take the lines for one stream: fewer of
/// them are read at a time, and asked for so far ahead.
constexpr int64_t kLongLineBytes = 8 << 10, kLongLines = 4, kBytesAhead = 2048;
/// Where k is not cut, C is written once and only B is read again, from the second cache: so many
/// times more points make a block.
constexpr int64_t kBlocksOfWholeSums = 8;
/// Vectors of a tile of one row.
constexpr int64_t kVectorsOfOneRow = 4;
/// Up to this many steps, C is what takes the time: it is written row by row.
constexpr int64_t kFewSteps = 2;

class TileEmitter {
public:
  TileEmitter(const KernelContext &context, const DirectProblem &problem)
      : e(context.e), context(context), spec(context.spec), arithmetic(context.arithmetic),
        masks(usesMasks(context)), problem(problem) {}

  void emitSharedBlocks();
  void emitGeneral();

private:
  /// How the lanes of a tile are read and written.
  struct Reading {
    bool vectorA = false; ///< A varies with the point
    bool gathers = false; ///< elements are not side by side
  };
  /// The first of the rows that are taken together: point 0 in each operand, and how far A's rows
  /// are behind its first one.
  struct Rows {
    Value a, b, c;
    llvm::SmallVector<Value> offsetsA;
  };
  Rows rowsFrom(Value row, int64_t count) const;
  Value rowsInTiles();
  void emitShared(Value firstPoint, Value points);
  void emitRun(int64_t rows, Value row, Value firstPoint, Value points, int64_t vectors,
               Reading reading);
  void emitVector(const Rows &rows, Value point, Value count, int64_t width, Reading reading);
  void emitTile(const Rows &rows, int64_t vectors, Value point, Lanes lanes, Reading reading);

  KernelEmitter &e;
  const KernelContext &context;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const bool masks;
  DirectProblem problem; ///< the block of steps at hand
  Value ahead;           ///< reals of B that are asked for ahead of those that are read
};

TileEmitter::Rows TileEmitter::rowsFrom(Value row, int64_t count) const {
  const GroupDim &dim = problem.rows;
  Rows rows{e.add(problem.a, e.mul(row, dim.strideA)),
            e.add(problem.b, e.mul(row, dim.strideB)),
            e.add(problem.c, e.mul(row, dim.strideC)),
            {e.idx(0)}};
  for (int64_t r = 1; r < count; ++r)
    rows.offsetsA.push_back(e.mul(dim.strideA, r));
  return rows;
}

/// Some rows, and the lanes of `vectors` vectors from `point` on.
void TileEmitter::emitTile(const Rows &at, int64_t vectors, Value point, Lanes lanes,
                           Reading reading) {
  const int64_t parts = arithmetic.parts, rows = static_cast<int64_t>(at.offsetsA.size());
  const GroupDim &points = problem.points;
  auto start = [&](Value row, Value stride, const ElementLayout &layout) {
    return e.add(row, reading.gathers ? e.mul(point, stride) : e.mul(point, layout.parts));
  };
  Lanes lanesA = lanes, lanesB = lanes, lanesC = lanes;
  if (reading.gathers && lanes.width > 1) {
    lanesA.stride = points.strideA;
    lanesB.stride = points.strideB;
    lanesC.stride = points.strideC;
  }
  Values sums;
  for (int64_t i = 0; i < rows * vectors; ++i)
    sums.append(arithmetic.zero(lanes.width));
  DirectAccess access(context, problem);
  sums = access.overSteps(
      reading.vectorA ? start(at.a, points.strideA, arithmetic.layoutA) : at.a,
      start(at.b, points.strideB, arithmetic.layoutB), sums,
      [&](ValueRange carry, Value atA, Value atB) {
        if (rows == 1 && vectors > 1 && !reading.vectorA)
          access.prefetchB(atB, vectors, lanes.width, ahead);
        llvm::SmallVector<Values> b;
        for (int64_t v = 0; v < vectors; ++v)
          b.push_back(access.loadB(e.add(atB, v * lanes.width * arithmetic.layoutB.parts), lanesB));
        Values next;
        for (int64_t r = 0; r < rows; ++r) {
          Value line = r == 0 ? atA : e.add(atA, at.offsetsA[static_cast<size_t>(r)]);
          Values same;
          if (!reading.vectorA)
            same = arithmetic.broadcast(access.loadA(line, {1}), lanes.width);
          for (int64_t v = 0; v < vectors; ++v) {
            Values a =
                reading.vectorA
                    ? access.loadA(e.add(line, v * lanes.width * arithmetic.layoutA.parts), lanesA)
                    : same;
            auto sum = static_cast<size_t>((r * vectors + v) * parts);
            next.append(arithmetic.multiplyAdd(carry.slice(sum, static_cast<size_t>(parts)), a,
                                               b[static_cast<size_t>(v)]));
          }
        }
        return next;
      });
  access.update(sums, rows, start(at.c, points.strideC, arithmetic.layoutC), problem.rows.strideC,
                lanesC);
}

/// One vector of `count` lanes. Masked loads are not seen by the prefetchers of some processors: of
/// the small products in a batch, those with `width` points go without, or half of it, or a
/// quarter.
void TileEmitter::emitVector(const Rows &rows, Value point, Value count, int64_t width,
                             Reading reading) {
  if (width < std::max<int64_t>(spec.lanes / 4, 2))
    return emitTile(rows, 1, point, {spec.lanes, count}, reading);
  e.ifElse(
      e.eq(count, e.idx(width)), [&] { emitTile(rows, 1, point, {width}, reading); },
      [&] { emitVector(rows, point, count, width / 2, reading); });
}

/// All points of some rows: whole tiles of so many vectors (none where 0), then single vectors with
/// as many lanes as there are points.
void TileEmitter::emitRun(int64_t rows, Value row, Value firstPoint, Value points, int64_t vectors,
                          Reading reading) {
  const int64_t lanes = spec.lanes;
  const Rows at = rowsFrom(row, rows);
  Value end = e.add(firstPoint, points), whole = firstPoint;
  if (vectors > 0) {
    whole = e.add(firstPoint, e.mul(e.div(points, e.idx(vectors * lanes)), vectors * lanes));
    e.loop(firstPoint, whole, vectors * lanes,
           [&](Value point) { emitTile(at, vectors, point, {lanes}, reading); });
  }
  if (masks) {
    e.loop(whole, end, lanes, [&](Value point) {
      Value count = e.min(e.sub(end, point), e.idx(lanes));
      emitVector(at, point, count, rows > 1 && vectors > 0 ? lanes : 0, reading);
    });
    return;
  }
  // Narrower and narrower vectors.
  for (int64_t width = vectors > 1 ? lanes : lanes / 4; width >= 4 && vectors > 0; width /= 4) {
    Value covered = e.add(whole, e.mul(e.div(e.sub(end, whole), e.idx(width)), width));
    e.loop(whole, covered, width, [&](Value point) { emitTile(at, 1, point, {width}, reading); });
    whole = covered;
  }
  e.loop(whole, end, 1, [&](Value point) { emitTile(at, 1, point, {1}, reading); });
}

/// Rows that are taken together.
Value TileEmitter::rowsInTiles() {
  Value whole = e.mul(e.div(problem.numRows, e.idx(spec.mr)), spec.mr);
  Value fewSteps = e.both(problem.unitC, e.le(problem.kTotal, e.idx(kFewSteps)));
  Value shares = e.both(problem.sharedA, problem.sharedB);
  return e.select(e.both(shares, e.negate(fewSteps)), whole, e.idx(0));
}

void TileEmitter::emitShared(Value firstPoint, Value points) {
  Value inTiles = e.idx(0);
  auto forRows = [&](Value from, Value to, int64_t rows, int64_t vectors) {
    e.loop(from, to, rows, [&](Value row) { emitRun(rows, row, firstPoint, points, vectors, {}); });
  };
  if (spec.mr > 1) {
    inTiles = rowsInTiles();
    forRows(e.idx(0), inTiles, spec.mr, spec.nr / spec.lanes);
  }
  forRows(inTiles, problem.numRows, 1, kVectorsOfOneRow);
}

void TileEmitter::emitGeneral() {
  auto forRows = [&](Value from, Value to, int64_t rows, int64_t vectors, Reading reading) {
    e.loop(from, to, rows,
           [&](Value row) { emitRun(rows, row, e.idx(0), problem.numPoints, vectors, reading); });
  };
  e.ifElse(
      e.both(problem.unitA, e.both(problem.unitB, problem.unitC)),
      [&] { forRows(e.idx(0), problem.numRows, 1, 2, {.vectorA = true}); },
      [&] {
        Value inTiles = e.idx(0);
        if (spec.mr > 1 && masks) {
          inTiles = rowsInTiles();
          forRows(e.idx(0), inTiles, spec.mr, 0, {.gathers = true});
        }
        forRows(inTiles, problem.numRows, 1, 0, {.vectorA = true, .gathers = true});
      });
}

/// Blocks of k, for a part of the points whose C stays in the first cache.
void TileEmitter::emitSharedBlocks() {
  const DirectSteps all = problem.steps;
  Value overwrite = problem.overwrite;
  Value entries = e.sub(all.endEntry, all.firstEntry), blockEntries = e.max(entries, e.idx(1));
  Value steps = e.max(all.count, e.idx(1));
  int64_t bytes = arithmetic.bytes * arithmetic.parts;
  // Of the whole contraction, not of a thread's part: whether k is cut decides the last bits.
  Value isLarge = e.lt(e.idx(kStreamedBytes / bytes), e.mul(problem.kTotal, problem.points.extent));
  Value isLong = e.lt(e.idx(kStreamedLines), problem.kTotal);
  Value nc = context.shape.nc;
  const int64_t realBytes = arithmetic.layoutB.real.getIntOrFloatBitWidth() / 8;
  Value longLines = e.le(e.idx(kLongLineBytes / bytes), problem.points.extent);
  ahead = e.select(longLines, e.idx(kBytesAhead / realBytes),
                   e.mul(problem.steps.strideB, kStreamedLines));
  Values blocks = e.ifValues(
      e.both(e.both(isLarge, isLong), context.shape.maySplitK),
      [&] {
        Value lines = e.select(longLines, e.idx(kLongLines), e.idx(kStreamedLines));
        Value few = e.min(steps, lines);
        return Values{few, e.min(blockEntries, e.div(lines, few)), nc};
      },
      [&] {
        return Values{steps, blockEntries, e.mul(nc, kBlocksOfWholeSums)};
      });
  Value blockSteps = blocks[0], blockPoints = blocks[2];
  blockEntries = blocks[1];
  Value endEntry = e.max(all.endEntry, e.add(all.firstEntry, 1));
  e.loop(e.idx(0), problem.numPoints, blockPoints, [&](Value point) {
    Value points = e.min(blockPoints, e.sub(problem.numPoints, point));
    e.loop(all.firstEntry, endEntry, blockEntries, [&](Value entry) {
      e.loop(e.idx(0), steps, blockSteps, [&](Value step) {
        problem.steps.firstEntry = entry;
        problem.steps.endEntry = e.min(e.add(entry, blockEntries), all.endEntry);
        problem.steps.first = step;
        problem.steps.count = e.min(blockSteps, e.sub(all.count, step));
        Value isFirst = e.both(e.eq(entry, all.firstEntry), e.eq(step, e.idx(0)));
        problem.overwrite = e.both(overwrite, isFirst);
        emitShared(point, points);
      });
    });
  });
}

} // namespace

void emitSharedTiles(const KernelContext &context, const DirectProblem &problem) {
  TileEmitter(context, problem).emitSharedBlocks();
}

void emitGeneralTiles(const KernelContext &context, const DirectProblem &problem) {
  TileEmitter(context, problem).emitGeneral();
}

} // namespace tenon::cpu
