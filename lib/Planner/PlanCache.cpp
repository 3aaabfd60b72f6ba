//===- PlanCache.cpp - Plans kept on disk ---------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A file holds, in the byte order of the machine: the magic word, the key, the seconds, the numbers
// of steps, of sliced indices and of starts, the steps, the sliced indices, the starts, and a
// checksum of all that.
//
//===----------------------------------------------------------------------===//
#include "tenon/Planner/PlanCache.h"

#include "CanonicalNetwork.h"
#include "InitialTree.h"
#include "tenon/Planner/Density.h"
#include "tenon/Planner/Random.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace tenon;
using namespace tenon::planner;

namespace {

/// Changes whenever the format does, or what strategies find: old files are then not found.
constexpr uint64_t formatVersion = 4;
constexpr uint64_t magic = 0x314e414c504e5421; // "!TNPLAN1", and tells the byte order

void addNetwork(CacheKeyHasher &hasher, const Network &network) {
  hasher.add(uint64_t{network.numTensors()});
  for (NodeId number = 0; number < network.numTensors(); ++number)
    hasher.add(network.tensor(number));
  hasher.add(network.output());
  hasher.add(uint64_t{network.numIndices()});
  for (IndexId index = 0; index < network.numIndices(); ++index)
    hasher.add(static_cast<uint64_t>(network.extent(index)));
  hasher.add(static_cast<uint64_t>(network.elementBytes()));
  if (network.hasDensities())
    for (NodeId number = 0; number < network.numTensors(); ++number)
      hasher.add(network.density(number));
}

void addSteps(CacheKeyHasher &hasher, const ContractionTree &tree) {
  for (const Step &step : tree.steps()) {
    hasher.add(uint64_t{step.lhs});
    hasher.add(uint64_t{step.rhs});
  }
}

PlanKey keyOf(const Network &canonical, const PlanOptions &options) {
  CacheKeyHasher hasher;
  hasher.add(formatVersion);
  hasher.add(std::string_view(options.strategy));
  hasher.add(std::string_view(options.costModel));
  hasher.add(options.alpha);
  if (options.costModel == "time" && options.time)
    hasher.add(options.time->fingerprint());
  hasher.add(uint64_t{options.memory.threads});
  hasher.add(static_cast<uint64_t>(options.memory.alignment));
  hasher.add(options.memory.sharedFromOps);
  const SliceOptions &slicing = options.slicing;
  hasher.add(slicing.peakBytes ? *slicing.peakBytes : -1.0);
  hasher.add(slicing.largest ? *slicing.largest : -1.0);
  hasher.add(uint64_t{slicing.smallestPeak});
  hasher.add(slicing.minSlices);
  hasher.add(slicing.maxSlices);
  const Budget &budget = options.budget;
  for (uint64_t number : {budget.restarts, budget.exactPairs, uint64_t{budget.reconfigureRounds},
                          uint64_t{budget.reconfigureLeaves}, uint64_t{budget.sliceRounds},
                          uint64_t{slicing.variations}, uint64_t{budget.deadline.has_value()}})
    hasher.add(number);
  if (!budget.deadline) {
    hasher.add(budget.seed);
    hasher.add(slicing.seed);
    hasher.add(uint64_t{options.initial.has_value()});
    if (options.initial)
      addSteps(hasher, *options.initial);
    for (IndexId index : options.initialSliced)
      hasher.add(uint64_t{index});
  }
  addNetwork(hasher, canonical);
  return hasher.key();
}

/// Callers state the steps of one tree in many orders, so each subtree has a hash, of its parts'.
PlanKey startOf(const PlanOptions &options) {
  const ContractionTree &initial = *options.initial;
  std::vector<PlanKey> hashes;
  hashes.reserve(initial.numLeaves() + initial.numSteps());
  auto push = [&](const PlanKey &lhs, const PlanKey &rhs) {
    CacheKeyHasher hasher;
    for (const PlanKey &key : {std::min(lhs, rhs), std::max(lhs, rhs)})
      for (uint64_t word : key)
        hasher.add(word);
    hashes.push_back(hasher.key());
  };
  for (NodeId leaf = 0; leaf < initial.numLeaves(); ++leaf)
    push({leaf, 0}, {leaf, 1});
  for (const Step &step : initial.steps())
    push(hashes[step.lhs], hashes[step.rhs]);
  for (IndexId index : options.initialSliced)
    push(hashes.back(), {index, 2});
  return hashes.back();
}

template <typename T> void append(std::vector<char> &bytes, const T &value) {
  const char *begin = reinterpret_cast<const char *>(&value);
  bytes.insert(bytes.end(), begin, begin + sizeof(value));
}

/// Reads values one after the other; the size was checked.
class Reader {
public:
  explicit Reader(std::span<const char> bytes) : next(bytes.data()) {}
  template <typename T> T read() {
    T value;
    std::memcpy(&value, next, sizeof(value));
    next += sizeof(value);
    return value;
  }

private:
  const char *next;
};

struct Header {
  uint64_t magic;
  PlanKey key;
  double seconds;
  uint32_t steps;
  uint32_t sliced;
  uint64_t starts;
};

std::vector<char> serialize(const PlanKey &key, const PlanCache::Entry &entry) {
  std::vector<char> bytes;
  append(bytes, Header{magic, key, entry.seconds, static_cast<uint32_t>(entry.plan.tree.numSteps()),
                       static_cast<uint32_t>(entry.plan.sliced.size()), entry.starts.size()});
  for (const Step &step : entry.plan.tree.steps())
    append(bytes, step);
  for (IndexId index : entry.plan.sliced)
    append(bytes, index);
  for (const PlanCache::Start &start : entry.starts)
    append(bytes, start);
  append(bytes, checksumOf(bytes));
  return bytes;
}

std::optional<PlanCache::Entry> parse(std::span<const char> bytes, const PlanKey &key,
                                      const Network &network) {
  if (bytes.size() < sizeof(Header) + sizeof(uint64_t))
    return std::nullopt;
  Reader reader(bytes);
  Header header = reader.read<Header>();
  if (header.starts > PlanCache::mostStarts)
    return std::nullopt;
  size_t expected = sizeof(Header) + header.steps * sizeof(Step) + header.sliced * sizeof(IndexId) +
                    header.starts * sizeof(PlanCache::Start) + sizeof(uint64_t);
  if (header.magic != magic || header.key != key || bytes.size() != expected ||
      header.steps != network.numTensors() - 1 || !(header.seconds >= 0))
    return std::nullopt;
  std::vector<Step> steps(header.steps);
  for (Step &step : steps)
    step = reader.read<Step>();
  PlanCache::Entry entry;
  entry.seconds = header.seconds;
  for (uint32_t i = 0; i < header.sliced; ++i) {
    IndexId index = reader.read<IndexId>();
    if (index >= network.numIndices() ||
        (!entry.plan.sliced.empty() && index <= entry.plan.sliced.back()))
      return std::nullopt;
    entry.plan.sliced.push_back(index);
  }
  for (uint64_t i = 0; i < header.starts; ++i)
    entry.starts.push_back(reader.read<PlanCache::Start>());
  std::span<const char> checked = bytes.first(bytes.size() - sizeof(uint64_t));
  if (reader.read<uint64_t>() != checksumOf(checked) ||
      ContractionTree::check(network.numTensors(), steps))
    return std::nullopt;
  entry.plan.tree = ContractionTree(network.numTensors(), std::move(steps));
  return entry;
}

bool wasCancelled(const Budget &budget) {
  return (budget.cancel && budget.cancel->load()) ||
         (budget.cancellation && budget.cancellation->wasRequested());
}

/// Whether a search of so many seconds answers who has `wanted`. A twentieth less is as good: what
/// is left of a limit differs from call to call by what a busy machine took to read the network.
bool isLongEnough(double seconds, double wanted) {
  constexpr double share = 0.95, slack = 1e-3;
  return seconds >= share * wanted - slack;
}

/// The plan of a sliced tree, if that keeps the limits of `options`.
std::optional<Plan> usable(const Network &network, const SlicedTree &known,
                           const PlanOptions &options) {
  Plan plan{known.tree, known.sliced,
            evaluateTree(network, known.tree, known.sliced, options.memory)};
  if (options.slicing.largest && plan.cost.largest > *options.slicing.largest)
    return std::nullopt;
  if ((options.slicing.peakBytes && !options.slicing.smallestPeak &&
       plan.cost.peakBytes > *options.slicing.peakBytes) ||
      plan.cost.slices < options.slicing.minSlices || plan.cost.slices > options.slicing.maxSlices)
    return std::nullopt;
  return plan;
}

/// Whether what `known` holds answers the caller, who may start from a tree.
bool isAsGoodAsInitial(const Network &network, const PlanCache::Entry &known,
                       const PlanOptions &options, const CostModel &model, double wanted) {
  // A search that counts steps has the tree in its key.
  if (!options.initial || !options.budget.deadline)
    return true;
  PlanKey hash = startOf(options);
  for (const PlanCache::Start &start : known.starts)
    if (start.hash == hash && isLongEnough(start.seconds, wanted))
      return true;
  if (!options.initialSliced.empty())
    return false;
  // As it is, a path that needs no slices may be better than the plan in those that it has.
  if (!known.plan.sliced.empty()) {
    SlicedTree whole{orderForMemory(network, *options.initial, {}, options.memory), {}};
    if (usable(network, whole, options))
      return !scoreSliced(network, whole.tree, {}, model)
                  .betterThan(scoreSliced(network, known.plan.tree, known.plan.sliced, model));
  }
  std::vector<double> extents = network.log2Extents();
  return !scoreExpected(network, *options.initial, model, extents)
              .betterThan(scoreExpected(network, known.plan.tree, model, extents));
}

/// The starts of an entry after a search of so many seconds from the tree of `options`.
std::vector<PlanCache::Start> addStart(std::vector<PlanCache::Start> starts,
                                       const PlanOptions &options, double seconds) {
  PlanCache::Start start{startOf(options), seconds};
  std::erase_if(starts, [&](const PlanCache::Start &other) {
    if (other.hash != start.hash)
      return false;
    start.seconds = std::max(start.seconds, other.seconds);
    return true;
  });
  starts.push_back(start);
  if (starts.size() > PlanCache::mostStarts)
    starts.erase(starts.begin());
  return starts;
}

/// The options for a canonical network: with its numbers of indices, ascending.
PlanOptions renumbered(PlanOptions options, const Network &network,
                       const CanonicalNetwork &canonical) {
  constexpr IndexId none = std::numeric_limits<IndexId>::max();
  std::vector<IndexId> numberOf(network.numIndices(), none);
  for (IndexId index = 0; index < canonical.original.size(); ++index)
    numberOf[canonical.original[index]] = index;
  for (IndexId &index : options.initialSliced)
    index = numberOf[index];
  std::sort(options.initialSliced.begin(), options.initialSliced.end());
  // What no tensor has is in no slice.
  std::erase(options.initialSliced, none);
  return options;
}

} // namespace

