//===- Number.h - Numbers in circuit files ----------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Numbers in circuit files, read alike in every locale.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace tenon::frontend {

/// Longer numbers are refused: reading takes time quadratic in the length.
inline constexpr size_t kMaxNumberLength = 400;

/// Reads a decimal number, `[+-]digits[.digits][e[+-]digits]` with digits on one side of the point
/// at least, rounded to nearest. The words inf, infinity and nan in any case, and what overflows,
/// come back as numbers that are not finite. Nothing if `text` is none of these, or too long.
std::optional<double> parseDecimal(llvm::StringRef text);

} // namespace tenon::frontend
