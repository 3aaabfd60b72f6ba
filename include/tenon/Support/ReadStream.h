//===- ReadStream.h - All bytes of an open file -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstddef>
#include <cstdio>

namespace tenon {

/// Appends the bytes that are left in `file` to `bytes`, a string or a vector of char; once these
/// are more than `maxBytes`, it reads no further. False, with errno, where reading failed.
template <typename Bytes> bool readStream(std::FILE *file, size_t maxBytes, Bytes &bytes) {
  constexpr size_t chunk = size_t{1} << 16;
  size_t got;
  do {
    size_t before = bytes.size();
    bytes.resize(before + chunk);
    got = std::fread(bytes.data() + before, 1, chunk, file);
    bytes.resize(before + got);
  } while (got == chunk && bytes.size() <= maxBytes);
  return !std::ferror(file);
}

} // namespace tenon
