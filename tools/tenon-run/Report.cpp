//===- Report.cpp - What a run has to say about itself --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Report.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Tools/ByteSize.h"
#include "tenon/Tools/Interruption.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

#include <chrono>
#include <sys/resource.h>

using namespace mlir;
using namespace tenon;
using namespace tenon::run;

static constexpr double kBenchSeconds = 1, kLongRunSeconds = 3600;
static constexpr int64_t kLeastRepetitions = 3, kMostRepetitions = 1000;

namespace {
/// The numbers of the plan's summary.
class Planned {
public:
  explicit Planned(const CompiledNetwork &network) {
    if (network.plan().empty())
      return;
    llvm::Expected<llvm::json::Value> plan = llvm::json::parse(network.plan());
    if (!plan)
      llvm::consumeError(plan.takeError());
    else if (llvm::json::Object *found = plan->getAsObject())
      summary = std::move(*found);
  }

  std::optional<double> get(StringRef key) const { return summary.getNumber(key); }
  double getOr(StringRef key, double otherwise) const { return get(key).value_or(otherwise); }

private:
  llvm::json::Object summary;
};
} // namespace

/// Multiply-adds of a function without n-ary contractions and loops, which runs as it is written.
static std::optional<double> countOperations(func::FuncOp function) {
  double count = 0;
  WalkResult result = function.walk([&](Operation *op) {
    if (op->getNumRegions() > 0 && op != function)
      return WalkResult::interrupt();
    auto contract = dyn_cast<tn::ContractOp>(op);
    if (!contract)
      return WalkResult::advance();
    double points = 1;
    for (int64_t extent : contract.getIndexExtents()) {
      if (ShapedType::isDynamic(extent))
        return WalkResult::interrupt();
      points *= static_cast<double>(extent);
    }
    count += points;
    return contract.getInputs().size() <= 2 ? WalkResult::advance() : WalkResult::interrupt();
  });
  return result.wasInterrupted() || count == 0 ? std::nullopt : std::optional<double>(count);
}

/// Real operations of a multiply-add: a complex one is four multiplications and four additions.
static double getFlops(func::FuncOp function, double multiplyAdds) {
  bool isComplex = llvm::any_of(function.getResultTypes(), [](Type type) {
    return isa<ComplexType>(getElementTypeOrSelf(type));
  });
  return multiplyAdds * (isComplex ? 8 : 2);
}

void run::warnOfLongRun(const NativeRun &native, raw_ostream &report) {
  const Planned planned(native.network());
  double seconds = planned.getOr("estimated_seconds", 0), slices = planned.getOr("slices", 1);
  if (seconds < kLongRunSeconds)
    return;
  constexpr double hour = 3600, year = 365.25 * 24 * hour;
  report << "tenon-run: warning: the planned "
         << llvm::format("%.3g", planned.getOr("operations", 0))
         << " multiply-adds are estimated to take "
         << (seconds < year ? llvm::format("%.3g hours", seconds / hour)
                            : llvm::format("%.3g years", seconds / year));
  if (slices > 1)
    report << llvm::format("; a higher --memory-limit needs fewer than these %.3g slices", slices);
  report << '\n';
}

void run::reportStatistics(const NativeRun &native, func::FuncOp function, raw_ostream &report) {
  const CompiledNetwork &network = native.network();
  const Planned planned(network);
  double operations = planned.getOr("operations", 0), slices = planned.getOr("slices", 0);
  if (!network.plan().empty()) {
    report << llvm::format("planned   %.4g multiply-adds in %.0f slice%s, ", operations, slices,
                           slices == 1 ? "" : "s")
           << formatByteSize(static_cast<int64_t>(planned.getOr("peak_bytes", 0)))
           << llvm::format(" beside inputs and outputs, about %.3g s\n",
                           planned.getOr("estimated_seconds", 0));
  }
  report << "compiled  ";
  double total = 0;
  for (const auto &[name, seconds] : network.times().stages) {
    report << llvm::format("%s %.1f ms, ", name.c_str(), seconds * 1e3);
    total += seconds;
  }
  report << llvm::format("in all %.1f ms; %zu kernels\n", total * 1e3, network.numKernels());
  report << llvm::format("ran       %.4g s on %d thread%s", native.seconds(), native.threads(),
                         native.threads() == 1 ? "" : "s");
  if (operations > 0 && native.seconds() > 0)
    report << llvm::format(", %.3g GFLOP/s",
                           getFlops(function, operations) / native.seconds() * 1e-9);
  report << "\nmemory    " << formatByteSize(network.workspaceBytes()) << " of workspace";
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0)
    report << ", " << formatByteSize(int64_t(usage.ru_maxrss) * 1024)
           << " at most in the whole process";
  report << '\n';
}

