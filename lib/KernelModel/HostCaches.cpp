//===- HostCaches.cpp - The caches of this machine ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/KernelModel/HostCaches.h"

#include <charconv>
#include <fstream>
#include <string>

namespace tenon::cpu {
namespace {

/// The first word of a small file of the kernel's; empty when it cannot be read.
std::string readWord(const std::string &path) {
  std::string word;
  std::ifstream(path) >> word;
  return word;
}

/// "48K", "2M" or "1024" in bytes; 0 for anything else.
int64_t parseSize(std::string_view text) {
  int64_t unit = text.ends_with('K') ? 1 << 10 : text.ends_with('M') ? 1 << 20 : 1;
  if (unit > 1)
    text.remove_suffix(1);
  int64_t value = 0;
  const char *end = text.data() + text.size();
  std::from_chars_result read = std::from_chars(text.data(), end, value);
  bool isSize = read.ec == std::errc() && read.ptr == end && value >= 0 && value < int64_t(1) << 40;
  return isSize ? value * unit : 0;
}

} // namespace

void readCacheSizes(Processor &processor) {
  // No processor has more than a handful of caches; a missing index ends the list.
  for (int index = 0; index < 8; ++index) {
    std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index);
    std::string level = readWord(folder + "/level");
    if (level.empty())
      return;
    int64_t bytes = parseSize(readWord(folder + "/size"));
    if (bytes == 0 || readWord(folder + "/type") == "Instruction")
      continue;
    if (level == "1")
      processor.l1Bytes = bytes;
    else if (level == "2")
      processor.l2Bytes = bytes;
    else if (level == "3")
      processor.l3Bytes = bytes;
  }
}

} // namespace tenon::cpu
