//===- MadeOnce.h - A value made when it is first asked for -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <atomic>
#include <memory>

namespace tenon {

/// Keeps one value for the life of the process; for variables with static storage. Unlike the first
/// use of a static variable of a function, nobody waits: threads that ask at the same time may make
/// the value several times, and the first one stays. So a process that is forked while another
/// thread makes it can make it again, where it would wait for ever for a thread it does not have.
template <typename T> class MadeOnce {
public:
  constexpr MadeOnce() = default;
  MadeOnce(const MadeOnce &) = delete;
  MadeOnce &operator=(const MadeOnce &) = delete;

  /// `make` returns a T; always the same one.
  template <typename Make> const T &get(const Make &make) {
    if (const T *known = value.load(std::memory_order_acquire))
      return *known;
    auto made = std::make_unique<const T>(make());
    const T *known = nullptr;
    if (value.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel))
      known = made.release();
    return *known;
  }

private:
  std::atomic<const T *> value = nullptr;
};

} // namespace tenon
