//===- ScheduleTest.cpp - Which case is next ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Schedules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

using namespace tenon::fuzz;

namespace {

size_t numberOf(std::string_view name) {
  for (size_t i = 0; i < mutators().size(); ++i)
    if (mutators()[i].name == name)
      return i;
  ADD_FAILURE() << "no mutator " << name;
  return 0;
}

TEST(CaseCorpusTest, IsBounded) {
  Random random(1);
  CaseCorpus corpus(/*capacity=*/64);
  for (int i = 0; i < 2000; ++i) {
    corpus.add(generate(random));
    ASSERT_LE(corpus.size(), 64u);
  }
  EXPECT_GE(corpus.size(), 48u);
}

TEST(CaseCorpusTest, KeepsWhatYields) {
  Random random(2);
  CaseCorpus corpus(/*capacity=*/32);
  Genome small;
  repair(small);
  uint64_t useful = corpus.add(small);
  for (int i = 0; i < 50; ++i)
    corpus.credit(useful, 1);
  for (int i = 0; i < 500; ++i)
    corpus.credit(corpus.add(generate(random)), 0);
  bool isThere = false;
  for (int i = 0; i < 2000 && !isThere; ++i)
    isThere = corpus.drawAny(random).id == useful;
  EXPECT_TRUE(isThere);
}

TEST(CaseCorpusTest, PrefersParentsThatYield) {
  Random random(3);
  CaseCorpus corpus;
  Genome genome;
  repair(genome);
  std::vector<uint64_t> ids;
  for (int i = 0; i < 200; ++i)
    ids.push_back(corpus.add(genome));
  for (uint64_t id : ids)
    for (int i = 0; i < 20; ++i)
      corpus.credit(id, id == 20 ? 1 : 0);
  int drawn = 0;
  for (int i = 0; i < 10000; ++i)
    drawn += corpus.draw(random).id == 20;
  // 50 if all were alike.
  EXPECT_GT(drawn, 150);
}

TEST(ScheduleTest, CasesAreValidAndTheSameForOneSeed) {
  for (Policy policy : {Policy::Generate, Policy::Tzer, Policy::Bandit}) {
    std::unique_ptr<Schedule> schedule = makeSchedule(policy, true),
                              again = makeSchedule(policy, true);
    Random random(1), same(1);
    std::set<uint64_t> seen;
    for (int i = 0; i < 1500; ++i) {
      Genome genome = schedule->next(random);
      Genome repaired = genome;
      repair(repaired);
      ASSERT_EQ(genome, repaired);
      ASSERT_EQ(genome, again->next(same));
      for (const PassStep &step : genome.passes)
        ASSERT_EQ(guardOf(genome, step), "") << step.name;
      uint32_t features = hashGenome(genome) % 20 == 0 ? 3 : 0;
      seen.insert(hashGenome(genome));
      schedule->report(features);
      again->report(features);
    }
    EXPECT_GT(seen.size(), 1300u) << int(policy);
    if (policy != Policy::Generate)
      EXPECT_GT(schedule->corpusSize(), 20u);
  }
}

TEST(ScheduleTest, WithoutGuardsGuardedPassesAreTried) {
  for (Policy policy : {Policy::Generate, Policy::Tzer, Policy::Bandit}) {
    std::unique_ptr<Schedule> schedule = makeSchedule(policy, /*guards=*/false);
    Random random(1);
    std::set<std::string_view> guards;
    for (int i = 0; i < 3000; ++i) {
      for (const PassStep &step : schedule->next(random).passes)
        if (std::string_view guard = findPass(step.name)->guard; !guard.empty())
          guards.insert(guard);
      schedule->report(i % 20 == 0);
    }
    // Those of wrong results; the others are reached by chance.
    for (std::string_view guard : {"D1-D4", "D6-D7"})
      EXPECT_TRUE(guards.count(guard)) << guard << " " << int(policy);
  }
}

TEST(BanditTest, FindsTheArmThatPays) {
  // A case shows something new when its data seed is new: one mutator changes it, and so does a new
  // program.
  BanditSchedule schedule(/*guards=*/true);
  Random random(5);
  std::set<uint64_t> seeds;
  for (int i = 0; i < 4000; ++i)
    schedule.report(seeds.insert(schedule.next(random).dataSeed).second);
  const std::vector<uint64_t> counts = schedule.drawn();
  uint64_t total = std::accumulate(counts.begin(), counts.end(), uint64_t(0));
  size_t pays = numberOf("change-seed"), generating = mutators().size() + 1;
  uint64_t paid = counts[pays] + counts[generating];
  EXPECT_GT(paid, total / 3);
  for (size_t i = 0; i < counts.size(); ++i)
    if (i != pays && i != generating)
      EXPECT_LT(counts[i], paid / 4) << i;

  // Now seeds pay no more, and passes do: it forgets.
  std::set<std::string> lists;
  auto isNewList = [&](const Genome &genome) {
    std::string text;
    for (const PassStep &step : genome.passes)
      text += step.name + ' ' + step.options + ';';
    return lists.insert(text).second;
  };
  for (int i = 0; i < 4000; ++i)
    schedule.report(isNewList(schedule.next(random)));
  std::vector<uint64_t> before = schedule.drawn();
  for (int i = 0; i < 2000; ++i)
    schedule.report(isNewList(schedule.next(random)));
  uint64_t pipeline = 0, later = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    later += schedule.drawn()[i] - before[i];
    if (i >= mutators().size() || mutators()[i].kind == MutatorClass::Pipeline)
      pipeline += schedule.drawn()[i] - before[i];
  }
  EXPECT_LT((schedule.drawn()[pays] - before[pays]) * 20, later);
  EXPECT_GT(pipeline * 2, later);
}

