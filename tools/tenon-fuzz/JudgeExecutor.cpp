//===- JudgeExecutor.cpp - The judge with its sources of features ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "JudgeExecutor.h"

#include "tenon/FileCache/FileCache.h"

using namespace tenon;
using namespace tenon::fuzz;

llvm::Expected<std::unique_ptr<WatchedJudge>>
WatchedJudge::create(const CampaignOptions &options,
                     std::function<void(std::string_view)> onPhase) {
  auto watched = std::make_unique<WatchedJudge>();
  std::string error;
  std::optional<Feedbacks> made = makeFeedbacks(printFeedback(options.feedback | options.observe),
                                                FileCache::defaultDirectory("fuzz"), error);
  if (!made)
    return llvm::createStringError(error);
  // What was asked for is not left out in silence: run asks for what the build has.
  if (!made->missing.empty())
    return llvm::createStringError(made->missing.front());
  watched->feedbacks = std::move(*made);
  for (std::unique_ptr<Feedback> &feedback : watched->feedbacks.all)
    for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
      if (feedback->name() == kFeedbackNames[kind])
        watched->byKind[kind] = feedback.get();
  JudgeOptions judge;
  judge.oracles = options.oracles;
  judge.guards = options.guards;
  judge.nativeShare = options.nativeShare;
  judge.onPhase = std::move(onPhase);
  if (PatternFeedback *patterns = watched->feedbacks.patterns) {
    judge.onContext = [patterns](mlir::MLIRContext &context) { patterns->install(context); };
    judge.takeLastPattern = [patterns] { return patterns->takeLastPattern(); };
  }
  watched->judge = std::make_unique<Judge>(std::move(judge));
  return watched;
}

Outcome WatchedJudge::watch(Features &fresh, llvm::function_ref<Outcome(Judge &)> work) {
  for (Feedback *feedback : byKind)
    if (feedback)
      feedback->begin();
  Outcome outcome = work(*judge);
  for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
    if (byKind[kind])
      byKind[kind]->end(fresh[kind]);
  return outcome;
}

void WatchedJudge::markSeen(const Features &features) {
  for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
    if (byKind[kind])
      byKind[kind]->markSeen(features[kind]);
}

std::array<uint64_t, kNumFeedbacks> WatchedJudge::totals() const {
  std::array<uint64_t, kNumFeedbacks> totals = {};
  for (unsigned kind = 0; kind < kNumFeedbacks; ++kind)
    if (byKind[kind])
      totals[kind] = byKind[kind]->total();
  return totals;
}

namespace {
class GenomeExecutor : public Executor {
public:
  explicit GenomeExecutor(std::unique_ptr<WatchedJudge> judge) : judge(std::move(judge)) {}
  Outcome run(const Genome &genome, Features &fresh) override {
    return judge->watch(fresh, [&](Judge &inner) { return inner.run(genome); });
  }
  void markSeen(const Features &features) override { judge->markSeen(features); }
  std::array<uint64_t, kNumFeedbacks> totals() const override { return judge->totals(); }

private:
  std::unique_ptr<WatchedJudge> judge;
};
} // namespace

std::unique_ptr<Executor> tenon::fuzz::makeGenomeExecutor(std::unique_ptr<WatchedJudge> judge) {
  return std::make_unique<GenomeExecutor>(std::move(judge));
}
