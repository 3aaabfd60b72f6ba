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

/// Calls `job(number)` for 0 to `count - 1`, on up to `threads` threads. Which thread does which
/// job is not determined: results must be stored by number.
template <typename Job> void runJobs(uint64_t count, unsigned threads, Job &&job) {
  constexpr uint64_t mostThreads = 256;
  std::atomic<uint64_t> next = 0;
  auto work = [&] {
    for (uint64_t number = next++; number < count; number = next++)
      job(number);
  };
  std::vector<std::thread> helpers;
  for (uint64_t i = 1; i < std::min<uint64_t>({threads, count, mostThreads}); ++i)
    helpers.emplace_back(work);
  work();
  for (std::thread &helper : helpers)
    helper.join();
}

} // namespace tenon::planner
