//===- WorkerProcess.h - A worker as its supervisor sees it -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Channel.h"
#include "Journal.h"

#include "tenon/Fuzz/CaseStream.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tenon::fuzz {

using Clock = std::chrono::steady_clock;

/// Starts COMMAND with the two descriptors as further arguments. Its standard error goes to
/// `logPath`. It is killed when this thread ends. Returns the process, or an error.
pid_t spawnWorker(const std::vector<std::string> &command, int channel, int journal,
                  const std::string &logPath, std::error_code &code);

/// Tells that a case takes too long or too much. To be asked every few hundredths of a second.
class Watch {
public:
  enum class Verdict {
    Fine,
    TooLong,  ///< this case, in processor time, or ten times the limit on the clock (a deadlock
              ///< takes no processor)
    TooLarge, ///< this case took most of the memory
    Swollen   ///< the process did, over many cases
  };
  void restart() { *this = Watch(); }
  Verdict look(pid_t process, const JournalRecord &record, double timeout, uint64_t memory);

private:
  uint64_t heartbeat = ~uint64_t(0);
  Clock::time_point since;
  double processorSeconds = 0;
  uint64_t residentBytes = 0; ///< when this heartbeat was first seen, at the latest
  uint64_t lastResidentBytes = 0;
};

/// One place for a worker; a process at a time.
struct WorkerSlot {
  unsigned number = 0;
  uint64_t casesLeft = 0;
  uint64_t digest = 0;

  pid_t process = -1; ///< -1: none
  std::unique_ptr<Channel> channel;
  std::unique_ptr<Journal> journal;
  std::string logPath;
  Watch watch;
  bool isClosed = false;            ///< no more messages will come
  bool isDone = false;              ///< it has said that it ran its cases
  std::optional<Oracle> limit;      ///< it was killed for this one
  bool wasReplaced = false;         ///< it was killed for what is no finding
  std::string failure;              ///< why it could not begin
  std::vector<EncodedCase> replays; ///< that it was given
  std::optional<uint64_t>
      lostCase; ///< was being run when something outside killed the last process

  bool isFinished = false;
  unsigned failures = 0; ///< processes in a row that ran no case to its end
  Clock::time_point restartAt;
};

} // namespace tenon::fuzz
