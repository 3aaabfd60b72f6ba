//===- Blocking.cpp - Tiles, blocks and buffers of a contraction kernel ---===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/Blocking.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace tenon::cpu {
namespace {

/// Multiply-adds up to which tables and panels take longer than they save: where vectors are read
/// as they lie, and where they are gathered.
constexpr double kTinyOperations = 32 * 32 * 32, kTinyGathered = 16 * 16 * 16;

/// Elements of an operand that are copied with a vector for each, multiply-adds for an element of B
/// or C, and how much more elements these have: the copy takes a microsecond for some tens of
/// vectors.
constexpr double kMostCoefficients = 1024, kMostOfStream = 16, kLeastOfStream = 1 << 14,
                 kStreamToCoefficients = 128;

/// Elements of C, and steps of k, from which on and up to which lanes are gathered: positions of
/// runs and lines are found in some microseconds.
constexpr double kLeastGathered = 1 << 14;
constexpr int64_t kMostGatheredSteps = 64;

/// Points of n side by side from which on the loops of direct kernels move real numbers faster, and
/// where there is a batch to walk around them.
constexpr int64_t kLongRun = 64, kLongRunOfBatch = 512;

/// Of a step of k in a register tile.
constexpr double kCyclesOfLoad = 0.57, kCyclesOfLoop = 1, kLatency = 5;
/// Larger tiles are a tenth faster in the caches, and up to a third slower beyond them.
constexpr int64_t kStreamedVectors = 8;
/// Of a register tile of a batch, beside those of its steps and stores.
constexpr double kCyclesOfTile = 4;

/// Tiles of rows up to which their number need not be a multiple of kPadPeriod.
constexpr int64_t kTilesOfFewRows = 6;

int64_t divideCeil(int64_t value, int64_t unit) { return (value + unit - 1) / unit; }
int64_t roundUp(int64_t value, int64_t unit) { return divideCeil(value, unit) * unit; }
int64_t powerOf2Ceil(int64_t value) {
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(value, 1))));
}
int64_t roundDown(int64_t value, int64_t unit) { return std::max(value / unit, int64_t(1)) * unit; }

/// The register tile with the least estimated time for an m x n result.
///
/// A step of k costs half a cycle per multiply-add and a little more per load (two ports each), and
/// no less than the latency of a multiply-add over the number of independent sums; a cycle goes to
/// the loop. Fitted to tiles from 4x32 to 28x16 on Zen 5. The registers
/// hold the sums, one row of B and, where instructions take no memory operand, the element of A.
///
/// Panels of a multiple of kPadPeriod rows are packed through the larger transposes. Of other even
/// numbers are tiles for few rows only, whose panels are a small part of what is read: 10 rows
/// twice for 19 waste one where 12 waste five.
TileEstimate cheapestTile(const SumFormat &sum, int64_t lanes, int64_t m, int64_t n,
                          const Processor &processor) {
  const int64_t parts = sum.parts;
  const int64_t rowUnit = processor.numVectors >= 32 ? kPadPeriod : 2;
  const int64_t spare = processor.memoryOperand ? 1 : parts;
  TileEstimate best;
  for (int64_t vectors = 1; vectors <= 4; ++vectors) {
    int64_t available = processor.numVectors - spare - vectors * parts;
    int64_t most = available / (vectors * parts);
    for (int64_t mr = std::max(roundDown(most, 2), rowUnit); mr >= rowUnit; mr -= 2) {
      if (mr > most && vectors > 1)
        continue;
      int64_t tilesOfRows = divideCeil(m, mr);
      // Both parts of an element wait in registers, where there are two, while they are used twice.
      bool leavesRegisters = (mr * vectors + vectors + 2) * parts <= processor.numVectors;
      bool isForFewRows = vectors * parts > 1 && tilesOfRows <= kTilesOfFewRows && leavesRegisters;
      if (mr % rowUnit != 0 && !isForFewRows)
        continue;
      int64_t nr = vectors * lanes;
      double steps = double(tilesOfRows) * double(divideCeil(n, nr));
      double multiplies = 0.5 * double(mr * vectors * parts * parts);
      double loads = kCyclesOfLoad * double(parts * (mr + vectors));
      // The store of a tile and the loop around it weigh as a few steps spread over k.
      double cost = steps * (std::max({multiplies, loads, kLatency}) + kCyclesOfLoop +
                             0.02 * double(mr * vectors));
      if (best.cycles == 0 || cost < best.cycles)
        best = {mr, nr, cost};
    }
  }
  return best;
}

