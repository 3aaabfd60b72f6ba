//===- GuardedMemory.cpp - Buffers between pages that fault -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "GuardedMemory.h"

#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace tenon::fuzz;

static size_t getPageSize() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

GuardedMemory::~GuardedMemory() {
  for (auto &[start, block] : blocks)
    munmap(block.pages, block.pageBytes);
}

void *GuardedMemory::allocate(size_t bytes) {
  if (bytes > limit - used)
    return nullptr;
  const size_t page = getPageSize();
  // At least one page, so that a block of no bytes has an address of its own and something in front
  // of it.
  const size_t body = std::max<size_t>(1, (bytes + page - 1) / page) * page;
  void *mapping =
      mmap(nullptr, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    return nullptr;
  auto *pages = static_cast<unsigned char *>(mapping);
  std::memset(pages, kUnwritten, body);
  if (mprotect(pages + body, page, PROT_NONE) != 0) {
    munmap(mapping, body + page);
    return nullptr;
  }
  used += bytes;
  unsigned char *start = pages + body - bytes;
  blocks[start] = {pages, body + page, bytes};
  return start;
}

/// Bytes that are looked at in front of a block.
static size_t getMargin(const unsigned char *pages, const unsigned char *start) {
  return static_cast<size_t>(start - pages);
}

std::string GuardedMemory::describeDamage(const unsigned char *start, const Block &block) {
  const size_t margin = getMargin(block.pages, start);
  for (size_t i = 0; i < margin; ++i)
    if (block.pages[i] != kUnwritten)
      return std::to_string(margin - i) + " bytes before a buffer of " +
             std::to_string(block.bytes) + " bytes were written";
  return {};
}

std::string GuardedMemory::describeDamage() const {
  for (auto &[start, block] : blocks)
    if (!block.isReleased)
      if (std::string damage = describeDamage(start, block); !damage.empty())
        return damage;
  return {};
}

bool GuardedMemory::release(void *pointer) {
  auto found = blocks.find(static_cast<unsigned char *>(pointer));
  // A damaged margin is kept for describeDamage.
  if (found == blocks.end() || found->second.isReleased)
    return false;
  Block &block = found->second;
  if (!describeDamage(found->first, block).empty())
    return true;
  block.isReleased = true;
  used -= block.bytes;
  mprotect(block.pages, block.pageBytes, PROT_NONE);
  return true;
}
