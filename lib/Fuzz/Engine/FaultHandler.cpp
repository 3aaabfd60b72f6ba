//===- FaultHandler.cpp - A worker's last words ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "FaultHandler.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <execinfo.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace tenon::fuzz;

static JournalRecord *lastWords = nullptr;

static void handleFault(int signal, siginfo_t *info, void *) {
  // A fault within this handler, say on a stack that is no stack, ends the process at once: the
  // journal has the signal then.
  std::signal(signal, SIG_DFL);
  lastWords->faultAddress = uint64_t(reinterpret_cast<uintptr_t>(info->si_addr));
  lastWords->signal.store(signal, std::memory_order_release);
  void *frames[kMaxFrames];
  int count = backtrace(frames, kMaxFrames);
  for (int frame = 0; frame < count; ++frame)
    lastWords->frames[frame] = uint64_t(reinterpret_cast<uintptr_t>(frames[frame]));
  lastWords->numFrames.store(uint32_t(std::max(count, 0)), std::memory_order_release);
  raise(signal);
}

static int noteModule(dl_phdr_info *info, size_t, void *) {
  if (lastWords->numModules == kMaxModules)
    return 1;
  JournalRecord::Module &module = lastWords->modules[lastWords->numModules];
  module.bias = info->dlpi_addr;
  module.begin = ~uint64_t(0);
  for (int i = 0; i < info->dlpi_phnum; ++i)
    if (const ElfW(Phdr) &header = info->dlpi_phdr[i]; header.p_type == PT_LOAD) {
      uint64_t begin = info->dlpi_addr + header.p_vaddr;
      module.begin = std::min(module.begin, begin);
      module.end = std::max(module.end, begin + header.p_memsz);
    }
  // The program itself has no name.
  if (info->dlpi_name[0])
    std::strncpy(module.path, info->dlpi_name, kPathBytes - 1);
  else if (readlink("/proc/self/exe", module.path, kPathBytes - 1) < 0)
    return 0;
  ++lastWords->numModules;
  return 0;
}

void tenon::fuzz::installFaultHandler(Journal &journal) {
  lastWords = &journal.record();
  dl_iterate_phdr(noteModule, nullptr);
  // The first call loads the unwinder and allocates.
  void *frame;
  backtrace(&frame, 1);

  constexpr size_t size = 256 << 10;
  stack_t stack = {};
  stack.ss_sp = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack.ss_size = size;
  if (stack.ss_sp != MAP_FAILED)
    sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_sigaction = handleFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
#if __has_feature(address_sanitizer)
  // AddressSanitizer handles faults itself, and says more about them in the log.
  sigaction(SIGABRT, &action, nullptr);
#else
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
    sigaction(signal, &action, nullptr);
#endif
}
