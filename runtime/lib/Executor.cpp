//===- Executor.cpp - Runs a bound program --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Which thread computes what may differ from run to run; what is computed does not: the iterations
// of a parallel loop write to places of their own, and the parts of a split contraction never
// divide a sum.
//
//===----------------------------------------------------------------------===//

#include "Executor.h"

#include "tenon/Support/SeededBug.h"

#include <algorithm>
#include <optional>
#include <pthread.h>
#include <time.h>

using namespace tenon::runtime;

namespace {
/// Counts slices for the user's callback, from whichever thread finishes one.
class Progress {
public:
  Progress(const tenon_context &context, int64_t total)
      : function(total > 0 ? context.progress : nullptr), data(context.progressData), total(total) {
  }
  ~Progress() { pthread_mutex_destroy(&mutex); }
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  void countSlice() {
    if (!function)
      return;
    pthread_mutex_lock(&mutex);
    function(data, ++done, total);
    pthread_mutex_unlock(&mutex);
  }

private:
  tenon_progress_fn function;
  void *data;
  int64_t total;
  int64_t done = 0;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
};

/// Adds the time of its life to the record of a step, if there is one.
class StepTimer {
public:
  StepTimer(tenon_rt_step_time *times, uint64_t number)
      : record(times ? times + number : nullptr), start(record ? now() : 0) {}
  ~StepTimer() {
    if (!record)
      return;
    __atomic_fetch_add(&record->nanoseconds, now() - start, __ATOMIC_RELAXED);
    __atomic_fetch_add(&record->runs, 1, __ATOMIC_RELAXED);
  }
  StepTimer(const StepTimer &) = delete;
  StepTimer &operator=(const StepTimer &) = delete;

private:
  static int64_t now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
  }

  tenon_rt_step_time *record;
  int64_t start;
};

class Run {
public:
  Run(Binding &binding, tenon_context &context, ThreadPool *pool, tenon_rt_step_time *times)
      : program(binding.program), binding(binding), context(context), pool(pool), times(times),
        threads(pool ? pool->size() : 1),
        progress(context, binding.program.image.header().totalSlices) {}

  /// Runs steps [begin, end) in a frame whose loops there stand at 0. `onWorker`: inside a parallel
  /// loop, where nothing may be shared among threads again. False when cancelled.
  bool execute(Frame &frame, uint64_t begin, uint64_t end, bool onWorker);
  /// Runs all steps, of a schedule without loops, and takes powers of two out of what they write;
  /// `exponents` has one for each step. False when cancelled.
  bool executeScaled(const ScalingPlan &scaling, char *arena, Array<int64_t> &exponents);

private:
  bool executeParallel(const Frame &frame, uint64_t begin);
  bool enterSharedNest(Frame &frame, uint64_t begin);
  void leaveSharedNest(Frame &frame, uint64_t begin);
  void executeCall(Frame &frame, uint64_t number);
  void fetchOperands(const Frame &frame, uint64_t number) const;
  void executeSplit(Frame &frame, uint64_t number);
  void executeCopy(Frame &frame, uint64_t number, bool onWorker);
  bool isCancelled() const { return context.cancelled.load(std::memory_order_relaxed) != 0; }

  const Program &program;
  Binding &binding;
  tenon_context &context;
  ThreadPool *pool;          ///< nullptr: one thread
  tenon_rt_step_time *times; ///< nullptr: nobody asks
  int32_t threads;
  Progress progress;
};
} // namespace

