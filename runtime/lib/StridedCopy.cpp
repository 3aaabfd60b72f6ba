//===- StridedCopy.cpp - Copies and fills of strided arrays ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "StridedCopy.h"

#include <algorithm>
#include <cstring>
#include <utility>

using namespace tenon::runtime;

static constexpr int32_t kMaxDims = 64;
/// Bytes that a tile of a transpose has along each side: one cache line.
static constexpr int64_t kTileBytes = 64;
/// Bytes of a source row that are transposed before the next rows follow: so few destination rows
/// are written in turns that their pages stay in the TLB.
static constexpr int64_t kBlockBytes = 256;
/// Elements that a block of short dimensions has at most along each of its two sides.
static constexpr int64_t kBlockSide = 256;
/// Copies of more bytes run from memory, not from the second cache: lines are asked for ahead.
static constexpr int64_t kPrefetchedBytes = int64_t(1) << 20;
/// Copies of more bytes leave the last cache before they are read again: whole lines bypass it.
static constexpr int64_t kBypassingBytes = int64_t(32) << 20;
/// Longest edge of a transpose that is moved in squares.
static constexpr int64_t kEdgeOfSquares = 128;
/// Transposes of so many bytes and less are over before prefetching inside of them pays: the lines
/// of the next one are asked for.
static constexpr int64_t kPlaneAheadBytes = int64_t(16) << 10;
/// Bytes side by side in the source that a block of short dimensions wants to cover: two lines.
static constexpr int64_t kCoveredBytes = 128;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// Rows of 2, 4, 8 or 16 bytes that are contiguous on both sides become elements of that size.
/// Networks of qubits consist of extents of 2; moving pairs and quadruples halves the loops.
static void widenElements(CopyDim *dims, CopyPlan &plan) {
  if (plan.rank == 0)
    return;
  const CopyDim &row = dims[plan.rank - 1];
  if (row.from != plan.elementBytes || row.to != plan.elementBytes || row.extent > 16)
    return;
  int64_t bytes = row.extent * plan.elementBytes;
  if (bytes > 16 || (bytes & (bytes - 1)) != 0)
    return;
  plan.elementBytes = static_cast<int32_t>(bytes);
  --plan.rank;
}

CopyPlan tenon::runtime::planCopy(CopyDim *dims, int32_t rank, int32_t elementBytes) {
  CopyPlan plan;
  plan.elementBytes = elementBytes;
  if (std::any_of(dims, dims + rank, [](const CopyDim &dim) { return dim.extent == 0; }))
    return plan;
  plan.bytes = elementBytes;
  for (int32_t i = 0; i < rank; ++i) {
    CopyDim dim = dims[i];
    plan.bytes *= dim.extent;
    if (dim.extent == 1)
      continue;
    if (dim.to < 0) {
      plan.fromOffset += (dim.extent - 1) * dim.from;
      plan.toOffset += (dim.extent - 1) * dim.to;
      dim.from = -dim.from;
      dim.to = -dim.to;
    }
    dims[plan.rank++] = dim;
  }
  std::sort(dims, dims + plan.rank, [](const CopyDim &a, const CopyDim &b) {
    return std::pair(-a.to, -a.from) < std::pair(-b.to, -b.from);
  });
  int32_t merged = 0;
  for (int32_t i = 0; i < plan.rank; ++i) {
    CopyDim &outer = dims[merged ? merged - 1 : 0];
    const CopyDim &inner = dims[i];
    if (merged && outer.to == inner.to * inner.extent && outer.from == inner.from * inner.extent)
      outer = {outer.extent * inner.extent, inner.from, inner.to};
    else
      dims[merged++] = inner;
  }
  plan.rank = merged;
  widenElements(dims, plan);
  // Threads share the longest dimension but the innermost, which is a row of the destination.
  for (int32_t i = 1; i + 1 < plan.rank; ++i)
    if (dims[i].extent > dims[plan.splitDim].extent)
      plan.splitDim = i;
  return plan;
}

//===----------------------------------------------------------------------===//
// Copying
//===----------------------------------------------------------------------===//

