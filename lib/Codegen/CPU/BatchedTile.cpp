//===- BatchedTile.cpp - One register tile of a small product -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Elements of A are broadcast from memory, rows of B are vectors. Complex numbers stay as they lie,
// real and imaginary parts in turn: a row of B is multiplied by the real part and by the imaginary
// part of an element of A into two sums, which are joined when k is done. So nothing is shuffled
// in the loop over k, and narrow matrices fill their vectors.
//
//===----------------------------------------------------------------------===//
#include "BatchedParts.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <algorithm>

using namespace mlir;

namespace tenon::cpu {
namespace {

class TileEmitter {
public:
  TileEmitter(const KernelContext &context, const BatchedProduct &product, const BatchedTile &tile)
      : e(context.e), context(context), arithmetic(context.arithmetic), product(product),
        tile(tile), parts(arithmetic.parts) {
    listVectors();
  }

  void emit(Value startA, Value startB, Value startC);

private:
  /// A vector of a row, in reals.
  struct RowVector {
    int64_t first, width;
  };
  void listVectors();
  Values multiply(Value startA, Value startB);
  Value rowOf(Value start, Value stride, int64_t row) { return e.add(start, e.mul(stride, row)); }

  KernelEmitter &e;
  const KernelContext &context;
  const KernelArithmetic &arithmetic;
  const BatchedProduct &product;
  const BatchedTile tile;
  const int64_t parts; ///< reals of an element
  llvm::SmallVector<RowVector> vectors;
};

/// Of a row: as long as registers are, then as long as the rest lets them be.
void TileEmitter::listVectors() {
  const int64_t longest = std::max(kLongestVectorBytes / arithmetic.bytes, tile.lanes * parts);
  for (int64_t first = 0, left = tile.columns * parts; left > 0;) {
    int64_t width = longest;
    while (width > left)
      width /= 2;
    vectors.push_back({first, width});
    first += width;
    left -= width;
  }
}

/// The sums of all vectors, row by row; of complex ones, by A's real and by its imaginary parts.
Values TileEmitter::multiply(Value startA, Value startB) {
  llvm::SmallVector<Value> rowsA;
  for (int64_t row = 0; row < tile.rows; ++row)
    rowsA.push_back(e.from(product.a.memory, rowOf(startA, product.a.rowStride, row)));
  Value beginB = e.from(product.b.memory, startB);
  // Sums, then the positions in A's rows and in B.
  Values state;
  for (int64_t row = 0; row < tile.rows; ++row)
    for (const RowVector &vector : vectors)
      state.append(arithmetic.zero(vector.width));
  state.append({e.idx(0), e.idx(0)});
  auto step = [&](ValueRange carry) {
    Value atA = carry[carry.size() - 2], atB = carry.back();
    Values columns, next;
    for (const RowVector &vector : vectors)
      columns.push_back(e.load(beginB, e.add(atB, vector.first), vector.width));
    for (int64_t row = 0; row < tile.rows; ++row) {
      Values factors;
      for (int64_t part = 0; part < parts; ++part)
        factors.push_back(arithmetic.broadcast(
            e.load(rowsA[static_cast<size_t>(row)], e.add(atA, part), 1), vectors[0].width)[0]);
      for (auto [vector, column] : llvm::zip_equal(vectors, columns))
        for (Value factor : factors)
          next.push_back(
              arithmetic.multiplyAdd(carry[next.size()], e.slice(factor, 0, vector.width), column));
    }
    next.push_back(e.add(atA, product.a.stepStride));
    next.push_back(e.add(atB, product.b.rowStride));
    return next;
  };
  auto steps = [&](int64_t count) {
    return [&step, count](Value, ValueRange carry) {
      Values next(carry);
      for (int64_t i = 0; i < count; ++i)
        next = step(next);
      return next;
    };
  };
  Value whole = e.mul(e.div(product.steps, e.idx(tile.unroll)), tile.unroll);
  if (tile.unroll > 1)
    state = e.loopCarry(e.idx(0), whole, tile.unroll, state, steps(tile.unroll));
  else
    whole = e.idx(0);
  state = e.loopCarry(whole, product.steps, 1, state, steps(1));
  state.truncate(state.size() - 2);
  return state;
}

void TileEmitter::emit(Value startA, Value startB, Value startC) {
  Values sums = multiply(startA, startB), values;
  for (size_t i = 0; i < sums.size(); i += static_cast<size_t>(parts))
    values.push_back(parts == 1 ? sums[i] : joinComplexSums(context, sums[i], sums[i + 1]));
  auto forEach = [&](llvm::function_ref<void(size_t, const RowVector &, Value)> body) {
    for (int64_t row = 0, number = 0; row < tile.rows; ++row) {
      Value start = rowOf(startC, product.c.rowStride, row);
      for (const RowVector &vector : vectors)
        body(static_cast<size_t>(number++), vector, e.add(start, vector.first));
    }
  };
  auto store = [&](ValueRange result) {
    forEach(
        [&](size_t i, const RowVector &, Value at) { e.store(result[i], product.c.memory, at); });
  };
  e.ifElse(
      product.overwrite, [&] { store(values); },
      [&] {
        Values total;
        forEach([&](size_t i, const RowVector &vector, Value at) {
          total.append(arithmetic.sum(e.load(product.c.memory, at, vector.width), values[i]));
        });
        store(total);
      });
}

/// Even lanes and odd lanes of one number each.
Value alternating(const KernelContext &context, int64_t width, double even, double odd) {
  KernelEmitter &e = context.e;
  Type real = context.arithmetic.compute;
  llvm::SmallVector<Attribute> numbers;
  for (int64_t lane = 0; lane < width; ++lane)
    numbers.push_back(e.b.getFloatAttr(real, lane % 2 == 0 ? even : odd));
  return e.constant(DenseElementsAttr::get(VectorType::get({width}, real), numbers));
}

} // namespace

/// (x + iy) b as x b + i (y b), with x b and y b given. Of conj(b) the products have the opposite
/// imaginary parts, of conj(x + iy) the second one has the opposite sign.
Value joinComplexSums(const KernelContext &context, Value byReal, Value byImag) {
  KernelEmitter &e = context.e;
  const KernelArithmetic &arithmetic = context.arithmetic;
  const bool conjA = context.spec.conjA, conjB = context.spec.conjB;
  const int64_t width = cast<VectorType>(byReal.getType()).getDimSize(0);
  llvm::SmallVector<int64_t> exchanged;
  for (int64_t lane = 0; lane < width; ++lane)
    exchanged.push_back(lane ^ 1);
  Value turned = vector::ShuffleOp::create(e.b, e.loc, byImag, byImag, exchanged);
  // Added to 0, which a negated 0 becomes, as in a sum of negated products.
  if (conjB)
    byReal = arithmetic.multiplyAdd(arithmetic.zero(width)[0], byReal,
                                    alternating(context, width, 1, -1));
  Value signs = alternating(context, width, conjA == conjB ? -1 : 1, conjA ? -1 : 1);
  return arithmetic.multiplyAdd(byReal, turned, signs);
}

void emitBatchedTile(const KernelContext &context, const BatchedProduct &product,
                     const BatchedTile &tile, Value startA, Value startB, Value startC) {
  TileEmitter(context, product, tile).emit(startA, startB, startC);
}

} // namespace tenon::cpu
