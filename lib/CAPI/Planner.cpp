//===- Planner.cpp - C API: paths without IR --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon-c/Planner.h"

#include "Handles.h"

#include "tenon/KernelModel/Blocking.h"
#include "tenon/Planner/GraphPlan.h"
#include "tenon/Planner/MeasuredTimes.h"
#include "tenon/Planner/Path.h"
#include "tenon/Planner/PlanCache.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <limits>
#include <thread>
#include <unistd.h>
#include <unordered_map>

using namespace tenon;
using namespace tenon::planner;

struct tenon_path_plan {
  CachedPlan found;
  double seconds = 0;
  std::vector<int64_t> sliced;
  bool cancelled = false;
};

namespace {

using Clock = std::chrono::steady_clock;

/// The caller's struct, as far as it reaches, over this version's defaults; false if it is shorter
/// than any version's.
template <typename Struct> bool readStruct(const Struct &given, size_t firstSize, Struct &result) {
  if (given.struct_size < firstSize)
    return false;
  std::memcpy(&result, &given, std::min(given.struct_size, sizeof(result)));
  return true;
}

std::optional<Error> readNetwork(const tenon_path_network &given, Network &network) {
  if (given.struct_size < sizeof(tenon_path_network))
    return Error{"tenon_path_network: struct_size is not the size of the struct"};
  struct Count {
    const char *name;
    int64_t count;
    const void *data;
  };
  for (auto [name, count, data] : {Count{"num_tensors", given.num_tensors, given.ranks},
                                   Count{"num_indices", given.num_indices, given.extents},
                                   Count{"num_output", given.num_output, given.output}}) {
    if (count < 0)
      return Error{std::string(name) + " is " + std::to_string(count) + "; expected 0 or more"};
    if (count > 0 && !data)
      return Error{std::string(name) + " is " + std::to_string(count) + ", but there is no array"};
  }
  // Index ids are narrower in the planner; one value is left for "none".
  constexpr int64_t mostIndices = std::numeric_limits<IndexId>::max() - 1;
  if (given.num_indices > mostIndices)
    return Error{"a network has at most " + std::to_string(mostIndices) + " indices, found " +
                 std::to_string(given.num_indices)};
  for (int64_t index = 0; index < given.num_indices; ++index)
    network.addIndex(given.extents[index]);
  const int64_t *next = given.indices;
  std::vector<IndexId> ids;
  auto read = [&](const int64_t *indices, int64_t count) -> std::optional<int64_t> {
    ids.clear();
    for (int64_t i = 0; i < count; ++i) {
      if (indices[i] < 0 || indices[i] >= given.num_indices)
        return indices[i];
      ids.push_back(static_cast<IndexId>(indices[i]));
    }
    return std::nullopt;
  };
  auto unknown = [&](const std::string &who, int64_t index) {
    return Error{who + " has index " + std::to_string(index) + "; expected 0 to " +
                 std::to_string(given.num_indices - 1) + ", as num_indices says"};
  };
  for (int64_t tensor = 0; tensor < given.num_tensors; ++tensor) {
    int64_t rank = given.ranks[tensor];
    if (rank < 0)
      return Error{"tensor " + std::to_string(tensor) + " has the negative rank " +
                   std::to_string(rank)};
    if (rank > 0 && !next)
      return Error{"tensor " + std::to_string(tensor) + " has rank " + std::to_string(rank) +
                   ", but there is no array of indices"};
    if (std::optional<int64_t> index = read(next, rank))
      return unknown("tensor " + std::to_string(tensor), *index);
    network.addTensor(ids);
    // Of a NULL array, too, the end is 0 further on.
    if (rank > 0)
      next += rank;
  }
  if (std::optional<int64_t> index = read(given.output, given.num_output))
    return unknown("the output", *index);
  network.setOutput(ids);
  return std::nullopt;
}

std::optional<Error> checkNumbers(const tenon_path_options &options) {
  struct Number {
    const char *name;
    int64_t value;
  };
  for (auto [name, value] :
       {Number{"restarts", options.restarts}, Number{"threads", options.threads},
        Number{"memory_limit", options.memory_limit},
        Number{"largest_limit", options.largest_limit},
        Number{"element_bytes", options.element_bytes},
        Number{"slice_threads", options.slice_threads},
        Number{"initial_steps", options.initial_steps}, Number{"cache_bytes", options.cache_bytes},
        Number{"num_initial_sliced", options.num_initial_sliced}})
    if (value < 0)
      return Error{std::string("tenon_path_options: ") + name + " is " + std::to_string(value) +
                   "; expected a number above 0, or 0 for the default"};
  if (std::isnan(options.time_limit))
    return Error{"tenon_path_options: time_limit is not a number; expected seconds, or a negative "
                 "number for no limit"};
  if (!(options.alpha >= 0) || std::isinf(options.alpha))
    return Error{"tenon_path_options: alpha is not a finite number of 0 or more"};
  if (!options.initial &&
      (options.keep_initial || options.initial_steps > 0 || options.num_initial_sliced > 0))
    return Error{"tenon_path_options: there is no initial path to start from"};
  if (options.num_initial_sliced > 0 && !options.initial_sliced)
    return Error{"tenon_path_options: num_initial_sliced is " +
                 std::to_string(options.num_initial_sliced) + ", but there is no array"};
  return std::nullopt;
}

Result<ContractionTree> readInitial(const Network &network, const tenon_path_options &options) {
  std::span<const int64_t> numbers(options.initial, options.initial_steps);
  if (options.initial_form == TENON_PATH_EDGE)
    return treeFromEdgePath(network, numbers);
  Path path;
  path.reserve(options.initial_steps);
  const int64_t *next = options.initial;
  for (int64_t step = 0; step < options.initial_steps; ++step) {
    int64_t length = options.initial_lengths ? options.initial_lengths[step] : 2;
    if (length < 0)
      return Error{"step " + std::to_string(step) + " of the path has the negative length " +
                   std::to_string(length)};
    path.emplace_back(next, next + length);
    next += length;
  }
  if (options.initial_form == TENON_PATH_SSA)
    return treeFromSsaPath(network.numTensors(), path);
  if (options.initial_form == TENON_PATH_LINEAR)
    return treeFromLinearPath(network.numTensors(), path);
  return Error{"tenon_path_options: initial_form is " + std::to_string(options.initial_form) +
               ", which is no tenon_path_form"};
}

/// The slices of the initial path; the planner finds what is none of the network's.
Result<std::vector<IndexId>> readInitialSlices(const Network &network,
                                               const tenon_path_options &options) {
  std::vector<IndexId> sliced;
  for (int64_t number = 0; number < options.num_initial_sliced; ++number) {
    int64_t index = options.initial_sliced[number];
    if (index < 0 || index >= static_cast<int64_t>(network.numIndices()))
      return Error{"tenon_path_options: initial_sliced has index " + std::to_string(index) +
                   ", which the network does not have; expected 0 to " +
                   std::to_string(static_cast<int64_t>(network.numIndices()) - 1)};
    sliced.push_back(static_cast<IndexId>(index));
  }
  return sliced;
}

Clock::time_point addSeconds(Clock::time_point start, double seconds) {
  // A century is enough for any search, and fits into the clock's type.
  constexpr double most = 100 * 365.25 * 86400;
  return start + std::chrono::duration_cast<Clock::duration>(
                     std::chrono::duration<double>(std::min(seconds, most)));
}

/// Hands the best so far to the callback: strategies report the best of their own.
class ProgressReporter {
public:
  ProgressReporter(const tenon_path_options &options, bool byOperations, Clock::time_point start)
      : options(options), byOperations(byOperations), start(start) {}

