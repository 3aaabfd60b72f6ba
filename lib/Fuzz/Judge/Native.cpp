//===- Native.cpp - Compiled code between guard pages ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Native.h"

#include "GuardedTensor.h"

#include "tenon/Execution/CompiledNetwork.h"

#include "mlir/Pass/PassManager.h"

#include <numeric>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

namespace {
struct ContextDeleter {
  void operator()(tenon_context *context) const { tenon_context_destroy(context); }
};
using ContextPointer = std::unique_ptr<tenon_context, ContextDeleter>;

/// Everything that one call uses.
struct Call {
  std::vector<GuardedTensor> inputs, outputs;
  std::optional<GuardedPages> workspace;
  std::byte *workspaceBegin = nullptr;
};
} // namespace

/// A layout of a result: the layouts of genomes are those of arguments.
static Layout drawLayout(uint64_t bits, size_t rank) {
  Layout layout;
  layout.order.resize(rank);
  std::iota(layout.order.begin(), layout.order.end(), uint16_t{0});
  if (bits & 1)
    for (size_t i = rank; i > 1; --i, bits = bits * 0x9e3779b97f4a7c15u + 1)
      std::swap(layout.order[i - 1], layout.order[(bits >> 32) % i]);
  layout.padding = bits >> 8 & 3;
  layout.offset = bits >> 10 & 3;
  layout.reversed = bits >> 12 & 1 ? static_cast<uint16_t>(bits >> 16) : 0;
  return layout;
}

static Placement drawPlacement(const Case &current, uint64_t number) {
  return current.draw(purpose::placement + (number << 8)) & 1 ? Placement::AtEnd
                                                              : Placement::AtBegin;
}

/// Bytes that are a NaN in every float format, large or small integers otherwise.
static std::byte drawPattern(const Case &current) {
  static constexpr unsigned char patterns[] = {0xff, 0x7f, 0xa5, 0x01};
  return std::byte{patterns[current.draw(purpose::outputPattern) % std::size(patterns)]};
}

static bool prepare(const Case &current, const NativeData &data, const CompiledNetwork &network,
                    const Truth &truth, Call &call) {
  std::byte pattern = drawPattern(current);
  for (auto [i, argument] : llvm::enumerate(data.arguments)) {
    Layout layout = i < data.layouts.size() ? data.layouts[i] : Layout();
    auto input = GuardedTensor::make(argument.type(), argument.shape(), layout,
                                     drawPlacement(current, i), pattern);
    if (!input)
      return false;
    input->write(argument);
    input->remember();
    call.inputs.push_back(std::move(*input));
  }
  for (auto [i, result] : llvm::enumerate(truth.results)) {
    Layout layout = drawLayout(current.draw(purpose::outputs + (i << 8)), result.shape().size());
    auto output = GuardedTensor::make(result.type(), result.shape(), layout,
                                      drawPlacement(current, 256 + i), pattern);
    if (!output)
      return false;
    output->remember();
    call.outputs.push_back(std::move(*output));
  }
  // Up to the last whole cache line before the guard.
  size_t bytes = (static_cast<size_t>(network.workspaceBytes()) + 63) / 64 * 64;
  call.workspace = GuardedPages::make(bytes);
  if (!call.workspace)
    return false;
  std::fill(call.workspace->begin(), call.workspace->end(), pattern);
  call.workspaceBegin = call.workspace->end() - bytes;
  return true;
}

/// Reports bytes that nobody may write to. False where there are any.
static bool checkUntouched(Case &current, StringRef pass, const Call &call) {
  for (auto [i, input] : llvm::enumerate(call.inputs))
    if (std::optional<size_t> at = input.firstChange(false)) {
      current.report(Oracle::Native, pass,
                     ("argument " + Twine(i) + " was written to, byte " + Twine(*at)).str());
      return false;
    }
  for (auto [i, output] : llvm::enumerate(call.outputs))
    if (std::optional<size_t> at = output.firstChange(true)) {
      current.report(
          Oracle::Native, pass,
          ("result " + Twine(i) + ": byte " + Twine(*at) + " between its elements was written to")
              .str());
      return false;
    }
  return true;
}

static void runNetwork(Case &current, StringRef pass, CompiledNetwork &network,
                       const NativeData &data, const Truth &truth) {
  ContextPointer context(tenon_context_create(static_cast<int32_t>(data.threads)));
  Call call;
  if (!context || !prepare(current, data, network, truth, call)) {
    ++current.outcome.inconclusive;
    return;
  }
  std::vector<tenon_tensor> inputs, outputs;
  for (const GuardedTensor &input : call.inputs)
    inputs.push_back(input.view());
  for (const GuardedTensor &output : call.outputs)
    outputs.push_back(output.view());
  current.beginPhase("run " + pass);
  tenon_status status = network.run(context.get(), inputs.data(), inputs.size(), outputs.data(),
                                    outputs.size(), call.workspaceBegin, network.workspaceBytes());
  if (status != TENON_OK) {
    current.report(Oracle::Native, pass,
                   std::string("the call fails: ") + tenon_context_error(context.get()));
    return;
  }
  if (!checkUntouched(current, pass, call))
    return;
  SmallVector<HostTensor> found;
  for (const GuardedTensor &output : call.outputs)
    found.push_back(output.read());
  Verdict verdict = compareWithTruth(found, truth);
  current.outcome.conclusive += verdict.conclusive;
  current.outcome.inconclusive += verdict.inconclusive;
  if (!verdict.difference.empty())
    current.report(Oracle::Native, pass, verdict.difference, verdict.kind);
}

void fuzz::checkNative(Case &current, StringRef pass, ModuleOp module, StringRef function,
                       const NativeData &data, const Truth &truth, bool mayRefuse) {
  current.beginPhase(pass);
  CompileOptions options;
  options.function = function.str();
  options.threads = data.threads;
  KernelCache::get().setEffort(data.effort);
  bool isTooMuch = false;
  options.mayAddKernels = [&](size_t missing) {
    isTooMuch = missing > data.mostNewKernels;
    return !isTooMuch;
  };
  auto refuse = [&](llvm::Error error) {
    if (isTooMuch)
      return llvm::consumeError(std::move(error));
    std::string why = llvm::toString(std::move(error));
    if (mayRefuse)
      ++current.outcome.refused;
    else
      current.report(Oracle::Native, pass, "it cannot be compiled: " + why);
  };
  // The pipeline takes linalg and tn; arith on tensors is for a pass of upstream.
  OwningOpRef<ModuleOp> onLinalg = module.clone();
  std::string error;
  PassManager *elementwise =
      current.session.pipeline("func.func(convert-elementwise-to-linalg)", error);
  if (!elementwise || failed(elementwise->run(*onLinalg)))
    return refuse(llvm::createStringError("convert-elementwise-to-linalg fails " + error));
  llvm::Expected<std::unique_ptr<CompiledNetwork>> compiled =
      CompiledNetwork::compile(*onLinalg, options);
  if (!compiled)
    return refuse(compiled.takeError());
  CompiledNetwork *network = compiled->get();
  if (!network->signature().isStatic()) {
    std::vector<tenon_tensor> shapes;
    for (const HostTensor &argument : data.arguments)
      shapes.push_back({nullptr, argument.type().dtype, static_cast<int32_t>(argument.rank()),
                        argument.shape().data(), nullptr});
    llvm::Expected<CompiledNetwork *> fitting =
        network->specialize(nullptr, shapes.data(), shapes.size());
    if (!fitting)
      return refuse(fitting.takeError());
    network = *fitting;
  }
  runNetwork(current, pass, *network, data, truth);
}
