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

using namespace mlir;

namespace tenon::cpu {
namespace {

class TileEmitter {
public:
  TileEmitter(const KernelContext &context, const BatchedProduct &product, const BatchedTile &tile)
      : e(context.e), spec(context.spec), arithmetic(context.arithmetic), product(product),
        tile(tile), parts(arithmetic.parts), width(tile.lanes * parts) {}

  void emit(Value startA, Value startB, Value startC);

private:
  Values multiply(Value startA, Value startB);
  Value joined(Value byReal, Value byImag);
  Value alternating(double even, double odd);
  Value rowOf(Value start, Value stride, int64_t row) { return e.add(start, e.mul(stride, row)); }

  KernelEmitter &e;
  const ContractionKernelSpec &spec;
  const KernelArithmetic &arithmetic;
  const BatchedProduct &product;
  const BatchedTile tile;
  const int64_t parts, width; ///< reals of an element, of a vector
};

/// The sums of all vectors, row by row; of complex ones, by A's real and by its imaginary parts.
Values TileEmitter::multiply(Value startA, Value startB) {
  llvm::SmallVector<Value> rowsA;
  for (int64_t row = 0; row < tile.rows; ++row)
    rowsA.push_back(e.from(product.a.memory, rowOf(startA, product.a.rowStride, row)));
  Value beginB = e.from(product.b.memory, startB);
  // Sums, then the positions in A's rows and in B.
  Values state;
  for (int64_t i = 0; i < tile.rows * tile.vectors * parts; ++i)
    state.push_back(arithmetic.zero(width)[0]);
  state.append({e.idx(0), e.idx(0)});
  auto step = [&](ValueRange carry) {
    Value atA = carry[carry.size() - 2], atB = carry.back();
    Values columns, next;
    for (int64_t v = 0; v < tile.vectors; ++v)
      columns.push_back(e.load(beginB, e.add(atB, v * width), width));
    for (int64_t row = 0; row < tile.rows; ++row) {
      Values factors;
      for (int64_t part = 0; part < parts; ++part)
        factors.push_back(arithmetic.broadcast(
            e.load(rowsA[static_cast<size_t>(row)], e.add(atA, part), 1), width)[0]);
      for (Value column : columns)
        for (Value factor : factors)
          next.push_back(arithmetic.multiplyAdd(carry[next.size()], factor, column));
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

/// Even lanes and odd lanes of one number each.
Value TileEmitter::alternating(double even, double odd) {
  auto type = VectorType::get({width}, arithmetic.compute);
  llvm::SmallVector<Attribute> numbers;
  for (int64_t lane = 0; lane < width; ++lane)
    numbers.push_back(e.b.getFloatAttr(arithmetic.compute, lane % 2 == 0 ? even : odd));
  return e.constant(DenseElementsAttr::get(type, numbers));
}

/// (x + iy) b as x b + i (y b), with x b and y b given. Of conj(b) the products have the opposite
/// imaginary parts, of conj(x + iy) the second one has the opposite sign.
Value TileEmitter::joined(Value byReal, Value byImag) {
  llvm::SmallVector<int64_t> exchanged;
  for (int64_t lane = 0; lane < width; ++lane)
    exchanged.push_back(lane ^ 1);
  Value turned = vector::ShuffleOp::create(e.b, e.loc, byImag, byImag, exchanged);
  // Added to 0, which a negated 0 becomes, as in a sum of negated products.
  if (spec.conjB)
    byReal = arithmetic.multiplyAdd(arithmetic.zero(width)[0], byReal, alternating(1, -1));
  Value signs = alternating(spec.conjA == spec.conjB ? -1 : 1, spec.conjA ? -1 : 1);
  return arithmetic.multiplyAdd(byReal, turned, signs);
}

void TileEmitter::emit(Value startA, Value startB, Value startC) {
  Values sums = multiply(startA, startB), values;
  for (size_t i = 0; i < sums.size(); i += static_cast<size_t>(parts))
    values.push_back(parts == 1 ? sums[i] : joined(sums[i], sums[i + 1]));
  auto forEach = [&](llvm::function_ref<void(size_t, Value)> body) {
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value start = rowOf(startC, product.c.rowStride, row);
      for (int64_t v = 0; v < tile.vectors; ++v)
        body(static_cast<size_t>(row * tile.vectors + v), e.add(start, v * width));
    }
  };
  auto store = [&](ValueRange result) {
    forEach([&](size_t i, Value at) { e.store(result[i], product.c.memory, at); });
  };
  e.ifElse(
      product.overwrite, [&] { store(values); },
      [&] {
        Values total;
        forEach([&](size_t i, Value at) {
          total.append(arithmetic.sum(e.load(product.c.memory, at, width), values[i]));
        });
        store(total);
      });
}

} // namespace

void emitBatchedTile(const KernelContext &context, const BatchedProduct &product,
                     const BatchedTile &tile, Value startA, Value startB, Value startC) {
  TileEmitter(context, product, tile).emit(startA, startB, startC);
}

} // namespace tenon::cpu