  void report(const Progress &state) {
    double cost = byOperations ? state.best.ops : state.best.cost;
    // What only counts steps says nothing of a tree.
    if (std::isfinite(cost) && cost < best.log2_cost) {
      best.log2_cost = cost;
      best.log2_operations = state.best.ops;
    }
    strategy = state.strategy;
    best.strategy = strategy.c_str();
    best.step = state.step;
    best.steps = state.steps;
    best.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    options.progress(options.progress_data, &best);
  }

private:
  const tenon_path_options options;
  bool byOperations;
  Clock::time_point start;
  std::string strategy;
  tenon_path_progress best = {nullptr,
                              0,
                              0,
                              std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::infinity(),
                              0};
};

/// As tables of times name a type; null for what is none.
const char *timedName(tenon_dtype type, int64_t elementBytes) {
  switch (type) {
  case TENON_F16:
    return "f16";
  case TENON_BF16:
    return "bf16";
  case TENON_F32:
    return "f32";
  case TENON_F64:
    return "f64";
  case TENON_C64:
    return "c64";
  case TENON_C128:
    return "c128";
  case TENON_BOOL:
    return "i1";
  case TENON_I8:
    return "i8";
  case TENON_I16:
    return "i16";
  case TENON_I32:
    return "i32";
  case TENON_I64:
    return "i64";
  }
  if (type == 0)
    return elementBytes == 16 ? "c128" : elementBytes == 8 ? "f64" : "f32";
  return nullptr;
}

Result<MeasuredTimes> readTimes(const tenon_path_options &options) {
  if (!options.time_table)
    return MeasuredTimes::shipped();
  return MeasuredTimes::load(options.time_table);
}

Result<TimeModel> makeTimeModel(const MeasuredTimes &times, const tenon_path_options &options,
                                const MemoryModel &memory, const Network &network) {
  const char *type = timedName(options.element_type, network.elementBytes());
  if (!type)
    return Error{"tenon_path_options: element_type is " + std::to_string(options.element_type) +
                 "; expected a tenon_dtype, or 0"};
  TimeModel::Setting setting{type, network.elementBytes(), memory.threads,
                             static_cast<double>(cpu::kSharedFromOperations),
                             TimeModel::typicalLog2Extent(network)};
  return times.model(setting);
}

enum class Ending { Done, Cancelled, Forked };

/// Runs `work` on a thread of its own while this one asks `cancelled`, which may need to be asked
/// here. Once it was told to stop, `flag` is set. `cancelled` may fork: the thread is not in the
/// child, where `work` has then done an unknown part of what it does, and is never destroyed.
template <typename Work>
Ending runAsking(Work work, int32_t (*cancelled)(void *), void *data, std::atomic<bool> &flag) {
  struct Run {
    explicit Run(Work work) : work(std::move(work)) {}
    Work work;
    std::mutex mutex;
    std::condition_variable finished;
    bool done = false;
    std::thread worker;
  };
  auto run = std::make_unique<Run>(std::move(work));
  const pid_t process = getpid();
  run->worker = std::thread([&run = *run] {
    run.work();
    std::lock_guard lock(run.mutex);
    run.done = true;
    run.finished.notify_one();
  });
  std::unique_lock lock(run->mutex);
  while (!run->finished.wait_for(lock, Cancellation::period, [&] { return run->done; })) {
    lock.unlock();
    if (cancelled(data))
      flag.store(true, std::memory_order_relaxed);
    if (getpid() != process) {
      // The id of the thread may be another's by now, and it may have held the mutex.
      run.release();
      return Ending::Forked;
    }
    lock.lock();
  }
  lock.unlock();
  run->worker.join();
  return flag ? Ending::Cancelled : Ending::Done;
}

/// What all searches have, and read while they run.
struct SearchState {
  PlanOptions plan;
  std::optional<ProgressReporter> reporter;
  std::atomic<bool> stop = false;

