//===- ChainTiling.cpp - Two contractions, tile by tile -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/ChainTiling.h"

#include "LayoutCost.h"

#include <algorithm>
#include <cmath>

using namespace tenon::cpu;
using Indices = ContractionChain::Indices;
using Extents = std::vector<int64_t>;

namespace {
/// Nanoseconds for each byte that passes between the second cache and the third, and between that
/// and memory. A line that is written is fetched first and written back later.
constexpr double kThirdCacheByte = 0.003, kMemoryByte = 0.02;
constexpr double kWriteFactor = 2;
/// For each byte of an operand that is packed, wherever it comes from.
constexpr double kPackedByte = 0.02;
/// For each call of a kernel, and for each entry of its tables.
constexpr double kCall = 200, kTableEntry = 1;
/// Vectors of multiply-adds in a nanosecond: two a cycle at 4 GHz.
constexpr double kMultiplies = 8;
/// Contractions that do not pack reach a part of that.
constexpr double kDirectFactor = 2;
constexpr double kLineBytes = 64;
/// Short vectors that are stored to a cache cost a part of what they do in memory.
constexpr double kCachedRuns = 0.3;
/// Estimates are not better than that: what gains less stays whole.
constexpr double kLeastGain = 0.08;
/// Loops in a nest, and tensors of small dimensions, of which many are cut.
constexpr size_t kMostLoops = 16;

double roundUp(double value, double unit) { return std::ceil(value / unit) * unit; }

/// The five tensors of a chain.
enum Tensor { Lhs, Rhs, Between, Other, Result, NumTensors };

class ChainModel {
public:
  ChainModel(const ContractionChain &chain, const Processor &processor, int64_t threads)
      : chain(chain), processor(processor),
        threads(threads), lists{&chain.lhs, &chain.rhs, &chain.between, &chain.other,
                                &chain.result} {
    for (int tensor = 0; tensor < NumTensors; ++tensor) {
      holders.emplace_back(chain.extents.size(), false);
      for (int32_t index : *lists[tensor])
        holders.back()[static_cast<size_t>(index)] = true;
      wholeBytes[tensor] = bytes(static_cast<Tensor>(tensor), chain.extents);
    }
    whole = callTime(0, chain.extents).nanoseconds + callTime(1, chain.extents).nanoseconds;
    for (Tensor tensor : {Lhs, Rhs, Other})
      whole += wholeBytes[tensor] * byteCost(wholeBytes[tensor]);
    whole += wholeBytes[Between] * (kWriteFactor + callTime(1, chain.extents).reads) *
             byteCost(wholeBytes[Between]);
    whole += wholeBytes[Result] * kWriteFactor * byteCost(wholeBytes[Result]);
  }

  double wholeTime() const { return whole; }
  double tiledTime(const Extents &tile) const;
  bool betweenFitsSecondCache() const {
    return wholeBytes[Between] <= static_cast<double>(processor.l2Bytes);
  }
  std::vector<int32_t> orderLoops(const Extents &tile) const;

private:
  struct CallTime {
    double nanoseconds = 0;
    double reads = 1; ///< how often the tensor between is packed
    bool isPacked = true;
    bool isKnown = true; ///< the estimate says something
  };

  bool holds(Tensor tensor, size_t index) const { return holders[tensor][index]; }
  double bytes(Tensor tensor, const Extents &tile) const {
    double product = static_cast<double>(chain.elementBytes[tensor]);
    for (int32_t index : *lists[tensor])
      product *= static_cast<double>(tile[static_cast<size_t>(index)]);
    return product;
  }
  /// For each byte of a tensor of that size. The more of the third cache it takes, the less is
  /// still there when it is read.
  double byteCost(double size) const {
    if (size <= static_cast<double>(processor.l2Bytes) / 2)
      return 0;
    double part = std::min(size / static_cast<double>(processor.l3Bytes), 1.0);
    return kThirdCacheByte + (kMemoryByte - kThirdCacheByte) * part * part * part;
  }
  CallTime callTime(int step, const Extents &tile) const;
  double wastedLines(Tensor tensor, const Extents &tile) const;
  double resultRun(Tensor made, Tensor lanes, Tensor rows, const Extents &tile) const;

