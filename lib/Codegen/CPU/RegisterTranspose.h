//===- RegisterTranspose.h - Transposes of vectors in registers ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "KernelEmitter.h"

namespace tenon::cpu {

/// Row r of `rows` is a vector; result i holds lane i of every row, in the order of the rows.
/// Numbers of rows and lanes are powers of two, no more rows than lanes. Rows are joined within 128
/// bits first and across them last, which x86 has one-cycle shuffles for: r * log2(r) shuffles for
/// r rows of r lanes.
Values transposeInRegisters(KernelEmitter &e, ValueRange rows);

} // namespace tenon::cpu
