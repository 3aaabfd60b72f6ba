//===- GenomeStream.cpp - Genomes by a schedule ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CaseStream.h"

using namespace tenon::fuzz;

static std::span<const uint8_t> asBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

static bool checkGenome(std::string_view bytes, uint64_t &hash, std::string &error) {
  Genome genome;
  if (!readGenome(asBytes(bytes), genome, error))
    return false;
  hash = hashGenome(genome);
  return true;
}

CaseFormat tenon::fuzz::genomeFormat() { return {".genome", checkGenome}; }

namespace {
class GenomeStream : public CaseStream {
public:
  GenomeStream(std::unique_ptr<Schedule> schedule, std::unique_ptr<Executor> executor,
               uint64_t seed)
      : schedule(std::move(schedule)), executor(std::move(executor)), random(seed) {}

  EncodedCase next() override {
    current = schedule->next(random);
    std::vector<uint8_t> bytes = writeGenome(current);
    return {std::string(bytes.begin(), bytes.end()), hashGenome(current)};
  }
  void take(std::string_view bytes) override { read(bytes, current); }
  Outcome run(Features &fresh) override { return executor->run(current, fresh); }
  void report(uint32_t newFeatures) override { schedule->report(newFeatures); }
  void add(std::string_view bytes) override {
    if (Genome genome; read(bytes, genome))
      schedule->add(genome);
  }
  void markSeen(const Features &features) override { executor->markSeen(features); }
  std::array<uint64_t, kNumFeedbacks> totals() const override { return executor->totals(); }

private:
  static bool read(std::string_view bytes, Genome &genome) {
    std::string error;
    return readGenome(asBytes(bytes), genome, error);
  }

  std::unique_ptr<Schedule> schedule;
  std::unique_ptr<Executor> executor;
  Random random;
  Genome current;
};
} // namespace

std::unique_ptr<CaseStream> tenon::fuzz::makeGenomeStream(std::unique_ptr<Schedule> schedule,
                                                          std::unique_ptr<Executor> executor,
                                                          uint64_t seed) {
  return std::make_unique<GenomeStream>(std::move(schedule), std::move(executor), seed);
}
