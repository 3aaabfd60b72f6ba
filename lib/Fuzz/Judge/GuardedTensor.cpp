//===- GuardedTensor.cpp - A strided tensor between guard pages -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "GuardedTensor.h"

#include <algorithm>
#include <cstring>
#include <numeric>

using namespace tenon;
using namespace tenon::fuzz;

/// The dimensions from the outermost to the innermost; as written where the layout has no order of
/// them.
static std::vector<size_t> orderOf(const Layout &layout, size_t rank) {
  std::vector<size_t> asWritten(rank), order(layout.order.begin(), layout.order.end());
  std::iota(asWritten.begin(), asWritten.end(), size_t{0});
  return std::is_permutation(order.begin(), order.end(), asWritten.begin(), asWritten.end())
             ? order
             : asWritten;
}

std::optional<GuardedTensor> GuardedTensor::make(ElementType type, std::span<const int64_t> shape,
                                                 const Layout &layout, Placement placement,
                                                 std::byte pattern) {
  size_t rank = shape.size(), width = static_cast<size_t>(type.byteWidth());
  std::vector<size_t> order = orderOf(layout, rank);
  std::vector<int64_t> strides(rank);
  int64_t span = 1, before = 0, after = 0; // elements; before and after the one at position 0
  for (size_t i = rank; i-- > 0;) {
    size_t d = order[i];
    int64_t extent = std::max<int64_t>(shape[d], 1);
    strides[d] = span;
    span *= extent;
    if (i + 1 == rank)
      span += layout.padding;
    int64_t reach = strides[d] * (extent - 1);
    if (layout.reversed >> d & 1) {
      strides[d] = -strides[d];
      before += reach;
    } else {
      after += reach;
    }
  }
  auto used = static_cast<size_t>(before + after + 1) * width;
  size_t lead = placement == Placement::AtBegin ? layout.offset * width : 0;
  std::optional<GuardedPages> pages = GuardedPages::make(lead + used);
  if (!pages)
    return std::nullopt;
  GuardedTensor tensor(std::move(*pages));
  std::fill(tensor.pages.begin(), tensor.pages.end(), pattern);
  std::byte *lowest =
      placement == Placement::AtEnd ? tensor.pages.end() - used : tensor.pages.begin() + lead;
  tensor.type = type;
  tensor.extents.assign(shape.begin(), shape.end());
  tensor.strides = std::move(strides);
  tensor.origin = lowest + static_cast<size_t>(before) * width;
  tensor.elements = std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  return tensor;
}

/// Calls `visit` with the address and the row-major number of each element.
template <typename Visit> void GuardedTensor::forEachElement(Visit visit) const {
  std::vector<int64_t> position(extents.size());
  auto width = static_cast<int64_t>(type.byteWidth());
  std::byte *at = origin;
  for (int64_t i = 0; i < elements; ++i) {
    visit(at, i);
    for (size_t d = extents.size(); d-- > 0;) {
      at += strides[d] * width;
      if (++position[d] < extents[d])
        break;
      at -= strides[d] * width * extents[d];
      position[d] = 0;
    }
  }
}

void GuardedTensor::write(const HostTensor &values) {
  auto width = static_cast<size_t>(type.byteWidth());
  const std::byte *from = values.bytes().data();
  forEachElement([&](std::byte *at, int64_t i) {
    std::memcpy(at, from + static_cast<size_t>(i) * width, width);
  });
}

HostTensor GuardedTensor::read() const {
  Result<HostTensor> values = HostTensor::zeros(type, extents);
  // Its like lies in the pages already.
  TENON_ASSERT(bool(values), "no memory for a tensor of a case");
  auto width = static_cast<size_t>(type.byteWidth());
  std::byte *to = values->bytes().data();
  forEachElement([&](const std::byte *at, int64_t i) {
    std::memcpy(to + static_cast<size_t>(i) * width, at, width);
  });
  return std::move(*values);
}

tenon_tensor GuardedTensor::view() const {
  return {origin, type.dtype, static_cast<int32_t>(extents.size()), extents.data(), strides.data()};
}

std::optional<size_t> GuardedTensor::firstChange(bool inGapsOnly) const {
  std::vector<std::byte> expected = picture;
  if (inGapsOnly) {
    auto width = static_cast<size_t>(type.byteWidth());
    forEachElement([&](const std::byte *at, int64_t) {
      std::memcpy(expected.data() + (at - pages.begin()), at, width);
    });
  }
  auto [now, then] = std::mismatch(pages.begin(), pages.end(), expected.begin());
  if (now == pages.end())
    return std::nullopt;
  return static_cast<size_t>(now - pages.begin());
}
