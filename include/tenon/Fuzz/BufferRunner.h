//===- BufferRunner.h - Executes functions on buffers -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The reference interpreter ends where tensors become memrefs. From there on IR of upstream's
// dialects (memref, linalg, affine, scf, vector, arith, math, complex, cf) is compiled here by the
// plainest way that upstream has, without optimisation, and called: so that what each pass on
// buffers leaves can be compared with the interpreter of the source.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/HostTensor/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <vector>

namespace tenon::fuzz {

/// Why a function could not be compiled or came to no end of its own. No fault of the program by
/// itself: the way from buffers to machine code does not know every operation.
class BufferRunError : public llvm::ErrorInfo<BufferRunError> {
public:
  static char ID;
  enum class Kind {
    Unsupported, ///< an operation or a type that is not lowered here
    Stopped,     ///< the program called abort, or asked for more memory than a run may have
    Damage ///< it wrote outside of its buffers, or freed what it had not allocated: always a fault
  };
  BufferRunError(Kind kind, std::string message) : what(kind), text(std::move(message)) {}

  Kind kind() const { return what; }
  void log(llvm::raw_ostream &stream) const override { stream << text; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  Kind what;
  std::string text;
};

struct BufferRunOptions {
  /// The shapes of the arguments past the inputs: destinations, which the function fills and which
  /// are handed back.
  std::vector<std::vector<int64_t>> destinations;
  /// Arguments whose layout the type leaves open get an offset and rows that are not contiguous.
  bool spreadDynamicStrides = true;
  /// Bytes that the buffers of one run may take.
  size_t memoryLimit = size_t(1) << 28;
};

/// Compiles and calls. Holds a linker and a target; one thread.
class BufferRunner {
public:
  static llvm::Expected<std::unique_ptr<BufferRunner>> create();
  ~BufferRunner();

  /// Calls `function` of a module that verifies and is left as it is. Each input becomes a buffer
  /// of its own (a memref of the type's layout) or a scalar. Returns the function's results, then
  /// the destinations.
  ///
  /// Every buffer, also those that the function allocates, ends at a page that faults when it is
  /// touched; what lies before its first byte is compared afterwards. Buffers that nobody has
  /// written hold bytes of 0xff: NaN, -1. An access past the end is a signal, as is one after a
  /// buffer was freed.
  ///
  /// Fails with a BufferRunError. Typically takes 10 to 25 ms.
  llvm::Expected<llvm::SmallVector<HostTensor>> run(mlir::func::FuncOp function,
                                                    llvm::ArrayRef<HostTensor> inputs,
                                                    const BufferRunOptions &options = {});

private:
  BufferRunner();
  struct State;
  std::unique_ptr<State> state;
};

} // namespace tenon::fuzz
