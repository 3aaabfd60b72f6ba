//===- BindKernelCache.cpp - Kernels that networks share ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Handles.h"

#include "tenon-c/Tenon.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>

namespace nb = nanobind;
using namespace nb::literals;

void tenon::python::bindKernelCache(nb::module_ &m) {
  m.def(
      "set_kernel_cache",
      [](const std::optional<std::string> &directory, int64_t maxBytes) {
        tenon_kernel_cache_set(directory ? directory->c_str() : nullptr, maxBytes);
      },
      "directory"_a.none(), "max_bytes"_a,
      "Where kernels are kept; None: nowhere, \"\": the default.");
  m.def(
      "kernel_cache_counts",
      [] {
        tenon_kernel_cache_counts counts = {sizeof(counts), 0, 0, 0};
        tenon_kernel_cache_get(&counts);
        return std::make_tuple(counts.memory, counts.disk, counts.compiled);
      },
      "Kernels found in memory, found on disk, and compiled.");
}
