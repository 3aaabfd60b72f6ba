//===- ArgumentCheck.h - Checks of what the caller passes ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Program.h"

namespace tenon::runtime {

/// The arguments of one call.
struct CallArguments {
  const tenon_tensor *inputs;
  int64_t numInputs;
  const tenon_tensor *outputs;
  int64_t numOutputs;

  /// Argument number `number`, inputs first.
  const tenon_tensor &operator[](uint64_t number) const {
    auto inputCount = static_cast<uint64_t>(numInputs);
    return number < inputCount ? inputs[number] : outputs[number - inputCount];
  }
};

/// Checks counts, element types, ranks, extents and data pointers, and writes the strides of all
/// arguments (row-major ones where the caller gives none) one after the other.
tenon_status checkArguments(const Program &program, const CallArguments &arguments,
                            Array<int64_t> &strides, ErrorText &error);

/// Checks that every argument fits into the address space and that no two elements of an output
/// share an address. Needed once for given strides.
tenon_status checkStrides(const Program &program, const Array<int64_t> &strides, ErrorText &error);

} // namespace tenon::runtime
