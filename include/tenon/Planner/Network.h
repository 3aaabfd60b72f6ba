//===- Network.h - A tensor network as a hypergraph -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The planner's input. Tensors are lists of index ids; an index is a hyperedge over the tensors
// that have it. The value of a network is
//
//   R[output] = sum over every index not in the output of the product of all tensors,
//
// so an index may stand in any number of tensors (hyperedge), several times in one (diagonal),
// in one only (it is summed away before anything else happens), and in the output as well
// (batch). Tensors may be of rank 0 and parts may be disconnected (outer products).
//
// A network has one output. A function with several outputs is a list of such networks over
// the same tensors; what they share is found between their trees, not stored here.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tenon::planner {

/// Numbers indices from 0.
using IndexId = uint32_t;
/// Numbers tensors from 0 and, in a tree over them, the intermediates after the tensors.
using NodeId = uint32_t;

class Network {
public:
  /// `elementBytes`: bytes of one element of every intermediate (the accumulation type).
  explicit Network(int64_t elementBytes = 4) : bytesPerElement(elementBytes) {}

  /// Adds an index and returns its id. An extent of 0 is legal: the value is then an empty sum.
  IndexId addIndex(int64_t extent);
  /// Adds a tensor and returns its number. `validate` checks the ids.
  NodeId addTensor(std::span<const IndexId> indices);
  NodeId addTensor(std::initializer_list<IndexId> indices) {
    return addTensor(std::span<const IndexId>(indices.begin(), indices.size()));
  }
  void setOutput(std::vector<IndexId> indices) { outputIndices = std::move(indices); }
  /// The share of a tensor's elements that are not zero, from 0 to 1 (`validate` checks it); 1
  /// where it is not set. Only what Density.h counts depends on it.
  void setDensity(NodeId number, double density);

  NodeId numTensors() const { return static_cast<NodeId>(tensorBegin.size() - 1); }
  IndexId numIndices() const { return static_cast<IndexId>(extents.size()); }
  std::span<const IndexId> tensor(NodeId number) const {
    return {tensorIndices.data() + tensorBegin[number],
            tensorBegin[number + 1] - tensorBegin[number]};
  }
  std::span<const IndexId> output() const { return outputIndices; }
  int64_t extent(IndexId index) const { return extents[index]; }
  int64_t elementBytes() const { return bytesPerElement; }
  bool hasDensities() const { return !densities.empty(); }
  double density(NodeId number) const { return number < densities.size() ? densities[number] : 1; }
  /// The same network of dense tensors.
  Network withoutDensities() const;

  /// log2 of every extent. An extent of 0 counts as 1: an empty network is planned as any other.
  std::vector<double> log2Extents() const;

  /// What is wrong with the network, or nothing. Everything else in this library requires a
  /// network that passed. O(size of the network).
  [[nodiscard]] std::optional<std::string> validate() const;

private:
  std::vector<int64_t> extents;
  std::vector<size_t> tensorBegin = {0};
  std::vector<IndexId> tensorIndices;
  std::vector<IndexId> outputIndices;
  /// Of the first tensors; empty where none is set.
  std::vector<double> densities;
  int64_t bytesPerElement;
};

/// For each index, the tensors that have it (each once, ascending), and whether it is open.
/// O(size of the network) to build.
class Incidence {
public:
  explicit Incidence(const Network &network);

  std::span<const NodeId> holders(IndexId index) const {
    return {tensors.data() + begin[index], begin[index + 1] - begin[index]};
  }
  bool isOpen(IndexId index) const { return open[index]; }
  /// Whether `index` stays on a tensor when that tensor alone is reduced: it is open or
  /// another tensor has it.
  bool survivesReduction(IndexId index) const { return open[index] || holders(index).size() > 1; }

private:
  std::vector<size_t> begin;
  std::vector<NodeId> tensors;
  std::vector<bool> open;
};

/// The connected parts of a network: tensors that share an index (of any extent) are in one
/// part. Parts are ordered by their first tensor, and tensors ascend within a part.
std::vector<std::vector<NodeId>> connectedParts(const Network &network);

} // namespace tenon::planner
