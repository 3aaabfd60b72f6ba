//===- CampaignLock.h - One process for a campaign ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <utility>

namespace tenon::fuzz {

/// Keeps others out of a campaign's directory while it lives. The system takes the lock back from a
/// process that ends, however it ends.
class CampaignLock {
public:
  /// An error where another process works in `directory`, or its file `lock` cannot be written.
  static llvm::Expected<CampaignLock> take(llvm::StringRef directory);
  CampaignLock(CampaignLock &&other) noexcept : descriptor(std::exchange(other.descriptor, -1)) {}
  CampaignLock &operator=(CampaignLock &&other) noexcept {
    std::swap(descriptor, other.descriptor);
    return *this;
  }
  ~CampaignLock();

private:
  explicit CampaignLock(int descriptor) : descriptor(descriptor) {}
  int descriptor;
};

} // namespace tenon::fuzz
