//===- ElementType.h - Sizes and names of element types -----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"

#include <cstdint>

namespace tenon::runtime {

struct ElementType {
  const char *name; ///< as in messages
  int32_t bytes;
  int32_t alignment; ///< of one element in memory, in bytes
};

/// The element type with this number, nullptr when there is none.
inline const ElementType *findElementType(int64_t dtype) {
  static constexpr ElementType table[] = {
      {"f16", 2, 2},  {"bf16", 2, 2}, {"f32", 4, 4}, {"f64", 8, 8}, {"c64", 8, 4}, {"c128", 16, 8},
      {"bool", 1, 1}, {"i8", 1, 1},   {"i16", 2, 2}, {"i32", 4, 4}, {"i64", 8, 8}};
  if (dtype < TENON_F16 || dtype > TENON_I64)
    return nullptr;
  return &table[dtype - TENON_F16];
}

inline const char *elementTypeName(int64_t dtype) {
  const ElementType *type = findElementType(dtype);
  return type ? type->name : "(no element type)";
}

} // namespace tenon::runtime
