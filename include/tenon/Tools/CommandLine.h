//===- CommandLine.h - Options that are a tool's own ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace tenon {

/// Takes back the options that LLVM's libraries register in every process that loads them, but for
/// --help, --version and their like. Otherwise a tool would accept hundreds of them, and could not
/// have an option of the same name (`--threads`). To be called before a tool makes its options.
void removeLibraryOptions();

} // namespace tenon
