//===- NetworkJson.h - Tensor networks as JSON ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Tensor networks as JSON: which tensor has which indices, without values.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Frontend/NetworkDescription.h"
#include "tenon/Frontend/ParseError.h"

#include <optional>

namespace tenon::frontend {

/// Reads one JSON object:
///
///     {"name": "net", "source": "where from", "dtype": "complex64",
///      "inputs": [[0, 1], [1, 2, 2]], "output": [0], "sizes": [2, 3, 4]}
///
/// `inputs`: for each tensor its indices, integers from 0; `output`: the open indices; `sizes[i]`:
/// the extent of index i; `dtype`: an element type under NumPy's or Tenon's name. An index may
/// stand in any number of tensors, several times in one, and in the output too. `name` and
/// `source` are optional; all other keys are skipped, but their syntax is checked. `elementType`
/// replaces the file's `dtype`, which may then be missing.
///
/// Errors (with line, column and the path of the value, as in inputs[3][1]): JSON syntax; a
/// required key that is missing or given twice; a value of another kind; an index out of range; an
/// extent that is no whole number, negative, not finite, or 2^63 and more; a repeated output
/// index; an output index that no tensor has; a tensor of 2^63 elements or more; an unsupported
/// dtype; no tensors at all. One pass over the text and one over the indices.
llvm::Expected<NetworkDescription>
parseNetworkJson(llvm::StringRef text, llvm::StringRef fileName,
                 std::optional<ElementType> elementType = std::nullopt);

} // namespace tenon::frontend
