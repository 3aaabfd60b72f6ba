//===- GraphSchedule.h - Which step is computed where -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to lib/Planner. Walks the networks of a graph in their order, leaves out the steps whose
// value is there already, and counts what the rest takes.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "NodeClasses.h"

#include <span>
#include <vector>

namespace tenon::planner {

/// A graph whose networks have trees and classes.
class GraphSchedule {
public:
  /// Takes over the plans of the networks of `graph`, which outlives the schedule. Networks that
  /// are sliced share nothing. Figures are those of the classes, which `classes` knows.
  GraphSchedule(const NetworkGraph &graph, std::vector<Plan> plans, NodeClasses &classes);

  /// Computes the values that are kept while most bytes are live, though their first network is
  /// done or they are read again, in every place where they are needed; the largest of them, within
  /// a factor of two. False if there are none.
  bool shareLessAtPeak();
  /// Computes every value wherever it is needed.
  void shareNothing();

  double peakBytes() const { return peak; }
  /// The result; the schedule is empty afterwards.
  GraphPlan take();

private:
  /// One step in the order of execution, or a sliced network as a whole.
  struct Moment {
    uint32_t network;
    /// The step's result.
    NodeId node;
  };
  /// From when to when a value is live.
  struct Life {
    NodeOrigin value;
    size_t begin, end;
    unsigned readers;
  };

  void schedule();
  void scheduleNetwork(uint32_t number);
  void dropUnread(uint32_t number);
  void countMemory();
  bool isSliced(uint32_t number) const { return !result.networks[number].plan.sliced.empty(); }

  NodeClasses &classes;
  GraphPlan result;
  /// By network.
  std::vector<std::vector<ClassId>> classOf;
  /// By network and node: bytes of the value; by network and step: bytes that the step needs
  /// besides.
  std::vector<std::vector<double>> bytes, temporary;
  /// By class.
  std::vector<bool> isShared;
  /// By class, while the schedule is made.
  std::vector<std::optional<NodeOrigin>> available;
  std::vector<Moment> moments;
  std::vector<Life> lives;
  double peak = 0;
  size_t peakMoment = 0;
};

} // namespace tenon::planner
