//===- CaseFeatures.cpp - All features of single cases --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFeatures.h"

#include "tenon/Fuzz/TextCase.h"

#include <cstring>

using namespace tenon::fuzz;

llvm::Expected<CaseFeatures> CaseFeatures::create(const CampaignOptions &options) {
  auto judge = WatchedJudge::create(options, [](std::string_view) {});
  if (!judge)
    return judge.takeError();
  IsolationLimits limits;
  limits.time = std::chrono::milliseconds(static_cast<int64_t>(options.timeout * 1000));
  limits.memory = options.memory;
  return CaseFeatures(std::move(*judge), !options.text.empty(), limits);
}

void CaseFeatures::run(std::string_view bytes, Features &features) {
  std::string error;
  if (isText) {
    TextCase text;
    if (readTextCase(bytes, text, error))
      judge->watch(features, [&](Judge &inner) {
        return inner.run(text.module, text.passes, text.dataSeed);
      });
    return;
  }
  Genome genome;
  if (readGenome({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()}, genome, error))
    judge->watch(features, [&](Judge &inner) { return inner.run(genome); });
}

/// For each source a count and the numbers, as they lie in memory.
static void encode(const Features &features, std::string &bytes) {
  auto put = [&](uint32_t number) {
    bytes.append(reinterpret_cast<const char *>(&number), sizeof(number));
  };
  for (const std::vector<uint32_t> &numbers : features) {
    put(static_cast<uint32_t>(numbers.size()));
    for (uint32_t number : numbers)
      put(number);
  }
}

/// Takes one case's features from the front of `bytes`.
static Features decode(std::string_view &bytes) {
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

llvm::Expected<std::string> CaseFeatures::runChild(const std::function<std::string()> &work,
                                                   size_t cases) {
  IsolationLimits all = limits;
  all.time *= static_cast<int64_t>(cases);
  IsolatedRun run = runIsolated(work, all);
  switch (run.end) {
  case IsolationEnd::Finished:
    return std::move(run.output);
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

llvm::Expected<std::vector<Features>> CaseFeatures::readInOrder(llvm::ArrayRef<std::string> cases) {
  llvm::Expected<std::string> output = runChild(
      [&] {
        std::string bytes;
        for (const std::string &each : cases) {
          Features features;
          run(each, features);
          encode(features, bytes);
        }
        return bytes;
      },
      cases.size());
  if (!output)
    return output.takeError();
  std::string_view rest = *output;
  std::vector<Features> all;
  for (size_t i = 0; i < cases.size(); ++i)
    all.push_back(decode(rest));
  return all;
}

llvm::Expected<Features> CaseFeatures::read(std::string_view bytes) {
  llvm::Expected<std::vector<Features>> all = readInOrder(std::string(bytes));
  if (!all)
    return all.takeError();
  return std::move(all->front());
}
