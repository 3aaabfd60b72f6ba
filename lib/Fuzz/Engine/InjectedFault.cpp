//===- InjectedFault.cpp - Faults for tests of the engine -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "InjectedFault.h"

#include <csignal>
#include <cstdlib>
#include <string>
#include <unistd.h>
#include <vector>

using namespace tenon::fuzz;
using llvm::StringRef;

static void crash() { *static_cast<volatile int *>(nullptr) = 1; }

// Faults are meant: neither the optimizer nor a sanitizer may see through them.
[[gnu::noinline]] static uint64_t descend(volatile char *above, uint64_t depth) {
  volatile char frame[1024];
  frame[depth % sizeof(frame)] = above[0];
  return depth == ~uint64_t(0) ? 0
                               : descend(frame, depth + 1) + uint64_t(frame[depth % sizeof(frame)]);
}
static void overflow() {
  volatile char start = 1;
  [[maybe_unused]] volatile uint64_t depth = descend(&start, 0);
}

static void hang() {
  for (volatile bool forever = true; forever;) {
  }
}
static void wait() {
  while (true)
    pause();
}

static void fillMemory() {
  static std::vector<std::string> blocks;
  while (true) {
    blocks.push_back(std::string(size_t(16) << 20, 'x'));
    usleep(5000);
  }
}

static void killItself() { kill(getpid(), SIGKILL); }
static void leave() { _exit(3); }

llvm::Expected<InjectedFault> InjectedFault::parse(StringRef text) {
  static constexpr std::pair<StringRef, void (*)()> kFaults[] = {
      {"crash-at", crash},       {"abort-at", std::abort}, {"overflow-at", overflow},
      {"hang-at", hang},         {"sleep-at", wait},       {"memory-at", fillMemory},
      {"killed-at", killItself}, {"exit-at", leave}};
  auto [name, number] = text.split(':');
  InjectedFault fault;
  for (auto [known, act] : kFaults)
    if (name == known)
      fault.act = act;
  if (!fault.act || number.getAsInteger(10, fault.place) || fault.place == 0)
    return llvm::createStringError("--fault=" + text + ": expected NAME-at:CASE, as crash-at:5");
  return fault;
}

void InjectedFault::strike(uint64_t caseNumber) const {
  if (caseNumber == place)
    act();
}
