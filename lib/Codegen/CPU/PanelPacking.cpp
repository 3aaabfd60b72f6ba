//===- PanelPacking.cpp - Operands into panels, from where they lie -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// How a panel is read is decided at run time from its strides: as whole vectors where all its lanes
// lie side by side, run by run under masks where they do in runs of any length, in runs of four,
// every other element of vectors where pairs of steps of all lanes do, through transposes in
// registers where k, or the lanes one period of the innermost dimension apart, lie side by side, or
// element by element. Transposes
// read whole cache lines: what lies a power of two apart falls into one set of the cache, and a
// line that is read in parts would be fetched again for each.
//
// A panel consists of layers, with an element for each lane: one step of k, or two, where a
// processor multiplies bf16 in pairs and an element is a word of two. Where k lies side by side,
// words are read as they are; else the lanes of two steps are interleaved. Where there is no second
// step, the upper halves are 0.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"
#include "RegisterTranspose.h"

#include "llvm/ADT/bit.h"

#include <algorithm>
#include <numeric>

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Lanes that a transpose joins, and elements of each that it reads, at most.
constexpr int64_t kLargestTranspose = 16;
/// Runs of this many lanes are moved one by one even if they are multiples of four; shorter ones
/// than the other are not worth it.
constexpr int64_t kLongRun = 8, kShortestRun = 3;

class PanelPacker {
public:
  PanelPacker(const KernelContext &context, const OffsetTables &tables, const PanelSource &source,
              const OffsetTable &lanes, const OffsetTable &steps, Value base, Value depth,
              Value target, int64_t rows)
      : context(context), e(context.e), arithmetic(context.arithmetic), tables(tables),
        source(source), lanes(lanes), steps(steps), base(base), depth(depth), target(target),
        rows(rows), run(runLength(rows)), piece(std::gcd(rows, context.spec.lanes)),
        vector(context.spec.lanes), dot(arithmetic.dot),
        layers(dot == 1 ? depth : e.ceilDiv(depth, e.idx(dot))),
        masks(usesMasks(context, source.layout)),
        wide(wideColumns(source.layout, context.spec.lanes)), group(std::gcd(rows, wide)),
        stride(rows * arithmetic.parts) {}

  void emit(Value panels);

private:
  Values load(Value memory, Value position, int64_t count) {
    return arithmetic.load(memory, position, count, source.layout, source.conjugate);
  }
  void store(ValueRange parts, Value position) {
    for (auto [part, value] : llvm::enumerate(parts))
      e.store(value, target, e.add(position, static_cast<int64_t>(part) * rows));
  }
  /// Offset of one lane for k = 0 of this block.
  Value laneOffset(Value lane) { return e.add(base, lanes.load(e, source.column, lane)); }
  /// One lane from k = 0 of this block on.
  Value laneStart(Value lane) { return e.from(source.memory, laneOffset(lane)); }
  Value stepOffset(Value k) { return steps.load(e, source.column, k); }
  Value panelPosition(Value panelStart, Value layer) {
    return e.add(panelStart, e.mul(layer, stride));
  }
  /// The steps of k of one layer of a panel: where they are, and which halves of a word are there.
  struct Steps {
    llvm::SmallVector<Value, 2> offsets;
    Value mask;
  };
  Steps stepsOf(Value layer);
  /// What a panel has of some lanes at a layer: `read` loads them at an offset of k.
  template <typename Read> Values loadSteps(const Steps &at, const Read &read) {
    Values first = read(at.offsets[0]);
    if (dot == 1)
      return first;
    return {arithmetic.pairs(first[0], read(at.offsets[1])[0], at.mask)};
  }

  /// Elements of a line, or what a register holds of them.
  static int64_t wideColumns(const ElementLayout &layout, int64_t lanes) {
    int64_t bytes = layout.parts * layout.real.getIntOrFloatBitWidth() / 8;
    int64_t columns = std::min({kLineBytes / bytes, lanes, kLargestTranspose});
    return std::max(static_cast<int64_t>(llvm::bit_floor(static_cast<uint64_t>(columns))),
                    kPadPeriod);
  }

