//===- KeptMemory.cpp - Large blocks, kept from use to use ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tenon-runtime/KeptMemory.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace tenon::runtime;

namespace {

struct Block {
  void *start;
  uint64_t bytes;
  bool isMarked; ///< the system may take its pages

  bool mark();
  void unmap() const { munmap(start, bytes); }
};

/// Unused blocks, the oldest first. It has no constructor to run: a library may be called while
/// another one's static objects are made.
struct Kept {
  static constexpr int kMostBlocks = 16;

  pthread_mutex_t mutex;
  bool hasLimit;
  uint64_t limit;
  uint64_t bytes;
  uint64_t unmarkedBytes;
  int count;
  Block blocks[kMostBlocks];

  void add(Block block);
  void markUntil(uint64_t mostBytes);
  void remove(int position);
  void readLimit();
};

/// Held only where it was free: a child of a fork may find it locked for ever.
class TryLock {
public:
  explicit TryLock(pthread_mutex_t &mutex)
      : mutex(mutex), isHeld(pthread_mutex_trylock(&mutex) == 0) {}
  ~TryLock() {
    if (isHeld)
      pthread_mutex_unlock(&mutex);
  }
  TryLock(const TryLock &) = delete;
  TryLock &operator=(const TryLock &) = delete;

  explicit operator bool() const { return isHeld; }

private:
  pthread_mutex_t &mutex;
  bool isHeld;
};

} // namespace

static Kept kept = {PTHREAD_MUTEX_INITIALIZER, false, 0, 0, 0, 0, {}};

/// 0 where the sum overflows.
static uint64_t roundUp(uint64_t bytes) {
  return (bytes + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
}

static void *mapBlock(uint64_t bytes) {
  uint64_t mappedBytes = bytes + kBlockAlignment;
  void *start =
      mmap(nullptr, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED)
    return nullptr;
  auto first = reinterpret_cast<uintptr_t>(start);
  uintptr_t aligned = roundUp(first);
  uintptr_t end = first + mappedBytes;
  if (aligned > first)
    munmap(start, aligned - first);
  if (end > aligned + bytes)
    munmap(reinterpret_cast<void *>(aligned + bytes), end - aligned - bytes);
  auto *block = reinterpret_cast<void *>(aligned);
  // Advice only: a kernel without huge pages is as good.
  madvise(block, bytes, MADV_HUGEPAGE);
  return block;
}

/// False where the system does not know how.
bool Block::mark() {
  isMarked = madvise(start, bytes, MADV_FREE) == 0;
  return isMarked;
}

void Kept::remove(int position) {
  const Block &block = blocks[position];
  bytes -= block.bytes;
  unmarkedBytes -= block.isMarked ? 0 : block.bytes;
  std::copy(blocks + position + 1, blocks + count, blocks + position);
  --count;
}

/// Of the blocks that are not marked, the oldest are, until no more than so many bytes are left.
void Kept::markUntil(uint64_t mostBytes) {
  for (int position = 0; unmarkedBytes > mostBytes;) {
    Block &block = blocks[position];
    if (block.isMarked) {
      ++position;
    } else if (block.mark()) {
      unmarkedBytes -= block.bytes;
    } else {
      block.unmap();
      remove(position);
    }
  }
}

/// There is room for it.
void Kept::add(Block block) {
  if (block.bytes <= kMostUnmarkedBytes) {
    markUntil(kMostUnmarkedBytes - block.bytes);
    unmarkedBytes += block.bytes;
  } else if (!block.mark()) {
    return block.unmap();
  }
  blocks[count++] = block;
  bytes += block.bytes;
}

/// A bad value cannot fail an allocation, and must not pass in silence.
void Kept::readLimit() {
  if (hasLimit)
    return;
  hasLimit = true;
  long pages = sysconf(_SC_PHYS_PAGES), pageBytes = sysconf(_SC_PAGESIZE);
  limit = pages > 0 && pageBytes > 0
              ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(pageBytes) / 8
              : 0;
  const char *text = std::getenv("TENON_KEPT_MEMORY");
  if (!text || !*text)
    return;
  char *end = nullptr;
  errno = 0;
  long value = std::strtol(text, &end, 10);
  if (errno == 0 && *end == 0 && value >= 0)
    limit = static_cast<uint64_t>(value);
  else
    std::fprintf(stderr,
                 "tenon: warning: TENON_KEPT_MEMORY is '%.64s'; expected a number of bytes; "
                 "keeping up to %llu bytes\n",
                 text, static_cast<unsigned long long>(limit));
}

/// Where addresses are few, whoever else allocates needs them.
static uint64_t limitOfAddresses() {
  rlimit limit;
  return getrlimit(RLIMIT_AS, &limit) == 0 ? limit.rlim_cur : UINT64_MAX;
}

void *KeptMemory::take(uint64_t bytes) {
  if (bytes > UINT64_MAX / 4)
    return nullptr;
  bytes = roundUp(bytes ? bytes : 1);
  if (TryLock lock(kept.mutex); lock)
    // The block that was used last is the likeliest to lie in a cache.
    for (int position = kept.count - 1; position >= 0; --position)
      if (kept.blocks[position].bytes == bytes) {
        void *block = kept.blocks[position].start;
        kept.remove(position);
        return block;
      }
  if (void *block = mapBlock(bytes))
    return block;
  // What is kept counts where the size of the address space is limited.
  return trim() > 0 ? mapBlock(bytes) : nullptr;
}

void KeptMemory::give(void *block, uint64_t bytes) {
  if (!block)
    return;
  bytes = roundUp(bytes ? bytes : 1);
  TryLock lock(kept.mutex);
  if (lock)
    kept.readLimit();
  uint64_t limit = std::min(kept.limit, limitOfAddresses() / 8);
  if (!lock || bytes > limit) {
    munmap(block, bytes);
    return;
  }
  while (kept.count == Kept::kMostBlocks || (kept.count > 0 && kept.bytes > limit - bytes)) {
    kept.blocks[0].unmap();
    kept.remove(0);
  }
  kept.add({block, bytes, false});
}

uint64_t KeptMemory::trim() {
  TryLock lock(kept.mutex);
  if (!lock)
    return 0;
  uint64_t freed = kept.bytes;
  while (kept.count > 0) {
    kept.blocks[kept.count - 1].unmap();
    kept.remove(kept.count - 1);
  }
  return freed;
}

/// A library that is unloaded leaves nothing behind.
__attribute__((destructor)) static void trimAtUnload() { KeptMemory::trim(); }
