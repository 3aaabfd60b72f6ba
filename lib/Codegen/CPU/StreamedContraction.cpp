//===- StreamedContraction.cpp - A tiny operand times a large one ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A clause, a gate or a factor times a tensor of many short dimensions, with indices of the batch,
// m and n mixed in any order: little arithmetic for each element, so what counts is that each line
// of B and of C is moved once, whatever the order of dimensions is in either.
//
// All dimensions of C are one group, in the order of C. A vector has elements that lie side by side
// in C; its lanes may be indices of several dimensions, each with a power of two of them, so where
// the lanes are in A and in B is the same for all vectors of a call. Of B they are loaded at once,
// in fours, or one by one. A is copied into the workspace, with a vector of lanes for each
// element that the other dimensions select. Inside of the dimensions in the order of C go those
// that lie in one line of B, and those that B lacks: a line is used up before the next ones are
// read.
//
// The innermost part of that nest, a *tile*, has a table of offsets which is filled once; tiles are
// walked by a second table. What no vector fits, at an edge or everywhere, is done one by one.
//
//===----------------------------------------------------------------------===//
#include "ResultDims.h"

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Lanes that are loaded together where not all of a vector lie side by side.
constexpr int64_t kQuad = 4;

/// Vectors that lie side by side in B between two that differ in an index that B lacks.
constexpr int64_t kRunOfVectors = 32;

/// Vectors between a prefetch and its use: tiles end long before a hardware prefetcher has found
/// out.
constexpr int64_t kVectorsAhead = 32;

class StreamedEmitter : ResultDims {
public:
  explicit StreamedEmitter(const KernelContext &context)
      : ResultDims(context), parts(context.arithmetic.parts) {}

  void emit();

private:
  void allocate();
  void emitBox(Value count, const Place &start);
  void emitWalk(int64_t width, Value count, const Place &start);
  Value placeCoefficients(int64_t width, Value count);
  void copyCoefficients(int64_t width, Value count, Value start);
  Value orderNest(Value count);
  void cutTile(Value count);
  Values cutRun(Value count);
  void findLines();
  void prefetch(Value memory, Value at, int64_t reals, Type real, KernelEmitter::Access access);
  Values sumSteps(int64_t width, int64_t piece, Value a, Value b, Value ahead, Value line);
  void emitTiles(int64_t width, int64_t piece, const Place &start);
  void emitVectors(const Place &start);
  Values loadPieces(Value at, int64_t lanes);
  Values join(llvm::ArrayRef<Values> pieces);

  const int64_t parts; ///< reals of a sum

  Value isOverwritten, numSteps;
  const OffsetTables *tables = nullptr;
  DimList all;          ///< dimensions of C, outermost first
  DimList placed;       ///< the same without those of the lanes, A's strides those of the copy
  DimList lanes;        ///< those of the lanes
  DimList nest;         ///< as they are walked; the inner ones are a tile
  DimList outer;        ///< around the tiles
  DimList steps;        ///< of k, A's strides those of the copy
  DimList coefficients; ///< of A in its copy, at the end of the list
  OffsetTable laneTable, stepTable, tileTable, outerTable, coefficientTable;
  Value counters, copyOfA;
  Value group;                 ///< vectors that read the same lines of B
  Value lineOffsets, numLines; ///< of lanes of which no two share a line of B
  Value linesPerVector;        ///< of a later group that each vector asks for
  Value numLanes;              ///< dimensions
  Value firstOfTile;           ///< row of the nest
  Value numOuter;              ///< dimensions around the tiles
  Value tiles;                 ///< how many there are
  Value perTile;               ///< indices of a tile's outermost dimension
  Value ofCut, numChunks;      ///< indices of that dimension in all tiles, and how often it is cut
  Value inner, numOfNest;      ///< vectors for one index of it; dimensions of the nest
};

