//===- EliminationFill.cpp - Elimination orders of least fill -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "EliminationParts.h"
#include "IndexedHeap.h"

#include "tenon/Planner/Random.h"

#include <algorithm>

using namespace tenon::planner;

namespace {

/// Weights are multiples of 1/16 (of a bit), and all sums of products of them integers, so that a
/// fill of zero is zero, and sums do not drift.
constexpr double unitsPerBit = 16;

/// 64 MiB of edges, or so many indices at once with a bit for every pair.
constexpr size_t mostEdges = size_t{1} << 22;
constexpr IndexId mostRows = 8192;

/// More than the weights around any vertex come to.
constexpr double mostAround = 1e12;

struct Key {
  double score;
  double tie;
  bool operator<(const Key &other) const {
    return score != other.score ? score < other.score : tie < other.tie;
  }
};

} // namespace

/// Pairs of vertices: a bit matrix where it is small, else a hash table with open addressing.
class FillGraph::EdgeSet {
public:
  explicit EdgeSet(IndexId count) : rows(count <= mostRows ? count : 0) {
    words.assign(rows ? (size_t{rows} * rows + 63) / 64 : 1024, rows ? 0 : none);
  }
  bool contains(IndexId a, IndexId b) const {
    if (rows) {
      size_t bit = size_t{a} * rows + b;
      return words[bit / 64] >> (bit % 64) & 1;
    }
    uint64_t key = keyOf(a, b);
    for (size_t place = placeOf(key);; place = (place + 1) & (words.size() - 1))
      if (words[place] == key || words[place] == none)
        return words[place] == key;
  }
  /// \pre the pair is not in the set.
  void insert(IndexId a, IndexId b) {
    ++count;
    if (rows) {
      setBit(a, b);
      setBit(b, a);
      return;
    }
    if (count * 2 > words.size())
      grow();
    put(keyOf(a, b));
  }
  size_t size() const { return count; }

private:
  static constexpr uint64_t none = ~uint64_t{0};
  static uint64_t keyOf(IndexId a, IndexId b) {
    return a < b ? uint64_t{a} << 32 | b : uint64_t{b} << 32 | a;
  }
  size_t placeOf(uint64_t key) const { return mixBits(key) & (words.size() - 1); }
  void setBit(IndexId a, IndexId b) {
    size_t bit = size_t{a} * rows + b;
    words[bit / 64] |= uint64_t{1} << (bit % 64);
  }
  void put(uint64_t key) {
    size_t place = placeOf(key);
    while (words[place] != none)
      place = (place + 1) & (words.size() - 1);
    words[place] = key;
  }
  void grow() {
    std::vector<uint64_t> old(words.size() * 2, none);
    old.swap(words);
    for (uint64_t key : old)
      if (key != none)
        put(key);
  }

  IndexId rows;
  size_t count = 0;
  std::vector<uint64_t> words;
};

/// Two open indices count as adjacent, but no edge is stored between them: a wide output would need
/// too many.
struct FillGraph::Vertex {
  std::vector<IndexId> neighbours;
  double weight = 0;
  /// Sum of the weights of all neighbours, and of the open ones.
  double around = 0;
  double openAround = 0;
  /// The fill if the vertex is eliminated next. Not kept for open ones.
  double fill = 0;
};

FillGraph::~FillGraph() = default;
FillGraph::FillGraph(FillGraph &&) = default;

FillGraph::FillGraph(const EliminationNetwork &network, unsigned weightPower, const Budget &budget)
    : network(network), vertices(network.numIndices()) {
  // The number of edges limits the work; the meter is for the budget.
  WorkMeter meter(budget, 0);
  size_t pairs = 0;
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    size_t rank = network.legs(tensor).size();
    pairs += rank * rank / 2;
    if (pairs > 4 * mostEdges)
      return;
  }
  edges = std::make_unique<EdgeSet>(network.numIndices());
  auto giveUp = [&] {
    edges.reset();
    vertices.clear();
  };
  for (IndexId v = 0; v < network.numIndices(); ++v)
    vertices[v].weight =
        std::max(1.0, std::floor(std::pow(network.weight(v), weightPower) * unitsPerBit + 0.5));
  for (NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    std::span<const IndexId> legs = network.legs(tensor);
    if (edges->size() > mostEdges || !meter.pass(1 + legs.size() * legs.size())) {
      giveUp();
      return;
    }
    for (size_t i = 0; i < legs.size(); ++i)
      for (size_t j = i + 1; j < legs.size(); ++j) {
        IndexId a = legs[i], b = legs[j];
        bool bothOpen = network.isOpen(a) && network.isOpen(b);
        if (bothOpen || edges->contains(a, b))
          continue;
        edges->insert(a, b);
        vertices[a].neighbours.push_back(b);
        vertices[b].neighbours.push_back(a);
      }
  }
  if (edges->size() > mostEdges || !countFill(meter)) {
    giveUp();
    return;
  }
  usable = true;
}

/// All pairs of neighbours, less those that are adjacent: triangles, each found once, from its
/// vertex of least degree.
bool FillGraph::countFill(WorkMeter &meter) {
  auto before = [&](IndexId a, IndexId b) {
    size_t degreeA = vertices[a].neighbours.size(), degreeB = vertices[b].neighbours.size();
    return degreeA != degreeB ? degreeA < degreeB : a < b;
  };
  std::vector<IndexId> later;
  for (IndexId v = 0; v < vertices.size(); ++v) {
    Vertex &own = vertices[v];
    double squares = 0, openSquares = 0;
    later.clear();
    for (IndexId u : own.neighbours) {
      double weight = vertices[u].weight;
      own.around += weight;
      squares += weight * weight;
      if (network.isOpen(u)) {
        own.openAround += weight;
        openSquares += weight * weight;
      }
      if (before(v, u))
        later.push_back(u);
    }
    own.fill += (own.around * own.around - squares) / 2 -
                (own.openAround * own.openAround - openSquares) / 2;
    for (size_t i = 0; i < later.size(); ++i)
      for (size_t j = i + 1; j < later.size(); ++j) {
        Vertex &a = vertices[later[i]], &b = vertices[later[j]];
        if (!edges->contains(later[i], later[j]))
          continue;
        own.fill -= a.weight * b.weight;
        a.fill -= own.weight * b.weight;
        b.fill -= own.weight * a.weight;
      }
    if (!meter.pass(1 + own.neighbours.size() + later.size() * later.size() / 2))
      return false;
  }
  return true;
}

