//===- ToolError.h - How a tool says what went wrong ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

namespace tenon {

/// Prints `tool: error: message` as a line of standard error. A message may quote what a file
/// holds: control characters other than line breaks and tabs are shown as \x1b.
void reportToolError(llvm::StringRef tool, const llvm::Twine &message);

} // namespace tenon
