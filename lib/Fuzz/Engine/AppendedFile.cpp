//===- AppendedFile.cpp - A file of lines that grows ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "AppendedFile.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace tenon::fuzz;

static std::error_code lastError() { return {errno, std::generic_category()}; }

AppendedFile::~AppendedFile() {
  if (descriptor >= 0)
    close(descriptor);
}

std::error_code AppendedFile::open(const std::string &path) {
  if (descriptor >= 0)
    close(descriptor);
  descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return lastError();
  off_t size = lseek(descriptor, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && pread(descriptor, &last, 1, size - 1) == 1 && last != '\n')
    return append("");
  return {};
}

bool AppendedFile::isEmpty() const { return descriptor < 0 || lseek(descriptor, 0, SEEK_END) == 0; }

std::error_code AppendedFile::append(std::string_view line) {
  if (descriptor < 0)
    return std::make_error_code(std::errc::bad_file_descriptor);
  off_t before = lseek(descriptor, 0, SEEK_END);
  std::string text(line);
  text += '\n';
  ssize_t written;
  do
    written = write(descriptor, text.data(), text.size());
  while (written < 0 && errno == EINTR);
  if (written == ssize_t(text.size()))
    return {};
  std::error_code code =
      written < 0 ? lastError() : std::make_error_code(std::errc::no_space_on_device);
  if (written > 0 && ftruncate(descriptor, before) != 0)
    return lastError();
  return code;
}
