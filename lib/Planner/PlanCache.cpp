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
#include "tenon/Planner/Density.h"
#include "tenon/Planner/Random.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <unistd.h>

using namespace tenon::planner;
namespace fs = std::filesystem;

namespace {

/// Changes whenever the format does, or what strategies find: old files are then not found.
constexpr uint64_t formatVersion = 2;
constexpr uint64_t magic = 0x314e414c504e5421; // "!TNPLAN1", and tells the byte order

/// Two hashes of 64 bits, started apart.
class Hasher {
public:
  void add(uint64_t word) {
    state[0] = mixBits(state[0] ^ word);
    state[1] = mixBits(state[1] + mixBits(word ^ 0xa0761d6478bd642f));
  }
  void add(double number) { add(std::bit_cast<uint64_t>(number)); }
  void add(std::string_view text) {
    add(uint64_t{text.size()});
    for (unsigned char letter : text)
      add(uint64_t{letter});
  }
  void add(std::span<const IndexId> list) {
    add(uint64_t{list.size()});
    for (IndexId index : list)
      add(uint64_t{index});
  }
  PlanKey key() const { return {state[0], state[1]}; }

private:
  std::array<uint64_t, 2> state = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b};
};

void addNetwork(Hasher &hasher, const Network &network) {
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

void addSteps(Hasher &hasher, const ContractionTree &tree) {
  for (const Step &step : tree.steps()) {
    hasher.add(uint64_t{step.lhs});
    hasher.add(uint64_t{step.rhs});
  }
}

PlanKey keyOf(const Network &canonical, const PlanOptions &options) {
  Hasher hasher;
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
  }
  addNetwork(hasher, canonical);
  return hasher.key();
}

PlanKey startOf(const ContractionTree &initial) {
  Hasher hasher;
  addSteps(hasher, initial);
  return hasher.key();
}

uint64_t checksumOf(std::span<const char> bytes) {
  uint64_t sum = bytes.size();
  for (size_t i = 0; i < bytes.size(); i += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min(sizeof(word), bytes.size() - i));
    sum = mixBits(sum ^ word);
  }
  return sum;
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
  for (const PlanKey &start : entry.starts)
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
                    header.starts * sizeof(PlanKey) + sizeof(uint64_t);
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
    entry.starts.push_back(reader.read<PlanKey>());
  std::span<const char> checked = bytes.first(bytes.size() - sizeof(uint64_t));
  if (reader.read<uint64_t>() != checksumOf(checked) ||
      ContractionTree::check(network.numTensors(), steps))
    return std::nullopt;
  entry.plan.tree = ContractionTree(network.numTensors(), std::move(steps));
  return entry;
}

std::optional<std::vector<char>> readFile(const std::string &path, size_t maxBytes) {
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return std::nullopt;
  std::vector<char> bytes;
  constexpr size_t chunk = 1 << 16;
  size_t got;
  do {
    size_t before = bytes.size();
    bytes.resize(before + chunk);
    got = std::fread(bytes.data() + before, 1, chunk, file);
    bytes.resize(before + got);
  } while (got == chunk && bytes.size() <= maxBytes);
  bool failed = std::ferror(file);
  std::fclose(file);
  if (failed || bytes.size() > maxBytes)
    return std::nullopt;
  return bytes;
}

/// 0, or the errno of what failed.
int writeFile(const std::string &path, std::span<const char> bytes) {
  std::FILE *file = std::fopen(path.c_str(), "wb");
  if (!file)
    return errno;
  bool whole = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  int problem = whole ? 0 : errno;
  if (std::fclose(file) != 0 && !problem)
    problem = errno;
  return problem;
}

constexpr std::string_view extension = ".plan", temporaryExtension = ".tmp";

/// A name that no other process or thread has.
std::string temporaryName() {
  static std::atomic<uint64_t> counter = 0;
  uint64_t now = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  uint64_t number = mixBits(mixBits(static_cast<uint64_t>(getpid()) ^ mixBits(now)) + counter++);
  char name[32];
  std::snprintf(name, sizeof(name), "%016llx", static_cast<unsigned long long>(number));
  return name + std::string(temporaryExtension);
}

bool wasCancelled(const Budget &budget) {
  return (budget.cancel && budget.cancel->load()) ||
         (budget.cancellation && budget.cancellation->wasRequested());
}

/// Whether what `known` holds answers the caller, who may start from a tree.
bool isAsGoodAsInitial(const Network &network, const PlanCache::Entry &known,
                       const PlanOptions &options, const CostModel &model) {
  // A search that counts steps has the tree in its key.
  if (!options.initial || !options.budget.deadline)
    return true;
  PlanKey start = startOf(*options.initial);
  if (std::find(known.starts.begin(), known.starts.end(), start) != known.starts.end())
    return true;
  std::vector<double> extents = network.log2Extents();
  return !scoreExpected(network, *options.initial, model, extents)
              .betterThan(scoreExpected(network, known.plan.tree, model, extents));
}

/// The starts of an entry after a search from `initial`.
std::vector<PlanKey> addStart(std::vector<PlanKey> starts, const ContractionTree &initial) {
  PlanKey start = startOf(initial);
  std::erase(starts, start);
  starts.push_back(start);
  if (starts.size() > PlanCache::mostStarts)
    starts.erase(starts.begin());
  return starts;
}

