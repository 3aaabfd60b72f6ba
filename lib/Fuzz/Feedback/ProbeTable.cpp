//===- ProbeTable.cpp - Breakpoints that go away when they are hit ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ProbeTable.h"

#if defined(__linux__) && defined(__x86_64__)

#include "llvm/Support/Signals.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

using namespace tenon::fuzz;

namespace {

constexpr uint8_t kBreakpoint = 0xcc;

/// What the handler reads. Never freed: a thread may be on its way into the handler at any time.
struct Probes {
  explicit Probes(std::vector<uintptr_t> list)
      : addresses(std::move(list)), bytes(addresses.size()), isGone(addresses.size()),
        log(addresses.size()) {}

  std::vector<uintptr_t> addresses;
  std::vector<uint8_t> bytes; ///< what the breakpoints replaced
  std::vector<std::atomic<uint8_t>> isGone;
  /// Hits in their order, each probe plus one; 0: not yet written. A probe is hit once, so there is
  /// room for all.
  std::vector<std::atomic<uint32_t>> log;
  std::atomic<uint32_t> numHits = 0;

  bool find(uintptr_t address, uint32_t &probe) const {
    const uintptr_t *begin = addresses.data(), *end = begin + addresses.size();
    const uintptr_t *place = std::lower_bound(begin, end, address);
    probe = static_cast<uint32_t>(place - begin);
    return place != end && *place == address;
  }

  /// Whether it was there.
  bool remove(uint32_t probe) {
    std::atomic_ref<uint8_t>(*reinterpret_cast<uint8_t *>(addresses[probe]))
        .store(bytes[probe], std::memory_order_release);
    return isGone[probe].exchange(1, std::memory_order_acq_rel) == 0;
  }
};

static_assert(std::atomic<Probes *>::is_always_lock_free &&
                  std::atomic<uint32_t>::is_always_lock_free,
              "a signal handler must not wait");
constinit std::atomic<Probes *> current = nullptr;
/// What SIGTRAP did before.
struct sigaction formerAction;
/// Whether there is a ProbeTable.
bool isArmed = false;

/// Calls nothing that could meet a probe.
void onTrap(int, siginfo_t *info, void *state) {
  auto &registers = static_cast<ucontext_t *>(state)->uc_mcontext.gregs;
  uintptr_t address = static_cast<uintptr_t>(registers[REG_RIP]) - 1;
  Probes *probes = current.load(std::memory_order_acquire);
  uint32_t probe;
  // A code above zero: the processor, not another process.
  if (probes && info->si_code > 0 && probes->find(address, probe)) {
    if (probes->remove(probe))
      probes->log[probes->numHits.fetch_add(1, std::memory_order_acq_rel)].store(
          probe + 1, std::memory_order_release);
    // Where two threads hit one probe, the second finds the byte back in its place.
    registers[REG_RIP] = static_cast<greg_t>(address);
    return;
  }
  // Not ours: as if we were not here.
  sigaction(SIGTRAP, &formerAction, nullptr);
  raise(SIGTRAP);
}

bool isHandled(struct sigaction &action) {
  return sigaction(SIGTRAP, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) &&
         action.sa_sigaction == onTrap;
}

void installHandler() {
  struct sigaction action;
  if (isHandled(action))
    return;
  formerAction = action;
  action = {};
  action.sa_sigaction = onTrap;
  // The stack may be full when a block is entered.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTRAP, &action, nullptr);
}

/// LLVM takes SIGTRAP over when it is first asked to remove a file on a crash, which would be amid
/// a case. It is asked for now.
void settleSignalsOfLLVM() {
  static const char *const name = "/nonexistent/tenon-fuzz";
  llvm::sys::RemoveFileOnSignal(name);
  llvm::sys::DontRemoveFileOnSignal(name);
}

} // namespace

std::unique_ptr<ProbeTable> ProbeTable::arm(std::vector<uintptr_t> addresses, std::string &error) {
  if (isArmed || addresses.empty()) {
    error = isArmed ? "the code of this process is probed already" : "there is no code to probe";
    return nullptr;
  }
  auto pageSize = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  uintptr_t begin = addresses.front() / pageSize * pageSize;
  uintptr_t end = addresses.back() / pageSize * pageSize + pageSize;
  if (mprotect(reinterpret_cast<void *>(begin), end - begin, PROT_READ | PROT_WRITE | PROT_EXEC) !=
      0) {
    error = std::string("the code cannot be made writable (mprotect: ") + std::strerror(errno) +
            "); a policy of the system may forbid it";
    return nullptr;
  }
  settleSignalsOfLLVM();
  auto *probes = new Probes(std::move(addresses));
  current.store(probes, std::memory_order_release);
  installHandler();
  isArmed = true;
  std::unique_ptr<ProbeTable> table(new ProbeTable());
  for (size_t i = 0; i < probes->addresses.size(); ++i) {
    auto *code = reinterpret_cast<uint8_t *>(probes->addresses[i]);
    probes->bytes[i] = *code;
    std::atomic_ref<uint8_t>(*code).store(kBreakpoint, std::memory_order_relaxed);
  }
  return table;
}

ProbeTable::~ProbeTable() {
  Probes *probes = current.load();
  for (uint32_t i = 0; i < probes->addresses.size(); ++i)
    probes->remove(i);
  // The handler and the table stay for threads that have trapped already; a new table may be armed.
  isArmed = false;
}

uint32_t ProbeTable::size() const {
  return static_cast<uint32_t>(current.load()->addresses.size());
}
uintptr_t ProbeTable::addressOf(uint32_t probe) const { return current.load()->addresses[probe]; }
uint32_t ProbeTable::numHits() const {
  return current.load()->numHits.load(std::memory_order_acquire);
}

uint32_t ProbeTable::collect(uint32_t first, std::vector<uint32_t> &hits) const {
  Probes *probes = current.load();
  for (uint32_t end = numHits(); first < end; ++first) {
    uint32_t entry = probes->log[first].load(std::memory_order_acquire);
    if (entry == 0)
      break;
    hits.push_back(entry - 1);
  }
  return first;
}

bool ProbeTable::disarm(uint32_t probe) { return current.load()->remove(probe); }
void ProbeTable::reclaimSignal() { installHandler(); }

#endif
