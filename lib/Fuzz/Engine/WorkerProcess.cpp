//===- WorkerProcess.cpp - A worker as its supervisor sees it -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "WorkerProcess.h"

#include "ProcessUse.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <unistd.h>

using namespace tenon::fuzz;

/// Between fork and exec: calls that are safe there.
[[noreturn]] static void becomeWorker(std::vector<char *> &arguments, int channel, int journal,
                                      const char *logPath, pid_t supervisor) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != supervisor)
    _exit(126);
  // Containers are ordered by addresses here and there in MLIR, which shows in features: without
  // random addresses one seed is one run.
  personality(ADDR_NO_RANDOMIZE);
  int null = open("/dev/null", O_RDWR);
  int log = open(logPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
  dup2(null, STDIN_FILENO);
  dup2(log >= 0 ? log : null, STDOUT_FILENO);
  dup2(log >= 0 ? log : null, STDERR_FILENO);
  fcntl(channel, F_SETFD, 0);
  fcntl(journal, F_SETFD, 0);
  execv(arguments[0], arguments.data());
  _exit(126);
}

pid_t tenon::fuzz::spawnWorker(const std::vector<std::string> &command, int channel, int journal,
                               const std::string &logPath, std::error_code &code) {
  std::vector<std::string> words = command;
  words.push_back(std::to_string(channel));
  words.push_back(std::to_string(journal));
  std::vector<char *> arguments;
  for (std::string &word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t supervisor = getpid();
  pid_t process = fork();
  if (process == 0)
    becomeWorker(arguments, channel, journal, logPath.c_str(), supervisor);
  code = process < 0 ? std::error_code(errno, std::generic_category()) : std::error_code();
  return process;
}

Watch::Verdict Watch::look(pid_t process, const JournalRecord &record, double timeout,
                           uint64_t memory) {
  std::optional<ProcessUse> use = readProcessUse(process);
  if (!use)
    return Verdict::Fine;
  Clock::time_point now = Clock::now();
  uint64_t beat = record.heartbeat.load(std::memory_order_acquire);
  if (beat != heartbeat) {
    heartbeat = beat;
    since = now;
    processorSeconds = use->processorSeconds;
    // What was taken since the look before may be this case's or those before it: it counts as this
    // one's.
    residentBytes =
        lastResidentBytes ? std::min(lastResidentBytes, use->residentBytes) : use->residentBytes;
  }
  lastResidentBytes = use->residentBytes;
  if (use->residentBytes > memory)
    return use->residentBytes - residentBytes > memory / 2 ? Verdict::TooLarge : Verdict::Swollen;
  // Reading the corpus and finding the blocks of a new program take longer than a case may.
  double limit = record.state.load() == WorkerState::Starting ? std::max(timeout, 60.0) : timeout;
  std::chrono::duration<double> waited = now - since;
  bool isLong = use->processorSeconds - processorSeconds > limit || waited.count() > 10 * limit;
  return isLong ? Verdict::TooLong : Verdict::Fine;
}
