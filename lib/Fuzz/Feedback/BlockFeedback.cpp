//===- BlockFeedback.cpp - Basic blocks of MLIR's code ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/Feedback.h"

using namespace tenon::fuzz;

#if defined(__linux__) && defined(__x86_64__)

#include "BlockList.h"
#include "CodeNames.h"
#include "ProbeTable.h"

namespace {

/// The feature of a block is its number in the order of addresses.
class BlockFeedback final : public Feedback {
public:
  explicit BlockFeedback(std::unique_ptr<ProbeTable> probes) : probes(std::move(probes)) {}

  std::string_view name() const override { return "blocks"; }

  void begin() override {
    probes->reclaimSignal();
    std::vector<uint32_t> between;
    next = probes->collect(next, between);
  }

  void end(std::vector<uint32_t> &newFeatures) override {
    next = probes->collect(next, newFeatures);
  }

  void markSeen(const std::vector<uint32_t> &features) override {
    for (uint32_t feature : features)
      if (feature < probes->size() && probes->disarm(feature))
        ++numMarked;
  }

  size_t numSeen() const override { return probes->numHits() + numMarked; }
  size_t total() const override { return probes->size(); }

  std::string describe(uint32_t feature) const override {
    return feature < probes->size() ? describeCode(probes->addressOf(feature))
                                    : "no block of this build";
  }

private:
  std::unique_ptr<ProbeTable> probes;
  uint32_t next = 0; ///< of the hits, that which is looked at next
  size_t numMarked = 0;
};

} // namespace

std::unique_ptr<Feedback> tenon::fuzz::makeBlockFeedback(const std::string &cacheDirectory,
                                                         std::string &error) {
  llvm::Expected<std::vector<uint64_t>> blocks = listUpstreamBlocks(cacheDirectory);
  if (!blocks) {
    error = llvm::toString(blocks.takeError());
    return nullptr;
  }
  std::vector<uintptr_t> addresses(blocks->begin(), blocks->end());
  uintptr_t base = executableBase();
  for (uintptr_t &address : addresses)
    address += base;
  std::unique_ptr<ProbeTable> probes = ProbeTable::arm(std::move(addresses), error);
  return probes ? std::make_unique<BlockFeedback>(std::move(probes)) : nullptr;
}

#else

std::unique_ptr<Feedback> tenon::fuzz::makeBlockFeedback(const std::string &, std::string &error) {
  error = "breakpoints in MLIR's code need x86-64 Linux";
  return nullptr;
}

#endif
