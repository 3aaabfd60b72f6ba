//===- Elimination.h - Contraction trees from elimination orders -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. An order in which indices are eliminated makes a contraction tree:
// eliminating an index joins all current tensors that have it (bucket elimination; Dechter,
// Artificial Intelligence 113, 1999). Orders are greedy, by least fill or by least degree, on the
// graph whose vertices are the indices and in which the indices of a tensor are a clique (Markov
// and Shi, SIAM J. Comput. 38(3), 2008, tell why its treewidth decides the cost).
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Budget.h"
#include "tenon/Planner/Greedy.h"

#include <memory>
#include <optional>
#include <span>

namespace tenon::planner {

struct EliminationOptions {
  enum class Order {
    /// Next goes an index without fill if there is one, else that with the least of
    ///
    ///   fill / neighbourhood^degreePower,
    ///
    /// where the fill is the sum, over all pairs of its neighbours that are not adjacent yet, of
    /// the products of their weights, and the neighbourhood the sum of the neighbours' weights.
    Fill,
    /// Next goes the index whose elimination makes least of the tensors that have it: the score
    /// size(result) - alpha size(operands) of the greedy search, for any number of operands. With
    /// alpha = 0 this is minimum degree.
    Degree,
    /// Nested dissection: the indices that a bisection of the tensors cuts go after those of either
    /// side; within a small part, and of those that are cut together, as by Degree.
    Dissection
  };
  Order order = Order::Fill;
  /// 0 is plain minimum fill. 1 is the fill for each neighbour. 1 to 1.5 is best for networks with
  /// hyperedges, 1.4 to 2 for plain ones.
  double degreePower = 0;
  /// Fill: an index's weight is this power of its log2 extent: 0, 1 or 2. Where extents differ,
  /// none is the best for all networks.
  unsigned weightPower = 1;
  /// Degree, Dissection: weight of the operands' sizes.
  double alpha = 0;
  /// Dissection: how far the heavier side may exceed the other, as in BisectionLimits, and the
  /// number of tensors up to which parts are not bisected.
  double imbalance = 0.1;
  uint32_t smallestPart = 16;
  /// Gumbel noise on an index's score, in bits.
  double temperature = 0;
  uint64_t seed = 0;
};

/// The options of restart `number` of a search with `seed`. Restarts 0 to 2 are minimum fill with
/// different powers, and 3 is minimum degree, all with hardly any noise; nested dissection comes
/// every sixteenth time.
EliminationOptions eliminationOptions(uint64_t seed, uint64_t number);

/// What does not change between runs over one network. Runs may be made by several threads.
class EliminationSearch {
public:
  /// Of the budget only the deadline and the flags are used: once it expires no graph is made.
  EliminationSearch(const Network &network, std::span<const double> log2Extents,
                    const Budget &budget);
  ~EliminationSearch();

  /// One run. Equal options give equal trees. Empty if the budget expired or the network is too
  /// dense for elimination: a greedy tree is as good there, and quick. Of the budget only the
  /// deadline and the flags are used.
  std::optional<ScoredTree> run(const CostModel &model, const EliminationOptions &options,
                                const Budget &budget) const;

private:
  struct Shared;
  std::unique_ptr<const Shared> shared;
};

/// One run over `network`, as `EliminationSearch::run`.
std::optional<ScoredTree> eliminationTree(const Network &network,
                                          std::span<const double> log2Extents,
                                          const CostModel &model, const EliminationOptions &options,
                                          const Budget &budget);

} // namespace tenon::planner
