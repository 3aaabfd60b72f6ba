//===- EinsumCase.cpp - A binary einsum as a contraction shape ------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "EinsumCase.h"

#include <array>
#include <set>

namespace tenon::cpu {
namespace {

/// Index letters of A, B and the result.
std::array<std::string, 3> terms(const std::string &equation) {
  size_t comma = equation.find(','), arrow = equation.find("->");
  return {equation.substr(0, comma), equation.substr(comma + 1, arrow - comma - 1),
          equation.substr(arrow + 2)};
}

} // namespace

ContractionShape EinsumCase::shape() const {
  auto term = terms(equation);
  auto stride = [&](int operand, char index) {
    int64_t stride = 0, next = 1;
    for (size_t i = term[operand].size(); i-- > 0; next *= extents.at(term[operand][i]))
      if (term[operand][i] == index)
        stride += next;
    return stride;
  };
  auto has = [&](int operand, char index) {
    return term[operand].find(index) != std::string::npos;
  };
  ContractionShape shape;
  std::set<char> seen;
  for (char index : term[2] + term[0] + term[1]) {
    if (!seen.insert(index).second)
      continue;
    auto group = !has(2, index)                   ? ContractionShape::K
                 : has(0, index) && has(1, index) ? ContractionShape::Batch
                 : has(0, index)                  ? ContractionShape::M
                                                  : ContractionShape::N;
    shape[group].push_back(
        {extents.at(index), stride(0, index), stride(1, index), stride(2, index)});
  }
  return shape;
}

int64_t EinsumCase::elements(int operand) const {
  int64_t product = 1;
  const std::string term = terms(equation)[static_cast<size_t>(operand)];
  for (char index : term)
    product *= extents.at(index);
  return product;
}

double EinsumCase::multiplyAdds() const {
  double product = 1;
  for (auto [index, extent] : extents)
    product *= static_cast<double>(extent);
  return product;
}

} // namespace tenon::cpu
