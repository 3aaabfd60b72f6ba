//===- ThreadPool.h - The threads of one context ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Threads wait for work by spinning for some ten microseconds, the time between two contractions
// of a network, and then sleep on a futex. Each has a mailbox of its own, so a job of two threads
// wakes one thread and not all of them.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <sys/types.h>

namespace tenon::runtime {

/// Most threads that a context may have.
inline constexpr int32_t kMaxThreads = 1024;

/// Number of processors that this process may run on, from 1 to kMaxThreads.
int32_t availableProcessors();

class ThreadPool {
public:
  using Work = void (*)(void *data, int32_t participant);

  /// Starts `threads - 1` threads; the caller is the other one. A system that refuses some of them
  /// gives a smaller pool. nullptr when memory is out.
  static ThreadPool *create(int32_t threads);
  /// Joins the threads and frees the pool.
  static void destroy(ThreadPool *pool);

  /// Number of threads, the caller included; at least 1.
  int32_t size() const { return numThreads; }

  /// True in a child process that inherited the pool by fork(): its threads exist in the parent
  /// only. Such a pool must be abandoned, not used or destroyed. One system call; the answer does
  /// not depend on which library's copy of the runtime asks, or on one that was unloaded.
  bool isStale() const;

  /// Runs work(data, p) for every p below `participants` (at most size()), p = 0 on the calling
  /// thread, and returns when all are done. Not reentrant.
  void run(int32_t participants, Work work, void *data);

  template <typename Callable> void run(int32_t participants, Callable &callable) {
    run(
        participants,
        [](void *data, int32_t participant) { (*static_cast<Callable *>(data))(participant); },
        &callable);
  }

private:
  struct Worker;
  ThreadPool() = default;
  static void *workerMain(void *argument);

  Worker *workers = nullptr;
  int32_t numThreads = 1;
  int32_t spins = 0; ///< checks before sleeping
  pid_t process = 0; ///< that the threads are in
};

} // namespace tenon::runtime
