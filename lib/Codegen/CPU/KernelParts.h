//===- KernelParts.h - The pieces that contraction kernels share --*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Decoded shape words, offset tables, and the generators of the strategies.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "KernelArithmetic.h"
#include "KernelEmitter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::cpu {

/// Of the caches.
inline constexpr int64_t kLineBytes = 64;

/// Layout of the shape words: fixed words, then one row per dimension.
inline constexpr int64_t kShapeHeader = 16;
inline constexpr int64_t kShapeRow = 4;
/// Number of the word with the address of lines that the caller reads soon, if any; the next one
/// has how many there are.
inline constexpr int64_t kSoonWord = 14;

/// One dimension: its extent, and its strides in reals of each operand.
struct GroupDim {
  Value extent, strideA, strideB, strideC;
};

/// The shape words of one call, as values in the kernel.
struct ShapeWords {
  Value memory;      ///< memref<?xi64>
  Value firstRow[4]; ///< row number of each group's outermost dimension, by ContractionShape::Group
  Value numRows[4];
  Value rank;             ///< dimensions in all groups
  Value accumulate;       ///< i1
  Value begin[3], end[3]; ///< sub-range of the flattened Batch, M and N spaces
  Value innerExtent[4];   ///< extent of each group's innermost dimension; 1 without dimensions
  Value kTotal;           ///< product of the k extents
  Value mc, nc, kc;       ///< CacheBlocks; a kc of 0 has become one block of all steps
  Value maySplitK;        ///< i1: kc was not 0

  ShapeWords(KernelEmitter &e, Value memory);
  /// Points of a group's flattened space that lie side by side in an operand (0: A, 1: B, 2: C),
  /// from every multiple of this number on: the extents of the innermost dimensions that are
  /// contiguous there. 1 where neighbours are apart.
  Value sideBySide(KernelEmitter &e, mlir::ModuleOp module, ContractionShape::Group group,
                   int64_t operand) const;
  /// Points of a group that lie two elements apart in an operand, from every multiple of this
  /// number on. 1 where neighbours do not.
  Value twoApart(KernelEmitter &e, ContractionShape::Group group, int64_t operand) const;
  /// i1: points of a group that are one step of its second innermost dimension apart lie side by
  /// side in an operand.
  Value sideBySideAcross(KernelEmitter &e, ContractionShape::Group group, int64_t operand) const;
  /// The last of `count` dimensions from row `first` on; of none, one point.
  GroupDim innermost(KernelEmitter &e, const KernelArithmetic &arithmetic, Value first,
                     Value count) const;
};

/// Offsets of consecutive points of one group's flattened space: three columns (A, B, C), in reals
/// of each operand. Lies in the workspace.
struct OffsetTable {
  Value memory; ///< memref<?xindex>
  Value pitch;  ///< entries from one column to the next
  enum Column { A, B, C };
  Value position(KernelEmitter &e, Column column, Value entry) const {
    return column == A ? entry : e.add(e.mul(pitch, column), entry);
  }
  Value load(KernelEmitter &e, Column column, Value entry) const {
    return e.loadIndex(memory, position(e, column, entry));
  }
};

/// Fills tables through one private function of the module.
class OffsetTables {
public:
  OffsetTables(KernelEmitter &e, mlir::ModuleOp module, const KernelArithmetic &arithmetic,
               const ShapeWords &shape, Value counters);
  /// Points [start, start + count) of a group, then padding up to `padded` entries. Nothing is
  /// written when count <= 0.
  void fill(const OffsetTable &table, ContractionShape::Group group, Value start, Value count,
            Value padded) const;
  /// The same for dimensions [firstRow, firstRow + numRows) as one group.
  void fill(const OffsetTable &table, Value firstRow, Value numRows, Value start, Value count,
            Value padded) const;
  /// The same for dimensions elsewhere, in memory that has the form of shape words.
  void fill(const OffsetTable &table, Value words, Value firstRow, Value numRows, Value start,
            Value count, Value padded) const;
  /// i1: each of the entries [first, first + count) and the one `period` behind it differ by
  /// `unit`.
  Value periodsAreContiguous(const OffsetTable &table, OffsetTable::Column column, Value first,
                             Value count, Value period, Value unit) const;

private:
  KernelEmitter &e;
  const ShapeWords &shape;
  Value counters;
  mlir::func::FuncOp function, periods;
};

/// Vectors of `width` lanes over the entries of a table that lie side by side in runs of `run`, no
/// shorter than a vector: each has lanes of two runs at most.
class BrokenRuns {
public:
  /// `left` entries from `first` on belong to the same run, `count` are there.
  BrokenRuns(KernelEmitter &e, const OffsetTable &table, OffsetTable::Column column, Value first,
             Value count, Value run, Value left, int64_t width, int64_t parts)
      : e(e), table(table), column(column), first(first), count(count), run(run), left(left),
        width(width), parts(parts) {}
  /// The next vector's.
  BrokenLanes next();

private:
  KernelEmitter &e;
  const OffsetTable &table;
  OffsetTable::Column column;
  Value first, count, run, left;
  int64_t width, parts; ///< reals of an element
};

/// Hands out 64-byte aligned parts of the workspace, whose size workspaceBytes (KernelModel) sums
/// up alike.
class WorkspaceCursor {
public:
  WorkspaceCursor(KernelEmitter &e, Value workspace) : e(e), workspace(workspace), next(e.idx(0)) {}
  /// `count` entries of `type`, each of `bytes` bytes.
  Value take(Value count, Type type, int64_t bytes);
  OffsetTable takeTable(Value entries);

private:
  KernelEmitter &e;
  Value workspace, next;
};

