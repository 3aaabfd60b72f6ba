//===- LaneCost.cpp - Which operand should give a result's lanes ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/LaneCost.h"

double tenon::cpu::laneNanoseconds(const SumFormat &sum, const ContractionSizes &sizes,
                                   SummedInnermost summed, const Processor &processor) {
  TileEstimate tile = estimateTile(sum, sizes.m, sizes.n, processor);
  double m = static_cast<double>(sizes.m), n = static_cast<double>(sizes.n);
  double step = kCycleNanoseconds * tile.cycles;
  if (summed.lanes)
    step += kTransposedNanoseconds * n;
  if (summed.rows && sizes.n > tile.nr)
    step += kTransposedNanoseconds * m;
  return static_cast<double>(sizes.batch) * static_cast<double>(sizes.k) * step;
}