void chooseBlocks(Blocking &blocking, const SumFormat &sum, int64_t m, int64_t k,
                  const Processor &processor) {
  // Of a step of k in a panel.
  const int64_t bytes = sum.elementBytes() / blocking.dot;
  if (sum.isRoundedOnce) {
    // Rounding happens once: a sum is never interrupted.
    blocking.kc = 0;
  } else {
    // A panel of B fills the first cache; A's panel and C's tile pass through it.
    blocking.kc = std::clamp<int64_t>(roundDown(processor.l1Bytes / (blocking.nr * bytes), 8), 64,
                                      512 * blocking.dot);
  }
  int64_t depth = blocking.kc != 0 ? blocking.kc : std::max<int64_t>(256, powerOf2Ceil(k));
  // A's block takes half of the second cache, B's part of the third; of a thin problem, whose A is
  // read once per block of n, B's block shares the second cache with A.
  int64_t stepBytes = depth * bytes;
  blocking.mc = roundDown(processor.l2Bytes / 2 / stepBytes, blocking.mr);
  bool isThin = m <= blocking.mc;
  int64_t bytesOfB =
      isThin ? processor.l2Bytes / 4 : std::min<int64_t>(processor.l3Bytes / 2, 4 << 20);
  // Never less than packing reads together, unless k is so deep that it would leave the second
  // cache.
  int64_t unit = std::lcm(blocking.nr, runGroup(sum.elementBytes()));
  blocking.nc =
      roundDown(bytesOfB / stepBytes, unit * stepBytes <= processor.l2Bytes ? unit : blocking.nr);
}

void chooseDirectBlocks(Blocking &blocking, const SumFormat &sum, const Processor &processor) {
  // Entries of the tables, and the points whose C stays in half of the first cache.
  blocking.mc = 512;
  blocking.kc = sum.isRoundedOnce ? 0 : 1024;
  blocking.nc = roundDown(processor.l1Bytes / 2 / sum.elementBytes(), blocking.nr);
}

/// Sums enough to hide the latency of a multiply-add, in at most half of the registers.
void chooseDirectTile(Blocking &blocking, const SumFormat &sum, const Processor &processor) {
  blocking.strategy = KernelStrategy::Direct;
  const int64_t sums = std::min<int64_t>(processor.numVectors / (2 * sum.parts), 8);
  blocking.mr = sums >= 8 ? 4 : 2;
  blocking.nr = sums / blocking.mr * blocking.lanes;
  chooseDirectBlocks(blocking, sum, processor);
}

/// Vectors that hold so many elements, registers of `most` lanes first, then ever shorter ones.
int64_t vectorsOfRow(int64_t elements, int64_t most) {
  return elements / most + std::popcount(static_cast<uint64_t>(elements % most));
}

void chooseBatchedBlocks(Blocking &blocking) {
  blocking.mc = 512;
  blocking.nc = blocking.nr;
  blocking.kc = 0; // all of k in registers
}

/// The register tile with the least estimated time for an m x n x k product of a batch.
///
/// Tiles at the edge overlap their neighbours, so no tile is larger than the product. Complex
/// numbers stay interleaved: a vector has `lanes` of them, and there are two sums for each. Costs
/// are cycles, as in cheapestTile; a tile's own ones are those of its stores and of the loops
/// around it.
void chooseBatchedTile(Blocking &blocking, const SumFormat &sum, const ContractionSizes &sizes,
                       const Processor &processor) {
  blocking.strategy = KernelStrategy::Batched;
  const int64_t parts = sum.parts;
  const int64_t most = std::max<int64_t>(processor.lanes(8 * sum.elementBytes()), 2);
  const double m = double(sizes.m), n = double(sizes.n), k = double(sizes.k);
  const double bytes = double(sizes.batch) * (m * k + k * n + m * n) * double(sum.elementBytes());
  const bool isStreamed = bytes > double(processor.l3Bytes) / 2;
  double best = 0;
  for (int64_t lanes = 2; lanes <= most; lanes *= 2)
    for (int64_t units : {1, 2, 3, 5}) {
      // Whole registers, or one vector that is shorter, alone or after a longer one.
      const int64_t nr = units * lanes, vectors = vectorsOfRow(nr, most);
      if (vectors > (lanes == most ? 3 : 2) || (lanes < most && units % 2 == 0))
        continue;
      for (int64_t mr : {2, 3, 4, 5, 6, 8}) {
        // Both parts of an element of A, each repeated, wait in registers while the next are read.
        const int64_t spare = parts > 1 ? 2 * parts : processor.memoryOperand ? 1 : parts;
        bool fits = mr * vectors * parts + vectors + spare <= processor.numVectors;
        fits &= !isStreamed || mr * vectors <= kStreamedVectors;
        bool isLeast = mr == 2 && nr == 2;
        if (!isLeast && (!fits || mr > sizes.m || nr > sizes.n))
          continue;
        double tiles = double(divideCeil(sizes.m, mr)) * double(divideCeil(sizes.n, nr));
        double multiplies = 0.5 * double(mr * vectors * parts);
        double loads = kCyclesOfLoad * double(mr * parts + vectors);
        double step = std::max(multiplies, loads) + kCyclesOfLoop;
        double cost = tiles * (double(sizes.k) * step + kCyclesOfTile + double(mr * vectors));
        if (best == 0 || cost < best) {
          best = cost;
          static_cast<KernelTiling &>(blocking) = {KernelStrategy::Batched, lanes, mr, nr};
        }
      }
    }
  chooseBatchedBlocks(blocking);
}

