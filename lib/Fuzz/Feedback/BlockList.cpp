//===- BlockList.cpp - The blocks of the running executable -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BlockList.h"

#include "BlockFinder.h"
#include "Executable.h"
#include "tenon/FileCache/FileCache.h"

#include "llvm/ADT/StringExtras.h"

#include <cstring>
#include <optional>

using namespace tenon;
using namespace tenon::fuzz;

namespace {

/// For some tens of builds.
constexpr uint64_t kMaxCacheBytes = uint64_t{256} << 20;

/// The build is also that of the code that finds blocks.
CacheKey keyOf(const Executable &executable) {
  CacheKeyHasher hasher;
  hasher.add(llvm::toStringRef(executable.buildId()));
  return hasher.key();
}

/// A file: the checksum of what follows it, the key, and the addresses, words of 64 bits each.
constexpr size_t kNumHeaderWords = 3;

std::span<const char> bytesOf(std::span<const uint64_t> words) {
  return {reinterpret_cast<const char *>(words.data()), words.size_bytes()};
}

std::vector<char> encode(const CacheKey &key, const std::vector<uint64_t> &blocks) {
  std::vector<uint64_t> words = {0, key[0], key[1]};
  words.insert(words.end(), blocks.begin(), blocks.end());
  words[0] = checksumOf(bytesOf(words).subspan(sizeof(uint64_t)));
  std::span<const char> bytes = bytesOf(words);
  return {bytes.begin(), bytes.end()};
}

/// The blocks in a file, if it is whole and fits the executable.
std::optional<std::vector<uint64_t>> decode(const std::vector<char> &bytes, const CacheKey &key,
                                            const Executable &executable) {
  std::vector<uint64_t> words(bytes.size() / sizeof(uint64_t));
  std::memcpy(words.data(), bytes.data(), words.size() * sizeof(uint64_t));
  if (bytes.size() % sizeof(uint64_t) != 0 || words.size() <= kNumHeaderWords ||
      words[0] != checksumOf(bytesOf(words).subspan(sizeof(uint64_t))) || words[1] != key[0] ||
      words[2] != key[1])
    return std::nullopt;
  words.erase(words.begin(), words.begin() + kNumHeaderWords);
  for (size_t i = 0; i < words.size(); ++i)
    if (!executable.isCode(words[i]) || (i != 0 && words[i] <= words[i - 1]))
      return std::nullopt;
  return words;
}

} // namespace

llvm::Expected<std::vector<uint64_t>>
tenon::fuzz::listUpstreamBlocks(const std::string &cacheDirectory) {
  auto executable = Executable::open();
  if (!executable)
    return executable.takeError();
  bool isCached = !cacheDirectory.empty() && !(*executable)->buildId().empty();
  FileCache cache(cacheDirectory, ".blocks", kMaxCacheBytes);
  CacheKey key = keyOf(**executable);
  if (isCached)
    // Blocks say where running code is changed: only what this user wrote is taken.
    if (std::optional<std::vector<char>> bytes = cache.readOwn(key))
      if (std::optional<std::vector<uint64_t>> blocks = decode(*bytes, key, **executable)) {
        cache.touch(key);
        return std::move(*blocks);
      }
  auto blocks = findBlocks((*executable)->upstreamFunctions());
  if (!blocks)
    return blocks.takeError();
  if (blocks->empty())
    return llvm::createStringError(
        "the running executable has no code of MLIR that can be told from its own");
  // Without a cache the next process looks again.
  if (isCached)
    (void)cache.write(key, encode(key, *blocks));
  return blocks;
}
