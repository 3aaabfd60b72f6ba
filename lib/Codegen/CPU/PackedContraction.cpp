//===- PackedContraction.cpp - The loops around the micro-kernel ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The loop order of BLIS: batch, blocks of n (jc), of k (pc: pack B), of m (ic: pack A), then
// register tiles (jr, ir). B's current panel stays in the first cache, A's block in the second, B's
// block in the third.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

#include "tenon/Support/SeededBug.h"

#include <algorithm>
#include <numeric>

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Tiles of rows up to which B is read where it lies.
constexpr int64_t kTilesOfUnpackedB = 2;
/// Tiles of columns up to which A is, if it has no more bytes than that and its rows do not lie
/// side by side: each reading takes a load more for the offset of a row, a fifth of an element's
/// packing through transposes.
constexpr int64_t kTilesOfUnpackedA = 3, kBytesOfUnpackedA = 48 << 10;

class PackedEmitter {
public:
  explicit PackedEmitter(const KernelContext &context)
      : context(context), e(context.e), spec(context.spec), arithmetic(context.arithmetic),
        shape(context.shape), sizeM(extent(ContractionShape::M)),
        sizeN(extent(ContractionShape::N)) {
    runA = shape.sideBySide(e, context.module, ContractionShape::M, OffsetTable::A);
    runB = shape.sideBySide(e, context.module, ContractionShape::N, OffsetTable::B);
    runC = shape.sideBySide(e, context.module, ContractionShape::N, OffsetTable::C);
    pairRunA = shape.twoApart(e, ContractionShape::M, OffsetTable::A);
    pairRunB = shape.twoApart(e, ContractionShape::N, OffsetTable::B);
    stepRunA = shape.sideBySide(e, context.module, ContractionShape::K, OffsetTable::A);
    stepRunB = shape.sideBySide(e, context.module, ContractionShape::K, OffsetTable::B);
    isEvenB = e.both(e.both(e.eq(runB, e.idx(1)), e.eq(shape.numRows[Group::K], e.idx(1))),
                     shape.sideBySideAcross(e, Group::N, OffsetTable::B));
    Value oneTile = e.le(sizeN, e.idx(spec.nr));
    if (isReadAsItLies(arithmetic, arithmetic.layoutA, spec.conjA)) {
      const int64_t elements = kBytesOfUnpackedA / (arithmetic.bytes * arithmetic.parts);
      Value isSmall = e.both(e.le(e.mul(sizeM, shape.kTotal), e.idx(elements)),
                             e.le(sizeN, e.idx(kTilesOfUnpackedA * spec.nr)));
      placeA = e.either(oneTile, e.both(isSmall, e.lt(runA, e.idx(spec.mr))));
    }
    if (isReadAsItLies(arithmetic, arithmetic.layoutB, spec.conjB) && arithmetic.parts == 1)
      placeB = e.le(sizeM, e.idx(kTilesOfUnpackedB * spec.mr));
  }

  void emit();

private:
  using Group = ContractionShape::Group;

  Value extent(Group group) { return e.sub(shape.end[group], shape.begin[group]); }
  /// Blocks of at most `largest`, all of nearly the same size, a multiple of `unit`.
  Value balanced(Value size, Value largest, int64_t unit) {
    Value blocks = e.max(e.ceilDiv(size, largest), e.idx(1));
    return e.max(e.roundUp(e.ceilDiv(size, blocks), unit), e.idx(unit));
  }
  /// Layers of a panel: a multiply-add takes one or two steps of k.
  Value layersOf(Value depth) {
    return arithmetic.dot == 1 ? depth : e.ceilDiv(depth, e.idx(arithmetic.dot));
  }
  /// What of B's next block is fetched while this one is multiplied: so many lanes from its first
  /// one on, each so many reals behind the same lane of this block, and how far steps are apart.
  struct Ahead {
    Value lanes, distance, step;
  };
  Ahead lookAhead(const OffsetTables &tables, Value firstPoint, Value columns);
  /// What a tile fetches in so many steps of k: MicroTile::soon and soonStep.
  Values soonOfCaller(Value steps, Value otherwise);
  void chooseBlocks();
  void allocate();
  void emitBatch(Value batch, const OffsetTables &tables);
  void emitBlock(const OffsetTables &tables, Value jc, Value columns, Value pc, Value depth);
  void emitTiles(Value firstPoint, Value rows, Value columns, Value depth, Value overwrite,
                 const Ahead &ahead);

