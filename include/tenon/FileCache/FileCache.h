//===- FileCache.h - A bounded directory of files -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Files of one kind, told by their extension, named by a key. Several processes may use one
// directory, also for several kinds: a file is written beside its place and renamed, and files that
// vanish meanwhile are passed over. The files used least recently leave when a bound on the size of
// a kind is passed. What a file holds, and whether it is whole, is its reader's to know; checksumOf
// is there for that.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/FileCache/CacheKey.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tenon {

class FileCache {
public:
  /// Does not touch the disk. `directory` need not exist; `extension` begins with a dot.
  FileCache(std::string directory, std::string extension, uint64_t maxBytes)
      : directory(std::move(directory)), extension(std::move(extension)), maxBytes(maxBytes) {}

  /// $TENON_CACHE_DIR, or else tenon/KIND in $XDG_CACHE_HOME or in ~/.cache; empty where none of
  /// these is set.
  static std::string defaultDirectory(std::string_view kind);

  const std::string &getDirectory() const { return directory; }
  std::string pathOf(const CacheKey &key) const;

  /// What the file of `key` holds; empty if there is none that can be read within the bound.
  std::optional<std::vector<char>> read(const CacheKey &key) const;
  /// As read, for what is executed: empty also where the file belongs to neither this user nor
  /// root, or where others may write to it.
  std::optional<std::vector<char>> readOwn(const CacheKey &key) const;
  /// Makes the file of `key` the one used last.
  void touch(const CacheKey &key) const;
  /// Keeps `bytes`, unless they alone pass the bound. Says what went wrong, if anything did.
  std::optional<std::string> write(const CacheKey &key, std::span<const char> bytes) const;

private:
  void removeOldest() const;

  std::string directory, extension;
  uint64_t maxBytes;
};

/// Of 64 bits. Finds damage, not forgery.
uint64_t checksumOf(std::span<const char> bytes);

} // namespace tenon
