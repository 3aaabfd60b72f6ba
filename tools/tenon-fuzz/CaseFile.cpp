//===- CaseFile.cpp - A case in any of its forms --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CaseFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace tenon::fuzz;
using llvm::StringRef;

/// A thousand times what a case has. More is not read.
static constexpr uint64_t kMaxFileBytes = uint64_t(64) << 20;

llvm::Expected<AnyCase> tenon::fuzz::readCaseFile(StringRef path) {
  llvm::sys::fs::file_status status;
  if (path != "-" && !llvm::sys::fs::status(path, status) &&
      (status.type() == llvm::sys::fs::file_type::character_file ||
       status.getSize() > kMaxFileBytes))
    return llvm::createStringError("'" + path + "' is no file of a case: expected at most " +
                                   llvm::Twine(kMaxFileBytes) + " bytes");
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
  // A printed genome is text and has no zeros.
  bool isBinary = bytes.starts_with("TNFZ") || bytes.contains('\0');
  bool isRead = isBinary
                    ? readGenome({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()},
                                 genome, error)
                    : parseGenome(bytes, genome, error);
  if (isRead)
    return genome;
  return llvm::createStringError("'" + path + "': " + error);
}
