//===- StatusLine.cpp - A line that says what is being done -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/StatusLine.h"

#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
namespace cl = llvm::cl;

ProgressOption::ProgressOption(cl::OptionCategory &category, const char *description)
    : mode("progress", cl::desc(description),
           cl::values(clEnumValN(Progress::Auto, "auto", "where that is a terminal (default)"),
                      clEnumValN(Progress::Always, "always", "in any case"),
                      clEnumValN(Progress::Never, "never", "never")),
           cl::init(Progress::Auto), cl::cat(category)) {}

StatusLine::StatusLine(Progress mode)
    : isShown(mode == Progress::Always),
      isOnTerminal(llvm::sys::Process::StandardErrIsDisplayed()) {
  if (mode == Progress::Auto)
    isShown = isOnTerminal;
}

void StatusLine::show(const std::string &text) {
  if (!isShown)
    return;
  if (isOnTerminal)
    llvm::errs() << "\r\x1b[K" << text;
  else
    llvm::errs() << text << '\n';
  llvm::errs().flush();
  hasText = true;
}

void StatusLine::clear() {
  if (hasText && isOnTerminal)
    llvm::errs() << "\r\x1b[K";
  hasText = false;
}
