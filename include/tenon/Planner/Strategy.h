//===- Strategy.h - Searches for contraction trees --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The interface of every search, and the registry that finds one by name. A strategy is a pure
// function of its request: while only step counts limit it, equal requests give equal trees,
// whatever the number of threads.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Slicing.h"

#include <memory>
#include <string_view>
#include <vector>

namespace tenon::planner {

/// A search's input; the network and the model outlive it.
struct Request {
  const Network &network;
  const CostModel &model;
  Budget budget;
  /// A tree to start from, or null. `planNetwork` never returns a worse one, whether or not a
  /// strategy makes use of it. Outlives the search.
  const ContractionTree *initial = nullptr;
  /// If not null, a strategy that keeps several trees adds those that it does not return, better
  /// ones first: where slices are needed, another one may be the better start.
  std::vector<ContractionTree> *others = nullptr;
};

class Strategy {
public:
  virtual ~Strategy() = default;
  virtual std::string_view name() const = 0;
  /// One line for people.
  virtual std::string_view summary() const = 0;
  /// Finds a tree. A strategy that ignores memory slices nothing.
  /// \pre the network passed `validate`.
  virtual Result<SlicedTree> search(const Request &request) const = 0;
};

class StrategyRegistry {
public:
  /// A registry of the strategies of this library.
  StrategyRegistry();

  /// Adds a strategy, or replaces the one of the same name.
  void add(std::unique_ptr<Strategy> strategy);
  /// The strategy called `name`; the error lists all names.
  Result<const Strategy *> find(std::string_view name) const;
  /// All strategies, by name.
  std::vector<const Strategy *> all() const;

private:
  std::vector<std::unique_ptr<Strategy>> strategies;
};

} // namespace tenon::planner
