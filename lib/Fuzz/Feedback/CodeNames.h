//===- CodeNames.h - What is at an address of the code ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <string>

namespace tenon::fuzz {

/// The function at an address of the running executable, demangled, with file and line where it has
/// debug information, else with the offset into the function. Reads the executable when it is first
/// called. Not thread-safe.
std::string describeCode(uintptr_t address);

/// Where the running executable was loaded: what is added to the addresses in its file.
uintptr_t executableBase();

} // namespace tenon::fuzz
