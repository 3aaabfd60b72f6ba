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
// search with a deadline gets better with time: its file says how long was searched in all. A
// search for that long or less, or for no more than a twentieth more, takes the plan as it is, a
// longer one starts from it and is never worse, as the cost model counts all slices. The file also
// says from which trees and slices of callers was searched and how long, so that another search
// from one of them, in so little more time, takes the plan although, sliced, it may need a worse
// tree.
//
// Several processes may use one directory. A file is written beside its place and renamed; one that
// is not whole, or whose plan does not fit, counts as absent and is written anew. The files used
// least recently leave when a bound on the size is passed.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/FileCache/FileCache.h"
#include "tenon/Planner/Plan.h"

#include <string>

namespace tenon::planner {

/// Whoever can write to the directory can make plans slow, not wrong.
using PlanKey = CacheKey;

class PlanCache {
public:
  static constexpr uint64_t defaultBytes = uint64_t{256} << 20;

  /// Does not touch the disk. `directory` need not exist. 0 bytes count as the default.
  explicit PlanCache(std::string directory, uint64_t maxBytes = defaultBytes)
      : files(std::move(directory), ".plan", maxBytes ? maxBytes : defaultBytes) {}

  /// See FileCache; the kind is "plans".
  static std::string defaultDirectory() { return FileCache::defaultDirectory("plans"); }

  /// Initial trees that an entry remembers, the latest ones.
  static constexpr size_t mostStarts = 32;

  /// An initial tree from which was searched with a deadline.
  struct Start {
    /// Of the tree and its slices, whatever the order of its steps and of their operands.
    PlanKey hash = {};
    /// The longest search.
    double seconds = 0;
    bool operator==(const Start &) const = default;
  };

  struct Entry {
    SlicedTree plan;
    /// How long was searched with a deadline to get from the first tree to this plan, where a
    /// search that ended before it counts as one that did not: with more time its parts would have
    /// had more, too. 0 without a deadline.
    double seconds = 0;
    /// The one searched from last is the last.
    std::vector<Start> starts;
  };
  /// The entry of `key`, which becomes the one used last; empty if there is none, or one that
  /// is no plan of `network`.
  std::optional<Entry> find(const PlanKey &key, const Network &network) const;
  /// Keeps `entry`. Says what went wrong, if anything did.
  std::optional<std::string> store(const PlanKey &key, const Entry &entry) const;

private:
  FileCache files;
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
