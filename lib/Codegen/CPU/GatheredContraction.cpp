//===- GatheredContraction.cpp - Little to do for many scattered elements -===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Two operands of many short dimensions, of which both may be large, with indices of the batch, m
// and n mixed in any order in all three tensors, and few steps of k. As in a permutation, what
// counts is that each line is moved once, and that it was asked for before it is needed.
//
// All dimensions of C are one group, in the order of C. A *run* is some vectors of elements that
// lie side by side in C, over as many dimensions as that takes. Where its lanes are in A and in B
// is one table for all runs; of each vector and operand it is known whether lanes lie side by side,
// in one place, in fours or pairs, or anywhere. Runs that share lines of A or of B are a *block*,
// with a table of their positions; blocks are walked in the order of C. Lines of a later block are
// asked for by the runs of each.
//
//===----------------------------------------------------------------------===//
#include "ResultDims.h"

#include <algorithm>

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Vectors of a run: more dimensions are taken in until there are so many.
constexpr int64_t kEnoughVectors = 4;
static_assert(kEnoughVectors <= kMostGatheredVectors);

/// Elements of a block at most: three such blocks stay in the second cache.
constexpr int64_t kMostInBlock = 1 << 15;

/// Indices of a dimension that the larger operand lacks, in a block.
constexpr int64_t kMostSharing = 16;

/// Vectors of C between a prefetch and its use.
constexpr int64_t kVectorsAhead = 64;

/// A vector of which fewer lanes are left is done one element at a time: this part of it.
constexpr int64_t kFewLanes = 4;

class GatheredEmitter : ResultDims {
public:
  explicit GatheredEmitter(const KernelContext &context) : ResultDims(context) {}

  void emit();

private:
  /// How the lanes of a vector may lie in an operand: side by side in pieces of these widths, the
  /// largest first, or else one by one.
  llvm::SmallVector<int64_t> pieceWidths() const {
    llvm::SmallVector<int64_t> widths{spec.lanes};
    for (int64_t width : {4, 2})
      if (width < spec.lanes)
        widths.push_back(width);
    return widths;
  }

  void allocate();
  void emitRuns(Value count, const Place &start);
  void emitPart(Value numOfRun, Value count, const Place &start);
  Value largestDivisor(Value extent, Value most);
  Value partOfBlock(const Dim &dim);
  void nameKinds(int64_t operand);
  void listLines(int64_t operand, Value numOfRun, Value firstOfBlock);
  void askForLines(int64_t operand, Value start, Value number);
  void askForRun(Value start);
  void emitBlocks(const Place &start);
  void emitRun(const Place &at);
  Values loadPieces(Value kind, llvm::ArrayRef<int64_t> widths,
                    llvm::function_ref<Values(int64_t width)> load);
  Values loadLanes(int64_t operand, Value at, Value kind, Value first);
  Values loadElement(int64_t operand, Value at, Value entry);
  Values sumSteps(const Place &at, int64_t width,
                  llvm::function_ref<Values(int64_t operand, Value at)> load);
  void store(const Place &at, Value first, ValueRange sums, Value lanesLeft);
  Value memoryOf(int64_t operand) { return operand == 0 ? context.a : context.b; }
  bool conjugates(int64_t operand) const { return operand == 0 ? spec.conjA : spec.conjB; }
  static OffsetTable::Column columnOf(int64_t operand) {
    return operand == 0 ? OffsetTable::A : OffsetTable::B;
  }
  /// Reals of an operand in a line.
  int64_t realsOfLine(int64_t operand) const {
    return 8 * kLineBytes / layoutOf(operand).real.getIntOrFloatBitWidth();
  }