  const ContractionChain &chain;
  const Processor &processor;
  const int64_t threads;
  const std::array<const Indices *, NumTensors> lists;
  std::vector<std::vector<bool>> holders;
  std::array<double, NumTensors> wholeBytes{};
  double whole = 0;
};
} // namespace

/// What a kernel takes for a tile of the first or second contraction, its operands in the second
/// cache.
ChainModel::CallTime ChainModel::callTime(int step, const Extents &tile) const {
  Tensor operands[2] = {step == 0 ? Lhs : Between, step == 0 ? Rhs : Other};
  Tensor made = step == 0 ? Between : Result;
  // The operand that has the result's innermost index gives the lanes.
  const Indices &resultList = *lists[made];
  for (size_t i = resultList.size(); i-- > 0;) {
    auto index = static_cast<size_t>(resultList[i]);
    if (tile[index] == 1 || (holds(operands[0], index) && holds(operands[1], index)))
      continue;
    if (holds(operands[0], index))
      std::swap(operands[0], operands[1]);
    break;
  }
  double m = 1, n = 1, k = 1, batch = 1;
  int64_t rank = 0;
  for (size_t index = 0; index < tile.size(); ++index) {
    bool inA = holds(operands[0], index), inB = holds(operands[1], index);
    if (!inA && !inB)
      continue;
    rank += tile[index] != 1;
    bool isKept = holds(made, index);
    (!isKept ? k : inA && inB ? batch : inA ? m : n) *= static_cast<double>(tile[index]);
  }
  auto size = [](double product) { return static_cast<int64_t>(std::min(product, 1e9)); };
  const SumFormat &sum = chain.sums[static_cast<size_t>(step)];
  Blocking blocking =
      chooseBlocking(sum, {size(m), size(n), size(k), size(batch), rank}, processor);
  double lanes = static_cast<double>(processor.lanes(8 * sum.bytes));
  double multiplies = static_cast<double>(sum.parts * sum.parts) / (lanes * kMultiplies);
  CallTime time;
  time.nanoseconds = kCall;
  if (blocking.strategy != KernelStrategy::Packed) {
    time.isPacked = false;
    // Batches of small products gather what they read, or not: that depends on orders.
    time.isKnown = batch == 1 || chain.isMap[static_cast<size_t>(step)];
    time.nanoseconds += kDirectFactor * batch * m * roundUp(n, lanes) * k * multiplies;
    return time;
  }
  auto blocks = [](double extent, int64_t block) {
    return block <= 0 ? 1.0 : std::ceil(extent / static_cast<double>(block));
  };
  double packsOfA =
      blocks(m, blocking.mc) * blocks(k, blocking.kc) > 1 ? blocks(n, blocking.nc) : 1;
  double element = static_cast<double>(sum.elementBytes());
  time.nanoseconds += batch * roundUp(m, static_cast<double>(blocking.mr)) *
                      roundUp(n, static_cast<double>(blocking.nr)) * k * multiplies;
  time.nanoseconds += batch * (m * packsOfA + n) * k * element * kPackedByte;
  time.nanoseconds += batch * (m * packsOfA + n + k * blocks(n, blocking.nc)) * kTableEntry;
  double run = resultRun(made, operands[1], operands[0], tile);
  bool isCached =
      made == Between && bytes(made, tile) <= static_cast<double>(processor.l3Bytes) / 4;
  time.nanoseconds += batch * m * n * blocks(k, blocking.kc) *
                      shortRunNanoseconds(run, static_cast<double>(blocking.nr)) *
                      (isCached && std::fmod(run, kPadPeriod) == 0 ? kCachedRuns : 1);
  if (operands[0] == Between)
    time.reads = packsOfA;
  return time;
}

