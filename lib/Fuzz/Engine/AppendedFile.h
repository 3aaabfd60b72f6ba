//===- AppendedFile.h - A file of lines that grows ----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace tenon::fuzz {

/// Whole lines are appended or nothing is: what a full disk has let through of a line is taken
/// back, and the part of a line that a killed process has left is closed by an end of line.
class AppendedFile {
public:
  AppendedFile() = default;
  ~AppendedFile();
  AppendedFile(const AppendedFile &) = delete;
  AppendedFile &operator=(const AppendedFile &) = delete;

  std::error_code open(const std::string &path);
  bool isEmpty() const;
  /// `line` without its end.
  std::error_code append(std::string_view line);

private:
  int descriptor = -1;
};

} // namespace tenon::fuzz
