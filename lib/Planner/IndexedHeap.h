//===- IndexedHeap.h - A priority queue with changing keys -------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner. A binary heap of the numbers 0 to n - 1, each at most once, least key
// first, with keys that can be changed.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace tenon::planner {

/// `Key` needs operator<. All operations but the constructor take O(log n).
template <typename Key> class IndexedHeap {
public:
  explicit IndexedHeap(uint32_t count) : keys(count), placeOf(count, absent) {}

  bool empty() const { return heap.empty(); }
  bool contains(uint32_t item) const { return placeOf[item] != absent; }
  uint32_t top() const { return heap.front(); }

  /// Adds `item`, or changes its key.
  void set(uint32_t item, Key key) {
    keys[item] = std::move(key);
    if (!contains(item)) {
      placeOf[item] = static_cast<uint32_t>(heap.size());
      heap.push_back(item);
    }
    sink(rise(placeOf[item]));
  }

  /// Removes `item` if it is there.
  void remove(uint32_t item) {
    uint32_t place = placeOf[item];
    if (place == absent)
      return;
    placeOf[item] = absent;
    uint32_t last = heap.back();
    heap.pop_back();
    if (last == item)
      return;
    put(place, last);
    sink(rise(place));
  }

private:
  static constexpr uint32_t absent = std::numeric_limits<uint32_t>::max();

  void put(uint32_t place, uint32_t item) {
    heap[place] = item;
    placeOf[item] = place;
  }
  uint32_t rise(uint32_t place) {
    uint32_t item = heap[place];
    while (place > 0) {
      uint32_t parent = (place - 1) / 2;
      if (!(keys[item] < keys[heap[parent]]))
        break;
      put(place, heap[parent]);
      place = parent;
    }
    put(place, item);
    return place;
  }
  void sink(uint32_t place) {
    uint32_t item = heap[place], size = static_cast<uint32_t>(heap.size());
    while (2 * place + 1 < size) {
      uint32_t child = 2 * place + 1;
      if (child + 1 < size && keys[heap[child + 1]] < keys[heap[child]])
        ++child;
      if (!(keys[heap[child]] < keys[item]))
        break;
      put(place, heap[child]);
      place = child;
    }
    put(place, item);
  }

  std::vector<Key> keys;
  std::vector<uint32_t> heap, placeOf;
};

} // namespace tenon::planner
