//===- TextCase.h - Programs of the second mode -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"

namespace tenon::fuzz {

/// Judges a module that is given as text. Any pass may refuse it with a diagnostic: its dialects
/// may be any. Where functions are on tensors, exactness of what they compute is derived
/// (Exactness.h) before their stages are compared.
void judgeText(Case &current, std::string_view text, const std::vector<PassStep> &passes,
               uint64_t dataSeed);

} // namespace tenon::fuzz
