//===- ProcessUse.cpp - What a process takes ------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "ProcessUse.h"

#include <cstdio>
#include <cstring>
#include <string>
#include <unistd.h>

using namespace tenon::fuzz;

static bool readSmallFile(const std::string &path, char (&buffer)[1024]) {
  FILE *file = std::fopen(path.c_str(), "re");
  if (!file)
    return false;
  size_t size = std::fread(buffer, 1, sizeof(buffer) - 1, file);
  std::fclose(file);
  buffer[size] = 0;
  return size > 0;
}

std::optional<ProcessUse> tenon::fuzz::readProcessUse(pid_t process) {
  char buffer[1024];
  std::string folder = "/proc/" + std::to_string(process);
  unsigned long long pages;
  if (!readSmallFile(folder + "/statm", buffer) || std::sscanf(buffer, "%*u %llu", &pages) != 1)
    return std::nullopt;
  ProcessUse use;
  use.residentBytes = pages * uint64_t(sysconf(_SC_PAGESIZE));
  if (!readSmallFile(folder + "/stat", buffer))
    return std::nullopt;
  // The name of the program, in parentheses, may hold anything; utime and stime are fields 14
  // and 15.
  const char *rest = std::strrchr(buffer, ')');
  unsigned long long user, system;
  if (!rest || std::sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                           &user, &system) != 2)
    return std::nullopt;
  use.processorSeconds = double(user + system) / double(sysconf(_SC_CLK_TCK));
  return use;
}
