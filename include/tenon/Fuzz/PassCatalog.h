//===- PassCatalog.h - What the fuzzer knows about passes ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// For each pass that a genome may contain: at which level of IR it runs, which level it leaves, the
// options that are drawn for it, and whether it may refuse its input with a diagnostic. A pass of Tenon
// without a description fails a test (unittests/Fuzz). No MLIR.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::fuzz {

/// What the values of a function are, and which dialects it is in. Each level is reached from the one before by one pass or pipeline.
enum class Level : uint8_t {
  Network, ///< tn (and linalg, tensor, arith) on tensors: as built
  Tensor,  ///< linalg, tensor, scf, arith on tensors: after convert-tn-to-linalg. The reference interpreter runs both.
  Buffer,  ///< memrefs: after tenon-destination-style and bufferization
  Kernel   ///< outlined kernels and an arena
};

/// Levels as bits.
using Levels = uint8_t;
constexpr Levels levelBit(Level level) { return Levels(1u << unsigned(level)); }
inline constexpr Levels kTensorLevels = levelBit(Level::Network) | levelBit(Level::Tensor);

struct PassOption {
  std::string_view name;
  /// Texts that are drawn from; the first one is the default and is not written.
  std::vector<std::string_view> values;
};

struct PassDescription {
  std::string_view name;      ///< as in a textual pipeline
  std::string_view anchor;    ///< "builtin.module" or "func.func"
  Levels from;                ///< where it may run
  std::optional<Level> to;    ///< the level that it leaves; none: the one it found
  std::vector<PassOption> options;
  /// The pass may fail with a diagnostic on a valid program (a memory limit that cannot be met): no finding.
  bool mayRefuse = false;
  /// It leaves results the same bits, floats too (no reassociation): true for most upstream passes.
  bool keepsBits = false;
  /// A known defect of upstream that this pass has (D1 …, docs/fuzzing.md): left out unless guards are off.
  std::string_view guard = {};
  /// Of Tenon: must be described. Of upstream: a choice.
  bool isTenon = false;
};

std::span<const PassDescription> passCatalog();
/// Null for a pass that is not described.
const PassDescription *findPass(std::string_view name);

} // namespace tenon::fuzz
