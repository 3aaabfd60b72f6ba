//===- CaseFeatures.cpp - All features of single cases --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFeatures.h"

#include "JudgeStreams.h"

#include <cstring>

using namespace tenon::fuzz;

llvm::Expected<CaseFeatures> CaseFeatures::create(const CampaignOptions &options) {
  auto stream = makeJudgeStream(options, options.seed, [](std::string_view) {});
  if (!stream)
    return stream.takeError();
  IsolationLimits limits;
  limits.time = std::chrono::milliseconds(static_cast<int64_t>(options.timeout * 1000));
  limits.memory = options.memory;
  return CaseFeatures(std::move(*stream), limits);
}

/// For each source a count and the numbers, as they lie in memory.
static std::string encode(const Features &features) {
  std::string bytes;
  auto put = [&](uint32_t number) {
    bytes.append(reinterpret_cast<const char *>(&number), sizeof(number));
  };
  for (const std::vector<uint32_t> &numbers : features) {
    put(static_cast<uint32_t>(numbers.size()));
    for (uint32_t number : numbers)
      put(number);
  }
  return bytes;
}

static Features decode(std::string_view bytes) {
  Features features;
  auto get = [&] {
    uint32_t number = 0;
    if (bytes.size() >= sizeof(number)) {
      std::memcpy(&number, bytes.data(), sizeof(number));
      bytes.remove_prefix(sizeof(number));
    }
    return number;
  };
  for (std::vector<uint32_t> &numbers : features)
    for (uint32_t count = get(); count > 0 && !bytes.empty(); --count)
      numbers.push_back(get());
  return features;
}

llvm::Expected<Features> CaseFeatures::read(std::string_view bytes) {
  IsolatedRun run = runIsolated(
      [&] {
        Features features;
        stream->take(bytes);
        stream->run(features);
        return encode(features);
      },
      limits);
  switch (run.end) {
  case IsolationEnd::Finished:
    return decode(run.output);
  case IsolationEnd::Crashed:
    return llvm::createStringError(run.signal ? "it ends with signal " + llvm::Twine(run.signal)
                                              : "it exits with status " + llvm::Twine(run.status));
  case IsolationEnd::TimedOut:
    return llvm::createStringError("it takes too long");
  case IsolationEnd::OutOfMemory:
    return llvm::createStringError("it takes too much memory");
  case IsolationEnd::NotStarted:
    break;
  }
  return llvm::createStringError(run.output);
}
