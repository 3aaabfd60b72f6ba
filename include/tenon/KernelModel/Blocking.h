//===- Blocking.h - Tiles, blocks and buffers of a contraction kernel -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// How a contraction of given sizes is cut on a given processor, and how much memory its kernel
// needs for that. The code generator decides by it, the planner counts by it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::cpu {

/// The numbers of a processor from which tiles and blocks follow.
struct Processor {
  int64_t vectorBits = 128;    ///< width of one vector register
  int64_t numVectors = 16;     ///< architectural vector registers
  bool memoryOperand = true;   ///< arithmetic may take a (broadcast) memory operand: no register
  int64_t l1Bytes = 32 << 10;  ///< level-1 data cache of one core
  int64_t l2Bytes = 512 << 10; ///< level-2 cache of one core
  int64_t l3Bytes = 8 << 20;   ///< last-level cache that one core may use
  bool dotsBF16 = false;       ///< an instruction adds two products of bf16 to each lane of f32

  /// Lanes of one vector register for elements of `bits` bits.
  int64_t lanes(int64_t bits) const { return vectorBits / bits; }

  /// The fields in order, separated by slashes: "512/32/1/32768/1048576/16777216", and "/bf16"
  /// after them where there are dots of bf16.
  std::string text() const;
  /// Reads that form; empty for anything else, and for numbers no processor has.
  static std::optional<Processor> fromText(std::string_view text);
};

enum class KernelStrategy {
  Packed,  ///< operands are packed into panels, a register-tiled micro-kernel runs over them
  Direct,  ///< no packing: vectors along the output or along k, operands read where they lie
  Batched, ///< many small products: register tiles over operands in place, a loop over the batch
  Interleaved, ///< the same, of products that lie side by side: one in each lane
  Streamed, ///< a tiny operand times a large one of short dimensions, in tiles of whole cache lines
  Gathered ///< little to do for many elements of C: vectors over all dimensions, in blocks of lines
};

/// "packed", "direct", "batched", "interleaved", "streamed", "gathered", as attributes and files
/// have it.
std::string_view strategyName(KernelStrategy strategy);
std::optional<KernelStrategy> strategyFromName(std::string_view name);

/// How sums are held in registers and packed panels.
struct SumFormat {
  int64_t parts = 1; ///< reals per element
  int64_t bytes = 4; ///< of one real
  /// A sum is rounded once, to a narrower type: it is never interrupted, so k is not cut.
  bool isRoundedOnce = false;
  /// Sums, in f32, of products of two bf16: processors may have an instruction for pairs of them.
  bool isOfBF16 = false;
  int64_t elementBytes() const { return parts * bytes; }
};

/// Products of the extents of a contraction's groups, and a bound on the number of dimensions.
struct ContractionSizes {
  int64_t m = 1, n = 1, k = 1, batch = 1;
  /// At least the rows of the shape words of any call: what is contiguous in a row-major array, and
  /// merged when a call is planned, need not be in the caller's, and runs may be cut off.
  int64_t rank = 0;
  /// C and an operand lie side by side along one dimension: small products need no packing.
  bool readsRuns = true;
  /// That dimension is one of the batch, and a vector long: vectors may run across products.
  bool runsAlongBatch = false;
  /// Each of m, n and k is one dimension or none, and rows of C are side by side: products of a
  /// batch are matrices that need no packing.
  bool areMatrices = false;
  /// isTinyTimesLarge, and the innermost dimensions of C fill vectors exactly.
  bool isStream = false;
  /// Points of n that lie side by side in B and in C along C's innermost dimension; 0 where none
  /// do.
  int64_t runOfN = 0;
  /// isLittleForMany, elements of C fill vectors across dimensions, and neither operands nor steps
  /// of k lie side by side long enough for the loops of direct kernels.
  bool isScattered = false;
};

/// What is chosen for speed and fixed when a kernel is made.
struct KernelTiling {
  KernelStrategy strategy = KernelStrategy::Packed;
  int64_t lanes = 4; ///< real lanes of one vector of the accumulator
  /// Register tile in elements of the accumulator; nr is a multiple of lanes. Under the interleaved
  /// strategy a column has the lanes of as many products.
  int64_t mr = 4, nr = 4;
  /// Steps of k that a multiply-add takes: 1, or 2 where panels hold pairs of bf16.
  int64_t dot = 1;

