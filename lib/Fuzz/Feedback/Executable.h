//===- Executable.h - The functions of the running executable -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace tenon::fuzz {

/// A function of the symbol table. The address is that of the file.
struct CodeRange {
  uint64_t address;
  llvm::ArrayRef<uint8_t> code;
};

/// The file that this process runs.
class Executable {
public:
  /// An error where the file cannot be read, is no ELF file for x86-64, or has no symbol table.
  static llvm::Expected<std::unique_ptr<Executable>> open();

  /// What the linker names the file's content by; empty where it was not asked to.
  llvm::ArrayRef<uint8_t> buildId() const { return id; }
  /// Functions of the MLIR archives but those of containers, by address, none over another.
  std::vector<CodeRange> upstreamFunctions() const;
  /// Whether an address is one of machine code.
  bool isCode(uint64_t address) const;

private:
  using File = llvm::object::ELF64LEObjectFile;
  using Section = File::Elf_Shdr;

  Executable() = default;
  const CodeRange *sectionOf(uint64_t address) const;

  std::unique_ptr<llvm::MemoryBuffer> buffer;
  std::unique_ptr<llvm::object::ObjectFile> object;
  const File *file = nullptr;
  const Section *symbols = nullptr;
  llvm::ArrayRef<uint8_t> id;
  std::vector<CodeRange> sections; ///< of machine code
};

} // namespace tenon::fuzz
