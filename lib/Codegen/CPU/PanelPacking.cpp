//===- PanelPacking.cpp - Operands into panels, from where they lie -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// How a panel is read is decided at run time from its offsets: as whole vectors where all its lanes
// lie side by side, in runs of a few lanes, through small transposes in registers where k, or the
// lanes one period of the innermost dimension apart, lie side by side, or element by element.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <numeric>

using namespace mlir;

namespace tenon::cpu {
namespace {

/// Steps of k that a transpose reads at once.
constexpr int64_t kTransposeSteps = kPadPeriod;

class PanelPacker {
public:
  PanelPacker(const KernelContext &context, const OffsetTables &tables, const PanelSource &source,
              const OffsetTable &lanes, const OffsetTable &steps, Value base, Value depth,
              Value target, int64_t rows)
      : e(context.e), arithmetic(context.arithmetic), tables(tables), source(source), lanes(lanes),
        steps(steps), base(base), depth(depth), target(target), rows(rows), run(runLength(rows)),
        piece(std::gcd(rows, context.spec.lanes)), stride(rows * arithmetic.parts) {}

  void emit(Value panels);

private:
  Values load(Value position, int64_t count) {
    return arithmetic.load(source.memory, position, count, source.layout, source.conjugate);
  }
  void store(ValueRange parts, Value position) {
    for (auto [part, value] : llvm::enumerate(parts))
      e.store(value, target, e.add(position, static_cast<int64_t>(part) * rows));
  }
  Value contiguous(Value first, int64_t length) {
    return tables.runsAreContiguous(lanes, source.column, first, e.idx(rows), length,
                                    source.layout.parts);
  }
  /// Offset of one lane for k = 0 of this block.
  Value laneOffset(Value lane) { return e.add(base, lanes.load(e, source.column, lane)); }
  Value stepOffset(Value k) { return steps.load(e, source.column, k); }
  Value panelPosition(Value panelStart, Value k) { return e.add(panelStart, e.mul(k, stride)); }

  Value contiguousDepth();
  void copyPieces(Value firstLane, Value panelStart, int64_t length);
  void copyLaneGroups(Value from, Value to, Value transposed);
  void copyPeriods(Value first);
  void storeTransposed(llvm::ArrayRef<Values> lanesOfElements,
                       llvm::function_ref<Value(int64_t)> positions);
  Value lanePosition(Value lane);
  Value looksPeriodic(Value total);
  Value periodsStart(Value lane, Value total);
  void copyPanel(Value lane, Value next, Value grouped, Value transposed);

  KernelEmitter &e;
  const KernelArithmetic &arithmetic;
  const OffsetTables &tables;
  const PanelSource &source;
  const OffsetTable &lanes, &steps;
  Value base, depth, target;
  const int64_t rows;
  const int64_t run;    ///< lanes of the shortest run that is moved as a vector
  const int64_t piece;  ///< lanes moved at once when all lie side by side
  const int64_t stride; ///< reals per step of k in a panel
};

/// Steps of k, from the first on, that can be read kTransposeSteps at a time.
Value PanelPacker::contiguousDepth() {
  Value whole = e.mul(e.div(depth, e.idx(kTransposeSteps)), kTransposeSteps);
  Value all = tables.runsAreContiguous(steps, source.column, e.idx(0), whole, kTransposeSteps,
                                       source.layout.parts);
  return e.select(all, whole, e.idx(0));
}

/// Lanes lie side by side in pieces of `length`.
void PanelPacker::copyPieces(Value firstLane, Value panelStart, int64_t length) {
  Values offsets;
  for (int64_t lane = 0; lane < rows; lane += length)
    offsets.push_back(laneOffset(e.add(firstLane, lane)));
  e.loop(e.idx(0), depth, 1, [&](Value k) {
    Value step = stepOffset(k), position = panelPosition(panelStart, k);
    for (auto [piece, offset] : llvm::enumerate(offsets))
      store(load(e.add(offset, step), length),
            e.add(position, static_cast<int64_t>(piece) * length));
  });
}

/// Stores `run` vectors, one per lane, so that the lanes of one element lie side by side: element i
/// goes to `positions(i)`.
void PanelPacker::storeTransposed(llvm::ArrayRef<Values> lanesOfElements,
                                  llvm::function_ref<Value(int64_t)> positions) {
  for (int64_t part = 0; part < arithmetic.parts; ++part) {
    Values level;
    for (const Values &lane : lanesOfElements)
      level.push_back(lane[part]);
    // Interleaving halves, then halves of halves, puts the lanes of one element next to each other.
    while (level.size() > 1) {
      Values next;
      size_t half = level.size() / 2;
      for (size_t i = 0; i < half; ++i)
        next.push_back(vector::InterleaveOp::create(e.b, e.loc, level[i], level[i + half]));
      level = next;
    }
    for (int64_t i = 0; i < kPadPeriod; ++i) {
      llvm::SmallVector<int64_t> slice;
      for (int64_t lane = 0; lane < run; ++lane)
        slice.push_back(i * run + lane);
      Value value = vector::ShuffleOp::create(e.b, e.loc, level[0], level[0], slice);
      e.store(value, target, e.add(positions(i), part * rows));
    }
  }
}

/// Where step 0 of a lane is in the panels.
Value PanelPacker::lanePosition(Value lane) {
  Value panel = e.div(lane, e.idx(rows));
  return e.add(e.mul(e.mul(panel, depth), stride), e.rem(lane, e.idx(rows)));
}

/// Lanes [from, to), `run` at a time, with unrelated offsets; the first `transposed` steps of k lie
/// side by side.
void PanelPacker::copyLaneGroups(Value from, Value to, Value transposed) {
  e.loop(from, to, run, [&](Value first) {
    Values offsets;
    for (int64_t lane = 0; lane < run; ++lane)
      offsets.push_back(laneOffset(e.add(first, lane)));
    Value start = lanePosition(first);
    if (run > 1)
      e.loop(e.idx(0), transposed, kTransposeSteps, [&](Value k) {
        Value step = stepOffset(k);
        llvm::SmallVector<Values> columns;
        for (Value offset : offsets)
          columns.push_back(load(e.add(offset, step), kTransposeSteps));
        storeTransposed(columns, [&](int64_t i) { return panelPosition(start, e.add(k, i)); });
      });
    e.loop(run > 1 ? transposed : e.idx(0), depth, 1, [&](Value k) {
      Value step = stepOffset(k), position = panelPosition(start, k);
      for (auto [lane, offset] : llvm::enumerate(offsets))
        store(load(e.add(offset, step), 1), e.add(position, static_cast<int64_t>(lane)));
    });
  });
}

/// Lanes [first, first + kPadPeriod * period), where lanes one period apart lie side by side.
void PanelPacker::copyPeriods(Value first) {
  e.loop(e.idx(0), source.period, run, [&](Value group) {
    Value lane0 = e.add(first, group);
    Values offsets, starts;
    for (int64_t lane = 0; lane < run; ++lane)
      offsets.push_back(laneOffset(e.add(lane0, lane)));
    for (int64_t i = 0; i < kPadPeriod; ++i)
      starts.push_back(lanePosition(e.add(lane0, e.mul(source.period, i))));
    e.loop(e.idx(0), depth, 1, [&](Value k) {
      Value step = stepOffset(k), distance = e.mul(k, stride);
      llvm::SmallVector<Values> elements;
      for (Value offset : offsets)
        elements.push_back(load(e.add(offset, step), kPadPeriod));
      storeTransposed(elements, [&](int64_t i) { return e.add(starts[i], distance); });
    });
  });
}

/// i1: the first two periods are contiguous, and all groups of lanes stay within one panel.
Value PanelPacker::looksPeriodic(Value total) {
  Value no = arith::ConstantIntOp::create(e.b, e.loc, 0, 1);
  if (!source.period || run != kPadPeriod)
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
                                                      source.period, source.layout.parts)};
          },
          [&] { return Values{no}; })
      .front();
}

