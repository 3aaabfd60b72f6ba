//===- KernelCache.cpp - Compiled kernels -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/KernelCache.h"

#include "KernelCompiler.h"
#include "KernelLinker.h"
#include "PrebuiltKernel.h"

#include "tenon/Execution/KernelStore.h"
#include "tenon/Support/Counters.h"
#include "tenon/Support/DebugLog.h"
#include "tenon/Support/SeededBug.h"
#include "tenon/Target/EmitSchedule.h"
#include "tenon/Target/KernelObject.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Target/TargetMachine.h"

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <pthread.h>
#include <utility>

using namespace mlir;
using namespace tenon;

namespace {
struct CacheCounters : Counters {
  CacheCounters() : Counters("kernel-cache") {}

  Counter hits{*this, "hits", "kernels found compiled in the process"};
  Counter disk{*this, "disk", "kernels found on disk"};
  Counter misses{*this, "misses", "kernels compiled"};
  Counter prebuilt{*this, "prebuilt", "kernels that are part of Tenon"};
};

/// Where a kernel was found.
enum class Source { Memory, Disk, Compiler, Prebuilt };
} // namespace

/// Says where a kernel came from.
static void report(func::FuncOp kernel, Source source) {
  CacheCounters counters;
  ++(source == Source::Memory     ? counters.hits
     : source == Source::Disk     ? counters.disk
     : source == Source::Prebuilt ? counters.prebuilt
                                  : counters.misses);
  Statistics::get().add(counters);
  if (isDebugged(DebugArea::Cache)) {
    const char *word = source == Source::Memory     ? "found '"
                       : source == Source::Disk     ? "read '"
                       : source == Source::Prebuilt ? "built in: '"
                                                    : "compiled '";
    DebugLine(DebugArea::Cache) << word << kernel.getName() << "'";
  }
}

namespace {
/// A kernel that one call has to find or to compile, while others wait for it.
struct Claim {
  func::FuncOp kernel;
  std::string key;
  KernelEffort effort;
  std::optional<KernelObjectBytes> object;
  Source source = Source::Compiler;
};
} // namespace

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
  KernelCacheCounts counts;
  KernelLinker linker;
  KernelEffort effort = KernelEffort::Full;
  /// None where the disk is not used.
  std::optional<KernelStore> store;
  bool wasDiskReported = false;

  State() {
    const char *text = std::getenv("TENON_KERNEL_CACHE");
    if (!text || StringRef(text) != "off")
      store.emplace(KernelStore::defaultDirectory(), 0);
  }

  KernelEffort getEffort() const {
    std::lock_guard lock(mutex);
    return effort;
  }
  std::vector<Claim> claimUnknown(ArrayRef<func::FuncOp> kernels, ArrayRef<std::string> keys,
                                  KernelEffort effort);
  llvm::Error make(MutableArrayRef<Claim> claims, int64_t threads,
                   llvm::function_ref<llvm::Error()> check);
  llvm::Expected<void *> link(Claim &claim, const std::optional<KernelStore> &disk);
  void settle(const Claim &claim, llvm::Expected<void *> address);
  void giveUp(ArrayRef<Claim> claims);
  void keep(const KernelStore &disk, const Claim &claim, StringRef target);
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

KernelCacheCounts KernelCache::counts() const {
  std::lock_guard lock(state->mutex);
  return state->counts;
}

void KernelCache::setDisk(std::optional<std::string> directory, uint64_t maxBytes) {
  std::lock_guard lock(state->mutex);
  state->wasDiskReported = false;
  state->store.reset();
  if (directory)
    state->store.emplace(directory->empty() ? KernelStore::defaultDirectory() : *directory,
                         maxBytes);
}

/// What the code of this process's kernels depends on; empty where no machine can be made.
static const std::string &getTarget() {
  static const std::string target = [] {
    auto machine = createTargetMachine({});
    if (machine)
      return KernelStore::describeTarget(**machine);
    llvm::consumeError(machine.takeError());
    return std::string();
  }();
  return target;
}

std::vector<Claim> KernelCache::State::claimUnknown(ArrayRef<func::FuncOp> kernels,
                                                    ArrayRef<std::string> keys,
                                                    KernelEffort effort) {
  std::vector<Claim> claims;
  std::lock_guard lock(mutex);
  for (auto [kernel, key] : llvm::zip_equal(kernels, keys))
    if (entries.try_emplace(key).second)
      claims.push_back({kernel, key, effort, std::nullopt});
  return claims;
}

void KernelCache::State::settle(const Claim &claim, llvm::Expected<void *> address) {
  std::lock_guard lock(mutex);
  Entry &entry = entries[claim.key];
  if (address) {
    entry.status = Entry::Ready;
    entry.address = *address;
    ++(claim.source == Source::Disk ? counts.disk : counts.compiled);
    report(claim.kernel, claim.source);
  } else {
    entry.error = llvm::toString(address.takeError());
    entry.status = Entry::Failed;
  }
  changed->notify_all();
}

void KernelCache::State::giveUp(ArrayRef<Claim> claims) {
  std::lock_guard lock(mutex);
  for (const Claim &claim : claims)
    entries.erase(claim.key);
  changed->notify_all();
}

void KernelCache::State::keep(const KernelStore &disk, const Claim &claim, StringRef target) {
  std::optional<std::string> problem =
      disk.getDirectory().empty() ? "no directory for the cache is known; set TENON_CACHE_DIR"
                                  : disk.keep(target, claim.key, *claim.object);
  if (!problem || !isDebugged(DebugArea::Cache))
    return;
  std::lock_guard lock(mutex);
  if (!std::exchange(wasDiskReported, true))
    DebugLine(DebugArea::Cache) << "kernels are not kept: " << *problem;
}

