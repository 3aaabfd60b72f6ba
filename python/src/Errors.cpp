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

namespace {

/// Raises what `function` of tenon._errors makes of the arguments.
template <typename... Arguments>
[[noreturn]] void throwMade(const char *function, Arguments &&...arguments) {
  nb::object error = nb::module_::import_("tenon._errors").attr(function)(arguments...);
  PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error.ptr())), error.ptr());
  throw nb::python_error();
}

/// Takes over `message`, which may be null.
std::string takeText(char *message, const char *otherwise) {
  std::string text = message ? message : otherwise;
  tenon_free(message);
  return text;
}

} // namespace

void throwCompileError(char *message, tenon_status status, int64_t smallestLimit) {
  throwMade("compile_error", static_cast<int>(status),
            takeText(message, "compilation failed without a message"), smallestLimit);
}

void throwPlanError(char *message, tenon_status status, int64_t smallestLimit) {
  throwMade("plan_error", static_cast<int>(status),
            takeText(message, "planning failed without a message"), smallestLimit);
}

void throwRunError(tenon_status status, const std::string &message) {
  throwMade("run_error", static_cast<int>(status), message);
}

} // namespace tenon::python