void StreamedEmitter::allocate() {
  Value ofA = e.mul(e.mul(pointsOf(Group::Batch), pointsOf(Group::M)), e.max(numSteps, one));
  Value ofC = e.mul(e.mul(pointsOf(Group::Batch), pointsOf(Group::M)), pointsOf(Group::N));
  WorkspaceCursor cursor(e, context.workspace);
  counters = cursor.take(rowsOfList(), e.b.getIndexType(), 8);
  for (DimList *list : {&all, &placed, &lanes, &nest, &outer, &steps, &coefficients})
    *list = takeList(cursor);
  lineOffsets = cursor.take(e.idx(spec.lanes), e.b.getIndexType(), 8);
  laneTable = cursor.takeTable(e.idx(spec.lanes));
  stepTable = cursor.takeTable(e.max(numSteps, one));
  tileTable = cursor.takeTable(e.min(ofC, shape.mc));
  outerTable = cursor.takeTable(e.min(ofC, shape.mc));
  coefficientTable = cursor.takeTable(e.min(ofA, shape.mc));
  copyOfA = cursor.take(e.mul(ofA, spec.lanes), arithmetic.compute, arithmetic.bytes * parts);
}

//===----------------------------------------------------------------------===//
// The order in which all is walked
//===----------------------------------------------------------------------===//

/// Finds the dimensions of the lanes: the innermost ones of C, side by side there, as many indices
/// as a vector has lanes. The last one that is needed is cut.
void StreamedEmitter::emitBox(Value count, const Place &start) {
  Value width = e.idx(spec.lanes);
  Values found = e.whileLoop(
      {count, one},
      [&](ValueRange state) {
        return guarded(e.lt(zero, state[0]), [&] {
          Dim dim = get(all, e.sub(state[0], 1));
          Value follows = e.eq(dim.stride[OffsetTable::C], state[1]);
          return e.both(follows, isZero(e.rem(width, e.mul(state[1], dim.extent))));
        });
      },
      [&](ValueRange state) {
        Value row = e.sub(state[0], 1);
        return Values{row, e.mul(state[1], get(all, row).extent)};
      });
  Value rest = found[0], there = found[1], lastRow = e.max(e.sub(rest, 1), zero);
  Value isFull = e.eq(there, width);
  Value isCut = guarded(e.both(e.lt(zero, rest), e.negate(isFull)), [&] {
    Dim dim = get(all, lastRow);
    Value isLong = e.lt(width, e.mul(there, dim.extent));
    return e.both(e.eq(dim.stride[OffsetTable::C], there), isLong);
  });
  Dim dim = get(all, lastRow); // of no meaning unless it is cut
  Value taken = e.div(width, there);
  Value chunks = e.select(isCut, e.div(dim.extent, taken), one);
  Value left = e.select(isCut, e.rem(dim.extent, taken), zero);
  Value hasVectors = e.either(isFull, isCut);

  e.ifThen(hasVectors, [&] {
    e.ifThen(isCut, [&] {
      put(stretched(dim, taken, one), lanes, zero);
      put(stretched(dim, chunks, taken), all, lastRow);
    });
    Value shift = e.select(isCut, one, zero);
    e.loop(rest, count, 1,
           [&](Value row) { put(get(all, row), lanes, e.add(e.sub(row, rest), shift)); });
    numLanes = e.add(e.sub(count, rest), shift);
    emitWalk(spec.lanes, rest, start);
  });
  // One by one: what is left of the dimension that is cut, or everything.
  Place from = moved(start, dim, e.mul(chunks, taken));
  for (int64_t operand = 0; operand < 3; ++operand)
    from.at[operand] = e.select(isCut, from.at[operand], start.at[operand]);
  e.ifThen(isCut, [&] { put(stretched(dim, left, one), all, lastRow); });
  e.ifThen(e.either(e.negate(hasVectors), e.lt(zero, left)), [&] { emitWalk(1, count, from); });
}