/// The same for products that lie side by side: a vector for each element of a tile.
void chooseInterleavedTile(Blocking &blocking, const SumFormat &sum, const ContractionSizes &sizes,
                           const Processor &processor) {
  const int64_t parts = sum.parts;
  double best = 0;
  for (int64_t mr : {2, 4})
    for (int64_t columns : {2, 4}) {
      bool fits = (mr * columns + columns + 1) * parts <= processor.numVectors;
      bool isLeast = mr == 2 && columns == 2;
      if (!isLeast && (!fits || mr > sizes.m || columns > sizes.n))
        continue;
      double tiles = double(divideCeil(sizes.m, mr)) * double(divideCeil(sizes.n, columns));
      double multiplies = 0.5 * double(mr * columns * parts * parts);
      double loads = kCyclesOfLoad * double((mr + columns) * parts);
      double cost = tiles * std::max({multiplies, loads, kLatency});
      if (best == 0 || cost < best) {
        best = cost;
        blocking.mr = mr;
        blocking.nr = columns * blocking.lanes;
      }
    }
  blocking.strategy = KernelStrategy::Interleaved;
  chooseBatchedBlocks(blocking);
}

/// Elements of C that a vector has at most where lanes are loaded one by one: the code for that
/// grows with them.
constexpr int64_t kMostSingleLanes = 16;

void chooseStreamedBlocks(Blocking &blocking) {
  blocking.mc = 1024;
  blocking.nc = blocking.nr;
  blocking.kc = 0; // all of k in registers
}

void chooseStreamedTile(Blocking &blocking) {
  const int64_t lanes = std::min(blocking.lanes, kMostSingleLanes);
  static_cast<KernelTiling &>(blocking) = {KernelStrategy::Streamed, lanes, 1, lanes};
  chooseStreamedBlocks(blocking);
}

void chooseGatheredBlocks(Blocking &blocking) {
  blocking.mc = 512;
  blocking.nc = blocking.nr;
  blocking.kc = 0; // all of k in registers
}

/// Sums up parts of the workspace, each on a boundary of 64 bytes.
class WorkspaceSize {
public:
  void take(int64_t count, int64_t bytes) { total += roundUp(count * bytes, 64); }
  void takeTable(int64_t entries) { take(3 * (entries + kTableSlack), 8); }
  int64_t bytes() const { return total; }

private:
  int64_t total = 0;
};

int64_t packedWorkspaceBytes(const Blocking &blocking, const SumFormat &sum,
                             const ContractionSizes &sizes) {
  // Upper bounds of what the kernel computes, for these sizes and any sub-range of them.
  auto block = [](int64_t size, int64_t largest, int64_t unit) {
    return std::min(largest, std::max(roundUp(size, unit), unit));
  };
  int64_t kc = block(sizes.k, blocking.kc == 0 ? INT64_MAX : blocking.kc, kPadPeriod);
  int64_t mc = block(sizes.m, blocking.mc, blocking.mr);
  int64_t nc = block(sizes.n, blocking.nc, blocking.nr);
  WorkspaceSize size;
  size.take(sizes.rank, 8);
  size.takeTable(mc);
  size.takeTable(nc);
  size.takeTable(kc);
  size.takeTable(1);
  size.take(blocking.mr * blocking.nr, sum.elementBytes());
  const int64_t steps = kc / blocking.dot;
  size.take(mc * steps, sum.elementBytes());
  size.take(nc * steps, sum.elementBytes());
  return size.bytes();
}

int64_t directWorkspaceBytes(const Blocking &blocking, const ContractionSizes &sizes) {
  WorkspaceSize size;
  size.take(sizes.rank, 8);
  int64_t steps = std::max<int64_t>(sizes.k, 1);
  size.takeTable(blocking.kc == 0 ? steps : std::min(steps, blocking.kc));
  for (int64_t points : {sizes.batch, sizes.m, sizes.n})
    size.takeTable(std::clamp<int64_t>(points, 1, blocking.mc));
  return size.bytes();
}

