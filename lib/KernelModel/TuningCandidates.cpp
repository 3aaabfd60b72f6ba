//===- TuningCandidates.cpp - What a search of kernels tries --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/TuningCandidates.h"

#include "tenon/KernelModel/TuningTable.h"

#include <utility>

namespace tenon::cpu {
namespace {

/// Tiles of each strategy that are tried at most.
constexpr size_t kMostPackedTiles = 14, kMostDirectTiles = 5;

int64_t divideCeil(int64_t value, int64_t unit) { return (value + unit - 1) / unit; }

/// Packed tiles that fit the registers, those of the least padding and the least loads first.
std::vector<KernelTiling> packedTiles(const SumFormat &sum, const ContractionSizes &sizes,
                                      const Processor &processor) {
  std::vector<std::pair<double, KernelTiling>> priced;
  const int64_t parts = sum.parts, fullLanes = processor.lanes(8 * sum.bytes);
  const int64_t rowUnit = processor.numVectors >= 32 ? kPadPeriod : 2;
  const int64_t spare = processor.memoryOperand ? 1 : parts;
  for (int64_t lanes = fullLanes; lanes >= std::max<int64_t>(fullLanes / 2, 4); lanes /= 2)
    for (int64_t vectors = 1; vectors <= 4; ++vectors) {
      int64_t most = (processor.numVectors - spare - vectors * parts) / (vectors * parts);
      for (int64_t mr = most / rowUnit * rowUnit; mr >= rowUnit; mr -= rowUnit) {
        int64_t nr = vectors * lanes;
        double steps = double(divideCeil(sizes.m, mr)) * double(divideCeil(sizes.n, nr));
        double multiplies = 0.5 * double(mr * vectors * parts * parts);
        double loads = 0.5 * double(parts * (mr + vectors));
        priced.push_back(
            {steps * (std::max({multiplies, loads, 4.0}) + 0.02 * double(mr * vectors)),
             {KernelStrategy::Packed, lanes, mr, nr, dotOf(sum, processor)}});
      }
    }
  std::stable_sort(priced.begin(), priced.end(),
                   [](const auto &a, const auto &b) { return a.first < b.first; });
  std::vector<KernelTiling> tiles;
  for (size_t i = 0; i < std::min(priced.size(), kMostPackedTiles); ++i)
    tiles.push_back(priced[i].second);
  return tiles;
}

std::vector<KernelTiling> directTiles(const SumFormat &sum, const Processor &processor) {
  std::vector<KernelTiling> tiles;
  const int64_t lanes = processor.lanes(8 * sum.bytes);
  constexpr std::pair<int64_t, int64_t> kRowsAndVectors[] = {
      {4, 2}, {4, 1}, {8, 1}, {2, 4}, {2, 2}};
  for (auto [rows, vectors] : kRowsAndVectors)
    if (vectors * lanes % rows == 0 && rows * vectors * sum.parts <= processor.numVectors / 2 &&
        tiles.size() < kMostDirectTiles)
      tiles.push_back({KernelStrategy::Direct, lanes, rows, vectors * lanes});
  return tiles;
}

/// Tiles for batches that fit the registers and the product.
std::vector<KernelTiling> batchedTiles(const SumFormat &sum, const ContractionSizes &sizes,
                                       const Processor &processor) {
  std::vector<KernelTiling> tiles;
  const int64_t most = std::max<int64_t>(processor.lanes(8 * sum.elementBytes()), 2);
  for (int64_t lanes = most; lanes >= std::max<int64_t>(most / 4, 2); lanes /= 2)
    for (int64_t vectors : {2, 1})
      for (int64_t mr : {8, 4, 2})
        if (mr <= sizes.m && vectors * lanes <= sizes.n &&
            mr * vectors * sum.parts + vectors < processor.numVectors)
          tiles.push_back({KernelStrategy::Batched, lanes, mr, vectors * lanes});
  if (sizes.runsAlongBatch)
    for (auto [mr, columns] : {std::pair<int64_t, int64_t>{4, 4}, {4, 2}, {2, 4}, {2, 2}}) {
      const int64_t lanes = processor.lanes(8 * sum.bytes);
      tiles.push_back({KernelStrategy::Interleaved, lanes, mr, columns * lanes});
    }
  return tiles;
}

} // namespace

std::vector<Blocking> tilesToTry(const SumFormat &sum, const ContractionSizes &sizes,
                                 const Processor &processor) {
  std::vector<KernelTiling> tiles;
  // Whatever one operand lacks, panels of it are mostly padding.
  if (sizes.m > 1 && sizes.n > 1)
    tiles = packedTiles(sum, sizes, processor);
  // Beyond the second cache operands that are not packed are read again and again.
  constexpr double kMostUnpacked = 1 << 24;
  if (double(sizes.m) * double(sizes.n) * double(sizes.k) <= kMostUnpacked || tiles.empty())
    for (const KernelTiling &tile : directTiles(sum, processor))
      tiles.push_back(tile);
  if (sizes.batch > 1 && double(sizes.m) * double(sizes.n) * double(sizes.k) <= kSmallMatrices)
    for (const KernelTiling &tile : batchedTiles(sum, sizes, processor))
      tiles.push_back(tile);
  if (sizes.isStream) {
    ContractionSizes stream = sizes;
    stream.runOfN = 0; // long runs are chosen to be read directly
    tiles.push_back(chooseBlocking(sum, stream, processor));
  }
  if (sizes.isScattered)
    tiles.push_back(gatheredTile(sum, processor));
  std::vector<Blocking> result;
  for (const KernelTiling &tile : tiles)
    result.push_back(blockingWithTile(tile, sum, sizes, processor));
  return result;
}

std::vector<Blocking> blocksToTry(const Blocking &blocking, const Processor &processor) {
  std::vector<Blocking> result;
  bool isPacked = blocking.strategy == KernelStrategy::Packed;
  auto add = [&](int64_t CacheBlocks::*block, int64_t unit) {
    for (auto [times, by] : {std::pair(1, 2), {3, 4}, {3, 2}, {2, 1}}) {
      Blocking other = blocking;
      int64_t value = blocking.*block * times / by / unit * unit;
      if (value < 1 || value == blocking.*block)
        continue;
      other.*block = value;
      if (explainBlocking(other, processor).empty())
        result.push_back(other);
    }
  };
  add(&CacheBlocks::kc, isPacked ? kPadPeriod : 1);
  add(&CacheBlocks::mc, isPacked ? blocking.mr : 1);
  add(&CacheBlocks::nc, isPacked ? blocking.nr : 1);
  return result;
}

} // namespace tenon::cpu
