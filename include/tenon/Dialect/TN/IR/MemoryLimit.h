//===- MemoryLimit.h - Errors about a limit on memory -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Callers of the compiler tell a memory limit that cannot be kept from every other error, and may
// try again with another limit. Passes report both as diagnostics; this one carries a mark.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"

#include <optional>

namespace tenon::tn {

inline constexpr llvm::StringLiteral kMemoryLimitMark = "tn.smallest_memory_limit";

/// Marks `diagnostic` as the error of a limit that cannot be kept. `smallest`: the smallest limit
/// that can, in bytes; 0 where that is not known.
inline void markMemoryLimit(mlir::Diagnostic &diagnostic, int64_t smallest) {
  mlir::Builder builder(diagnostic.getLocation().getContext());
  mlir::Attribute mark = builder.getDictionaryAttr(
      builder.getNamedAttr(kMemoryLimitMark, builder.getI64IntegerAttr(smallest)));
  diagnostic.getMetadata().push_back(mlir::DiagnosticArgument(mark));
}

/// The number that `markMemoryLimit` was given; empty for every other diagnostic.
inline std::optional<int64_t> getMemoryLimitMark(mlir::Diagnostic &diagnostic) {
  for (const mlir::DiagnosticArgument &argument : diagnostic.getMetadata())
    if (argument.getKind() == mlir::DiagnosticArgument::DiagnosticArgumentKind::Attribute)
      if (auto mark = llvm::dyn_cast<mlir::DictionaryAttr>(argument.getAsAttribute()))
        if (auto smallest = mark.getAs<mlir::IntegerAttr>(kMemoryLimitMark))
          return smallest.getInt();
  return std::nullopt;
}

} // namespace tenon::tn
