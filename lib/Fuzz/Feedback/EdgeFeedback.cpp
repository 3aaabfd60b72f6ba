//===- EdgeFeedback.cpp - Edges of instrumented code ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "EdgeFeedback.h"

#include "CodeNames.h"

#include <array>
#include <cstring>

using namespace tenon::fuzz;

namespace {

constexpr unsigned kNumClasses = 8;

/// The class of a count above zero.
constexpr unsigned classOf(unsigned count) {
  constexpr unsigned firstOfClass[kNumClasses] = {1, 2, 3, 4, 8, 16, 32, 128};
  unsigned result = 0;
  while (result + 1 < kNumClasses && count >= firstOfClass[result + 1])
    ++result;
  return result;
}

constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes = {};
  for (unsigned count = 1; count < classes.size(); ++count)
    classes[count] = static_cast<uint8_t>(classOf(count));
  return classes;
}();

/// The feature of counter `i` in class `c` is 8 i + c, where i counts through all regions.
class EdgeFeedback final : public Feedback {
public:
  explicit EdgeFeedback(std::span<const CounterRegion> regions) : regions(regions) {
    size_t numCounters = 0;
    for (const CounterRegion &region : regions)
      numCounters += region.counters.size();
    seen.resize(numCounters);
  }

  std::string_view name() const override { return "edges"; }

  void begin() override {
    for (const CounterRegion &region : regions)
      std::memset(region.counters.data(), 0, region.counters.size());
  }

  void end(std::vector<uint32_t> &newFeatures) override {
    size_t first = 0;
    for (const CounterRegion &region : regions) {
      const uint8_t *counters = region.counters.data();
      size_t size = region.counters.size(), i = 0;
      // Nearly all counters are zero: eight at a time.
      for (uint64_t word; i + sizeof(word) <= size; i += sizeof(word)) {
        std::memcpy(&word, counters + i, sizeof(word));
        if (word)
          for (size_t j = i; j < i + sizeof(word); ++j)
            note(first + j, counters[j], newFeatures);
      }
      for (; i < size; ++i)
        note(first + i, counters[i], newFeatures);
      first += size;
    }
  }

  void markSeen(const std::vector<uint32_t> &features) override {
    for (uint32_t feature : features)
      if (feature < total())
        mark(feature);
  }

  size_t numSeen() const override { return numMarked; }
  size_t total() const override { return seen.size() * kNumClasses; }

  std::string describe(uint32_t feature) const override {
    static const char *const counts[kNumClasses] = {
        "once",       "twice",       "3 times",      "4-7 times",
        "8-15 times", "16-31 times", "32-127 times", "128 times or more"};
    size_t counter = feature / kNumClasses;
    for (const CounterRegion &region : regions) {
      if (counter < region.counters.size()) {
        std::string place = region.places.empty()
                                ? "counter " + std::to_string(feature / kNumClasses)
                                : describeCode(region.places[counter].address);
        return place + ", " + counts[feature % kNumClasses];
      }
      counter -= region.counters.size();
    }
    return "no edge of this build";
  }

private:
  void note(size_t counter, uint8_t count, std::vector<uint32_t> &newFeatures) {
    if (count == 0)
      return;
    auto feature = static_cast<uint32_t>(counter * kNumClasses + kClasses[count]);
    if (mark(feature))
      newFeatures.push_back(feature);
  }

  bool mark(uint32_t feature) {
    uint8_t &classes = seen[feature / kNumClasses];
    auto bit = static_cast<uint8_t>(1u << feature % kNumClasses);
    if (classes & bit)
      return false;
    classes |= bit;
    ++numMarked;
    return true;
  }

  std::span<const CounterRegion> regions;
  std::vector<uint8_t> seen; ///< a bit for each class of each counter
  size_t numMarked = 0;
};

} // namespace

std::unique_ptr<Feedback> tenon::fuzz::makeEdgeFeedback(std::span<const CounterRegion> regions) {
  return regions.empty() ? nullptr : std::make_unique<EdgeFeedback>(regions);
}

std::unique_ptr<Feedback> tenon::fuzz::makeEdgeFeedback() {
  return makeEdgeFeedback(counterRegions());
}
