//===- FusedMark.h - Loops over tiles ----------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The loops of a schedule are slices, which count as progress. A loop over tiles that tn-fuse made
// carries this unit attribute, through bufferization: its iterations are parts of one step.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"

namespace tenon::tn {

inline constexpr llvm::StringLiteral kFusedMark = "tn.fused";

} // namespace tenon::tn
