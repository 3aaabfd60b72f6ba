//===- BindNetwork.cpp - Compiled networks and contexts in Python ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Contraction.h"
#include "Errors.h"
#include "Handles.h"
#include "Signals.h"

#include <nanobind/stl/unique_ptr.h>

#include <optional>

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

Context::Context(int32_t threads) : context(tenon_context_create(threads)) {
  if (!context)
    throw std::bad_alloc();
}

namespace {

/// Whether a handler of Python's signals raised; the exception stays pending. Handlers run on the
/// main thread only, elsewhere the answer is no.
int32_t signalRaised(void *) {
  nb::gil_scoped_acquire acquired;
  return PyErr_CheckSignals() != 0;
}

/// Options of a compilation that Python's signals cancel, and what they say when it fails.
class CompileOptions {
public:
  CompileOptions(int32_t threads, int64_t memoryLimit, const std::optional<std::string> &plan,
                 bool deterministic, const std::optional<std::string> &tuning) {
    options.struct_size = sizeof(options);
    options.threads = threads;
    options.memory_limit = memoryLimit;
    options.plan = plan ? plan->c_str() : nullptr;
    options.deterministic = deterministic;
    options.tuning = tuning ? tuning->c_str() : nullptr;
    failure.struct_size = sizeof(failure);
    failure.status = TENON_INVALID_ARGUMENT;
    options.failure = &failure;
    options.cancelled = signalRaised;
  }
  CompileOptions(const CompileOptions &) = delete;
  CompileOptions &operator=(const CompileOptions &) = delete;

  /// What `make(options, error)` makes without the GIL; throws what fits where that is nothing.
  template <typename Make> std::unique_ptr<Network> run(Make make) {
    char *error = nullptr;
    tenon_network *network;
    {
      nb::gil_scoped_release released;
      network = make(&options, &error);
    }
    if (failure.status == TENON_CANCELLED) {
      tenon_free(error);
      throw nb::python_error();
    }
    if (!network)
      throwCompileError(error, failure.status, failure.smallest_memory_limit);
    return std::make_unique<Network>(network);
  }

private:
  tenon_compile_options options = {};
  tenon_compile_failure failure = {};
};

std::unique_ptr<Network> compile(const Module &module, int32_t threads, int64_t memoryLimit,
                                 const std::optional<std::string> &plan, bool deterministic,
                                 const std::optional<std::string> &tuning) {
  return CompileOptions(threads, memoryLimit, plan, deterministic, tuning)
      .run([&](const tenon_compile_options *options, char **error) {
        return tenon_compile(module.get(), options, error);
      });
}

std::unique_ptr<Network> fromContraction(const std::vector<OperandArgument> &arguments,
                                         int resultType, bool resultUnsigned, const Indices &result,
                                         int accumulate, int semiring,
                                         const std::optional<Path> &path, const Indices &sliced,
                                         const Facts &facts, int32_t threads, int64_t memoryLimit,
                                         const std::optional<std::string> &plan, bool deterministic,
                                         const std::optional<std::string> &tuning) {
  ContractionArguments contraction(arguments, resultType, resultUnsigned, result, accumulate,
                                   semiring, path, sliced, facts);
  return CompileOptions(threads, memoryLimit, plan, deterministic, tuning)
      .run([&](const tenon_compile_options *options, char **error) {
        return tenon_network_from_contraction(&contraction.get(), options, error);
      });
}

/// Arrays whose buffers are held, as tensors.
class Tensors {
public:
  Tensors(const nb::list &arrays, const std::vector<int> &dtypes, bool writable) {
    if (arrays.size() != dtypes.size())
      throw nb::value_error("one dtype per array is needed");
    buffers.reserve(dtypes.size());
    tensors.reserve(dtypes.size());
    for (size_t i = 0; i < dtypes.size(); ++i) {
      buffers.push_back(std::make_unique<Buffer>(arrays[i], dtypes[i], writable));
      tensors.push_back(buffers.back()->tensor());
    }
  }

