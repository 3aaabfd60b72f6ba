//===- BindPlanner.cpp - The planner in Python ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Buffers.h"
#include "Errors.h"
#include "Handles.h"

#include "tenon-c/Planner.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <unistd.h>
#include <vector>

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

namespace {

using Clock = std::chrono::steady_clock;

/// A plan, and whether Ctrl-C ended its search.
struct PathPlan {
  Handle<tenon_path_plan, tenon_path_plan_destroy> handle;
  bool interrupted;
};

/// Numbers in an array of int64.
class Numbers {
public:
  explicit Numbers(nb::handle object) : buffer(object, TENON_I64, /*writable=*/false) {
    const tenon_tensor &tensor = buffer.tensor();
    if (tensor.rank != 1 || (tensor.extents[0] > 1 && tensor.strides[0] != 1))
      throw nb::value_error("expected a contiguous array of one dimension");
  }
  const int64_t *data() const { return static_cast<const int64_t *>(buffer.tensor().data); }
  int64_t size() const { return buffer.tensor().extents[0]; }

private:
  Buffer buffer;
};

/// What a search calls back: the user's progress function, and the question whether to stop.
///
/// The first Ctrl-C stops the search and is forgotten: its plan is the best so far. Any other
/// exception, of a signal handler or the progress function, stops it and is raised at the end.
class Callbacks {
public:
  explicit Callbacks(nb::object progress) : progress(std::move(progress)) {}

  bool wantsProgress() const { return !progress.is_none(); }
  bool wasInterrupted() const { return interrupted; }

  /// Needs no GIL. Called by the threads that search.
  void report(const tenon_path_progress &state) {
    // To wait for the GIL takes milliseconds where another thread is busy.
    constexpr std::chrono::milliseconds period(50);
    Clock::time_point now = Clock::now();
    if (stop || (reported && now < *reported + period))
      return;
    nb::gil_scoped_acquire acquired;
    try {
      progress(state.strategy, state.step, state.steps, state.log2_cost, state.log2_operations,
               state.seconds);
    } catch (nb::python_error &error) {
      keep(error);
    }
    // A fork has one thread, this one: there is nobody to take the search's result.
    if (getpid() != process) {
      std::fputs("tenon: error: a process that was forked in a progress function returned from it, "
                 "which only its parent can; end it with os._exit\n",
                 stderr);
      _exit(1);
    }
    reported = Clock::now();
  }

  /// Needs no GIL. Called by the thread that asked for the plan.
  bool isStopped() {
    nb::gil_scoped_acquire acquired;
    if (PyErr_CheckSignals()) {
      if (!interrupted && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        PyErr_Clear();
        interrupted = true;
        stop = true;
      } else {
        nb::python_error error;
        keep(error);
      }
    }
    return stop;
  }

  /// Raises what was kept. Needs the GIL.
  void rethrow() {
    if (kept)
      throw nb::python_error(std::move(*kept));
  }

private:
  /// The first exception is the one that counts.
  void keep(nb::python_error &error) {
    if (!kept)
      kept.emplace(std::move(error));
    stop = true;
  }