/// Links what is there; compiles where nothing is, or where it does not link.
llvm::Expected<void *> KernelCache::State::link(Claim &claim,
                                                const std::optional<KernelStore> &disk) {
  if (claim.source == Source::Disk) {
    std::lock_guard lock(mutex);
    llvm::Expected<void *> address = linker.link(std::move(*claim.object));
    if (address)
      return address;
    llvm::consumeError(address.takeError());
    claim.source = Source::Compiler;
    claim.object.reset();
  }
  if (!claim.object) {
    llvm::Expected<KernelObjectBytes> object = compileKernel(claim.kernel, claim.effort);
    if (!object)
      return object.takeError();
    claim.object = std::move(*object);
  }
  if (disk)
    keep(*disk, claim, getTarget());
  std::lock_guard lock(mutex);
  return linker.link(std::move(*claim.object));
}

/// Settles claims, or gives up those that are left where `check` says so.
llvm::Error KernelCache::State::make(MutableArrayRef<Claim> claims, int64_t threads,
                                     llvm::function_ref<llvm::Error()> check) {
  std::optional<KernelStore> disk;
  {
    std::lock_guard lock(mutex);
    if (!isAnySeeded())
      disk = store;
  }
  SmallVector<Claim *> missing;
  SmallVector<func::FuncOp> kernels;
  for (Claim &claim : claims) {
    if (disk && !disk->getDirectory().empty())
      claim.object = disk->find(getTarget(), claim.key);
    if (claim.object) {
      claim.source = Source::Disk;
      continue;
    }
    missing.push_back(&claim);
    kernels.push_back(claim.kernel);
  }
  if (threads > 1 && missing.size() > 1) {
    auto objects = compileKernels(kernels, missing.front()->effort, threads, check);
    if (!objects) {
      giveUp(claims);
      return objects.takeError();
    }
    for (auto [claim, object] : llvm::zip_equal(missing, *objects))
      claim->object = std::move(object);
  }
  for (size_t i = 0; i < claims.size(); ++i) {
    if (llvm::Error error = check()) {
      giveUp(claims.drop_front(i));
      return error;
    }
    settle(claims[i], link(claims[i], disk));
  }
  return llvm::Error::success();
}

void KernelCache::setEffort(KernelEffort effort) {
  std::lock_guard lock(state->mutex);
  state->effort = effort;
}

static std::string makeKey(func::FuncOp kernel, KernelEffort effort) {
  return (effort == KernelEffort::Quick ? "quick;" : "") + getKernelKey(kernel);
}

size_t KernelCache::countMissing(ArrayRef<func::FuncOp> kernels) const {
  llvm::StringSet<> missing;
  KernelEffort effort = state->getEffort();
  for (func::FuncOp kernel : kernels)
    if (!findPrebuiltKernel(kernel))
      missing.insert(makeKey(kernel, effort));
  std::lock_guard lock(state->mutex);
  return llvm::count_if(missing, [&](const auto &entry) {
    auto found = state->entries.find(entry.getKey());
    return found == state->entries.end() || found->second.status != State::Entry::Ready;
  });
}

llvm::Expected<std::vector<void *>> KernelCache::lookup(ArrayRef<func::FuncOp> kernels,
                                                        int64_t threads,
                                                        llvm::function_ref<llvm::Error()> check) {
  std::vector<void *> addresses;
  SmallVector<func::FuncOp> others;
  for (func::FuncOp kernel : kernels) {
    addresses.push_back(findPrebuiltKernel(kernel));
    if (addresses.back())
      report(kernel, Source::Prebuilt);
    else
      others.push_back(kernel);
  }
  llvm::Expected<std::vector<void *>> found = lookupOthers(others, threads, check);
  if (!found)
    return found.takeError();
  auto next = found->begin();
  for (void *&address : addresses)
    if (!address)
      address = *next++;
  return addresses;
}

llvm::Expected<std::vector<void *>>
KernelCache::lookupOthers(ArrayRef<func::FuncOp> kernels, int64_t threads,
                          llvm::function_ref<llvm::Error()> check) {
  using Entry = State::Entry;
  std::vector<std::string> keys;
  KernelEffort effort = state->getEffort();
  for (func::FuncOp kernel : kernels)
    keys.push_back(makeKey(kernel, effort));
  llvm::StringSet<> own;
  while (true) {
    // All that nobody has is claimed and made before others are waited for: who waits has nothing
    // that others wait for.
    std::vector<Claim> claims = state->claimUnknown(kernels, keys, effort);
    for (const Claim &claim : claims)
      own.insert(claim.key);
    if (llvm::Error error = state->make(claims, threads, check))
      return std::move(error);

    std::vector<void *> addresses;
    std::unique_lock lock(state->mutex);
    for (auto [kernel, key] : llvm::zip_equal(kernels, keys)) {
      auto found = state->entries.end();
      state->changed->wait(lock, [&] {
        found = state->entries.find(key);
        return found == state->entries.end() || found->second.status != Entry::Compiling;
      });
      if (found == state->entries.end())
        break; // its maker gave it up
      if (found->second.status == Entry::Failed)
        return llvm::createStringError(found->second.error);
      addresses.push_back(found->second.address);
    }
    if (addresses.size() < kernels.size())
      continue;
    for (auto [kernel, key] : llvm::zip_equal(kernels, keys)) {
      if (own.erase(key))
        continue;
      ++state->counts.memory;
      report(kernel, Source::Memory);
    }
    return addresses;
  }
}
