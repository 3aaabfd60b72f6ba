//===- JudgeStreams.cpp - Cases that the judge runs -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "JudgeStreams.h"

#include "JudgeExecutor.h"
#include "TextStream.h"

using namespace tenon::fuzz;

namespace {
/// The programs of a schedule with the same passes for all.
class FixedPasses : public Schedule {
public:
  FixedPasses(std::unique_ptr<Schedule> inner, std::vector<PassStep> passes)
      : inner(std::move(inner)), passes(std::move(passes)) {}

  Genome next(Random &random) override {
    Genome genome = inner->next(random);
    genome.passes = passes;
    repair(genome);
    return genome;
  }
  void report(uint32_t newFeatures) override { inner->report(newFeatures); }
  void add(const Genome &genome) override { inner->add(genome); }
  size_t corpusSize() const override { return inner->corpusSize(); }

private:
  std::unique_ptr<Schedule> inner;
  std::vector<PassStep> passes;
};
} // namespace

uint8_t tenon::fuzz::availableFeedback() {
  uint8_t feedback = 1u << unsigned(FeedbackKind::Patterns);
#ifdef TENON_FUZZ
  feedback |= 1u << unsigned(FeedbackKind::Edges);
#endif
#if defined(__x86_64__) && defined(__linux__)
  feedback |= 1u << unsigned(FeedbackKind::Blocks);
#endif
  return feedback;
}

CaseFormat tenon::fuzz::formatOf(const CampaignOptions &options) {
  return options.text.empty() ? genomeFormat() : textFormat();
}

llvm::Expected<std::unique_ptr<CaseStream>>
tenon::fuzz::makeJudgeStream(const CampaignOptions &options, uint64_t seed,
                             std::function<void(std::string_view)> onPhase) {
  llvm::Expected<std::unique_ptr<WatchedJudge>> judge =
      WatchedJudge::create(options, std::move(onPhase));
  if (!judge)
    return judge.takeError();
  if (!options.text.empty())
    return makeTextStream(options, std::move(*judge), seed);
  std::unique_ptr<Schedule> schedule = makeSchedule(options.policy, options.guards);
  if (!options.passes.empty())
    schedule = std::make_unique<FixedPasses>(std::move(schedule), options.passes);
  return makeGenomeStream(std::move(schedule), makeGenomeExecutor(std::move(*judge)), seed);
}
