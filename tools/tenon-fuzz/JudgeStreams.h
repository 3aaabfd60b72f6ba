//===- JudgeStreams.h - Cases that the judge runs ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Supervisor.h"

namespace tenon::fuzz {

/// The sources of features that this build can have: bits as in CampaignOptions.
uint8_t availableFeedback();

/// Genomes or files of IR, as the options say.
CaseFormat formatOf(const CampaignOptions &options);

/// What a worker of such a campaign runs. Errors: a source of features that cannot be had, no files
/// to start from.
llvm::Expected<std::unique_ptr<CaseStream>>
makeJudgeStream(const CampaignOptions &options, uint64_t seed,
                std::function<void(std::string_view)> onPhase);

} // namespace tenon::fuzz