/// i1: a block of kPadPeriod periods starts at this lane and is contiguous across them.
Value PanelPacker::periodsStart(Value lane, Value total) {
  Value block = e.mul(source.period, kPadPeriod);
  Value aligned = e.eq(e.rem(e.add(source.firstPoint, lane), block), e.idx(0));
  return e
      .ifValues(
          e.both(aligned, e.le(e.add(lane, block), total)),
          [&] {
            return Values{tables.periodsAreContiguous(lanes, source.column, lane,
                                                      e.mul(source.period, kPadPeriod - 1),
                                                      source.period, source.layout.parts)};
          },
          [&] { return Values{arith::ConstantIntOp::create(e.b, e.loc, 0, 1)}; })
      .front();
}

/// One panel, or with `grouped` only its lanes [lane, next).
void PanelPacker::copyPanel(Value lane, Value next, Value grouped, Value transposed) {
  auto byGroups = [&] { copyLaneGroups(lane, next, transposed); };
  auto sideBySide = [&](int64_t length) {
    return e
        .ifValues(
            grouped, [&] { return Values{arith::ConstantIntOp::create(e.b, e.loc, 0, 1)}; },
            [&] { return Values{contiguous(lane, length)}; })
        .front();
  };
  bool oneLength = run == 1 || run >= piece;
  e.ifElse(
      sideBySide(oneLength && run > 1 ? run : rows),
      [&] { copyPieces(lane, lanePosition(lane), piece); },
      [&] {
        if (oneLength)
          return byGroups();
        e.ifElse(sideBySide(run), [&] { copyPieces(lane, lanePosition(lane), run); }, byGroups);
      });
}

void PanelPacker::emit(Value panels) {
  Value transposed = contiguousDepth(), total = e.mul(panels, rows);
  Value periodic = looksPeriodic(total);
  e.whileLoop(
      e.idx(0), [&](ValueRange state) { return e.lt(state[0], total); },
      [&](ValueRange state) {
        Value lane = state[0];
        auto panel = [&] {
          Value next = e.add(lane, e.select(periodic, e.idx(run), e.idx(rows)));
          copyPanel(lane, next, periodic, transposed);
          return Values{next};
        };
        if (!source.period || run != kPadPeriod)
          return panel();
        Value here = e.ifValues(
                          periodic, [&] { return Values{periodsStart(lane, total)}; },
                          [&] { return Values{periodic}; })
                         .front();
        return e.ifValues(
            here,
            [&] {
              copyPeriods(lane);
              return Values{e.add(lane, e.mul(source.period, kPadPeriod))};
            },
            panel);
      });
}

} // namespace

void emitPacking(const KernelContext &context, const OffsetTables &tables,
                 const PanelSource &source, const OffsetTable &lanes, const OffsetTable &steps,
                 Value base, Value panels, Value depth, Value target, int64_t rows) {
  PanelPacker(context, tables, source, lanes, steps, base, depth, target, rows).emit(panels);
}

} // namespace tenon::cpu