  Value isOverwritten, numSteps;
  const OffsetTables *tables = nullptr;
  DimList all;      ///< dimensions of C, outermost first
  DimList run;      ///< those of a run
  DimList block;    ///< of a block, at the end of the list
  DimList outer;    ///< around the blocks, at the end of the list
  DimList lines[2]; ///< of A and B in a block, at the end of the list
  OffsetTable runTable, stepTable, blockTable, outerTable, lineTable[2];
  Value counters;
  /// Of each vector of a run, for A and for B: the width of the pieces in which its lanes lie
  /// there, or 0 where all are in one place.
  Value kinds;
  Value numElements;    ///< of a run
  Value numVectors;     ///< of a run, with a last one that is not full if that pays
  Value numRuns;        ///< of a block
  Value numBlocks;      ///< in all
  Value firstOfOuter;   ///< row of its list
  Value numLines[2];    ///< of A and B in a block
  Value linesPerRun[2]; ///< of a later block that each run asks for
  Value lineOrigin[2];  ///< of the first one from a block's first element
};

void GatheredEmitter::allocate() {
  Value steps = e.max(numSteps, one);
  Value batch = pointsOf(Group::Batch), m = pointsOf(Group::M), n = pointsOf(Group::N);
  auto capped = [&](Value elements) { return e.min(elements, shape.mc); };
  WorkspaceCursor cursor(e, context.workspace);
  counters = cursor.take(rowsOfList(), e.b.getIndexType(), 8);
  for (DimList *list : {&all, &run, &block, &outer, &lines[0], &lines[1]})
    *list = takeList(cursor);
  kinds = cursor.take(e.idx(2 * kMostGatheredVectors), e.b.getIndexType(), 8);
  runTable = cursor.takeTable(e.idx(kMostGatheredVectors * spec.lanes));
  stepTable = cursor.takeTable(steps);
  blockTable = cursor.takeTable(capped(e.mul(e.mul(batch, m), n)));
  outerTable = cursor.takeTable(capped(e.mul(e.mul(batch, m), n)));
  lineTable[0] = cursor.takeTable(capped(e.mul(e.mul(batch, m), steps)));
  lineTable[1] = cursor.takeTable(capped(e.mul(e.mul(batch, n), steps)));
}

//===----------------------------------------------------------------------===//
// The order in which all is walked
//===----------------------------------------------------------------------===//

/// The largest divisor of `extent` that is no larger than `most`; both are positive.
Value GatheredEmitter::largestDivisor(Value extent, Value most) {
  return e.whileLoop(
      {most}, [&](ValueRange state) { return e.negate(isZero(e.rem(extent, state[0]))); },
      [&](ValueRange state) { return Values{e.sub(state[0], 1)}; })[0];
}

/// Finds the dimensions of a run: the innermost ones of C, side by side there. The last one that is
/// needed is cut; what that leaves of it are shorter runs, walked by themselves.
void GatheredEmitter::emitRuns(Value count, const Place &start) {
  const Value enough = e.idx(kEnoughVectors * spec.lanes);
  const Value most = e.idx(kMostGatheredVectors * spec.lanes);
  auto follows = [&](Value row, Value points) {
    return e.eq(get(all, row).stride[OffsetTable::C], points);
  };
  Values found = e.whileLoop(
      {count, one},
      [&](ValueRange state) {
        return guarded(e.both(e.lt(zero, state[0]), e.lt(state[1], enough)), [&] {
          Value row = e.sub(state[0], 1);
          Value isShort = e.le(e.mul(state[1], get(all, row).extent), most);
          return e.both(follows(row, state[1]), isShort);
        });
      },
      [&](ValueRange state) {
        Value row = e.sub(state[0], 1);
        return Values{row, e.mul(state[1], get(all, row).extent)};
      });
  Value first = found[0], there = found[1], cutRow = e.max(e.sub(first, 1), zero);
  Value isCut = guarded(e.both(e.lt(zero, first), e.lt(there, enough)),
                        [&] { return follows(cutRow, there); });
  Dim dim = get(all, cutRow); // of no meaning unless it is cut
  Value longest = e.max(e.div(most, there), one);
  // Runs of one length: few vectors where they are full, since rows of an operand that are a power
  // of two apart share sets of the caches; else many, unless no divisor is near.
  Values lengths = e.ifValues(
      isCut,
      [&] {
        Value even = largestDivisor(dim.extent, longest);
        Value some = e.select(e.lt(e.mul(even, 2), longest), longest, even);
        Value few = largestDivisor(dim.extent, e.max(e.div(enough, there), one));
        Value isFull = isZero(e.rem(e.mul(there, few), e.idx(spec.lanes)));
        Value taken = e.select(isFull, few, some);
        return Values{taken, e.div(dim.extent, taken), e.rem(dim.extent, taken)};
      },
      [&] {
        return Values{one, one, zero};
      });
  Value taken = lengths[0], runs = lengths[1], left = lengths[2];
  e.loop(first, count, 1, [&](Value row) { put(get(all, row), run, e.add(e.sub(row, first), 1)); });
  Value numOfRun = e.add(e.sub(count, first), 1);
  Value parts = e.select(e.lt(zero, left), e.idx(2), one);
  e.loop(zero, parts, 1, [&](Value part) {
    Value isLeft = e.eq(part, one);
    Value length = e.select(isLeft, left, taken);
    numElements = e.mul(there, length);
    put(stretched(dim, length, one), run, zero);
    e.ifThen(isCut, [&] { put(stretched(dim, e.select(isLeft, one, runs), taken), all, cutRow); });
    Place beyond = moved(start, dim, e.mul(runs, taken)), from;
    for (int64_t operand = 0; operand < 3; ++operand)
      from.at[operand] = e.select(isLeft, beyond.at[operand], start.at[operand]);
    emitPart(numOfRun, first, from);
  });
}