/// Everything a generator needs.
struct KernelContext {
  KernelEmitter &e;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  mlir::ModuleOp module;
  Value a, b, c, workspace;
  const ShapeWords &shape;
};

// One file each.
void emitPackedContraction(const KernelContext &context);
void emitDirectContraction(const KernelContext &context);
void emitBatchedContraction(const KernelContext &context);
void emitInterleavedContraction(const KernelContext &context);
void emitStreamedContraction(const KernelContext &context);
void emitGatheredContraction(const KernelContext &context);

/// Register tiles over an m x n product. Where they may overlap, those at an edge are moved
/// inwards, and all of a product that is no smaller than a tile is covered; else single elements
/// are the rest.
struct TileCover {
  TileCover(KernelEmitter &e, Value mayOverlap, Value m, int64_t tileRows, Value n,
            int64_t tileColumns);
  /// Calls `body` for each element outside of the tiles, in loops.
  void forRest(llvm::function_ref<void(Value row, Value column)> body) const;

  KernelEmitter &e;
  Value m, n;
  Value rowTiles, columnTiles;       ///< tiles along m and n
  Value coveredRows, coveredColumns; ///< what they compute
  Value isWhole;                     ///< i1: that is all
};

/// Packs `panels` panels of `rows` lanes (a constant) and `depth` steps of k: panel p holds, for
/// each k, `rows` reals (then `rows` imaginary parts) of lanes p * rows .... With dots it holds,
/// for each pair of steps, `rows` words; where k is odd, the last ones have 0 in their upper
/// halves.
struct PanelSource {
  Value memory;
  const ElementLayout &layout;
  OffsetTable::Column column;
  bool conjugate;
  Value firstPoint; ///< flattened index of lane 0 in its group
  Value points;     ///< lanes that are no padding
  Value run;        ///< ShapeWords::sideBySide of the group and the operand
  Value pairRun;    ///< ShapeWords::twoApart of them
  Value stays;      ///< i1: panels that liesInPlace() says are left out; null: none
  Value firstStep;  ///< flattened index of step 0 in K
  Value stepRun;    ///< ShapeWords::sideBySide of K and the operand
  Value period;     ///< extent of the group's innermost dimension; null: not read across runs
};
void emitPacking(const KernelContext &context, const OffsetTables &tables,
                 const PanelSource &source, const OffsetTable &lanes, const OffsetTable &steps,
                 Value base, Value panels, Value depth, Value target, int64_t rows);

/// Whether elements of an operand are multiplied as they lie in memory: neither widened, nor
/// conjugated, nor split.
inline bool isReadAsItLies(const KernelArithmetic &arithmetic, const ElementLayout &layout,
                           bool conjugate) {
  return layout.real == arithmetic.compute && layout.parts == arithmetic.parts && !layout.isBool &&
         !conjugate;
}

/// Lines of what is read soon that are fetched in a step of k: tiles of a single vector of columns,
/// which have so many rows, use up two lines of A in that time.
inline int64_t linesOfStep(const ContractionKernelSpec &spec) {
  constexpr int64_t kRowsOfLine = 16;
  return spec.mr > kRowsOfLine ? 2 : 1;
}

/// One register tile: C tile (+)= panel of A * panel of B.
struct MicroTile {
  Value panelsA, panelsB; ///< packed memrefs
  Value startA, startB;   ///< first element of each panel
  Value layers;           ///< of the panels: steps of k, or pairs of them
  const OffsetTable &k;   ///< offsets of the steps
  Value baseA, baseB;     ///< A's and B's offsets of this batch, in reals
  Value placeA, placeB;   ///< i1: there is no panel, the operand is read where it lies; null: never
  Value soon;             ///< a line that is read soon, in bytes from the workspace on
  Value soonStep;         ///< from there to that of the next step of k; 0: there is only this one.
                          ///< Where two are fetched, the other one is next to it
  Value rows, columns;    ///< valid part of the tile
  const OffsetTable &m, &n;
  Value firstM, firstN; ///< entries of the tables
  Value base;           ///< C's offset of this batch, in reals
  Value columnVectors;  ///< i1: the columns of C lie side by side in whole vectors
  Value columnRuns;     ///< i1: they do in runs of runLength(nr)
  Value run, untilRun;  ///< columns that lie side by side; from the first one to the end of its run
  Value overwrite;      ///< i1: C's old content does not count
  Value scratch;        ///< mr * nr accumulators
};
void emitMicroKernel(const KernelContext &context, const MicroTile &tile);

/// Whether lanes of a vector of an operand, or of all three, may be left out. Where the target has
/// no masked access (to narrow elements, or with short vectors), what whole vectors do not cover is
/// done element by element.
bool usesMasks(const KernelContext &context, const ElementLayout &layout);
bool usesMasks(const KernelContext &context);

/// i1: a panel of `rows` lanes, of which `there` are no padding and `left` until the end of a run,
/// can be loaded from where it lies: in vectors, or parts of them where masks take no registers of
/// vectors.
Value liesInPlace(const KernelContext &context, int64_t rows, Value there, Value left);
/// Whether parts of vectors are loaded then.
bool loadsParts(const KernelContext &context);

/// Lanes that partially contiguous panels move at once.
inline int64_t runLength(int64_t rows) {
  return rows % kPadPeriod == 0 ? kPadPeriod : rows % 2 == 0 ? 2 : 1;
}

} // namespace tenon::cpu