/// The plan of an entry, if that keeps the limits of `options`.
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

} // namespace

std::string PlanCache::defaultDirectory() {
  auto get = [](const char *name) {
    const char *value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (std::string own = get("TENON_CACHE_DIR"); !own.empty())
    return own;
  if (std::string caches = get("XDG_CACHE_HOME"); !caches.empty())
    return caches + "/tenon/plans";
  if (std::string home = get("HOME"); !home.empty())
    return home + "/.cache/tenon/plans";
  return "";
}

std::string PlanCache::pathOf(const PlanKey &key) const {
  char name[40];
  std::snprintf(name, sizeof(name), "%016llx%016llx", static_cast<unsigned long long>(key[0]),
                static_cast<unsigned long long>(key[1]));
  return directory + "/" + name + std::string(extension);
}

std::optional<PlanCache::Entry> PlanCache::find(const PlanKey &key, const Network &network) const {
  std::string path = pathOf(key);
  std::optional<std::vector<char>> bytes = readFile(path, maxBytes);
  if (!bytes)
    return std::nullopt;
  std::optional<Entry> entry = parse(*bytes, key, network);
  // The time of a file is the time of its last use.
  std::error_code ignored;
  if (entry)
    fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
  return entry;
}

std::optional<std::string> PlanCache::store(const PlanKey &key, const Entry &entry) const {
  auto fail = [&](const std::string &why) {
    return "the plan was not kept: the cache '" + directory + "' cannot be written: " + why +
           "; name another directory, or use no cache";
  };
  if (directory.empty())
    return "the plan was not kept: no directory for the cache is known; set TENON_CACHE_DIR";
  std::vector<char> bytes = serialize(key, entry);
  if (bytes.size() > maxBytes)
    return std::nullopt;
  std::error_code problem;
  fs::create_directories(directory, problem);
  if (problem)
    return fail(problem.message());
  std::string temporary = directory + "/" + temporaryName();
  if (int code = writeFile(temporary, bytes)) {
    fs::remove(temporary, problem);
    return fail(std::generic_category().message(code));
  }
  fs::rename(temporary, pathOf(key), problem);
  if (problem) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return fail(problem.message());
  }
  removeOldest();
  return std::nullopt;
}

void PlanCache::removeOldest() const {
  struct File {
    fs::file_time_type used;
    uint64_t bytes;
    fs::path path;
  };
  std::vector<File> files;
  uint64_t total = 0;
  std::error_code problem;
  fs::file_time_type now = fs::file_time_type::clock::now();
  // Other processes may remove files meanwhile: what is gone is passed over.
  for (fs::directory_iterator it(directory, problem), end; !problem && it != end;
       it.increment(problem)) {
    std::error_code gone;
    File file{it->last_write_time(gone), it->file_size(gone), it->path()};
    if (gone)
      continue;
    // What a process left that was stopped while it wrote.
    if (file.path.extension() == temporaryExtension && now - file.used > std::chrono::hours(1))
      fs::remove(file.path, gone);
    if (file.path.extension() != extension)
      continue;
    total += file.bytes;
    files.push_back(std::move(file));
  }
  if (total <= maxBytes)
    return;
  std::sort(files.begin(), files.end(),
            [](const File &a, const File &b) { return a.used < b.used; });
  for (const File &file : files) {
    if (total <= maxBytes)
      return;
    std::error_code gone;
    fs::remove(file.path, gone);
    total -= file.bytes;
  }
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
      (given.initial && given.initial->numLeaves() != network.numTensors()))
    return search(network, given);

  auto start = std::chrono::steady_clock::now();
  // The canonical network is the one that is planned: numbers of indices may decide between equals.
  CanonicalNetwork canonical = canonicalize(network);
  PlanKey key = keyOf(canonical.network, given);
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
  // A millisecond less is as good.
  constexpr double slack = 1e-3;
  bool isGood = known && isAsGoodAsInitial(canonical.network, *entry, given, **model);
  if (isGood && entry->seconds >= wanted - slack)
    return restore({std::move(*known), true, ""});

  PlanOptions options = given;
  if (isGood)
    options.initial = known->tree;
  Result<CachedPlan> found = search(canonical.network, options);
  if (!found)
    return found;
  auto scoreOf = [&](const Plan &plan) {
    return scoreSliced(canonical.network, plan.tree, plan.sliced, **model);
  };
  if (known && scoreOf(*known).betterThan(scoreOf(found->plan)))
    found->plan = std::move(*known);
  bool cancelled = wasCancelled(given.budget);
  // A search that counts steps and was stopped would not give the same again.
  if (cancelled && !given.budget.deadline)
    return restore(std::move(*found));
  PlanCache::Entry result{{found->plan.tree, found->plan.sliced}, 0, {}};
  if (given.budget.deadline) {
    if (known)
      result.starts = std::move(entry->starts);
    if (given.initial)
      result.starts = addStart(std::move(result.starts), *given.initial);
    auto now = std::chrono::steady_clock::now();
    double spent = std::chrono::duration<double>(now - start).count();
    // One that ended before its time would end there again.
    result.seconds = std::max(spent, cancelled ? 0 : wanted) + (known ? entry->seconds : 0);
  }
  if (std::optional<std::string> problem = cache.store(key, result))
    found->warning = *problem;
  return restore(std::move(*found));
}
