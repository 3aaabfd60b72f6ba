//===- GuardedPages.h - Memory between pages that fault ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstddef>
#include <optional>

namespace tenon::fuzz {

/// Pages of its own, with one on either side that no access survives.
class GuardedPages {
public:
  /// At least one page, at least `bytes`, all zero. None where the system gives no memory.
  static std::optional<GuardedPages> make(size_t bytes);
  GuardedPages(GuardedPages &&other) noexcept;
  GuardedPages &operator=(GuardedPages &&other) noexcept;
  ~GuardedPages();

  std::byte *begin() const { return first; }
  std::byte *end() const { return first + size; }

  /// From now on no access survives anywhere.
  void close();

private:
  GuardedPages(std::byte *first, size_t size) : first(first), size(size) {}
  std::byte *first;
  size_t size; ///< whole pages
};

} // namespace tenon::fuzz
