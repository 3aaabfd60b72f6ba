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

/// Steps of k between a prefetch and its use. Tables may be read so far behind their end.
constexpr int64_t kPrefetchSteps = kTableSlack;

class TileEmitter {
public:
  TileEmitter(const KernelContext &context, const MicroTile &tile)
      : context(context), e(context.e), arithmetic(context.arithmetic), tile(tile), a(context.a),
        b(context.b), c(context.c), mr(context.spec.mr), nr(context.spec.nr),
        lanes(context.spec.lanes), vectors(nr / lanes), parts(arithmetic.parts),
        masks(usesMasks(context, context.arithmetic.layoutC)) {}

  void emit();

private:
  /// All reals of one accumulator vector: row i, column vector v.
  ValueRange at(ValueRange values, int64_t i, int64_t v) const {
    return values.slice((i * vectors + v) * parts, parts);
  }
  void prefetchResult();
  enum class Place { Panels, A, B, Both };
  Values multiply(Place place);
  Values multiplyPanels(Values sums);
  Values multiplyA(Values sums);
  Values multiplyB(Values sums);
  Values multiplyBoth(Values sums);
  /// The sums after a step: columns of B's row, and entries of A's column, `entry(i, part)`.
  template <typename Entry>
  Values addStep(ValueRange sums, llvm::ArrayRef<Values> columns, Entry entry);
  /// Fetches what is fetched in a step of k, `distance` bytes behind the first line; returns how
  /// far behind it that of the next step is.
  Value fetchSoon(Value first, Value distance);
  template <typename Body>
  Values loopAlongPanel(Value from, Value to, int64_t step, Values sums, int64_t stride,
                        const Body &body);
  llvm::SmallVector<Values> loadColumns(Value panels, Value position);
  /// Where the columns of a tile are in B, and masks of those that are there; none: all are.
  struct ColumnsOfB {
    Value first;
    Values masks;
  };
  ColumnsOfB columnsOfB();
  llvm::SmallVector<Values> columnsWhereTheyLie(const ColumnsOfB &place, Value k);
  auto entriesWhereTheyLie(Value k);
  Values multiplyWhereItLies();
  void storeVectors(ValueRange sums);
  void storePart(ValueRange sums);
  Values columnsOfRuns(int64_t run);
  void storeRuns(ValueRange sums, int64_t run);
  void addRuns(int64_t run);
  void toScratch(ValueRange sums);
  void storeThroughScratch(ValueRange sums, Value inRuns, int64_t run);
  void moveBrokenRuns();
  void moveShortRuns();
  void moveSingly();
  /// How many lanes of a column vector are there.
  Value lanesThere(int64_t v) {
    return e.max(e.min(e.sub(tile.columns, v * lanes), e.idx(lanes)), e.idx(0));
  }
  Value rowOf(Value i) {
    return e.add(tile.base, tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i)));
  }
  /// Lanes [j, j + lanes.width) of row i of the scratch tile.
  Values loadScratch(Value i, Value j, const Lanes &lanes);
  template <typename LanesOfC> void update(ValueRange sums, Value position, const LanesOfC &lanes);

  const KernelContext &context;
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

template <typename Entry>
Values TileEmitter::addStep(ValueRange sums, llvm::ArrayRef<Values> columns, Entry entry) {
  Values next;
  for (int64_t i = 0; i < mr; ++i) {
    Values row;
    for (int64_t part = 0; part < parts; ++part)
      row.push_back(entry(i, part));
    row = arithmetic.broadcast(row, lanes);
    for (int64_t v = 0; v < vectors; ++v)
      next.append(arithmetic.multiplyAdd(at(sums, i, v), row, columns[v]));
  }
  return next;
}

/// The sums of all steps. `place`: the operands that are not packed, if any.
Values TileEmitter::multiply(Place place) {
  Values zero = arithmetic.zero(lanes), sums;
  for (int64_t i = 0; i < mr * vectors; ++i)
    sums.append(zero);
  switch (place) {
  case Place::Panels:
    return multiplyPanels(std::move(sums));
  case Place::A:
    return multiplyA(std::move(sums));
  case Place::B:
    return multiplyB(std::move(sums));
  case Place::Both:
    return multiplyBoth(std::move(sums));
  }
  llvm_unreachable("no such place");
}