namespace {
/// Elements are moved by their bytes: no alignment is needed.
template <int32_t Bytes> struct Element { char bytes[Bytes]; };

/// Calls body(from, to) for every position of the dimensions, the last fastest.
template <typename Body>
void forEachPosition(const CopyDim *dims, int32_t rank, const char *from, char *to, Body body) {
  int64_t position[kMaxDims] = {};
  for (;;) {
    body(from, to);
    int32_t dim = rank - 1;
    for (; dim >= 0; --dim) {
      from += dims[dim].from;
      to += dims[dim].to;
      if (++position[dim] < dims[dim].extent)
        break;
      from -= dims[dim].from * dims[dim].extent;
      to -= dims[dim].to * dims[dim].extent;
      position[dim] = 0;
    }
    if (dim < 0)
      return;
  }
}

/// Two dimensions, the longer one inside.
template <int32_t Bytes> void copyPlane(CopyDim outer, CopyDim inner, const char *from, char *to) {
  if (inner.extent < outer.extent)
    std::swap(inner, outer);
  for (int64_t i = 0; i < outer.extent; ++i, from += outer.from, to += outer.to) {
    const char *source = from;
    char *target = to;
    for (int64_t j = 0; j < inner.extent; ++j, source += inner.from, target += inner.to)
      std::memcpy(target, source, Bytes);
  }
}

/// Transposes a square of 16 bytes by 16 bytes in vector registers. Interleaving row i with row
/// i + N/2, log2(N) times, is the perfect shuffle that exchanges the two halves of an address.
template <int32_t Bytes> struct SquareTranspose {
  static constexpr int32_t kSide = 16 / Bytes;
  using Integer = std::conditional_t<
      Bytes == 1, uint8_t,
      std::conditional_t<Bytes == 2, uint16_t, std::conditional_t<Bytes == 4, uint32_t, uint64_t>>>;
  typedef Integer Vector __attribute__((vector_size(16)));

  template <int32_t First, int32_t... Lane>
  static Vector interleave(Vector a, Vector b, std::integer_sequence<int32_t, Lane...>) {
    return __builtin_shufflevector(a, b, (First + Lane / 2 + (Lane % 2) * kSide)...);
  }

  static void run(const char *from, int64_t fromStride, char *to, int64_t toStride) {
    constexpr auto lanes = std::make_integer_sequence<int32_t, kSide>();
    Vector rows[kSide], next[kSide];
    for (int32_t i = 0; i < kSide; ++i)
      std::memcpy(&rows[i], from + i * fromStride, 16);
    for (int32_t width = 1; width < kSide; width *= 2) {
      for (int32_t i = 0; i < kSide / 2; ++i) {
        next[2 * i] = interleave<0>(rows[i], rows[i + kSide / 2], lanes);
        next[2 * i + 1] = interleave<kSide / 2>(rows[i], rows[i + kSide / 2], lanes);
      }
      std::copy(next, next + kSide, rows);
    }
    for (int32_t i = 0; i < kSide; ++i)
      std::memcpy(to + i * toStride, &rows[i], 16);
  }
};
template <> struct SquareTranspose<16> {
  static constexpr int32_t kSide = 1;
  static void run(const char *from, int64_t, char *to, int64_t) { std::memcpy(to, from, 16); }
};

/// Two dimensions as in transposePlane, too few of them to fill tiles: in squares as far as these
/// go. Of a long edge, rows are moved element by element: few at a time are in the caches then.
template <int32_t Bytes>
void transposeEdge(const CopyDim &source, const CopyDim &target, const char *from, char *to) {
  if (std::max(source.extent, target.extent) > kEdgeOfSquares)
    return copyPlane<Bytes>(source, target, from, to);
  constexpr int64_t side = SquareTranspose<Bytes>::kSide;
  int64_t wholeSource = source.extent / side * side, wholeTarget = target.extent / side * side;
  for (int64_t t = 0; t < wholeTarget; t += side)
    for (int64_t s = 0; s < wholeSource; s += side)
      SquareTranspose<Bytes>::run(from + t * target.from + s * Bytes, target.from,
                                  to + t * Bytes + s * source.to, source.to);
  if (wholeSource < source.extent && wholeTarget > 0)
    copyPlane<Bytes>({source.extent - wholeSource, source.from, source.to},
                     {wholeTarget, target.from, target.to}, from + wholeSource * source.from,
                     to + wholeSource * source.to);
  if (wholeTarget < target.extent)
    copyPlane<Bytes>({target.extent - wholeTarget, target.from, target.to}, source,
                     from + wholeTarget * target.from, to + wholeTarget * target.to);
}

/// Asks for all lines of `rows` rows of so many bytes.
void prefetchRows(const char *start, int64_t rows, int64_t stride, int64_t bytes, bool writes) {
  for (int64_t row = 0; row < rows; ++row, start += stride)
    for (int64_t byte = 0; byte < bytes + kTileBytes - 1; byte += kTileBytes) {
      // The last line may begin after a multiple of its size.
      const char *line = start + std::min(byte, bytes - 1);
      if (writes)
        __builtin_prefetch(line, /*rw=*/1);
      else
        __builtin_prefetch(line, /*rw=*/0);
    }
}

/// How the size of a whole copy bears on its parts.
struct Memory {
  bool prefetches, bypasses;
};

/// Stores a line of the destination past the caches; false where the compiler knows no way.
bool storeLineBypassing(char *to, const char *line) {
#if defined(__has_builtin)
#if __has_builtin(__builtin_nontemporal_store)
  typedef uint64_t Vector __attribute__((vector_size(16)));
  for (int64_t byte = 0; byte < kTileBytes; byte += 16) {
    Vector value;
    std::memcpy(&value, line + byte, 16);
    __builtin_nontemporal_store(value, reinterpret_cast<Vector *>(to + byte));
  }
  return true;
#endif
#endif
  (void)to, (void)line;
  return false;
}

/// Stores that bypass the caches become visible to other threads.
void finishBypassing() {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}

/// Two dimensions: `source` is contiguous in the source, `target` in the destination. Each tile
/// reads whole cache lines into a buffer and writes whole cache lines from it, so no line is
/// fetched twice, however the strides fall on the sets of the cache.
template <int32_t Bytes>
void transposePlane(const CopyDim &source, const CopyDim &target, const char *from, char *to,
                    Memory memory) {
  constexpr int64_t tile = kTileBytes / Bytes;
  constexpr int64_t side = SquareTranspose<Bytes>::kSide;
  alignas(64) char buffer[tile * kTileBytes];
  int64_t wholeSource = source.extent / tile * tile, wholeTarget = target.extent / tile * tile;
  constexpr int64_t blockExtent = kBlockBytes / Bytes;
  bool bypasses = memory.bypasses && source.to % kTileBytes == 0 &&
                  reinterpret_cast<uintptr_t>(to) % kTileBytes == 0;
  for (int64_t block = 0; block < wholeSource; block += blockExtent) {
    int64_t blockEnd = std::min(block + blockExtent, wholeSource);
    for (int64_t t = 0; t < wholeTarget; t += tile)
      for (int64_t s = block; s < blockEnd; s += tile) {
        const char *tileFrom = from + t * target.from + s * Bytes;
        char *tileTo = to + t * Bytes + s * source.to;
        // No prefetcher follows so many rows: the lines of the tile that is next in them.
        if (memory.prefetches && t + tile < wholeTarget)
          for (int64_t i = 0; i < tile; ++i) {
            __builtin_prefetch(tileFrom + (tile + i) * target.from, /*rw=*/0);
            if (!bypasses)
              __builtin_prefetch(tileTo + kTileBytes + i * source.to, /*rw=*/1);
          }
        for (int64_t i = 0; i < tile; i += side)
          for (int64_t j = 0; j < tile; j += side)
            SquareTranspose<Bytes>::run(tileFrom + i * target.from + j * Bytes, target.from,
                                        buffer + j * kTileBytes + i * Bytes, kTileBytes);
        for (int64_t j = 0; j < tile; ++j) {
          const char *line = buffer + j * kTileBytes;
          if (!bypasses || !storeLineBypassing(tileTo + j * source.to, line))
            std::memcpy(tileTo + j * source.to, line, kTileBytes);
        }
      }
  }
  if (bypasses)
    finishBypassing();
  if (wholeSource < source.extent && wholeTarget > 0)
    transposeEdge<Bytes>({source.extent - wholeSource, source.from, source.to},
                         {wholeTarget, target.from, target.to}, from + wholeSource * source.from,
                         to + wholeSource * source.to);
  if (wholeTarget < target.extent)
    transposeEdge<Bytes>(source, {target.extent - wholeTarget, target.from, target.to},
                         from + wholeTarget * target.from, to + wholeTarget * target.to);
}

/// Whether tiles of a transpose cover most of an extent, or squares the rest.
template <int32_t Bytes> bool fillsTiles(int64_t extent) {
  constexpr int64_t tile = kTileBytes / Bytes;
  return extent >= tile &&
         (extent % tile * 3 <= extent || extent % SquareTranspose<Bytes>::kSide == 0);
}

/// Short dimensions are moved in blocks: a run of elements that are side by side in the
/// destination, times some dimensions that, with it, cover whole cache lines of the source. Where
/// each element of the run and each repetition of it comes from is read from two tables.
template <int32_t Bytes> class BlockCopy {
public:
  BlockCopy(const CopyDim *dims, int32_t rank, Memory memory);
  void run(const char *from, char *to) const;

private:
  void chooseRun(const CopyDim *dims, int32_t rank, bool *isInside);
  void coverSource(const CopyDim *dims, int32_t rank, bool *isInside);
  void findLines();
  void moveBlock(const char *from, char *to, int64_t count) const;
  void prefetchBlock(const char *from, const char *to) const;

  struct Repetition {
    int64_t from, to;
  };
  int64_t elements = 1;  ///< of the run; more than the table has where it is one long dimension
  int64_t tabled = 1;    ///< entries of `source`
  int64_t chunkFrom = 0; ///< bytes from one table's worth of a long dimension to the next
  int64_t repetitions = 1;
  int64_t source[kBlockSide];
  Repetition repeated[kBlockSide];
  CopyDim outer[kMaxDims];
  int32_t outerRank = 0;
  bool prefetches;
  int64_t runLines[kBlockSide]; ///< the lines of the source, each once: those of one run,
  int64_t numRunLines = 0;
  int64_t repeatedLines[kBlockSide]; ///< and where those of all repetitions begin
  int64_t numRepeatedLines = 0;
};

template <int32_t Bytes>
void BlockCopy<Bytes>::chooseRun(const CopyDim *dims, int32_t rank, bool *isInside) {
  const CopyDim &last = dims[rank - 1];
  isInside[rank - 1] = true;
  elements = last.extent;
  tabled = std::min(elements, kBlockSide);
  for (int64_t i = 0; i < tabled; ++i)
    source[i] = i * last.from;
  chunkFrom = tabled * last.from;
  for (int32_t dim = rank - 2; dim >= 0; --dim) {
    const CopyDim &next = dims[dim];
    if (next.to != elements * Bytes || elements * Bytes >= kTileBytes ||
        elements * next.extent > kBlockSide)
      return;
    isInside[dim] = true;
    for (int64_t i = elements; i < elements * next.extent; ++i)
      source[i] = source[i - elements] + next.from;
    tabled = elements *= next.extent;
  }
}

template <int32_t Bytes>
void BlockCopy<Bytes>::coverSource(const CopyDim *dims, int32_t rank, bool *isInside) {
  bool isSeen[kMaxDims] = {};
  for (int64_t covered = Bytes; covered < kCoveredBytes;) {
    int32_t next = rank - 1;
    while (next >= 0 && (isSeen[next] || dims[next].from != covered))
      --next;
    if (next < 0)
      return;
    const CopyDim &dim = dims[next];
    isSeen[next] = true;
    covered *= dim.extent;
    if (isInside[next])
      continue;
    isInside[next] = true;
    if (repetitions * dim.extent > kBlockSide) {
      // Too long for the table: it is walked right around the block.
      outer[outerRank++] = dim;
      return;
    }
    for (int64_t i = repetitions; i < repetitions * dim.extent; ++i)
      repeated[i] = {repeated[i - repetitions].from + dim.from,
                     repeated[i - repetitions].to + dim.to};
    repetitions *= dim.extent;
  }
}

/// Of byte offsets, one in each cache line.
inline int64_t distinctLines(int64_t *offsets, int64_t count) {
  std::sort(offsets, offsets + count);
  return std::unique(offsets, offsets + count,
                     [](int64_t a, int64_t b) { return a / kTileBytes == b / kTileBytes; }) -
         offsets;
}

template <int32_t Bytes> void BlockCopy<Bytes>::findLines() {
  std::copy(source, source + tabled, runLines);
  numRunLines = distinctLines(runLines, tabled);
  for (int64_t r = 0; r < repetitions; ++r)
    repeatedLines[r] = repeated[r].from;
  numRepeatedLines = distinctLines(repeatedLines, repetitions);
}

template <int32_t Bytes>
BlockCopy<Bytes>::BlockCopy(const CopyDim *dims, int32_t rank, Memory memory)
    : prefetches(memory.prefetches) {
  bool isInside[kMaxDims] = {};
  repeated[0] = {0, 0};
  chooseRun(dims, rank, isInside);
  coverSource(dims, rank, isInside);
  // What is walked around the block comes last of the outer dimensions.
  int32_t walked = outerRank;
  CopyDim around = walked ? outer[0] : CopyDim{1, 0, 0};
  outerRank = 0;
  for (int32_t dim = 0; dim < rank; ++dim)
    if (!isInside[dim])
      outer[outerRank++] = dims[dim];
  if (walked)
    outer[outerRank++] = around;
  if (prefetches)
    findLines();
}

template <int32_t Bytes>
void BlockCopy<Bytes>::prefetchBlock(const char *from, const char *to) const {
  for (int64_t r = 0; r < numRepeatedLines; ++r)
    for (int64_t i = 0; i < numRunLines; ++i)
      __builtin_prefetch(from + repeatedLines[r] + runLines[i], /*rw=*/0);
  for (int64_t r = 0; r < repetitions; ++r)
    for (int64_t byte = 0; byte < tabled * Bytes; byte += kTileBytes)
      __builtin_prefetch(to + repeated[r].to + byte, /*rw=*/1);
}

template <int32_t Bytes>
void BlockCopy<Bytes>::moveBlock(const char *from, char *to, int64_t count) const {
  for (int64_t r = 0; r < repetitions && count > 0; ++r) {
    const char *start = from + repeated[r].from;
    char *target = to + repeated[r].to;
    for (int64_t i = 0; i < count; ++i)
      std::memcpy(target + i * Bytes, start + source[i], Bytes);
  }
}

template <int32_t Bytes> void BlockCopy<Bytes>::run(const char *from, char *to) const {
  // While a block is moved, the lines of the next one come.
  const char *lastFrom = nullptr;
  char *lastTo = nullptr;
  int64_t lastCount = 0;
  forEachPosition(outer, outerRank, from, to, [&](const char *start, char *target) {
    for (int64_t first = 0; first < elements; first += tabled) {
      if (prefetches)
        prefetchBlock(start, target);
      moveBlock(lastFrom, lastTo, lastCount);
      lastFrom = start;
      lastTo = target;
      lastCount = std::min(tabled, elements - first);
      start += chunkFrom;
      target += tabled * Bytes;
    }
  });
  moveBlock(lastFrom, lastTo, lastCount);
}

template <int32_t Bytes>
void copyDims(const CopyDim *dims, int32_t rank, const char *from, char *to, Memory memory) {
  if (rank == 0) {
    std::memcpy(to, from, Bytes);
    return;
  }
  const CopyDim last = dims[rank - 1];
  if (last.from == Bytes && last.to == Bytes) {
    auto rowBytes = static_cast<size_t>(last.extent) * Bytes;
    forEachPosition(dims, rank - 1, from, to, [rowBytes](const char *source, char *target) {
      std::memcpy(target, source, rowBytes);
    });
    return;
  }
  // The other dimension of the inner plane: the one contiguous in the source, else the next.
  int32_t other = rank - 2;
  for (int32_t i = 0; i + 1 < rank; ++i)
    if (dims[i].from == Bytes)
      other = i;
  const CopyDim plane = other >= 0 ? dims[other] : CopyDim{1, 0, 0};
  bool transposes = last.to == Bytes && plane.from == Bytes && fillsTiles<Bytes>(last.extent) &&
                    fillsTiles<Bytes>(plane.extent);
  if (last.to == Bytes && !transposes)
    return BlockCopy<Bytes>(dims, rank, memory).run(from, to);
  CopyDim outer[kMaxDims];
  int32_t outerRank = 0;
  for (int32_t i = 0; i + 1 < rank; ++i)
    if (i != other)
      outer[outerRank++] = dims[i];
  if (!transposes)
    return forEachPosition(outer, outerRank, from, to, [&](const char *source, char *target) {
      copyPlane<Bytes>(plane, last, source, target);
    });
  if (!memory.prefetches || plane.extent * last.extent * Bytes > kPlaneAheadBytes)
    return forEachPosition(outer, outerRank, from, to, [&](const char *source, char *target) {
      transposePlane<Bytes>(plane, last, source, target, memory);
    });
  // While a plane is moved, the lines of the next one come. Lines that two planes share stay in the
  // caches.
  memory.bypasses &= last.extent * Bytes % kTileBytes == 0;
  const char *lastFrom = nullptr;
  char *lastTo = nullptr;
  forEachPosition(outer, outerRank, from, to, [&](const char *source, char *target) {
    prefetchRows(source, last.extent, last.from, plane.extent * Bytes, /*writes=*/false);
    if (!memory.bypasses)
      prefetchRows(target, plane.extent, plane.to, last.extent * Bytes, /*writes=*/true);
    if (lastFrom)
      transposePlane<Bytes>(plane, last, lastFrom, lastTo, memory);
    lastFrom = source;
    lastTo = target;
  });
  transposePlane<Bytes>(plane, last, lastFrom, lastTo, memory);
}

/// Calls body(dims, from, to) with the dimensions and addresses of one part.
template <typename Body>
void withPart(const CopyPlan &plan, const CopyDim *dims, const void *from, void *to, int32_t part,
              int32_t parts, Body body) {
  if (plan.bytes == 0 || (plan.rank == 0 && part > 0))
    return;
  auto *source = static_cast<const char *>(from) + plan.fromOffset;
  auto *target = static_cast<char *>(to) + plan.toOffset;
  if (plan.rank == 0 || parts == 1)
    return body(dims, source, target);
  CopyDim own[kMaxDims];
  std::copy(dims, dims + plan.rank, own);
  CopyDim &split = own[plan.splitDim];
  PartRange range = partOf(split.extent, part, parts);
  split.extent = range.end - range.begin;
  if (split.extent > 0)
    body(own, source + range.begin * split.from, target + range.begin * split.to);
}

template <int32_t Bytes>
void fillDims(const CopyDim *dims, int32_t rank, const char *element, char *to) {
  const CopyDim last = rank ? dims[rank - 1] : CopyDim{1, 0, 0};
  Element<Bytes> value;
  std::memcpy(&value, element, Bytes);
  bool sameBytes = true;
  for (int32_t i = 1; i < Bytes; ++i)
    sameBytes &= element[i] == element[0];
  bool setsRow = sameBytes && last.to == Bytes;
  forEachPosition(dims, rank ? rank - 1 : 0, element, to, [&](const char *, char *target) {
    if (setsRow)
      std::memset(target, element[0], static_cast<size_t>(last.extent) * Bytes);
    else
      for (int64_t i = 0; i < last.extent; ++i, target += last.to)
        std::memcpy(target, &value, Bytes);
  });
}
} // namespace

