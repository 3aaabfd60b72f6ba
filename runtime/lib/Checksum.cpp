//===- Checksum.cpp - XXH64 -----------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tenon-runtime/Checksum.h"
#include "tenon-runtime/Schedule.h"

#include <bit>
#include <cstring>

using namespace tenon::runtime;

static constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87u;
static constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Fu;
static constexpr uint64_t kPrime3 = 0x165667B19E3779F9u;
static constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63u;
static constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5u;

template <typename Word> static Word read(const unsigned char *at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

static uint64_t mixLane(uint64_t lane, uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

static uint64_t mergeLane(uint64_t hash, uint64_t lane) {
  return (hash ^ mixLane(0, lane)) * kPrime1 + kPrime4;
}

uint64_t tenon::runtime::hashBytes(const void *data, uint64_t bytes, uint64_t seed) {
  const auto *at = static_cast<const unsigned char *>(data);
  uint64_t left = bytes;
  uint64_t hash = seed + kPrime5;
  if (left >= 32) {
    uint64_t lanes[4] = {seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1};
    for (; left >= 32; left -= 32)
      for (uint64_t &lane : lanes) {
        lane = mixLane(lane, read<uint64_t>(at));
        at += 8;
      }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
           std::rotl(lanes[3], 18);
    for (uint64_t lane : lanes)
      hash = mergeLane(hash, lane);
  }
  hash += bytes;
  for (; left >= 8; left -= 8, at += 8)
    hash = std::rotl(hash ^ mixLane(0, read<uint64_t>(at)), 27) * kPrime1 + kPrime4;
  for (; left >= 4; left -= 4, at += 4)
    hash = std::rotl(hash ^ (read<uint32_t>(at) * kPrime1), 23) * kPrime2 + kPrime3;
  for (; left > 0; --left, ++at)
    hash = std::rotl(hash ^ (*at * kPrime5), 11) * kPrime1;
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

uint64_t tenon::runtime::scheduleChecksum(const void *table, uint64_t bytes) {
  ScheduleHeader header;
  std::memcpy(&header, table, sizeof(header));
  header.checksum = 0;
  return hashBytes(static_cast<const char *>(table) + sizeof(header), bytes - sizeof(header),
                   hashBytes(&header, sizeof(header)));
}
