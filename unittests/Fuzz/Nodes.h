//===- Nodes.h - Genomes by hand, and outcomes in words ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/Outcome.h"

#include <string>

namespace tenon::fuzz::test {

inline Node argument(std::vector<uint32_t> extents, Element element = Element::F32) {
  Node node;
  node.element = node.accumulate = element;
  node.extents = std::move(extents);
  return node;
}

inline Node contract(std::vector<Operand> operands, std::vector<uint16_t> output,
                     Element element = Element::F32) {
  Node node;
  node.kind = NodeKind::Contract;
  node.element = node.accumulate = element;
  node.operands = std::move(operands);
  node.output = std::move(output);
  return node;
}

inline std::string describe(const Outcome &outcome) {
  std::string text;
  for (const Finding &finding : outcome.findings)
    text += std::string(nameOf(finding.oracle)) + " after '" + finding.pass +
            "': " + finding.detail + "\n";
  return text;
}

} // namespace tenon::fuzz::test
