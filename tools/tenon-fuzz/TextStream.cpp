//===- TextStream.cpp - Files of IR as cases ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TextStream.h"

#include "tenon/Fuzz/RegisterPasses.h"
#include "tenon/Fuzz/TextMutation.h"

#include "mlir/IR/DialectRegistry.h"

#include <deque>

using namespace tenon::fuzz;

static bool checkText(std::string_view bytes, uint64_t &hash, std::string &error) {
  TextCase text;
  if (!readTextCase(bytes, text, error))
    return false;
  hash = hashTextCase(text);
  return true;
}

CaseFormat tenon::fuzz::textFormat() { return {".mlir", checkText}; }

namespace {
class TextStream : public CaseStream {
public:
  TextStream(const CampaignOptions &options, std::unique_ptr<WatchedJudge> judge, uint64_t seed)
      : judge(std::move(judge)), random(seed) {
    registerFuzzDialects(registry);
    schedule = makeTextSchedule(registry, options.guards);
  }

  /// The files of the folder are the first cases, and what new ones are made of.
  bool readFolder(const std::string &folder, std::string &error) {
    Seeds seeds;
    if (!readSeeds(folder, registry, seeds, error))
      return false;
    for (TextCase &text : seeds.cases)
      schedule->add(text);
    return true;
  }

  EncodedCase next() override {
    current = schedule->next(random);
    return {writeTextCase(current), hashTextCase(current)};
  }
  void take(std::string_view bytes) override { read(bytes, current); }
  Outcome run(Features &fresh) override {
    return judge->watch(fresh, [&](Judge &inner) {
      return inner.run(current.module, current.passes, current.dataSeed);
    });
  }
  void report(uint32_t newFeatures) override { schedule->report(newFeatures); }
  void add(std::string_view bytes) override {
    if (TextCase text; read(bytes, text))
      schedule->add(text);
  }
  void markSeen(const Features &features) override { judge->markSeen(features); }
  std::array<uint64_t, kNumFeedbacks> totals() const override { return judge->totals(); }

private:
  static bool read(std::string_view bytes, TextCase &text) {
    std::string error;
    return readTextCase(bytes, text, error);
  }

  mlir::DialectRegistry registry;
  std::unique_ptr<TextSchedule> schedule;
  std::unique_ptr<WatchedJudge> judge;
  Random random;
  TextCase current;
};
} // namespace

llvm::Expected<std::unique_ptr<CaseStream>>
tenon::fuzz::makeTextStream(const CampaignOptions &options, std::unique_ptr<WatchedJudge> judge,
                            uint64_t seed) {
  auto stream = std::make_unique<TextStream>(options, std::move(judge), seed);
  std::string error;
  if (!stream->readFolder(options.text, error))
    return llvm::createStringError(error);
  return stream;
}