/// Meanwhile lines arrive that are read soon, of B's next block or of what the caller says.
Value TileEmitter::fetchSoon(Value first, Value distance) {
  for (int64_t i = 0; i < arithmetic.dot; ++i, distance = e.add(distance, tile.soonStep))
    for (int64_t line = 0; line < linesOfStep(context.spec); ++line)
      e.prefetch(first, e.add(distance, line * kLineBytes), KernelEmitter::Access::ReadLater);
  return distance;
}

/// A loop over k that carries the sums, and the position in a panel of which a step has `stride`.
/// How far the line is that is fetched comes between them.
template <typename Body>
Values TileEmitter::loopAlongPanel(Value from, Value to, int64_t step, Values sums, int64_t stride,
                                   const Body &body) {
  Value soon = e.from(context.workspace, tile.soon);
  sums.append({e.idx(0), e.idx(0)});
  sums = e.loopCarry(from, to, step, sums, [&](Value counter, ValueRange carry) {
    Value distance = fetchSoon(soon, carry.drop_back().back());
    Values next = body(counter, carry.back(), carry);
    next.append({distance, e.add(carry.back(), stride)});
    return next;
  });
  sums.pop_back_n(2);
  return sums;
}

/// The vectors of B's row that starts at `position` of its panels.
llvm::SmallVector<Values> TileEmitter::loadColumns(Value panels, Value position) {
  llvm::SmallVector<Values> columns(vectors);
  for (int64_t v = 0; v < vectors; ++v)
    for (int64_t part = 0; part < parts; ++part)
      columns[v].push_back(e.load(panels, e.add(position, part * nr + v * lanes), lanes));
  return columns;
}

Values TileEmitter::multiplyPanels(Values sums) {
  // The counter is the position in A's panel, from its end: of the operands the loop takes two
  // bases, two positions and no other register.
  const int64_t stepA = mr * parts;
  Value length = e.mul(tile.layers, stepA);
  Value endA = e.from(tile.panelsA, e.add(tile.startA, length));
  // Where B's panel begins is found anew for each tile: kept for all, it would be in no register.
  Value beginB =
      e.from(tile.panelsB, e.add(tile.startB, e.sub(e.opaque(tile.firstM), tile.firstM)));
  auto body = [&](Value inA, Value inB, ValueRange carry) {
    return addStep(carry, loadColumns(beginB, inB), [&](int64_t i, int64_t part) {
      return e.load(endA, e.add(inA, part * mr + i), 1);
    });
  };
  return loopAlongPanel(e.sub(e.idx(0), length), e.idx(0), stepA, std::move(sums), nr * parts,
                        body);
}

/// Entries of A's column of step k: (row, part). Offsets of rows are read again in each step: the
/// registers do not hold them.
auto TileEmitter::entriesWhereTheyLie(Value k) {
  Value step = e.add(tile.baseA, tile.k.load(e, OffsetTable::A, k));
  Value firstRow = e.add(tile.firstM, e.sub(e.opaque(k), k));
  return [this, step, firstRow, row = Value()](int64_t i, int64_t part) mutable {
    if (part == 0)
      row = e.add(step, tile.m.load(e, OffsetTable::A, e.add(firstRow, i)));
    return e.load(a, e.add(row, part), 1);
  };
}

TileEmitter::ColumnsOfB TileEmitter::columnsOfB() {
  ColumnsOfB columns{e.add(tile.baseB, tile.n.load(e, OffsetTable::B, tile.firstN)), {}};
  if (loadsParts(context))
    for (int64_t v = 0; v < vectors; ++v)
      columns.masks.push_back(e.mask(lanesThere(v), lanes));
  return columns;
}

/// The vectors of B's row of step k.
llvm::SmallVector<Values> TileEmitter::columnsWhereTheyLie(const ColumnsOfB &place, Value k) {
  auto rowOfB = [&](Value step) {
    return e.add(place.first, tile.k.load(e, OffsetTable::B, step));
  };
  llvm::SmallVector<Values> columns(vectors);
  Value row = rowOfB(k), later = rowOfB(e.add(k, kPrefetchSteps));
  // The next tile's columns lie behind these: no hardware prefetcher follows rows that are far
  // apart.
  const int64_t lineElements = kLineBytes / arithmetic.bytes;
  for (int64_t j = 0; j < nr; j += lineElements)
    e.prefetch(b, e.add(row, nr + j), KernelEmitter::Access::ReadLater);
  for (int64_t v = 0; v < vectors; ++v) {
    e.prefetch(b, e.add(later, v * lanes), KernelEmitter::Access::Read);
    Value position = e.add(row, v * lanes);
    columns[v].push_back(place.masks.empty()
                             ? e.load(b, position, lanes)
                             : e.loadWhere(place.masks[static_cast<size_t>(v)], b, position,
                                           arithmetic.zero(lanes).front()));
  }
  return columns;
}

