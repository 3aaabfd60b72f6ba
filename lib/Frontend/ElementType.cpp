//===- ElementType.cpp - Element types of a network -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/ElementType.h"

#include "tenon/Support/Assert.h"

using namespace tenon::frontend;

namespace {
struct Names {
  ElementType type;
  llvm::StringLiteral tenon;
  llvm::StringLiteral numpy;
};
} // namespace

static constexpr Names kNames[] = {
    {ElementType::F16, "f16", "float16"},   {ElementType::BF16, "bf16", "bfloat16"},
    {ElementType::F32, "f32", "float32"},   {ElementType::F64, "f64", "float64"},
    {ElementType::C64, "c64", "complex64"}, {ElementType::C128, "c128", "complex128"},
    {ElementType::I1, "i1", "bool"},        {ElementType::I8, "i8", "int8"},
    {ElementType::I16, "i16", "int16"},     {ElementType::I32, "i32", "int32"},
    {ElementType::I64, "i64", "int64"},     {ElementType::U8, "u8", "uint8"},
    {ElementType::U16, "u16", "uint16"},    {ElementType::U32, "u32", "uint32"},
    {ElementType::U64, "u64", "uint64"},
};

llvm::StringRef tenon::frontend::elementTypeName(ElementType type) {
  const Names &names = kNames[static_cast<size_t>(type)];
  TENON_ASSERT(names.type == type, "the table follows the enumeration");
  return names.tenon;
}

std::optional<ElementType> tenon::frontend::parseElementType(llvm::StringRef name) {
  for (const Names &names : kNames)
    if (name == names.tenon || name == names.numpy)
      return names.type;
  return std::nullopt;
}

std::string tenon::frontend::elementTypeNames() {
  std::string all;
  for (const Names &names : kNames) {
    if (!all.empty())
      all += ", ";
    all += names.tenon;
  }
  return all;
}
