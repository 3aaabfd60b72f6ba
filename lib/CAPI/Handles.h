//===- Handles.h - What the opaque types of the C API are ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "QuickStart.h"
#include "tenon-c/Tenon.h"
#include "tenon/Execution/CompiledNetwork.h"

#include "mlir/IR/MLIRContext.h"

#include <memory>
#include <mutex>
#include <string>

/// A module and the context it lives in, which clones and networks made from it share. Work on the
/// IR of one context is done by one thread at a time.
struct tenon_module {
  struct Context {
    Context();
    mlir::MLIRContext mlir;
    std::recursive_mutex mutex;
  };
  std::shared_ptr<Context> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// One of two kinds: compiled from a module, or started quickly.
struct tenon_network {
  std::shared_ptr<tenon_module::Context> context; ///< lives as long as what was compiled from it
  std::unique_ptr<tenon::CompiledNetwork> network;
  std::unique_ptr<tenon::capi::QuickStart> quick;
  bool isStatic = true;
  double operations = -1; ///< multiply-adds of a run; -1 where that is not known
  /// Of a network that started quickly they are made when they are asked for.
  mutable std::once_flag describesSignature, describesPlan;
  mutable std::string signature, plan;
};

namespace tenon::capi {

/// Copies a string for the caller to free with tenon_free; null where memory is out.
char *copyString(llvm::StringRef text);

/// Hands a message over, where the caller asked for one.
void setError(char **error, llvm::StringRef message);

/// Copies the caller's description, which may be that of an earlier version; false where it is
/// none.
bool readContraction(const tenon_contraction *given, tenon_contraction &contraction);

/// The thread count that a context of the default size has.
int64_t defaultThreads();

} // namespace tenon::capi