/// Elements of a tile of a result that lie side by side and come from the operand that gives the
/// lanes. The tile of the tensor between is a tensor of its own, that of the result a part of one.
double ChainModel::resultRun(Tensor made, Tensor lanes, Tensor rows, const Extents &tile) const {
  double run = 1;
  for (size_t i = lists[made]->size(); i-- > 0;) {
    auto index = static_cast<size_t>((*lists[made])[i]);
    bool isCut = made == Result && tile[index] < chain.extents[index];
    if (tile[index] != 1 && (!holds(lanes, index) || holds(rows, index)))
      break;
    run *= static_cast<double>(tile[index]);
    if (isCut)
      break;
  }
  return run;
}

/// How many times as many bytes as a tile has pass with its lines: a tile cuts the runs of a
/// tensor.
double ChainModel::wastedLines(Tensor tensor, const Extents &tile) const {
  double run = static_cast<double>(chain.elementBytes[tensor]);
  for (size_t i = lists[tensor]->size(); i-- > 0;) {
    auto index = static_cast<size_t>((*lists[tensor])[i]);
    run *= static_cast<double>(tile[index]);
    if (tile[index] < chain.extents[index])
      return std::max(1.0, kLineBytes / run);
  }
  return 1;
}

double ChainModel::tiledTime(const Extents &tile) const {
  double tiles = 1, idle = 1;
  bool isShared = threads == 1;
  for (size_t index = 0; index < tile.size(); ++index) {
    if (tile[index] == chain.extents[index])
      continue;
    tiles *=
        std::ceil(static_cast<double>(chain.extents[index]) / static_cast<double>(tile[index]));
    if (double efficiency = shareLoop(chain.extents[index], tile[index], threads).efficiency;
        efficiency > 0 && (!isShared || 1 / efficiency < idle)) {
      idle = 1 / efficiency;
      isShared = true;
    }
  }
  CallTime first = callTime(0, tile), second = callTime(1, tile);
  // Small tiles would take other, slower kernels; and without work for all threads, they wait.
  bool staysPacked = (first.isPacked || !callTime(0, chain.extents).isPacked) &&
                     (second.isPacked || !callTime(1, chain.extents).isPacked);
  if (!staysPacked || !isShared || !first.isKnown || !second.isKnown)
    return INFINITY;
  double time = tiles * (first.nanoseconds + second.nanoseconds);
  for (Tensor tensor : {Lhs, Rhs, Other})
    time += tiles * bytes(tensor, tile) * wastedLines(tensor, tile) * byteCost(wholeBytes[tensor]);
  double between = bytes(Between, tile);
  time += tiles * between * (kWriteFactor + second.reads) * byteCost(between);
  time +=
      wholeBytes[Result] * kWriteFactor * wastedLines(Result, tile) * byteCost(wholeBytes[Result]);
  return time * idle;
}

