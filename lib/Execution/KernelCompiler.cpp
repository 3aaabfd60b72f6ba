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

llvm::Expected<KernelObjectBytes> tenon::compileKernel(func::FuncOp kernel, KernelEffort effort) {
  auto machine = createTargetMachine({});
  if (!machine)
    return machine.takeError();
  if (effort == KernelEffort::Quick)
    (*machine)->setOptLevel(llvm::CodeGenOptLevel::None);
  FailureOr<KernelObjectBytes> object = compileKernelObject(kernel, kernelSymbol, **machine);
  if (failed(object))
    return llvm::createStringError("kernel '" + kernel.getName() + "' does not compile");
  return std::move(*object);
}

namespace {

/// A kernel apart from its context.
struct Job {
  std::string text;
  KernelEffort effort;
  std::unique_ptr<MLIRContext> context;
  std::optional<KernelObjectBytes> result;

  Job(func::FuncOp kernel, KernelEffort effort)
      : effort(effort),
        // Made here: the registry is not for several threads.
        context(std::make_unique<MLIRContext>(kernel.getContext()->getDialectRegistry(),
                                              MLIRContext::Threading::DISABLED)) {
    llvm::raw_string_ostream stream(text);
    kernel->print(stream, OpPrintingFlags().printGenericOpForm().useLocalScope());
  }

  void run() {
    compile();
    context.reset();
  }

private:
  void compile() {
    // Who finds no result compiles again where somebody listens.
    ScopedDiagnosticHandler silence(context.get(), [](Diagnostic &) { return success(); });
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, context.get());
    if (!module)
      return;
    func::FuncOp kernel = *module->getOps<func::FuncOp>().begin();
    if (llvm::Expected<KernelObjectBytes> object = compileKernel(kernel, effort))
      result = std::move(*object);
    else
      llvm::consumeError(object.takeError());
  }
};

/// Hands jobs out in order.
struct JobQueue {
  MutableArrayRef<Job> jobs;
  std::atomic<size_t> next = 0;

  bool runNext() {
    size_t number = next++;
    if (number >= jobs.size())
      return false;
    jobs[number].run();
    return true;
  }
};

void *runJobs(void *queue) {
  while (static_cast<JobQueue *>(queue)->runNext())
    ;
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
  std::vector<Job> jobs;
  jobs.reserve(kernels.size());
  for (func::FuncOp kernel : kernels)
    jobs.emplace_back(kernel, effort);
  JobQueue queue{jobs};
  std::vector<pthread_t> others;
  {
    BlockedSignals blocked;
    size_t wanted = std::min<size_t>(std::max<int64_t>(threads, 1), jobs.size());
    // Where the system refuses more threads, those that are there do the work.
    for (pthread_t other; others.size() + 1 < wanted; others.push_back(other))
      if (pthread_create(&other, nullptr, runJobs, &queue))
        break;
  }
  llvm::Error error = check();
  while (!error && queue.runNext())
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