  bool operator==(const KernelTiling &other) const = default;
};

/// What is chosen for speed and told a kernel at each call: cache blocks in elements, upper bounds
/// that the kernel clamps to the problem and balances. Under the packed strategy mc is a multiple
/// of mr, nc of nr, kc of 4. kc = 0: k is not split, which a result narrower than the sum needs.
/// Under the direct strategy mc and kc bound the entries of tables, and nc the points that stay in
/// the first cache while k runs. Under the batched strategy mc bounds the products in a table,
/// under the interleaved one the runs of products. Under the streamed and the gathered strategy mc
/// bounds the entries of tables.
struct CacheBlocks {
  int64_t mc = 4, nc = 4, kc = 4;

  bool operator==(const CacheBlocks &other) const = default;
};

/// All that is chosen for speed.
struct Blocking : KernelTiling, CacheBlocks {
  bool operator==(const Blocking &other) const = default;
};

/// A contraction outside parallel loops is shared by threads from this many multiply-adds on: fewer
/// are not worth waking them for. Each thread has a workspace of its own.
inline constexpr int64_t kSharedFromOperations = int64_t(1) << 18;

/// Entries behind the last one of an offset table that may be read: one for differences of
/// neighbours, and room for a vector.
inline constexpr int64_t kTableSlack = 8;
/// Entries filled behind the last point repeat those this many before, so that a ragged panel reads
/// valid memory and keeps runs of this length.
inline constexpr int64_t kPadPeriod = 4;

/// Vectors at most that a gathered kernel has one table of lanes for: elements that lie side by
/// side in C.
inline constexpr int64_t kMostGatheredVectors = 16;

/// Lanes that packing reads together where lanes of C lie side by side in runs of 16, and as many
/// runs as a cache line has elements lie side by side in B. A block of n that is a multiple of
/// these stays one when it is balanced.
inline constexpr int64_t runGroup(int64_t elementBytes) {
  return 16 * std::clamp<int64_t>(64 / elementBytes, 4, 16);
}

/// Multiply-adds of one product up to which kernels for batches are chosen, and tried, with
/// operands that stay in the first cache; beyond, packed panels are faster.
inline constexpr double kSmallMatrices = 64 * 64 * 64;

/// KernelTiling::dot of packed kernels.
inline constexpr int64_t dotOf(const SumFormat &sum, const Processor &processor) {
  return sum.isOfBF16 && processor.dotsBF16 ? 2 : 1;
}

/// Whether A is so small beside C and B, and so little is done for each of their elements, that the
/// streamed strategy pays where the dimensions of C suit it.
bool isTinyTimesLarge(const ContractionSizes &sizes);

/// Whether C has so many elements, and so few steps are summed for each, that the gathered strategy
/// pays where operands do not lie side by side.
bool isLittleForMany(const ContractionSizes &sizes);

/// Chooses strategy, register tile and cache blocks. O(1).
Blocking chooseBlocking(const SumFormat &sum, const ContractionSizes &sizes,
                        const Processor &processor);

/// The tile of the gathered strategy, one vector. O(1).
KernelTiling gatheredTile(const SumFormat &sum, const Processor &processor);

/// A register tile, and the cycles that a step of k takes in it for a whole result.
struct TileEstimate {
  int64_t mr = 0, nr = 0;
  double cycles = 0;
};

/// The tile that a packed contraction gets for an m x n result with vectors along n, and the
/// estimate by which it is chosen. O(1).
TileEstimate estimateTile(const SumFormat &sum, int64_t m, int64_t n, const Processor &processor);

/// The blocks that chooseBlocking would give to a kernel of this tile. O(1).
Blocking blockingWithTile(const KernelTiling &tile, const SumFormat &sum,
                          const ContractionSizes &sizes, const Processor &processor);

/// Bytes of workspace that a kernel of this blocking needs for these sizes or any sub-range of its
/// m, n and batch spaces; a multiple of 64. O(1).
int64_t workspaceBytes(const Blocking &blocking, const SumFormat &sum,
                       const ContractionSizes &sizes);

} // namespace tenon::cpu