/// Strides of A's copy for the steps and the first `count` dimensions of C; those of A itself go to
/// `coefficients`, in the order of the copy. Returns the first row there.
Value StreamedEmitter::placeCoefficients(int64_t width, Value count) {
  // Tables count in reals of A; there is a vector for each element of the copy.
  const int64_t unit = width * parts / arithmetic.layoutA.parts;
  auto place = [&](Value from, Value row, const DimList &list, Value to, Value firstRow,
                   Value elements) {
    Dim dim = get(from, row);
    Value isThere = e.negate(isZero(dim.stride[OffsetTable::A]));
    Value before = e.sub(firstRow, 1);
    e.ifThen(isThere, [&] {
      put({dim.extent, {dim.stride[OffsetTable::A], zero, zero}}, coefficients, before);
    });
    dim.stride[OffsetTable::A] = e.select(isThere, e.mul(elements, unit), zero);
    put(dim, list, to);
    return Values{e.select(isThere, before, firstRow),
                  e.select(isThere, e.mul(elements, dim.extent), elements)};
  };
  Value numDims = shape.numRows[Group::K], last = e.sub(numDims, 1);
  Values state = e.loopCarry(zero, numDims, 1, {shape.rank, one}, [&](Value i, ValueRange carry) {
    Value row = e.sub(last, i);
    return place(shape.memory, e.add(shape.firstRow[Group::K], row), steps, row, carry[0],
                 carry[1]);
  });
  state = e.loopCarry(zero, count, 1, state, [&](Value i, ValueRange carry) {
    Value row = e.sub(e.sub(count, 1), i);
    return place(all.words, row, placed, row, carry[0], carry[1]);
  });
  return state[0];
}

/// Copies A: for each of its elements without those dimensions that are lanes, a vector of them,
/// real parts first.
void StreamedEmitter::copyCoefficients(int64_t width, Value firstRow, Value start) {
  Value numRows = e.sub(shape.rank, firstRow);
  Value elements = e.loopCarry(firstRow, shape.rank, 1, {one}, [&](Value row, ValueRange product) {
    return Values{e.mul(product[0], get(coefficients, row).extent)};
  })[0];
  e.loop(zero, elements, shape.mc, [&](Value first) {
    Value count = e.min(shape.mc, e.sub(elements, first));
    tables->fill(coefficientTable, coefficients.words, firstRow, numRows, first, count, count);
    e.loop(zero, count, 1, [&](Value entry) {
      Value from = e.add(start, coefficientTable.load(e, OffsetTable::A, entry));
      Value to = e.mul(e.add(first, entry), width * parts);
      e.loop(zero, e.idx(width), 1, [&](Value lane) {
        Value at = width == 1 ? from : e.add(from, laneTable.load(e, OffsetTable::A, lane));
        Values value = arithmetic.load(context.a, at, 1, arithmetic.layoutA, spec.conjA);
        for (auto [part, number] : llvm::enumerate(value))
          e.store(number, copyOfA, e.add(e.add(to, lane), static_cast<int64_t>(part) * width));
      });
    });
  });
}