bool Run::execute(Frame &frame, uint64_t begin, uint64_t end, bool onWorker) {
  for (uint64_t number = begin; number < end;) {
    if (isCancelled())
      return false;
    const PreparedStep &step = program.steps[number];
    switch (step.op) {
    case Op::Skip:
      break;
    case Op::Call: {
      StepTimer timer(times, number);
      executeCall(frame, number);
      break;
    }
    case Op::SplitCall: {
      StepTimer timer(times, number);
      executeSplit(frame, number);
      break;
    }
    case Op::Copy:
    case Op::Fill: {
      StepTimer timer(times, number);
      executeCopy(frame, number, onWorker);
      break;
    }
    case Op::ParallelLoop:
      if (!onWorker && threads > 1 && step.extent > 1) {
        if (!executeParallel(frame, number))
          return false;
        number = step.partner;
        break;
      }
      [[fallthrough]];
    case Op::Loop:
      if (step.extent == 0)
        number = step.partner;
      break;
    case Op::SharedNest:
      if (!enterSharedNest(frame, number))
        number = step.partner;
      break;
    case Op::SharedNestEnd:
      if (--frame.remaining == 0) {
        if (step.countsSlice)
          progress.countSlice();
        leaveSharedNest(frame, step.nest);
        number = program.steps[step.nest].partner;
        break;
      }
      [[fallthrough]];
    case Op::LoopEnd: {
      if (step.countsSlice)
        progress.countSlice();
      int64_t next = frame.positions[step.loop] + 1;
      bool again = next < step.extent;
      binding.seek(frame, step.loop, again ? next : 0);
      if (again)
        number = step.partner;
      break;
    }
    }
    ++number;
  }
  return true;
}

bool Run::executeScaled(const ScalingPlan &scaling, char *arena, Array<int64_t> &exponents) {
  for (uint64_t number = 0; number < program.steps.size(); ++number) {
    if (!execute(binding.master, number, number + 1, /*onWorker=*/false))
      return false;
    exponents[number] = scaling.exponentOf(number, exponents);
    if (std::optional<NumberRange> result = scaling.rescaledNumbers(number))
      exponents[number] += rescale(result->dtype, arena + result->byteOffset, result->count);
  }
  return true;
}

/// Moves the nest's loops to the first iteration of the share; false where the share is empty.
bool Run::enterSharedNest(Frame &frame, uint64_t begin) {
  const PreparedStep &step = program.steps[begin];
  auto loops = static_cast<uint64_t>(step.ways);
  int64_t total = 1;
  for (uint64_t i = 0; i < loops; ++i)
    total *= program.steps[begin + i].extent;
  int64_t number = frame.positions[step.nest] * step.grain;
  frame.remaining = std::min(step.grain, total - number);
  if (frame.remaining <= 0)
    return false;
  for (uint64_t digit = loops; digit-- > 0;) {
    uint64_t i = tenon::isSeeded(tenon::SeededBug::ShareStart) ? loops - 1 - digit : digit;
    int64_t extent = program.steps[begin + i].extent;
    binding.seek(frame, step.loop + i, number % extent);
    number /= extent;
  }
  return true;
}

void Run::leaveSharedNest(Frame &frame, uint64_t begin) {
  const PreparedStep &step = program.steps[begin];
  for (uint64_t i = 0; i < static_cast<uint64_t>(step.ways); ++i)
    binding.seek(frame, step.loop + i, 0);
}

/// Only a step outside of loops, which one thread runs, has something to fetch ahead, and always
/// runs before the step that it is for.
void Run::executeCall(Frame &frame, uint64_t number) {
  const PreparedStep &step = program.steps[number];
  fetchOperands(frame, number);
  void **args = frame.args.data() + step.firstArg;
  const Binding::FetchedAhead &ahead = binding.fetchedAhead(number);
  if (ahead.lines == 0)
    return step.kernel(args);
  Binding::FetchedOperand &operand = binding.operandOf(ahead);
  uint64_t &address = frame.words[ahead.words];
  uint64_t &lines = frame.words[ahead.words + (kSoonLinesWord - kSoonAddressWord)];
  address = frame.words[operand.word] + operand.first;
  lines = ahead.lines;
  step.kernel(args);
  operand.there = (ahead.lines - lines) * Binding::kFetchedLineBytes;
}