int64_t batchedWorkspaceBytes(const Blocking &blocking, const SumFormat &sum,
                              const ContractionSizes &sizes) {
  WorkspaceSize size;
  size.take(sizes.rank, 8);
  for (int64_t points : {sizes.m, sizes.n, sizes.k, std::min(sizes.batch, blocking.mc)})
    size.takeTable(points);
  bool isInterleaved = blocking.strategy == KernelStrategy::Interleaved;
  int64_t ofC = isInterleaved ? blocking.mr * (blocking.nr / blocking.lanes) : sizes.m * sizes.n;
  int64_t products = isInterleaved ? blocking.lanes : 1;
  for (int64_t elements : {sizes.m * sizes.k, sizes.k * sizes.n, ofC})
    size.take(elements * products, sum.elementBytes());
  if (!isInterleaved)
    size.takeTable(divideCeil(sizes.m, blocking.mr) * divideCeil(sizes.n, blocking.nr));
  return size.bytes();
}

/// Rows of a list of dimensions: place for each of them cut in two, and two more.
int64_t rowsOfList(const ContractionSizes &sizes) { return 2 * sizes.rank + 2; }

void takeLists(WorkspaceSize &size, int64_t lists, int64_t rows) {
  constexpr int64_t kHeader = 16, kRow = 4;
  for (int64_t list = 0; list < lists; ++list)
    size.take(kHeader + kRow * rows, 8);
}

int64_t cappedProduct(std::initializer_list<int64_t> extents, int64_t most) {
  int64_t product = 1;
  for (int64_t extent : extents)
    product = std::min(product * std::min(extent, most), most);
  return product;
}

int64_t streamedWorkspaceBytes(const Blocking &blocking, const SumFormat &sum,
                               const ContractionSizes &sizes) {
  constexpr int64_t kLists = 7;
  const int64_t rows = rowsOfList(sizes), k = std::max<int64_t>(sizes.k, 1);
  WorkspaceSize size;
  size.take(rows, 8);
  takeLists(size, kLists, rows);
  size.take(blocking.lanes, 8);
  size.takeTable(blocking.lanes);
  size.takeTable(k);
  size.takeTable(cappedProduct({sizes.batch, sizes.m, sizes.n}, blocking.mc));
  size.takeTable(cappedProduct({sizes.batch, sizes.m, sizes.n}, blocking.mc));
  size.takeTable(cappedProduct({sizes.batch, sizes.m, k}, blocking.mc));
  size.take(sizes.batch * sizes.m * k * blocking.lanes, sum.elementBytes());
  return size.bytes();
}

int64_t gatheredWorkspaceBytes(const Blocking &blocking, const ContractionSizes &sizes) {
  constexpr int64_t kLists = 6;
  const int64_t rows = rowsOfList(sizes), k = std::max<int64_t>(sizes.k, 1);
  WorkspaceSize size;
  size.take(rows, 8);
  takeLists(size, kLists, rows);
  size.take(2 * kMostGatheredVectors, 8);
  size.takeTable(kMostGatheredVectors * blocking.lanes);
  size.takeTable(k);
  const int64_t ofC = cappedProduct({sizes.batch, sizes.m, sizes.n}, blocking.mc);
  for (int64_t entries : {ofC, ofC, cappedProduct({sizes.batch, sizes.m, k}, blocking.mc),
                          cappedProduct({sizes.batch, sizes.n, k}, blocking.mc)})
    size.takeTable(entries);
  return size.bytes();
}

/// The strategies by number, and what they are called.
constexpr std::string_view kStrategyNames[] = {"packed",      "direct",   "batched",
                                               "interleaved", "streamed", "gathered"};

} // namespace

std::string_view strategyName(KernelStrategy strategy) {
  return kStrategyNames[static_cast<size_t>(strategy)];
}

std::optional<KernelStrategy> strategyFromName(std::string_view name) {
  auto found = std::find(std::begin(kStrategyNames), std::end(kStrategyNames), name);
  if (found == std::end(kStrategyNames))
    return std::nullopt;
  return static_cast<KernelStrategy>(found - std::begin(kStrategyNames));
}

bool isTinyTimesLarge(const ContractionSizes &sizes) {
  double perPoint = double(sizes.m) * double(sizes.k);
  double coefficients = double(sizes.batch) * perPoint;
  double elements = double(sizes.batch) * double(sizes.n) * double(std::max(sizes.m, sizes.k));
  return coefficients <= kMostCoefficients && perPoint <= kMostOfStream &&
         elements >= std::max(kLeastOfStream, kStreamToCoefficients * coefficients);
}

