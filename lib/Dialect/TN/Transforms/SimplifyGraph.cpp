//===- SimplifyGraph.cpp - The network that tn-simplify works on ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "SimplifyGraph.h"

#include "tenon/Support/Assert.h"
#include "tenon/Support/SeededBug.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::tn;
using namespace tenon::tn::simplify;

template <typename Range> static SmallVector<int64_t, 4> distinct(const Range &list) {
  SmallVector<int64_t, 4> result;
  for (int64_t index : list)
    if (!llvm::is_contained(result, index))
      result.push_back(index);
  return result;
}

//===----------------------------------------------------------------------===//
// Nodes and indices
//===----------------------------------------------------------------------===//

int Graph::addOrigin(Origin origin) {
  origins.push_back(origin);
  return static_cast<int>(origins.size()) - 1;
}

int Graph::joinOrigins(int lhs, int rhs) {
  return lhs < 0 || rhs < 0 ? std::max(lhs, rhs) : addOrigin({lhs, rhs});
}

void Graph::handOver(int node, int heir) {
  nodes[heir].origin = joinOrigins(nodes[heir].origin, nodes[node].origin);
}

int64_t Graph::addIndex(int64_t extent, StringAttr name) {
  int64_t number = indices.size();
  indices.push_back({.extent = extent, .name = name, .representative = number});
  return number;
}

int Graph::addNode(Node node) {
  int number = nodes.size();
  nodes.push_back(std::move(node));
  link(number);
  enqueue(number);
  return number;
}

void Graph::link(int node) {
  for (int64_t index : nodes[node].indices)
    indices[index].users.insert(node);
}

void Graph::unlink(int node) {
  for (int64_t index : nodes[node].indices) {
    std::set<int> &users = indices[index].users;
    // Those that are left may have become the only one, or worth a merge.
    if (users.erase(node) && users.size() <= kMaxPartners)
      for (int user : users)
        enqueue(user);
  }
}

void Graph::kill(int node) {
  nodes[node].isAlive = false;
  unlink(node);
  isChanged = true;
}

void Graph::setOutput(ArrayRef<int64_t> list) {
  output.assign(list.begin(), list.end());
  for (auto [position, index] : llvm::enumerate(list))
    indices[index].outputPosition = position;
}

int64_t Graph::detachOutput(int64_t index) {
  int64_t fresh = addIndex(indices[index].extent, indices[index].name);
  indices[index].name = {};
  std::swap(indices[index].outputPosition, indices[fresh].outputPosition);
  output[indices[fresh].outputPosition] = fresh;
  isChanged = true;
  return fresh;
}

int64_t Graph::find(int64_t index) const {
  while (indices[index].representative != index)
    index = indices[index].representative;
  return index;
}

SmallVector<int64_t> Graph::find(ArrayRef<int64_t> list) const {
  return llvm::map_to_vector(list, [&](int64_t index) { return find(index); });
}

bool Graph::isSummedWithin(int64_t index, ArrayRef<int> users) const {
  const Index &entry = indices[index];
  return !entry.isOutput() && entry.users.size() <= users.size() &&
         llvm::all_of(entry.users, [&](int user) { return llvm::is_contained(users, user); });
}

bool Graph::isStatic(ArrayRef<int64_t> list) const {
  return llvm::none_of(list,
                       [&](int64_t index) { return ShapedType::isDynamic(indices[index].extent); });
}

int64_t Graph::sizeOf(ArrayRef<int64_t> list) const {
  if (!isStatic(list))
    return INT64_MAX;
  SmallVector<int64_t> shape =
      llvm::map_to_vector(list, [&](int64_t index) { return indices[index].extent; });
  return getNumElements(shape).value_or(INT64_MAX);
}

void Graph::enqueue(int node, int stage) {
  Node &entry = nodes[node];
  // A place in a later queue is given up by no longer being in that stage.
  if (entry.stage >= 0 && entry.stage <= stage)
    return;
  entry.stage = stage;
  queues[stage].push_back(node);
}

std::pair<int, int> Graph::next() {
  for (auto [stage, queue] : llvm::enumerate(queues))
    while (!queue.empty()) {
      int node = queue.front();
      queue.pop_front();
      if (nodes[node].stage != static_cast<int>(stage))
        continue;
      nodes[node].stage = -1;
      if (nodes[node].isAlive)
        return {node, stage};
    }
  return {-1, -1};
}

SmallVector<int> Graph::liveNodes() const {
  SmallVector<int> live;
  for (int i = 0, e = nodes.size(); i < e; ++i)
    if (nodes[i].isAlive)
      live.push_back(i);
  return live;
}

//===----------------------------------------------------------------------===//
// Ties
//===----------------------------------------------------------------------===//

bool Graph::canTie(int64_t a, int64_t b) const {
  const Index &first = indices[a], &second = indices[b];
  return a != b && !ShapedType::isDynamic(first.extent) && first.extent == second.extent &&
         !(first.isOutput() && second.isOutput());
}