std::optional<PlanCache::Entry> PlanCache::find(const PlanKey &key, const Network &network) const {
  std::optional<std::vector<char>> bytes = files.read(key);
  if (!bytes)
    return std::nullopt;
  std::optional<Entry> entry = parse(*bytes, key, network);
  if (entry)
    files.touch(key);
  return entry;
}

std::optional<std::string> PlanCache::store(const PlanKey &key, const Entry &entry) const {
  auto fail = [](const std::string &why) { return "the plan was not kept: " + why; };
  if (files.getDirectory().empty())
    return fail("no directory for the cache is known; set TENON_CACHE_DIR");
  if (std::optional<std::string> problem = files.write(key, serialize(key, entry)))
    return fail(*problem);
  return std::nullopt;
}

Result<CachedPlan> tenon::planner::planNetworkCached(const Network &network,
                                                     const PlanOptions &given,
                                                     const StrategyRegistry &registry,
                                                     const PlanCache &cache) {
  auto search = [&](const Network &searched, const PlanOptions &options) -> Result<CachedPlan> {
    Result<Plan> plan = planNetwork(searched, options, registry);
    if (!plan)
      return plan.fullError();
    return CachedPlan{std::move(*plan), false, ""};
  };
  Result<std::unique_ptr<CostModel>> model =
      makeCostModel(given.costModel, given.costModelOptions());
  // What is wrong with these is found by the search, whose messages have the caller's numbers.
  if (!model || network.validate() || given.memory.extraBytes ||
      checkInitial(network, given.initial ? &*given.initial : nullptr, given.initialSliced))
    return search(network, given);

  auto start = std::chrono::steady_clock::now();
  // The canonical network is the one that is planned: numbers of indices may decide between equals.
  CanonicalNetwork canonical = canonicalize(network);
  const PlanOptions asked = renumbered(given, network, canonical);
  PlanKey key = keyOf(canonical.network, asked);
  auto restore = [&](CachedPlan result) {
    for (IndexId &index : result.plan.sliced)
      index = canonical.original[index];
    std::sort(result.plan.sliced.begin(), result.plan.sliced.end());
    return result;
  };
  double wanted = 0;
  if (given.budget.deadline)
    wanted = std::chrono::duration<double>(*given.budget.deadline - start).count();

  std::optional<PlanCache::Entry> entry = cache.find(key, canonical.network);
  std::optional<Plan> known;
  if (entry)
    known = usable(canonical.network, entry->plan, given);
  bool isGood = known && isAsGoodAsInitial(canonical.network, *entry, asked, **model, wanted);
  if (isGood && isLongEnough(entry->seconds, wanted))
    return restore({std::move(*known), true, ""});

  PlanOptions options = asked;
  if (isGood) {
    options.initial = known->tree;
    options.initialSliced = known->sliced;
  }
  Result<CachedPlan> found = search(canonical.network, options);
  if (!found)
    return found;
  auto scoreOf = [&](const Plan &plan) {
    return scoreSliced(canonical.network, plan.tree, plan.sliced, **model);
  };
  bool isKept = known && scoreOf(*known).betterThan(scoreOf(found->plan));
  if (isKept)
    found->plan = std::move(*known);
  bool cancelled = wasCancelled(given.budget);
  // A search that counts steps and was stopped would not give the same again.
  if (cancelled && !given.budget.deadline)
    return restore(std::move(*found));
  PlanCache::Entry result{{found->plan.tree, found->plan.sliced}, 0, {}};
  if (given.budget.deadline) {
    if (known)
      result.starts = std::move(entry->starts);
    auto now = std::chrono::steady_clock::now();
    double spent = std::chrono::duration<double>(now - start).count();
    // One that ended before its time would end there again.
    double searched = std::max(spent, cancelled ? 0 : wanted);
    // What was searched before counts if the plan has it behind it, not if it came from elsewhere.
    result.seconds = searched + (isGood || isKept ? entry->seconds : 0);
    // A search that was stopped may not have come to the tree.
    if (given.initial && !cancelled)
      result.starts = addStart(std::move(result.starts), asked, searched);
  }
  if (std::optional<std::string> problem = cache.store(key, result))
    found->warning = *problem;
  return restore(std::move(*found));
}
