//===- Errors.cpp - From the C API's errors to Python's -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Errors.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace tenon::python {

void throwCompileError(char *message, tenon_status status, int64_t smallestLimit) {
  std::string text = message ? message : "compilation failed without a message";
  tenon_free(message);
  nb::object error = nb::module_::import_("tenon._errors")
                         .attr("compile_error")(static_cast<int>(status), text, smallestLimit);
  PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error.ptr())), error.ptr());
  throw nb::python_error();
}

void throwRunError(tenon_status status, const std::string &message) {
  nb::object error =
      nb::module_::import_("tenon._errors").attr("run_error")(static_cast<int>(status), message);
  PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error.ptr())), error.ptr());
  throw nb::python_error();
}

} // namespace tenon::python
