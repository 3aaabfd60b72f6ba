//===- TargetDescription.cpp - What a kernel must know of a CPU -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/TargetDescription.h"

#include "tenon/KernelModel/HostCaches.h"

#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace tenon::cpu {
namespace {

TargetDescription avx512() {
  return {{512, 32, true, 32 << 10, 1 << 20, 16 << 20}, "avx512", true};
}
TargetDescription avx512bf16() {
  TargetDescription target = avx512();
  target.name = "avx512-bf16";
  target.dotsBF16 = true;
  return target;
}
TargetDescription avx2() { return {{256, 16, true, 32 << 10, 512 << 10, 16 << 20}, "avx2", true}; }
TargetDescription neon() {
  return {{128, 32, false, 64 << 10, 1 << 20, 8 << 20}, "generic-neon", true};
}

} // namespace

TargetDescription hostTarget() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  auto has = [&](llvm::StringRef feature) { return features.lookup(feature); };
  TargetDescription target;
  if (has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl"))
    target = has("avx512bf16") ? avx512bf16() : avx512();
  else if (has("avx2") && has("fma"))
    target = avx2();
  else if (llvm::Triple(llvm::sys::getProcessTriple()).isAArch64())
    target = neon();
  target.name = "host";
  readCacheSizes(target);
  return target;
}

std::optional<TargetDescription> targetByName(llvm::StringRef name) {
  if (name == "host")
    return hostTarget();
  if (name == "avx512")
    return avx512();
  if (name == "avx512-bf16")
    return avx512bf16();
  if (name == "avx2")
    return avx2();
  if (name == "generic-neon")
    return neon();
  return std::nullopt;
}

} // namespace tenon::cpu
