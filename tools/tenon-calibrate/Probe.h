//===- Probe.h - A compiled network whose runs are timed --------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-c/Runtime.h"
#include "tenon/Execution/CompiledNetwork.h"
#include "tenon/Frontend/NetworkDescription.h"
#include "tenon/HostTensor/HostTensor.h"

#include <cstdlib>
#include <memory>
#include <vector>

namespace tenon::calibrate {

/// Arguments and results of all probes, which do not run at once: one block for what is read, one
/// for what is written. Grows while probes are made.
class SharedArrays {
public:
  /// Room for arguments and results of so many bytes. The error is an allocation that failed.
  llvm::Error reserve(int64_t inputBytes, int64_t outputBytes);
  std::byte *inputs() { return static_cast<std::byte *>(read.data()); }
  std::byte *outputs() { return static_cast<std::byte *>(written.data()); }

private:
  HostTensor read, written;
};

/// Threads that probes run on.
class Workers {
public:
  explicit Workers(int32_t threads) : context(tenon_context_create(threads)) {}
  ~Workers() { tenon_context_destroy(context); }
  Workers(const Workers &) = delete;
  Workers &operator=(const Workers &) = delete;
  tenon_context *get() const { return context; }
  int32_t count() const { return tenon_context_threads(context); }

private:
  tenon_context *context;
};

/// How a network is compiled and run.
struct ProbeSettings {
  std::string plan;          ///< options of the planner
  std::vector<int64_t> path; ///< in SSA form, pairs; empty: the planner's
  /// The workspace is the probe's, and stays; else every run has one of its own, as far as the
  /// runtime does not keep it.
  bool keepsWorkspace = false;
  /// Elements of the first operand and of the result lie so many elements apart.
  int64_t spacing = 1, resultSpacing = 1;
};

/// What tn-plan says of a network: multiply-adds, and the seconds that it predicts.
struct PlanFigures {
  double operations = 0, seconds = 0;
};

class Probe {
public:
  /// Compiles `network` for `workers`.
  static llvm::Expected<std::unique_ptr<Probe>> create(mlir::MLIRContext &context,
                                                       const frontend::NetworkDescription &network,
                                                       Workers &workers, SharedArrays &arrays,
                                                       const ProbeSettings &settings = {});

  /// Runs for about so many seconds, at least once after a run that warms up.
  llvm::Error measure(double seconds);

  /// Seconds of a run that little else disturbed: what else the machine does only makes runs
  /// longer. On one thread it is the processor's time, which now and then reads low: an eighth of
  /// the samples took no longer. On several it is the wall clock's, of the shortest sample.
  double least() const;
  /// By the table that the settings name in the planner's options. The error is a plan without
  /// them.
  llvm::Expected<PlanFigures> plan() const;
  int64_t workspaceBytes() const { return compiled->workspaceBytes(); }

private:
  Probe(Workers &workers, SharedArrays &arrays) : workers(workers), arrays(arrays) {}
  llvm::Error run();
  int64_t layOut(const std::vector<ArgumentInfo> &infos, int64_t spacing,
                 std::vector<tenon_tensor> &tensors, std::vector<int64_t> &offsets);

  Workers &workers;
  SharedArrays &arrays;
  std::unique_ptr<CompiledNetwork> compiled;
  std::vector<tenon_tensor> inputs, outputs;
  std::unique_ptr<void, decltype(&std::free)> workspace{nullptr, &std::free};
  /// From the beginning of the shared block.
  std::vector<int64_t> inputOffsets, outputOffsets;
  std::vector<std::vector<int64_t>> strides;
  std::vector<double> samples;
};

} // namespace tenon::calibrate
