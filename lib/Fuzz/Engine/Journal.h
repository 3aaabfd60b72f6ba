//===- Journal.h - What a worker is doing, in shared memory -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A file that a worker maps and its supervisor reads, also when the worker is gone. The worker
// writes the case before it runs it, and the phase before it begins; counts are numbers of their
// own, so none is lost with the worker.
//
// A writer makes `sequence` odd, writes, and makes it even. A reader that finds it odd, or changed,
// has read a torn record. A dead worker that left it odd had not begun that case.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Outcome.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace tenon::fuzz {

/// Cases past it are not run.
inline constexpr uint32_t kMaxCaseBytes = 1u << 20;
inline constexpr unsigned kMaxFrames = 48;
inline constexpr unsigned kMaxModules = 24;
inline constexpr unsigned kPathBytes = 232;

enum class WorkerState : uint32_t {
  Starting, ///< the corpus is being read
  Making,   ///< between cases
  Running,
  Ended
};

/// The mapped record. Of one build, like the messages; `version` tells another one.
struct JournalRecord {
  static constexpr uint64_t kMagic = 0x6c6e724a7a7a7546; // "FuzzJrnl"
  static constexpr uint32_t kVersion = 1;

  uint64_t magic;
  uint32_t version;
  std::atomic<WorkerState> state;
  /// Grows with every case and every change of state: what the supervisor tells hanging by.
  std::atomic<uint64_t> heartbeat;
  std::atomic<uint64_t> started, finished, conclusive, inconclusive, refused, passes;
  std::atomic<uint64_t> digest;

  std::atomic<uint64_t> sequence;
  uint64_t caseHash;
  uint32_t caseBytes;

  std::atomic<uint64_t> phaseSequence;
  char phase[256];

  /// By the worker's own handler of faults.
  std::atomic<int32_t> signal; ///< 0: none
  std::atomic<uint32_t> numFrames;
  uint64_t faultAddress;
  uint64_t frames[kMaxFrames];
  /// What was mapped where when the worker began.
  struct Module {
    uint64_t begin, end, bias;
    char path[kPathBytes];
  };
  uint32_t numModules;
  Module modules[kMaxModules];

  char bytes[kMaxCaseBytes];
};
static_assert(std::atomic<uint64_t>::is_always_lock_free);

/// A case as the journal had it.
struct JournaledCase {
  std::string bytes;
  uint64_t hash = 0;
};

/// A mapped record.
class Journal {
public:
  /// Makes the file with all its blocks, so that a full disk is an error here and no signal later.
  /// Where there is no room the record is in memory that the supervisor alone keeps.
  static std::unique_ptr<Journal> create(const std::string &path, std::error_code &code);
  /// Maps what another process has made, and owns the descriptor. Null where it is none.
  static std::unique_ptr<Journal> open(int descriptor);
  static std::unique_ptr<Journal> openFile(const std::string &path);
  ~Journal();

  int getDescriptor() const { return descriptor; }
  JournalRecord &record() { return *mapped; }
  const JournalRecord &record() const { return *mapped; }

  /// For a new worker.
  void clear();

  // The worker's side.
  void setState(WorkerState state);
  void beginCase(std::string_view bytes, uint64_t hash);
  void setPhase(std::string_view phase);
  void endCase(const Outcome &outcome);

  // The supervisor's side.
  /// The current or last case; none where none had begun, or the record is torn.
  std::optional<JournaledCase> readCase() const;
  std::string readPhase() const;

private:
  Journal(int descriptor, JournalRecord *mapped) : descriptor(descriptor), mapped(mapped) {}
  static std::unique_ptr<Journal> map(int descriptor);

  int descriptor;
  JournalRecord *mapped;
};

} // namespace tenon::fuzz
