//===- ConstantElements.h - Constants in an element type ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Descriptions keep constants in complex double precision. Here they get the element type of
// their network.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/NetworkDescription.h"

#include "mlir/IR/BuiltinAttributes.h"

namespace tenon {

/// Appends the elements as tn.constant keeps the bytes of a resource: row-major, little-endian,
/// complex numbers as (real, imaginary), i1 as one byte. Floats are rounded to nearest, ties to
/// even. Returns the position of the first element that the type cannot hold, if there is one.
std::optional<size_t> appendElements(const frontend::Constant &constant, frontend::ElementType type,
                                     std::string &bytes);

/// The elements that `bytes` holds in that form, inline.
mlir::DenseElementsAttr makeInlineElements(mlir::RankedTensorType type, llvm::StringRef bytes);

/// The same as a resource of the context; `name` is made unique if it is not.
mlir::DenseResourceElementsAttr makeResourceElements(mlir::RankedTensorType type,
                                                     llvm::StringRef name, llvm::StringRef bytes);

} // namespace tenon
