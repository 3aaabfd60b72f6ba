//===- TileCover.cpp - Register tiles over small products -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelParts.h"

using namespace mlir;

namespace tenon::cpu {

TileCover::TileCover(KernelEmitter &e, Value mayOverlap, Value m, int64_t tileRows, Value n,
                     int64_t tileColumns)
    : e(e), m(m), n(n) {
  auto count = [&](Value size, int64_t tile) {
    Value whole = e.div(size, e.idx(tile)), all = e.ceilDiv(size, e.idx(tile));
    return e.select(e.both(mayOverlap, e.le(e.idx(tile), size)), all, whole);
  };
  rowTiles = count(m, tileRows);
  columnTiles = count(n, tileColumns);
  coveredRows = e.min(e.mul(rowTiles, tileRows), m);
  coveredColumns = e.min(e.mul(columnTiles, tileColumns), n);
  isWhole = e.both(e.eq(coveredRows, m), e.eq(coveredColumns, n));
}

void TileCover::forRest(llvm::function_ref<void(Value row, Value column)> body) const {
  e.loop(e.idx(0), m, 1, [&](Value row) {
    Value covered = e.select(e.lt(row, coveredRows), coveredColumns, e.idx(0));
    e.loop(covered, n, 1, [&](Value column) { body(row, column); });
  });
}

} // namespace tenon::cpu
