//===- CaseFile.cpp - A case in any of its forms --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFile.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace tenon::fuzz;
using llvm::StringRef;

llvm::Expected<std::variant<Genome, TextCase>> tenon::fuzz::readCaseFile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!buffer)
    return llvm::createStringError("cannot read '" + path + "': " + buffer.getError().message());
  StringRef bytes = (*buffer)->getBuffer();
  std::string error;
  if (path.ends_with(".mlir")) {
    TextCase text;
    if (readTextCase(bytes, text, error))
      return text;
    return llvm::createStringError("'" + path + "': " + error);
  }
  Genome genome;
  bool isText = bytes.starts_with("genome");
  bool isRead = isText ? parseGenome(bytes, genome, error)
                       : readGenome({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()}, genome, error);
  if (isRead)
    return genome;
  return llvm::createStringError("'" + path + "': " + error);
}
