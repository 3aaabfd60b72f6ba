//===- RandomFill.h - Seeded contents for test tensors ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Element i depends on the seed and on i alone, through integer arithmetic and correctly rounded
// operations only, so that every platform gets the same bits.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

namespace tenon {

/// Fills `tensor`:
///   floats       mean 0, variance 1, the sum of twelve uniform numbers of 16 bits less its mean
///                (Irwin-Hall, normal but for its tails, which end at 6), rounded to the type
///   complex      real and imaginary part each as above
///   bool         0 or 1 with equal probability
///   integers     uniform in [-9, 9], unsigned ones in [0, 18]
/// Tensors that are to differ need different seeds. O(elements).
void fillRandom(HostTensor &tensor, uint64_t seed);

} // namespace tenon
