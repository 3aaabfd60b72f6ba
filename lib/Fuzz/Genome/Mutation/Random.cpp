//===- Random.cpp - A stream of random numbers ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Mutate.h"

using namespace tenon::fuzz;

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): any seed starts a stream of full period.
uint64_t Random::next() {
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t Random::below(uint64_t n) {
  // What is left over of 2^64 is drawn again, so that no number is likelier.
  uint64_t excess = (0 - n) % n;
  uint64_t drawn = next();
  while (drawn < excess)
    drawn = next();
  return drawn % n;
}
