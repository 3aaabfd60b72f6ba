//===- GraphSearch.cpp - Trees that share steps ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "GraphSearch.h"

#include "CanonicalNetwork.h"

#include <algorithm>
#include <map>

using namespace tenon::planner;

namespace {

/// The searches that trees come from.
enum class Source {
  Own,            ///< of the network by itself
  Merged,         ///< of a merged network,
  Multiplied,     ///< with MergedNetwork::withMultiplicity of each slot,
  MultipliedOnce, ///< or of all slots together
};
constexpr Source allSources[] = {Source::Own, Source::Merged, Source::Multiplied,
                                 Source::MultipliedOnce};

/// A tree that a network may have.
struct Candidate {
  ContractionTree tree;
  /// Classes of its steps, ascending, each once.
  std::vector<ClassId> steps;
  Source source;
};

class GraphSearch {
public:
  GraphSearch(const NetworkGraph &graph, const PlanOptions &options,
              const StrategyRegistry &registry, const CostModel &model, NodeClasses &classes)
      : graph(graph), options(options), registry(registry), model(model), classes(classes),
        candidates(graph.networks.size()), hasOwn(graph.networks.size(), false) {
    this->options.slicing = SliceOptions();
    this->options.initialSliced.clear();
  }

  Result<std::vector<ContractionTree>> run();

private:
  using Selection = std::vector<size_t>;

  std::optional<Error> searchOwn(uint32_t number);
  std::optional<Error> searchMerged(const MergedNetwork &merged);
  std::optional<Error> searchMembers(const MergedNetwork &merged);
  Result<ContractionTree> search(const Network &network,
                                 const std::optional<ContractionTree> &initial);
  void addCandidate(uint32_t number, ContractionTree tree, Source source);
  void restrictToMembers(const MergedNetwork &merged, const ContractionTree &tree, Source source);
  void priceClasses();
  /// The score of those of `steps` that `counts`, the users of every class, says nobody has.
  Score scoreOf(std::span<const ClassId> steps, std::span<const uint32_t> counts) const;
  /// The score of the steps of all networks of `numbers` together.
  Score scoreOf(const Selection &selection, std::span<const uint32_t> numbers) const;
  Selection select(std::span<const uint32_t> numbers, Source source) const;
  std::pair<Selection, Score> selectBest(std::span<const uint32_t> numbers) const;

  const NetworkGraph &graph;
  PlanOptions options;
  const StrategyRegistry &registry;
  const CostModel &model;
  NodeClasses &classes;
  std::vector<std::vector<Candidate>> candidates;
  /// Whether the network was searched by itself.
  std::vector<bool> hasOwn;
  /// By class: the step's cost and multiply-adds, in units of 2^scale.
  std::vector<double> costs, ops;
  double scale = 0;
  /// By class: 0.
  std::vector<uint32_t> noUsers;
  /// Trees of networks that are equal but for the names of their indices, by canonical form.
  std::map<std::vector<uint64_t>, ContractionTree> known;
  /// Searches that are still to come, at a guess; they share the time.
  size_t searchesLeft = 1;
};

} // namespace

Result<ContractionTree> GraphSearch::search(const Network &network,
                                            const std::optional<ContractionTree> &initial) {
  if (network.numTensors() == 1)
    return ContractionTree(1, {});
  if (network.numTensors() == 2)
    return ContractionTree(2, {{0, 1}});
  std::vector<uint64_t> key = describeWhole(canonicalize(network).network);
  if (auto found = known.find(key); !initial && found != known.end())
    return found->second;
  using Clock = std::chrono::steady_clock;
  PlanOptions own = options;
  own.initial = initial;
  if (own.budget.deadline) {
    Clock::time_point now = Clock::now();
    own.budget.deadline = now + (*options.budget.deadline - now) /
                                    static_cast<int64_t>(std::max<size_t>(searchesLeft, 1));
  }
  searchesLeft -= searchesLeft > 1;
  // Many networks make many searches, some of them over several networks at once.
  own.budget.exactPairs /= graph.networks.size();
  Result<Plan> plan = planNetwork(network, own, registry);
  if (!plan)
    return plan.fullError();
  if (!initial)
    known.emplace(std::move(key), plan->tree);
  return std::move(plan->tree);
}

/// Brings the prices of classes up to date: they are summed often.
void GraphSearch::priceClasses() {
  auto first = static_cast<ClassId>(costs.size());
  std::vector<double> log2Costs;
  double before = scale;
  // Leaves have no steps, and their numbers are not among those of steps.
  for (ClassId number = first; number < classes.size(); ++number) {
    log2Costs.push_back(model.step(classes.expectedSizesOf(number)));
    scale = std::max({scale, log2Costs.back(), classes.expectedSizesOf(number).ops});
  }
  if (scale > before)
    for (ClassId number = 0; number < first; ++number) {
      costs[number] *= std::exp2(before - scale);
      ops[number] *= std::exp2(before - scale);
    }
  for (ClassId number = first; number < classes.size(); ++number) {
    costs.push_back(std::exp2(log2Costs[number - first] - scale));
    ops.push_back(std::exp2(classes.expectedSizesOf(number).ops - scale));
  }
  noUsers.resize(classes.size(), 0);
}

