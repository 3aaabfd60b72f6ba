//===- FakeCases.h - A worker without IR ------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Supervisor.h"

#include <string>
#include <vector>

namespace tenon::fuzz {

/// A case is "case NUMBER\n"; it shows the features NUMBER % 64 (edges) and, where NUMBER is odd,
/// NUMBER % 8 (patterns). Cases of 3 modulo 100 have a finding. A child's number is its parent's
/// plus a random one.
CaseFormat fakeFormat();
std::string fakeCase(uint64_t number);
int fakeWorkerMain(std::vector<std::string> arguments);

} // namespace tenon::fuzz
