//===- Isolated.cpp - Work that may crash, in a process of its own --------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Isolated.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace tenon::fuzz;
using Clock = std::chrono::steady_clock;

/// Exit codes of the child. Nothing that the work calls uses them.
static constexpr int kFinished = 61, kOutOfMemory = 62;

[[noreturn]] static void exitOutOfMemory() { _exit(kOutOfMemory); }

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_ADDRESS_SANITIZER 1
#endif
#endif

static void limitMemory([[maybe_unused]] uint64_t bytes) {
  std::set_new_handler(exitOutOfMemory);
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { exitOutOfMemory(); });
#ifndef TENON_ADDRESS_SANITIZER
  uint64_t pages = 0;
  if (bytes == 0 || !(std::ifstream("/proc/self/statm") >> pages))
    return;
  uint64_t all = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) + bytes;
  rlimit limit{all, all};
  setrlimit(RLIMIT_AS, &limit);
#endif
}

static bool writeAll(int file, std::string_view text) {
  while (!text.empty()) {
    ssize_t count = write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

[[noreturn]] static void runChild(const std::function<std::string()> &work,
                                  const IsolationLimits &limits, int output) {
  // Faults end the process; handlers that tools install would print pages first.
  for (int number : {SIGSEGV, SIGABRT, SIGILL, SIGFPE, SIGBUS, SIGINT, SIGTERM})
    std::signal(number, SIG_DFL);
  rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  int log =
      limits.log.empty() ? null : open(limits.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  dup2(log, STDERR_FILENO);
  limitMemory(limits.memory);
  bool isWritten = writeAll(output, work());
  _exit(isWritten ? kFinished : EXIT_FAILURE);
}

/// Reads until the other end closes. False: the time was over.
static bool readAll(int file, std::string &text, Clock::time_point deadline) {
  std::array<char, 1 << 16> buffer;
  for (;;) {
    auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0)
      return false;
    pollfd wanted{file, POLLIN, 0};
    int ready = poll(&wanted, 1, static_cast<int>(std::min<long long>(left, 1000)));
    if (ready <= 0)
      continue;
    ssize_t count = read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return true;
    text.append(buffer.data(), static_cast<size_t>(count));
  }
}

static IsolatedRun notStarted(const char *what) {
  return {IsolationEnd::NotStarted, 0, 0, std::string(what) + ": " + std::strerror(errno)};
}

IsolatedRun tenon::fuzz::runIsolated(const std::function<std::string()> &work,
                                     const IsolationLimits &limits) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return notStarted("no pipe");
  pid_t child = fork();
  if (child < 0) {
    IsolatedRun failure = notStarted("no process");
    close(ends[0]);
    close(ends[1]);
    return failure;
  }
  if (child == 0) {
    close(ends[0]);
    runChild(work, limits, ends[1]);
  }
  close(ends[1]);
  IsolatedRun run;
  bool isInTime = readAll(ends[0], run.output, Clock::now() + limits.time);
  close(ends[0]);
  if (!isInTime)
    kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  if (!isInTime)
    run.end = IsolationEnd::TimedOut;
  else if (WIFEXITED(status) && WEXITSTATUS(status) == kFinished)
    run.end = IsolationEnd::Finished;
  else if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory)
    run.end = IsolationEnd::OutOfMemory;
  else
    run.end = IsolationEnd::Crashed;
  if (run.end == IsolationEnd::Crashed) {
    run.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  }
  return run;
}
