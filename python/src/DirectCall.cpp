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
#include "Signals.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

namespace {

// Py_ssize_t is int64_t on every platform that Tenon runs on: extents are handed on in place.
static_assert(sizeof(Py_ssize_t) == sizeof(int64_t));

/// (dtype, format as the buffer protocol has it, shape)
using ArgumentType = std::tuple<int, std::string, std::vector<int64_t>>;

/// Arrays whose buffers are held, as a run takes them.
class Arguments {
public:
  ~Arguments() { release(); }

  /// Whether `array`, an exact ndarray, can be read or written in place as an `expected` one. Holds
  /// its buffer then.
  bool add(PyObject *array, const ArgumentType &expected, int flags) {
    const auto &[dtype, format, shape] = expected;
    Py_buffer &view = views.emplace_back();
    if (PyObject_GetBuffer(array, &view, PyBUF_STRIDES | PyBUF_FORMAT | flags)) {
      PyErr_Clear();
      views.pop_back();
      return false;
    }
    if (static_cast<size_t>(view.ndim) != shape.size() || format != view.format ||
        !std::equal(shape.begin(), shape.end(), view.shape) ||
        reinterpret_cast<uintptr_t>(view.buf) % static_cast<uintptr_t>(view.itemsize))
      return false;
    for (int dim = 0; dim < view.ndim; ++dim) {
      if (view.strides[dim] % view.itemsize)
        return false;
      strides.push_back(view.strides[dim] / view.itemsize);
    }
    tensors.push_back({view.buf, static_cast<tenon_dtype>(dtype), view.ndim,
                       reinterpret_cast<const int64_t *>(view.shape), nullptr});
    return true;
  }

  /// Inputs first, then the output. Valid until the next add or release.
  tenon_tensor *get() {
    // The list of strides has stopped growing.
    const int64_t *next = strides.data();
    for (tenon_tensor &tensor : tensors) {
      tensor.strides = next;
      next += tensor.rank;
    }
    return tensors.data();
  }

  void release() {
    for (Py_buffer &view : views)
      PyBuffer_Release(&view);
    views.clear();
    tensors.clear();
    strides.clear();
  }

private:
  std::vector<Py_buffer> views;
  std::vector<tenon_tensor> tensors;
  std::vector<int64_t> strides;
};

class DirectCall {
public:
  DirectCall(nb::object network, std::vector<ArgumentType> inputs, ArgumentType output,
             nb::object arrayType, nb::object empty, nb::object resultShape, nb::object resultType)
      : network(std::move(network)), handle(nb::cast<Network *>(this->network)->get()),
        inputs(std::move(inputs)), output(std::move(output)), arrayType(std::move(arrayType)),
        empty(std::move(empty)), resultShape(std::move(resultShape)),
        resultType(std::move(resultType)) {}

  DirectCall(const DirectCall &) = delete;
  DirectCall &operator=(const DirectCall &) = delete;

  /// A new array with the result, or None where the arrays are not as they have to be. Without a
  /// context the run has one of one thread.
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
      scratch->arguments.release();
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
  nb::object arrayType, empty, resultShape, resultType;
  std::vector<std::unique_ptr<Scratch>> idle;
};

nb::object DirectCall::call(nb::handle arrays, Context *context, bool watchSignals) {
  if (!PyTuple_CheckExact(arrays.ptr()) ||
      static_cast<size_t>(PyTuple_GET_SIZE(arrays.ptr())) != inputs.size())
    return nb::none();
  Borrowed scratch(*this);
  for (size_t i = 0; i < inputs.size(); ++i) {
    PyObject *array = PyTuple_GET_ITEM(arrays.ptr(), static_cast<Py_ssize_t>(i));
    // A subclass may mean something else by what it holds.
    if (reinterpret_cast<PyObject *>(Py_TYPE(array)) != arrayType.ptr() ||
        !scratch->arguments.add(array, inputs[i], 0))
      return nb::none();
  }
  PyObject *emptyArguments[2] = {resultShape.ptr(), resultType.ptr()};
  nb::object result = nb::steal(PyObject_Vectorcall(empty.ptr(), emptyArguments, 2, nullptr));
  if (!result)
    throw nb::python_error();
  if (!scratch->arguments.add(result.ptr(), output, PyBUF_WRITABLE))
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
  return result;
}

} // namespace

void bindDirectCall(nb::module_ &m) {
  nb::class_<DirectCall>(m, "DirectCall", "Calls a network on plain arrays.")
      .def(
          nb::init<nb::object, std::vector<ArgumentType>, ArgumentType, nb::object, nb::object,
                   nb::object, nb::object>(),
          "network"_a, "inputs"_a, "output"_a, "array_type"_a, "empty"_a, "result_shape"_a,
          "result_type"_a,
          "Inputs and output are (dtype, format, shape); `empty(result_shape, result_type)` makes\n"
          "the result.")
      .def("__call__", &DirectCall::call, "arrays"_a, "context"_a.none() = nb::none(),
           "watch_signals"_a = false,
           "The result on a tuple of exact arrays of those types, aligned; None for any other.\n"
           "Without a context the run has one thread. Releases the GIL.");
}

} // namespace tenon::python
