//===- GuardedTensor.h - A strided tensor between guard pages ---*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Genome.h"
#include "tenon/Fuzz/GuardedPages.h"
#include "tenon/HostTensor/HostTensor.h"

#include "tenon-c/Runtime.h"

#include <optional>
#include <vector>

namespace tenon::fuzz {

/// Which end of the pages a tensor touches.
enum class Placement { AtEnd, AtBegin };

/// A tensor in strides that a layout says, in guarded pages. What lies between its elements is
/// filled with a pattern.
class GuardedTensor {
public:
  /// All elements and gaps hold the byte `pattern`. None where memory is out.
  static std::optional<GuardedTensor> make(ElementType type, std::span<const int64_t> shape,
                                           const Layout &layout, Placement placement,
                                           std::byte pattern);

  void write(const HostTensor &values);
  HostTensor read() const;
  tenon_tensor view() const;

  /// A picture of all bytes, to be compared with later.
  void remember() { picture.assign(pages.begin(), pages.end()); }
  /// The first byte that differs from the picture, of an input; or, of an output, that lies in a
  /// gap and differs.
  std::optional<size_t> firstChange(bool inGapsOnly) const;

private:
  explicit GuardedTensor(GuardedPages pages) : pages(std::move(pages)) {}
  template <typename Visit> void forEachElement(Visit visit) const;

  GuardedPages pages;
  ElementType type;
  std::vector<int64_t> extents, strides; ///< strides in elements
  std::byte *origin = nullptr;           ///< of the element at position 0
  int64_t elements = 0;
  std::vector<std::byte> picture;
};

} // namespace tenon::fuzz
