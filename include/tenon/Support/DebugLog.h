//===- DebugLog.h - What passes decide, line by line --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Debug output of Tenon's own, in every build, by areas that the switch --tn-debug of the tools
// turns on:
//
//     if (isDebugged(DebugArea::Plan))
//       DebugLine(DebugArea::Plan) << "method " << method << ", " << slices << " slices";
//
// writes `plan: method greedy, 8 slices` to standard error. Where an area is off, the cost is one
// load.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/Support/raw_ostream.h"

#include <string>

namespace tenon {

enum class DebugArea : unsigned { Simplify, Plan, Layouts, Fusion, Kernels, Arena, Cache };

/// The word that stands for an area on command lines and at the beginning of lines.
const char *getDebugAreaName(DebugArea area);

bool isDebugged(DebugArea area);
void enableDebug(DebugArea area);

/// One line, written as a whole when the object dies, so that lines of threads do not mix.
class DebugLine {
public:
  explicit DebugLine(DebugArea area) : stream(text) { stream << getDebugAreaName(area) << ": "; }
  ~DebugLine();
  DebugLine(const DebugLine &) = delete;
  DebugLine &operator=(const DebugLine &) = delete;

  template <typename T> DebugLine &operator<<(const T &value) {
    stream << value;
    return *this;
  }

private:
  std::string text;
  llvm::raw_string_ostream stream;
};

} // namespace tenon
