//===- CaseCorpus.cpp - The cases that a schedule keeps -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseCorpus.h"

#include <algorithm>

using namespace tenon::fuzz;

/// Entries that are compared for one draw.
static constexpr unsigned kCandidates = 6;
/// What older offspring count, for each later one.
static constexpr double kForget = 0.95;

uint64_t CaseCorpus::add(Genome genome) {
  double cost = 4 + double(genome.passes.size());
  for (const Node &node : genome.nodes)
    cost += 1 + 0.5 * double(node.operands.size());
  entries.push_back({std::move(genome), nextId, 0, 0, cost});
  if (entries.size() > capacity)
    evict();
  return nextId++;
}

double CaseCorpus::valueOf(const Entry &entry) const {
  double yield = (entry.yield + 0.5) / (entry.tries + 1);
  // The last of the additions are the frontier.
  bool isYoung = nextId - entry.id <= 64;
  return yield / entry.cost * (isYoung ? 2 : 1);
}

CaseCorpus::Parent CaseCorpus::drawAny(Random &random) const {
  const Entry &entry = entries[random.below(entries.size())];
  return {&entry.genome, entry.id};
}

CaseCorpus::Parent CaseCorpus::draw(Random &random) const {
  double total = 0, values[kCandidates];
  const Entry *candidates[kCandidates];
  for (unsigned i = 0; i < kCandidates; ++i) {
    // One is of the youngest.
    size_t range = i == 0 ? std::min<size_t>(entries.size(), 64) : entries.size();
    candidates[i] = &entries[entries.size() - 1 - random.below(range)];
    total += values[i] = valueOf(*candidates[i]);
  }
  double drawn = double(random.next() >> 11) * 0x1p-53 * total;
  unsigned chosen = 0;
  while (chosen + 1 < kCandidates && drawn >= values[chosen])
    drawn -= values[chosen++];
  return {&candidates[chosen]->genome, candidates[chosen]->id};
}

void CaseCorpus::credit(uint64_t id, double yield) {
  auto found = std::lower_bound(entries.begin(), entries.end(), id,
                                [](const Entry &entry, uint64_t id) { return entry.id < id; });
  if (found == entries.end() || found->id != id)
    return;
  found->yield = kForget * found->yield + yield;
  found->tries = kForget * found->tries + 1;
}

/// An eighth goes: the least value first, the oldest of equals.
void CaseCorpus::evict() {
  std::vector<std::pair<double, uint64_t>> order;
  order.reserve(entries.size());
  for (const Entry &entry : entries)
    order.push_back({valueOf(entry), entry.id});
  size_t gone = std::max<size_t>(entries.size() / 8, 1);
  std::nth_element(order.begin(), order.begin() + gone, order.end());
  std::pair<double, uint64_t> bound = order[gone];
  std::erase_if(entries,
                [&](const Entry &entry) { return std::pair(valueOf(entry), entry.id) < bound; });
}