  /// Reads what is said of the search but for networks and initial paths.
  std::optional<Error> read(const tenon_path_options &options, Clock::time_point start);
};

/// A search and all that it reads and writes.
struct Search : SearchState {
  Network network;
  std::optional<ContractionTree> initial;
  bool keepsInitial = false;
  std::optional<PlanCache> cache;
  std::optional<Result<CachedPlan>> found;

  void run() {
    if (!keepsInitial)
      plan.initial = std::move(initial);
    if (cache && !keepsInitial) {
      found = planNetworkCached(network, plan, StrategyRegistry(), *cache);
      return;
    }
    Result<Plan> made = keepsInitial ? planTree(network, *initial, plan, /*reshape=*/false)
                                     : planNetwork(network, plan, StrategyRegistry());
    if (made)
      found = CachedPlan{std::move(*made), false, ""};
    else
      found = made.fullError();
  }
};

/// The same for several networks.
struct JointSearch : SearchState {
  NetworkGraph graph;
  std::vector<TimeModel> times; ///< by network
  std::optional<Result<GraphPlan>> found;

  void run() { found = planGraph(graph, plan, StrategyRegistry()); }
};

std::optional<Error> SearchState::read(const tenon_path_options &options, Clock::time_point start) {
  if (std::optional<Error> problem = checkNumbers(options))
    return problem;
  if (options.strategy)
    plan.strategy = options.strategy;
  if (options.minimize)
    plan.costModel = options.minimize;
  if (options.alpha > 0)
    plan.alpha = options.alpha;
  if (options.restarts > 0)
    plan.budget.restarts = static_cast<uint64_t>(options.restarts);
  plan.budget.seed = plan.slicing.seed = options.seed;
  plan.budget.threads =
      static_cast<unsigned>(options.threads ? options.threads : capi::defaultThreads());
  if (options.time_limit >= 0)
    plan.budget.deadline = addSeconds(start, options.time_limit);
  // As tenon-plan-arena places buffers.
  plan.memory.alignment = 64;
  plan.memory.threads = static_cast<unsigned>(std::max(options.slice_threads, 1));
  if (options.memory_limit > 0)
    plan.slicing.peakBytes = static_cast<double>(options.memory_limit);
  if (options.largest_limit > 0)
    plan.slicing.largest = static_cast<double>(options.largest_limit);
  if (options.progress) {
    reporter.emplace(options, plan.costModel == FlopsModel().name(), start);
    plan.budget.progress = [this](const Progress &state) { reporter->report(state); };
  }
  plan.budget.cancel = &stop;
  return std::nullopt;
}

/// Runs a search; an error where that was in a process that forked it away. `cancelled`: whether
/// the caller ended it.
template <typename Kind>
std::optional<Error> runSearch(const std::shared_ptr<Kind> &search,
                               const tenon_path_options &options, bool &cancelled) {
  Ending ending = Ending::Done;
  if (options.cancelled)
    ending = runAsking([search] { search->run(); }, options.cancelled, options.cancelled_data,
                       search->stop);
  else
    search->run();
  if (ending == Ending::Forked)
    return Error{"the process was forked while it searched; the search goes on in the parent only: "
                 "plan again"};
  cancelled = ending == Ending::Cancelled;
  return std::nullopt;
}

/// The network of `given`, valid.
Result<Network> makeNetwork(const tenon_path_network &given, const tenon_path_options &options) {
  Network network(options.element_bytes ? options.element_bytes : 4);
  if (std::optional<Error> problem = readNetwork(given, network))
    return std::move(*problem);
  if (options.densities)
    for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor)
      network.setDensity(tensor, options.densities[tensor]);
  if (std::optional<std::string> problem = network.validate())
    return Error{*problem};
  return network;
}