Score GraphSearch::scoreOf(std::span<const ClassId> steps, std::span<const uint32_t> counts) const {
  double cost = 0, all = 0;
  bool sums = model.accumulation() == Accumulation::Sum;
  for (ClassId step : steps)
    if (counts[step] == 0) {
      cost = sums ? cost + costs[step] : std::max(cost, costs[step]);
      all += ops[step];
    }
  return {std::log2(cost) + scale, std::log2(all) + scale};
}

Score GraphSearch::scoreOf(const Selection &selection, std::span<const uint32_t> numbers) const {
  std::vector<ClassId> steps;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const std::vector<ClassId> &own = candidates[numbers[i]][selection[i]].steps;
    steps.insert(steps.end(), own.begin(), own.end());
  }
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return scoreOf(steps, noUsers);
}

void GraphSearch::addCandidate(uint32_t number, ContractionTree tree, Source source) {
  ClassifiedTree classified = classes.classify(graph.networks[number], tree);
  std::vector<ClassId> steps(classified.classOf.begin() + tree.numLeaves(),
                             classified.classOf.end());
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  for (const Candidate &other : candidates[number])
    if (other.steps == steps && other.source == source)
      return;
  candidates[number].push_back({std::move(tree), std::move(steps), source});
}

std::optional<Error> GraphSearch::searchOwn(uint32_t number) {
  if (hasOwn[number])
    return std::nullopt;
  Result<ContractionTree> tree =
      search(graph.networks[number].network, graph.networks[number].initial);
  if (!tree)
    return Error{tree.error(), 0, number};
  addCandidate(number, std::move(*tree), Source::Own);
  hasOwn[number] = true;
  return std::nullopt;
}

/// The trees that `tree`, over the slots of `merged`, gives for the members. The root may be beside
/// a slot that a member lacks or, if it lacks none, beside one that differs from member to member:
/// what is on the other side of every edge is then what the members have in common.
void GraphSearch::restrictToMembers(const MergedNetwork &merged, const ContractionTree &tree,
                                    Source source) {
  std::vector<bool> same = merged.isSame(graph);
  // All candidates together have so many nodes at most, about.
  constexpr double mostNodes = 2e6;
  constexpr size_t mostRoots = 8;
  double nodes = 2.0 * static_cast<double>(tree.numLeaves() * merged.members.size());
  auto roots = static_cast<size_t>(std::clamp(mostNodes / nodes, 1.0, double{mostRoots}));
  for (size_t member = 0; member < merged.members.size(); ++member) {
    const std::vector<NodeId> &tensorOf = merged.tensorOf[member];
    std::vector<std::optional<NodeId>> places;
    for (NodeId slot = 0; slot < tree.numLeaves(); ++slot)
      if (!same[slot] && tensorOf[slot] == noTensor)
        places.push_back(slot);
    places.resize(std::min(places.size(), (roots + 1) / 2));
    bool isWhole = places.empty();
    places.push_back(std::nullopt);
    for (NodeId slot = 0; isWhole && slot < tree.numLeaves() && places.size() < roots; ++slot)
      if (!same[slot])
        places.push_back(slot);
    NodeId tensors = graph.networks[merged.members[member]].network.numTensors();
    for (std::optional<NodeId> place : places)
      addCandidate(merged.members[member], restrictTree(tree, tensorOf, tensors, place), source);
  }
}

/// How many of a merged network's slots differ from member to member.
static size_t countVarying(const NetworkGraph &graph, const MergedNetwork &merged) {
  std::vector<bool> same = merged.isSame(graph);
  return static_cast<size_t>(std::count(same.begin(), same.end(), false));
}

std::optional<Error> GraphSearch::searchMerged(const MergedNetwork &merged) {
  std::vector<std::pair<Source, Network>> searched = {{Source::Merged, merged.network}};
  // Where most slots vary, as for environments, there is nothing to put last.
  size_t varying = countVarying(graph, merged);
  if (varying > 0 && 2 * varying <= merged.network.numTensors())
    for (Source source : {Source::Multiplied, Source::MultipliedOnce})
      searched.emplace_back(
          source, merged.withMultiplicity(graph, /*together=*/source == Source::MultipliedOnce));
  for (const auto &[source, network] : searched) {
    Result<ContractionTree> tree = search(network, std::nullopt);
    if (!tree)
      return Error{tree.error(), 0, merged.members.front()};
    restrictToMembers(merged, *tree, source);
  }
  return std::nullopt;
}

