//===- CodeNames.cpp - What is at an address of the code --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CodeNames.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/DebugInfo/Symbolize/Symbolize.h"

#include <link.h>

using namespace tenon::fuzz;

uintptr_t tenon::fuzz::executableBase() {
  uintptr_t base = 0;
  // The executable is the first.
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *result) {
        *static_cast<uintptr_t *>(result) = info->dlpi_addr;
        return 1;
      },
      &base);
  return base;
}

std::string tenon::fuzz::describeCode(uintptr_t address) {
  static llvm::symbolize::LLVMSymbolizer symbolizer;
  uint64_t place = address - executableBase();
  std::string unknown = "0x" + llvm::utohexstr(place, /*LowerCase=*/true);
  llvm::Expected<llvm::DILineInfo> info = symbolizer.symbolizeCode(
      "/proc/self/exe", {place, llvm::object::SectionedAddress::UndefSection});
  if (!info) {
    llvm::consumeError(info.takeError());
    return unknown;
  }
  if (info->FunctionName == llvm::DILineInfo::BadString)
    return unknown;
  if (info->Line)
    return info->FunctionName + " (" + info->FileName + ":" + std::to_string(info->Line) + ")";
  if (info->StartAddress)
    return info->FunctionName + " + " + std::to_string(place - *info->StartAddress);
  return info->FunctionName;
}