Values TileEmitter::multiplyA(Values sums) {
  Value beginB = e.from(tile.panelsB, tile.startB);
  auto body = [&](Value k, Value inB, ValueRange carry) {
    llvm::SmallVector<Values> columns = loadColumns(beginB, inB);
    return addStep(carry, columns, entriesWhereTheyLie(k));
  };
  return loopAlongPanel(e.idx(0), tile.layers, 1, std::move(sums), nr * parts, body);
}

Values TileEmitter::multiplyB(Values sums) {
  Value beginA = e.from(tile.panelsA, tile.startA);
  ColumnsOfB columns = columnsOfB();
  auto body = [&](Value k, Value inA, ValueRange carry) {
    return addStep(carry, columnsWhereTheyLie(columns, k), [&](int64_t i, int64_t part) {
      return e.load(beginA, e.add(inA, part * mr + i), 1);
    });
  };
  return loopAlongPanel(e.idx(0), tile.layers, 1, std::move(sums), mr * parts, body);
}

Values TileEmitter::multiplyBoth(Values sums) {
  ColumnsOfB columns = columnsOfB();
  Value soon = e.from(context.workspace, tile.soon);
  sums.push_back(e.idx(0));
  sums = e.loopCarry(e.idx(0), tile.layers, 1, sums, [&](Value k, ValueRange carry) {
    Value distance = fetchSoon(soon, carry.back());
    Values next = addStep(carry, columnsWhereTheyLie(columns, k), entriesWhereTheyLie(k));
    next.push_back(distance);
    return next;
  });
  sums.pop_back();
  return sums;
}

Values TileEmitter::multiplyWhereItLies() {
  auto choose = [&](Value isThere, auto there, auto otherwise) {
    return isThere ? e.ifValues(isThere, there, otherwise) : otherwise();
  };
  auto sums = [this](Place place) { return [this, place] { return multiply(place); }; };
  return choose(
      tile.placeA, [&] { return choose(tile.placeB, sums(Place::Both), sums(Place::A)); },
      [&] { return choose(tile.placeB, sums(Place::B), sums(Place::Panels)); });
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

/// The columns lie side by side in vectors.
void TileEmitter::storeVectors(ValueRange sums) {
  Values columns;
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(
        e.add(tile.base, tile.n.load(e, OffsetTable::C, e.add(tile.firstN, v * lanes))));
  auto forVectors = [&](auto body) {
    for (int64_t i = 0; i < mr; ++i) {
      Value row = e.from(c, tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i)));
      for (int64_t v = 0; v < vectors; ++v)
        body(at(sums, i, v), row, columns[static_cast<size_t>(v)]);
    }
  };
  e.ifElse(
      tile.overwrite,
      [&] {
        forVectors([&](ValueRange value, Value row, Value column) {
          arithmetic.storeC(value, row, column);
        });
      },
      [&] {
        forVectors([&](ValueRange value, Value row, Value column) {
          Values old = arithmetic.loadC(row, column, lanes);
          arithmetic.storeC(arithmetic.sum(old, value), row, column);
        });
      });
}

/// Rows or columns are missing, and those that are there lie side by side: an edge of C.
void TileEmitter::storePart(ValueRange sums) {
  Value firstColumn = e.add(tile.base, tile.n.load(e, OffsetTable::C, tile.firstN));
  Values there;
  for (int64_t v = 0; v < vectors; ++v)
    there.push_back(arithmetic.maskOfC(lanesThere(v), lanes));
  for (int64_t i = 0; i < mr; ++i)
    e.ifThen(e.lt(e.idx(i), tile.rows), [&] {
      Value row = e.add(firstColumn, tile.m.load(e, OffsetTable::C, e.add(tile.firstM, i)));
      for (int64_t v = 0; v < vectors; ++v)
        arithmetic.storeC(at(sums, i, v), c, e.add(row, v * lanes * arithmetic.layoutC.parts),
                          there[static_cast<size_t>(v)]);
    });
}