/// Chooses candidates, those of `source` first where a network has some, until no network gains by
/// another.
GraphSearch::Selection GraphSearch::select(std::span<const uint32_t> numbers, Source source) const {
  std::vector<uint32_t> counts = noUsers;
  auto count = [&](const Candidate &candidate, uint32_t change) {
    for (ClassId step : candidate.steps)
      counts[step] += change;
  };
  Selection selection(numbers.size(), 0);
  auto choose = [&](size_t i, bool onlySource) {
    const std::vector<Candidate> &list = candidates[numbers[i]];
    bool isLimited = onlySource && std::any_of(list.begin(), list.end(), [&](const Candidate &c) {
                       return c.source == source;
                     });
    std::optional<size_t> best;
    Score least;
    for (size_t number = 0; number < list.size(); ++number) {
      if (isLimited && list[number].source != source)
        continue;
      Score score = scoreOf(list[number].steps, counts);
      if (!best || score.betterThan(least)) {
        best = number;
        least = score;
      }
    }
    return *best;
  };
  for (size_t i = 0; i < numbers.size(); ++i) {
    selection[i] = choose(i, true);
    count(candidates[numbers[i]][selection[i]], 1);
  }
  constexpr int mostRounds = 8;
  bool isChanged = true;
  for (int round = 0; round < mostRounds && isChanged; ++round) {
    isChanged = false;
    for (size_t i = 0; i < numbers.size(); ++i) {
      const std::vector<Candidate> &list = candidates[numbers[i]];
      count(list[selection[i]], ~uint32_t{0});
      size_t better = choose(i, false);
      if (scoreOf(list[better].steps, counts)
              .betterThan(scoreOf(list[selection[i]].steps, counts))) {
        selection[i] = better;
        isChanged = true;
      }
      count(list[selection[i]], 1);
    }
  }
  return selection;
}

/// What is best together depends on where the first networks start from.
std::pair<GraphSearch::Selection, Score>
GraphSearch::selectBest(std::span<const uint32_t> numbers) const {
  std::optional<std::pair<Selection, Score>> best;
  for (Source source : allSources) {
    Selection selection = select(numbers, source);
    Score score = scoreOf(selection, numbers);
    if (!best || score.betterThan(best->second))
      best.emplace(std::move(selection), score);
  }
  return std::move(*best);
}

/// Searches the members by themselves, unless what they share saves so much that none of it could
/// pay.
std::optional<Error> GraphSearch::searchMembers(const MergedNetwork &merged) {
  const std::vector<uint32_t> &members = merged.members;
  if (members.size() > 1) {
    priceClasses();
    // What the best tree of every member costs by itself.
    Log2Sum separate;
    uint32_t dearest = members.front();
    double most = log2Zero;
    for (uint32_t number : members) {
      double least = std::numeric_limits<double>::infinity();
      for (const Candidate &candidate : candidates[number])
        least = std::min(least, scoreOf(candidate.steps, noUsers).cost);
      separate.add(least);
      if (least > most) {
        most = least;
        dearest = number;
      }
    }
    if (std::optional<Error> error = searchOwn(dearest))
      return error;
    priceClasses();
    double shared = selectBest(members).second.cost;
    // As much cheaper as its own search made the dearest, all may get.
    double gain = std::max(most - scoreOf(candidates[dearest].back().steps, noUsers).cost, 0.0);
    constexpr double leastSaved = 1;
    if (shared + leastSaved < separate.log2() - gain)
      return std::nullopt;
  }
  for (uint32_t number : members)
    if (std::optional<Error> error = searchOwn(number))
      return error;
  return std::nullopt;
}

Result<std::vector<ContractionTree>> GraphSearch::run() {
  std::vector<uint32_t> all;
  for (uint32_t number = 0; number < graph.networks.size(); ++number) {
    all.push_back(number);
    if (const std::optional<Plan> &given = graph.networks[number].given)
      addCandidate(number, given->tree, Source::Own);
    else if (const std::optional<ContractionTree> &initial = graph.networks[number].initial)
      addCandidate(number, *initial, Source::Own);
  }
  std::vector<MergedNetwork> parts = mergeNetworks(graph);
  searchesLeft = 0;
  for (const MergedNetwork &merged : parts)
    searchesLeft += merged.members.size() > 1 ? 4 : 1;
  for (const MergedNetwork &merged : parts) {
    if (merged.members.size() > 1)
      if (std::optional<Error> error = searchMerged(merged))
        return *error;
    if (std::optional<Error> error = searchMembers(merged))
      return *error;
  }
  priceClasses();
  Selection best = selectBest(all).first;
  std::vector<ContractionTree> trees;
  for (uint32_t number : all)
    trees.push_back(std::move(candidates[number][best[number]].tree));
  return trees;
}

Result<std::vector<ContractionTree>> tenon::planner::searchGraph(const NetworkGraph &graph,
                                                                 const PlanOptions &options,
                                                                 const StrategyRegistry &registry,
                                                                 const CostModel &model,
                                                                 NodeClasses &classes) {
  return GraphSearch(graph, options, registry, model, classes).run();
}
