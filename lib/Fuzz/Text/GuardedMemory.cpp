//===- GuardedMemory.cpp - Buffers between pages that fault -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "GuardedMemory.h"

#include <algorithm>
#include <utility>

using namespace tenon::fuzz;

void *GuardedMemory::allocate(size_t bytes) {
  if (bytes > limit - used)
    return nullptr;
  std::optional<GuardedPages> pages = GuardedPages::make(bytes);
  if (!pages)
    return nullptr;
  std::fill(pages->begin(), pages->end(), kUnwritten);
  used += bytes;
  std::byte *start = pages->end() - bytes;
  // A block of no bytes starts on the page that faults: no other block starts there.
  blocks.insert_or_assign(start, Block{std::move(*pages), bytes});
  return start;
}

std::string GuardedMemory::Block::describeDamage() const {
  const std::byte *start = pages.end() - bytes;
  const std::byte *found = std::find_if(static_cast<const std::byte *>(pages.begin()), start,
                                        [](std::byte each) { return each != kUnwritten; });
  if (found == start)
    return {};
  return std::to_string(start - found) + " bytes before a buffer of " + std::to_string(bytes) +
         " bytes were written";
}

std::string GuardedMemory::describeDamage() const {
  for (auto &[start, block] : blocks)
    if (!block.isReleased)
      if (std::string damage = block.describeDamage(); !damage.empty())
        return damage;
  return {};
}

bool GuardedMemory::release(void *pointer) {
  auto found = blocks.find(static_cast<std::byte *>(pointer));
  // A damaged margin is kept for describeDamage.
  if (found == blocks.end() || found->second.isReleased)
    return false;
  Block &block = found->second;
  if (!block.describeDamage().empty())
    return true;
  block.isReleased = true;
  used -= block.bytes;
  block.pages.close();
  return true;
}
