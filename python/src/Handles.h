//===- Handles.h - Owners of the C API's objects -----------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Tenon.h"

#include <nanobind/nanobind.h>

#include <memory>
#include <string>

namespace tenon::python {

/// Owns a T of the C API; not copyable, never null.
template <typename T, void (*destroy)(T *)> class Handle {
public:
  explicit Handle(T *object) : object(object) {}
  /// Needs the GIL, and lets go of it: a thread that compiles holds the lock that `destroy` takes,
  /// and takes the GIL to handle signals.
  ~Handle() {
    nanobind::gil_scoped_release released;
    destroy(object);
  }
  Handle(const Handle &) = delete;
  Handle &operator=(const Handle &) = delete;

  T *get() const { return object; }

private:
  T *object;
};

using Module = Handle<tenon_module, tenon_module_destroy>;
using Network = Handle<tenon_network, tenon_network_destroy>;

/// A context. `abandon` lets go of it without destroying it, which a child process has to do after
/// fork: the context's threads exist in the parent only.
class Context {
public:
  explicit Context(int32_t threads);
  ~Context() { tenon_context_destroy(context); }
  Context(const Context &) = delete;
  Context &operator=(const Context &) = delete;

  tenon_context *get() const { return context; }
  void abandon() { context = tenon_context_create(1); }

private:
  tenon_context *context;
};

/// Adds the classes to the extension module.
void bindModule(nanobind::module_ &m);
void bindKernelCache(nanobind::module_ &m);
void bindMemory(nanobind::module_ &m);
void bindNetwork(nanobind::module_ &m);
void bindDirectCall(nanobind::module_ &m);
void bindPlanner(nanobind::module_ &m);

} // namespace tenon::python
