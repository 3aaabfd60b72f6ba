//===- GreedyHolders.h - The tensors that have each index --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to the planner: lists of the greedy search, in which finding, removing and moving to the
// end take constant time, also in the list of an index that all tensors have.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Planner/Random.h"
#include "tenon/Support/Assert.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace tenon::planner {

/// For each index the slots that hold it, in an order that starts with the one they were given in.
/// Short lists are arrays that are searched; the members of long ones are linked, and found by a
/// hash table. All that a run changes is copied when a run starts.
class GreedyHolders {
public:
  using Slot = uint32_t;

  /// Adds the list of the next index.
  void addList(std::span<const Slot> slots) {
    begin.push_back(initial.slots.size());
    initial.slots.insert(initial.slots.end(), slots.begin(), slots.end());
    initial.count.push_back(static_cast<uint32_t>(slots.size()));
    firstCount.push_back(static_cast<uint32_t>(slots.size()));
    if (slots.size() > longestSearched)
      numLinked += slots.size();
  }

  /// Puts all lists back to what they were given as. The first time, after the last `addList`.
  void reset() {
    if (numLinked > 0 && initial.table.empty())
      link();
    now = initial;
  }

  uint32_t count(uint32_t index) const { return now.count[index]; }

  /// Calls `visit(slot)` for the first `most` of the list.
  template <typename Visit> void forFirst(uint32_t index, uint32_t most, Visit &&visit) const {
    most = std::min(most, now.count[index]);
    if (!isLinked(index)) {
      const Slot *list = now.slots.data() + begin[index];
      for (uint32_t i = 0; i < most; ++i)
        visit(list[i]);
      return;
    }
    size_t place = now.head[index];
    for (; most > 0; --most, place = now.next[place])
      visit(now.slots[place]);
  }

  bool contains(uint32_t index, Slot slot) const { return placeOf(index, slot) != none; }

  /// Puts `wide` in the place of `narrow`. \pre only `narrow` is in the list.
  void replace(uint32_t index, Slot narrow, Slot wide) {
    size_t place = placeOf(index, narrow);
    TENON_ASSERT(place != none, "a slot is among the holders of its indices");
    now.slots[place] = wide;
    if (isLinked(index)) {
      erase(keyOf(index, narrow));
      insert(now.table, keyOf(index, wide), place);
    }
  }

  void remove(uint32_t index, Slot slot) {
    size_t place = placeOf(index, slot);
    TENON_ASSERT(place != none, "a slot is among the holders of its indices");
    if (isLinked(index)) {
      unlink(index, place);
      erase(keyOf(index, slot));
    } else {
      auto list = now.slots.begin() + static_cast<ptrdiff_t>(begin[index]);
      std::copy(now.slots.begin() + static_cast<ptrdiff_t>(place) + 1, list + now.count[index],
                now.slots.begin() + static_cast<ptrdiff_t>(place));
    }
    --now.count[index];
  }

  void moveToEnd(uint32_t index, Slot slot) {
    size_t place = placeOf(index, slot);
    if (isLinked(index)) {
      unlink(index, place);
      append(now, index, place);
    } else {
      auto first = now.slots.begin() + static_cast<ptrdiff_t>(place);
      std::rotate(first, first + 1,
                  now.slots.begin() + static_cast<ptrdiff_t>(begin[index] + now.count[index]));
    }
  }

  /// Empties the list; it is not asked for again.
  void clear(uint32_t index) { now.count[index] = 0; }

private:
  /// Searching so many takes as long as a look into the table.
  static constexpr uint32_t longestSearched = 64;
  static constexpr size_t none = std::numeric_limits<size_t>::max();

  struct Key {
    uint64_t key = free;
    size_t place = none;
    static constexpr uint64_t free = std::numeric_limits<uint64_t>::max();
  };
  struct State {
    /// By place: those of an index follow one another.
    std::vector<Slot> slots;
    std::vector<uint32_t> count;
    /// Of linked lists, by index and by place.
    std::vector<size_t> head, tail, next, previous;
    /// Places of the members of linked lists: open addressing, at most half full, since no list
    /// ever grows.
    std::vector<Key> table;
  };

  bool isLinked(uint32_t index) const { return firstCount[index] > longestSearched; }
  static uint64_t keyOf(uint32_t index, Slot slot) { return uint64_t{index} << 32 | slot; }

  size_t placeOf(uint32_t index, Slot slot) const {
    if (!isLinked(index)) {
      auto list = now.slots.begin() + static_cast<ptrdiff_t>(begin[index]);
      auto found = std::find(list, list + now.count[index], slot);
      return found == list + now.count[index] ? none
                                              : static_cast<size_t>(found - now.slots.begin());
    }
    uint64_t key = keyOf(index, slot);
    for (size_t at = homeOf(now.table, key);; at = (at + 1) & (now.table.size() - 1))
      if (now.table[at].key == key || now.table[at].key == Key::free)
        return now.table[at].place;
  }

  static size_t homeOf(const std::vector<Key> &table, uint64_t key) {
    return mixBits(key) & (table.size() - 1);
  }
  static void insert(std::vector<Key> &table, uint64_t key, size_t place) {
    size_t at = homeOf(table, key);
    while (table[at].key != Key::free)
      at = (at + 1) & (table.size() - 1);
    table[at] = {key, place};
  }
  /// Closes the gap: what follows moves up, unless that is before its home.
  void erase(uint64_t key) {
    size_t mask = now.table.size() - 1, gap = homeOf(now.table, key);
    while (now.table[gap].key != key)
      gap = (gap + 1) & mask;
    for (size_t at = (gap + 1) & mask; now.table[at].key != Key::free; at = (at + 1) & mask)
      if (((at - homeOf(now.table, now.table[at].key)) & mask) >= ((at - gap) & mask)) {
        now.table[gap] = now.table[at];
        gap = at;
      }
    now.table[gap] = Key();
  }

  void link() {
    size_t size = 2;
    while (size < 2 * numLinked)
      size *= 2;
    initial.table.resize(size);
    initial.next.assign(initial.slots.size(), none);
    initial.previous.assign(initial.slots.size(), none);
    initial.head.assign(begin.size(), none);
    initial.tail.assign(begin.size(), none);
    for (uint32_t index = 0; index < begin.size(); ++index)
      for (size_t i = 0; isLinked(index) && i < firstCount[index]; ++i) {
        append(initial, index, begin[index] + i);
        insert(initial.table, keyOf(index, initial.slots[begin[index] + i]), begin[index] + i);
      }
  }
  static void append(State &state, uint32_t index, size_t place) {
    size_t last = state.tail[index];
    state.previous[place] = last;
    state.next[place] = none;
    (last == none ? state.head[index] : state.next[last]) = place;
    state.tail[index] = place;
  }
  void unlink(uint32_t index, size_t place) {
    size_t before = now.previous[place], after = now.next[place];
    (before == none ? now.head[index] : now.next[before]) = after;
    (after == none ? now.tail[index] : now.previous[after]) = before;
  }

  std::vector<size_t> begin;
  std::vector<uint32_t> firstCount;
  size_t numLinked = 0;
  State initial, now;
};

} // namespace tenon::planner
