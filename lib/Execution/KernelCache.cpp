//===- KernelCache.cpp - Compiled kernels of this process -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/KernelCache.h"

#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/QuickStart/PrebuiltKernels.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"
#include "tenon/Target/EmitSchedule.h"
#include "tenon/Target/KernelObject.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

#include <condition_variable>
#include <mutex>
#include <pthread.h>

using namespace mlir;
using namespace tenon;

namespace {
struct CacheCounters : Counters {
  CacheCounters() : Counters("kernel-cache") {}

  Counter hits{*this, "hits", "kernels found compiled"};
  Counter misses{*this, "misses", "kernels compiled"};
  Counter prebuilt{*this, "prebuilt", "kernels that are part of Tenon"};
};

/// Where a kernel came from.
enum class Origin { Found, Compiled, Prebuilt };
} // namespace

static void report(func::FuncOp kernel, Origin origin) {
  CacheCounters counters;
  ++(origin == Origin::Found      ? counters.hits
     : origin == Origin::Compiled ? counters.misses
                                  : counters.prebuilt);
  Statistics::get().add(counters);
  if (isDebugged(DebugArea::Cache))
    DebugLine(DebugArea::Cache) << (origin == Origin::Found      ? "found '"
                                    : origin == Origin::Compiled ? "compiled '"
                                                                 : "built in: '")
                                << kernel.getName() << "'";
}

/// The kernel of Tenon's own that does the same, or null.
static quick::KernelFunction findPrebuilt(func::FuncOp kernel) {
  auto attribute = kernel->getAttrOfType<tn::ContractionKernelAttr>("tn.kernel");
  const quick::KernelSet *set = quick::hostKernelSet();
  if (!attribute || !kernel.isDeclaration() || !set)
    return nullptr;
  cpu::ContractionKernelSpec spec = cpu::toSpec(attribute);
  std::optional<tenon_dtype> dtype = toDType(spec.accType);
  bool isOfOneType =
      spec.typeA == spec.accType && spec.typeB == spec.accType && spec.typeC == spec.accType;
  if (!dtype || !isOfOneType || spec.semiring != cpu::Semiring::PlusTimes || spec.isUnsigned ||
      spec.conjA || spec.conjB)
    return nullptr;
  return set->find({*dtype, spec});
}

struct KernelCache::State {
  struct Entry {
    enum { Compiling, Ready, Failed } status = Compiling;
    void *address = nullptr;
    std::string error;
  };
  mutable std::mutex mutex;
  /// Replaced in a forked process, where threads that wait, or notify, will never come to an end.
  std::unique_ptr<std::condition_variable> changed = std::make_unique<std::condition_variable>();
  llvm::StringMap<Entry> entries;
  size_t started = 0;
  size_t compiled = 0;
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

KernelCache::KernelCache() : state(std::make_unique<State>()) {}
KernelCache::~KernelCache() = default;

KernelCache &KernelCache::get() {
  // Never destroyed: a thread may still run a kernel while the process exits.
  static KernelCache *cache = new KernelCache;
  return *cache;
}

// A fork waits for who changes entries or links, so that the child finds both whole. Registered
// when the library is loaded: at the first use, a fork may be under way that would not call these.
const int KernelCache::handlesForks =
    pthread_atfork([] { get().state->mutex.lock(); }, [] { get().state->mutex.unlock(); },
                   [] { get().continueInChild(); });

void KernelCache::continueInChild() {
  // The threads that compile are the parent's only: what they had not finished, the child compiles.
  SmallVector<StringRef> unfinished;
  for (const auto &entry : state->entries)
    if (entry.second.status == State::Entry::Compiling)
      unfinished.push_back(entry.first());
  for (StringRef key : unfinished)
    state->entries.erase(key);
  // Destroying it would wait for those who wait in the parent.
  (void)state->changed.release();
  state->changed = std::make_unique<std::condition_variable>();
  state->mutex.unlock();
}

size_t KernelCache::size() const {
  std::lock_guard lock(state->mutex);
  return state->compiled;
}

/// Compiles and links one kernel under a symbol of its own.
static llvm::Expected<void *> compile(func::FuncOp kernel, StringRef symbol, std::mutex &mutex,
                                      std::unique_ptr<llvm::orc::LLJIT> &jit) {
  auto machine = createTargetMachine({});
  if (!machine)
    return machine.takeError();
  FailureOr<SmallVector<char, 0>> object = compileKernelObject(kernel, symbol, **machine);
  if (failed(object))
    return llvm::createStringError("kernel '" + kernel.getName() + "' does not compile");
  std::lock_guard lock(mutex);
  if (!jit) {
    auto created = llvm::orc::LLJITBuilder().create();
    if (!created)
      return created.takeError();
    jit = std::move(*created);
    // Kernels may call into the C library (memcpy, libm).
    auto generator = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
        jit->getDataLayout().getGlobalPrefix());
    if (!generator)
      return generator.takeError();
    jit->getMainJITDylib().addGenerator(std::move(*generator));
  }
  if (auto error = jit->addObjectFile(
          std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(*object), symbol, false)))
    return std::move(error);
  auto address = jit->lookup(symbol);
  if (!address)
    return address.takeError();
  return address->toPtr<void *>();
}

llvm::Expected<void *> KernelCache::lookup(func::FuncOp kernel) {
  if (quick::KernelFunction prebuilt = findPrebuilt(kernel)) {
    report(kernel, Origin::Prebuilt);
    return reinterpret_cast<void *>(prebuilt);
  }
  std::string key = getKernelKey(kernel);
  std::string symbol;
  {
    std::unique_lock lock(state->mutex);
    auto [it, isNew] = state->entries.try_emplace(key);
    if (!isNew) {
      state->changed->wait(lock,
                           [&] { return state->entries[key].status != State::Entry::Compiling; });
      State::Entry &entry = state->entries[key];
      if (entry.status == State::Entry::Ready) {
        report(kernel, Origin::Found);
        return entry.address;
      }
      return llvm::createStringError(entry.error);
    }
    symbol = "tenon_kernel_" + std::to_string(state->started++);
  }
  llvm::Expected<void *> address = compile(kernel, symbol, state->mutex, state->jit);
  std::lock_guard lock(state->mutex);
  State::Entry &entry = state->entries[key];
  if (address) {
    entry.status = State::Entry::Ready;
    entry.address = *address;
    ++state->compiled;
  } else {
    entry.error = llvm::toString(address.takeError());
    entry.status = State::Entry::Failed;
  }
  state->changed->notify_all();
  if (entry.status == State::Entry::Failed)
    return llvm::createStringError(entry.error);
  report(kernel, Origin::Compiled);
  return entry.address;
}
