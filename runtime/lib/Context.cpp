//===- Context.cpp - What a host thread brings to a call ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "Context.h"

#include <cerrno>
#include <cstdlib>
#include <new>

using namespace tenon::runtime;

/// TENON_NUM_THREADS where it is set, else the processors. A bad value cannot fail the creation of
/// a context, which has no message yet, and must not pass in silence.
static int32_t defaultThreads(ErrorText &error) {
  const char *text = std::getenv("TENON_NUM_THREADS");
  if (!text || !*text)
    return availableProcessors();
  char *end = nullptr;
  errno = 0;
  long value = std::strtol(text, &end, 10);
  if (errno == 0 && *end == 0 && value >= 1 && value <= kMaxThreads)
    return static_cast<int32_t>(value);
  int32_t threads = availableProcessors();
  error.fail(TENON_INVALID_ARGUMENT,
             "TENON_NUM_THREADS is '%.64s'; expected a number from 1 to %d; using %d threads", text,
             kMaxThreads, threads);
  std::fprintf(stderr, "tenon: warning: %s\n", error.c_str());
  return threads;
}

tenon_context *tenon_context_create(int32_t threads) {
  if (threads < 0 || threads > kMaxThreads)
    return nullptr;
  void *memory = std::malloc(sizeof(tenon_context));
  if (!memory)
    return nullptr;
  auto *context = new (memory) tenon_context;
  context->threads = threads ? threads : defaultThreads(context->error);
  context->startThreads = ThreadPool::create;
  return context;
}

void tenon_context_destroy(tenon_context *context) {
  if (!context)
    return;
  if (context->pool && !context->pool->isStale())
    ThreadPool::destroy(context->pool);
  context->magic = 0;
  context->~tenon_context();
  std::free(context);
}

int32_t tenon_context_threads(const tenon_context *context) { return context->threads; }

const char *tenon_context_error(const tenon_context *context) { return context->error.c_str(); }

void tenon_context_cancel(tenon_context *context) {
  context->cancelled.store(1, std::memory_order_relaxed);
}

void tenon_context_set_progress(tenon_context *context, tenon_progress_fn fn, void *data) {
  context->progress = fn;
  context->progressData = data;
}

ThreadPool *tenon_context::threadPool() {
  // After fork() the threads are the parent's; the child starts its own and leaves the few bytes
  // of the old pool behind, which it cannot join.
  if (pool && pool->isStale())
    pool = nullptr;
  if (!pool)
    pool = startThreads(threads);
  return pool;
}
