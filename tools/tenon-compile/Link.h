//===- Link.h - One file out of several objects -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "NetworkObjects.h"

namespace tenon::compile {

/// The objects as one, to be linked further.
llvm::Expected<std::string> linkObject(const NetworkObjects &network);

/// A shared library that needs the C library only and exports the network's three functions and
/// those of contexts. `program` is the path of this program, beside which the runtime is looked
/// for; `soname` is what the library calls itself.
llvm::Expected<std::string> linkShared(const NetworkObjects &network, const CompileRequest &request,
                                       llvm::StringRef program, llvm::StringRef soname);

} // namespace tenon::compile
