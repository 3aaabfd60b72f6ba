//===- ElementType.cpp - What one element of a host tensor is -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The table of widths and names.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/ElementType.h"

namespace tenon {

int64_t ElementType::byteWidth() const {
  switch (dtype) {
  case TENON_BOOL:
  case TENON_I8:
    return 1;
  case TENON_F16:
  case TENON_BF16:
  case TENON_I16:
    return 2;
  case TENON_F32:
  case TENON_I32:
    return 4;
  case TENON_F64:
  case TENON_C64:
  case TENON_I64:
    return 8;
  case TENON_C128:
    return 16;
  }
  return 0;
}

bool ElementType::isFloat() const {
  return dtype == TENON_F16 || dtype == TENON_BF16 || dtype == TENON_F32 || dtype == TENON_F64;
}

bool ElementType::isComplex() const { return dtype == TENON_C64 || dtype == TENON_C128; }

bool ElementType::isInteger() const {
  return dtype == TENON_I8 || dtype == TENON_I16 || dtype == TENON_I32 || dtype == TENON_I64;
}

unsigned ElementType::integerBits() const {
  if (isBool())
    return 1;
  return isInteger() ? static_cast<unsigned>(byteWidth()) * 8 : 0;
}

std::string_view ElementType::name() const {
  switch (dtype) {
  case TENON_F16:
    return "f16";
  case TENON_BF16:
    return "bf16";
  case TENON_F32:
    return "f32";
  case TENON_F64:
    return "f64";
  case TENON_C64:
    return "c64";
  case TENON_C128:
    return "c128";
  case TENON_BOOL:
    return "bool";
  case TENON_I8:
    return isUnsigned ? "u8" : "i8";
  case TENON_I16:
    return isUnsigned ? "u16" : "i16";
  case TENON_I32:
    return isUnsigned ? "u32" : "i32";
  case TENON_I64:
    return isUnsigned ? "u64" : "i64";
  }
  return "invalid";
}

} // namespace tenon
