//===- CompiledNetwork.h - A network that can be run --------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Execution/StepProfile.h"

#include "tenon-c/Runtime.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct tenon_rt_network;

namespace tenon {

struct CompileOptions {
  std::string function;    ///< empty: `main`, or else the only public function
  int64_t threads = 1;     ///< that the schedule is made for
  int64_t memoryLimit = 0; ///< bytes beside inputs and outputs; 0: any
  std::string tuning;      ///< tuning file; empty: none
  bool deterministic = false; ///< results are the same bits for every number of threads
  std::string plan;        ///< options of the planner: method, minimize, min-slices, restarts, seed
  /// Called when a stage begins: its name, how many are done, how many there are.
  std::function<void(llvm::StringRef stage, int64_t done, int64_t total)> progress;
  /// Asked every 20 ms or so on the thread that compiles; true makes the compilation fail with TENON_CANCELLED.
  std::function<bool()> cancelled;
  /// Asked, where the process does not have all kernels, before the others are looked for on disk or compiled, with their
  /// number; false makes the compilation fail with TENON_CANCELLED.
  std::function<bool(size_t missing)> mayAddKernels;
};

/// An argument or result as callers see it. An extent of -1 is known only when the network runs.
struct ArgumentInfo {
  std::string name;
  tenon_dtype dtype;
  bool isUnsigned = false;
  std::vector<int64_t> extents;
};

struct Signature {
  std::string name;
  std::vector<ArgumentInfo> inputs, outputs;
  bool isStatic() const;
  std::string toJSON() const;
};

/// Seconds that each stage of a compilation took, in order.
struct StageTimes {
  std::vector<std::pair<std::string, double>> stages;
};

/// The function of a module that a user means by `name` (empty: `main`, or else the only public function).
llvm::Expected<mlir::func::FuncOp> findEntry(mlir::ModuleOp module, llvm::StringRef name);

llvm::Expected<Signature> getSignature(mlir::func::FuncOp function);

/// Whether `n` tensors have the dtypes, ranks and extents of a signature's inputs. Reads no data.
llvm::Error checkInputs(const Signature &signature, const tenon_tensor *inputs, int64_t n);

/// Whether `function` is one that tenon-destination-style has given its outputs as arguments (`tn.num_inputs`): what
/// tenon-buffer-stage makes, and what comes after.
bool takesBuffers(mlir::func::FuncOp function);
/// Whether it is lowered to the end (`tn.workspace`): its arena is the last argument.
bool isSchedule(mlir::func::FuncOp function);

/// A network in machine code. May be run from several threads at once, each with a context of its own.
class CompiledNetwork {
public:
  /// Compiles a function of `module`, which stays as it is. Errors carry MLIR's diagnostics, with their locations;
  /// those that a program reacts to are a CompileFailure.
  static llvm::Expected<std::unique_ptr<CompiledNetwork>> compile(mlir::ModuleOp module, const CompileOptions &options);
  ~CompiledNetwork();

  const Signature &signature() const { return info; }
  /// -1 while extents are not known.
  int64_t workspaceBytes() const;
  const StageTimes &times() const { return stageTimes; }
  /// Distinct kernels that the schedule calls.
  size_t numKernels() const { return kernels; }
  /// What tn-plan decided, as the JSON text that it leaves on the function; empty while extents are not known.
  const std::string &plan() const { return planText; }

  /// See tenon-c/Runtime.h. A function with dynamic extents is compiled for those of the arguments at the first call that
  /// has them; the outputs' extents must be the ones that follow.
  tenon_status run(tenon_context *context, const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs, int64_t m,
                   void *workspace, int64_t size);

  /// Runs a network of static extents as run() does and writes to `steps` what each step took. Reading the clock adds some 50 ns
  /// to each step.
  tenon_status profile(tenon_context *context, const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs, int64_t m,
                       void *workspace, int64_t size, std::vector<StepProfile> &steps);

  /// As run, without a workspace of the caller's, for a network whose extents are known: powers of two are taken out of
  /// intermediates that would overflow or vanish, and out of the outputs, so that their largest magnitudes are in [1/2, 1).
  /// Output i is what was computed, divided by two to exponents[i]. Intermediates are left alone where the network has
  /// slices or other loops, types narrower than f32, or operations beside contractions over (+, x) and conjugations.
  tenon_status runScaled(tenon_context *context, const tenon_tensor *inputs, int64_t n, tenon_tensor *outputs, int64_t m,
                         int64_t *exponents);
  /// Whether it takes powers of two out of intermediates, for a network whose extents are known.
  bool scales() const;

  /// Of a function with dynamic extents: the network for the extents of these arguments, compiled where it is not there
  /// yet. It works on the IR of the module's context, which nobody else may use meanwhile. tenon_context_cancel stops it;
  /// `context` may be null.
  llvm::Expected<CompiledNetwork *> specialize(tenon_context *context, const tenon_tensor *inputs, int64_t n);

  /// Makes `error` the error of a context.
  static tenon_status report(tenon_context *context, llvm::Error error);

private:
  CompiledNetwork() = default;
  llvm::Error compileStatic(mlir::OwningOpRef<mlir::ModuleOp> module, const CompileOptions &options);

  Signature info;
  // A network of static extents.
  StageTimes stageTimes;
  size_t kernels = 0;
  bool isHomogeneous = false; ///< powers of two pass through all of its operations
  std::string planText;
  std::vector<char> table;
  std::vector<std::string> kernelTexts; ///< strategy and tile, or the name
  tenon_rt_network *network = nullptr;
  // A network whose extents its calls decide.
  struct Template;
  std::unique_ptr<Template> pattern;
};

} // namespace tenon
