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

/// First word of a context: a network of another major version of the ABI refuses it.
inline constexpr uint64_t kContextMagic = 0x54454E4F4E435400u | TENON_ABI_VERSION_MAJOR;

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

  /// The threads, started at the first use; nullptr when memory for them is out.
  tenon::runtime::ThreadPool *threadPool();
};