  nb::object progress;
  const pid_t process = getpid();
  /// Guarded by the search, which reports from one thread at a time.
  std::optional<Clock::time_point> reported;
  /// Guarded by the GIL.
  std::optional<nb::python_error> kept;
  bool interrupted = false;
  std::atomic<bool> stop = false;
};

/// A network of arrays of int64.
class NetworkArgument {
public:
  NetworkArgument(nb::handle ranks, nb::handle indices, nb::handle extents, nb::handle output)
      : ranks(ranks), indices(indices), extents(extents), output(output) {
    network = {sizeof(network),      this->ranks.size(),   this->ranks.data(),
               this->indices.data(), this->extents.size(), this->extents.data(),
               this->output.size(),  this->output.data()};
    int64_t needed = 0;
    for (int64_t tensor = 0; tensor < network.num_tensors; ++tensor)
      needed += network.ranks[tensor];
    if (needed != this->indices.size())
      throw nb::value_error("there are not as many indices as the ranks say");
  }
  const tenon_path_network &get() const { return network; }

private:
  Numbers ranks, indices, extents, output;
  tenon_path_network network;
};

/// What every search is told: members of tenon_path_options, from `time_limit` to `element_type`.
using SearchLimits =
    std::tuple<double, std::string, std::string, double, int64_t, uint64_t, int32_t, int64_t,
               int64_t, int64_t, int32_t, std::optional<std::string>, int>;

/// A search that Python's signals and a progress function may stop, and what it says when it fails.
class PathSearch {
public:
  PathSearch(SearchLimits given, nb::object progress)
      : limits(std::move(given)), callbacks(std::move(progress)) {
    const auto &[timeLimit, strategy, minimize, alpha, restarts, seed, threads, memoryLimit,
                 largestLimit, elementBytes, sliceThreads, timeTable, elementType] = limits;
    options.time_limit = timeLimit;
    options.strategy = strategy.c_str();
    options.minimize = minimize.c_str();
    options.alpha = alpha;
    options.restarts = restarts;
    options.seed = seed;
    options.threads = threads;
    options.memory_limit = memoryLimit;
    options.largest_limit = largestLimit;
    options.element_bytes = elementBytes;
    options.slice_threads = sliceThreads;
    options.time_table = timeTable ? timeTable->c_str() : nullptr;
    options.element_type = static_cast<tenon_dtype>(elementType);
    options.cancelled = [](void *data) -> int32_t {
      return static_cast<Callbacks *>(data)->isStopped();
    };
    options.cancelled_data = &callbacks;
    options.failure = &failure;
    if (!callbacks.wantsProgress())
      return;
    options.progress = [](void *data, const tenon_path_progress *state) {
      static_cast<Callbacks *>(data)->report(*state);
    };
    options.progress_data = &callbacks;
  }
  PathSearch(const PathSearch &) = delete;
  PathSearch &operator=(const PathSearch &) = delete;

  /// Runs `plan(options, error)`, which says whether it found something, without the GIL.
  template <typename Plan> bool run(Plan plan) {
    nb::gil_scoped_release released;
    return plan(&options, &error);
  }
  /// Throws what fits where something was raised or nothing `found`. What was found is the
  /// caller's.
  void finish(bool found) {
    try {
      callbacks.rethrow();
    } catch (...) {
      tenon_free(error);
      throw;
    }
    if (found)
      return;
    if (callbacks.wasInterrupted()) {
      tenon_free(error);
      PyErr_SetNone(PyExc_KeyboardInterrupt);
      throw nb::python_error();
    }
    throwPlanError(error, failure.status, failure.smallest_memory_limit);
  }
  std::unique_ptr<PathPlan> own(tenon_path_plan *plan) const {
    return std::unique_ptr<PathPlan>(new PathPlan{
        Handle<tenon_path_plan, tenon_path_plan_destroy>(plan), callbacks.wasInterrupted()});
  }

  tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;

private:
  const SearchLimits limits; ///< whose texts the options name
  Callbacks callbacks;
  tenon_compile_failure failure = {sizeof(tenon_compile_failure), TENON_OK, 0};
  char *error = nullptr;
};

std::unique_ptr<PathPlan> planPath(nb::object ranks, nb::object indices, nb::object extents,
                                   nb::object output, SearchLimits limits, nb::object initial,
                                   nb::object initialLengths, int initialForm,
                                   nb::object initialSliced, bool keepInitial,
                                   const std::optional<std::string> &cacheDirectory,
                                   int64_t cacheBytes, nb::object progress, nb::object densities) {
  NetworkArgument network(ranks, indices, extents, output);
  PathSearch search(std::move(limits), std::move(progress));
  tenon_path_options &options = search.options;
  std::optional<Buffer> shares;
  if (!densities.is_none()) {
    shares.emplace(densities, TENON_F64, /*writable=*/false);
    if (shares->tensor().rank != 1 || shares->tensor().extents[0] != network.get().num_tensors)
      throw nb::value_error("there are not as many densities as tensors");
    options.densities = static_cast<const double *>(shares->tensor().data);
  }
  std::optional<Numbers> steps, lengths, sliced;
  if (!initial.is_none()) {
    // An array without an element may have no address.
    static const int64_t nothing = 0;
    steps.emplace(initial);
    options.initial = steps->size() ? steps->data() : &nothing;
    options.initial_form = static_cast<tenon_path_form>(initialForm);
    options.initial_steps = steps->size();
    options.keep_initial = keepInitial;
  }
  if (!initialLengths.is_none()) {
    lengths.emplace(initialLengths);
    options.initial_lengths = lengths->size() ? lengths->data() : nullptr;
    options.initial_steps = lengths->size();
  }
  if (!initialSliced.is_none()) {
    sliced.emplace(initialSliced);
    options.initial_sliced = sliced->data();
    options.num_initial_sliced = sliced->size();
  }
  options.cache_directory = cacheDirectory ? cacheDirectory->c_str() : nullptr;
  options.cache_bytes = cacheBytes;
  tenon_path_plan *plan = nullptr;
  search.run([&](const tenon_path_options *read, char **error) {
    plan = tenon_path_plan_create(&network.get(), read, error);
    return plan != nullptr;
  });
  std::unique_ptr<PathPlan> result = plan ? search.own(plan) : nullptr;
  search.finish(plan != nullptr);
  return result;
}

nb::dict jointCost(const tenon_joint_cost &cost) {
  nb::dict result;
  result["operations"] = cost.operations;
  result["log2_operations"] = cost.log2_operations;
  result["operations_unshared"] = cost.operations_unshared;
  result["log2_operations_unshared"] = cost.log2_operations_unshared;
  result["largest"] = cost.largest;
  result["writes"] = cost.writes;
  result["peak_bytes"] = cost.peak_bytes;
  result["slices"] = cost.slices;
  result["steps"] = cost.steps;
  result["shared_steps"] = cost.shared_steps;
  result["seconds"] = cost.seconds;
  return result;
}

/// The plans, and what they cost together.
nb::tuple planPaths(nb::list networks, nb::list tensors, SearchLimits limits, nb::object progress) {
  if (networks.size() != tensors.size())
    throw nb::value_error("there are not as many lists of tensors as networks");
  std::vector<std::unique_ptr<NetworkArgument>> arguments;
  std::vector<std::unique_ptr<Numbers>> numbers;
  std::vector<const tenon_path_network *> networkPointers;
  std::vector<const int64_t *> numberPointers;
  for (size_t n = 0; n < networks.size(); ++n) {
    nb::tuple parts = nb::cast<nb::tuple>(networks[n]);
    if (parts.size() != 4)
      throw nb::value_error("a network is (ranks, indices, extents, output)");
    arguments.push_back(std::make_unique<NetworkArgument>(parts[0], parts[1], parts[2], parts[3]));
    networkPointers.push_back(&arguments.back()->get());
    numbers.push_back(std::make_unique<Numbers>(tensors[n]));
    numberPointers.push_back(numbers.back()->data());
    if (numbers.back()->size() != networkPointers.back()->num_tensors)
      throw nb::value_error("there are not as many numbers as tensors");
  }
  PathSearch search(std::move(limits), std::move(progress));
  std::vector<tenon_path_plan *> plans(networks.size());
  tenon_joint_cost cost = {};
  cost.struct_size = sizeof(cost);
  bool found = search.run([&](const tenon_path_options *read, char **error) {
    return tenon_path_plans_create(networkPointers.data(), numberPointers.data(),
                                   static_cast<int64_t>(plans.size()), read, plans.data(), &cost,
                                   error) == TENON_OK;
  });
  nb::list result;
  for (tenon_path_plan *plan : plans)
    if (plan)
      result.append(nb::cast(search.own(plan)));
  search.finish(found);
  return nb::make_tuple(result, jointCost(cost));
}

nb::list steps(const PathPlan &plan, int form) {
  int64_t count = tenon_path_plan_num_steps(plan.handle.get());
  std::vector<int64_t> pairs(static_cast<size_t>(count) * 2);
  if (tenon_path_plan_steps(plan.handle.get(), static_cast<tenon_path_form>(form), pairs.data()) !=
      TENON_OK)
    throw nb::value_error("only the SSA and the linear form have steps");
  nb::list result;
  for (size_t step = 0; step < pairs.size(); step += 2)
    result.append(nb::make_tuple(pairs[step], pairs[step + 1]));
  return result;
}

nb::list sliced(const PathPlan &plan) {
  nb::list result;
  for (int64_t i = 0; i < tenon_path_plan_num_sliced(plan.handle.get()); ++i)
    result.append(tenon_path_plan_sliced(plan.handle.get())[i]);
  return result;
}

nb::dict cost(const PathPlan &plan) {
  tenon_path_cost cost = {};
  cost.struct_size = sizeof(cost);
  tenon_path_plan_cost(plan.handle.get(), &cost);
  nb::dict result;
  result["operations"] = cost.operations;
  result["log2_operations"] = cost.log2_operations;
  result["largest"] = cost.largest;
  result["log2_largest"] = cost.log2_largest;
  result["writes"] = cost.writes;
  result["log2_writes"] = cost.log2_writes;
  result["peak_bytes"] = cost.peak_bytes;
  result["slices"] = cost.slices;
  result["expected_operations"] = cost.expected_operations;
  result["log2_expected_operations"] = cost.log2_expected_operations;
  result["seconds"] = cost.seconds;
  return result;
}

} // namespace

