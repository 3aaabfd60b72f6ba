//===- Tuning.cpp - Kernels chosen by measurement ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/Tuning.h"

#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Execution/KernelCache.h"
#include "tenon/KernelModel/TuningCandidates.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Format.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>

using namespace mlir;
using namespace tenon;

namespace {

/// Operands that are larger are not measured: the machine may not have the memory twice.
constexpr double kMostBytes = double(int64_t(2) << 30);
/// What a sample should take at least, and how many are taken of each candidate and in the end.
constexpr double kSampleSeconds = 2e-4;
constexpr int kFirstSamples = 3, kLastSamples = 9;
/// A candidate that is slower by this factor at first sight is not looked at again.
constexpr double kHopeless = 1.15;
/// What a choice must save: less is noise.
constexpr double kWorthwhile = 0.97;

/// Processor time of this thread: other processes on the core do not count.
double threadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

class Deadline {
public:
  explicit Deadline(double seconds)
      : end(std::chrono::steady_clock::now() +
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                std::chrono::duration<double>(seconds))) {}
  double left() const {
    return std::chrono::duration<double>(end - std::chrono::steady_clock::now()).count();
  }

private:
  std::chrono::steady_clock::time_point end;
};

/// Memory of one operand, aligned to 64 bytes.
struct Buffer {
  std::unique_ptr<char, decltype(&std::free)> memory{nullptr, &std::free};
  char *origin = nullptr;

  bool allocate(int64_t bytes, int64_t originBytes, int value) {
    int64_t rounded = (std::max<int64_t>(bytes, 1) + 127) / 64 * 64;
    memory.reset(static_cast<char *>(std::aligned_alloc(64, rounded)));
    if (!memory)
      return false;
    std::memset(memory.get(), value, rounded);
    origin = memory.get() + originBytes;
    return true;
  }
};

/// A contraction of the network, as often as it is computed.
struct Task {
  cpu::ContractionTypes types;
  cpu::ContractionShape shape;
  cpu::SumFormat sum;
  cpu::Blocking chosen;
  bool accumulates = false;
  double calls = 0;
  double seconds = 0; ///< of all calls, with the choice of the schedule
};

/// Kernels and buffers of one contraction.
class Bench {
public:
  Bench(const Task &task, MLIRContext &context) : task(task), context(context) {}

  /// False where memory is out, or the operands are too large.
  bool allocate() {
    constexpr int64_t cpu::ContractionDim::*kStrides[] = {&cpu::ContractionDim::strideA,
                                                          &cpu::ContractionDim::strideB,
                                                          &cpu::ContractionDim::strideC};
    Type types[] = {task.types.typeA, task.types.typeB, task.types.typeC};
    double total = 0;
    for (int i = 0; i < 3; ++i) {
      int64_t low = 0, high = 1, bytes = tn::getElementBytes(types[i]);
      for (const auto &group : task.shape.groups)
        for (const cpu::ContractionDim &dim : group)
          (dim.*kStrides[i] < 0 ? low : high) += (dim.extent - 1) * (dim.*kStrides[i]);
      total += double(high - low) * double(bytes);
      // Small positive numbers in every type, but for booleans.
      if (total > kMostBytes || !operands[i].allocate((high - low) * bytes, -low * bytes,
                                                      types[i].isInteger(1) ? 1 : 0x3c))
        return false;
    }
    return true;
  }

  struct Candidate {
    cpu::Blocking blocking;
    void *kernel = nullptr;
    std::vector<int64_t> words;
    Buffer workspace;
    int64_t workspaceBytes = 0;
    std::vector<double> samples;

    double median() const {
      std::vector<double> sorted = samples;
      llvm::sort(sorted);
      return sorted[sorted.size() / 2];
    }
  };

  llvm::Expected<std::unique_ptr<Candidate>> prepare(const cpu::Blocking &blocking) {
    auto candidate = std::make_unique<Candidate>();
    candidate->blocking = blocking;
    cpu::ContractionKernelSpec spec{task.types, blocking};
    OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
    OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
    func::FuncOp declaration =
        cpu::declareKernel(builder, module->getLoc(), "tuned", cpu::toAttribute(&context, spec));
    auto entries =
        KernelCache::get().lookup({declaration}, 1, [] { return llvm::Error::success(); });
    if (!entries)
      return entries.takeError();
    candidate->kernel = entries->front();
    candidate->words = task.shape.words(task.accumulates, blocking);
    candidate->workspaceBytes = cpu::packingWorkspaceBytes(spec, blocking, task.shape.sizes());
    if (double(candidate->workspaceBytes) > kMostBytes ||
        !candidate->workspace.allocate(candidate->workspaceBytes, 0, 0))
      return nullptr;
    return candidate;
  }

