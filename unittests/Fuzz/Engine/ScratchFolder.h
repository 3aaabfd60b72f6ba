//===- ScratchFolder.h - A folder for one test ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <fstream>
#include <sstream>
#include <string>

namespace tenon::fuzz {

class ScratchFolder {
public:
  ScratchFolder() {
    llvm::SmallString<128> made;
    if (llvm::sys::fs::createUniqueDirectory("tenon-fuzz-test", made))
      std::abort();
    root = made.str();
  }
  ~ScratchFolder() { llvm::sys::fs::remove_directories(root); }
  ScratchFolder(const ScratchFolder &) = delete;
  std::string path(const std::string &name) const { return root + "/" + name; }

  static std::string read(const std::string &path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  static void write(const std::string &path, const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

private:
  std::string root;
};

} // namespace tenon::fuzz
