//===- PlaceInFile.h - Locations as people write them -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/Location.h"

#include <string>

namespace tenon::tn {

/// "network.mlir:3:8"; without the names of indices and whatever else is fused into a location.
/// Empty where it is in no file.
inline std::string describePlace(mlir::Location location) {
  auto file = location->findInstanceOf<mlir::FileLineColLoc>();
  if (!file)
    return {};
  return (file.getFilename().strref() + ":" + llvm::Twine(file.getLine()) + ":" +
          llvm::Twine(file.getColumn()))
      .str();
}

} // namespace tenon::tn