void Run::fetchOperands(const Frame &frame, uint64_t number) const {
  constexpr uint64_t kLineBytes = Binding::kFetchedLineBytes;
  const Binding::FetchedOperand *operands = binding.fetchedOperands(number);
  for (uint64_t i = 0; i < Binding::kFetchedPerStep; ++i) {
    uint64_t begin = frame.words[operands[i].word] + operands[i].first;
    for (uint64_t offset = operands[i].there; offset < operands[i].bytes; offset += kLineBytes)
      __builtin_prefetch(reinterpret_cast<const void *>(begin + offset), /*write=*/0,
                         /*locality=*/2);
  }
}

bool Run::executeParallel(const Frame &frame, uint64_t begin) {
  const PreparedStep &first = program.steps[begin];
  uint64_t end = first.partner;
  uint64_t firstWord = first.firstWord, lastWord = program.steps[end].firstWord;
  auto participants = static_cast<int32_t>(std::min<int64_t>(threads, first.extent));
  // Some pieces for each thread even out their lengths; more would be overhead.
  int64_t chunk = std::max<int64_t>(1, first.extent / (int64_t(participants) * 8));
  std::atomic<int64_t> nextIteration{0};
  auto work = [&](int32_t participant) {
    Frame &own = *binding.threadFrames[static_cast<uint64_t>(participant)];
    std::copy(frame.words.begin() + firstWord, frame.words.begin() + lastWord,
              own.words.begin() + firstWord);
    std::fill(own.positions.begin(), own.positions.end(), 0);
    for (;;) {
      int64_t from = nextIteration.fetch_add(chunk, std::memory_order_relaxed);
      int64_t to = std::min(from + chunk, first.extent);
      for (int64_t i = from; i < to; ++i) {
        binding.seek(own, first.loop, i);
        if (!execute(own, begin + 1, end, true))
          return;
        if (program.steps[end].countsSlice)
          progress.countSlice();
      }
      if (to >= first.extent)
        return;
    }
  };
  pool->run(participants, work);
  return !isCancelled();
}

void Run::executeSplit(Frame &frame, uint64_t number) {
  using Layout = ContractionLayout;
  const PreparedStep &step = program.steps[number];
  const Step &record = program.image.steps()[number];
  // Batch, M, N: where the shape words say what to compute.
  constexpr uint64_t rangeWords[3] = {9, 5, 7};
  uint64_t rangeWord = rangeWords[static_cast<uint64_t>(record.splitGroup)];
  int64_t pieces = step.extent / step.grain + (step.extent % step.grain != 0);
  auto parts = static_cast<int32_t>(
      std::min({int64_t(threads), int64_t(step.ways), std::max<int64_t>(pieces, 1)}));
  uint64_t *words = &frame.words[step.firstWord];
  uint64_t *first = words + Layout::part(record, 0) + Layout::kWorkspaceDescriptor;
  uint64_t workspace = first[kDescriptorPointer], partBytes = first[kDescriptorSizes];
  for (int32_t part = 0; part < parts; ++part) {
    uint64_t *own = words + Layout::part(record, static_cast<uint64_t>(part));
    PartRange range = partOf(pieces, part, parts);
    uint64_t *bounds = own + Layout::kShapeWords + rangeWord;
    bounds[0] = static_cast<uint64_t>(range.begin * step.grain);
    bounds[1] = static_cast<uint64_t>(part + 1 == parts ? step.extent : range.end * step.grain);
    own[Layout::kWorkspaceDescriptor + kDescriptorPointer] =
        workspace + static_cast<uint64_t>(part) * partBytes;
  }
  void **args = frame.args.data() + step.firstArg;
  auto work = [&](int32_t part) {
    step.kernel(args + Layout::kArgsPerPart * static_cast<uint64_t>(part));
  };
  if (parts == 1)
    work(0);
  else
    pool->run(parts, work);
}

void Run::executeCopy(Frame &frame, uint64_t number, bool onWorker) {
  const PreparedStep &step = program.steps[number];
  const CopyPlan &plan = binding.plans[step.plan];
  const CopyDim *dims = binding.planDims.data() + step.firstDim;
  const uint64_t *words = &frame.words[step.firstWord];
  int32_t parts = !onWorker && plan.bytes >= kSharedCopyBytes ? threads : 1;
  auto work = [&](int32_t part) {
    if (step.op == Op::Copy)
      runCopy(plan, dims, reinterpret_cast<const void *>(words[0]),
              reinterpret_cast<void *>(words[1]), part, parts);
    else
      runFill(plan, dims, program.image.steps()[number].fill, reinterpret_cast<void *>(words[0]),
              part, parts);
  };
  if (parts == 1)
    work(0);
  else
    pool->run(parts, work);
}

