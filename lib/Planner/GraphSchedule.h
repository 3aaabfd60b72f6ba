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

#include <set>
#include <span>
#include <vector>

namespace tenon::planner {

/// A value that networks from `network` on do not take from those before: they compute it again.
struct Drop {
  ClassId value;
  uint32_t network;
  /// Of the value; and multiply-adds that computing it takes where nothing else is there.
  double bytes, ops;
};

/// A graph whose networks have trees and classes. What is asked of it holds after all that it was
/// told; the schedule is made anew where needed, in time linear in the nodes of all trees.
class GraphSchedule {
public:
  /// Takes over the plans of the networks of `graph`, which outlives the schedule. Networks that
  /// are sliced share nothing. Figures are those of the classes, which `classes` knows.
  GraphSchedule(const NetworkGraph &graph, std::vector<Plan> plans, NodeClasses &classes);

  /// Has a value computed again, and takes that back.
  void drop(const Drop &value);
  void restore(const Drop &value);
  /// What may be dropped so that it is not live at the worst moment: values that are read neither
  /// then nor later by a network that has read or made them.
  std::vector<Drop> droppableAtPeak();
  /// Computes the values that are kept while most bytes are live, though their first network is
  /// done or they are read again, in every place where they are needed; the largest of them, within
  /// a factor of two. False if there are none.
  bool shareLessAtPeak();
  /// Computes every value wherever it is needed.
  void shareNothing();

  /// Whether buffers for packing, and more threads than one, count as bytes; at first they do.
  void countPacking(bool counts);
  double peakBytes();
  /// The peak of the network that takes most by itself.
  double largestPeakAlone() const;
  /// Bytes above a bound, summed over all steps. May be infinite.
  double excessOver(double bytes);
  /// Multiply-adds of all computed steps, in all slices.
  double ops();
  /// Nodes of all trees.
  size_t numNodes() const;
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
  struct Reading {
    size_t life, moment;
  };

  void countBytes(const GraphNetwork &part, uint32_t number, const MemoryModel &memory);
  /// Makes the schedule, unless it is made.
  void schedule();
  void scheduleNetwork(uint32_t number);
  void dropUnread(uint32_t number);
  void countMemory();
  bool isSliced(uint32_t number) const { return !result.networks[number].plan.sliced.empty(); }

  const NetworkGraph &graph;
  NodeClasses &classes;
  GraphPlan result;
  /// By network.
  std::vector<std::vector<ClassId>> classOf;
  /// By network and node: bytes of the value; by network and step: bytes that the step needs
  /// besides.
  std::vector<std::vector<double>> bytes, temporary;
  /// By network: most bytes live while it runs by itself.
  std::vector<double> peakAlone;
  /// By network and node: multiply-adds of its step and of all below.
  std::vector<std::vector<double>> opsBelow;
  /// By class.
  std::vector<bool> isShared;
  /// By network: the values that are dropped before it.
  std::vector<std::set<ClassId>> droppedBefore;
  bool isMade = false;
  /// By class, while the schedule is made.
  std::vector<std::optional<NodeOrigin>> available;
  std::vector<Moment> moments;
  std::vector<Life> lives;
  /// In the order of the moments.
  std::vector<Reading> readings;
  /// By moment.
  std::vector<double> liveBytes;
  double peak = 0, computedOps = 0;
  size_t peakMoment = 0;
};

} // namespace tenon::planner
