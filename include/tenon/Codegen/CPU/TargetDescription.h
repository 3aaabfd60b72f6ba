//===- TargetDescription.h - What a kernel must know of a CPU -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The few facts about a processor from which register tiles and cache blocks are derived. Emission
// of kernels never asks for a processor by name; it only reads these numbers.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>

namespace tenon::cpu {

struct TargetDescription {
  std::string name;            ///< "host", "avx512", "avx2", "generic-neon"
  int64_t vectorBits = 128;    ///< width of one vector register
  int64_t numVectors = 16;     ///< architectural vector registers
  bool hasFMA = false;         ///< fused multiply-add on vectors
  bool memoryOperand = true;   ///< arithmetic may take a (broadcast) memory operand: no register
  int64_t l1Bytes = 32 << 10;  ///< level-1 data cache of one core
  int64_t l2Bytes = 512 << 10; ///< level-2 cache of one core
  int64_t l3Bytes = 8 << 20;   ///< last-level cache that one core may use

  /// Lanes of one vector register for elements of `bits` bits.
  int64_t lanes(int64_t bits) const { return vectorBits / bits; }
};

/// The machine this process runs on: vector features as LLVM detects them, cache sizes as the
/// operating system reports them. Falls back to the defaults above where neither tells.
TargetDescription hostTarget();

/// A description by name: "host", "avx512", "avx2" or "generic-neon"; nullopt for other names.
std::optional<TargetDescription> targetByName(llvm::StringRef name);

} // namespace tenon::cpu
