//===- Network.cpp - C API: compiled networks and the interpreter -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Handles.h"
#include "HostCopy.h"

#include "tenon/Execution/CompileFailure.h"
#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Reference/Interpreter.h"
#include "tenon/Target/EmitSchedule.h"

#include "tenon-runtime/Entry.h"

#include "llvm/Support/JSON.h"

#include <cstring>

using namespace mlir;
using namespace tenon;

int64_t capi::defaultThreads() {
  tenon_context *context = tenon_context_create(0);
  int64_t threads = context ? tenon_context_threads(context) : 1;
  tenon_context_destroy(context);
  return threads;
}

/// What the planner wrote. A network with nothing to plan keeps the text that its module came with,
/// whatever that is.
static llvm::json::Object parsePlan(StringRef text) {
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(text.empty() ? "{}" : text);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return {};
  }
  llvm::json::Object *object = parsed->getAsObject();
  return object ? std::move(*object) : llvm::json::Object();
}

static std::string describePlan(llvm::json::Object plan, const StageTimes &times, size_t kernels,
                                int64_t workspace, int64_t threads) {
  llvm::json::Array stages;
  for (const auto &[name, seconds] : times.stages)
    stages.push_back(llvm::json::Object{{"name", name}, {"seconds", seconds}});
  plan["stages"] = std::move(stages);
  plan["kernels"] = static_cast<int64_t>(kernels);
  plan["workspace_bytes"] = workspace;
  plan["threads"] = threads;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(plan));
  return text;
}

/// What is wrong with the numbers in the options; "" if they are right.
static const char *checkNumbers(const tenon_compile_options &options) {
  if (options.threads < 0)
    return "tenon_compile_options: threads is negative; expected a number of threads, or 0 for the "
           "default";
  if (options.memory_limit < 0)
    return "tenon_compile_options: memory_limit is negative; expected a number of bytes, or 0 for "
           "no limit";
  return "";
}

/// Reads the caller's options, where there are any; false, with an error, where something is wrong
/// with them.
static bool readOptions(const tenon_compile_options *given, tenon_compile_options &options,
                        char **error) {
  // A caller that was built for version 1.0 has a shorter struct.
  constexpr size_t kFirstSize = offsetof(tenon_compile_options, failure);
  options = {};
  if (given) {
    if (given->struct_size < kFirstSize) {
      capi::setError(error, "tenon_compile_options: struct_size is not the size of the struct");
      return false;
    }
    std::memcpy(&options, given, std::min(given->struct_size, sizeof(options)));
  }
  if (options.failure && options.failure->struct_size < sizeof(tenon_compile_failure)) {
    capi::setError(error, "tenon_compile_failure: struct_size is not the size of the struct");
    return false;
  }
  if (const char *wrong = checkNumbers(options); *wrong) {
    if (options.failure)
      *options.failure = {sizeof(tenon_compile_failure), TENON_INVALID_ARGUMENT, 0};
    capi::setError(error, wrong);
    return false;
  }
  return true;
}

