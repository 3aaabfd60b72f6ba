//===- ThreadPool.cpp - The threads of one context ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "ThreadPool.h"

#include "tenon/Support/Assert.h"

#include <atomic>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <linux/futex.h>
#include <new>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace tenon::runtime;

// Checks of the mailbox before a thread sleeps: 10 to 40 microseconds by the length of the
// processor's pause instruction.
static constexpr int32_t kSpins = 1000;

int32_t tenon::runtime::availableProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails on machines with more than 1024 processors, where the set is too short.
  int64_t count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
                                                               : sysconf(_SC_NPROCESSORS_ONLN);
  return static_cast<int32_t>(count < 1 ? 1 : count > kMaxThreads ? kMaxThreads : count);
}

static void pauseProcessor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

static void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  static_assert(sizeof(word) == sizeof(uint32_t));
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

static void futexWake(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

namespace {
/// A number that one side advances and the other waits for.
struct Signal {
  std::atomic<uint32_t> value{0};
  std::atomic<uint32_t> sleeping{0};

  /// Wakes the waiting side after `value` was changed. The change and the test of `sleeping` here,
  /// the setting of `sleeping` and the test of `value` there are sequentially consistent: one side
  /// sees the other.
  void wake() {
    if (sleeping.load(std::memory_order_seq_cst))
      futexWake(value);
  }

  /// Waits until done(value).
  template <typename Done> void await(int32_t spins, Done done) {
    for (int32_t i = 0; i < spins; ++i) {
      if (done(value.load(std::memory_order_acquire)))
        return;
      pauseProcessor();
    }
    sleeping.store(1, std::memory_order_seq_cst);
    for (uint32_t seen = value.load(std::memory_order_seq_cst); !done(seen);
         seen = value.load(std::memory_order_seq_cst))
      futexWait(value, seen);
    sleeping.store(0, std::memory_order_relaxed);
  }
};
} // namespace

// Two cache lines apart: processors fetch lines in pairs.
struct alignas(128) ThreadPool::Worker {
  Signal ticket;   ///< advanced by one for each job
  Signal finished; ///< number of jobs done
  Work work = nullptr;
  void *data = nullptr;
  int32_t participant = 0;
  int32_t spins = 0;
  bool stop = false;
  pthread_t thread{};
};

void *ThreadPool::workerMain(void *argument) {
  auto &self = *static_cast<Worker *>(argument);
  for (uint32_t jobs = 0;;) {
    self.ticket.await(self.spins, [jobs](uint32_t value) { return value != jobs; });
    ++jobs;
    if (self.stop)
      return nullptr;
    self.work(self.data, self.participant);
    self.finished.value.store(jobs, std::memory_order_seq_cst);
    self.finished.wake();
  }
}

ThreadPool *ThreadPool::create(int32_t threads) {
  void *memory = std::malloc(sizeof(ThreadPool));
  if (!memory)
    return nullptr;
  auto *pool = new (memory) ThreadPool;
  pool->process = getpid();
  if (threads <= 1)
    return pool;
  // Spinning threads must not take processors from working ones.
  pool->spins = threads <= availableProcessors() ? kSpins : 0;
  void *workerMemory =
      std::aligned_alloc(alignof(Worker), sizeof(Worker) * static_cast<size_t>(threads - 1));
  if (!workerMemory) {
    std::free(pool);
    return nullptr;
  }
  pool->workers = static_cast<Worker *>(workerMemory);
  // Signals belong to the threads of the program.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int32_t i = 0; i + 1 < threads; ++i) {
    auto *worker = new (&pool->workers[i]) Worker;
    worker->participant = i + 1;
    worker->spins = pool->spins;
    if (pthread_create(&worker->thread, nullptr, workerMain, worker) != 0)
      break;
    pool->numThreads = i + 2;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pool;
}

void ThreadPool::destroy(ThreadPool *pool) {
  for (int32_t i = 0; i + 1 < pool->numThreads; ++i) {
    Worker &worker = pool->workers[i];
    worker.stop = true;
    worker.ticket.value.fetch_add(1, std::memory_order_seq_cst);
    worker.ticket.wake();
    pthread_join(worker.thread, nullptr);
  }
  std::free(pool->workers);
  std::free(pool);
}

bool ThreadPool::isStale() const { return process != getpid(); }

void ThreadPool::run(int32_t participants, Work work, void *data) {
  TENON_ASSERT(participants >= 1 && participants <= numThreads, "as many threads as the pool has");
  for (int32_t i = 0; i + 1 < participants; ++i) {
    Worker &worker = workers[i];
    worker.work = work;
    worker.data = data;
    worker.ticket.value.fetch_add(1, std::memory_order_seq_cst);
    worker.ticket.wake();
  }
  work(data, 0);
  for (int32_t i = 0; i + 1 < participants; ++i) {
    Worker &worker = workers[i];
    uint32_t jobs = worker.ticket.value.load(std::memory_order_relaxed);
    worker.finished.await(spins, [jobs](uint32_t value) { return value == jobs; });
  }
}