/// Calls body with an integral constant for the element's size.
template <typename Body> static void withElementBytes(int32_t bytes, Body body) {
  switch (bytes) {
  case 1:
    return body(std::integral_constant<int32_t, 1>());
  case 2:
    return body(std::integral_constant<int32_t, 2>());
  case 4:
    return body(std::integral_constant<int32_t, 4>());
  case 8:
    return body(std::integral_constant<int32_t, 8>());
  default:
    return body(std::integral_constant<int32_t, 16>());
  }
}

void tenon::runtime::runCopy(const CopyPlan &plan, const CopyDim *dims, const void *from, void *to,
                             int32_t part, int32_t parts) {
  Memory memory{plan.bytes > kPrefetchedBytes, plan.bytes > kBypassingBytes};
  withPart(plan, dims, from, to, part, parts,
           [&](const CopyDim *own, const char *source, char *target) {
             withElementBytes(plan.elementBytes, [&](auto bytes) {
               copyDims<decltype(bytes)::value>(own, plan.rank, source, target, memory);
             });
           });
}

void tenon::runtime::runFill(const CopyPlan &plan, const CopyDim *dims, const void *element,
                             void *to, int32_t part, int32_t parts) {
  withPart(plan, dims, element, to, part, parts,
           [&](const CopyDim *own, const char *source, char *target) {
             withElementBytes(plan.elementBytes, [&](auto bytes) {
               fillDims<decltype(bytes)::value>(own, plan.rank, source, target);
             });
           });
}
