//===- KernelRevision.h - Which code generator this is ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace tenon {

/// A hash of the sources that decide what code a kernel becomes. CMake generates its definition.
extern const char *const kernelRevision;

} // namespace tenon