  void copyPieces(Value firstLane, Value panelStart, int64_t length);
  void copyWhole(Value firstLane, Value panelStart);
  void copyBrokenPieces(Value firstLane, Value panelStart, Value inRun);
  void copyShortRuns(Value firstLane, Value panelStart, Value inRun);
  void copyPairs(Value firstLane, Value panelStart, Value there);
  void copyLaneGroups(Value from, Value to);
  void copySteps(ValueRange starts, Value start, Value layer, int64_t columns);
  Value restOfRun(Value rest);
  void copyPeriods(Value first, int64_t lanesAtOnce, int64_t columns);
  struct Place {
    Value memory, position;
  };
  void storeTransposed(llvm::ArrayRef<Values> lanesOfElements, int64_t columns,
                       llvm::function_ref<Place(int64_t)> placeOf);
  Value lanePosition(Value lane);
  Value looksPeriodic(Value total);
  Value periodsStart(Value lane, Value total, int64_t lanesAtOnce, int64_t columns);
  void copyPanel(Value lane, Value next, Value grouped);

  const KernelContext &context;
  KernelEmitter &e;
  const KernelArithmetic &arithmetic;
  const OffsetTables &tables;
  const PanelSource &source;
  const OffsetTable &lanes, &steps;
  Value base, depth, target;
  const int64_t rows;
  const int64_t run;    ///< lanes of the shortest run that is moved as a vector
  const int64_t piece;  ///< lanes moved at once when all lie side by side
  const int64_t vector; ///< lanes moved at once at most
  const int64_t dot;    ///< steps of k in an element of a panel
  const Value layers;   ///< of a panel: steps of k, or pairs of them
  const bool masks;     ///< of a vector, any first lanes can be moved
  const int64_t wide;   ///< elements of one lane that the larger transposes read
  const int64_t group;  ///< lanes that they join
  const int64_t stride; ///< elements of a panel from one layer to the next
};

PanelPacker::Steps PanelPacker::stepsOf(Value layer) {
  if (dot == 1)
    return {{stepOffset(layer)}, {}};
  Value k = e.mul(layer, dot), next = e.add(k, 1);
  // Behind the last step tables repeat others: what is read there is a number, but not for here.
  auto word = [&](int64_t bits) { return arith::ConstantIntOp::create(e.b, e.loc, bits, 32); };
  Value mask = e.select(e.lt(next, depth), word(-1), word(0xffff));
  return {{stepOffset(k), stepOffset(next)}, mask};
}

/// Lanes lie side by side in pieces of `length`.
void PanelPacker::copyPieces(Value firstLane, Value panelStart, int64_t length) {
  Values starts;
  for (int64_t lane = 0; lane < rows; lane += length)
    starts.push_back(laneStart(e.add(firstLane, lane)));
  e.loop(e.idx(0), layers, 1, [&](Value layer) {
    Steps at = stepsOf(layer);
    Value position = panelPosition(panelStart, layer);
    for (auto [piece, start] : llvm::enumerate(starts))
      store(loadSteps(at, [&](Value step) { return load(start, step, length); }),
            e.add(position, static_cast<int64_t>(piece) * length));
  });
}

/// All lanes lie side by side, and are no multiple of a vector: whole vectors, and one under a
/// mask.
void PanelPacker::copyWhole(Value firstLane, Value panelStart) {
  Value offset = laneOffset(firstLane);
  e.loop(e.idx(0), layers, 1, [&](Value layer) {
    Steps at = stepsOf(layer);
    Value position = panelPosition(panelStart, layer);
    for (int64_t first = 0; first < rows; first += vector) {
      Value width = e.idx(std::min(vector, rows - first));
      Values value = loadSteps(at, [&](Value step) {
        Value from = e.add(e.add(offset, step), first * source.layout.parts);
        return arithmetic.load(source.memory, from, Lanes{vector, width}, source.layout,
                               source.conjugate);
      });
      for (auto [part, numbers] : llvm::enumerate(value))
        e.storeMasked(numbers, target, e.add(position, static_cast<int64_t>(part) * rows + first),
                      width);
    }
  });
}