/// Dimensions in the order of C; inside of them those that lie in one line of B, and those that B
/// lacks. Returns how many there are: a dimension of which a line has a part is cut.
Value StreamedEmitter::orderNest(Value count) {
  const int64_t bytes = arithmetic.layoutB.real.getIntOrFloatBitWidth() / 8;
  Value line = e.idx(kLineBytes / (bytes * arithmetic.layoutB.parts));
  struct Part {
    Dim dim;
    Value isMissing, isInLine, isCut, inLine;
  };
  auto partOf = [&](Value row) {
    Dim dim = get(placed, row);
    Value distance = size(dim.stride[OffsetTable::B]);
    Value isMissing = isZero(distance);
    Value isInLine = e.both(e.negate(isMissing), e.lt(distance, line));
    Value inLine = e.max(e.div(line, e.max(distance, one)), one);
    Value divides = isZero(e.rem(dim.extent, inLine));
    return Part{dim, isMissing, isInLine,
                e.both(isInLine, e.both(e.lt(inLine, dim.extent), divides)), inLine};
  };
  auto addIf = [&](Value condition, Value number, const Dim &dim) {
    e.ifThen(condition, [&] { put(dim, nest, number); });
    return e.select(condition, e.add(number, 1), number);
  };
  Value around = e.loopCarry(zero, count, 1, {zero}, [&](Value row, ValueRange carry) {
    Part part = partOf(row);
    Value rest = e.select(part.isCut, part.inLine, one);
    Dim dim = stretched(part.dim, e.div(part.dim.extent, rest), rest);
    Value isWhole = e.negate(e.either(part.isMissing, part.isInLine));
    return Values{addIf(e.either(isWhole, part.isCut), carry[0], dim)};
  })[0];
  Value withLines = e.loopCarry(zero, count, 1, {around}, [&](Value row, ValueRange carry) {
    Part part = partOf(row);
    part.dim.extent = e.select(part.isCut, part.inLine, part.dim.extent);
    e.ifThen(part.isInLine, [&] { insert(part.dim, nest, around, carry[0], OffsetTable::B); });
    return Values{e.select(part.isInLine, e.add(carry[0], 1), carry[0])};
  })[0];
  Value hasLines = e.lt(around, withLines);
  Values state = cutRun(withLines);
  Value low = e.select(hasLines, withLines, state[0]);
  Value numRows = e.loopCarry(zero, count, 1, {state[1]}, [&](Value row, ValueRange carry) {
    Part part = partOf(row);
    e.ifThen(part.isMissing, [&] {
      insert(part.dim, nest, e.select(hasLines, carry[0], low), carry[0], OffsetTable::C);
    });
    return Values{e.select(part.isMissing, e.add(carry[0], 1), carry[0])};
  })[0];
  // Vectors that read the same lines of B.
  group = e.loopCarry(around, numRows, 1, {one}, [&](Value row, ValueRange product) {
    return Values{e.mul(product[0], get(nest, row).extent)};
  })[0];
  group = e.select(hasLines, group, one);
  return numRows;
}

/// Where vectors that follow one another lie side by side in B, what B lacks is walked outside of a
/// run of them: each line of C is not written in turn with others, and the run stays in the first
/// cache. Cuts the dimension at its beginning. Returns the first row of the run, and how many rows
/// there are now.
Values StreamedEmitter::cutRun(Value count) {
  auto follows = [&](const Dim &dim, Value points) {
    return e.eq(dim.stride[OffsetTable::B], e.mul(points, spec.lanes));
  };
  Values found = e.whileLoop(
      {count, one},
      [&](ValueRange state) {
        return guarded(e.lt(zero, state[0]), [&] {
          Dim dim = get(nest, e.sub(state[0], 1));
          Value isShort = e.le(e.mul(state[1], dim.extent), e.idx(kRunOfVectors));
          return e.both(follows(dim, state[1]), isShort);
        });
      },
      [&](ValueRange state) {
        Value row = e.sub(state[0], 1);
        return Values{row, e.mul(state[1], get(nest, row).extent)};
      });
  Value row = found[0], before = e.max(e.sub(row, 1), zero);
  Value taken = e.div(e.idx(kRunOfVectors), found[1]);
  Dim dim = get(nest, before); // of no meaning unless it is cut
  Value isCut = guarded(e.both(e.lt(zero, row), e.lt(one, taken)), [&] {
    return e.both(follows(dim, found[1]), isZero(e.rem(dim.extent, taken)));
  });
  e.ifThen(isCut, [&] {
    e.loop(row, count, 1, [&](Value i) {
      Value to = e.sub(e.add(count, row), i);
      put(get(nest, e.sub(to, 1)), nest, to);
    });
    put(stretched(dim, e.div(dim.extent, taken), taken), nest, before);
    put(stretched(dim, taken, one), nest, row);
  });
  return {row, e.select(isCut, e.add(count, 1), count)};
}