  const KernelContext &context;
  KernelEmitter &e;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const ShapeWords &shape;
  Value sizeM, sizeN;
  Value runA, runB, runC;   // of M in A, of N in B and in C: ShapeWords::sideBySide
  Value pairRunA, pairRunB; // of M in A and of N in B: ShapeWords::twoApart
  Value stepRunA, stepRunB; // of K in A and in B
  Value placeA, placeB;     // i1: panels are left out where no other tile uses them; null: never
  Value isEvenB;    // i1: lanes one period of N apart lie side by side in B, steps evenly apart
  Value mc, nc, kc; // blocks
  OffsetTable tableM, tableN, tableK, tableB; // of the current blocks; tableB: of a single point
  Value counters, scratch, panelsA, panelsB;
  Value baseA, baseB, baseC; // offsets of the current batch point
};

void PackedEmitter::chooseBlocks() {
  kc = balanced(shape.kTotal, shape.kc, kPadPeriod);
  mc = balanced(sizeM, shape.mc, spec.mr);
  // Whole groups of runs and whole tiles, where the largest block has them and n has more.
  const int64_t group = std::lcm(spec.nr, runGroup(arithmetic.bytes * arithmetic.parts));
  Value areWhole = e.eq(e.rem(shape.nc, e.idx(group)), e.idx(0));
  nc = balanced(sizeN, shape.nc, spec.nr);
  nc = e.select(areWhole, e.min(e.roundUp(nc, group), e.roundUp(sizeN, spec.nr)), nc);
}

void PackedEmitter::allocate() {
  WorkspaceCursor cursor(e, context.workspace);
  counters = cursor.take(shape.rank, e.b.getIndexType(), 8);
  tableM = cursor.takeTable(mc);
  tableN = cursor.takeTable(nc);
  tableK = cursor.takeTable(kc);
  tableB = cursor.takeTable(e.idx(1));
  int64_t bytes = arithmetic.bytes, parts = arithmetic.parts;
  scratch = cursor.take(e.idx(spec.mr * spec.nr * parts), arithmetic.compute, bytes);
  Value layers = layersOf(kc);
  panelsA = cursor.take(e.mul(mc, layers), arithmetic.panel, bytes * parts);
  panelsB = cursor.take(e.mul(nc, layers), arithmetic.panel, bytes * parts);
}

/// Lanes that are read across runs come a line at a time from as many places as there are lanes and
/// steps. No hardware prefetcher follows them, and waiting for them takes longer than multiplying
/// what they hold by few rows. The next block's lie as this one's do, where it begins at the same
/// place of a run, and steps are evenly apart where k is one dimension.
PackedEmitter::Ahead PackedEmitter::lookAhead(const OffsetTables &tables, Value firstPoint,
                                              Value columns) {
  Value next = e.add(firstPoint, columns), period = shape.innerExtent[Group::N];
  Value isAlike = e.both(isEvenB, e.eq(e.rem(next, period), e.idx(0)));
  // Of m and k there is one block: nothing else is read in between.
  Value isNext =
      e.both(e.both(e.le(shape.kTotal, kc), e.le(sizeM, mc)), e.lt(next, shape.end[Group::N]));
  Values found = e.ifValues(
      e.both(isAlike, isNext),
      [&] {
        auto offset = [&](const OffsetTable &table, int64_t entry) {
          return table.load(e, OffsetTable::B, e.idx(entry));
        };
        tables.fill(tableB, Group::N, next, e.idx(1), e.idx(1));
        return Values{period, e.sub(offset(tableB, 0), offset(tableN, 0)),
                      e.sub(offset(tableK, 1), offset(tableK, 0))};
      },
      [&] {
        return Values{e.idx(0), e.idx(0), e.idx(0)};
      });
  return {found[0], found[1], found[2]};
}

