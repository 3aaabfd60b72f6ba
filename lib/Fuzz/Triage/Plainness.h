//===- Plainness.h - Which element type is plainer ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tenon::fuzz {

/// Element types, the plainest one first: what a person would write an example in.
inline constexpr std::array<Element, 12> kElementsByPlainness = {
    Element::I32, Element::F32,  Element::I64, Element::F64,  Element::I8, Element::I16,
    Element::F16, Element::BF16, Element::C64, Element::C128, Element::I1, Element::Index};

inline uint64_t plainness(Element element) {
  return static_cast<uint64_t>(
      std::find(kElementsByPlainness.begin(), kElementsByPlainness.end(), element) -
      kElementsByPlainness.begin());
}

} // namespace tenon::fuzz
