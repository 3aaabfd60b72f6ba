//===- BindMemory.cpp - Large results in memory that is kept --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Arrays own their memory as ever; only where it comes from is ours (NEP 49).
//
//===----------------------------------------------------------------------===//
#define TENON_DEFINES_NUMPY_TABLE
#include "Handles.h"
#include "NumPyArrays.h"

#include "tenon-c/Tenon.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

namespace nb = nanobind;
using namespace nb::literals;

namespace {

/// Sizes of the arrays' blocks. NumPy tells a size when it frees an array, but takes it from an
/// extent and an element type that may have been assigned since.
class BlockSizes {
public:
  bool add(void *block, size_t bytes) {
    std::lock_guard lock(mutex);
    try {
      return sizes.try_emplace(block, bytes).second;
    } catch (const std::bad_alloc &) {
      return false;
    }
  }
  size_t remove(void *block) {
    std::lock_guard lock(mutex);
    auto found = sizes.find(block);
    size_t bytes = found->second;
    sizes.erase(found);
    return bytes;
  }

private:
  std::mutex mutex;
  std::unordered_map<void *, size_t> sizes;
};

} // namespace

/// Lives as long as the process: arrays may be freed after everything else.
static BlockSizes &blockSizes() {
  static auto *sizes = new BlockSizes;
  return *sizes;
}

static void *allocateData(void *, size_t bytes) {
  void *block = tenon_block_allocate(bytes);
  if (block && !blockSizes().add(block, bytes)) {
    tenon_block_free(block, bytes);
    return nullptr;
  }
  return block;
}

static void freeData(void *, void *block, size_t) {
  if (block)
    tenon_block_free(block, blockSizes().remove(block));
}

static void *allocateZeros(void *context, size_t count, size_t bytes) {
  if (bytes != 0 && count > SIZE_MAX / bytes)
    return nullptr;
  void *block = allocateData(context, count * bytes);
  if (block)
    std::memset(block, 0, count * bytes);
  return block;
}

/// `ndarray.resize`.
static void *reallocateData(void *context, void *block, size_t bytes) {
  void *larger = allocateData(context, bytes);
  if (!larger || !block)
    return larger;
  size_t had = blockSizes().remove(block);
  std::memcpy(larger, block, std::min(had, bytes));
  tenon_block_free(block, had);
  return larger;
}

static PyDataMem_Handler handler = {
    "tenon_kept_memory", 1, {nullptr, allocateData, allocateZeros, reallocateData, freeData}};

static PyObject *handlerCapsule() {
  static PyObject *capsule = PyCapsule_New(&handler, "mem_handler", nullptr);
  return capsule;
}

static nb::object makeKept(const std::vector<npy_intp> &shape, nb::handle dtype,
                           const std::string &order) {
  PyArray_Descr *type = nullptr;
  if (!PyArray_DescrConverter(dtype.ptr(), &type))
    throw nb::python_error();
  nb::object previous = nb::steal(PyDataMem_SetHandler(handlerCapsule()));
  if (!previous) {
    Py_DECREF(type);
    throw nb::python_error();
  }
  // Takes the reference to the type.
  nb::object array =
      nb::steal(PyArray_Empty(static_cast<int>(shape.size()), shape.data(), type, order == "F"));
  {
    nb::error_scope failure;
    nb::object ours = nb::steal(PyDataMem_SetHandler(previous.ptr()));
  }
  if (!array)
    throw nb::python_error();
  return array;
}

static bool importNumPy() {
  import_array1(false);
  return true;
}

void tenon::python::bindMemory(nb::module_ &m) {
  if (!importNumPy())
    throw nb::python_error();
  m.def("kept_empty", makeKept, "shape"_a, "dtype"_a, "order"_a = "C",
        "numpy.empty in memory of tenon_block_allocate.");
  m.def(
      "trim_memory", [] { return tenon_memory_trim(); },
      "Returns kept memory to the system; how many bytes.");
}