/// Lanes lie side by side in runs that are no shorter than what is moved at once; the first one is
/// `inRun` behind the start of its run. Lanes behind the last point become 0.
void PanelPacker::copyBrokenPieces(Value firstLane, Value panelStart, Value inRun) {
  BrokenRuns runs(e, lanes, source.column, firstLane, e.sub(source.points, firstLane), source.run,
                  e.sub(source.run, inRun), vector, source.layout.parts);
  llvm::SmallVector<BrokenLanes> pieces;
  for (int64_t lane = 0; lane < rows; lane += vector) {
    pieces.push_back(runs.next());
    pieces.back().count = e.min(pieces.back().count, e.idx(rows - lane));
    pieces.back().cut = e.min(pieces.back().cut, e.idx(rows - lane));
  }
  e.loop(e.idx(0), layers, 1, [&](Value layer) {
    Steps at = stepsOf(layer);
    Value position = panelPosition(panelStart, layer);
    for (auto [number, piece] : llvm::enumerate(pieces)) {
      int64_t first = static_cast<int64_t>(number) * vector, width = std::min(vector, rows - first);
      Values value = loadSteps(at, [&](Value step) {
        return arithmetic.load(source.memory, e.add(base, step), piece, source.layout,
                               source.conjugate);
      });
      for (auto [part, numbers] : llvm::enumerate(value)) {
        Value place = e.add(position, static_cast<int64_t>(part) * rows + first);
        if (width == vector)
          e.store(numbers, target, place);
        else
          e.storeMasked(numbers, target, place, e.idx(width));
      }
    }
  });
}

/// The same for runs of any length.
void PanelPacker::copyShortRuns(Value firstLane, Value panelStart, Value inRun) {
  Value there = e.min(e.sub(source.points, firstLane), e.idx(rows));
  e.whileLoop(
      {e.idx(0), e.sub(source.run, inRun)},
      [&](ValueRange state) { return e.lt(state[0], e.idx(rows)); },
      [&](ValueRange state) {
        Value first = state[0], left = state[1];
        Value last = e.sub(there, first);
        Value count = e.max(e.min(e.min(left, last), e.idx(vector)), e.idx(0));
        Value padded = e.min(e.idx(vector), e.sub(e.idx(rows), first));
        Value width = e.select(e.le(last, count), padded, count);
        Value offset = laneOffset(e.add(firstLane, first)), start = e.add(panelStart, first);
        e.loop(e.idx(0), layers, 1, [&](Value layer) {
          Values value = loadSteps(stepsOf(layer), [&](Value step) {
            return arithmetic.load(source.memory, e.add(offset, step), Lanes{vector, count},
                                   source.layout, source.conjugate);
          });
          for (auto [part, numbers] : llvm::enumerate(value))
            e.storeMasked(numbers, target,
                          e.add(panelPosition(start, layer), static_cast<int64_t>(part) * rows),
                          width);
        });
        Value rest = e.sub(left, count);
        return Values{e.add(first, width), e.select(e.eq(rest, e.idx(0)), source.run, rest)};
      });
}

/// Stores vectors of `columns` elements, one per lane, so that the lanes of one element lie side by
/// side: element i goes to `placeOf(i)`.
void PanelPacker::storeTransposed(llvm::ArrayRef<Values> lanesOfElements, int64_t columns,
                                  llvm::function_ref<Place(int64_t)> placeOf) {
  auto count = static_cast<int64_t>(lanesOfElements.size());
  const int64_t joined = std::min(count, columns);
  for (int64_t part = 0; part < arithmetic.parts; ++part)
    for (int64_t first = 0; first < count; first += joined) {
      Values vectors;
      for (int64_t lane = first; lane < first + joined; ++lane)
        vectors.push_back(lanesOfElements[static_cast<size_t>(lane)][static_cast<size_t>(part)]);
      for (auto [i, value] : llvm::enumerate(transposeInRegisters(e, vectors))) {
        Place place = placeOf(static_cast<int64_t>(i));
        e.store(value, place.memory, e.add(place.position, part * rows + first));
      }
    }
}

