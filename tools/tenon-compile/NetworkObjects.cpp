//===- NetworkObjects.cpp - A network as object files ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "NetworkObjects.h"

#include "Symbol.h"

#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Execution/Lowering.h"
#include "tenon/Execution/PlanOptions.h"
#include "tenon/Target/EmitSchedule.h"
#include "tenon/Target/KernelObject.h"
#include "tenon/Tools/TuneNetwork.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::compile;

/// A machine to emit code for, and the name of the description that kernels are shaped after.
static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
selectTarget(const CompileRequest &request, std::string &description) {
  description = "host";
  if (request.targetCPU.empty())
    return createTargetMachine({});
  // LLVM goes on with a warning when it does not know a name. Ask a machine that it does know.
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> host = createTargetMachine({});
  if (!host)
    return host;
  const llvm::MCSubtargetInfo &known = *(*host)->getMCSubtargetInfo();
  if (!known.isCPUStringValid(request.targetCPU))
    return llvm::createStringError("--target-cpu=" + request.targetCPU + ": no such processor of " +
                                   (*host)->getTargetTriple().getArchName() +
                                   "; `llc -march=" + (*host)->getTargetTriple().getArchName() +
                                   " -mcpu=help` lists them");
  SmallVector<StringRef> features;
  StringRef(request.targetFeatures).split(features, ',', -1, /*KeepEmpty=*/false);
  for (StringRef feature : features) {
    bool isKnown = llvm::any_of(known.getAllProcessorFeatures(), [&](const auto &candidate) {
      return StringRef(candidate.Key) == feature.drop_front();
    });
    if (!isKnown || (feature.front() != '+' && feature.front() != '-'))
      return llvm::createStringError(
          "--target-features: '" + feature +
          "' is no feature; expected '+' or '-' and a name, joined by ','");
  }
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine({request.targetCPU, request.targetFeatures});
  if (!machine)
    return machine;
  const llvm::MCSubtargetInfo &target = *(*machine)->getMCSubtargetInfo();
  if ((*machine)->getTargetTriple().isAArch64())
    description = "generic-neon";
  else if (target.checkFeatures("+avx512f,+avx512bw,+avx512dq,+avx512vl"))
    description = target.checkFeatures("+avx512bf16") ? "avx512-bf16" : "avx512";
  else if (target.checkFeatures("+avx2,+fma"))
    description = "avx2";
  else
    return llvm::createStringError(
        "--target-cpu=" + request.targetCPU +
        ": kernels need AVX2 and FMA, which it lacks; x86-64-v3 and later "
        "processors have them");
  return machine;
}

static int64_t getDefaultThreads() {
  tenon_context *context = tenon_context_create(0);
  int64_t threads = context ? tenon_context_threads(context) : 1;
  tenon_context_destroy(context);
  return threads;
}

/// Lowers `function` of `module`, and puts what came out in the module's place.
static llvm::Error lower(ModuleOp module, StringRef function, const CompileRequest &request,
                         int64_t threads, StringRef target) {
  CPUPipelineOptions options;
  if (llvm::Error error = parsePlanOptions(request.plan, options))
    return llvm::createStringError("--plan: " + llvm::toString(std::move(error)));
  options.threads = threads;
  options.memoryLimit = request.memoryLimit;
  options.deterministic = request.deterministic;
  options.tuning = request.tuning;
  options.target = target.str();
  OwningOpRef<ModuleOp> lowered = module.clone();
  if (llvm::Error error = lowerWithinLimit(lowered, function, options, nullptr))
    return error;
  module.getBodyRegion().takeBody(lowered->getBodyRegion());
  return llvm::Error::success();
}

static llvm::Error tune(ModuleOp module, StringRef function, const CompileRequest &request,
                        int64_t threads) {
  if (!request.targetCPU.empty())
    return llvm::createStringError("--tune measures on this machine; leave out --target-cpu");
  CompileOptions options;
  options.function = function.str();
  options.threads = threads;
  options.memoryLimit = request.memoryLimit;
  options.plan = request.plan;
  options.deterministic = request.deterministic;
  options.tuning = request.tuning;
  return tuneNetwork(module, options, request.tuneSeconds, "tenon-compile");
}

llvm::Expected<NetworkObjects> compile::compileNetwork(ModuleOp module, func::FuncOp entry,
                                                       const CompileRequest &request) {
  NetworkObjects result;
  llvm::Expected<std::string> symbol = chooseSymbol(request, entry.getName());
  if (!symbol)
    return symbol.takeError();
  llvm::Expected<Signature> signature = getSignature(entry);
  if (!signature)
    return signature.takeError();
  if (!signature->isStatic())
    return llvm::createStringError(
        "function '" + entry.getName() +
        "' has extents that are known only when it is run; fix them, as by "
        "`tenon-opt --tenon-specialize` from tn.hint, or run it by tenon-run");
  result.symbol = std::move(*symbol);
  result.signature = std::move(*signature);
  result.threads = request.threads > 0 ? request.threads : getDefaultThreads();
  std::string target;
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = selectTarget(request, target);
  if (!machine)
    return machine.takeError();

  // Other functions are no part of this network.
  for (auto other : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
    if (other.isPublic() && other != entry)
      other.erase();
  std::string name = entry.getName().str();
  if (request.tuneSeconds > 0)
    if (llvm::Error error = tune(module, name, request, result.threads))
      return error;
  if (llvm::Error error = lower(module, name, request, result.threads, target))
    return error;
  DiagnosticCollector diagnostics(*module.getContext());
  FailureOr<EmittedSchedule> schedule = emitSchedule(cast<func::FuncOp>(module.lookupSymbol(name)));
  if (failed(schedule))
    return diagnostics.takeError("the schedule cannot be serialised");
  result.workspaceBytes = schedule->workspaceBytes;
  std::vector<std::string> kernels;
  for (const std::string &kernel : schedule->kernels) {
    kernels.push_back(result.symbol + "_kernel_" + std::to_string(kernels.size()));
    FailureOr<ObjectBytes> object = compileKernelObject(
        cast<func::FuncOp>(module.lookupSymbol(kernel)), kernels.back(), **machine);
    if (failed(object))
      return diagnostics.takeError("kernel '" + kernel + "' does not compile");
    result.objects.push_back(std::move(*object));
  }
  llvm::Expected<ObjectBytes> object = makeEntryObject(result, schedule->table, kernels, **machine);
  if (!object)
    return object.takeError();
  result.objects.push_back(std::move(*object));
  return result;
}
