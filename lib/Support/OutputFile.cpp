//===- OutputFile.cpp - Files written whole or not at all -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Support/OutputFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

using namespace tenon;
namespace fs = llvm::sys::fs;

static llvm::Error cannotWrite(llvm::StringRef path, std::error_code code) {
  std::string shown = path == "-" ? "standard output" : ("'" + path + "'").str();
  return llvm::createStringError(code, "cannot write " + shown + ": " + code.message());
}

/// Writes all and reports what failed. An error that stays in a stream would abort the process.
static std::error_code writeAll(llvm::raw_fd_ostream &stream,
                                llvm::function_ref<void(llvm::raw_ostream &)> write) {
  write(stream);
  stream.flush();
  std::error_code code = stream.error();
  stream.clear_error();
  return code;
}

static std::error_code writeDirectly(llvm::StringRef path,
                                     llvm::function_ref<void(llvm::raw_ostream &)> write) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  return code ? code : writeAll(stream, write);
}

static std::error_code writeAndRename(llvm::StringRef path,
                                      llvm::function_ref<void(llvm::raw_ostream &)> write) {
  llvm::Expected<fs::TempFile> file = fs::TempFile::create(path + ".tmp-%%%%%%%%");
  if (!file)
    return llvm::errorToErrorCode(file.takeError());
  std::error_code code;
  {
    llvm::raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
    code = writeAll(stream, write);
  }
  if (!code)
    return llvm::errorToErrorCode(file->keep(path));
  llvm::consumeError(file->discard());
  return code;
}

llvm::Error tenon::writeOutputFile(llvm::StringRef path,
                                   llvm::function_ref<void(llvm::raw_ostream &)> write) {
  if (path == "-") {
    std::error_code code = writeAll(llvm::outs(), write);
    return code ? cannotWrite(path, code) : llvm::Error::success();
  }
  fs::file_status status;
  std::error_code code = fs::status(path, status);
  llvm::SmallString<128> target(path);
  if (code == std::errc::no_such_file_or_directory) {
    code = writeAndRename(target, write);
  } else if (!code && fs::is_directory(status)) {
    code = std::make_error_code(std::errc::is_a_directory);
  } else if (!code && fs::is_regular_file(status)) {
    code = fs::access(path, fs::AccessMode::Write);
    if (!code)
      code = fs::real_path(path, target);
    if (!code)
      code = writeAndRename(target, write);
  } else if (!code) {
    code = writeDirectly(path, write);
  }
  return code ? cannotWrite(path, code) : llvm::Error::success();
}