/// Indices of a dimension that share a line of an operand, the one in which they are closest, or
/// all of its lines, as it lacks the dimension: all of them where they are few, or a part that
/// divides them. Of the smaller operand it is of no use to share all.
Value GatheredEmitter::partOfBlock(const Dim &dim) {
  Value most = one;
  Value largerA = e.lt(pointsOf(Group::N), pointsOf(Group::M));
  for (int64_t operand = 0; operand < 2; ++operand) {
    Value distance = e.mul(size(dim.stride[operand]), partsOf(operand));
    Value there = e.div(e.idx(realsOfLine(operand)), e.max(distance, one));
    Value isLarger = operand == 0 ? largerA : e.negate(largerA);
    Value shared = e.select(isLarger, e.idx(kMostSharing), one);
    most = e.max(most, e.select(isZero(distance), shared, there));
  }
  Value isShort = e.lt(dim.extent, e.mul(most, 2));
  Value isInLines = e.lt(one, most);
  return e.ifValues(
      e.both(isInLines, e.negate(isShort)),
      [&] { return Values{largestDivisor(dim.extent, most)}; },
      [&] { return Values{e.select(isInLines, dim.extent, one)}; })[0];
}

/// Runs of one length: `numOfRun` rows of theirs, and the first `count` dimensions of C around
/// them.
void GatheredEmitter::emitPart(Value numOfRun, Value count, const Place &start) {
  Value rows = rowsOfList();
  Value mostRuns = e.min(shape.mc, e.max(e.div(e.idx(kMostInBlock), numElements), one));
  auto putBefore = [&](const DimList &list, Value first, const Dim &dim) {
    Value isThere = e.lt(one, dim.extent), before = e.sub(first, 1);
    e.ifThen(isThere, [&] { put(dim, list, before); });
    return e.select(isThere, before, first);
  };
  Values state = e.loopCarry(zero, count, 1, {rows, rows, one}, [&](Value i, ValueRange carry) {
    Dim dim = get(all, e.sub(e.sub(count, 1), i));
    Value part = partOfBlock(dim);
    part = e.select(e.le(e.mul(carry[2], part), mostRuns), part, one);
    Value ofBlock = putBefore(block, carry[0], stretched(dim, part, one));
    Value ofOuter = putBefore(outer, carry[1], stretched(dim, e.div(dim.extent, part), part));
    return Values{ofBlock, ofOuter, e.mul(carry[2], part)};
  });
  Value firstOfBlock = state[0];
  firstOfOuter = state[1];
  numRuns = state[2];
  numBlocks = countPoints(outer, firstOfOuter, rows);

  Value lanes = e.idx(spec.lanes);
  Value full = e.div(numElements, lanes), rest = e.rem(numElements, lanes);
  numVectors = full;
  if (usesMasks(context, arithmetic.layoutC))
    numVectors = e.add(full, e.select(e.lt(e.idx(spec.lanes / kFewLanes), rest), one, zero));
  // Lanes beyond the last element are read and not stored.
  tables->fill(runTable, run.words, zero, numOfRun, zero, numElements,
               e.roundUp(numElements, spec.lanes));
  tables->fill(blockTable, block.words, firstOfBlock, e.sub(rows, firstOfBlock), zero, numRuns,
               numRuns);
  for (int64_t operand = 0; operand < 2; ++operand) {
    nameKinds(operand);
    listLines(operand, numOfRun, firstOfBlock);
  }
  e.apart(context.module, "tenon_gathered_blocks", [&] { emitBlocks(start); });
}

