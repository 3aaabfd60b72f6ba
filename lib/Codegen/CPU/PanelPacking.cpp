//===- PanelPacking.cpp - Operands into panels, from where they lie -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// How a panel is read is decided at run time from its offsets: as whole vectors where all its lanes
// lie side by side, in runs of a few lanes, through small transposes in registers where k lies side
// by side, or element by element.
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
  void copyLaneGroups(Value firstLane, Value panelStart, Value transposed);
  void transpose(llvm::ArrayRef<Value> laneOffsets, Value panelStart, Value k);

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

/// `run` lanes with kTransposeSteps steps of k each, which lie side by side in memory.
void PanelPacker::transpose(llvm::ArrayRef<Value> laneOffsets, Value panelStart, Value k) {
  Value step = stepOffset(k);
  llvm::SmallVector<Values> columns; // by lane
  for (Value offset : laneOffsets)
    columns.push_back(load(e.add(offset, step), kTransposeSteps));
  for (int64_t part = 0; part < arithmetic.parts; ++part) {
    Values level;
    for (const Values &column : columns)
      level.push_back(column[part]);
    // Interleaving halves, then halves of halves, puts the lanes of one k next to each other.
    while (level.size() > 1) {
      Values next;
      size_t half = level.size() / 2;
      for (size_t i = 0; i < half; ++i)
        next.push_back(vector::InterleaveOp::create(e.b, e.loc, level[i], level[i + half]));
      level = next;
    }
    for (int64_t i = 0; i < kTransposeSteps; ++i) {
      llvm::SmallVector<int64_t> slice;
      for (int64_t lane = 0; lane < run; ++lane)
        slice.push_back(i * run + lane);
      Value value = vector::ShuffleOp::create(e.b, e.loc, level[0], level[0], slice);
      e.store(value, target, e.add(panelPosition(panelStart, e.add(k, i)), part * rows));
    }
  }
}

/// `run` lanes at a time with unrelated offsets; the first `transposed` steps of k side by side.
void PanelPacker::copyLaneGroups(Value firstLane, Value panelStart, Value transposed) {
  e.loop(e.idx(0), e.idx(rows), run, [&](Value group) {
    Values offsets;
    for (int64_t lane = 0; lane < run; ++lane)
      offsets.push_back(laneOffset(e.add(e.add(firstLane, group), lane)));
    Value start = e.add(panelStart, group);
    if (run > 1)
      e.loop(e.idx(0), transposed, kTransposeSteps, [&](Value k) { transpose(offsets, start, k); });
    e.loop(run > 1 ? transposed : e.idx(0), depth, 1, [&](Value k) {
      Value step = stepOffset(k), position = panelPosition(start, k);
      for (auto [lane, offset] : llvm::enumerate(offsets))
        store(load(e.add(offset, step), 1), e.add(position, static_cast<int64_t>(lane)));
    });
  });
}

void PanelPacker::emit(Value panels) {
  Value transposed = contiguousDepth();
  e.loop(e.idx(0), panels, 1, [&](Value panel) {
    Value firstLane = e.mul(panel, rows);
    Value panelStart = e.mul(e.mul(panel, depth), stride);
    e.ifElse(
        contiguous(firstLane, run >= piece && run > 1 ? run : rows),
        [&] { copyPieces(firstLane, panelStart, piece); },
        [&] {
          auto byGroups = [&] { copyLaneGroups(firstLane, panelStart, transposed); };
          if (run == 1 || run >= piece)
            return byGroups();
          e.ifElse(
              contiguous(firstLane, run), [&] { copyPieces(firstLane, panelStart, run); },
              byGroups);
        });
  });
}

} // namespace

void emitPacking(const KernelContext &context, const OffsetTables &tables,
                 const PanelSource &source, const OffsetTable &lanes, const OffsetTable &steps,
                 Value base, Value panels, Value depth, Value target, int64_t rows) {
  PanelPacker(context, tables, source, lanes, steps, base, depth, target, rows).emit(panels);
}

} // namespace tenon::cpu