/// Steps of k lie side by side in pairs, and the pairs of all lanes do: both steps of some lanes
/// are two vectors, of which one has every other element. `there`: lanes that are no padding.
void PanelPacker::copyPairs(Value firstLane, Value panelStart, Value there) {
  Value offset = laneOffset(firstLane);
  e.loop(e.idx(0), layers, 2, [&](Value layer) {
    Value from = e.add(offset, stepOffset(layer)), position = panelPosition(panelStart, layer);
    for (int64_t first = 0; first < rows; first += vector) {
      const int64_t width = std::min(vector, rows - first);
      auto loadHalf = [&](int64_t number) {
        const int64_t before = 2 * first + number * vector;
        Value count = e.max(e.min(e.sub(e.mul(there, 2), before), e.idx(vector)), e.idx(0));
        return arithmetic.load(source.memory, e.add(from, before * source.layout.parts),
                               Lanes{vector, count}, source.layout, source.conjugate);
      };
      Values lower = loadHalf(0), upper = 2 * width <= vector ? lower : loadHalf(1);
      for (int64_t step = 0; step < 2; ++step)
        for (int64_t part = 0; part < arithmetic.parts; ++part) {
          auto number = static_cast<size_t>(part);
          Value lanesOfStep = e.everyOther(lower[number], upper[number], step);
          Value place = e.add(position, step * stride + part * rows + first);
          if (width == vector)
            e.store(lanesOfStep, target, place);
          else
            e.storeMasked(lanesOfStep, target, place, e.idx(width));
        }
    }
  });
}

/// Where step 0 of a lane is in the panels.
Value PanelPacker::lanePosition(Value lane) {
  // A panel is so much longer than it has lanes.
  Value more = e.sub(e.mul(layers, stride), rows);
  return e.add(lane, e.mul(e.div(lane, e.idx(rows)), more));
}

/// Layers [layer, layer + columns) of some lanes, whose steps lie side by side in each.
void PanelPacker::copySteps(ValueRange starts, Value start, Value layer, int64_t columns) {
  Value step = stepOffset(e.mul(layer, dot)), position = panelPosition(start, layer);
  llvm::SmallVector<Values> elements;
  for (Value lane : starts) {
    Values value = load(lane, step, dot * columns);
    elements.push_back(dot == 1 ? value : Values{arithmetic.pairs(value[0])});
  }
  storeTransposed(elements, columns, [&](int64_t i) {
    return Place{target, e.add(position, i * stride)};
  });
}

/// Steps of k that lie side by side, where `rest` are left of a run, or else in the next one. It is
/// below 0 where a layer had its steps in two runs.
Value PanelPacker::restOfRun(Value rest) {
  Value next = dot == 1 ? source.stepRun : e.max(e.add(source.stepRun, rest), e.idx(1));
  return e.select(e.le(rest, e.idx(0)), next, rest);
}

/// Lanes [from, to), `group` at a time, with unrelated offsets; steps of k that lie side by side
/// are read together.
void PanelPacker::copyLaneGroups(Value from, Value to) {
  e.loop(from, to, group, [&](Value first) {
    Values starts;
    for (int64_t lane = 0; lane < group; ++lane)
      starts.push_back(laneStart(e.add(first, lane)));
    Value start = lanePosition(first);
    auto single = [&](Value layer) {
      Steps at = stepsOf(layer);
      Value position = panelPosition(start, layer);
      for (auto [lane, begin] : llvm::enumerate(starts))
        store(loadSteps(at, [&, begin = begin](Value step) { return load(begin, step, 1); }),
              e.add(position, static_cast<int64_t>(lane)));
      return Values{e.idx(1)};
    };
    if (group == 1) {
      e.loop(e.idx(0), layers, 1, [&](Value layer) { single(layer); });
      return;
    }
    auto several = [&](Value layer, int64_t columns) {
      copySteps(starts, start, layer, columns);
      return Values{e.idx(columns)};
    };
    // The layer, and how many steps of k from it on lie side by side.
    Value firstRun = e.sub(source.stepRun, e.rem(source.firstStep, source.stepRun));
    e.whileLoop(
        {e.idx(0), firstRun}, [&](ValueRange state) { return e.lt(state[0], layers); },
        [&](ValueRange state) {
          Value layer = state[0], length = e.min(state[1], e.sub(depth, e.mul(layer, dot)));
          auto moved = [&](Values taken) {
            Value rest = e.sub(state[1], e.mul(taken[0], dot));
            return Values{e.add(layer, taken[0]), restOfRun(rest)};
          };
          auto few = [&] {
            return e.ifValues(
                e.le(e.idx(dot * kPadPeriod), length), [&] { return several(layer, kPadPeriod); },
                [&] { return single(layer); });
          };
          if (wide == kPadPeriod)
            return moved(few());
          return moved(e.ifValues(
              e.le(e.idx(dot * wide), length), [&] { return several(layer, wide); }, few));
        });
  });
}