/// Finds out how the lanes of each vector of a run lie in an operand.
void GatheredEmitter::nameKinds(int64_t operand) {
  const OffsetTable::Column column = columnOf(operand);
  const int64_t parts = partsOf(operand);
  const llvm::SmallVector<int64_t> widths = pieceWidths();
  e.loop(zero, numVectors, 1, [&](Value vector) {
    Value first = e.mul(vector, spec.lanes);
    auto offset = [&](Value lane) { return runTable.load(e, column, e.add(first, lane)); };
    // For each width whether all lanes lie in such pieces, then whether all are in one place.
    Values yes(widths.size() + 1, e.flag(true));
    Values is = e.loopCarry(zero, e.idx(spec.lanes), 1, yes, [&](Value lane, ValueRange carry) {
      Value at = offset(lane);
      Values next;
      for (auto [width, isSo] : llvm::zip_first(widths, carry)) {
        Value inPiece = e.rem(lane, e.idx(width));
        Value distance = e.sub(at, offset(e.sub(lane, inPiece)));
        next.push_back(e.both(isSo, e.eq(distance, e.mul(inPiece, parts))));
      }
      next.push_back(e.both(carry.back(), e.eq(at, offset(zero))));
      return next;
    });
    // Lanes that a vector lacks at its end are read one by one, from places that are there.
    Value kind = one;
    for (size_t i = widths.size(); i-- > 0;)
      kind = e.select(is[i], e.idx(widths[i]), kind);
    kind = e.select(is.back(), zero, kind);
    Value isFull = e.le(e.add(first, spec.lanes), numElements);
    e.storeIndex(e.select(isFull, kind, one), kinds, e.add(e.mul(vector, 2), operand));
  });
}

/// Lists the lines of an operand that a block reads: dimensions of a line and more apart, and lines
/// side by side for all others together.
void GatheredEmitter::listLines(int64_t operand, Value numOfRun, Value firstOfBlock) {
  const OffsetTable::Column column = columnOf(operand);
  const Value line = e.idx(std::max<int64_t>(realsOfLine(operand) / partsOf(operand), 1));
  const DimList &list = lines[operand];
  auto lineDim = [&](Value extent, Value stride) {
    Dim dim{extent, {zero, zero, zero}};
    dim.stride[column] = stride;
    return dim;
  };
  // Carried: the first row; elements that those close together span, and where they begin.
  auto addAll = [&](Value words, Value first, Value end, ValueRange state) {
    return e.loopCarry(first, end, 1, state, [&](Value row, ValueRange carry) {
      Dim dim = get(words, row);
      Value stride = dim.stride[column], distance = size(stride);
      Value isFar = e.le(line, distance), before = e.sub(carry[0], 1);
      e.ifThen(isFar, [&] { put(lineDim(dim.extent, stride), list, before); });
      Value last = e.mul(stride, e.sub(dim.extent, one));
      Value low = e.add(carry[2], e.min(last, zero));
      return Values{e.select(isFar, before, carry[0]),
                    e.select(isFar, carry[1], e.add(carry[1], size(last))),
                    e.select(isFar, carry[2], low)};
    });
  };
  Value rows = rowsOfList(), rowOfK = shape.firstRow[Group::K];
  Values state = addAll(shape.memory, rowOfK, e.add(rowOfK, shape.numRows[Group::K]),
                        Values{rows, zero, zero});
  state = addAll(block.words, firstOfBlock, rows, state);
  state = addAll(run.words, zero, numOfRun, state);
  Value first = e.sub(state[0], 1);
  put(lineDim(e.add(e.div(state[1], line), 1), line), list, first);
  // Those that the table has no place for are not asked for.
  Value place = e.sub(lineTable[operand].pitch, kTableSlack);
  numLines[operand] = e.min(countPoints(list, first, rows), place);
  linesPerRun[operand] = e.ceilDiv(numLines[operand], numRuns);
  lineOrigin[operand] = e.mul(state[2], partsOf(operand));
  tables->fill(lineTable[operand], list.words, first, e.sub(rows, first), zero, numLines[operand],
               numLines[operand]);
}

