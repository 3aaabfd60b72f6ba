//===- Einsum.h - The einsum notation ---------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The einsum notation of NumPy and opt_einsum, and shapes as users type them.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/NetworkDescription.h"
#include "tenon/Frontend/ParseError.h"

#include <optional>

namespace tenon::frontend {

using Shape = llvm::SmallVector<int64_t, 4>;

/// Reads a list of shapes, "3x4,4x?,scalar": extents joined by 'x', shapes by ','. `?` is an
/// extent known only at run time. A shape of rank 0 is `scalar` or nothing at all, so that the
/// empty text is one shape of rank 0. Blanks between the parts are ignored.
/// Errors: an extent that is negative, not an integer, or 2^63 and more.
llvm::Expected<std::vector<Shape>> parseShapes(llvm::StringRef text,
                                               llvm::StringRef fileName = "<shapes>");

/// Reads an einsum equation over arguments.
///
/// Grammar: terms joined by ','; a term is a string of symbols, with at most one `...`; then `->`
/// and the output term, or nothing for the implicit output. A symbol is a letter a-z, A-Z, or any
/// code point from U+00C0 on (what opt_einsum.get_symbol makes). Blanks are ignored. An empty term
/// is a rank-0 operand.
///
/// Implicit output: the symbols that stand exactly once, by code point (so A before a), after the
/// dimensions of the ellipsis. An ellipsis stands for as many dimensions as the operand's rank
/// leaves; dimensions of several ellipses are aligned at the right, as NumPy does, and are named
/// e0, e1 … from the outermost. With an explicit output that has no `...`, no ellipsis may
/// stand for any dimension (NumPy's rule).
///
/// Index ids count up by first appearance. An extent that one operand knows and another leaves
/// dynamic is known. Extents must agree: broadcasting of extents of 1 is done by the caller.
///
/// `shapes`: one for each operand, or nothing: every extent is dynamic, and `...` is an error.
llvm::Expected<NetworkDescription> parseEinsum(llvm::StringRef equation,
                                               std::optional<llvm::ArrayRef<Shape>> shapes,
                                               ElementType elementType,
                                               llvm::StringRef fileName = "<einsum>");

} // namespace tenon::frontend