/// Lanes [first, first + columns * period), where lanes one period apart lie side by side.
void PanelPacker::copyPeriods(Value first, int64_t lanesAtOnce, int64_t columns) {
  e.loop(e.idx(0), source.period, lanesAtOnce, [&](Value inner) {
    Value lane0 = e.add(first, inner);
    Values starts, targets;
    for (int64_t lane = 0; lane < lanesAtOnce; ++lane)
      starts.push_back(laneStart(e.add(lane0, lane)));
    for (int64_t i = 0; i < columns; ++i)
      targets.push_back(e.from(target, lanePosition(e.add(lane0, e.mul(source.period, i)))));
    e.loop(e.idx(0), layers, 1, [&](Value layer) {
      Steps at = stepsOf(layer);
      Value distance = e.mul(layer, stride);
      llvm::SmallVector<Values> elements;
      for (Value lane : starts)
        elements.push_back(loadSteps(at, [&](Value step) { return load(lane, step, columns); }));
      storeTransposed(elements, columns, [&](int64_t i) { return Place{targets[i], distance}; });
    });
  });
}

/// i1: the first two periods are contiguous, and all groups of lanes stay within one panel.
Value PanelPacker::looksPeriodic(Value total) {
  Value no = e.flag(false);
  if (!source.period || group < kPadPeriod)
    return no;
  Value aligned = e.idx(kPadPeriod);
  Value fits = e.le(e.mul(source.period, kPadPeriod), total);
  Value whole = e.both(e.eq(e.rem(source.period, aligned), e.idx(0)),
                       e.eq(e.rem(source.firstPoint, aligned), e.idx(0)));
  return e
      .ifValues(
          e.both(fits, whole),
          [&] {
            return Values{tables.periodsAreContiguous(lanes, source.column, e.idx(0), e.idx(1),
                                                      source.period, e.idx(source.layout.parts))};
          },
          [&] { return Values{no}; })
      .front();
}

/// i1: `columns` periods, each of a multiple of `lanesAtOnce` lanes, start at this lane and are
/// contiguous across them.
Value PanelPacker::periodsStart(Value lane, Value total, int64_t lanesAtOnce, int64_t columns) {
  Value aligned = e.eq(e.rem(e.add(source.firstPoint, lane), source.period), e.idx(0));
  Value whole = e.eq(e.rem(source.period, e.idx(lanesAtOnce)), e.idx(0));
  Value fits = e.le(e.add(lane, e.mul(source.period, columns)), total);
  return e
      .ifValues(
          e.both(e.both(aligned, whole), fits),
          [&] {
            return Values{tables.periodsAreContiguous(lanes, source.column, lane,
                                                      e.mul(source.period, columns - 1),
                                                      source.period, e.idx(source.layout.parts))};
          },
          [&] { return Values{e.flag(false)}; })
      .front();
}

