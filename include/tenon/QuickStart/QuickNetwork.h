//===- QuickNetwork.h - A network that runs at once ---------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/QuickStart/ContractionSchedule.h"

#include <memory>

struct tenon_rt_network;

namespace tenon::quick {

/// A schedule that is loaded. May be run from several threads at once, each with a context of its
/// own.
class QuickNetwork {
public:
  /// Null where scheduleContraction finds no way, or no prebuilt kernels run on this processor.
  static std::unique_ptr<QuickNetwork> make(const Problem &problem);
  ~QuickNetwork();
  QuickNetwork(const QuickNetwork &) = delete;
  QuickNetwork &operator=(const QuickNetwork &) = delete;

  /// See tenon-c/Runtime.h.
  tenon_status run(tenon_context *context, const tenon_tensor *inputs, int64_t n,
                   tenon_tensor *outputs, int64_t m, void *workspace, int64_t size) const;
  /// See tenon_network_run_scaled of tenon-c/Tenon.h.
  tenon_status runScaled(tenon_context *context, const tenon_tensor *inputs, int64_t n,
                         tenon_tensor *outputs, int64_t m, int64_t *exponents) const;
  /// Whether scaled runs take powers of two out of intermediates.
  bool scales() const;
  int64_t workspaceBytes() const;
  /// Distinct kernels that the schedule calls.
  size_t numKernels() const { return schedule.kernels.size(); }
  /// Multiply-adds of a run.
  double operations() const { return schedule.operations; }

private:
  explicit QuickNetwork(ContractionSchedule schedule) : schedule(std::move(schedule)) {}

  ContractionSchedule schedule;
  tenon_rt_network *network = nullptr;
};

} // namespace tenon::quick
