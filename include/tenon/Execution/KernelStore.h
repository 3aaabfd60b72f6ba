//===- KernelStore.h - Machine code of kernels on disk ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A directory with an object file for each kernel that was compiled, named by a hash of the
// kernel's key and of all else that the code depends on: target triple, processor and its features,
// the sources of Tenon's code generator, LLVM's version. A file holds these texts whole, and is
// used only where all are equal: code for features that this machine lacks, or of another version,
// is never executed. Files of other users are not read, damaged ones count as absent, and both are
// written anew. The files used least recently leave when a bound on the size is passed.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/FileCache/FileCache.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace llvm {
class TargetMachine;
}

namespace tenon {

class KernelStore {
public:
  static constexpr uint64_t defaultBytes = uint64_t{256} << 20;

  /// Does not touch the disk. `directory` need not exist. 0 bytes count as the default.
  KernelStore(std::string directory, uint64_t maxBytes)
      : files(std::move(directory), ".kernel", maxBytes ? maxBytes : defaultBytes) {}

  /// See FileCache; the kind is "kernels".
  static std::string defaultDirectory() { return FileCache::defaultDirectory("kernels"); }
  const std::string &getDirectory() const { return files.getDirectory(); }

  /// What code depends on beside the kernel's key.
  static std::string describeTarget(const llvm::TargetMachine &machine);

  /// The object file of a kernel, which becomes the one used last; empty if there is none that
  /// fits.
  std::optional<llvm::SmallVector<char, 0>> find(llvm::StringRef target, llvm::StringRef key) const;
  /// Keeps an object file. Says what went wrong, if anything did.
  std::optional<std::string> keep(llvm::StringRef target, llvm::StringRef key,
                                  llvm::ArrayRef<char> object) const;

private:
  FileCache files;
};

} // namespace tenon
