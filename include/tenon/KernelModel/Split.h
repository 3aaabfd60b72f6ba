//===- Split.h - How threads share one contraction ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

namespace tenon::cpu {

/// At most `ways` threads share a call: each takes a part of one flattened group, whose size is a
/// multiple of `grain` but for the last part. A sum is never cut. ways = 1: the call is whole.
struct CallSplit {
  enum Group { Batch, M, N };
  Group group = M;
  int64_t ways = 1, grain = 1;
};

/// How `threads` threads share a contraction of these sizes outside parallel loops: along the batch
/// where that has work for all of them, else along the longer of m and n. O(1).
CallSplit chooseSplit(const KernelTiling &tiling, const ContractionSizes &sizes, int64_t threads);

} // namespace tenon::cpu