void Graph::tie(int64_t a, int64_t b) {
  TENON_ASSERT(canTie(a, b), "indices that are tied agree in extent, and one is summed");
  isChanged = true;
  bool keepsFirst = indices[a].isOutput() ||
                    (!indices[b].isOutput() && indices[a].users.size() >= indices[b].users.size());
  int64_t kept = keepsFirst ? a : b, gone = keepsFirst ? b : a;
  // The output's index may be the one with more users: it takes over the number of the other.
  if (indices[kept].isOutput() && indices[kept].users.size() < indices[gone].users.size()) {
    std::swap(kept, gone);
    std::swap(indices[kept].outputPosition, indices[gone].outputPosition);
    output[indices[kept].outputPosition] = kept;
    std::swap(indices[kept].name, indices[gone].name);
  }
  if (!indices[kept].name)
    indices[kept].name = indices[gone].name;
  indices[gone].representative = kept;
  std::set<int> users = std::move(indices[gone].users);
  indices[gone].users.clear();
  for (int user : users) {
    Node &node = nodes[user];
    for (int64_t &index : node.indices)
      if (index == gone)
        index = kept;
    indices[kept].users.insert(user);
    // A contraction's parts follow by themselves; a copy tensor stays one with a leg less.
    if (node.is(Node::Kind::Contract) || node.is(Node::Kind::Delta))
      node.indices = distinct(node.indices);
    enqueue(user);
  }
  if (indices[kept].users.size() <= kMaxPartners)
    for (int user : indices[kept].users)
      enqueue(user);
}

//===----------------------------------------------------------------------===//
// Contractions ahead
//===----------------------------------------------------------------------===//

SmallVector<int64_t, 4> Graph::resultOf(ArrayRef<int> parts) const {
  SmallVector<int64_t, 4> result;
  for (int part : parts)
    for (int64_t index : nodes[part].indices)
      if (!llvm::is_contained(result, index) && !isSummedWithin(index, parts))
        result.push_back(index);
  return result;
}

bool Graph::canFold(int a, int b) const {
  if (!nodes[a].is(Node::Kind::Constant) || !nodes[b].is(Node::Kind::Constant))
    return false;
  SmallVector<int64_t, 4> all(nodes[a].indices), result = resultOf({a, b});
  all.append(nodes[b].indices.begin(), nodes[b].indices.end());
  all = distinct(all);
  int64_t operations = sizeOf(all), elements = sizeOf(result);
  if (elements > limits.elements || operations > limits.operations)
    return false;
  return isSeeded(SeededBug::RangeIgnored) ||
         isProductInRange(*nodes[a].constant, *nodes[b].constant,
                          operations / std::max<int64_t>(elements, 1), arithmetic);
}

int Graph::contract(ArrayRef<int> parts) {
  SmallVector<int, 2> owned(parts);
  Node merged{.kind = Node::Kind::Contract, .indices = resultOf(parts)};
  bool isConstant =
      llvm::all_of(owned, [&](int part) { return nodes[part].is(Node::Kind::Constant); });
  if (isConstant && owned.size() <= 2) {
    SmallVector<const ConstantTensor *> tensors;
    SmallVector<ArrayRef<int64_t>> lists;
    for (int part : owned) {
      tensors.push_back(nodes[part].constant.get());
      lists.push_back(nodes[part].indices);
    }
    merged.kind = Node::Kind::Constant;
    merged.constant = std::make_shared<ConstantTensor>(
        contractConstants(arithmetic, tensors, lists, merged.indices));
  } else {
    merged.parts = owned;
  }
  for (int part : owned) {
    merged.origin = joinOrigins(merged.origin, nodes[part].origin);
    kill(part);
  }
  // The elements of a constant that is merged are not needed again.
  if (isConstant)
    for (int part : owned)
      nodes[part].constant.reset();
  return addNode(std::move(merged));
}

bool Graph::hasRepeatedIndex(int node) const {
  const auto &list = nodes[node].indices;
  return distinct(list).size() != list.size();
}

bool Graph::hasIndexAlone(int node) const {
  return llvm::any_of(nodes[node].indices,
                      [&](int64_t index) { return isSummedWithin(index, {node}); });
}

int Graph::reduceAlone(int node) {
  isChanged = true;
  if (nodes[node].is(Node::Kind::Delta)) {
    nodes[node].indices = distinct(nodes[node].indices);
    enqueue(node);
    return node;
  }
  if (!nodes[node].is(Node::Kind::Contract))
    return contract({node});
  // A contraction sums over some indices more.
  SmallVector<int64_t, 4> kept = resultOf({node});
  for (int64_t index : nodes[node].indices)
    if (!llvm::is_contained(kept, index))
      indices[index].users.erase(node);
  nodes[node].indices = kept;
  enqueue(node);
  return node;
}