/// Outermost the index of the largest parts of operands: they are read again and again while the
/// loops inside run.
std::vector<int32_t> ChainModel::orderLoops(const Extents &tile) const {
  std::vector<std::pair<double, int32_t>> sizes;
  for (int32_t index : chain.keptIndices()) {
    if (tile[static_cast<size_t>(index)] == chain.extents[static_cast<size_t>(index)])
      continue;
    double size = 0;
    for (Tensor tensor : {Lhs, Rhs, Other})
      if (holds(tensor, static_cast<size_t>(index)))
        size += bytes(tensor, tile);
    sizes.emplace_back(size, index);
  }
  std::stable_sort(sizes.begin(), sizes.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  std::vector<int32_t> loops;
  for (auto [size, index] : sizes)
    loops.push_back(index);
  return loops;
}

/// Tiles of one index that are worth a look: what divides it, and powers of two.
static std::vector<int64_t> makeCandidates(int64_t extent) {
  std::vector<int64_t> candidates;
  for (int64_t tile = 1; tile < std::min<int64_t>(extent, 512); ++tile)
    if (extent % tile == 0 || (tile & (tile - 1)) == 0)
      candidates.push_back(tile);
  // Of large extents, parts that leave no more than a few tiles.
  for (int64_t parts : {2, 3, 4, 6, 8, 12, 16, 24, 32})
    if (int64_t tile = extent / parts; tile >= 512 && extent % parts == 0)
      candidates.push_back(tile);
  return candidates;
}

Indices ContractionChain::keptIndices() const {
  Indices kept;
  for (int32_t index : result)
    if (std::find(between.begin(), between.end(), index) != between.end() &&
        std::find(kept.begin(), kept.end(), index) == kept.end() &&
        extents[static_cast<size_t>(index)] > 1)
      kept.push_back(index);
  return kept;
}

LoopShare tenon::cpu::shareLoop(int64_t extent, int64_t tile, int64_t threads) {
  int64_t tiles = (extent + tile - 1) / tile, whole = extent / tile / threads;
  if (whole == 0)
    return {};
  // What is left over: tiles that do not make one for each thread, the last of them perhaps small.
  int64_t rest = tiles - whole * threads;
  return {whole * tile, static_cast<double>(tiles) / static_cast<double>((whole + rest) * threads)};
}

std::optional<ChainTiling> tenon::cpu::chooseChainTiling(const ContractionChain &chain,
                                                         const Processor &processor,
                                                         int64_t threads) {
  ChainModel model(chain, processor, threads);
  Indices kept = chain.keptIndices();
  if (kept.empty() || model.betweenFitsSecondCache())
    return std::nullopt;
  double best = INFINITY;
  Extents bestTile;
  auto consider = [&](const Extents &tile) {
    double time = model.tiledTime(tile);
    if (time < best) {
      best = time;
      bestTile = tile;
    }
  };
  auto extent = [](Extents &tile, int32_t index) -> int64_t & {
    return tile[static_cast<size_t>(index)];
  };

  // One or two indices, any tiles.
  constexpr size_t kMostPaired = 8;
  Extents tile = chain.extents;
  for (size_t i = 0; i < std::min(kept.size(), kMostPaired); ++i)
    for (int64_t first : makeCandidates(extent(tile, kept[i]))) {
      Extents cut = tile;
      extent(cut, kept[i]) = first;
      consider(cut);
      for (size_t j = i + 1; j < std::min(kept.size(), kMostPaired); ++j)
        for (int64_t second : makeCandidates(extent(tile, kept[j]))) {
          extent(cut, kept[j]) = second;
          consider(cut);
          extent(cut, kept[j]) = extent(tile, kept[j]);
        }
    }
  // Many small ones: outer dimensions of either tensor down to 1, and one more in tiles; all of
  // them, or those of one operand, so that the other one is not read again for each tile.
  auto contains = [](const Indices &list, int32_t index) {
    return std::find(list.begin(), list.end(), index) != list.end();
  };
  for (const Indices *order : {&chain.result, &chain.between})
    for (const Indices *among : {&chain.between, &chain.lhs, &chain.rhs}) {
      Extents cut = tile;
      size_t loops = 0;
      for (int32_t index : *order) {
        if (!contains(kept, index) || !contains(*among, index) || loops == kMostLoops)
          continue;
        ++loops;
        for (int64_t size : makeCandidates(extent(tile, index))) {
          extent(cut, index) = size;
          consider(cut);
        }
        extent(cut, index) = 1;
      }
    }
  double whole = model.wholeTime();
  if (!(best < whole * (1 - kLeastGain)))
    return std::nullopt;
  return ChainTiling{bestTile, model.orderLoops(bestTile), whole, best};
}

ChainTiling tenon::cpu::makeChainTiling(const ContractionChain &chain, std::vector<int64_t> tile,
                                        const Processor &processor, int64_t threads) {
  ChainModel model(chain, processor, threads);
  std::vector<int32_t> loops = model.orderLoops(tile);
  double tiled = model.tiledTime(tile);
  return {std::move(tile), std::move(loops), model.wholeTime(), tiled};
}