tenon_network *tenon_compile(const tenon_module *module, const tenon_compile_options *given,
                             char **error) {
  tenon_compile_options options;
  if (!readOptions(given, options, error))
    return nullptr;
  CompileOptions compile;
  compile.threads = options.threads > 0 ? options.threads : capi::defaultThreads();
  compile.function = options.function ? options.function : "";
  compile.memoryLimit = options.memory_limit;
  compile.deterministic = options.deterministic != 0;
  compile.tuning = options.tuning ? options.tuning : "";
  compile.plan = options.plan ? options.plan : "";
  if (options.progress)
    compile.progress = [fn = options.progress, data = options.progress_data](
                           StringRef, int64_t done, int64_t total) { fn(data, done, total); };
  if (options.cancelled)
    compile.cancelled = [fn = options.cancelled, data = options.cancelled_data] {
      return fn(data) != 0;
    };
  auto result = std::make_unique<tenon_network>();
  result->context = module->context;
  std::lock_guard lock(module->context->mutex);
  llvm::Expected<std::unique_ptr<CompiledNetwork>> network =
      CompiledNetwork::compile(ModuleOp(*module->module), compile);
  if (!network) {
    FailureParts failure(network.takeError());
    if (options.failure) {
      options.failure->status = failure.status;
      options.failure->smallest_memory_limit = failure.smallestMemoryLimit;
    }
    capi::setError(error, failure.message);
    return nullptr;
  }
  result->network = std::move(*network);
  const CompiledNetwork &compiled = *result->network;
  result->isStatic = compiled.signature().isStatic();
  result->signature = compiled.signature().toJSON();
  llvm::json::Object plan = parsePlan(compiled.plan());
  result->operations = plan.getNumber("operations").value_or(-1);
  result->plan = describePlan(std::move(plan), compiled.times(), compiled.numKernels(),
                              compiled.workspaceBytes(), compile.threads);
  return result.release();
}

tenon_network *tenon_network_from_contraction(const tenon_contraction *given,
                                              const tenon_compile_options *givenOptions,
                                              char **error) {
  tenon_compile_options options;
  if (!readOptions(givenOptions, options, error))
    return nullptr;
  // Whoever says yes is not asked again: the answer may be an exception that waits to be raised.
  if (options.cancelled && options.cancelled(options.cancelled_data)) {
    if (options.failure)
      *options.failure = {sizeof(tenon_compile_failure), TENON_CANCELLED, 0};
    capi::setError(error, "the compilation was cancelled");
    return nullptr;
  }
  tenon_contraction contraction;
  if (capi::readContraction(given, contraction))
    if (std::unique_ptr<capi::QuickStart> quick = capi::QuickStart::make(contraction, options)) {
      auto result = std::make_unique<tenon_network>();
      result->operations = quick->network().operations();
      result->quick = std::move(quick);
      return result.release();
    }
  tenon_module *module = tenon_module_from_contraction(given, error);
  if (!module) {
    if (options.failure)
      *options.failure = {sizeof(tenon_compile_failure), TENON_INVALID_ARGUMENT, 0};
    return nullptr;
  }
  tenon_network *network = tenon_compile(module, givenOptions, error);
  tenon_module_destroy(module);
  return network;
}

void tenon_network_destroy(tenon_network *network) {
  if (!network)
    return;
  if (network->context) {
    std::lock_guard lock(network->context->mutex);
    network->network.reset();
  }
  delete network;
}

int64_t tenon_network_workspace_size(const tenon_network *network) {
  return network->quick ? network->quick->network().workspaceBytes()
                        : network->network->workspaceBytes();
}

int32_t tenon_network_started_quickly(const tenon_network *network) {
  return network->quick != nullptr;
}

double tenon_network_operations(const tenon_network *network) { return network->operations; }

const char *tenon_network_signature(const tenon_network *network) {
  if (network->quick)
    std::call_once(network->describesSignature,
                   [&] { network->signature = network->quick->describeSignature(); });
  return network->signature.c_str();
}

const char *tenon_network_plan(const tenon_network *network) {
  if (const capi::QuickStart *quick = network->quick.get())
    std::call_once(network->describesPlan, [&] {
      StageTimes times{{{"quick start", quick->seconds()}}};
      network->plan =
          describePlan(parsePlan(quick->describePlan()), times, quick->network().numKernels(),
                       quick->network().workspaceBytes(), quick->threads());
    });
  return network->plan.c_str();
}

/// The network for the extents of the arguments; where they are new, the first call compiles it, on
/// the shared context.
static llvm::Expected<CompiledNetwork *> findFitting(tenon_network *network, tenon_context *context,
                                                     const tenon_tensor *inputs, int64_t n) {
  if (network->isStatic)
    return network->network.get();
  std::lock_guard lock(network->context->mutex);
  return network->network->specialize(context, inputs, n);
}

