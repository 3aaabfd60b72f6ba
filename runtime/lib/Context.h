//===- Context.h - What a host thread brings to a call ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ErrorText.h"
#include "ThreadPool.h"
#include "Workspace.h"

#include <atomic>

namespace tenon::runtime {

/// Number of the layout of tenon_context, which the libraries of a process share.
inline constexpr uint64_t kContextLayout = 2;
/// First word of a context: a network of another layout or major version of the ABI refuses it.
inline constexpr uint64_t kContextMagic =
    0x54454E4F4E430000u | kContextLayout << 8 | TENON_ABI_VERSION_MAJOR;

} // namespace tenon::runtime

struct tenon_context {
  uint64_t magic = tenon::runtime::kContextMagic;
  int32_t threads = 1;
  std::atomic<int32_t> cancelled{0};
  tenon_progress_fn progress = nullptr;
  void *progressData = nullptr;
  tenon::runtime::ErrorText error;
  tenon::runtime::Workspace workspace;
  tenon::runtime::ThreadPool *pool = nullptr;
  /// ThreadPool::create of the library that made the context. The pool's threads wait in that
  /// library's code and not in the code of a network that may be unloaded.
  tenon::runtime::ThreadPool *(*startThreads)(int32_t threads) = nullptr;

  /// The threads, started at the first use; nullptr when memory for them is out.
  tenon::runtime::ThreadPool *threadPool();
};
