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
                            cl::value_desc("options"), cl::cat(category)) {}

llvm::Error NetworkOptions::read(NetworkRequest &request) const {
  request.plan = plan;
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
