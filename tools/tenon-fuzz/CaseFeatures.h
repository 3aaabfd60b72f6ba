//===- CaseFeatures.h - All features of single cases ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/CampaignOptions.h"
#include "tenon/Fuzz/CaseStream.h"
#include "tenon/Fuzz/Executor.h"
#include "tenon/Fuzz/Isolated.h"

#include "llvm/Support/Error.h"

#include <memory>
#include <string_view>

namespace tenon::fuzz {

/// Runs cases in a child each, so that every case shows all that it reaches, and not only what no
/// case before it did.
class CaseFeatures {
public:
  /// `options`: the mode, the sources of features, the oracles that run. Errors: a source that
  /// cannot be had.
  static llvm::Expected<CaseFeatures> create(const CampaignOptions &options);

  /// Of bytes that the format has accepted. Fails where the case crashes or takes too long.
  llvm::Expected<Features> read(std::string_view bytes);

private:
  explicit CaseFeatures(std::unique_ptr<CaseStream> stream, const IsolationLimits &limits)
      : stream(std::move(stream)), limits(limits) {}

  std::unique_ptr<CaseStream> stream;
  IsolationLimits limits;
};

} // namespace tenon::fuzz
