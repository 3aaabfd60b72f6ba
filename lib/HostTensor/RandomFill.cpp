//===- RandomFill.cpp - Seeded contents for test tensors ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The counter-based generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
// Number Generators, OOPSLA 2014) evaluated at the counter instead of iterated.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/RandomFill.h"

namespace tenon {
namespace {

uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

class Stream {
public:
  explicit Stream(uint64_t seed) : key(mix(seed + goldenGamma)) {}

  uint64_t bits(uint64_t counter) const { return mix(key + (counter + 1) * goldenGamma); }

  /// Uses the counters 3 * index to 3 * index + 2.
  double normal(uint64_t index) const {
    int64_t sum = 0;
    for (uint64_t part = 0; part < 3; ++part)
      for (uint64_t word = bits(3 * index + part); word != 0; word >>= 16)
        sum += static_cast<int64_t>(word & 0xffff);
    // Twelve numbers in [0, 65535]: mean 12 * 32767.5, standard deviation 65536 within 1e-9.
    return static_cast<double>(sum - 393210) / 65536.0;
  }

private:
  static constexpr uint64_t goldenGamma = 0x9e3779b97f4a7c15u;
  uint64_t key;
};

} // namespace

void fillRandom(HostTensor &tensor, uint64_t seed) {
  const Stream stream(seed);
  const ElementType type = tensor.type();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const auto counter = static_cast<uint64_t>(i);
    if (type.isComplex())
      tensor.set(i,
                 std::complex<double>(stream.normal(2 * counter), stream.normal(2 * counter + 1)));
    else if (type.isFloat())
      tensor.set(i, stream.normal(counter));
    else if (type.isBool())
      tensor.set(i, static_cast<int64_t>(stream.bits(counter) >> 63));
    else {
      const auto value = static_cast<int64_t>((stream.bits(counter) >> 32) * 19 >> 32);
      tensor.set(i, type.isUnsigned ? value : value - 9);
    }
  }
}

} // namespace tenon