/// The lines that the caller reads after this call arrive while it computes, and are counted in the
/// shape words. The last ones are spread over all steps of a tile. `otherwise`: the line where
/// nothing is to be fetched.
Values PackedEmitter::soonOfCaller(Value steps, Value otherwise) {
  Value words = shape.memory, wordOfAddress = e.idx(kSoonWord), wordOfLines = e.idx(kSoonWord + 1);
  Value lines = e.loadIndex(words, wordOfLines);
  return e.ifValues(
      e.lt(e.idx(0), lines),
      [&] {
        Value taken = e.min(lines, e.mul(steps, linesOfStep(spec)));
        Value bytes = e.mul(taken, kLineBytes);
        Value address = e.loadIndex(words, wordOfAddress);
        e.storeIndex(e.add(address, bytes), words, wordOfAddress);
        e.storeIndex(e.sub(lines, taken), words, wordOfLines);
        return Values{e.sub(address, e.address(context.workspace)),
                      e.ceilDiv(bytes, e.max(steps, e.idx(1)))};
      },
      [&] {
        return Values{otherwise, e.idx(0)};
      });
}

/// `firstPoint`: flattened index of the first column in N.
void PackedEmitter::emitTiles(Value firstPoint, Value rows, Value columns, Value depth,
                              Value overwrite, const Ahead &ahead) {
  const Value layers = layersOf(depth);
  const int64_t mr = spec.mr, nr = spec.nr, parts = arithmetic.parts;
  const int64_t realBytes = arithmetic.layoutB.real.getIntOrFloatBitWidth() / 8;
  const int64_t lineReals = kLineBytes / realBytes;
  const Value toB = e.sub(e.address(context.b), e.address(context.workspace));
  const int64_t panelLines = std::max<int64_t>(nr * arithmetic.layoutB.parts / lineReals, 1);
  e.loop(e.idx(0), columns, nr, [&](Value jr) {
    Value width = e.min(e.sub(columns, jr), e.idx(nr));
    Value inRun = e.rem(e.add(firstPoint, jr), runC), untilRun = e.sub(runC, inRun);
    auto inRunsOf = [&](int64_t length) {
      auto aligned = [&](Value number) { return e.eq(e.rem(number, e.idx(length)), e.idx(0)); };
      return e.either(e.le(width, untilRun), e.both(aligned(runC), aligned(inRun)));
    };
    Value whereBLies;
    if (placeB) {
      Value left = e.sub(runB, e.rem(e.add(firstPoint, jr), runB));
      whereBLies = e.both(placeB, liesInPlace(context, nr, width, left));
    }
    Value vectors = inRunsOf(spec.lanes), runs = inRunsOf(runLength(nr));
    e.loop(e.idx(0), rows, mr, [&](Value ir) {
      // The first tiles of a panel fetch a lane each: as many lines as the panel has in B.
      Value row = e.div(ir, e.idx(mr));
      Value number = e.add(e.mul(e.div(jr, e.idx(nr)), panelLines), row);
      Value fetches = e.both(e.lt(row, e.idx(panelLines)), e.lt(number, ahead.lanes));
      Value place = e.add(baseB, tableN.load(e, OffsetTable::B, e.select(fetches, number, jr)));
      auto inBytes = [&](Value reals) { return e.add(toB, e.mul(reals, realBytes)); };
      Values soon = e.ifValues(
          fetches,
          [&] {
            return Values{inBytes(e.add(place, e.add(ahead.distance, lineReals - 1))),
                          e.mul(ahead.step, realBytes)};
          },
          [&] { return soonOfCaller(e.mul(layers, arithmetic.dot), inBytes(place)); });
      MicroTile tile{.panelsA = panelsA,
                     .panelsB = panelsB,
                     .startA = e.mul(e.mul(ir, layers), parts),
                     .startB = e.mul(e.mul(jr, layers), parts),
                     .layers = layers,
                     .k = tableK,
                     .baseA = baseA,
                     .baseB = baseB,
                     .placeA = placeA,
                     .placeB = whereBLies,
                     .soon = soon[0],
                     .soonStep = soon[1],
                     .rows = e.min(e.sub(rows, ir), e.idx(mr)),
                     .columns = width,
                     .m = tableM,
                     .n = tableN,
                     .firstM = ir,
                     .firstN = jr,
                     .base = baseC,
                     .columnVectors = vectors,
                     .columnRuns = runs,
                     .run = runC,
                     .untilRun = untilRun,
                     .overwrite = overwrite,
                     .scratch = scratch};
      emitMicroKernel(context, tile);
    });
  });
}

