//===- ProgressLine.cpp - How far a run has got ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ProgressLine.h"

#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon::run;
using std::chrono::steady_clock;

static constexpr std::chrono::milliseconds kInterval(250);

ProgressLine::ProgressLine(Progress mode)
    : isOn(mode == Progress::Always), isTerminal(llvm::sys::Process::StandardErrIsDisplayed()) {
  if (mode == Progress::Auto)
    isOn = isTerminal;
}

void ProgressLine::show(const std::string &text) {
  if (isTerminal)
    llvm::errs() << "\r\x1b[K" << text;
  else
    llvm::errs() << text << '\n';
  llvm::errs().flush();
  isShown = true;
}

void ProgressLine::showStage(llvm::StringRef name, int64_t done, int64_t total) {
  if (isOn)
    show("[" + std::to_string(done + 1) + "/" + std::to_string(total) + "] " + name.str());
}

void ProgressLine::showSlices(int64_t done, int64_t total) {
  steady_clock::time_point now = steady_clock::now();
  if (!isOn || (done > 1 && done < total && now - lastSlices < kInterval))
    return;
  lastSlices = now;
  show("slices " + std::to_string(done) + "/" + std::to_string(total));
}

void ProgressLine::clear() {
  if (isShown && isTerminal)
    llvm::errs() << "\r\x1b[K";
  isShown = false;
}