Result<std::unique_ptr<tenon_path_plan>>
makePlan(const tenon_path_network &given, const tenon_path_options &options, bool &cancelled) {
  Clock::time_point start = Clock::now();
  auto search = std::make_shared<Search>();
  if (std::optional<Error> problem = search->read(options, start))
    return std::move(*problem);
  // Reading a path relies on a valid network.
  Result<Network> read = makeNetwork(given, options);
  if (!read)
    return read.fullError();
  search->network = std::move(*read);
  const Network &network = search->network;
  PlanOptions &plan = search->plan;
  Result<MeasuredTimes> times = readTimes(options);
  if (!times)
    return times.fullError();
  Result<TimeModel> time = makeTimeModel(*times, options, plan.memory, network);
  if (!time)
    return time.fullError();
  plan.time = *time;
  if (options.initial) {
    Result<ContractionTree> tree = readInitial(network, options);
    if (!tree)
      return tree.fullError();
    search->initial = std::move(*tree);
    Result<std::vector<IndexId>> sliced = readInitialSlices(network, options);
    if (!sliced)
      return sliced.fullError();
    plan.initialSliced = std::move(*sliced);
  }
  search->keepsInitial = options.keep_initial;
  if (options.cache_directory)
    search->cache.emplace(*options.cache_directory ? options.cache_directory
                                                   : PlanCache::defaultDirectory(),
                          static_cast<uint64_t>(options.cache_bytes));
  if (std::optional<Error> forked = runSearch(search, options, cancelled))
    return std::move(*forked);
  Result<CachedPlan> &found = *search->found;
  if (!found)
    return found.fullError();
  auto result = std::make_unique<tenon_path_plan>();
  result->found = std::move(*found);
  const Plan &planned = result->found.plan;
  result->seconds = time->predict(network, planned.tree, planned.sliced, planned.cost.peakBytes);
  const std::vector<IndexId> &sliced = planned.sliced;
  result->sliced.assign(sliced.begin(), sliced.end());
  result->cancelled = cancelled;
  return result;
}

