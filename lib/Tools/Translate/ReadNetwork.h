//===- ReadNetwork.h - From a request to a description ------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "TranslateOptions.h"
#include "tenon/Frontend/NetworkDescription.h"

namespace tenon {

/// What messages call the source of the request: the file, `<stdin>` or `<einsum>`.
std::string getSourceName(const TranslateRequest &request);

/// Reads the network with the reader of its format. The text of the error is all that the user
/// needs to see, place included.
llvm::Expected<frontend::NetworkDescription> readNetwork(const TranslateRequest &request);

} // namespace tenon
