//===- Extension.cpp - The extension module tenon._tenon ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A thin layer over tenon-c: handles, buffers and errors. Everything that can
// be said in Python is said in python/tenon.
//
//===----------------------------------------------------------------------===//
#include "Handles.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

NB_MODULE(_tenon, m) {
  m.doc() = "Binding of Tenon's C API.";
  m.def(
      "version", [] { return std::string(tenon_version()); }, "Tenon's version and LLVM's.");
  tenon::python::bindKernelCache(m);
  tenon::python::bindMemory(m);
  tenon::python::bindModule(m);
  tenon::python::bindNetwork(m);
  tenon::python::bindDirectCall(m);
  tenon::python::bindPlanner(m);
}