/// Several networks, as callers state them.
struct Networks {
  const tenon_path_network *const *networks;
  const int64_t *const *tensors;
  int64_t count;
};

/// What is wrong with a network says of which.
Error ofNetwork(Error error, int64_t number) {
  error.message = "network " + std::to_string(number) + ": " + error.message;
  return error;
}

std::optional<Error> readGraph(const Networks &given, const tenon_path_options &options,
                               JointSearch &search) {
  if (given.count < 1)
    return Error{"found " + std::to_string(given.count) + " networks, expected at least one"};
  if (!given.networks || !given.tensors)
    return Error{"found no array of networks or of tensor numbers"};
  if (options.initial || options.densities || options.cache_directory)
    return Error{"tenon_path_options: several networks have no initial path, no densities and no "
                 "cache"};
  Result<MeasuredTimes> times = readTimes(options);
  if (!times)
    return times.fullError();
  std::unordered_map<int64_t, ValueId> values;
  for (int64_t number = 0; number < given.count; ++number) {
    if (!given.networks[number] || !given.tensors[number])
      return ofNetwork(Error{"found no network, or no tensor numbers"}, number);
    Result<Network> network = makeNetwork(*given.networks[number], options);
    if (!network)
      return ofNetwork(network.fullError(), number);
    Result<TimeModel> time = makeTimeModel(*times, options, search.plan.memory, *network);
    if (!time)
      return time.fullError();
    if (number == 0)
      search.plan.time = *time;
    search.times.push_back(std::move(*time));
    GraphNetwork part{std::move(*network), {}};
    for (NodeId tensor = 0; tensor < part.network.numTensors(); ++tensor) {
      int64_t value = given.tensors[number][tensor];
      if (value < 0)
        return ofNetwork(Error{"tensor " + std::to_string(tensor) + " has the number " +
                               std::to_string(value) + ", expected 0 or more"},
                         number);
      part.values.push_back(values.try_emplace(value, values.size()).first->second);
    }
    part.memory = search.plan.memory;
    search.graph.networks.push_back(std::move(part));
  }
  return std::nullopt;
}

/// The plans of several networks, and what they cost together.
struct JointPlans {
  std::vector<std::unique_ptr<tenon_path_plan>> plans;
  tenon_joint_cost cost = {};
};

