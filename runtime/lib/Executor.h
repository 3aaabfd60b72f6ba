//===- Executor.h - Runs a bound program --------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "ArgumentCheck.h"
#include "Binding.h"
#include "Context.h"
#include "Scaling.h"

#include "tenon-runtime/Entry.h"

namespace tenon::runtime {

/// Checks the arguments, binds where their strides are new, and runs the schedule on the context's
/// threads. `workspace` may be nullptr; then the context's own is used. `binding` is not used by
/// another run meanwhile. `times` (may be nullptr) has a record for each step, to which is added.
/// With `scaling`, the run is scaled: `exponents` gets one for each output.
tenon_status runProgram(Binding &binding, tenon_context &context, const CallArguments &arguments,
                        void *workspace, int64_t workspaceBytes, tenon_rt_step_time *times,
                        const ScalingPlan *scaling = nullptr, int64_t *exponents = nullptr);

} // namespace tenon::runtime
