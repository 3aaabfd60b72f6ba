//===- Probe.cpp - A compiled network whose runs are timed ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Probe.h"

#include "tenon/HostTensor/RandomFill.h"
#include "tenon/Import/Import.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/JSON.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <sys/mman.h>

using namespace mlir;
using namespace tenon;
using namespace tenon::calibrate;

static llvm::Error growTo(HostTensor &tensor, int64_t bytes) {
  if (static_cast<int64_t>(tensor.bytes().size()) >= bytes)
    return llvm::Error::success();
  // Of any type, random f32 are numbers that arithmetic takes no longer for.
  Result<HostTensor> larger = HostTensor::zeros({TENON_F32}, {{bytes / 4 + 1}});
  if (!larger)
    return llvm::createStringError(larger.message());
  tensor = std::move(*larger);
  fillRandom(tensor, /*seed=*/1);
  return llvm::Error::success();
}

llvm::Error SharedArrays::reserve(int64_t inputBytes, int64_t outputBytes) {
  return llvm::joinErrors(growTo(read, inputBytes), growTo(written, outputBytes));
}

/// Places arrays one after the other; returns the bytes of all. The elements of the first one lie
/// `spacing` apart.
int64_t Probe::layOut(const std::vector<ArgumentInfo> &infos, int64_t spacing,
                      std::vector<tenon_tensor> &tensors, std::vector<int64_t> &offsets) {
  int64_t end = 0;
  for (const ArgumentInfo &info : infos) {
    std::vector<int64_t> &own = strides.emplace_back(info.extents.size());
    int64_t stride = spacing;
    for (size_t dim = own.size(); dim-- > 0; stride *= info.extents[dim])
      own[dim] = stride;
    offsets.push_back(end);
    end += llvm::alignTo(stride * ElementType{info.dtype}.byteWidth(), 64);
    tensors.push_back({nullptr, info.dtype, static_cast<int32_t>(info.extents.size()),
                       info.extents.data(), own.data()});
    spacing = 1;
  }
  return end;
}

llvm::Expected<std::unique_ptr<Probe>> Probe::create(MLIRContext &context,
                                                     const frontend::NetworkDescription &network,
                                                     Workers &workers, SharedArrays &arrays,
                                                     const ProbeSettings &settings) {
  OwningOpRef<ModuleOp> module = importNetwork(&context, network);
  if (!module)
    return llvm::createStringError("a network to measure cannot be made");
  if (!settings.path.empty())
    module->walk([&](tn::ContractOp op) {
      op->setAttr("tn.path", Builder(&context).getDenseI64ArrayAttr(settings.path));
    });
  CompileOptions options;
  options.threads = workers.count();
  options.plan = settings.plan;
  auto compiled = CompiledNetwork::compile(*module, options);
  if (!compiled)
    return compiled.takeError();
  std::unique_ptr<Probe> probe(new Probe(workers, arrays));
  probe->compiled = std::move(*compiled);
  const Signature &signature = probe->compiled->signature();
  int64_t read =
      probe->layOut(signature.inputs, settings.spacing, probe->inputs, probe->inputOffsets);
  int64_t written = probe->layOut(signature.outputs, settings.resultSpacing, probe->outputs,
                                  probe->outputOffsets);
  if (llvm::Error error = arrays.reserve(read, written))
    return error;
  if (settings.keepsWorkspace) {
    // As the runtime allocates large ones: on huge pages.
    constexpr size_t hugePage = size_t(2) << 20;
    size_t size = llvm::alignTo(static_cast<size_t>(probe->workspaceBytes()), hugePage);
    probe->workspace.reset(std::aligned_alloc(hugePage, size));
    if (!probe->workspace)
      return llvm::createStringError("no memory for a workspace of " + llvm::Twine(size) +
                                     " bytes");
    madvise(probe->workspace.get(), size, MADV_HUGEPAGE);
  }
  return probe;
}

llvm::Error Probe::run() {
  tenon_status status = compiled->run(
      workers.get(), inputs.data(), static_cast<int64_t>(inputs.size()), outputs.data(),
      static_cast<int64_t>(outputs.size()), workspace.get(), workspace ? workspaceBytes() : 0);
  if (status != TENON_OK)
    return llvm::createStringError(tenon_context_error(workers.get()));
  return llvm::Error::success();
}

llvm::Error Probe::measure(double seconds) {
  // Reading the clock takes as long as some of the runs.
  constexpr double clockIsNothingTo = 2e-5;
  for (auto [tensor, offset] : llvm::zip_equal(inputs, inputOffsets))
    tensor.data = arrays.inputs() + offset;
  for (auto [tensor, offset] : llvm::zip_equal(outputs, outputOffsets))
    tensor.data = arrays.outputs() + offset;
  clockid_t clock = workers.count() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  auto now = [&] {
    timespec time;
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  if (llvm::Error error = run())
    return error;
  int64_t runs = 1;
  for (double spent = 0; spent < seconds;) {
    double start = now();
    for (int64_t i = 0; i < runs; ++i)
      if (llvm::Error error = run())
        return error;
    double elapsed = std::max(now() - start, 1e-9), one = elapsed / static_cast<double>(runs);
    samples.push_back(one);
    spent += elapsed;
    runs = static_cast<int64_t>(std::clamp(clockIsNothingTo / one, 1.0, 1e6));
  }
  return llvm::Error::success();
}

double Probe::least() const {
  std::vector<double> sorted = samples;
  auto place =
      sorted.begin() + static_cast<ptrdiff_t>(workers.count() == 1 ? sorted.size() / 8 : 0);
  std::nth_element(sorted.begin(), place, sorted.end());
  return *place;
}

llvm::Expected<PlanFigures> Probe::plan() const {
  llvm::Expected<llvm::json::Value> plan = llvm::json::parse(compiled->plan());
  if (!plan)
    return plan.takeError();
  const llvm::json::Object *object = plan->getAsObject();
  std::optional<double> seconds =
      object ? object->getNumber("estimated_seconds") : std::optional<double>();
  if (!seconds)
    return llvm::createStringError("a network to measure has no plan");
  return PlanFigures{object->getNumber("operations").value_or(0), *seconds};
}