Result<JointPlans> makePlans(const Networks &given, const tenon_path_options &options,
                             bool &cancelled) {
  Clock::time_point start = Clock::now();
  auto search = std::make_shared<JointSearch>();
  if (std::optional<Error> problem = search->read(options, start))
    return std::move(*problem);
  if (std::optional<Error> problem = readGraph(given, options, *search))
    return std::move(*problem);
  // What is wrong with these is no fault of a network.
  if (Result<const Strategy *> strategy = StrategyRegistry().find(search->plan.strategy); !strategy)
    return strategy.fullError();
  if (Result<std::unique_ptr<CostModel>> model =
          makeCostModel(search->plan.costModel, search->plan.costModelOptions());
      !model)
    return model.fullError();
  if (std::optional<Error> forked = runSearch(search, options, cancelled))
    return std::move(*forked);
  Result<GraphPlan> &found = *search->found;
  if (!found)
    return ofNetwork(found.fullError(), static_cast<int64_t>(found.fullError().network));
  const GraphCost &counted = found->cost;
  JointPlans result;
  result.cost = {sizeof(tenon_joint_cost),
                 counted.ops,
                 counted.log2Ops,
                 counted.unsharedOps,
                 counted.log2UnsharedOps,
                 counted.largest,
                 counted.writes,
                 counted.peakBytes,
                 counted.slices,
                 static_cast<int64_t>(counted.steps),
                 static_cast<int64_t>(counted.sharedSteps),
                 0};
  for (size_t number = 0; number < found->networks.size(); ++number) {
    PlannedNetwork &planned = found->networks[number];
    Plan &plan = planned.plan;
    const Network &network = search->graph.networks[number].network;
    const TimeModel &time = search->times[number];
    result.cost.seconds +=
        time.predict(network, plan.tree, plan.sliced, plan.cost.peakBytes, planned.isComputed);
    auto own = std::make_unique<tenon_path_plan>();
    own->seconds = time.predict(network, plan.tree, plan.sliced, plan.cost.peakBytes);
    own->sliced.assign(plan.sliced.begin(), plan.sliced.end());
    own->cancelled = cancelled;
    own->found = CachedPlan{std::move(plan), false, ""};
    result.plans.push_back(std::move(own));
  }
  return result;
}

/// The caller's options; nothing, with an error, where these are no such struct.
std::optional<tenon_path_options> readOptions(const tenon_path_options *given, char **error) {
  constexpr size_t firstSize = offsetof(tenon_path_options, densities);
  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;
  if (given && !readStruct(*given, firstSize, options)) {
    capi::setError(error, "tenon_path_options: struct_size is not the size of the struct");
    return std::nullopt;
  }
  if (options.failure && options.failure->struct_size < sizeof(tenon_compile_failure)) {
    capi::setError(error, "tenon_compile_failure: struct_size is not the size of the struct");
    return std::nullopt;
  }
  return options;
}

/// Says why there is no plan.
tenon_status reportFailure(const Error &problem, bool cancelled, const tenon_path_options &options,
                           char **error) {
  double smallest = std::ceil(problem.smallestPeak);
  bool isLimit = smallest > 0;
  tenon_status status = cancelled ? TENON_CANCELLED
                        : isLimit ? TENON_MEMORY_LIMIT
                                  : TENON_INVALID_ARGUMENT;
  if (options.failure) {
    options.failure->status = status;
    options.failure->smallest_memory_limit =
        isLimit && smallest < 0x1p63 ? static_cast<int64_t>(smallest) : 0;
  }
  capi::setError(error, problem.message);
  return status;
}

} // namespace

tenon_path_plan *tenon_path_plan_create(const tenon_path_network *network,
                                        const tenon_path_options *given, char **error) {
  std::optional<tenon_path_options> options = readOptions(given, error);
  if (!options)
    return nullptr;
  bool cancelled = false;
  Result<std::unique_ptr<tenon_path_plan>> plan = makePlan(*network, *options, cancelled);
  if (plan)
    return plan->release();
  reportFailure(plan.fullError(), cancelled, *options, error);
  return nullptr;
}

