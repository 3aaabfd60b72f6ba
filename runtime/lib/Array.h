//===- Array.h - An array whose allocation may fail ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The runtime lives inside shared libraries that C programs load: it must report that memory is
// out instead of throwing, and must not need the C++ library. std::vector can do neither.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Support/Assert.h"

#include <cstdint>
#include <cstdlib>
#include <type_traits>
#include <utility>

namespace tenon::runtime {

/// Owns `size()` values, all bits 0 at first.
template <typename T> class Array {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
  Array() = default;
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  ~Array() { std::free(values); }

  /// Drops what the array holds and takes `newCount` zeroed values. False when memory is out.
  [[nodiscard]] bool allocate(uint64_t newCount) {
    std::free(values);
    count = 0;
    values = static_cast<T *>(std::calloc(newCount ? newCount : 1, sizeof(T)));
    if (!values)
      return false;
    count = newCount;
    return true;
  }

  void swap(Array &other) {
    std::swap(values, other.values);
    std::swap(count, other.count);
  }

  uint64_t size() const { return count; }
  T *data() { return values; }
  const T *data() const { return values; }
  T *begin() { return values; }
  T *end() { return values + count; }
  const T *begin() const { return values; }
  const T *end() const { return values + count; }
  T &operator[](uint64_t index) {
    TENON_ASSERT(index < count, "array index in range");
    return values[index];
  }
  const T &operator[](uint64_t index) const {
    TENON_ASSERT(index < count, "array index in range");
    return values[index];
  }

private:
  T *values = nullptr;
  uint64_t count = 0;
};

} // namespace tenon::runtime
