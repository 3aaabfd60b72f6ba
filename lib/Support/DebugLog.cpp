//===- DebugLog.cpp - What passes decide, line by line ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Support/DebugLog.h"

#include <atomic>
#include <mutex>

using namespace tenon;

static std::atomic<unsigned> enabledAreas = 0;

static unsigned getBit(DebugArea area) { return 1u << static_cast<unsigned>(area); }

const char *tenon::getDebugAreaName(DebugArea area) {
  switch (area) {
  case DebugArea::Simplify:
    return "simplify";
  case DebugArea::Plan:
    return "plan";
  case DebugArea::Layouts:
    return "layouts";
  case DebugArea::Fusion:
    return "fusion";
  case DebugArea::Kernels:
    return "kernels";
  case DebugArea::Arena:
    return "arena";
  case DebugArea::Cache:
    return "cache";
  }
  return "";
}

bool tenon::isDebugged(DebugArea area) {
  return enabledAreas.load(std::memory_order_relaxed) & getBit(area);
}
void tenon::enableDebug(DebugArea area) { enabledAreas |= getBit(area); }

DebugLine::~DebugLine() {
  static std::mutex mutex;
  stream << '\n';
  std::lock_guard lock(mutex);
  llvm::errs() << text;
}
