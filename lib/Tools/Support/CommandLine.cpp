//===- CommandLine.cpp - Options that are a tool's own --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/CommandLine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/CommandLine.h"

void tenon::removeLibraryOptions() {
  static constexpr llvm::StringLiteral kCommon[] = {
      "help",    "help-hidden",   "help-list",        "help-list-hidden",
      "version", "print-options", "print-all-options"};
  llvm::SmallVector<llvm::cl::Option *> foreign;
  for (auto [name, option] : llvm::cl::getRegisteredOptions())
    if (!llvm::is_contained(kCommon, name))
      foreign.push_back(option);
  for (llvm::cl::Option *option : foreign)
    option->removeArgument();
}