llvm::Error run::benchmark(NativeRun &native, func::FuncOp function, int64_t repetitions,
                           raw_ostream &report) {
  using Clock = std::chrono::steady_clock;
  auto time = [&](double &seconds) {
    Clock::time_point start = Clock::now();
    llvm::Error error = native.run();
    seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return error;
  };
  double first;
  if (llvm::Error error = time(first))
    return error;
  if (repetitions == 0)
    repetitions = std::clamp(static_cast<int64_t>(kBenchSeconds / std::max(first, 1e-6)),
                             kLeastRepetitions, kMostRepetitions);
  std::vector<double> seconds(repetitions);
  for (double &one : seconds)
    if (llvm::Error error = time(one))
      return error;
  llvm::sort(seconds);
  double median = (seconds[(repetitions - 1) / 2] + seconds[repetitions / 2]) / 2;
  report << llvm::format("bench: median %.6g ms, least %.6g ms, first %.6g ms, ", median * 1e3,
                         seconds.front() * 1e3, first * 1e3)
         << repetitions << " runs, " << native.threads() << " threads\n";
  const Planned planned(native.network());
  std::optional<double> operations = planned.get("operations");
  if (!operations)
    operations = countOperations(function);
  if (operations)
    report << llvm::format("bench: %.6g multiply-adds, %.3f GFLOP/s\n", *operations,
                           getFlops(function, *operations) / median * 1e-9);
  if (std::optional<double> peak = planned.get("peak_bytes"))
    report << "bench: planned peak of intermediates " << formatByteSize(static_cast<int64_t>(*peak))
           << '\n';
  if (std::optional<double> slices = planned.get("slices"))
    report << llvm::format("bench: %.0f slices\n", *slices);
  report << "bench: workspace " << formatByteSize(native.network().workspaceBytes()) << '\n';
  return llvm::Error::success();
}

llvm::Error run::profile(NativeRun &native, int64_t most, raw_ostream &report) {
  if (llvm::Error error = native.run())
    return error;
  std::vector<StepProfile> steps, latest;
  double seconds = 0, least = 0;
  int64_t runs = 0;
  for (; runs < kMostRepetitions && (runs < kLeastRepetitions || seconds < kBenchSeconds); ++runs) {
    if (llvm::Error error = native.runProfiled(latest))
      return error;
    seconds += native.seconds();
    least = runs == 0 ? native.seconds() : std::min(least, native.seconds());
    if (runs == 0)
      steps = latest;
    for (auto [step, now] : llvm::zip_equal(steps, latest))
      step.seconds = std::min(step.seconds, now.seconds);
  }
  llvm::erase_if(steps, [](const StepProfile &step) { return step.runs == 0; });
  double inSteps = 0;
  for (const StepProfile &step : steps)
    inSteps += step.seconds;
  llvm::stable_sort(
      steps, [](const StepProfile &a, const StepProfile &b) { return a.seconds > b.seconds; });
  report << llvm::format("profile: least %.6g ms; of each of ", least * 1e3) << steps.size()
         << llvm::format(" steps, in all %.6g ms; ", inSteps * 1e3) << runs << " runs, "
         << native.threads() << " threads\n"
         << "        ms  share   calls  GFLOP/s    GB/s  step\n";
  for (const StepProfile &step : ArrayRef(steps).take_front(most)) {
    double each = step.seconds / static_cast<double>(step.runs);
    double flops = step.operations * (step.isComplex ? 8 : 2);
    report << llvm::format("%10.4f %5.1f%% %7.0f %8.2f %7.2f  ", step.seconds * 1e3,
                           step.seconds / inSteps * 100, static_cast<double>(step.runs),
                           flops / each * 1e-9, step.bytes / each * 1e-9)
           << step.text << '\n';
  }
  return llvm::Error::success();
}