tenon_status tenon_path_plans_create(const tenon_path_network *const *networks,
                                     const int64_t *const *tensors, int64_t count,
                                     const tenon_path_options *given, tenon_path_plan **plans,
                                     tenon_joint_cost *cost, char **error) {
  std::optional<tenon_path_options> options = readOptions(given, error);
  if (!options)
    return TENON_INVALID_ARGUMENT;
  constexpr size_t firstSize = offsetof(tenon_joint_cost, seconds) + sizeof(double);
  if (!plans || (cost && cost->struct_size < firstSize)) {
    capi::setError(error, "found no array for the plans, or a tenon_joint_cost whose struct_size "
                          "is not the size of the struct");
    return TENON_INVALID_ARGUMENT;
  }
  bool cancelled = false;
  Result<JointPlans> made = makePlans({networks, tensors, count}, *options, cancelled);
  if (!made)
    return reportFailure(made.fullError(), cancelled, *options, error);
  for (std::unique_ptr<tenon_path_plan> &plan : made->plans)
    *plans++ = plan.release();
  if (cost) {
    made->cost.struct_size = cost->struct_size;
    std::memcpy(cost, &made->cost, std::min(cost->struct_size, sizeof(tenon_joint_cost)));
  }
  return TENON_OK;
}

void tenon_path_plan_destroy(tenon_path_plan *plan) { delete plan; }

int64_t tenon_path_plan_num_steps(const tenon_path_plan *plan) {
  return static_cast<int64_t>(plan->found.plan.tree.numSteps());
}

tenon_status tenon_path_plan_steps(const tenon_path_plan *plan, tenon_path_form form,
                                   int64_t *pairs) {
  if (form != TENON_PATH_SSA && form != TENON_PATH_LINEAR)
    return TENON_INVALID_ARGUMENT;
  const ContractionTree &tree = plan->found.plan.tree;
  for (const std::vector<int64_t> &step :
       form == TENON_PATH_SSA ? toSsaPath(tree) : toLinearPath(tree))
    pairs = std::copy(step.begin(), step.end(), pairs);
  return TENON_OK;
}

int64_t tenon_path_plan_edge_path(const tenon_path_plan *plan, const tenon_path_network *given,
                                  int64_t *indices) {
  const ContractionTree &tree = plan->found.plan.tree;
  Network network(1);
  if (readNetwork(*given, network) || network.validate() ||
      network.numTensors() != tree.numLeaves())
    return -1;
  std::vector<IndexId> path = toEdgePath(network, tree);
  if (indices)
    std::copy(path.begin(), path.end(), indices);
  return static_cast<int64_t>(path.size());
}

int64_t tenon_path_plan_num_sliced(const tenon_path_plan *plan) {
  return static_cast<int64_t>(plan->sliced.size());
}

const int64_t *tenon_path_plan_sliced(const tenon_path_plan *plan) { return plan->sliced.data(); }

int32_t tenon_path_plan_was_cancelled(const tenon_path_plan *plan) { return plan->cancelled; }

const char *tenon_path_plan_warning(const tenon_path_plan *plan) {
  return plan->found.warning.c_str();
}

int32_t tenon_path_plan_was_cached(const tenon_path_plan *plan) { return plan->found.wasKnown; }

tenon_status tenon_path_plan_cost(const tenon_path_plan *plan, tenon_path_cost *cost) {
  if (cost->struct_size < offsetof(tenon_path_cost, expected_operations))
    return TENON_INVALID_ARGUMENT;
  const TreeCost &counted = plan->found.plan.cost;
  tenon_path_cost all = {
      cost->struct_size,   counted.ops,         counted.log2Ops,         counted.largest,
      counted.log2Largest, counted.writes,      counted.log2Writes,      counted.peakBytes,
      counted.slices,      counted.expectedOps, counted.log2ExpectedOps, plan->seconds};
  std::memcpy(cost, &all, std::min(cost->struct_size, sizeof(all)));
  return TENON_OK;
}