//===----------------------------------------------------------------------===//
// Blocks and runs
//===----------------------------------------------------------------------===//

/// Asks for the lines of an operand that run `number` of a block has to ask for, in the block that
/// begins at `start`.
void GatheredEmitter::askForLines(int64_t operand, Value start, Value number) {
  Value first = e.mul(number, linesPerRun[operand]);
  Value end = e.min(e.add(first, linesPerRun[operand]), numLines[operand]);
  Value from = e.add(start, lineOrigin[operand]);
  e.loop(first, end, 1, [&](Value line) {
    Value at = lineTable[operand].load(e, columnOf(operand), line);
    e.prefetch(memoryOf(operand), e.add(from, at), KernelEmitter::Access::Read);
  });
}

/// Asks for the lines of C of the run that begins at `start`.
void GatheredEmitter::askForRun(Value start) {
  e.loop(zero, e.mul(numElements, partsOf(2)), realsOfLine(2), [&](Value real) {
    e.prefetch(context.c, e.add(start, real), KernelEmitter::Access::Write);
  });
}

/// The lanes of a vector in the pieces that `kind` says: one of `widths`, or 1.
Values GatheredEmitter::loadPieces(Value kind, llvm::ArrayRef<int64_t> widths,
                                   llvm::function_ref<Values(int64_t width)> load) {
  if (widths.empty())
    return load(1);
  return e.ifValues(
      e.eq(kind, e.idx(widths.front())), [&] { return load(widths.front()); },
      [&] { return loadPieces(kind, widths.drop_front(), load); });
}

/// The lanes of a vector of an operand from run table entry `first` on, with the run at `at`.
Values GatheredEmitter::loadLanes(int64_t operand, Value at, Value kind, Value first) {
  const ElementLayout &layout = layoutOf(operand);
  Value memory = e.from(memoryOf(operand), at);
  Value offsets = e.from(runTable.memory, runTable.position(e, columnOf(operand), first));
  auto load = [&](int64_t lane, int64_t width) {
    return e.load(memory, e.loadIndex(offsets, e.idx(lane)), width * layout.parts);
  };
  Value raw = e.ifValues(
      isZero(kind), [&] { return Values{e.repeat(load(0, 1), spec.lanes)}; },
      [&] {
        return loadPieces(kind, pieceWidths(), [&](int64_t width) {
          Values pieces;
          for (int64_t lane = 0; lane < spec.lanes; lane += width)
            pieces.push_back(load(lane, width));
          return Values{e.concatenate(pieces)};
        });
      })[0];
  return arithmetic.split(raw, layout, conjugates(operand));
}

Values GatheredEmitter::loadElement(int64_t operand, Value at, Value entry) {
  Value place = e.add(at, runTable.load(e, columnOf(operand), entry));
  return arithmetic.load(memoryOf(operand), place, 1, layoutOf(operand), conjugates(operand));
}

/// The sums of `width` lanes over k, in registers.
Values GatheredEmitter::sumSteps(const Place &at, int64_t width,
                                 llvm::function_ref<Values(int64_t operand, Value at)> load) {
  return e.loopCarry(zero, numSteps, 1, arithmetic.zero(width), [&](Value step, ValueRange sums) {
    Values factors[2];
    for (int64_t operand = 0; operand < 2; ++operand) {
      Value ofStep = stepTable.load(e, columnOf(operand), step);
      factors[operand] = load(operand, e.add(at.at[operand], ofStep));
    }
    return arithmetic.multiplyAdd(sums, factors[0], factors[1]);
  });
}