void TileEmitter::toScratch(ValueRange sums) {
  for (int64_t i = 0; i < mr; ++i)
    for (int64_t v = 0; v < vectors; ++v)
      for (int64_t part = 0; part < parts; ++part)
        e.store(at(sums, i, v)[part], tile.scratch, e.idx((i * parts + part) * nr + v * lanes));
}

/// Where runs of `run` columns start in C.
Values TileEmitter::columnsOfRuns(int64_t run) {
  Values columns;
  for (int64_t j = 0; j < nr; j += run)
    columns.push_back(tile.n.load(e, OffsetTable::C, e.add(tile.firstN, j)));
  return columns;
}

/// Every `run` columns lie side by side, and nothing is added to.
void TileEmitter::storeRuns(ValueRange sums, int64_t run) {
  Values columns = columnsOfRuns(run);
  for (int64_t i = 0; i < mr; ++i) {
    Value row = e.from(c, rowOf(e.idx(i)));
    for (int64_t j = 0; j < nr; j += run) {
      Values value;
      for (Value part : at(sums, i, j / lanes))
        value.push_back(e.slice(part, j % lanes, run));
      arithmetic.storeC(value, row, columns[static_cast<size_t>(j / run)]);
    }
  }
}

/// The same where the tile is added to C: less often, and after many steps where k is cut. A loop
/// over rows in memory, since adding to parts of all registers would be a fifth of the kernel's
/// code.
void TileEmitter::addRuns(int64_t run) {
  Values columns = columnsOfRuns(run);
  e.loop(e.idx(0), e.idx(mr), 1, [&](Value i) {
    Value row = e.from(c, rowOf(i));
    for (int64_t j = 0; j < nr; j += run) {
      Value column = columns[static_cast<size_t>(j / run)];
      Values old = arithmetic.loadC(row, column, run);
      arithmetic.storeC(arithmetic.sum(old, loadScratch(i, e.idx(j), {run})), row, column);
    }
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

/// `inRuns`: i1, the tile is full and its columns lie side by side in runs of `run`; null: none do.
void TileEmitter::storeThroughScratch(ValueRange sums, Value inRuns, int64_t run) {
  toScratch(sums);
  auto move = [&] {
    if (!masks)
      return moveSingly();
    e.ifElse(
        e.le(e.idx(lanes), tile.run), [&] { moveBrokenRuns(); },
        [&] {
          e.ifElse(
              e.lt(e.idx(1), tile.run), [&] { moveShortRuns(); }, [&] { moveSingly(); });
        });
  };
  // What is the same for many tiles would be kept for all of them beside the sums.
  e.apart(context.module, "tenon_store_scratch", [&] {
    if (!inRuns)
      return move();
    // What overwrites C has not come here.
    e.ifElse(
        inRuns, [&] { addRuns(run); }, move);
  });
}

void TileEmitter::emit() {
  prefetchResult();
  Values sums = multiplyWhereItLies();
  Value full = e.both(e.eq(tile.rows, e.idx(mr)), e.eq(tile.columns, e.idx(nr)));
  const int64_t run = runLength(nr);
  const bool storesRuns = run > 1 && run < lanes;
  Value inRuns = storesRuns ? e.both(full, tile.columnRuns) : Value();
  auto throughScratch = [&] { storeThroughScratch(sums, inRuns, run); };
  auto otherwise = [&] {
    if (!masks)
      return throughScratch();
    // Adding to what is there takes many steps, where k is cut: it goes through memory.
    Value isEdge = e.both(tile.overwrite, e.le(tile.columns, tile.untilRun));
    e.ifElse(
        isEdge, [&] { storePart(sums); }, throughScratch);
  };
  e.ifElse(
      e.both(full, tile.columnVectors), [&] { storeVectors(sums); },
      [&] {
        if (!storesRuns)
          return otherwise();
        e.ifElse(
            e.both(inRuns, tile.overwrite), [&] { storeRuns(sums, run); }, otherwise);
      });
}

} // namespace

void emitMicroKernel(const KernelContext &context, const MicroTile &tile) {
  TileEmitter(context, tile).emit();
}

} // namespace tenon::cpu
