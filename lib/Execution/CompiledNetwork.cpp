//===- CompiledNetwork.cpp - A network that can be run ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/CompiledNetwork.h"

#include "CancellablePasses.h"
#include "tenon/Codegen/Common/Specialize.h"
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Execution/CompileFailure.h"
#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Execution/KernelCache.h"
#include "tenon/Execution/Lowering.h"
#include "tenon/Execution/PlanOptions.h"
#include "tenon/HostTensor/ElementType.h"
#include "tenon/Target/EmitSchedule.h"

#include "tenon-runtime/Entry.h"

#include "mlir/IR/Verifier.h"

#include "llvm/ADT/ScopeExit.h"

#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <thread>
#include <type_traits>

using namespace mlir;
using namespace tenon;

/// What a network with dynamic extents keeps to make specialised ones from.
struct CompiledNetwork::Template {
  OwningOpRef<ModuleOp> module;
  CompileOptions options;
  std::mutex mutex;
  /// Who holds the mutex. A callback of the compilation runs on this thread; none while no one does.
  std::atomic<std::thread::id> compiling;
  std::map<std::vector<int64_t>, std::unique_ptr<CompiledNetwork>> specialized;
};

CompiledNetwork::~CompiledNetwork() { tenon_rt_network_destroy(network); }

namespace {
/// Times stages and reports them. A stage that is repeated counts once.
class StageClock {
public:
  StageClock(const CompileOptions &options, StageTimes &times, int64_t total) : options(options), times(times), total(total) {}

  void begin(StringRef name) {
    end();
    current = llvm::find_if(times.stages, [&](const auto &stage) { return stage.first == name; }) - times.stages.begin();
    if (*current == times.stages.size())
      times.stages.emplace_back(name.str(), 0);
    start = std::chrono::steady_clock::now();
    if (options.progress)
      options.progress(name, *current, total);
  }
  void end() {
    if (!current)
      return;
    times.stages[*current].second += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    current.reset();
  }

private:
  const CompileOptions &options;
  StageTimes &times;
  int64_t total;
  std::optional<size_t> current; ///< in `times`
  std::chrono::steady_clock::time_point start;
};
} // namespace

llvm::Expected<std::unique_ptr<CompiledNetwork>> CompiledNetwork::compile(ModuleOp module, const CompileOptions &options) {
  llvm::Expected<func::FuncOp> entry = findEntry(module, options.function);
  if (!entry)
    return entry.takeError();
  auto result = std::unique_ptr<CompiledNetwork>(new CompiledNetwork);
  OwningOpRef<ModuleOp> copy = cast<ModuleOp>(module->clone());
  std::string name = entry->getName().str();
  // Other functions are no part of this network.
  for (auto other : llvm::make_early_inc_range(copy->getOps<func::FuncOp>()))
    if (other.isPublic() && other.getName() != name)
      other.erase();
  auto function = cast<func::FuncOp>(copy->lookupSymbol(name));
  llvm::Expected<Signature> signature = getSignature(function);
  if (!signature)
    return signature.takeError();
  result->info = std::move(*signature);
  CompileOptions fixed = options;
  fixed.function = name;
  if (!result->info.isStatic()) {
    if (takesBuffers(function))
      return llvm::createStringError("function '" + name + "' takes buffers of extents that are not known; specialise it before "
                                     "it is lowered (tenon-specialize)");
    result->pattern = std::make_unique<Template>();
    result->pattern->module = std::move(copy);
    result->pattern->options = std::move(fixed);
    return result;
  }
  if (llvm::Error error = result->compileStatic(std::move(copy), fixed))
    return error;
  return result;
}

/// "packed 12x32"; of a kernel that is no contraction, its name.
static std::string describeKernel(func::FuncOp kernel) {
  auto attribute = kernel->getAttrOfType<tn::ContractionKernelAttr>("tn.kernel");
  if (!attribute)
    return kernel.getName().str();
  std::string text = attribute.getStrategy().str() + " ";
  llvm::raw_string_ostream stream(text);
  llvm::interleave(attribute.getTile(), stream, "x");
  return text;
}

/// Whether a power of two in an operand of any operation is one in the result.
static bool passesScales(func::FuncOp function) {
  return llvm::all_of(function.getOps(), [](Operation &op) {
    if (auto contract = dyn_cast<tn::ContractOp>(op))
      return contract.getSemiring() == tn::Semiring::PlusTimes;
    return isa<tn::ConjOp, func::ReturnOp>(op) || op.hasTrait<OpTrait::ConstantLike>();
  });
}

