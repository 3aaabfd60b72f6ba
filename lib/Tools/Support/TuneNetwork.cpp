//===- TuneNetwork.cpp - What --tune does -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/TuneNetwork.h"

#include "tenon/Codegen/CPU/TargetDescription.h"
#include "tenon/Execution/Lowering.h"
#include "tenon/Execution/PlanOptions.h"
#include "tenon/Execution/Tuning.h"
#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/Interruption.h"

#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace tenon;

/// The function, lowered; the other public ones are gone.
static llvm::Expected<OwningOpRef<ModuleOp>>
lowerCopy(ModuleOp module, func::FuncOp entry, const CompileOptions &options, StringRef tuning) {
  CPUPipelineOptions pipeline;
  if (llvm::Error error = parsePlanOptions(options.plan, pipeline))
    return llvm::createStringError("--plan: " + llvm::toString(std::move(error)));
  pipeline.threads = options.threads;
  pipeline.memoryLimit = options.memoryLimit;
  pipeline.deterministic = options.deterministic;
  pipeline.tuning = tuning.str();
  OwningOpRef<ModuleOp> copy = module.clone();
  std::string name = entry.getName().str();
  for (auto other : llvm::make_early_inc_range(copy->getOps<func::FuncOp>()))
    if (other.isPublic() && other.getName() != name)
      other.erase();
  if (llvm::Error error = lowerWithinLimit(copy, name, pipeline, nullptr))
    return std::move(error);
  return copy;
}

llvm::Error tenon::tuneNetwork(ModuleOp module, const CompileOptions &options, double seconds,
                               StringRef tool) {
  llvm::Expected<func::FuncOp> entry = findEntry(module, options.function);
  if (!entry)
    return entry.takeError();
  llvm::Expected<Signature> signature = getSignature(*entry);
  if (!signature)
    return signature.takeError();
  if (!signature->isStatic())
    return llvm::createStringError("--tune needs the extents of the arguments of '" +
                                   entry->getName() +
                                   "'; fix them, as by `tenon-opt --tenon-specialize`");
  if (isSchedule(*entry))
    return llvm::createStringError("--tune chooses kernels, which '" + entry->getName() +
                                   "' has already; give it the IR of a stage before "
                                   "tenon-kernel-stage");
  const std::string &path = options.tuning;
  cpu::TargetDescription target = cpu::hostTarget();
  cpu::TuningTable table(target);
  bool isThere = llvm::sys::fs::exists(path);
  if (isThere) {
    std::string error;
    std::optional<cpu::TuningTable> read = cpu::TuningTable::readFile(path, target, error);
    if (!read)
      return llvm::createStringError(error);
    table = std::move(*read);
  }
  if (llvm::Error error = checkOutputFile(path))
    return error;
  auto lowered = lowerCopy(module, *entry, options, isThere ? path : "");
  if (!lowered)
    return lowered.takeError();
  TuningOptions tuning;
  tuning.seconds = seconds;
  tuning.progress = [tool](const std::string &line) {
    llvm::errs() << tool << ": tuning: " << line << '\n';
  };
  std::atomic<bool> stop = false;
  tuning.cancelled = [&stop] { return stop.load(); };
  auto schedule = cast<func::FuncOp>((*lowered)->lookupSymbol(entry->getName()));
  llvm::Expected<TuningReport> report = [&] {
    SearchInterruption interruption(stop);
    return tuneKernels(schedule, target, table, tuning);
  }();
  if (!report)
    return report.takeError();
  tuning.progress(std::to_string(report->improved) + " of " + std::to_string(report->contractions) +
                  " contractions are faster, " + std::to_string(report->searched) +
                  " were searched");
  if (llvm::Error error =
          writeOutputFile(path, [&](raw_ostream &stream) { stream << table.text(); }))
    return error;
  if (report->interrupted)
    return llvm::createStringError("interrupted; '" + path +
                                   "' has what was measured until then");
  return llvm::Error::success();
}
