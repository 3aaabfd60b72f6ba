//===- ToolError.cpp - How a tool says what went wrong ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/ToolError.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

void tenon::reportToolError(llvm::StringRef tool, const llvm::Twine &message) {
  std::string line = (tool + ": error: ").str();
  for (char c : message.str()) {
    auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f)
      line += "\\x" + llvm::toHex(llvm::StringRef(&c, 1), /*LowerCase=*/true);
    else
      line += c;
  }
  llvm::errs() << line << '\n';
}
