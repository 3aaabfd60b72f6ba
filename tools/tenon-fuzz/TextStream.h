//===- TextStream.h - Files of IR as cases ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "JudgeExecutor.h"

#include "tenon/Fuzz/CaseStream.h"

namespace tenon::fuzz {

CaseFormat textFormat();

/// Mutated files of the folder `options.text`. Errors: the folder has none.
llvm::Expected<std::unique_ptr<CaseStream>>
makeTextStream(const CampaignOptions &options, std::unique_ptr<WatchedJudge> judge, uint64_t seed);

} // namespace tenon::fuzz