llvm::Error CompiledNetwork::compileStatic(OwningOpRef<ModuleOp> module, const CompileOptions &options) {
  MLIRContext &context = *module->getContext();
  DiagnosticCollector diagnostics(context);
  CPUPipelineOptions pipeline;
  if (llvm::Error error = parsePlanOptions(options.plan, pipeline))
    return llvm::createStringError("options of the plan: " + llvm::toString(std::move(error)));
  pipeline.threads = options.threads;
  pipeline.memoryLimit = options.memoryLimit;
  pipeline.deterministic = options.deterministic;
  pipeline.tuning = options.tuning;
  CancellablePasses cancellable(context, options);
  pipeline.cancellation = cancellable.get();
  isHomogeneous = passesScales(cast<func::FuncOp>(module->lookupSymbol(options.function)));
  StageClock clock(options, stageTimes, kNumLoweringStages + 2);
  if (llvm::Error error = lowerWithinLimit(module, options.function, pipeline, [&](StringRef stage) { clock.begin(stage); }))
    return error;
  auto function = cast<func::FuncOp>(module->lookupSymbol(options.function));
  if (auto plan = function->getAttrOfType<StringAttr>("tn.plan"))
    planText = plan.str();

  clock.begin("kernels");
  FailureOr<EmittedSchedule> schedule = emitSchedule(function);
  if (failed(schedule))
    return diagnostics.takeError("the schedule cannot be serialised");
  kernels = schedule->kernels.size();
  SmallVector<func::FuncOp> functions;
  for (const std::string &name : schedule->kernels) {
    functions.push_back(cast<func::FuncOp>(module->lookupSymbol(name)));
    kernelTexts.push_back(describeKernel(functions.back()));
  }
  if (options.mayAddKernels)
    if (size_t missing = KernelCache::get().countMissing(functions); missing > 0 && !options.mayAddKernels(missing))
      return makeCancelled();
  llvm::Expected<std::vector<void *>> entries =
      KernelCache::get().lookup(functions, options.threads, [&] { return cancellable.check(); });
  if (!entries) {
    FailureParts failure(entries.takeError());
    if (failure.status == TENON_CANCELLED)
      return makeCancelled();
    return diagnostics.takeError(failure.message);
  }
  clock.begin("load");
  table = std::move(schedule->table);
  tenon_status status;
  char message[512];
  network = tenon_rt_load(table.data(), table.size(), entries->data(), entries->size(), &status, message, sizeof(message));
  clock.end();
  if (!network)
    return llvm::createStringError(message);
  return llvm::Error::success();
}

int64_t CompiledNetwork::workspaceBytes() const { return network ? tenon_rt_network_workspace_size(network) : -1; }

llvm::Expected<CompiledNetwork *> CompiledNetwork::specialize(tenon_context *context, const tenon_tensor *inputs, int64_t n) {
  if (llvm::Error error = checkInputs(info, inputs, n))
    return error;
  std::vector<int64_t> key;
  SmallVector<SmallVector<int64_t>> extents;
  for (int64_t i = 0; i < n; ++i) {
    extents.emplace_back(inputs[i].extents, inputs[i].extents + inputs[i].rank);
    key.push_back(inputs[i].rank);
    key.insert(key.end(), extents.back().begin(), extents.back().end());
  }
  if (pattern->compiling == std::this_thread::get_id())
    return llvm::createStringError("the network was run by a callback of its own compilation; expected 'progress' and "
                                   "'cancelled' to return first: run it when the call that compiles has returned");
  // One compilation at a time: the module's context is shared.
  std::lock_guard lock(pattern->mutex);
  pattern->compiling = std::this_thread::get_id();
  auto done = llvm::make_scope_exit([&] { pattern->compiling = std::thread::id(); });
  std::unique_ptr<CompiledNetwork> &slot = pattern->specialized[key];
  if (slot)
    return slot.get();
  OwningOpRef<ModuleOp> module = cast<ModuleOp>((*pattern->module)->clone());
  auto function = cast<func::FuncOp>(module->lookupSymbol(pattern->options.function));
  {
    DiagnosticCollector diagnostics(*module->getContext());
    if (failed(specializeExtents(function, extents)) || failed(verify(*module)))
      return diagnostics.takeError("the network does not fit the extents of its arguments");
  }
  CompileOptions options = pattern->options;
  // Where nobody can cancel, the handler of actions that the module's context has stays.
  if (context || options.cancelled)
    options.cancelled = [&] {
      return tenon_rt_is_cancelled(context) || (pattern->options.cancelled && pattern->options.cancelled());
    };
  tenon_rt_clear_cancel(context);
  auto compiled = compile(*module, options);
  if (!compiled)
    return compiled.takeError();
  slot = std::move(*compiled);
  // The run that follows starts with a clean flag.
  if (tenon_rt_is_cancelled(context))
    return llvm::make_error<CompileFailure>(TENON_CANCELLED, "cancelled");
  return slot.get();
}

tenon_status CompiledNetwork::report(tenon_context *context, llvm::Error error) {
  FailureParts failure(std::move(error));
  return tenon_rt_fail(context, failure.status, failure.message.c_str());
}

tenon_status CompiledNetwork::profile(tenon_context *context, const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs,
                                      int64_t m, void *workspace, int64_t size, std::vector<StepProfile> &steps) {
  steps = describeSteps(table.data(), kernelTexts);
  std::vector<tenon_rt_step_time> times(steps.size());
  tenon_status status = tenon_rt_network_profile(network, context, inputs, n, outputs, m, workspace, size, times.data());
  for (auto [step, time] : llvm::zip_equal(steps, times)) {
    step.runs = time.runs;
    step.seconds = double(time.nanoseconds) * 1e-9;
  }
  return status;
}

tenon_status CompiledNetwork::run(tenon_context *context, const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs, int64_t m,
                                  void *workspace, int64_t size) {
  if (network)
    return tenon_rt_network_run(network, context, inputs, n, outputs, m, workspace, size);
  llvm::Expected<CompiledNetwork *> fitting = specialize(context, inputs, n);
  if (!fitting)
    return report(context, fitting.takeError());
  return (*fitting)->run(context, inputs, n, outputs, m, workspace, size);
}

bool CompiledNetwork::scales() const { return network && isHomogeneous && tenon_rt_network_scales(network); }

tenon_status CompiledNetwork::runScaled(tenon_context *context, const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs,
                                        int64_t m, int64_t *exponents) {
  if (!network)
    return report(context, llvm::createStringError("a scaled run needs a network whose extents are known"));
  return tenon_rt_network_run_scaled(network, context, inputs, n, outputs, m, exponents, isHomogeneous);
}
