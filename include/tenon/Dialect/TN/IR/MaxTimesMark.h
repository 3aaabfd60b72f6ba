//===- MaxTimesMark.h - Contractions over max_times in linalg -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A linalg.generic that takes the maximum of products is a contraction over max_times only if no
// element is negative: the semiring's zero, 0, is above negative products. What a tn.contract became
// carries this unit attribute; an equal body that a user wrote does not.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"

namespace tenon::tn {

inline constexpr llvm::StringLiteral kMaxTimesMark = "tn.max_times";

} // namespace tenon::tn
