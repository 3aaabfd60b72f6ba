//===- Signals.h - Runs that Python's signals can cancel ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"

#include <nanobind/nanobind.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tenon::python {

/// How often a thread that waits for a run looks for signals.
inline constexpr std::chrono::milliseconds signalPeriod(20);

/// Calls `work` on a thread of its own while the calling thread, which holds the GIL, handles
/// Python's signals. When a handler raises, `context` is cancelled and, once `work` has come back,
/// the exception goes on.
template <typename Work> void runWatchingSignals(tenon_context *context, Work work) {
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  bool raised = false;
  {
    nanobind::gil_scoped_release released;
    std::thread worker([&] {
      work();
      std::lock_guard lock(mutex);
      done = true;
      finished.notify_one();
    });
    std::unique_lock lock(mutex);
    while (!finished.wait_for(lock, signalPeriod, [&] { return done; })) {
      lock.unlock();
      if (!raised) {
        nanobind::gil_scoped_acquire acquired;
        raised = PyErr_CheckSignals() != 0;
      }
      // Again at each period: the flag is cleared when a run starts, which may be after the signal.
      if (raised)
        tenon_context_cancel(context);
      lock.lock();
    }
    lock.unlock();
    worker.join();
  }
  if (raised)
    throw nanobind::python_error();
}

} // namespace tenon::python
