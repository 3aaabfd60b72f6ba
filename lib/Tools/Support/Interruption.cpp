//===- Interruption.cpp - What a tool does at Ctrl-C ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/Interruption.h"

#include "tenon/Support/Assert.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

#include <atomic>
#include <climits>
#include <cstring>
#include <unistd.h>

using namespace tenon;

static std::atomic<tenon_context *> runningContext = nullptr;
static std::atomic<std::atomic<bool> *> runningSearch = nullptr;
static std::atomic<bool> hasInterrupted = false;
/// Of the scratch directory, "" for none. A signal handler cannot read a std::string.
static char scratchPath[PATH_MAX];
/// What the handler says before it ends the process.
static char farewell[64];

/// Runs in a signal handler, after LLVM has removed the files that are registered with it.
static void interrupt() {
  hasInterrupted = true;
  if (tenon_context *context = runningContext)
    return tenon_context_cancel(context);
  if (std::atomic<bool> *stop = runningSearch)
    return stop->store(true);
  if (scratchPath[0])
    rmdir(scratchPath);
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, farewell, std::strlen(farewell));
  _exit(kInterruptedExitCode);
}

void tenon::installInterruption(llvm::StringRef tool) {
  std::string line = tool.str() + ": error: interrupted\n";
  TENON_ASSERT(line.size() < sizeof(farewell), "the name of the tool is too long");
  std::memcpy(farewell, line.data(), line.size());
  llvm::sys::SetInterruptFunction(interrupt);
}

RunInterruption::RunInterruption(tenon_context *context) { runningContext = context; }
RunInterruption::~RunInterruption() { runningContext = nullptr; }
SearchInterruption::SearchInterruption(std::atomic<bool> &stop) { runningSearch = &stop; }
SearchInterruption::~SearchInterruption() { runningSearch = nullptr; }
bool tenon::wasInterrupted() { return hasInterrupted; }

std::error_code ScratchDirectory::create(llvm::StringRef prefix) {
  TENON_ASSERT(path.empty() && scratchPath[0] == 0, "one scratch directory at a time");
  llvm::SmallString<128> unique;
  if (std::error_code code = llvm::sys::fs::createUniqueDirectory(prefix, unique))
    return code;
  path = unique.str();
  if (path.size() < sizeof(scratchPath))
    std::memcpy(scratchPath, path.c_str(), path.size() + 1);
  return {};
}

std::string ScratchDirectory::add(llvm::StringRef name) {
  llvm::SmallString<128> file(path);
  llvm::sys::path::append(file, name);
  llvm::sys::RemoveFileOnSignal(file);
  files.push_back(file.str().str());
  return files.back();
}

ScratchDirectory::~ScratchDirectory() {
  for (const std::string &file : files) {
    llvm::sys::fs::remove(file);
    llvm::sys::DontRemoveFileOnSignal(file);
  }
  scratchPath[0] = 0;
  if (!path.empty())
    llvm::sys::fs::remove(path);
}
