//===- GuardedPages.cpp - Memory between pages that fault -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/GuardedPages.h"

#include <algorithm>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

using namespace tenon::fuzz;

static size_t pageBytes() {
  static const auto bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

std::optional<GuardedPages> GuardedPages::make(size_t bytes) {
  size_t page = pageBytes(), size = std::max(page, (bytes + page - 1) / page * page);
  void *block = mmap(nullptr, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED)
    return std::nullopt;
  auto *first = static_cast<std::byte *>(block) + page;
  if (mprotect(first, size, PROT_READ | PROT_WRITE) != 0) {
    munmap(block, size + 2 * page);
    return std::nullopt;
  }
  return GuardedPages(first, size);
}

GuardedPages::GuardedPages(GuardedPages &&other) noexcept
    : first(std::exchange(other.first, nullptr)), size(other.size) {}

GuardedPages &GuardedPages::operator=(GuardedPages &&other) noexcept {
  std::swap(first, other.first);
  std::swap(size, other.size);
  return *this;
}

GuardedPages::~GuardedPages() {
  if (first)
    munmap(first - pageBytes(), size + 2 * pageBytes());
}

void GuardedPages::close() { mprotect(first, size, PROT_NONE); }
