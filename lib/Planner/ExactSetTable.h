//===- ExactSetTable.h - Sets of leaves and their numbers -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ExactParts.h"

#include "tenon/Planner/Random.h"

namespace tenon::planner {

/// Sets of leaves and the numbers of their entries: a hash table with open addressing.
class SetTable {
public:
  static constexpr uint32_t absent = std::numeric_limits<uint32_t>::max();

  SetTable() : places(64) {}

  uint32_t find(LeafSet set) const {
    for (size_t place = placeOf(set);; place = (place + 1) & (places.size() - 1))
      if (places[place].set == set || places[place].set == 0)
        return places[place].number;
  }
  /// \pre `set` is not empty, and not in the table.
  void insert(LeafSet set, uint32_t number) {
    if (++count * 2 > places.size()) {
      std::vector<Place> old(places.size() * 2);
      old.swap(places);
      for (const Place &place : old)
        if (place.set)
          put(place);
    }
    put({set, number});
  }

private:
  struct Place {
    LeafSet set = 0;
    uint32_t number = absent;
  };
  size_t placeOf(LeafSet set) const { return mixBits(set) & (places.size() - 1); }
  void put(const Place &added) {
    size_t place = placeOf(added.set);
    while (places[place].set)
      place = (place + 1) & (places.size() - 1);
    places[place] = added;
  }

  std::vector<Place> places;
  size_t count = 0;
};

} // namespace tenon::planner
