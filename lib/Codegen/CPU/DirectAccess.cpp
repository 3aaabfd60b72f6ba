//===- DirectAccess.cpp - Loads, stores and steps of direct kernels -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "DirectParts.h"

using namespace mlir;

namespace tenon::cpu {

void DirectAccess::prefetchB(Value position, int64_t vectors, int64_t lanes, Value ahead) const {
  const int64_t bytes = arithmetic.layoutB.real.getIntOrFloatBitWidth() / 8;
  const int64_t all = vectors * lanes * arithmetic.layoutB.parts;
  for (int64_t at = 0; at < all; at += kLineBytes / bytes)
    e.prefetch(problem.memoryB, e.add(e.add(position, ahead), at), KernelEmitter::Access::Read);
}

void DirectAccess::update(ValueRange sums, int64_t rows, Value position, Value rowStride,
                          const Lanes &lanes) const {
  const int64_t parts = arithmetic.parts;
  const int64_t vectors = static_cast<int64_t>(sums.size()) / (rows * parts);
  auto forEach = [&](llvm::function_ref<void(int64_t, Value)> body) {
    for (int64_t row = 0; row < rows; ++row) {
      Value start = row == 0 ? position : e.add(position, e.mul(rowStride, row));
      for (int64_t vector = 0; vector < vectors; ++vector)
        body((row * vectors + vector) * parts,
             e.add(start, vector * lanes.width * arithmetic.layoutC.parts));
    }
  };
  Values updated = e.ifValues(
      problem.overwrite, [&] { return Values(sums); },
      [&] {
        Values total;
        forEach([&](int64_t first, Value at) {
          Values old = arithmetic.load(context.c, at, lanes, arithmetic.layoutC, false);
          total.append(arithmetic.sum(
              old, sums.slice(static_cast<size_t>(first), static_cast<size_t>(parts))));
        });
        return total;
      });
  forEach([&](int64_t first, Value at) {
    arithmetic.storeC(
        ValueRange(updated).slice(static_cast<size_t>(first), static_cast<size_t>(parts)),
        context.c, at, lanes);
  });
}

Values DirectAccess::overSteps(Value a, Value b, ValueRange sums,
                               llvm::function_ref<Values(ValueRange, Value, Value)> body) const {
  const DirectSteps &steps = problem.steps;
  Value firstA = e.add(a, e.mul(steps.first, steps.strideA));
  Value firstB = e.add(b, e.mul(steps.first, steps.strideB));
  return e.loopCarry(steps.firstEntry, steps.endEntry, 1, sums, [&](Value entry, ValueRange carry) {
    auto start = [&](Value base, Value column) {
      return e.add(base, e.loadIndex(steps.table.memory, e.add(column, entry)));
    };
    Values state(carry);
    state.push_back(start(firstA, steps.columnA));
    state.push_back(start(firstB, steps.columnB));
    Values last = e.loopCarry(e.idx(0), steps.count, 1, state, [&](Value, ValueRange inner) {
      Value atA = inner[inner.size() - 2], atB = inner.back();
      Values next = body(inner.drop_back(2), atA, atB);
      next.push_back(e.add(atA, steps.strideA));
      next.push_back(e.add(atB, steps.strideB));
      return next;
    });
    last.truncate(carry.size());
    return last;
  });
}

} // namespace tenon::cpu
