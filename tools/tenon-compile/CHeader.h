//===- CHeader.h - The C header of a compiled network -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "NetworkObjects.h"

namespace tenon::compile {

/// The text of a header that declares the network's functions and says in comments what they take.
/// For C and C++.
std::string makeHeader(llvm::StringRef symbol, const Signature &signature);

} // namespace tenon::compile
