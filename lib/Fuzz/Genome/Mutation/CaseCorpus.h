//===- CaseCorpus.h - The cases that a schedule keeps -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Mutate.h"

#include <cstddef>
#include <vector>

namespace tenon::fuzz {

/// Cases that showed something new, with what came of their offspring. Holds a bounded number: the
/// least useful ones go.
class CaseCorpus {
public:
  explicit CaseCorpus(size_t capacity = 4096) : capacity(capacity) {}

  /// The number by which credit() knows the case.
  uint64_t add(Genome genome);
  bool empty() const { return entries.empty(); }
  size_t size() const { return entries.size(); }

  struct Parent {
    const Genome *genome; ///< until the next add
    uint64_t id;
  };
  /// Any, all alike.
  Parent drawAny(Random &random) const;
  /// The better the offspring lately, the smaller and the younger, the likelier. O(1).
  Parent draw(Random &random) const;
  /// An offspring was run; `yield`, from 0 to 1, says how much it was worth.
  void credit(uint64_t id, double yield);

private:
  struct Entry {
    Genome genome;
    uint64_t id;
    double yield = 0; ///< of offspring, the older ones count less
    double tries = 0;
    double cost; ///< what a case of its size takes, about
  };
  double valueOf(const Entry &entry) const;
  void evict();

  size_t capacity;
  std::vector<Entry> entries; ///< by rising id
  uint64_t nextId = 0;
};

} // namespace tenon::fuzz
