//===- TargetDescription.cpp - What a kernel must know of a CPU -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/TargetDescription.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace tenon::cpu {
namespace {

TargetDescription avx512() { return {{512, 32, true, 32 << 10, 1 << 20, 16 << 20}, "avx512", true}; }
TargetDescription avx2() { return {{256, 16, true, 32 << 10, 512 << 10, 16 << 20}, "avx2", true}; }
TargetDescription neon() {
  return {{128, 32, false, 64 << 10, 1 << 20, 8 << 20}, "generic-neon", true};
}

/// First line of a small file of the kernel's, without white space; empty when it cannot be read.
std::string readLine(const llvm::Twine &path) {
  auto file = llvm::MemoryBuffer::getFileAsStream(path);
  if (!file)
    return "";
  return (*file)->getBuffer().split('\n').first.trim().str();
}

/// "48K", "2M" or "1024" in bytes; 0 for anything else.
int64_t parseSize(llvm::StringRef text) {
  int64_t unit = 1;
  if (text.consume_back("K"))
    unit = 1 << 10;
  else if (text.consume_back("M"))
    unit = 1 << 20;
  int64_t value = 0;
  if (text.getAsInteger(10, value) || value < 0)
    return 0;
  return value * unit;
}

void readCacheSizes(TargetDescription &target) {
  // No processor has more than a handful of caches; a missing index ends the list.
  for (int index = 0; index < 8; ++index) {
    std::string folder = ("/sys/devices/system/cpu/cpu0/cache/index" + llvm::Twine(index)).str();
    std::string level = readLine(folder + "/level");
    if (level.empty())
      return;
    int64_t bytes = parseSize(readLine(folder + "/size"));
    if (bytes == 0 || readLine(folder + "/type") == "Instruction")
      continue;
    if (level == "1")
      target.l1Bytes = bytes;
    else if (level == "2")
      target.l2Bytes = bytes;
    else if (level == "3")
      target.l3Bytes = bytes;
  }
}

} // namespace

TargetDescription hostTarget() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  auto has = [&](llvm::StringRef feature) { return features.lookup(feature); };
  TargetDescription target;
  if (has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl"))
    target = avx512();
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
  if (name == "avx2")
    return avx2();
  if (name == "generic-neon")
    return neon();
  return std::nullopt;
}

} // namespace tenon::cpu
