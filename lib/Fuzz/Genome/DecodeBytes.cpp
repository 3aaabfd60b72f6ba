//===- DecodeBytes.cpp - Any bytes as a genome ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Fields are read one after the other, most from one byte, and zeros when the bytes end. Bytes are
// mapped to values that mean something where they stand, so that most strings are programs of some
// size; repair() does the rest.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/ElementRules.h"
#include "tenon/Fuzz/PassCatalog.h"

namespace tenon::fuzz {
namespace {

class Decoder {
public:
  Decoder(std::span<const uint8_t> bytes, const GenomeLimits &limits)
      : rest(bytes), limits(limits) {}

  Genome decode() {
    Genome genome;
    genome.arithmetic = static_cast<Arithmetic>(byte() % 3);
    genome.threads = static_cast<uint8_t>(1 + byte() % 2);
    for (int i = 0; i < 4; ++i)
      genome.dataSeed = genome.dataSeed << 8 | byte();
    unsigned nodes = 1 + byte() % limits.nodes, passes = byte() % (limits.passes + 1);
    for (unsigned i = 0; i < nodes; ++i)
      genome.nodes.push_back(node(i));
    unsigned results = 1 + byte() % 3;
    for (unsigned i = 0; i < results; ++i)
      // The last nodes are those that the others lead to.
      genome.results.push_back(static_cast<uint16_t>(nodes - 1 - byte() % nodes));
    for (unsigned i = 0; i < passes; ++i)
      genome.passes.push_back(pass());
    repair(genome, limits);
    return genome;
  }

private:
  uint8_t byte() {
    if (rest.empty())
      return 0;
    uint8_t value = rest.front();
    rest = rest.subspan(1);
    return value;
  }

  template <typename T> void list(std::vector<T> &values, unsigned most, unsigned below) {
    unsigned count = byte() % (most + 1);
    for (unsigned i = 0; i < count; ++i)
      values.push_back(static_cast<T>(byte() % below));
  }

  Node node(unsigned number) {
    Node node;
    uint8_t first = byte();
    // As many contractions as all other kinds together.
    node.kind =
        first & 1 ? NodeKind::Contract : static_cast<NodeKind>((first >> 1) % kNumNodeKinds);
    node.element = static_cast<Element>(byte() % kNumElements);
    node.accumulate = static_cast<Element>(byte() % kNumElements);
    node.semiring = static_cast<Semiring>(byte() % kNumSemirings);
    node.isUnsigned = byte() & 1;
    node.flavour = byte();
    node.facts = byte();
    node.dynamic = byte() % 4 ? 0 : byte();
    if (node.kind <= NodeKind::Delta) {
      list(node.extents, limits.rank, limits.extent + 1);
      list(node.layout.order, limits.rank, limits.rank);
      node.layout.padding = byte();
      node.layout.offset = byte();
      node.layout.reversed = byte();
      return node;
    }
    unsigned operands = 1 + byte() % limits.operands;
    for (unsigned i = 0; i < operands && number > 0; ++i) {
      Operand &operand = node.operands.emplace_back();
      operand.node = static_cast<uint16_t>(byte() % number);
      list(operand.labels, limits.rank, kLabels);
    }
    list(node.output, limits.rank, kLabels);
    list(node.sliced, 3, kLabels);
    list(node.path, 2 * limits.operands, 2 * limits.operands);
    list(node.numbers, 3 * limits.rank, 16);
    return node;
  }

  PassStep pass() {
    std::span<const PassDescription> catalog = passCatalog();
    if (catalog.empty())
      return {};
    const PassDescription &description = catalog[byte() % catalog.size()];
    PassStep step{std::string(description.name), {}};
    for (unsigned count = byte() % 3; count > 0 && !description.options.empty(); --count) {
      const PassOption &option = description.options[byte() % description.options.size()];
      step.options += (step.options.empty() ? "" : " ");
      step.options += option.name;
      step.options += '=';
      step.options += option.values[byte() % option.values.size()];
    }
    return step;
  }

  /// Few, so that operands share some.
  static constexpr unsigned kLabels = 12;

  std::span<const uint8_t> rest;
  const GenomeLimits &limits;
};

} // namespace

Genome decodeBytes(std::span<const uint8_t> bytes, const GenomeLimits &limits) {
  return Decoder(bytes, limits).decode();
}

} // namespace tenon::fuzz
