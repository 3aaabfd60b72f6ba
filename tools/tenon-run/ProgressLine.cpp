//===- ProgressLine.cpp - How far a run has got ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ProgressLine.h"

using namespace tenon::run;
using std::chrono::steady_clock;

static constexpr std::chrono::milliseconds kInterval(250);

void ProgressLine::showStage(llvm::StringRef name, int64_t done, int64_t total) {
  if (line.isOn())
    line.show("[" + std::to_string(done + 1) + "/" + std::to_string(total) + "] " + name.str());
}

void ProgressLine::showSlices(int64_t done, int64_t total) {
  steady_clock::time_point now = steady_clock::now();
  if (!line.isOn() || (done > 1 && done < total && now - lastSlices < kInterval))
    return;
  lastSlices = now;
  line.show("slices " + std::to_string(done) + "/" + std::to_string(total));
}
