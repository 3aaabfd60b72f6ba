//===- Checksum.h - Checksum of a schedule table ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Detects tables that were truncated or damaged; it is no protection against forgery. The compiler
// writes it, the runtime compares it. Source: the xxHash specification, XXH64 (Y. Collet).
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>

namespace tenon::runtime {

/// XXH64 of `bytes` bytes at `data`. Linear time, no alignment needed.
uint64_t hashBytes(const void *data, uint64_t bytes, uint64_t seed = 0);

/// The value that ScheduleHeader::checksum must have: the hash of everything after the header,
/// seeded with the hash of the header whose `checksum` is taken as 0. `bytes` must be at least the
/// size of the header.
uint64_t scheduleChecksum(const void *table, uint64_t bytes);

} // namespace tenon::runtime
