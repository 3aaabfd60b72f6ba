//===- TargetDescription.h - What a kernel must know of a CPU -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The few facts about a processor from which register tiles and cache blocks are derived. Emission
// of kernels never asks for a processor by name; it only reads these numbers.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace tenon::cpu {

struct TargetDescription : Processor {
  std::string name;    ///< "host", "avx512", "avx512-bf16", "avx2", "generic-neon"
  bool hasFMA = false; ///< fused multiply-add on vectors
};

/// The machine this process runs on: vector features as LLVM detects them, cache sizes as the
/// operating system reports them. Falls back to the defaults above where neither tells.
TargetDescription hostTarget();

/// A description by name, as of TargetDescription::name; nullopt for other names.
std::optional<TargetDescription> targetByName(llvm::StringRef name);

} // namespace tenon::cpu