/// The innermost dimensions of the nest that a table has place for become the tile, with a part of
/// the next one: that is cut, and its last part may be shorter.
void StreamedEmitter::cutTile(Value count) {
  Values found = e.whileLoop(
      {count, one},
      [&](ValueRange state) {
        return guarded(e.lt(zero, state[0]), [&] {
          Value points = e.mul(state[1], get(nest, e.sub(state[0], 1)).extent);
          return e.le(points, shape.mc);
        });
      },
      [&](ValueRange state) {
        Value row = e.sub(state[0], 1);
        return Values{row, e.mul(state[1], get(nest, row).extent)};
      });
  inner = found[1];
  numOfNest = count;
  Value hasCut = e.lt(zero, found[0]), row = e.max(e.sub(found[0], 1), zero);
  Value most = e.max(e.div(shape.mc, inner), one);
  Values cut = e.ifValues(
      hasCut,
      [&] {
        Dim dim = get(nest, row);
        Value extent = e.min(most, dim.extent), chunks = e.ceilDiv(dim.extent, extent);
        e.loop(zero, row, 1, [&](Value i) { put(get(nest, i), outer, i); });
        put(stretched(dim, chunks, extent), outer, row);
        put(stretched(dim, extent, one), nest, row);
        return Values{dim.extent, extent, chunks, e.add(row, 1)};
      },
      [&] {
        return Values{one, one, one, zero};
      });
  firstOfTile = row;
  ofCut = cut[0];
  perTile = cut[1];
  numChunks = cut[2];
  numOuter = cut[3];
  tiles = e.loopCarry(zero, numOuter, 1, {one}, [&](Value i, ValueRange product) {
    return Values{e.mul(product[0], get(outer, i).extent)};
  })[0];
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

/// One vector of the lanes of all pieces, for each part.
Values StreamedEmitter::join(llvm::ArrayRef<Values> pieces) {
  Values result;
  for (size_t part = 0; part < pieces.front().size(); ++part) {
    Values vectors;
    for (const Values &piece : pieces)
      vectors.push_back(piece[part]);
    result.push_back(e.concatenate(vectors));
  }
  return result;
}

/// The lanes of B in pieces that lie side by side, one of `kQuad` lanes or of one.
Values StreamedEmitter::loadPieces(Value at, int64_t pieceLanes) {
  llvm::SmallVector<Values> pieces;
  const int64_t group = std::min(kQuad, spec.lanes);
  auto load = [&](Value position) {
    pieces.push_back(
        arithmetic.load(context.b, position, pieceLanes, arithmetic.layoutB, spec.conjB));
  };
  auto offset = [&](int64_t lane) { return laneTable.load(e, OffsetTable::B, e.idx(lane)); };
  // Indices of lanes are powers of two, so that offsets of a group and in it add up: few registers.
  for (int64_t first = 0; first < spec.lanes; first += group) {
    Value start = first == 0 ? at : e.add(at, offset(first));
    load(start);
    for (int64_t lane = pieceLanes; lane < group; lane += pieceLanes)
      load(e.add(start, offset(lane)));
  }
  return join(pieces);
}

/// Lanes of which no two lie in one line of B.
void StreamedEmitter::findLines() {
  Value line = e.idx(8 * kLineBytes / arithmetic.layoutB.real.getIntOrFloatBitWidth());
  numLines = e.loopCarry(zero, e.idx(spec.lanes), 1, {zero}, [&](Value lane, ValueRange carry) {
    Value at = laneTable.load(e, OffsetTable::B, lane);
    Value no = e.flag(false);
    Value isKnown = e.loopCarry(zero, carry[0], 1, {no}, [&](Value i, ValueRange known) {
      Value distance = size(e.sub(at, e.loadIndex(lineOffsets, i)));
      return Values{e.either(known[0], e.lt(distance, line))};
    })[0];
    e.ifThen(e.negate(isKnown), [&] { e.storeIndex(at, lineOffsets, carry[0]); });
    return Values{e.select(isKnown, carry[0], e.add(carry[0], 1))};
  })[0];
  linesPerVector = e.ceilDiv(numLines, group);
}

/// The lines of a vector of `reals` side by side.
void StreamedEmitter::prefetch(Value memory, Value at, int64_t reals, Type real,
                               KernelEmitter::Access access) {
  const int64_t line = 8 * kLineBytes / real.getIntOrFloatBitWidth();
  for (int64_t first = 0; first < reals; first += line)
    e.prefetch(memory, e.add(at, first), access);
}

/// The sums of a vector, in registers. What a later one needs of B is asked for `ahead` of it:
/// where its lanes are apart, `linesPerVector` of its lines from number `line` on.
Values StreamedEmitter::sumSteps(int64_t width, int64_t piece, Value a, Value b, Value ahead,
                                 Value line) {
  return e.loopCarry(zero, numSteps, 1, arithmetic.zero(width), [&](Value step, ValueRange sum) {
    Value atA = e.add(a, stepTable.load(e, OffsetTable::A, step));
    Value atStep = stepTable.load(e, OffsetTable::B, step);
    Value atB = e.add(b, atStep), later = e.add(ahead, atStep);
    if (width > 1 && piece == width)
      prefetch(context.b, later, width * arithmetic.layoutB.parts, arithmetic.layoutB.real,
               KernelEmitter::Access::Read);
    if (piece < width)
      e.loop(line, e.add(line, linesPerVector), 1, [&](Value number) {
        Value wrapped = e.select(e.lt(number, numLines), number, e.sub(number, numLines));
        e.prefetch(context.b, e.add(later, e.loadIndex(lineOffsets, wrapped)),
                   KernelEmitter::Access::Read);
      });
    Values factor;
    for (int64_t part = 0; part < parts; ++part)
      factor.push_back(e.load(copyOfA, e.add(atA, part * width), width));
    Values lanesOfB = piece == width
                          ? arithmetic.load(context.b, atB, width, arithmetic.layoutB, spec.conjB)
                          : loadPieces(atB, piece);
    return arithmetic.multiplyAdd(sum, factor, lanesOfB);
  });
}

/// All tiles, in vectors of `width` lanes of which B has `piece` side by side.
void StreamedEmitter::emitTiles(int64_t width, int64_t piece, const Place &start) {
  Value distance = e.mul(e.ceilDiv(e.idx(kVectorsAhead), group), group);
  e.loop(zero, tiles, shape.mc, [&](Value firstTile) {
    Value count = e.min(shape.mc, e.sub(tiles, firstTile));
    tables->fill(outerTable, outer.words, zero, numOuter, firstTile, count, count);
    e.loop(zero, count, 1, [&](Value tile) {
      Value startA = outerTable.load(e, OffsetTable::A, tile);
      Value startB = e.add(start.at[1], outerTable.load(e, OffsetTable::B, tile));
      Value startC = e.add(start.at[2], outerTable.load(e, OffsetTable::C, tile));
      Value chunk = e.rem(e.add(firstTile, tile), numChunks);
      Value entries = e.mul(e.min(perTile, e.sub(ofCut, e.mul(chunk, perTile))), inner);
      e.loopCarry(zero, entries, 1, {zero}, [&](Value entry, ValueRange line) {
        Value a = e.add(startA, tileTable.load(e, OffsetTable::A, entry));
        Value b = e.add(startB, tileTable.load(e, OffsetTable::B, entry));
        Value c = e.add(startC, tileTable.load(e, OffsetTable::C, entry));
        Value later = e.min(e.add(entry, distance), e.sub(entries, 1));
        if (width > 1)
          prefetch(context.c, e.add(startC, tileTable.load(e, OffsetTable::C, later)),
                   width * arithmetic.layoutC.parts, arithmetic.layoutC.real,
                   KernelEmitter::Access::Write);
        Value ahead = e.add(startB, tileTable.load(e, OffsetTable::B, later));
        Values sums = sumSteps(width, piece, a, b, ahead, line[0]);
        Values result = e.ifValues(
            isOverwritten, [&] { return sums; },
            [&] { return arithmetic.sum(arithmetic.loadC(context.c, c, width), sums); });
        arithmetic.storeC(result, context.c, c);
        if (piece == width)
          return Values{line[0]};
        Value next = e.add(line[0], linesPerVector);
        return Values{e.select(e.lt(next, numLines), next, e.sub(next, numLines))};
      });
    });
  });
}

/// Vectors, with as many lanes of B at once as lie side by side.
void StreamedEmitter::emitVectors(const Place &start) {
  findLines();
  auto liesInPieces = [&](int64_t piece) {
    Value yes = e.flag(true);
    return e.loopCarry(zero, e.idx(spec.lanes), 1, {yes}, [&](Value lane, ValueRange carry) {
      Value inPiece = e.rem(lane, e.idx(piece));
      Value first = laneTable.load(e, OffsetTable::B, e.sub(lane, inPiece));
      Value distance = e.sub(laneTable.load(e, OffsetTable::B, lane), first);
      return Values{e.both(carry[0], e.eq(distance, e.mul(inPiece, arithmetic.layoutB.parts)))};
    })[0];
  };
  auto inPieces = [&](llvm::StringRef name, int64_t piece) {
    e.apart(context.module, name, [&] { emitTiles(spec.lanes, piece, start); });
  };
  e.ifElse(
      liesInPieces(spec.lanes), [&] { inPieces("tenon_streamed_vectors", spec.lanes); },
      [&] {
        if (spec.lanes <= kQuad)
          return inPieces("tenon_streamed_gathered", 1);
        e.ifElse(
            liesInPieces(kQuad), [&] { inPieces("tenon_streamed_quads", kQuad); },
            [&] { inPieces("tenon_streamed_gathered", 1); });
      });
}

/// The first `count` dimensions of C, in vectors of the lanes, or in single elements.
void StreamedEmitter::emitWalk(int64_t width, Value count, const Place &start) {
  if (width > 1)
    tables->fill(laneTable, lanes.words, zero, numLanes, zero, e.idx(width), e.idx(width));
  Value firstRow = placeCoefficients(width, count);
  // Without steps nothing is read.
  e.ifThen(e.lt(zero, numSteps), [&] {
    copyCoefficients(width, firstRow, start.at[0]);
    tables->fill(stepTable, steps.words, zero, shape.numRows[Group::K], zero, numSteps, numSteps);
  });
  cutTile(orderNest(count));
  Value points = e.mul(inner, perTile);
  tables->fill(tileTable, nest.words, firstOfTile, e.sub(numOfNest, firstOfTile), zero, points,
               points);
  if (width > 1)
    return emitVectors(start);
  e.apart(context.module, "tenon_streamed_elements", [&] { emitTiles(1, 1, start); });
}

void StreamedEmitter::emit() {
  numSteps = shape.kTotal;
  isOverwritten = e.negate(shape.accumulate);
  e.ifThen(e.negate(writesNothing()), [&] {
    allocate();
    OffsetTables offsetTables(e, context.module, arithmetic, shape, counters);
    tables = &offsetTables;
    forParts(all, [&](Value count, const Place &start) { emitBox(count, start); });
  });
}

} // namespace

void emitStreamedContraction(const KernelContext &context) { StreamedEmitter(context).emit(); }

} // namespace tenon::cpu
