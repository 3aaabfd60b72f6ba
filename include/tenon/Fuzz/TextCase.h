//===- TextCase.h - A case of the second mode ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Cases that are files of IR instead of genomes. As a file, a case is IR with a comment on its
// first line,
//
//   // tenon-fuzz: seed=7 passes=cse;tn-plan{threads=2 seed=1}
//
// so that any tool can read it. No MLIR.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"

namespace tenon::fuzz {

struct TextCase {
  std::string module; ///< IR, without the comment
  std::vector<PassStep> passes;
  uint64_t dataSeed = 0;
  bool operator==(const TextCase &) const = default;
};

/// The case as a file, and back. A file without the comment is a case without passes. Reading fails
/// with a message on a comment that is not as written, and past kMaxTextCaseBytes.
std::string writeTextCase(const TextCase &text);
bool readTextCase(std::string_view bytes, TextCase &text, std::string &error);
inline constexpr size_t kMaxTextCaseBytes = size_t(1) << 18;

/// Of the file's bytes; equal on every platform.
uint64_t hashTextCase(const TextCase &text);

} // namespace tenon::fuzz