void PackedEmitter::emitBlock(const OffsetTables &tables, Value jc, Value columns, Value pc,
                              Value depth) {
  tables.fill(tableK, Group::K, pc, depth, e.roundUp(depth, kPadPeriod));
  Value firstN = e.add(shape.begin[Group::N], jc);
  PanelSource sourceB{.memory = context.b,
                      .layout = arithmetic.layoutB,
                      .column = OffsetTable::B,
                      .conjugate = spec.conjB,
                      .firstPoint = firstN,
                      .points = columns,
                      .run = runB,
                      .pairRun = pairRunB,
                      .stays = placeB,
                      .firstStep = pc,
                      .stepRun = stepRunB,
                      .period = shape.innerExtent[Group::N]};
  // Each packing is a function: in one with the loops around it, and with the other's, a third of
  // the instructions would read or write the stack.
  e.apart(context.module, "tenon_pack_b", [&] {
    emitPacking(context, tables, sourceB, tableN, tableK, baseB, e.ceilDiv(columns, e.idx(spec.nr)),
                depth, panelsB, spec.nr);
  });

  Value firstStep = e.eq(pc, e.idx(0));
  Value overwrite = e.negate(shape.accumulate);
  if (!isSeeded(SeededBug::ZeroedPerBlock))
    overwrite = e.both(firstStep, overwrite);
  Ahead ahead = lookAhead(tables, firstN, columns);
  // When one block holds all of A, it is packed once for all blocks of n.
  Value kept = e.both(e.both(e.le(sizeM, mc), e.le(shape.kTotal, kc)), e.lt(e.idx(0), jc));
  e.loop(e.idx(0), sizeM, mc, [&](Value ic) {
    Value rows = e.min(mc, e.sub(sizeM, ic));
    e.ifThen(e.negate(kept), [&] {
      Value firstM = e.add(shape.begin[Group::M], ic);
      tables.fill(tableM, Group::M, firstM, rows, e.add(e.roundUp(rows, spec.mr), kPadPeriod));
      PanelSource sourceA{.memory = context.a,
                          .layout = arithmetic.layoutA,
                          .column = OffsetTable::A,
                          .conjugate = spec.conjA,
                          .firstPoint = firstM,
                          .points = rows,
                          .run = runA,
                          .pairRun = pairRunA,
                          .stays = {},
                          .firstStep = pc,
                          .stepRun = stepRunA,
                          .period = {}};
      auto pack = [&] {
        e.apart(context.module, "tenon_pack_a", [&] {
          emitPacking(context, tables, sourceA, tableM, tableK, baseA,
                      e.ceilDiv(rows, e.idx(spec.mr)), depth, panelsA, spec.mr);
        });
      };
      if (placeA)
        e.ifThen(e.negate(placeA), pack);
      else
        pack();
    });
    e.apart(context.module, "tenon_packed_tiles",
            [&] { emitTiles(firstN, rows, columns, depth, overwrite, ahead); });
  });
}

void PackedEmitter::emitBatch(Value batch, const OffsetTables &tables) {
  tables.fill(tableB, Group::Batch, batch, e.idx(1), e.idx(1));
  baseA = tableB.load(e, OffsetTable::A, e.idx(0));
  baseB = tableB.load(e, OffsetTable::B, e.idx(0));
  baseC = tableB.load(e, OffsetTable::C, e.idx(0));
  e.loop(e.idx(0), sizeN, nc, [&](Value jc) {
    Value columns = e.min(nc, e.sub(sizeN, jc));
    tables.fill(tableN, Group::N, e.add(shape.begin[Group::N], jc), columns,
                e.add(e.roundUp(columns, spec.nr), kPadPeriod));
    // An empty sum still stores the semiring's zero: one block of no steps.
    e.loop(e.idx(0), e.max(shape.kTotal, e.idx(1)), kc, [&](Value pc) {
      emitBlock(tables, jc, columns, pc, e.min(kc, e.sub(shape.kTotal, pc)));
    });
  });
}

void PackedEmitter::emit() {
  chooseBlocks();
  allocate();
  OffsetTables tables(e, context.module, arithmetic, shape, counters);
  Value nothing = e.both(e.eq(shape.kTotal, e.idx(0)), shape.accumulate);
  nothing = e.either(nothing, e.either(e.le(sizeM, e.idx(0)), e.le(sizeN, e.idx(0))));
  e.ifThen(e.negate(nothing), [&] {
    e.loop(shape.begin[Group::Batch], shape.end[Group::Batch], 1,
           [&](Value batch) { emitBatch(batch, tables); });
  });
}

} // namespace

void emitPackedContraction(const KernelContext &context) { PackedEmitter(context).emit(); }

} // namespace tenon::cpu
