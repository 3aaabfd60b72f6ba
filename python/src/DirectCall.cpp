//===- DirectCall.cpp - Calls on plain arrays, without Python --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// What an expression's call does with NumPy arrays that need no conversion, in one step: on tiny
// arrays the statements that do it in Python take many times longer than the contraction.
//
//===----------------------------------------------------------------------===//
#include "Errors.h"
#include "Handles.h"
#include "NumPyArrays.h"
#include "Signals.h"

#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

namespace {

/// (dtype, numpy.dtype, shape)
using StatedType = std::tuple<int, nb::object, std::vector<int64_t>>;

/// What an array has to be.
struct ArgumentType {
  tenon_dtype dtype;
  int typeNumber; ///< NumPy's
  int64_t itemBytes;
  std::vector<int64_t> shape;

  explicit ArgumentType(const StatedType &stated)
      : dtype(static_cast<tenon_dtype>(std::get<0>(stated))), shape(std::get<2>(stated)) {
    PyObject *type = std::get<1>(stated).ptr();
    if (!PyArray_DescrCheck(type))
      throw nb::type_error("the type of an array must be a numpy.dtype");
    auto *description = reinterpret_cast<PyArray_Descr *>(type);
    typeNumber = description->type_num;
    itemBytes = tenon_dtype_size(dtype);
  }
};

/// Arrays as a run takes them. They are read through NumPy's own functions: a buffer has its format
/// written down each time it is asked for, which takes longer than a tiny contraction.
class Arguments {
public:
  /// Whether `object`, to which the caller keeps a reference, is an array that can be read or
  /// written in place as an `expected` one, which lives as long as the run.
  bool add(PyObject *object, const ArgumentType &expected) {
    // A subclass may mean something else by what it holds.
    if (!PyArray_CheckExact(object))
      return false;
    auto *array = reinterpret_cast<PyArrayObject *>(object);
    const std::vector<int64_t> &shape = expected.shape;
    auto address = reinterpret_cast<uintptr_t>(PyArray_DATA(array));
    if (PyArray_TYPE(array) != expected.typeNumber || PyArray_ISBYTESWAPPED(array) ||
        static_cast<size_t>(PyArray_NDIM(array)) != shape.size() ||
        !std::equal(shape.begin(), shape.end(), PyArray_DIMS(array)) ||
        address % static_cast<uintptr_t>(expected.itemBytes))
      return false;
    const npy_intp *byteStrides = PyArray_STRIDES(array);
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      if (byteStrides[dim] % expected.itemBytes)
        return false;
      strides.push_back(byteStrides[dim] / expected.itemBytes);
    }
    tensors.push_back({PyArray_DATA(array), expected.dtype, static_cast<int32_t>(shape.size()),
                       shape.data(), nullptr});
    return true;
  }

  /// Inputs first, then the output. Valid until the next add or clear.
  tenon_tensor *get() {
    // The list of strides has stopped growing.
    const int64_t *next = strides.data();
    for (tenon_tensor &tensor : tensors) {
      tensor.strides = next;
      next += tensor.rank;
    }
    return tensors.data();
  }

  void clear() {
    tensors.clear();
    strides.clear();
  }

private:
  std::vector<tenon_tensor> tensors;
  std::vector<int64_t> strides;
};

class DirectCall {
public:
  DirectCall(nb::object network, const std::vector<StatedType> &inputs, const StatedType &output,
             nb::object empty)
      : network(std::move(network)), handle(nb::cast<Network *>(this->network)->get()),
        inputs(inputs.begin(), inputs.end()), output(output), empty(std::move(empty)),
        resultShape(nb::tuple(nb::cast(std::get<2>(output)))), resultType(std::get<1>(output)) {}

  DirectCall(const DirectCall &) = delete;
  DirectCall &operator=(const DirectCall &) = delete;

  /// A new array with the result, a scalar of rank 0, or None where the arrays are not as they have
  /// to be. Without a context the run has one of one thread.
  nb::object call(nb::handle arrays, Context *context, bool watchSignals);

private:
  /// What a call needs; kept for the next one. The GIL guards the list.
  struct Scratch {
    Arguments arguments;
    std::optional<Context> context;
  };
  /// Takes scratch from the list and gives it back.
  class Borrowed {
  public:
    explicit Borrowed(DirectCall &owner) : owner(owner) {
      if (owner.idle.empty())
        scratch = std::make_unique<Scratch>();
      else {
        scratch = std::move(owner.idle.back());
        owner.idle.pop_back();
      }
    }
    ~Borrowed() {
      scratch->arguments.clear();
      owner.idle.push_back(std::move(scratch));
    }
    Borrowed(const Borrowed &) = delete;
    Borrowed &operator=(const Borrowed &) = delete;
    Scratch *operator->() { return scratch.get(); }

  private:
    DirectCall &owner;
    std::unique_ptr<Scratch> scratch;
  };

  nb::object network;
  tenon_network *handle;
  std::vector<ArgumentType> inputs;
  ArgumentType output;
  nb::object empty, resultShape, resultType;
  std::vector<std::unique_ptr<Scratch>> idle;
};

nb::object DirectCall::call(nb::handle arrays, Context *context, bool watchSignals) {
  if (!PyTuple_CheckExact(arrays.ptr()) ||
      static_cast<size_t>(PyTuple_GET_SIZE(arrays.ptr())) != inputs.size())
    return nb::none();
  Borrowed scratch(*this);
  for (size_t i = 0; i < inputs.size(); ++i) {
    PyObject *array = PyTuple_GET_ITEM(arrays.ptr(), static_cast<Py_ssize_t>(i));
    if (!scratch->arguments.add(array, inputs[i]))
      return nb::none();
  }
  PyObject *emptyArguments[2] = {resultShape.ptr(), resultType.ptr()};
  nb::object result = nb::steal(PyObject_Vectorcall(empty.ptr(), emptyArguments, 2, nullptr));
  if (!result)
    throw nb::python_error();
  if (!scratch->arguments.add(result.ptr(), output))
    return nb::none();
  if (!context) {
    if (!scratch->context)
      scratch->context.emplace(1);
    context = &*scratch->context;
  }
  tenon_tensor *tensors = scratch->arguments.get();
  auto count = static_cast<int64_t>(inputs.size());
  tenon_status status;
  auto work = [&] {
    status =
        tenon_network_run(handle, context->get(), tensors, count, tensors + count, 1, nullptr, 0);
  };
  if (watchSignals) {
    runWatchingSignals(context->get(), work);
  } else {
    nb::gil_scoped_release released;
    work();
  }
  if (status != TENON_OK)
    throwRunError(status, tenon_context_error(context->get()));
  // As numpy.einsum, a result of rank 0 is a scalar. Takes the reference.
  return nb::steal(PyArray_Return(reinterpret_cast<PyArrayObject *>(result.release().ptr())));
}

} // namespace

void bindDirectCall(nb::module_ &m) {
  nb::class_<DirectCall>(m, "DirectCall", "Calls a network on plain arrays.")
      .def(nb::init<nb::object, const std::vector<StatedType> &, const StatedType &, nb::object>(),
           "network"_a, "inputs"_a, "output"_a, "empty"_a,
           "Inputs and output are (dtype, numpy.dtype, shape); `empty(shape, numpy.dtype)` makes "
           "the\n"
           "result.")
      .def("__call__", &DirectCall::call, "arrays"_a, "context"_a.none() = nb::none(),
           "watch_signals"_a = false,
           "The result on a tuple of exact arrays of those types, aligned; None for any other.\n"
           "Without a context the run has one thread. Releases the GIL.");
}

} // namespace tenon::python
