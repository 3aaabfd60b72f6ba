//===- NpyWrite.cpp - Host tensors into .npy files ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The file is complete on disk before it gets its name.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/Npy.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace tenon {
namespace {

std::string_view descriptor(ElementType type) {
  switch (type.dtype) {
  case TENON_F16:
    return "<f2";
  case TENON_BF16:
    return "<V2";
  case TENON_F32:
    return "<f4";
  case TENON_F64:
    return "<f8";
  case TENON_C64:
    return "<c8";
  case TENON_C128:
    return "<c16";
  case TENON_BOOL:
    return "|b1";
  case TENON_I8:
    return type.isUnsigned ? "|u1" : "|i1";
  case TENON_I16:
    return type.isUnsigned ? "<u2" : "<i2";
  case TENON_I32:
    return type.isUnsigned ? "<u4" : "<i4";
  case TENON_I64:
    return type.isUnsigned ? "<u8" : "<i8";
  }
  return "";
}

/// A file beside `path` that is removed again unless it is given that name.
class TemporaryFile {
public:
  explicit TemporaryFile(const std::string &path) : target(path) {
    // A name that is taken belongs to another writer, or to one that was killed: try the next.
    for (int attempt = 0; attempt < 100 && handle < 0; ++attempt) {
      name = path + ".tmp." + std::to_string(::getpid()) + "." + std::to_string(attempt);
      handle = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (handle < 0 && errno != EEXIST)
        return;
    }
  }
  ~TemporaryFile() {
    if (handle >= 0)
      ::close(handle);
    if (handle >= 0 || named)
      ::unlink(name.c_str());
  }
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;

  bool isOpen() const { return handle >= 0; }

  /// False with errno set when the system took less than all of it.
  bool write(const void *data, size_t size) {
    const char *cursor = static_cast<const char *>(data);
    while (size > 0) {
      const ssize_t written = ::write(handle, cursor, std::min(size, size_t{1} << 30));
      if (written < 0) {
        if (errno == EINTR)
          continue;
        return false;
      }
      cursor += written;
      size -= static_cast<size_t>(written);
    }
    return true;
  }

  bool commit() {
    // A full disk may only show when the content really goes there.
    if (::fsync(handle) != 0 && errno != EINVAL)
      return false;
    const int closed = ::close(handle);
    handle = -1;
    named = true;
    if (closed != 0 || ::rename(name.c_str(), target.c_str()) != 0)
      return false;
    named = false;
    return true;
  }

private:
  std::string target;
  std::string name;
  int handle = -1;
  bool named = false;
};

} // namespace

std::string npyHeader(const HostTensor &tensor) {
  std::string dictionary = "{'descr': '" + std::string(descriptor(tensor.type())) +
                           "', 'fortran_order': False, 'shape': (";
  for (size_t d = 0; d < tensor.shape().size(); ++d) {
    if (d > 0)
      dictionary += ' ';
    dictionary += std::to_string(tensor.shape()[d]) + ",";
    if (d + 1 == tensor.shape().size() && d > 0)
      dictionary.pop_back();
  }
  dictionary += "), }";

  constexpr size_t prefix = 10;
  dictionary.append(63 - (prefix + dictionary.size()) % 64, ' ');
  dictionary += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

Status writeNpy(const std::string &path, const HostTensor &tensor) {
  if (tensor.rank() > maxNpyRank)
    return Failure{path + ": cannot write an array of rank " + std::to_string(tensor.rank()) +
                   ": NumPy reads at most " + std::to_string(maxNpyRank) + " dimensions"};
  TemporaryFile file(path);
  const std::string header = npyHeader(tensor);
  if (!file.isOpen() || !file.write(header.data(), header.size()) ||
      !file.write(tensor.data(), tensor.bytes().size()) || !file.commit())
    return Failure{path + ": cannot write the array: " + std::strerror(errno)};
  return {};
}

} // namespace tenon