/// One panel, or with `grouped` only its lanes [lane, next).
void PanelPacker::copyPanel(Value lane, Value next, Value grouped) {
  Value inRun = e.rem(e.add(source.firstPoint, lane), source.run);
  Value left = e.sub(source.run, inRun), there = e.sub(source.points, lane);
  Value alone = e.negate(grouped), start = lanePosition(lane);
  Value isWhole = e.both(e.le(e.idx(rows), left), e.le(e.idx(rows), there));
  auto aligned = [&](Value lanes) { return e.eq(e.rem(lanes, e.idx(run)), e.idx(0)); };
  auto byGroups = [&] { copyLaneGroups(lane, next); };
  auto inFours = [&] {
    if (run == 1 || run >= piece)
      return byGroups();
    // Padding repeats whole runs.
    Value runs = e.both(e.both(aligned(source.run), aligned(inRun)),
                        e.either(e.le(e.idx(rows), there), aligned(there)));
    e.ifElse(
        e.both(alone, runs), [&] { copyPieces(lane, start, run); }, byGroups);
  };
  auto inRuns = [&] {
    if (!masks)
      return inFours();
    Value isOdd = e.negate(e.both(aligned(source.run), aligned(inRun)));
    Value pays = e.either(e.le(e.idx(kLongRun), source.run),
                          e.both(isOdd, e.le(e.idx(kShortestRun), source.run)));
    e.ifElse(
        e.both(alone, e.le(e.idx(std::min(vector, rows)), source.run)),
        [&] { copyBrokenPieces(lane, start, inRun); },
        [&] {
          e.ifElse(
              e.both(alone, pays), [&] { copyShortRuns(lane, start, inRun); }, inFours);
        });
  };
  // Groups of four read the steps of pairs one by one.
  auto inPairs = [&] {
    if (!masks || dot > 1)
      return inRuns();
    Value few = e.min(there, e.idx(rows));
    Value inPairRun = e.rem(e.add(source.firstPoint, lane), source.pairRun);
    Value ofLanes = e.both(alone, e.le(few, e.sub(source.pairRun, inPairRun)));
    auto isEven = [&](Value steps) { return e.eq(e.rem(steps, e.idx(2)), e.idx(0)); };
    Value ofSteps =
        e.both(e.eq(source.stepRun, e.idx(2)), e.both(isEven(source.firstStep), isEven(depth)));
    e.ifElse(
        e.both(ofLanes, ofSteps), [&] { copyPairs(lane, start, few); }, inRuns);
  };
  auto inPieces = [&] {
    if (masks && piece < vector)
      copyWhole(lane, start);
    else
      copyPieces(lane, start, piece);
  };
  auto copy = [&] { e.ifElse(e.both(alone, isWhole), inPieces, inPairs); };
  if (!source.stays)
    return copy();
  Value stays = e.both(e.both(alone, source.stays), liesInPlace(context, rows, there, left));
  e.ifThen(e.negate(stays), copy);
}

void PanelPacker::emit(Value panels) {
  Value total = e.mul(panels, rows);
  Value periodic = looksPeriodic(total);
  e.whileLoop(
      e.idx(0), [&](ValueRange state) { return e.lt(state[0], total); },
      [&](ValueRange state) {
        Value lane = state[0];
        auto panel = [&] {
          Value next = e.add(lane, e.select(periodic, e.idx(group), e.idx(rows)));
          copyPanel(lane, next, periodic);
          return Values{next};
        };
        if (!source.period || group < kPadPeriod)
          return panel();
        auto periods = [&](int64_t lanesAtOnce, int64_t columns,
                           llvm::function_ref<Values()> otherwise) {
          Value here = e.ifValues(
                            periodic,
                            [&] { return Values{periodsStart(lane, total, lanesAtOnce, columns)}; },
                            [&] { return Values{periodic}; })
                           .front();
          return e.ifValues(
              here,
              [&] {
                copyPeriods(lane, lanesAtOnce, columns);
                return Values{e.add(lane, e.mul(source.period, columns))};
              },
              otherwise);
        };
        auto few = [&] { return periods(kPadPeriod, kPadPeriod, panel); };
        return wide == kPadPeriod ? few() : periods(group, wide, few);
      });
}

} // namespace

void emitPacking(const KernelContext &context, const OffsetTables &tables,
                 const PanelSource &source, const OffsetTable &lanes, const OffsetTable &steps,
                 Value base, Value panels, Value depth, Value target, int64_t rows) {
  PanelPacker(context, tables, source, lanes, steps, base, depth, target, rows).emit(panels);
}

} // namespace tenon::cpu
