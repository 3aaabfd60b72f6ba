//===- FileCache.cpp - A bounded directory of files -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/FileCache/FileCache.h"

#include "tenon/Support/ReadStream.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace tenon;
namespace fs = std::filesystem;

namespace {

/// Whether nobody but this user and root can have written what is in an open file.
bool isOwn(std::FILE *file) {
  struct stat status;
  return fstat(fileno(file), &status) == 0 && (status.st_uid == geteuid() || status.st_uid == 0) &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Reads the file, if `accepts` likes it.
std::optional<std::vector<char>> readFile(const std::string &path, size_t maxBytes,
                                          bool (*accepts)(std::FILE *)) {
  // What is no file at all may keep who opens or reads it waiting for ever.
  int descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0)
    return std::nullopt;
  struct stat status;
  std::FILE *file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)
                        ? fdopen(descriptor, "rb")
                        : nullptr;
  if (!file) {
    close(descriptor);
    return std::nullopt;
  }
  if (!accepts(file)) {
    std::fclose(file);
    return std::nullopt;
  }
  std::vector<char> bytes;
  bool isRead = readStream(file, maxBytes, bytes);
  std::fclose(file);
  if (!isRead || bytes.size() > maxBytes)
    return std::nullopt;
  return bytes;
}

/// 0, or the errno of what failed.
int writeFile(const std::string &path, std::span<const char> bytes) {
  // Whatever the umask, nobody else may write what this user may execute.
  constexpr mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
  int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  std::FILE *file = descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
  if (!file) {
    int problem = errno;
    if (descriptor >= 0)
      close(descriptor);
    return problem;
  }
  bool whole = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  int problem = whole ? 0 : errno;
  if (std::fclose(file) != 0 && !problem)
    problem = errno;
  return problem;
}

constexpr std::string_view temporaryExtension = ".tmp";

/// What a file of `bytes` takes on most disks.
uint64_t allocatedBytes(uint64_t bytes) {
  constexpr uint64_t block = 4096;
  return (bytes + block - 1) / block * block;
}

/// A number that no other process or thread has.
uint64_t drawNumber() {
  static std::atomic<uint64_t> counter = 0;
  uint64_t now = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  return mixBits(mixBits(static_cast<uint64_t>(getpid()) ^ mixBits(now)) + counter++);
}

std::string temporaryName(uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof(name), "%016llx", static_cast<unsigned long long>(number));
  return name + std::string(temporaryExtension);
}

/// Whether a file's name is `digits` hexadecimal digits and `extension`: one that a cache makes.
bool isNamed(const fs::path &path, size_t digits, std::string_view extension) {
  std::string name = path.stem().string();
  return path.extension() == extension && name.size() == digits &&
         name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

uint64_t tenon::checksumOf(std::span<const char> bytes) {
  uint64_t sum = bytes.size();
  for (size_t i = 0; i < bytes.size(); i += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min(sizeof(word), bytes.size() - i));
    sum = mixBits(sum ^ word);
  }
  return sum;
}

std::string FileCache::defaultDirectory(std::string_view kind) {
  auto get = [](const char *name) {
    const char *value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (std::string own = get("TENON_CACHE_DIR"); !own.empty())
    return own;
  if (std::string caches = get("XDG_CACHE_HOME"); !caches.empty())
    return caches + "/tenon/" + std::string(kind);
  if (std::string home = get("HOME"); !home.empty())
    return home + "/.cache/tenon/" + std::string(kind);
  return "";
}

std::string FileCache::pathOf(const CacheKey &key) const {
  char name[40];
  std::snprintf(name, sizeof(name), "%016llx%016llx", static_cast<unsigned long long>(key[0]),
                static_cast<unsigned long long>(key[1]));
  return directory + "/" + name + extension;
}

std::optional<std::vector<char>> FileCache::read(const CacheKey &key) const {
  return readFile(pathOf(key), maxBytes, [](std::FILE *) { return true; });
}

std::optional<std::vector<char>> FileCache::readOwn(const CacheKey &key) const {
  return readFile(pathOf(key), maxBytes, isOwn);
}

void FileCache::touch(const CacheKey &key) const {
  // The time of a file is the time of its last use.
  std::error_code ignored;
  fs::last_write_time(pathOf(key), fs::file_time_type::clock::now(), ignored);
}

std::optional<std::string> FileCache::write(const CacheKey &key,
                                            std::span<const char> bytes) const {
  auto fail = [&](const std::string &why) {
    return "the cache '" + directory + "' cannot be written: " + why +
           "; name another directory, or use no cache";
  };
  uint64_t allocated = allocatedBytes(bytes.size());
  if (allocated > maxBytes)
    return std::nullopt;
  std::error_code problem;
  fs::create_directories(directory, problem);
  if (problem)
    return fail(problem.message());
  uint64_t number = drawNumber();
  std::string temporary = directory + "/" + temporaryName(number);
  if (int code = writeFile(temporary, bytes)) {
    fs::remove(temporary, problem);
    return fail(std::generic_category().message(code));
  }
  fs::rename(temporary, pathOf(key), problem);
  if (problem) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return fail(problem.message());
  }
  // All files are looked at once in a 64th of the bound, whatever processes store them.
  constexpr uint64_t scans = 64;
  if (number % std::max<uint64_t>(1, maxBytes / scans / allocated) == 0)
    removeOldest();
  return std::nullopt;
}

void FileCache::removeOldest() const {
  struct File {
    fs::file_time_type used;
    uint64_t bytes;
    fs::path path;
  };
  std::vector<File> files;
  uint64_t total = 0;
  std::error_code problem;
  fs::file_time_type now = fs::file_time_type::clock::now();
  // Other processes may remove files meanwhile: what is gone is passed over.
  for (fs::directory_iterator it(directory, problem), end; !problem && it != end;
       it.increment(problem)) {
    std::error_code gone;
    File file{it->last_write_time(gone), it->file_size(gone), it->path()};
    if (gone)
      continue;
    // What a process left that was stopped while it wrote.
    if (isNamed(file.path, 16, temporaryExtension) && now - file.used > std::chrono::hours(1))
      fs::remove(file.path, gone);
    if (!isNamed(file.path, 32, extension))
      continue;
    file.bytes = allocatedBytes(file.bytes);
    total += file.bytes;
    files.push_back(std::move(file));
  }
  if (total <= maxBytes)
    return;
  std::sort(files.begin(), files.end(),
            [](const File &a, const File &b) { return a.used < b.used; });
  for (const File &file : files) {
    if (total <= maxBytes)
      return;
    std::error_code gone;
    fs::remove(file.path, gone);
    total -= file.bytes;
  }
}
