//===- ResultDims.h - All dimensions of C as one group ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Kernels that walk batch, m and n in the order of C, whatever group a dimension belongs to, keep
// lists of dimensions in the workspace: they sort, join, cut and hand them to offset tables.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "KernelParts.h"

namespace tenon::cpu {

/// What such kernels do with dimensions; their emitters derive from it.
class ResultDims {
protected:
  using Group = ContractionShape::Group;

  /// A dimension, with strides in elements.
  struct Dim {
    Value extent, stride[3];
  };
  /// Offsets in A, B and C, in reals.
  struct Place {
    Value at[3];
  };
  /// Dimensions in the workspace, as shape words have them.
  struct DimList {
    Value words;
  };

  explicit ResultDims(const KernelContext &context)
      : e(context.e), context(context), spec(context.spec), arithmetic(context.arithmetic),
        shape(context.shape), zero(e.idx(0)), one(e.idx(1)) {}

  /// Rows of a list: place for each dimension cut in two, and two more.
  Value rowsOfList() { return e.add(e.mul(shape.rank, 2), 2); }
  DimList takeList(WorkspaceCursor &cursor);
  Dim get(Value words, Value row);
  Dim get(const DimList &list, Value row) { return get(list.words, row); }
  void put(const Dim &dim, const DimList &list, Value row);
  /// Puts a dimension among rows [low, count), which fall by the size of their strides in `column`.
  void insert(const Dim &dim, const DimList &list, Value low, Value count,
              OffsetTable::Column column);
  /// Product of the extents in rows [first, end).
  Value countPoints(const DimList &list, Value first, Value end);

  /// Indices of a group in the sub-range of this call.
  Value pointsOf(Group group) { return e.sub(shape.end[group], shape.begin[group]); }
  Value size(Value stride) { return e.max(stride, e.sub(zero, stride)); }
  Value isZero(Value x) { return e.eq(x, zero); }
  /// `test` where the condition holds, or else false.
  Value guarded(Value condition, llvm::function_ref<Value()> test);
  /// The place `count` indices of a dimension further on.
  Place moved(const Place &place, const Dim &dim, Value count);
  /// `extent` indices of a dimension, `distance` of them apart.
  Dim stretched(const Dim &dim, Value extent, Value distance);
  const ElementLayout &layoutOf(int64_t operand) const {
    return operand == 0   ? arithmetic.layoutA
           : operand == 1 ? arithmetic.layoutB
                          : arithmetic.layoutC;
  }
  int64_t partsOf(int64_t operand) const { return layoutOf(operand).parts; }

  /// Whether a call writes no element: a range is empty, or nothing is added to C.
  Value writesNothing();
  /// Covers the sub-range of this call with products of whole dimensions and parts of them, and
  /// calls `body` for each, in a loop: the dimensions of C are then rows [0, count) of `all`, in
  /// the order of C and joined where one continues the other in all operands; `start` is where
  /// they begin.
  void forParts(const DimList &all, llvm::function_ref<void(Value count, const Place &start)> body);

  KernelEmitter &e;
  const KernelContext &context;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const ShapeWords &shape;
  const Value zero, one;

private:
  /// Part of a group's flattened space: rows [first, end) of the shape words, `extent` indices of
  /// the first one and all of the others.
  struct Box {
    Value first, end, extent;
    Place start;
  };
  void forBoxes(Group group, llvm::function_ref<void(const Box &)> body);
  Value append(const Box &box, const DimList &all, Value count);
  Value joinNeighbours(const DimList &all, Value count);
};

} // namespace tenon::cpu
