//===- ExpandBF16.h - bfloat16 without hardware for it ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// LLVM turns a truncation to bfloat into a call of __truncsfbf2 or __truncdfbf2 where the target has
// no instruction for it. Not every libgcc has these functions, and the instruction that some
// targets have flushes subnormals. Here truncations become integer operations, which round to
// nearest even, once, and keep NaNs; arithmetic on bfloat becomes arithmetic on float with its
// result rounded (which is right for +, -, *, / and square roots: a float has more than twice the
// bits of a bfloat).
//
//===----------------------------------------------------------------------===//
#pragma once

namespace llvm {
class Module;
}

namespace tenon {

void expandBF16(llvm::Module &module);

} // namespace tenon
