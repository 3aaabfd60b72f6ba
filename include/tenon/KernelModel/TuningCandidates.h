//===- TuningCandidates.h - What a search of kernels tries --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

#include <vector>

namespace tenon::cpu {

/// Strategies and register tiles for a contraction, with the blocks that chooseBlocking would give
/// them, in the order in which the model likes them: each once, all within the registers of the
/// processor. A dozen or two.
std::vector<Blocking> tilesToTry(const SumFormat &sum, const ContractionSizes &sizes,
                                 const Processor &processor);

/// The same tile with other blocks: each of mc, nc and kc smaller and larger.
std::vector<Blocking> blocksToTry(const Blocking &blocking, const Processor &processor);

} // namespace tenon::cpu
