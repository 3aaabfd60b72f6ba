//===- BatchedRows.cpp - Small products with several rows in a vector -----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A row of 4 elements fills a quarter of a register. Where rows follow one another in memory, a
// vector of the longest kind holds several of them, of A as of C. A step of k needs one element of
// each of A's rows, repeated for all columns: a shuffle within the vector that was loaded once,
// with lanes that are known when the kernel is made, since n and k are the lanes of the tile. Rows
// of B are loaded as often as a vector has rows, once for a product. 4 x 4 in f32 is one vector of
// A, four of B, four shuffles, four multiply-adds and a store, for which tiles of single rows take
// 85 instructions.
//
// Of smaller matrices still, 2 x 2, a vector holds several products: B is one vector too, and a
// shuffle finds each product's row.
//
//===----------------------------------------------------------------------===//
#include "BatchedParts.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <algorithm>

using namespace mlir;

namespace tenon::cpu {
namespace {

class RowsEmitter {
public:
  RowsEmitter(const KernelContext &context, const BatchedProduct &product)
      : e(context.e), context(context), arithmetic(context.arithmetic), product(product),
        parts(arithmetic.parts), steps(context.spec.lanes), row(steps * parts),
        width(rowsOfVector(context) * row) {}

  Value fits(Value n) const;
  void emitProduct(Value m, Value startA, Value startB, Value startC) const;
  void emitProducts(Value startA, Value startB, Value startC) const;

private:
  Value shuffled(Value of, llvm::function_ref<int64_t(int64_t)> from) const;
  void emitVector(ValueRange rowsOfB, Value atA, Value atC) const;

  KernelEmitter &e;
  const KernelContext &context;
  const KernelArithmetic &arithmetic;
  const BatchedProduct &product;
  const int64_t parts, steps; ///< reals of an element, steps of k
  const int64_t row, width;   ///< reals of a row, of a vector
};

/// i1: no matrix has gaps, n and k are the lanes of the tile, and C is overwritten.
Value RowsEmitter::fits(Value n) const {
  Value lanes = e.idx(steps), fits = product.overwrite;
  for (const BatchedMatrix *matrix : {&product.a, &product.b, &product.c})
    fits = e.both(fits, e.both(matrix->isInPlace, e.eq(matrix->rowStride, e.idx(row))));
  fits = e.both(fits, e.eq(product.a.stepStride, e.idx(parts)));
  return e.both(fits, e.both(e.eq(n, lanes), e.eq(product.steps, lanes)));
}

/// A vector of which lane i is lane from(i) of the given one.
Value RowsEmitter::shuffled(Value of, llvm::function_ref<int64_t(int64_t)> from) const {
  llvm::SmallVector<int64_t> lanes;
  for (int64_t lane = 0; lane < width; ++lane)
    lanes.push_back(from(lane));
  return vector::ShuffleOp::create(e.b, e.loc, of, of, lanes);
}

/// The rows of C at `atC` from those of A at `atA`; of each step, B's row for every row of them.
void RowsEmitter::emitVector(ValueRange rowsOfB, Value atA, Value atC) const {
  Value rowsOfA = e.load(product.a.memory, atA, width);
  // Of complex numbers by the real parts of A's elements, and by the imaginary ones.
  Values sums(static_cast<size_t>(parts), arithmetic.zero(width)[0]);
  for (int64_t step = 0; step < steps; ++step)
    for (int64_t part = 0; part < parts; ++part) {
      Value factors =
          shuffled(rowsOfA, [&](int64_t lane) { return lane / row * row + step * parts + part; });
      Value &sum = sums[static_cast<size_t>(part)];
      sum = arithmetic.multiplyAdd(sum, factors, rowsOfB[static_cast<size_t>(step)]);
    }
  Value result = parts == 1 ? sums[0] : joinComplexSums(context, sums[0], sums[1]);
  e.store(result, product.c.memory, atC);
}

void RowsEmitter::emitProduct(Value m, Value startA, Value startB, Value startC) const {
  Values rowsOfB;
  for (int64_t step = 0; step < steps; ++step) {
    Value once = e.load(product.b.memory, e.add(startB, step * row), row);
    rowsOfB.push_back(shuffled(once, [&](int64_t lane) { return lane % row; }));
  }
  e.loop(e.idx(0), e.mul(m, row), width,
         [&](Value at) { emitVector(rowsOfB, e.add(startA, at), e.add(startC, at)); });
}

void RowsEmitter::emitProducts(Value startA, Value startB, Value startC) const {
  const int64_t matrix = steps * row;
  Value all = e.load(product.b.memory, startB, width);
  Values rowsOfB;
  for (int64_t step = 0; step < steps; ++step)
    rowsOfB.push_back(shuffled(
        all, [&](int64_t lane) { return lane / matrix * matrix + step * row + lane % row; }));
  emitVector(rowsOfB, startA, startC);
}

} // namespace

int64_t rowsOfVector(const KernelContext &context) {
  const KernelArithmetic &arithmetic = context.arithmetic;
  const int64_t lanes = context.spec.lanes, row = lanes * arithmetic.parts * arithmetic.bytes;
  // Tiles of several vectors are of longer rows. Rows of B wait in registers, beside A, a factor
  // and the sums.
  if (context.spec.nr != lanes || lanes + 2 + arithmetic.parts > kMostVectorsOfRows)
    return 1;
  return std::max<int64_t>(kLongestVectorBytes / row, 1);
}

int64_t productsOfVector(const KernelContext &context) {
  return std::max<int64_t>(rowsOfVector(context) / context.spec.lanes, 1);
}

Value fillsVectorsWithRows(const KernelContext &context, const BatchedProduct &product, Value m,
                           Value n) {
  KernelEmitter &e = context.e;
  const int64_t rows = rowsOfVector(context);
  if (rows == 1)
    return {};
  Value isWhole = e.eq(e.rem(m, e.idx(rows)), e.idx(0));
  return e.both(RowsEmitter(context, product).fits(n), isWhole);
}

Value fillVectorsTogether(const KernelContext &context, const BatchedProduct &product, Value m,
                          Value n) {
  KernelEmitter &e = context.e;
  if (productsOfVector(context) == 1)
    return {};
  const ShapeWords &shape = context.shape;
  const auto group = ContractionShape::Batch;
  GroupDim dim =
      shape.innermost(e, context.arithmetic, shape.firstRow[group], shape.numRows[group]);
  Value lanes = e.idx(context.spec.lanes);
  Value matrix = e.idx(context.spec.lanes * context.spec.lanes * context.arithmetic.parts);
  Value fit = e.both(e.eq(m, lanes), e.eq(shape.numRows[group], e.idx(1)));
  for (Value stride : {dim.strideA, dim.strideB, dim.strideC})
    fit = e.both(fit, e.eq(stride, matrix));
  return e.both(fit, RowsEmitter(context, product).fits(n));
}

void emitRowsOfVectors(const KernelContext &context, const BatchedProduct &product, Value m,
                       Value startA, Value startB, Value startC) {
  RowsEmitter(context, product).emitProduct(m, startA, startB, startC);
}

void emitProductsOfVector(const KernelContext &context, const BatchedProduct &product, Value startA,
                          Value startB, Value startC) {
  RowsEmitter(context, product).emitProducts(startA, startB, startC);
}

} // namespace tenon::cpu
