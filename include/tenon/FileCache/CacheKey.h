//===- CacheKey.h - Names of files in a cache ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Support/MixBits.h"

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

namespace tenon {

/// 128 bits of a hash. Not made to withstand an adversary.
using CacheKey = std::array<uint64_t, 2>;

/// Two hashes of 64 bits, started apart.
class CacheKeyHasher {
public:
  void add(uint64_t word) {
    state[0] = mixBits(state[0] ^ word);
    state[1] = mixBits(state[1] + mixBits(word ^ 0xa0761d6478bd642f));
  }
  void add(double number) { add(std::bit_cast<uint64_t>(number)); }
  void add(std::string_view text) {
    add(uint64_t{text.size()});
    for (unsigned char letter : text)
      add(uint64_t{letter});
  }
  void add(std::span<const uint32_t> list) {
    add(uint64_t{list.size()});
    for (uint32_t number : list)
      add(uint64_t{number});
  }
  CacheKey key() const { return {state[0], state[1]}; }

private:
  std::array<uint64_t, 2> state = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b};
};

} // namespace tenon
