//===- PackingModel.h - What a step of a plan packs into ----------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Private to tn-plan and tn-propagate-layouts.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/KernelModel/Blocking.h"
#include "tenon/Planner/CostModel.h"

#include "mlir/IR/Types.h"

#include <functional>

namespace tenon::tn {

/// How kernels hold sums in `accumulation`.
cpu::SumFormat getSumFormat(mlir::Type accumulation);

/// Bytes of workspace of the kernel of one step, for each thread, as the code generator will choose
/// it. Never less; more only where that depends on what a plan does not know: which operand comes
/// first, and how many dimensions are left when neighbours are merged. `accumulation`: the type of
/// intermediates and sums; `result`: that of the last step; `readsBF16`: some operands are of bf16.
std::function<double(const planner::StepSizes &sizes)>
makePackingModel(const cpu::Processor &processor, mlir::Type accumulation, mlir::Type result,
                 bool readsBF16);

} // namespace tenon::tn
