//===- PassLists.h - Draws lists of passes ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Mutate.h"
#include "tenon/Fuzz/PassCatalog.h"

namespace tenon::fuzz {

/// Words for some of the options, the others stay as they are by default.
std::string drawOptions(const PassDescription &pass, Random &random);
/// Gives one option of a step another value. False: the pass has none.
bool redrawOption(PassStep &step, Random &random);
/// A pass that runs at the level. `mayRise`: it may leave another level. Passes with a guard are
/// drawn unless `guards`.
PassStep drawStep(Level level, bool mayRise, bool guards, Random &random);
/// The level before pass number `end` of a list that starts on a network.
Level levelBefore(const std::vector<PassStep> &passes, size_t end);
/// Passes as people and pipelines combine them, with others put in between, or any passes at all.
std::vector<PassStep> drawPassList(bool guards, Random &random);
/// A few passes that belong together, for a level.
std::vector<PassStep> drawFragment(Level level, Random &random);

} // namespace tenon::fuzz
