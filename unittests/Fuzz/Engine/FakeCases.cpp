//===- FakeCases.cpp - A worker without IR --------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "FakeCases.h"

#include "tenon/Support/MixBits.h"

#include "llvm/ADT/StringRef.h"

#include <set>

using namespace tenon;
using namespace tenon::fuzz;

std::string tenon::fuzz::fakeCase(uint64_t number) {
  return "case " + std::to_string(number) + "\n";
}

static bool parse(std::string_view bytes, uint64_t &number) {
  llvm::StringRef text(bytes.data(), bytes.size());
  return text.consume_front("case ") && text.consume_back("\n") && !text.getAsInteger(10, number);
}

static bool check(std::string_view bytes, uint64_t &hash, std::string &error) {
  uint64_t number;
  if (!parse(bytes, number)) {
    error = "not a case of this test";
    return false;
  }
  hash = mixBits(number);
  return true;
}

CaseFormat tenon::fuzz::fakeFormat() { return {".genome", check}; }

namespace {
class FakeStream : public CaseStream {
public:
  FakeStream(uint64_t seed, std::function<void(std::string_view)> onPhase)
      : state(seed), onPhase(std::move(onPhase)) {}

  EncodedCase next() override {
    state = mixBits(state);
    current = (parents.empty() ? 0 : parents[state % parents.size()]) + (state >> 8) % 97;
    return {fakeCase(current), mixBits(current)};
  }
  void take(std::string_view bytes) override { parse(bytes, current); }

  Outcome run(Features &fresh) override {
    onPhase("pass tn-plan");
    Outcome outcome;
    outcome.conclusive = 2;
    outcome.inconclusive = current % 16 == 0;
    outcome.passesRun = 3;
    if (current % 100 == 3)
      outcome.findings.push_back(
          {Oracle::Stage, "tn-simplify", "element 0: expected 1, found 2", "stage; tn-simplify"});
    show(fresh, FeedbackKind::Edges, uint32_t(current % 64));
    if (current % 2)
      show(fresh, FeedbackKind::Patterns, uint32_t(current % 8));
    // What a fault strikes in.
    onPhase("pass convert-tn-to-linalg");
    return outcome;
  }
  void report(uint32_t newFeatures) override {
    if (newFeatures)
      parents.push_back(current);
  }
  void add(std::string_view bytes) override {
    if (uint64_t number; parse(bytes, number))
      parents.push_back(number);
  }
  void markSeen(const Features &features) override {
    for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
      seen[kind].insert(features[kind].begin(), features[kind].end());
  }
  std::array<uint64_t, kNumFeedbacks> totals() const override { return {64, 0, 0}; }

private:
  void show(Features &fresh, FeedbackKind kind, uint32_t feature) {
    if (seen[unsigned(kind)].insert(feature).second)
      fresh[unsigned(kind)].push_back(feature);
  }

  uint64_t state, current = 0;
  std::function<void(std::string_view)> onPhase;
  std::vector<uint64_t> parents;
  std::array<std::set<uint32_t>, kNumFeedbacks> seen;
};
} // namespace

int tenon::fuzz::fakeWorkerMain(std::vector<std::string> arguments) {
  return runWorker(arguments,
                   [](const CampaignOptions &options, uint64_t seed,
                      std::function<void(std::string_view)> onPhase)
                       -> llvm::Expected<std::unique_ptr<CaseStream>> {
                     if (options.text == "refuse")
                       return llvm::createStringError("there is nothing to start from");
                     return std::make_unique<FakeStream>(seed, std::move(onPhase));
                   });
}
