//===- KernelStore.cpp - Machine code of kernels on disk --------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A file holds, in the byte order of the machine: the magic word, the sizes of three texts, the
// target's text, the kernel's key, the object file, and a checksum of all that.
//
//===----------------------------------------------------------------------===//
#include "tenon/Execution/KernelStore.h"

#include "KernelRevision.h"

#include "llvm-c/Core.h"
#include "llvm/Target/TargetMachine.h"

#include <cstring>

using namespace tenon;

namespace {

constexpr uint64_t magic = 0x314c4e524b4e5421; // "!TNKRNL1", and tells the byte order

struct Header {
  uint64_t magic;
  uint64_t targetBytes, keyBytes, objectBytes;
};

CacheKey hash(llvm::StringRef target, llvm::StringRef key) {
  CacheKeyHasher hasher;
  hasher.add(magic);
  hasher.add(std::string_view(target));
  hasher.add(std::string_view(key));
  return hasher.key();
}

void append(std::vector<char> &bytes, const void *data, size_t size) {
  const char *begin = static_cast<const char *>(data);
  bytes.insert(bytes.end(), begin, begin + size);
}

} // namespace

std::string KernelStore::describeTarget(const llvm::TargetMachine &machine) {
  unsigned major, minor, patch;
  // Of the library that runs, which may be another than the one built with.
  LLVMGetVersion(&major, &minor, &patch);
  return machine.getTargetTriple().str() + ' ' + machine.getTargetCPU().str() + ' ' +
         machine.getTargetFeatureString().str() + " llvm-" + std::to_string(major) + '.' +
         std::to_string(minor) + '.' + std::to_string(patch) + " tenon-" + kernelRevision;
}

std::optional<llvm::SmallVector<char, 0>> KernelStore::find(llvm::StringRef target,
                                                            llvm::StringRef key) const {
  CacheKey name = hash(target, key);
  std::optional<std::vector<char>> bytes = files.readOwn(name);
  Header header;
  if (!bytes || bytes->size() < sizeof(header) + sizeof(uint64_t))
    return std::nullopt;
  std::memcpy(&header, bytes->data(), sizeof(header));
  size_t left = bytes->size() - sizeof(header) - sizeof(uint64_t);
  if (header.magic != magic || header.targetBytes != target.size() ||
      header.keyBytes != key.size() || target.size() + key.size() > left ||
      header.objectBytes != left - target.size() - key.size())
    return std::nullopt;
  uint64_t checksum;
  size_t checked = bytes->size() - sizeof(checksum);
  std::memcpy(&checksum, bytes->data() + checked, sizeof(checksum));
  if (checksum != checksumOf(std::span(*bytes).first(checked)))
    return std::nullopt;
  const char *texts = bytes->data() + sizeof(header);
  if (llvm::StringRef(texts, target.size()) != target ||
      llvm::StringRef(texts + target.size(), key.size()) != key)
    return std::nullopt;
  const char *object = texts + target.size() + key.size();
  files.touch(name);
  return llvm::SmallVector<char, 0>(object, object + header.objectBytes);
}

std::optional<std::string> KernelStore::keep(llvm::StringRef target, llvm::StringRef key,
                                             llvm::ArrayRef<char> object) const {
  Header header{magic, target.size(), key.size(), object.size()};
  std::vector<char> bytes;
  append(bytes, &header, sizeof(header));
  append(bytes, target.data(), target.size());
  append(bytes, key.data(), key.size());
  append(bytes, object.data(), object.size());
  uint64_t checksum = checksumOf(bytes);
  append(bytes, &checksum, sizeof(checksum));
  return files.write(hash(target, key), bytes);
}
