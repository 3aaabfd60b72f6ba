//===- Buffers.h - NumPy arrays as tenon_tensor ------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Arrays reach this module through the buffer protocol, in place and with any
// strides. The element type travels beside them, because the protocol has no
// name for bfloat16.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Tenon.h"

#include <nanobind/nanobind.h>

#include <memory>
#include <vector>

namespace tenon::python {

/// Holds a Python object's buffer and shows it as a tenon_tensor whose strides count elements.
/// Throws a Python exception where the object has no buffer of that element size, or strides that
/// are no multiple of it, or (for `writable`) is read-only. Needs the GIL, also to be destroyed.
class Buffer {
public:
  Buffer(nanobind::handle object, int dtype, bool writable);
  ~Buffer();
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;

  /// Lives as long as this object, at this address.
  const tenon_tensor &tensor() const { return description; }

private:
  Py_buffer view;
  tenon_tensor description;
  std::vector<int64_t> strides;
};

} // namespace tenon::python
