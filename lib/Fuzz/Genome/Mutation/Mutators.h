//===- Mutators.h - The mutators of each class ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Mutate.h"

namespace tenon::fuzz {

// Each file of this folder that ends in Mutators.cpp has one of these lists.
std::span<const Mutator> operandMutators();
std::span<const Mutator> labelMutators();
std::span<const Mutator> valueMutators();
std::span<const Mutator> extentMutators();
std::span<const Mutator> typeMutators();
std::span<const Mutator> layoutMutators();
std::span<const Mutator> decompositionMutators();
std::span<const Mutator> slicingMutators();
std::span<const Mutator> dataMutators();
std::span<const Mutator> pipelineMutators();

} // namespace tenon::fuzz