tenon_status tenon::runtime::runProgram(Binding &binding, tenon_context &context,
                                        const CallArguments &arguments, void *workspace,
                                        int64_t workspaceBytes, tenon_rt_step_time *times,
                                        const ScalingPlan *scaling, int64_t *exponents) {
  const Program &program = binding.program;
  const ScheduleImage &image = program.image;
  ErrorText &error = context.error;
  context.cancelled.store(0, std::memory_order_relaxed);
  if (tenon_status status = checkArguments(program, arguments, binding.argumentStrides, error))
    return status;
  if (!binding.isBoundTo(binding.argumentStrides)) {
    if (tenon_status status = checkStrides(program, binding.argumentStrides, error))
      return status;
    binding.bind(binding.argumentStrides);
  }

  int64_t needed = image.header().workspaceBytes;
  if (workspace && workspaceBytes < needed)
    return error.fail(TENON_WORKSPACE_TOO_SMALL, "workspace: found %lld bytes, expected %lld",
                      static_cast<long long>(workspaceBytes), static_cast<long long>(needed));
  if (reinterpret_cast<uintptr_t>(workspace) % kWorkspaceAlignment != 0)
    return error.fail(TENON_INVALID_ARGUMENT,
                      "workspace: it starts at %p, expected a multiple of %llu", workspace,
                      static_cast<unsigned long long>(kWorkspaceAlignment));
  void *arena = workspace;
  if (!workspace && needed > 0)
    arena = context.workspace.reserve(static_cast<uint64_t>(needed));
  if (needed > 0 && !arena)
    return error.fail(TENON_OUT_OF_MEMORY,
                      "workspace: an allocation of %lld bytes failed; free memory, or compile the "
                      "network with a smaller memory limit",
                      static_cast<long long>(needed));
  bool wantsPool = context.threads > 1 && program.usesThreads;
  ThreadPool *pool = wantsPool ? context.threadPool() : nullptr;
  if (wantsPool &&
      (!pool || (program.hasParallelLoops && !binding.ensureThreadFrames(pool->size()))))
    return error.fail(TENON_OUT_OF_MEMORY, "out of memory while starting %d threads",
                      context.threads);

  Array<int64_t> stepExponents;
  if (scaling && !stepExponents.allocate(image.steps().size()))
    return error.fail(TENON_OUT_OF_MEMORY, "out of memory while starting a scaled run");

  for (uint64_t i = 0; i < image.arguments().size(); ++i)
    binding.bases[i] = static_cast<char *>(arguments[i].data);
  binding.bases[program.arenaBase()] = static_cast<char *>(arena);
  // Constants are only read; a memref descriptor has no const pointer.
  binding.bases[program.blobBase()] = const_cast<char *>(image.blob().data());
  binding.patch(binding.bases.data());
  std::fill(binding.master.positions.begin(), binding.master.positions.end(), 0);

  Run run(binding, context, pool, times);
  bool finished = scaling
                      ? run.executeScaled(*scaling, static_cast<char *>(arena), stepExponents)
                      : run.execute(binding.master, 0, image.steps().size(), /*onWorker=*/false);
  if (!workspace && context.workspace.size() > kKeptWorkspaceBytes)
    context.workspace.release();
  if (!finished)
    return error.fail(TENON_CANCELLED, "cancelled");
  for (int64_t i = 0; scaling && i < arguments.numOutputs; ++i) {
    int64_t writer = scaling->writerOfOutput(static_cast<uint64_t>(i));
    exponents[i] = writer < 0 ? 0 : stepExponents[static_cast<uint64_t>(writer)];
  }
  return TENON_OK;
}
