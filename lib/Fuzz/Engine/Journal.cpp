//===- Journal.cpp - What a worker is doing, in shared memory -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Journal.h"

#include "tenon/Support/MixBits.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace tenon;
using namespace tenon::fuzz;

std::unique_ptr<Journal> Journal::map(int descriptor) {
  void *memory =
      mmap(nullptr, sizeof(JournalRecord), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) {
    close(descriptor);
    return nullptr;
  }
  return std::unique_ptr<Journal>(new Journal(descriptor, static_cast<JournalRecord *>(memory)));
}

Journal::~Journal() {
  munmap(mapped, sizeof(JournalRecord));
  close(descriptor);
}

std::unique_ptr<Journal> Journal::create(const std::string &path, std::error_code &code) {
  int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  int failure = descriptor < 0 ? errno : posix_fallocate(descriptor, 0, sizeof(JournalRecord));
  code = std::error_code(failure, std::generic_category());
  if (failure) {
    if (descriptor >= 0) {
      close(descriptor);
      unlink(path.c_str());
    }
    descriptor = memfd_create("tenon-fuzz-journal", MFD_CLOEXEC);
    if (descriptor < 0 || ftruncate(descriptor, sizeof(JournalRecord)) != 0) {
      if (descriptor >= 0)
        close(descriptor);
      return nullptr;
    }
  }
  std::unique_ptr<Journal> journal = map(descriptor);
  if (journal)
    journal->clear();
  return journal;
}

std::unique_ptr<Journal> Journal::open(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0 || status.st_size != off_t(sizeof(JournalRecord))) {
    close(descriptor);
    return nullptr;
  }
  std::unique_ptr<Journal> journal = map(descriptor);
  if (journal && (journal->record().magic != JournalRecord::kMagic ||
                  journal->record().version != JournalRecord::kVersion))
    return nullptr;
  return journal;
}

std::unique_ptr<Journal> Journal::openFile(const std::string &path) {
  int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  return descriptor < 0 ? nullptr : open(descriptor);
}

void Journal::clear() {
  // The bytes of the case are left: their length is 0.
  std::memset(static_cast<void *>(mapped), 0, offsetof(JournalRecord, bytes));
  mapped->magic = JournalRecord::kMagic;
  mapped->version = JournalRecord::kVersion;
}

void Journal::setState(WorkerState state) {
  mapped->state.store(state, std::memory_order_release);
  mapped->heartbeat.fetch_add(1, std::memory_order_release);
}

void Journal::beginCase(std::string_view bytes, uint64_t hash) {
  mapped->sequence.fetch_add(1, std::memory_order_acq_rel);
  uint32_t size = uint32_t(std::min<size_t>(bytes.size(), kMaxCaseBytes));
  std::memcpy(mapped->bytes, bytes.data(), size);
  mapped->caseBytes = size;
  mapped->caseHash = hash;
  mapped->sequence.fetch_add(1, std::memory_order_release);
  setPhase("");
  mapped->digest.store(mixBits(mapped->digest.load(std::memory_order_relaxed) ^ hash),
                       std::memory_order_relaxed);
  mapped->started.fetch_add(1, std::memory_order_relaxed);
  setState(WorkerState::Running);
}

void Journal::setPhase(std::string_view phase) {
  mapped->phaseSequence.fetch_add(1, std::memory_order_acq_rel);
  size_t size = std::min(phase.size(), sizeof(mapped->phase) - 1);
  std::memcpy(mapped->phase, phase.data(), size);
  mapped->phase[size] = 0;
  mapped->phaseSequence.fetch_add(1, std::memory_order_release);
}

void Journal::endCase(const Outcome &outcome) {
  mapped->conclusive.fetch_add(outcome.conclusive, std::memory_order_relaxed);
  mapped->inconclusive.fetch_add(outcome.inconclusive, std::memory_order_relaxed);
  mapped->refused.fetch_add(outcome.refused, std::memory_order_relaxed);
  mapped->passes.fetch_add(outcome.passesRun, std::memory_order_relaxed);
  mapped->finished.fetch_add(1, std::memory_order_relaxed);
  setState(WorkerState::Making);
}

/// Copies by `copy` what a writer guards with `sequence`; false where it is torn.
template <typename Copy> static bool readGuarded(const std::atomic<uint64_t> &sequence, Copy copy) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    uint64_t before = sequence.load(std::memory_order_acquire);
    if (before % 2)
      continue;
    copy();
    std::atomic_thread_fence(std::memory_order_acquire);
    if (sequence.load(std::memory_order_relaxed) == before)
      return true;
  }
  return false;
}

std::optional<JournaledCase> Journal::readCase() const {
  if (mapped->sequence.load() == 0)
    return std::nullopt;
  JournaledCase result;
  bool isWhole = readGuarded(mapped->sequence, [&] {
    result.bytes.assign(mapped->bytes, std::min(mapped->caseBytes, kMaxCaseBytes));
    result.hash = mapped->caseHash;
  });
  if (!isWhole)
    return std::nullopt;
  return result;
}

std::string Journal::readPhase() const {
  std::string phase;
  bool isWhole = readGuarded(mapped->phaseSequence, [&] {
    phase.assign(mapped->phase, strnlen(mapped->phase, sizeof(mapped->phase)));
  });
  return isWhole ? phase : std::string();
}
