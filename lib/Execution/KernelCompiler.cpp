//===- KernelCompiler.cpp - Several kernels at a time -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelCompiler.h"

#include "KernelLinker.h"
#include "tenon/Target/KernelObject.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Target/TargetMachine.h"

#include <atomic>
#include <pthread.h>
#include <signal.h>

using namespace mlir;
using namespace tenon;

/// A machine that emits code with this effort.
static llvm::Expected<std::unique_ptr<llvm::TargetMachine>> makeMachine(KernelEffort effort) {
  auto machine = createTargetMachine({});
  if (machine && effort == KernelEffort::Quick)
    (*machine)->setOptLevel(llvm::CodeGenOptLevel::None);
  return machine;
}

llvm::Expected<KernelObjectBytes> tenon::compileKernel(func::FuncOp kernel, KernelEffort effort) {
  auto machine = makeMachine(effort);
  if (!machine)
    return machine.takeError();
  FailureOr<KernelObjectBytes> object = compileKernelObject(kernel, kernelSymbol, **machine);
  if (failed(object))
    return llvm::createStringError("kernel '" + kernel.getName() + "' does not compile");
  return std::move(*object);
}

namespace {

/// A kernel apart from its context.
struct Job {
  std::string text;
  std::optional<KernelObjectBytes> result;

  explicit Job(func::FuncOp kernel) {
    llvm::raw_string_ostream stream(text);
    kernel->print(stream, OpPrintingFlags().printGenericOpForm().useLocalScope());
  }
};

/// Hands jobs out in order.
struct JobQueue {
  MutableArrayRef<Job> jobs;
  KernelEffort effort;
  std::atomic<size_t> next = 0;
};

/// A thread's part in the work, and what it keeps from one kernel to the next.
class Worker {
public:
  /// Made on the caller's thread: the registry is not for several.
  Worker(JobQueue &queue, const DialectRegistry &registry)
      : queue(&queue),
        context(std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED)) {}

  bool runNext() {
    size_t number = queue->next++;
    if (number >= queue->jobs.size())
      return false;
    compile(queue->jobs[number]);
    return true;
  }
  void runAll() {
    while (runNext())
      ;
    context.reset();
  }

private:
  void compile(Job &job) {
    // Who finds no result compiles again where somebody listens.
    ScopedDiagnosticHandler silence(context.get(), [](Diagnostic &) { return success(); });
    if (!machine) {
      auto made = makeMachine(queue->effort);
      if (!made)
        return llvm::consumeError(made.takeError());
      machine = std::move(*made);
    }
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(job.text, context.get());
    if (!module)
      return;
    func::FuncOp kernel = *module->getOps<func::FuncOp>().begin();
    if (auto object = compileKernelObject(kernel, kernelSymbol, *machine); succeeded(object))
      job.result = std::move(*object);
  }

  JobQueue *queue;
  std::unique_ptr<MLIRContext> context;
  std::unique_ptr<llvm::TargetMachine> machine;
};

void *runWorker(void *worker) {
  static_cast<Worker *>(worker)->runAll();
  return nullptr;
}

/// Threads that are started here take no signals but those that they raise themselves: the others
/// are for the caller's. A fault that its thread blocks ends the process, whoever handles it.
class BlockedSignals {
public:
  BlockedSignals() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (int fault : {SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP})
      sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }

private:
  sigset_t before;
};

} // namespace

llvm::Expected<std::vector<std::optional<KernelObjectBytes>>>
tenon::compileKernels(ArrayRef<func::FuncOp> kernels, KernelEffort effort, int64_t threads,
                      llvm::function_ref<llvm::Error()> check) {
  if (kernels.empty())
    return std::vector<std::optional<KernelObjectBytes>>();
  std::vector<Job> jobs;
  jobs.reserve(kernels.size());
  for (func::FuncOp kernel : kernels)
    jobs.emplace_back(kernel);
  JobQueue queue{jobs, effort};
  size_t wanted = std::min<size_t>(std::max<int64_t>(threads, 1), jobs.size());
  std::vector<Worker> workers;
  workers.reserve(wanted);
  while (workers.size() < wanted)
    workers.emplace_back(queue, kernels.front()->getContext()->getDialectRegistry());
  std::vector<pthread_t> others;
  {
    BlockedSignals blocked;
    // Where the system refuses more threads, those that are there do the work.
    for (pthread_t other; others.size() + 1 < wanted; others.push_back(other))
      if (pthread_create(&other, nullptr, runWorker, &workers[others.size() + 1]))
        break;
  }
  llvm::Error error = check();
  while (!error && workers.front().runNext())
    error = check();
  queue.next = jobs.size();
  for (pthread_t other : others)
    pthread_join(other, nullptr);
  if (error)
    return std::move(error);
  std::vector<std::optional<KernelObjectBytes>> results;
  for (Job &job : jobs)
    results.push_back(std::move(job.result));
  return results;
}
