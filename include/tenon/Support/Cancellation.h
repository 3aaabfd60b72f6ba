//===- Cancellation.h - Stopping long work on request -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace tenon {

/// Asks its owner whether to go on. The question is put only on the thread that made the object (a
/// caller's callback may need to be there: Python handles signals on one thread), and no more often
/// than every `period`. Once the answer was to stop, it stays that.
class Cancellation {
public:
  static constexpr std::chrono::milliseconds period{20};

  /// `ask` returns true to stop.
  explicit Cancellation(std::function<bool()> ask) : ask(std::move(ask)) {}
  Cancellation(const Cancellation &) = delete;
  Cancellation &operator=(const Cancellation &) = delete;

  /// Whether to stop. May be called from any thread, and often: it takes some ten nanoseconds.
  bool isRequested() {
    if (requested.load(std::memory_order_relaxed))
      return true;
    if (std::this_thread::get_id() != owner)
      return false;
    auto now = std::chrono::steady_clock::now();
    if (now < next)
      return false;
    bool stop = ask();
    // The answer itself may take its time.
    next = std::chrono::steady_clock::now() + period;
    if (stop)
      requested = true;
    return stop;
  }

  /// Whether the answer was to stop; does not ask.
  bool wasRequested() const { return requested; }

private:
  std::function<bool()> ask;
  std::thread::id owner = std::this_thread::get_id();
  std::chrono::steady_clock::time_point next = std::chrono::steady_clock::now();
  std::atomic<bool> requested = false;
};

} // namespace tenon
