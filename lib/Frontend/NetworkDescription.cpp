//===- NetworkDescription.cpp - A tensor network, no IR -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/NetworkDescription.h"

#include "tenon/Support/Assert.h"
#include "llvm/Support/MathExtras.h"

#include <bit>

using namespace tenon::frontend;

std::optional<int64_t> tenon::frontend::elementCount(llvm::ArrayRef<int64_t> extents) {
  if (llvm::is_contained(extents, 0))
    return 0;
  int64_t count = 1;
  for (int64_t extent : extents)
    if (extent != kDynamicExtent && llvm::MulOverflow(count, extent, count))
      return std::nullopt;
  return count;
}

std::string tenon::frontend::shapeText(llvm::ArrayRef<int64_t> extents) {
  if (extents.empty())
    return "scalar";
  std::string text;
  for (int64_t extent : extents) {
    if (!text.empty())
      text += 'x';
    text += extent == kDynamicExtent ? "?" : std::to_string(extent);
  }
  return text;
}

int32_t ConstantPool::intern(Constant constant) {
  TENON_ASSERT(elementCount(constant.shape) == static_cast<int64_t>(constant.elements.size()),
               "a constant holds one element for each place of its shape");
  std::vector<uint64_t> key;
  key.reserve(1 + constant.shape.size() + 2 * constant.elements.size());
  key.push_back(constant.shape.size());
  key.insert(key.end(), constant.shape.begin(), constant.shape.end());
  for (std::complex<double> element : constant.elements) {
    key.push_back(std::bit_cast<uint64_t>(element.real()));
    key.push_back(std::bit_cast<uint64_t>(element.imag()));
  }
  auto [place, isNew] =
      positions.try_emplace(std::move(key), static_cast<int32_t>(constants.size()));
  if (isNew)
    constants.push_back(std::move(constant));
  return place->second;
}
