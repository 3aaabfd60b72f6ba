//===- TestPasses.h - Passes that are wrong on purpose ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace tenon::fuzz::test {

/// Registers, once, the passes test-swap-subtraction, test-drop-addend, test-widen-type (leaves IR
/// that does not verify), test-silent-failure and test-undecided (leaves something else at each
/// run).
void registerWrongPasses();

} // namespace tenon::fuzz::test