class FillGraph::Run {
public:
  Run(const FillGraph &graph, double degreePower, double temperature, uint64_t seed,
      WorkMeter &meter)
      : network(graph.network), edges(*graph.edges), vertices(graph.vertices),
        degreePower(degreePower), meter(meter), queue(network.numIndices()),
        eliminated(network.numIndices(), false), changedAt(network.numIndices(), 0),
        noise(network.numIndices()), ties(network.numIndices()) {
    for (IndexId v = 0; v < network.numIndices(); ++v) {
      ties[v] = toUnit(deriveSeed(seed, v));
      noise[v] = temperature > 0 ? temperature * toGumbel(deriveSeed(~seed, v)) : 0;
      if (network.isEliminated(v))
        queue.set(v, keyOf(v));
    }
  }

  void appendOrder(std::vector<IndexId> &order) {
    while (!queue.empty() && edges.size() <= mostEdges && meter.spend(8)) {
      IndexId v = queue.top();
      queue.remove(v);
      order.push_back(v);
      eliminate(v);
    }
  }

private:
  Key keyOf(IndexId v) const {
    const Vertex &vertex = vertices[v];
    double around = vertex.around / unitsPerBit;
    // To eliminate a vertex without fill first is never wrong for the width.
    if (vertex.fill <= 0)
      return {around - mostAround, ties[v]};
    double fill = std::log2(1 + vertex.fill / (unitsPerBit * unitsPerBit));
    return {fill - degreePower * std::log2(1 + around) + noise[v], ties[v]};
  }
  void change(IndexId v) {
    if (changedAt[v] == now)
      return;
    changedAt[v] = now;
    changed.push_back(v);
  }
  /// Drops the eliminated ones first.
  std::vector<IndexId> &neighboursOf(IndexId v) {
    std::erase_if(vertices[v].neighbours, [&](IndexId u) { return eliminated[u]; });
    return vertices[v].neighbours;
  }
  void addEdge(IndexId a, IndexId b);
  void eliminate(IndexId v);

  const EliminationNetwork &network;
  EdgeSet edges;
  std::vector<Vertex> vertices;
  double degreePower;
  WorkMeter &meter;
  IndexedHeap<Key> queue;
  std::vector<bool> eliminated;
  /// Vertices whose score changed by the elimination number `now`.
  std::vector<IndexId> changed;
  std::vector<IndexId> changedAt;
  IndexId now = 0;
  std::vector<double> noise, ties;
};

void FillGraph::Run::addEdge(IndexId a, IndexId b) {
  if (vertices[a].neighbours.size() > vertices[b].neighbours.size())
    std::swap(a, b);
  double common = 0, pair = vertices[a].weight * vertices[b].weight;
  for (IndexId c : neighboursOf(a))
    if (edges.contains(b, c)) {
      // One of the pairs around `c` is adjacent now.
      vertices[c].fill -= pair;
      common += vertices[c].weight;
      change(c);
    }
  meter.spend(2 * vertices[a].neighbours.size());
  // Each end has a new neighbour, which is not adjacent to the others but for the common ones,
  // and if it is open for the open ones.
  auto gain = [&](IndexId end, IndexId added) {
    Vertex &vertex = vertices[end];
    double others = vertex.around - common - (network.isOpen(added) ? vertex.openAround : 0);
    vertex.fill += vertices[added].weight * others;
    vertex.around += vertices[added].weight;
    if (network.isOpen(added))
      vertex.openAround += vertices[added].weight;
    vertex.neighbours.push_back(added);
    change(end);
  };
  gain(a, b);
  gain(b, a);
  edges.insert(a, b);
}

void FillGraph::Run::eliminate(IndexId v) {
  ++now;
  changed.clear();
  std::vector<IndexId> around = neighboursOf(v);
  Vertex &gone = vertices[v];
  meter.spend(gone.fill > 0 ? around.size() * around.size() / 2 : around.size());
  if (gone.fill > 0)
    for (size_t i = 0; i < around.size(); ++i)
      for (size_t j = i + 1; j < around.size(); ++j) {
        bool bothOpen = network.isOpen(around[i]) && network.isOpen(around[j]);
        if (!bothOpen && !edges.contains(around[i], around[j]))
          addEdge(around[i], around[j]);
      }
  // The neighbours are a clique now: the pairs that go with the vertex are those of it and a
  // neighbour's other neighbours.
  for (IndexId u : around) {
    Vertex &vertex = vertices[u];
    vertex.fill -= gone.weight * (vertex.around - gone.weight - (gone.around - vertex.weight));
    vertex.around -= gone.weight;
    change(u);
  }
  eliminated[v] = true;
  gone.neighbours = {};
  for (IndexId u : changed)
    if (queue.contains(u))
      queue.set(u, keyOf(u));
}

void FillGraph::appendOrder(double degreePower, double temperature, uint64_t seed, WorkMeter &meter,
                            std::vector<IndexId> &order) const {
  Run(*this, degreePower, temperature, seed, meter).appendOrder(order);
}
