//===- Owned.h - The C API's objects, destroyed with their owners -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Tenon.h"

#include <memory>
#include <string>

struct Deleter {
  void operator()(tenon_module *module) const { tenon_module_destroy(module); }
  void operator()(tenon_network *network) const { tenon_network_destroy(network); }
  void operator()(tenon_context *context) const { tenon_context_destroy(context); }
};
template <typename T> using Owned = std::unique_ptr<T, Deleter>;

/// The text of an error, which is freed; "" of none.
inline std::string take(char *error) {
  std::string text = error ? error : "";
  tenon_free(error);
  return text;
}