  /// Seconds of one call, which is repeated as long as the clock needs.
  double sample(Candidate &candidate) {
    struct Descriptor {
      void *allocated, *aligned;
      int64_t offset, size, stride;
    };
    auto describe = [](void *data, int64_t size) { return Descriptor{data, data, 0, size, 1}; };
    constexpr int64_t kUnbounded = INT64_MAX / 16;
    Descriptor descriptors[] = {describe(operands[0].origin, kUnbounded),
                                describe(operands[1].origin, kUnbounded),
                                describe(operands[2].origin, kUnbounded),
                                describe(candidate.words.data(), candidate.words.size()),
                                describe(candidate.workspace.origin, candidate.workspaceBytes)};
    void *arguments[5];
    for (int i = 0; i < 5; ++i)
      arguments[i] = &descriptors[i];
    auto entry = reinterpret_cast<void (*)(void *const *)>(candidate.kernel);
    double start = threadSeconds();
    for (int64_t i = 0; i < repeats; ++i)
      entry(arguments);
    double seconds = (threadSeconds() - start) / double(repeats);
    candidate.samples.push_back(seconds);
    return seconds;
  }

  /// The first call of all: finds how often calls have to be repeated.
  void warmUp(Candidate &candidate) {
    for (repeats = 1;; repeats *= 4) {
      double seconds = sample(candidate) * double(repeats);
      if (seconds >= kSampleSeconds || repeats > 1 << 20)
        break;
    }
    candidate.samples.clear();
  }

private:
  const Task &task;
  MLIRContext &context;
  Buffer operands[3];
  int64_t repeats = 1;
};

/// Iterations of the loops around an operation.
double countRuns(Operation *op) {
  double runs = 1;
  for (Operation *parent = op->getParentOp(); parent; parent = parent->getParentOp()) {
    if (auto loop = dyn_cast<scf::ForOp>(parent)) {
      std::optional<APInt> trips = loop.getStaticTripCount();
      runs *= trips ? double(trips->getSExtValue()) : 1;
    } else if (auto forall = dyn_cast<scf::ForallOp>(parent)) {
      for (OpFoldResult bound : forall.getMixedUpperBound())
        runs *= double(getConstantIntValue(bound).value_or(1));
    }
  }
  return runs;
}

using Tasks = llvm::MapVector<std::string, Task, llvm::StringMap<unsigned>>;

Tasks collectTasks(func::FuncOp schedule) {
  Tasks tasks;
  auto module = schedule->getParentOfType<ModuleOp>();
  schedule.walk([&](tn::CallContractionOp call) {
    auto kernel = module.lookupSymbol<func::FuncOp>(call.getCallee());
    auto attribute = kernel ? kernel->getAttrOfType<tn::ContractionKernelAttr>("tn.kernel")
                            : tn::ContractionKernelAttr();
    // A kernel that somebody has edited stays as it is.
    if (!attribute || !kernel.isDeclaration())
      return;
    cpu::ContractionKernelSpec spec = cpu::toSpec(attribute);
    cpu::ContractionShape shape = cpu::getShapeOfCall(call);
    Task &task = tasks[cpu::tuningKey(spec, shape)];
    if (task.calls == 0) {
      ArrayRef<int64_t> blocks = call.getBlocks();
      task.types = spec;
      task.shape = shape;
      task.sum = cpu::sumFormat(spec);
      static_cast<cpu::KernelTiling &>(task.chosen) = spec;
      static_cast<cpu::CacheBlocks &>(task.chosen) = {blocks[0], blocks[1], blocks[2]};
      task.accumulates = call.getAccumulate();
    }
    task.calls += countRuns(call);
  });
  // An empty contraction has nothing to be measured.
  tasks.remove_if([](const auto &entry) {
    return llvm::any_of(entry.second.shape.groups, [](const auto &group) {
      return llvm::any_of(group, [](const cpu::ContractionDim &dim) { return dim.extent == 0; });
    });
  });
  return tasks;
}

class Tuner {
public:
  Tuner(MLIRContext &context, const cpu::Processor &target, cpu::TuningTable &table,
        const TuningOptions &options)
      : context(context), target(target), table(table), options(options),
        deadline(options.seconds) {}

  llvm::Expected<TuningReport> run(Tasks tasks);

private:
  bool isOver() const { return deadline.left() <= 0 || isCancelled(); }
  bool isCancelled() const { return options.cancelled && options.cancelled(); }
  void say(const std::string &line) const {
    if (options.progress)
      options.progress(line);
  }
  llvm::Error measureDefault(Task &task);
  llvm::Expected<bool> search(const std::string &key, const Task &task, const Deadline &until);

  MLIRContext &context;
  const cpu::Processor &target;
  cpu::TuningTable &table;
  const TuningOptions &options;
  Deadline deadline;
};

