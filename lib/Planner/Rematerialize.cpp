//===- Rematerialize.cpp - Shared values within a bound on memory ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Rematerialize.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

class Rematerializer {
public:
  Rematerializer(GraphSchedule &schedule, double bytes, const Budget &budget)
      : schedule(schedule), bytes(bytes), budget(budget) {}

  /// Whether the peak keeps the bound.
  bool dropValues();

private:
  bool keeps() const { return schedule.peakBytes() <= bytes; }
  /// Whether there is work left for another count of the schedule.
  bool mayCount();
  std::optional<Drop> findBest();
  void takeBack();

  GraphSchedule &schedule;
  const double bytes;
  const Budget &budget;
  std::vector<Drop> dropped;
  /// Nodes that may still be visited.
  double left = 2e8;
};

} // namespace

bool Rematerializer::mayCount() {
  left -= static_cast<double>(schedule.numNodes());
  return left > 0 && !budget.expired();
}

/// Of the values that are kept at the peak the one that costs the least for each byte and moment of
/// the excess. A few that look cheap are counted; the others if none of these helps.
std::optional<Drop> Rematerializer::findBest() {
  constexpr size_t mostAtOnce = 8;
  const double excess = schedule.excessOver(bytes), ops = schedule.ops();
  std::vector<Drop> held = schedule.droppableAtPeak();
  std::stable_sort(held.begin(), held.end(),
                   [](const Drop &a, const Drop &b) { return a.ops * b.bytes < b.ops * a.bytes; });
  std::optional<Drop> best;
  double least = 0;
  for (size_t i = 0; i < held.size() && !(best && i % mostAtOnce == 0); ++i) {
    if (!mayCount())
      return std::nullopt;
    schedule.drop(held[i]);
    double gain = excess - schedule.excessOver(bytes); // not a number where both are infinite
    double price = (std::max(schedule.ops() - ops, 0.0) + 1) / gain;
    schedule.restore(held[i]);
    if (gain > 0 && (!best || price < least)) {
      best = held[i];
      least = price;
    }
  }
  return best;
}

/// Later drops may have made earlier ones needless.
void Rematerializer::takeBack() {
  std::stable_sort(dropped.begin(), dropped.end(),
                   [](const Drop &a, const Drop &b) { return a.ops > b.ops; });
  for (const Drop &drop : dropped) {
    if (!mayCount())
      return;
    schedule.restore(drop);
    if (!keeps())
      schedule.drop(drop);
  }
}

bool Rematerializer::dropValues() {
  while (!keeps()) {
    std::optional<Drop> best = findBest();
    if (!best)
      break;
    schedule.drop(*best);
    dropped.push_back(*best);
  }
  if (keeps())
    takeBack();
  return keeps();
}

void tenon::planner::keepBound(GraphSchedule &schedule, double bytes, const Budget &budget) {
  if (schedule.peakBytes() <= bytes || Rematerializer(schedule, bytes, budget).dropValues())
    return;
  constexpr int mostRounds = 100;
  int round = 0;
  while (schedule.peakBytes() > bytes && ++round < mostRounds && schedule.shareLessAtPeak())
    ;
  if (schedule.peakBytes() > bytes)
    schedule.shareNothing();
}
