//===- Jobs.h - Independent pieces of work on threads -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace tenon::planner {

/// Calls `work()` on up to `threads` threads, the caller's among them, and waits for all.
template <typename Work> void runOnThreads(uint64_t threads, Work &&work) {
  constexpr uint64_t mostThreads = 256;
  std::vector<std::thread> helpers;
  for (uint64_t i = 1; i < std::min(threads, mostThreads); ++i)
    helpers.emplace_back(work);
  work();
  for (std::thread &helper : helpers)
    helper.join();
}

/// Calls `job(number)` for 0 to `count - 1`, on up to `threads` threads. Which thread does which
/// job is not determined: results must be stored by number.
template <typename Job> void runJobs(uint64_t count, unsigned threads, Job &&job) {
  std::atomic<uint64_t> next = 0;
  runOnThreads(std::min<uint64_t>(threads, count), [&] {
    for (uint64_t number = next++; number < count; number = next++)
      job(number);
  });
}

} // namespace tenon::planner
