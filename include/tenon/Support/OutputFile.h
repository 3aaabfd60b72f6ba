//===- OutputFile.h - Files written whole or not at all -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// How every tool writes its output.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <string>

namespace tenon {

/// Has `write` write a file. The text goes to a temporary file beside `path`, which takes its name
/// when all is written: an error, a full disk or an interruption leaves what was there before.
/// A symbolic link stays one; its target is replaced. What is no regular file (a pipe, a device) is
/// written directly, and so is standard output, `-`.
///
/// The error says which path could not be written and why.
llvm::Error writeOutputFile(llvm::StringRef path,
                            llvm::function_ref<void(llvm::raw_ostream &)> write);

/// Whether writeOutputFile can begin to write `path`: for a tool that works for long before it
/// writes. Leaves what is there as it is.
llvm::Error checkOutputFile(llvm::StringRef path);

/// One of several files that belong together.
struct OutputFile {
  std::string path;
  std::function<void(llvm::raw_ostream &)> write;
};

/// Writes several files as writeOutputFile does, all or none: no temporary file takes its name
/// before everything is written, pipes and devices included.
llvm::Error writeOutputFiles(llvm::ArrayRef<OutputFile> files);

/// Whether the two paths, spelled the same or not, lead to one regular file, there or yet to be
/// written. What is written to the first would be lost.
bool isSameOutputFile(llvm::StringRef first, llvm::StringRef second);

} // namespace tenon