TEST(BanditTest, GoesOnDrawingNewPrograms) {
  BanditSchedule schedule(/*guards=*/true);
  Random random(7);
  for (int i = 0; i < 3000; ++i) {
    schedule.next(random);
    schedule.report(i % 20 == 0);
  }
  EXPECT_GT(schedule.drawn()[mutators().size() + 1], 900u);
}

TEST(BanditTest, CorpusIsBounded) {
  BanditSchedule schedule(/*guards=*/true, /*capacity=*/100);
  Random random(6);
  for (int i = 0; i < 1000; ++i) {
    schedule.next(random);
    schedule.report(1);
    ASSERT_LE(schedule.corpusSize(), 100u);
  }
}

TEST(TzerTest, FourFailuresBringANewPassList) {
  TzerSchedule schedule(/*guards=*/true);
  Random random(8);
  Genome seed = generate(random);
  seed.passes = {{"tn-simplify", ""}, {"cse", ""}};
  repair(seed);
  for (int i = 0; i < 16; ++i)
    schedule.add(seed);
  // The program changes, the passes stay.
  for (int i = 0; i < 4; ++i) {
    Genome genome = schedule.next(random);
    EXPECT_EQ(genome.passes, seed.passes);
    schedule.report(0);
  }
  // The program stays, and a new list grows.
  Genome trial = schedule.next(random);
  EXPECT_EQ(trial.nodes, seed.nodes);
  EXPECT_EQ(trial.dataSeed, seed.dataSeed);
  EXPECT_LE(trial.passes.size(), 1u);
}

TEST(TzerTest, SuccessStartsTheCountAgain) {
  TzerSchedule schedule(/*guards=*/true);
  Random random(9);
  Genome seed = generate(random);
  seed.passes = {{"tn-simplify", ""}};
  repair(seed);
  for (int i = 0; i < 16; ++i)
    schedule.add(seed);
  for (int i = 0; i < 40; ++i) {
    Genome genome = schedule.next(random);
    EXPECT_EQ(genome.passes, seed.passes) << i;
    // Every fourth succeeds: never four failures in a row.
    schedule.report(i % 4 == 3);
  }
  EXPECT_EQ(schedule.corpusSize(), 26u);
}

TEST(TzerTest, PassesThatAddNothingAreLeftOut) {
  TzerSchedule schedule(/*guards=*/true);
  Random random(10);
  Genome seed = generate(random);
  seed.passes = {{"tn-simplify", ""}};
  repair(seed);
  for (int i = 0; i < 16; ++i)
    schedule.add(seed);
  int trials = 0;
  for (int i = 0; i < 400; ++i) {
    Genome genome = schedule.next(random);
    // Only passes that lead to another level stay where nothing is new.
    bool isTrial = genome.nodes == seed.nodes && genome.passes != seed.passes;
    trials += isTrial;
    if (isTrial && !genome.passes.empty())
      for (size_t p = 0; p + 1 < genome.passes.size(); ++p)
        EXPECT_TRUE(findPass(genome.passes[p].name)->to.has_value()) << genome.passes[p].name;
    schedule.report(0);
  }
  EXPECT_GT(trials, 20);
}

} // namespace