tenon_status tenon_network_run(tenon_network *network, tenon_context *context,
                               const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs,
                               int64_t m, void *workspace, int64_t size) {
  if (network->quick)
    return network->quick->network().run(context, inputs, n, outputs, m, workspace, size);
  llvm::Expected<CompiledNetwork *> fitting = findFitting(network, context, inputs, n);
  if (!fitting)
    return CompiledNetwork::report(context, fitting.takeError());
  return (*fitting)->run(context, inputs, n, outputs, m, workspace, size);
}

tenon_status tenon_network_run_scaled(tenon_network *network, tenon_context *context,
                                      const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs,
                                      int64_t m, int64_t *exponents) {
  if (network->quick)
    return network->quick->network().runScaled(context, inputs, n, outputs, m, exponents);
  llvm::Expected<CompiledNetwork *> fitting = findFitting(network, context, inputs, n);
  if (!fitting)
    return CompiledNetwork::report(context, fitting.takeError());
  return (*fitting)->runScaled(context, inputs, n, outputs, m, exponents);
}

int32_t tenon_network_scales(tenon_network *network) {
  if (network->quick)
    return network->quick->network().scales();
  return network->isStatic && network->network->scales();
}

int32_t tenon_tensor_is_in_window(const tenon_tensor *tensor) {
  return tenon_rt_is_in_window(tensor);
}

tenon_status tenon_reference_run(const tenon_module *module, const char *function,
                                 const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs,
                                 int64_t m, char **error) {
  auto fail = [&](const llvm::Twine &message) {
    capi::setError(error, message.str());
    return TENON_INVALID_ARGUMENT;
  };
  std::lock_guard lock(module->context->mutex);
  DiagnosticCollector diagnostics(module->context->mlir);
  llvm::Expected<func::FuncOp> entry =
      findEntry(ModuleOp(*module->module), function ? function : "");
  if (!entry)
    return fail(llvm::toString(entry.takeError()));
  // Before anything is read: an element of another type may be longer than the caller's.
  llvm::Expected<Signature> signature = getSignature(*entry);
  if (!signature)
    return fail(llvm::toString(signature.takeError()));
  if (llvm::Error wrong = checkInputs(*signature, inputs, n))
    return fail(llvm::toString(std::move(wrong)));
  SmallVector<HostTensor> arguments;
  for (int64_t i = 0; i < n; ++i) {
    Result<HostTensor> tensor = capi::copyTensor(inputs[i], /*isUnsigned=*/false);
    if (!tensor)
      return fail("input " + Twine(i) + ": " + tensor.message());
    arguments.push_back(std::move(*tensor));
  }
  llvm::Expected<SmallVector<HostTensor>> results = reference::interpret(*entry, arguments);
  if (!results)
    return fail(llvm::toString(results.takeError()));
  if (static_cast<int64_t>(results->size()) != m)
    return fail("outputs: found " + Twine(m) + ", expected " + Twine(results->size()));
  if (m > 0 && !outputs)
    return fail("outputs: found no array, expected one of " + Twine(m) + " tensors");
  for (int64_t i = 0; i < m; ++i) {
    const HostTensor &result = (*results)[i];
    tenon_tensor &output = outputs[i];
    if (output.dtype != result.type().dtype || output.rank != result.rank() ||
        (output.rank > 0 && !output.extents) ||
        !std::equal(result.shape().begin(), result.shape().end(), output.extents))
      return fail("output " + Twine(i) + " does not have the dtype and extents of the result, " +
                  describeType(result.shape(), result.type()));
    if (!output.data && result.size() > 0)
      return fail("output " + Twine(i) + ": data is NULL, expected " +
                  describeType(result.shape(), result.type()));
    const char *from = static_cast<const char *>(result.data());
    int64_t bytes = getDTypeBytes(output.dtype);
    capi::forEachElement(output, bytes, [&](char *to) {
      std::memcpy(to, from, bytes);
      from += bytes;
    });
  }
  return TENON_OK;
}