bool isLittleForMany(const ContractionSizes &sizes) {
  double elements = double(sizes.batch) * double(sizes.m) * double(sizes.n);
  return elements >= kLeastGathered && sizes.k <= kMostGatheredSteps;
}

KernelTiling gatheredTile(const SumFormat &sum, const Processor &processor) {
  const int64_t lanes = std::min(processor.lanes(8 * sum.bytes), kMostSingleLanes);
  return {KernelStrategy::Gathered, lanes, 1, lanes};
}

Blocking chooseBlocking(const SumFormat &sum, const ContractionSizes &sizes,
                        const Processor &processor) {
  Blocking blocking;
  blocking.lanes = processor.lanes(8 * sum.bytes);
  auto [m, n, k, batch, rank, readsRuns, runsAlongBatch, areMatrices, isStream, runOfN,
        isScattered] = sizes;
  if (isStream) {
    bool isLong = runOfN >= (batch > 1 ? kLongRunOfBatch : kLongRun);
    if (isLong && sum.parts == 1)
      chooseDirectTile(blocking, sum, processor);
    else
      chooseStreamedTile(blocking);
    return blocking;
  }
  double operations = double(m) * double(n) * double(k);
  if (batch > 1 && m > 1 && n > 1 && k > 1) {
    if (runsAlongBatch && operations <= kTinyOperations) {
      chooseInterleavedTile(blocking, sum, sizes, processor);
      return blocking;
    }
    double bytesOfB = double(k) * double(n) * double(sum.elementBytes());
    if (areMatrices && operations <= kSmallMatrices && bytesOfB <= double(processor.l1Bytes)) {
      chooseBatchedTile(blocking, sum, sizes, processor);
      return blocking;
    }
  }
  bool thin = m < 3 || n < 3 || k < 3;
  bool tiny =
      m * n < 4 * blocking.lanes || operations <= (readsRuns ? kTinyOperations : kTinyGathered);
  if (thin || tiny) {
    if (isScattered) {
      static_cast<KernelTiling &>(blocking) = gatheredTile(sum, processor);
      chooseGatheredBlocks(blocking);
      return blocking;
    }
    chooseDirectTile(blocking, sum, processor);
    return blocking;
  }
  blocking.strategy = KernelStrategy::Packed;
  blocking.dot = dotOf(sum, processor);
  TileEstimate tile = cheapestTile(sum, blocking.lanes, m, n, processor);
  blocking.mr = tile.mr;
  blocking.nr = tile.nr;
  chooseBlocks(blocking, sum, m, k, processor);
  return blocking;
}

TileEstimate estimateTile(const SumFormat &sum, int64_t m, int64_t n, const Processor &processor) {
  return cheapestTile(sum, processor.lanes(8 * sum.bytes), m, n, processor);
}

Blocking blockingWithTile(const KernelTiling &tile, const SumFormat &sum,
                          const ContractionSizes &sizes, const Processor &processor) {
  Blocking blocking;
  static_cast<KernelTiling &>(blocking) = tile;
  switch (tile.strategy) {
  case KernelStrategy::Packed:
    chooseBlocks(blocking, sum, sizes.m, sizes.k, processor);
    break;
  case KernelStrategy::Direct:
    chooseDirectBlocks(blocking, sum, processor);
    break;
  case KernelStrategy::Batched:
  case KernelStrategy::Interleaved:
    chooseBatchedBlocks(blocking);
    break;
  case KernelStrategy::Streamed:
    chooseStreamedBlocks(blocking);
    break;
  case KernelStrategy::Gathered:
    chooseGatheredBlocks(blocking);
    break;
  }
  return blocking;
}

int64_t workspaceBytes(const Blocking &blocking, const SumFormat &sum,
                       const ContractionSizes &sizes) {
  switch (blocking.strategy) {
  case KernelStrategy::Packed:
    return packedWorkspaceBytes(blocking, sum, sizes);
  case KernelStrategy::Direct:
    return directWorkspaceBytes(blocking, sizes);
  case KernelStrategy::Streamed:
    return streamedWorkspaceBytes(blocking, sum, sizes);
  case KernelStrategy::Gathered:
    return gatheredWorkspaceBytes(blocking, sizes);
  case KernelStrategy::Batched:
  case KernelStrategy::Interleaved:
    break;
  }
  return batchedWorkspaceBytes(blocking, sum, sizes);
}

} // namespace tenon::cpu