llvm::Error Tuner::measureDefault(Task &task) {
  Bench bench(task, context);
  if (!bench.allocate())
    return llvm::Error::success();
  auto candidate = bench.prepare(task.chosen);
  if (!candidate)
    return candidate.takeError();
  if (!*candidate)
    return llvm::Error::success();
  bench.warmUp(**candidate);
  task.seconds = bench.sample(**candidate) * task.calls;
  return llvm::Error::success();
}

std::string describe(const cpu::Blocking &blocking) {
  return std::string(cpu::strategyName(blocking.strategy)) + " " + std::to_string(blocking.mr) +
         "x" + std::to_string(blocking.nr) + " blocks " + std::to_string(blocking.mc) + " " +
         std::to_string(blocking.nc) + " " + std::to_string(blocking.kc);
}

/// Whether something faster was found.
llvm::Expected<bool> Tuner::search(const std::string &key, const Task &task,
                                   const Deadline &until) {
  Bench bench(task, context);
  if (!bench.allocate())
    return false;
  auto first = bench.prepare(task.chosen);
  if (!first)
    return first.takeError();
  if (!*first)
    return false;
  std::unique_ptr<Bench::Candidate> chosen = std::move(*first), best;
  bench.warmUp(*chosen);
  auto bestOrChosen = [&]() -> Bench::Candidate & { return best ? *best : *chosen; };
  auto race = [&](const std::vector<cpu::Blocking> &candidates) -> llvm::Error {
    for (const cpu::Blocking &blocking : candidates) {
      if (until.left() <= 0 || isOver())
        break;
      if (blocking == task.chosen || blocking == bestOrChosen().blocking)
        continue;
      auto prepared = bench.prepare(blocking);
      if (!prepared)
        return prepared.takeError();
      if (!*prepared)
        continue;
      std::unique_ptr<Bench::Candidate> candidate = std::move(*prepared);
      bench.sample(*candidate); // reads its code and its workspace
      candidate->samples.clear();
      bestOrChosen().samples.clear();
      for (int i = 0; i < kFirstSamples; ++i) {
        double before = bench.sample(bestOrChosen());
        if (bench.sample(*candidate) > kHopeless * before)
          break;
      }
      if (candidate->samples.size() == kFirstSamples &&
          candidate->median() < bestOrChosen().median())
        best = std::move(candidate);
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = race(cpu::tilesToTry(task.sum, task.shape.sizes(), target)))
    return std::move(error);
  if (llvm::Error error = race(cpu::blocksToTry(bestOrChosen().blocking, target)))
    return std::move(error);
  if (isCancelled())
    return false;

  // The last word: in turns, whatever time it takes.
  double ratio = 1;
  if (best) {
    chosen->samples.clear();
    best->samples.clear();
    for (int i = 0; i < kLastSamples; ++i) {
      bench.sample(*chosen);
      bench.sample(*best);
    }
    ratio = best->median() / chosen->median();
  }
  bool isBetter = best && ratio <= kWorthwhile;
  std::string note;
  llvm::raw_string_ostream stream(note);
  if (isBetter)
    stream << llvm::format("%.3g us; %s: %.3g us, ", best->median() * 1e6,
                           describe(task.chosen).c_str(), chosen->median() * 1e6)
           << llvm::format("ratio %.2f", ratio);
  else
    stream << "nothing faster was found";
  table.set(key, {isBetter ? best->blocking : task.chosen, note});
  say(key + ": " + describe(isBetter ? best->blocking : task.chosen) + ": " + note);
  return isBetter;
}

llvm::Expected<TuningReport> Tuner::run(Tasks tasks) {
  TuningReport report;
  report.contractions = tasks.size();
  say("measuring " + std::to_string(tasks.size()) + " contractions");
  for (auto &[key, task] : tasks) {
    if (isOver())
      break;
    if (llvm::Error error = measureDefault(task))
      return std::move(error);
  }
  auto entries = tasks.takeVector();
  llvm::stable_sort(
      entries, [](const auto &a, const auto &b) { return a.second.seconds > b.second.seconds; });
  double rest = 0;
  for (const auto &[key, task] : entries)
    rest += task.seconds;
  for (const auto &[key, task] : entries) {
    if (isOver() || task.seconds <= 0)
      break;
    // As much of the time as the contraction has of the network's, of what others leave.
    Deadline until(deadline.left() * task.seconds / rest);
    rest -= task.seconds;
    llvm::Expected<bool> improved = search(key, task, until);
    if (!improved)
      return improved.takeError();
    ++report.searched;
    report.improved += *improved;
  }
  report.interrupted = isCancelled();
  return report;
}

} // namespace

llvm::Expected<TuningReport> tenon::tuneKernels(func::FuncOp schedule, const cpu::Processor &target,
                                                cpu::TuningTable &table,
                                                const TuningOptions &options) {
  return Tuner(*schedule.getContext(), target, table, options).run(collectTasks(schedule));
}
