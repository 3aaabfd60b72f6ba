//===- HostCopy.h - Tensors of callers as tensors of the host -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"
#include "tenon/HostTensor/HostTensor.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace tenon::capi {

/// Calls `visit` with the address of every element, row-major.
void forEachElement(const tenon_tensor &tensor, int64_t elementBytes,
                    llvm::function_ref<void(char *)> visit);

/// A copy. `tensor` has a known dtype, a rank of 0 or more and extents; an error where these make
/// no tensor, or there is no data.
Result<HostTensor> copyTensor(const tenon_tensor &tensor, bool isUnsigned);

} // namespace tenon::capi
