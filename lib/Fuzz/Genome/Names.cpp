//===- Names.cpp - What a genome's values are called ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/ElementRules.h"

namespace tenon::fuzz {

/// The text of an enumerator; a record may hold numbers that are none.
template <typename Enum, size_t n>
static std::string_view nameIn(const std::array<std::string_view, n> &names, Enum value) {
  size_t number = static_cast<size_t>(value);
  return number < n ? names[number] : "invalid";
}

std::string_view nameOf(NodeKind kind) {
  static constexpr std::array<std::string_view, kNumNodeKinds> names = {
      "argument", "constant", "delta",   "contract",  "slice", "conj",
      "map",      "widen",    "permute", "subtensor", "update"};
  return nameIn(names, kind);
}

std::string_view nameOf(Element element) {
  static constexpr std::array<std::string_view, kNumElements> names = {
      "f16", "bf16", "f32", "f64", "c64", "c128", "i1", "i8", "i16", "i32", "i64", "index"};
  return nameIn(names, element);
}

std::string_view nameOf(Semiring semiring) {
  static constexpr std::array<std::string_view, kNumSemirings> names = {
      "plus_times", "max_plus", "min_plus", "or_and", "max_times"};
  return nameIn(names, semiring);
}

std::string_view nameOf(Arithmetic arithmetic) {
  static constexpr std::array<std::string_view, 3> names = {"ring", "exact", "bound"};
  return nameIn(names, arithmetic);
}

} // namespace tenon::fuzz
