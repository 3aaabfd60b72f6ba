//===- Buffers.cpp - NumPy arrays as tenon_tensor -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Buffers.h"

#include <string>

namespace nb = nanobind;

namespace tenon::python {

// Py_ssize_t is int64_t on every platform that Tenon runs on: extents are handed on in place.
static_assert(sizeof(Py_ssize_t) == sizeof(int64_t));

Buffer::Buffer(nb::handle object, int dtype, bool writable) {
  if (PyObject_GetBuffer(object.ptr(), &view,
                         writable ? PyBUF_STRIDES | PyBUF_WRITABLE : PyBUF_STRIDES))
    throw nb::python_error();
  int64_t bytes = tenon_dtype_size(dtype);
  std::string problem;
  if (bytes == 0)
    problem = "there is no dtype number " + std::to_string(dtype);
  else if (view.itemsize != bytes)
    problem = "the array's elements take " + std::to_string(view.itemsize) +
              " bytes, those of dtype number " + std::to_string(dtype) + " take " +
              std::to_string(bytes);
  strides.resize(view.ndim);
  for (int i = 0; i < view.ndim && problem.empty(); ++i) {
    if (view.strides[i] % bytes)
      problem = "the array's stride of " + std::to_string(view.strides[i]) +
                " bytes is no multiple of its elements' " + std::to_string(bytes) + ": pass a copy";
    strides[i] = view.strides[i] / bytes;
  }
  if (!problem.empty()) {
    PyBuffer_Release(&view);
    throw nb::value_error(problem.c_str());
  }
  description.data = view.buf;
  description.dtype = static_cast<tenon_dtype>(dtype);
  description.rank = view.ndim;
  description.extents = reinterpret_cast<const int64_t *>(view.shape);
  description.strides = strides.data();
}

Buffer::~Buffer() { PyBuffer_Release(&view); }

} // namespace tenon::python
