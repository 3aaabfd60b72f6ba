//===- RandomGenome.h - Records without any rule ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

#include <random>

namespace tenon::fuzz::test {

/// Draws records of every kind: fields of any value, and, in most records, values that nearly mean
/// something.
class RandomGenome {
public:
  explicit RandomGenome(uint64_t seed) : engine(seed) {}

  Genome draw() {
    isWild = below(8) == 0;
    Genome genome;
    genome.arithmetic = static_cast<Arithmetic>(below(isWild ? 256 : 3));
    genome.dataSeed = engine();
    size_t nodes = isWild ? below(60) : 1 + below(12);
    for (size_t i = 0; i < nodes; ++i)
      genome.nodes.push_back(node(i));
    for (size_t results = below(4); results > 0; --results)
      genome.results.push_back(static_cast<uint16_t>(below(isWild ? 65536 : nodes + 1)));
    static const char *const names[] = {"tn-plan",      "tn-simplify",  "cse",
                                        "canonicalize", "no-such-pass", "convert-tn-to-linalg"};
    for (size_t passes = below(6); passes > 0; --passes)
      genome.passes.push_back({names[below(6)], below(2) ? "method=greedy  seed=7" : ""});
    genome.threads = static_cast<uint8_t>(below(isWild ? 256 : 3));
    return genome;
  }

  uint64_t below(uint64_t n) { return engine() % n; }

private:
  template <typename T> void list(std::vector<T> &values, size_t most, uint64_t bound) {
    for (size_t count = below(most + 1); count > 0; --count)
      values.push_back(static_cast<T>(isWild && below(4) == 0 ? engine() : below(bound)));
  }

  Node node(size_t number) {
    Node node;
    uint64_t any = isWild ? 256 : 12;
    node.kind = static_cast<NodeKind>(below(isWild ? 256 : kNumNodeKinds));
    // Types of one family often, so that contractions have several operands.
    node.element = static_cast<Element>(below(3) ? family : below(any));
    node.accumulate = static_cast<Element>(below(3) ? family : below(any));
    node.semiring = static_cast<Semiring>(below(isWild ? 256 : 5));
    node.isUnsigned = below(2);
    node.flavour = static_cast<uint8_t>(below(256));
    node.facts = static_cast<uint8_t>(below(10));
    node.dynamic = below(5) ? 0 : static_cast<uint16_t>(engine());
    list(node.extents, isWild ? 20 : 4, isWild ? 1000 : 6);
    for (size_t count = below(isWild ? 20 : 4); count > 0; --count) {
      Operand &operand = node.operands.emplace_back();
      operand.node = static_cast<uint16_t>(below(isWild ? number + 3 : number + 1));
      list(operand.labels, 5, 6);
    }
    list(node.output, 5, 6);
    list(node.sliced, 3, 6);
    list(node.path, 8, 8);
    list(node.numbers, 15, 5);
    list(node.layout.order, 4, 4);
    node.layout.padding = static_cast<uint8_t>(engine());
    node.layout.offset = static_cast<uint8_t>(engine());
    node.layout.reversed = static_cast<uint16_t>(engine());
    if (below(8) == 0)
      family = below(12);
    return node;
  }

  std::mt19937_64 engine;
  bool isWild = false;
  uint64_t family = 2;
};

} // namespace tenon::fuzz::test
