//===- OutputFile.cpp - Files written whole or not at all -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Support/OutputFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <optional>

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
  if (path == "-")
    return writeAll(llvm::outs(), write);
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  return code ? code : writeAll(stream, write);
}

namespace {
/// Where the bytes of a path go.
struct Target {
  bool isRenamed;              ///< to a temporary file that takes the name; else straight there
  llvm::SmallString<128> path; ///< symbolic links resolved, where `isRenamed`
};

/// A file whose bytes are on the disk, under another name.
struct Staged {
  llvm::StringRef path; ///< as the user wrote it
  llvm::SmallString<128> target;
  fs::TempFile file;
};
} // namespace

static llvm::ErrorOr<Target> findTarget(llvm::StringRef path) {
  if (path == "-")
    return Target{false, path};
  fs::file_status status;
  std::error_code code = fs::status(path, status);
  if (code == std::errc::no_such_file_or_directory)
    return Target{true, path};
  if (code)
    return code;
  if (fs::is_directory(status))
    return std::make_error_code(std::errc::is_a_directory);
  if (!fs::is_regular_file(status))
    return Target{false, path};
  if (std::error_code denied = fs::access(path, fs::AccessMode::Write))
    return denied;
  Target target{true, {}};
  if (std::error_code lost = fs::real_path(path, target.path))
    return lost;
  return target;
}

static std::error_code stage(llvm::StringRef path, llvm::StringRef target,
                             llvm::function_ref<void(llvm::raw_ostream &)> write,
                             llvm::SmallVectorImpl<Staged> &staged) {
  llvm::Expected<fs::TempFile> file = fs::TempFile::create(target + ".tmp-%%%%%%%%");
  if (!file)
    return llvm::errorToErrorCode(file.takeError());
  staged.push_back({path, target, std::move(*file)});
  llvm::raw_fd_ostream stream(staged.back().file.FD, /*shouldClose=*/false);
  return writeAll(stream, write);
}

/// Temporary files of all that take a name later, and then the others, which nothing can undo.
static llvm::Error writeContents(llvm::ArrayRef<OutputFile> files,
                                 llvm::SmallVectorImpl<Staged> &staged) {
  llvm::SmallVector<const OutputFile *> direct;
  for (const OutputFile &file : files) {
    llvm::ErrorOr<Target> target = findTarget(file.path);
    std::error_code code = target.getError();
    if (!code && target->isRenamed)
      code = stage(file.path, target->path, file.write, staged);
    else if (!code)
      direct.push_back(&file);
    if (code)
      return cannotWrite(file.path, code);
  }
  for (const OutputFile *file : direct)
    if (std::error_code code = writeDirectly(file->path, file->write))
      return cannotWrite(file->path, code);
  return llvm::Error::success();
}

llvm::Error tenon::writeOutputFiles(llvm::ArrayRef<OutputFile> files) {
  llvm::SmallVector<Staged> staged;
  llvm::Error error = writeContents(files, staged);
  for (Staged &part : staged) {
    if (error)
      llvm::consumeError(part.file.discard());
    else if (std::error_code code = llvm::errorToErrorCode(part.file.keep(part.target)))
      error = cannotWrite(part.path, code);
  }
  return error;
}

llvm::Error tenon::writeOutputFile(llvm::StringRef path,
                                   llvm::function_ref<void(llvm::raw_ostream &)> write) {
  return writeOutputFiles(OutputFile{path.str(), write});
}

llvm::Error tenon::checkOutputFile(llvm::StringRef path) {
  llvm::ErrorOr<Target> target = findTarget(path);
  if (!target)
    return cannotWrite(path, target.getError());
  if (!target->isRenamed)
    return llvm::Error::success();
  llvm::SmallVector<Staged> staged;
  if (std::error_code code = stage(
          path, target->path, [](llvm::raw_ostream &) {}, staged))
    return cannotWrite(path, code);
  llvm::consumeError(staged.front().file.discard());
  return llvm::Error::success();
}

/// Where a file is or will be, by a path that no other of the same file differs from.
static std::optional<llvm::SmallString<128>> findUniquePath(llvm::StringRef path) {
  llvm::ErrorOr<Target> target = findTarget(path);
  if (!target || !target->isRenamed)
    return std::nullopt;
  llvm::StringRef folder = llvm::sys::path::parent_path(target->path);
  llvm::SmallString<128> unique;
  if (fs::real_path(folder.empty() ? "." : folder, unique))
    return std::nullopt;
  llvm::sys::path::append(unique, llvm::sys::path::filename(target->path));
  return unique;
}

bool tenon::isSameOutputFile(llvm::StringRef first, llvm::StringRef second) {
  auto path = findUniquePath(first);
  return path && path == findUniquePath(second);
}