  tenon_tensor *data() { return tensors.data(); }
  int64_t count() const { return static_cast<int64_t>(tensors.size()); }

private:
  std::vector<std::unique_ptr<Buffer>> buffers;
  std::vector<tenon_tensor> tensors;
};

/// The binary exponents of the results: 0 but for scaled runs.
std::vector<int64_t> run(Network &network, Context &context, nb::list inputs,
                         const std::vector<int> &dtypes, nb::list outs,
                         const std::vector<int> &outTypes, bool watchSignals, bool scaled) {
  Tensors arguments(inputs, dtypes, /*writable=*/false);
  Tensors results(outs, outTypes, /*writable=*/true);
  tenon_status status;
  std::vector<int64_t> exponents(outTypes.size(), 0);
  auto work = [&] {
    status =
        scaled ? tenon_network_run_scaled(network.get(), context.get(), arguments.data(),
                                          arguments.count(), results.data(), results.count(),
                                          exponents.data())
               : tenon_network_run(network.get(), context.get(), arguments.data(),
                                   arguments.count(), results.data(), results.count(), nullptr, 0);
  };
  if (watchSignals) {
    runWatchingSignals(context.get(), work);
  } else {
    nb::gil_scoped_release released;
    work();
  }
  if (status != TENON_OK)
    throwRunError(status, tenon_context_error(context.get()));
  return exponents;
}

/// Whether scaled runs may read all of these arrays as they are.
bool areInWindow(nb::list arrays, const std::vector<int> &dtypes) {
  for (size_t i = 0; i < dtypes.size(); ++i) {
    Buffer buffer(arrays[i], dtypes[i], /*writable=*/false);
    tenon_tensor tensor = buffer.tensor();
    nb::gil_scoped_release released;
    if (!tenon_tensor_is_in_window(&tensor))
      return false;
  }
  return true;
}

} // namespace

void bindNetwork(nb::module_ &m) {
  nb::class_<Context>(m, "Context", "Threads to run on; used by one run at a time.")
      .def(nb::init<int32_t>(), "threads"_a)
      .def_prop_ro("threads",
                   [](const Context &context) { return tenon_context_threads(context.get()); })
      .def("abandon", &Context::abandon, "Lets go of the threads without stopping them.");

  m.def("are_in_window", &areInWindow, "arrays"_a, "dtypes"_a,
        "Whether scaled runs may read all of these arrays as they are.");

  nb::class_<Network>(m, "Network", "A compiled network.")
      .def_static("compile", &compile, "module"_a, "threads"_a = 0, "memory_limit"_a = 0,
                  "plan"_a.none() = nb::none(), "deterministic"_a = false,
                  "tuning"_a.none() = nb::none(),
                  "Compiles the module's function; releases the GIL.")
      .def_static("from_contraction", &fromContraction, "operands"_a, "result_dtype"_a,
                  "result_unsigned"_a, "result_indices"_a, "accumulate"_a, "semiring"_a,
                  "path"_a.none(), "sliced"_a, "facts"_a, "threads"_a = 0, "memory_limit"_a = 0,
                  "plan"_a.none() = nb::none(), "deterministic"_a = false,
                  "tuning"_a.none() = nb::none(),
                  "The network of a contraction, stated as to Module.from_contraction: without a\n"
                  "compiler where there are kernels for it; releases the GIL.")
      .def_prop_ro(
          "started_quickly",
          [](const Network &network) { return tenon_network_started_quickly(network.get()) != 0; })
      .def_prop_ro("scales",
                   [](const Network &network) { return tenon_network_scales(network.get()) != 0; })
      .def_prop_ro("operations",
                   [](const Network &network) { return tenon_network_operations(network.get()); })
      .def_prop_ro(
          "workspace_size",
          [](const Network &network) { return tenon_network_workspace_size(network.get()); })
      .def_prop_ro("signature",
                   [](const Network &network) {
                     return std::string(tenon_network_signature(network.get()));
                   })
      .def_prop_ro("plan",
                   [](const Network &network) {
                     nb::gil_scoped_release released;
                     return std::string(tenon_network_plan(network.get()));
                   })
      .def("run", &run, "context"_a, "inputs"_a, "dtypes"_a, "outs"_a, "out_dtypes"_a,
           "watch_signals"_a, "scaled"_a = false,
           "Runs on arrays that have the buffer protocol, into those of `outs`; releases the GIL.\n"
           "With `watch_signals` the run has a thread of its own and a signal handler that raises\n"
           "cancels it. With `scaled`, powers of two are taken out of intermediates where that is\n"
           "possible. Returns the binary exponents of the results.");
}

} // namespace tenon::python
