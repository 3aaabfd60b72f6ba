//===- ReadNetwork.h - From what a user brings to a module --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Frontend/NetworkDescription.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace tenon {

enum class ImportFormat { Einsum, Network, Qsim, OpenQasm };

/// What to import. Absent options are empty.
struct ImportRequest {
  ImportFormat format;
  /// The equation, or the file ('-': standard input).
  std::string source;
  std::optional<std::string> shapes;
  std::optional<std::string> bitstring;
  std::optional<frontend::ElementType> elementType;
  tn::Semiring semiring = tn::Semiring::PlusTimes;
  bool hyperedges = true;
};

/// What messages call the source of the request: the file, `<stdin>` or `<einsum>`.
std::string getSourceName(const ImportRequest &request);

/// Reads the network with the reader of its format. The text of the error is all that the user
/// needs to see, place included; where there is no place, it begins with the name of the tool.
llvm::Expected<frontend::NetworkDescription> readNetwork(const ImportRequest &request,
                                                         llvm::StringRef tool);

/// `readNetwork`, and a module of it as importNetwork makes it, verified. Errors as there.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
readAndImport(const ImportRequest &request, llvm::StringRef tool, mlir::MLIRContext &context);

} // namespace tenon
