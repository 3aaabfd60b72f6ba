//===- ElementType.h - Element types of a network ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The element types a network can be asked for, under Tenon's names and under NumPy's.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tenon::frontend {

/// C64 and C128 are complex numbers of 64 and 128 bits in all, as in NumPy's complex64.
enum class ElementType : uint8_t {
  F16,
  BF16,
  F32,
  F64,
  C64,
  C128,
  I1,
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64
};

/// Tenon's name: f16, bf16, f32, f64, c64, c128, i1, i8 … i64, u8 … u64.
llvm::StringRef elementTypeName(ElementType type);

/// Reads Tenon's name or NumPy's (float32, complex64, bool, uint8, bfloat16 …).
/// Nothing if `name` is neither.
std::optional<ElementType> parseElementType(llvm::StringRef name);

/// All accepted names of Tenon's own, separated by ", ", for messages.
std::string elementTypeNames();

inline bool isComplex(ElementType type) {
  return type == ElementType::C64 || type == ElementType::C128;
}

} // namespace tenon::frontend