void bindPlanner(nb::module_ &m) {
  nb::class_<PathPlan>(m, "PathPlan", "A path, slices, and what they cost.")
      .def("steps", &steps, "form"_a, "The pairs of the path: form 0 is SSA, 1 is linear.")
      .def_prop_ro("sliced", &sliced, "The numbers of the sliced indices, ascending.")
      .def_prop_ro("cost", &cost, "The numbers of tenon_path_cost.")
      .def_prop_ro(
          "warning",
          [](const PathPlan &plan) {
            return std::string(tenon_path_plan_warning(plan.handle.get()));
          },
          "What did not go as asked and did no harm, or an empty text.")
      .def_prop_ro(
          "cached",
          [](const PathPlan &plan) { return tenon_path_plan_was_cached(plan.handle.get()) != 0; },
          "Whether the plan was on disk.")
      .def_ro("interrupted", &PathPlan::interrupted, "Whether Ctrl-C ended the search.");
  m.def("plan_path", &planPath, "ranks"_a, "indices"_a, "extents"_a, "output"_a, "limits"_a,
        "initial"_a.none(), "initial_lengths"_a.none(), "initial_form"_a, "initial_sliced"_a.none(),
        "keep_initial"_a, "cache_directory"_a.none(), "cache_bytes"_a, "progress"_a.none(),
        "densities"_a.none(),
        "Plans a network given by arrays of int64; the arguments are those of tenon_path_network\n"
        "and tenon_path_options, `limits` the tuple SearchOptions.limits. Releases the GIL. The "
        "first Ctrl-C ends the search with the best\n"
        "plan so far; `progress` is called with the members of tenon_path_progress.");
  m.def(
      "plan_paths", &planPaths, "networks"_a, "tensors"_a, "limits"_a, "progress"_a.none(),
      "Plans networks, each (ranks, indices, extents, output), as one problem; tensors[n] has the\n"
      "number of the value that each tensor of networks[n] is. A list of plans, and the numbers "
      "of\n"
      "tenon_joint_cost. The rest is as of plan_path.");
}

} // namespace tenon::python
