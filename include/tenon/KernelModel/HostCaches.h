//===- HostCaches.h - The caches of this machine ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"

namespace tenon::cpu {

/// Replaces the cache sizes of `processor` by those of the machine's first core, as
/// far as the operating system tells them.
void readCacheSizes(Processor &processor);

} // namespace tenon::cpu