/// Stores, or adds, sums from element `first` of the run on; `lanesLeft`: elements of C that there
/// are, or null where there are enough.
void GatheredEmitter::store(const Place &at, Value first, ValueRange sums, Value lanesLeft) {
  const int64_t width = cast<VectorType>(sums[0].getType()).getDimSize(0);
  const Lanes lanes{width, lanesLeft};
  Value place = e.add(at.at[2], e.mul(first, partsOf(2)));
  Values result = e.ifValues(
      isOverwritten, [&] { return Values(sums); },
      [&] {
        Values old = arithmetic.load(context.c, place, lanes, arithmetic.layoutC, false);
        return arithmetic.sum(old, sums);
      });
  arithmetic.storeC(result, context.c, place, lanes);
}

void GatheredEmitter::emitRun(const Place &at) {
  e.loop(zero, numVectors, 1, [&](Value vector) {
    Value first = e.mul(vector, spec.lanes);
    Value kindOf[2];
    for (int64_t operand = 0; operand < 2; ++operand)
      kindOf[operand] = e.loadIndex(kinds, e.add(e.mul(vector, 2), operand));
    Values sums = sumSteps(at, spec.lanes, [&](int64_t operand, Value place) {
      return loadLanes(operand, place, kindOf[operand], first);
    });
    if (!usesMasks(context, arithmetic.layoutC))
      return store(at, first, sums, {});
    Value left = e.sub(numElements, first);
    e.ifElse(
        e.le(e.idx(spec.lanes), left), [&] { store(at, first, sums, {}); },
        [&] { store(at, first, sums, left); });
  });
  e.loop(e.mul(numVectors, spec.lanes), numElements, 1, [&](Value entry) {
    Values sums = sumSteps(
        at, 1, [&](int64_t operand, Value place) { return loadElement(operand, place, entry); });
    store(at, entry, sums, {});
  });
}

void GatheredEmitter::emitBlocks(const Place &start) {
  Value rows = rowsOfList();
  Value ahead = e.ceilDiv(e.idx(kVectorsAhead), e.max(e.mul(numRuns, numVectors), one));
  e.loop(zero, numBlocks, shape.mc, [&](Value firstBlock) {
    Value count = e.min(shape.mc, e.sub(numBlocks, firstBlock));
    tables->fill(outerTable, outer.words, firstOfOuter, e.sub(rows, firstOfOuter), firstBlock,
                 count, count);
    auto placeOf = [&](Value number) {
      Place place;
      for (auto column : {OffsetTable::A, OffsetTable::B, OffsetTable::C})
        place.at[column] = e.add(start.at[column], outerTable.load(e, column, number));
      return place;
    };
    e.loop(zero, count, 1, [&](Value number) {
      Place here = placeOf(number);
      Place later = placeOf(e.min(e.add(number, ahead), e.sub(count, 1)));
      e.loop(zero, numRuns, 1, [&](Value runOfBlock) {
        Place at;
        for (auto column : {OffsetTable::A, OffsetTable::B, OffsetTable::C})
          at.at[column] = e.add(here.at[column], blockTable.load(e, column, runOfBlock));
        for (int64_t operand = 0; operand < 2; ++operand)
          askForLines(operand, later.at[operand], runOfBlock);
        askForRun(e.add(later.at[2], blockTable.load(e, OffsetTable::C, runOfBlock)));
        emitRun(at);
      });
    });
  });
}

void GatheredEmitter::emit() {
  numSteps = shape.kTotal;
  isOverwritten = e.negate(shape.accumulate);
  e.ifThen(e.negate(writesNothing()), [&] {
    allocate();
    OffsetTables offsetTables(e, context.module, arithmetic, shape, counters);
    tables = &offsetTables;
    tables->fill(stepTable, Group::K, zero, numSteps, numSteps);
    forParts(all, [&](Value count, const Place &start) { emitRuns(count, start); });
  });
}

} // namespace

void emitGatheredContraction(const KernelContext &context) { GatheredEmitter(context).emit(); }

} // namespace tenon::cpu
