//===- NetworkOptions.cpp - What tools that compile have in common ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/NetworkOptions.h"

#include "tenon/Tools/ByteSize.h"

using namespace tenon;
namespace cl = llvm::cl;

static constexpr int32_t kMaxThreads = 1024;
static constexpr int32_t kMaxTuneSeconds = 7 * 24 * 3600;

EntryOptions::EntryOptions(cl::OptionCategory &category)
    : entry("entry", cl::desc("Function to take (default: main, or the only public one)"),
            cl::value_desc("name"), cl::cat(category)),
      threads("threads", cl::desc("Threads (default: the processors this process may use)"),
              cl::value_desc("N"), cl::cat(category)),
      memoryLimit("memory-limit",
                  cl::desc("Memory that a run may take beside arguments and results: 2GiB, 500MB,\n"
                           "or bytes (default: any)"),
                  cl::value_desc("size"), cl::cat(category)) {}

NetworkOptions::NetworkOptions(cl::OptionCategory &category)
    : entry(category), plan("plan", cl::desc("Options of tn-plan: 'method=auto seed=0'"),
                            cl::value_desc("options"), cl::cat(category)),
      deterministic("deterministic",
                    cl::desc("Results are the same bits for every number of threads, which then\n"
                             "share single contractions, not slices"),
                    cl::cat(category)),
      tuning("tuning", cl::desc("Take kernels from this file where --tune has measured them"),
             cl::value_desc("file"), cl::cat(category)),
      tune("tune",
           cl::desc("Measure kernels for the hottest contractions for so long, and keep what is\n"
                    "faster in the file of --tuning, beside what it has, for this and later uses"),
           cl::value_desc("seconds"), cl::cat(category)) {}

llvm::Error NetworkOptions::read(NetworkRequest &request) const {
  if (tune.getNumOccurrences()) {
    if (!(tune > 0) || tune > kMaxTuneSeconds)
      return llvm::createStringError("--tune: expected a number of seconds from above 0 to " +
                                     llvm::Twine(kMaxTuneSeconds));
    if (tuning.empty())
      return llvm::createStringError("--tune needs --tuning=FILE, to keep what it finds");
    request.tuneSeconds = tune;
  }
  if (tuning.getNumOccurrences() && tuning.empty())
    return llvm::createStringError("--tuning: expected the name of a file");
  request.tuning = tuning;
  request.plan = plan;
  request.deterministic = deterministic;
  return entry.read(request);
}

llvm::Error EntryOptions::read(EntryRequest &request) const {
  request.entry = entry;
  if (threads.getNumOccurrences() && (threads < 1 || threads > kMaxThreads))
    return llvm::createStringError("--threads=" + llvm::Twine(threads) + ": expected 1 to " +
                                   llvm::Twine(kMaxThreads));
  request.threads = threads;
  if (!memoryLimit.getNumOccurrences())
    return llvm::Error::success();
  llvm::Expected<int64_t> bytes = parseByteSize(memoryLimit);
  if (!bytes)
    return llvm::createStringError("--memory-limit: " + llvm::toString(bytes.takeError()));
  if (*bytes < 1)
    return llvm::createStringError("--memory-limit: expected at least one byte; leave the option "
                                   "out for no limit");
  request.memoryLimit = *bytes;
  return llvm::Error::success();
}
