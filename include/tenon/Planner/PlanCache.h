//===- PlanCache.h - Plans kept on disk -------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A directory with a file for each network that was planned, named by a hash of the network and of
// the options that a plan depends on. Indices are renamed by first appearance before anything else,
// so that networks which differ in the numbers of their indices only share a plan; the order of the
// tensors counts.
//
// A search that counts steps gives again what it gave: its file is for equal seeds and budgets. A
// search with a deadline gets better with time: its file says how long was searched in all, a
// shorter search takes the plan as it is, a longer one starts from it and is never worse, as the
// cost model counts all slices. The file also says from which trees of callers was searched, so
// that another search from one of them takes the plan although, sliced, it may need a worse tree.
//
// Several processes may use one directory. A file is written beside its place and renamed; one that
// is not whole, or whose plan does not fit, counts as absent and is written anew. The files used
// least recently leave when a bound on the size is passed.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Plan.h"

#include <array>
#include <string>

namespace tenon::planner {

/// 128 bits of a hash. Not made to withstand an adversary: whoever can write to the directory can
/// make plans slow, not wrong.
using PlanKey = std::array<uint64_t, 2>;

class PlanCache {
public:
  static constexpr uint64_t defaultBytes = uint64_t{256} << 20;

  /// Does not touch the disk. `directory` need not exist. 0 bytes count as the default.
  explicit PlanCache(std::string directory, uint64_t maxBytes = defaultBytes)
      : directory(std::move(directory)), maxBytes(maxBytes ? maxBytes : defaultBytes) {}

  /// $TENON_CACHE_DIR, or else tenon/plans in $XDG_CACHE_HOME or in ~/.cache; empty where none of
  /// these is set.
  static std::string defaultDirectory();

  /// Initial trees that an entry remembers, the latest ones.
  static constexpr size_t mostStarts = 32;

  struct Entry {
    SlicedTree plan;
    /// How long was searched with a deadline; infinite if that was all there is to find, 0 without
    /// a deadline.
    double seconds = 0;
    /// Hashes of the initial trees from which was searched with a deadline.
    std::vector<PlanKey> starts;
  };
  /// The entry of `key`, which becomes the one used last; empty if there is none, or one that
  /// is no plan of `network`.
  std::optional<Entry> find(const PlanKey &key, const Network &network) const;
  /// Keeps `entry`. Says what went wrong, if anything did.
  std::optional<std::string> store(const PlanKey &key, const Entry &entry) const;

private:
  std::string pathOf(const PlanKey &key) const;
  void removeOldest() const;

  std::string directory;
  uint64_t maxBytes;
};

struct CachedPlan {
  Plan plan;
  /// Whether nothing was searched.
  bool wasKnown = false;
  /// Why the plan could not be kept; empty if it was, or was there.
  std::string warning;
};

/// As planNetwork, with `cache` asked before and told afterwards. What a search gives does not
/// depend on the cache while counts of steps limit it. A memory model that counts extra bytes is
/// planned for without the cache: a function is no part of a key.
Result<CachedPlan> planNetworkCached(const Network &network, const PlanOptions &options,
                                     const StrategyRegistry &registry, const PlanCache &cache);

} // namespace tenon::planner
