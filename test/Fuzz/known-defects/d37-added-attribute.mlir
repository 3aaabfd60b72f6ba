// RUN: mlir-opt %s --convert-func-to-llvm --mlir-print-op-generic | FileCheck %s --check-prefix=MADE --implicit-check-not=unnamed_addr
// RUN: mlir-opt %s --convert-func-to-llvm | mlir-opt --mlir-print-op-generic | FileCheck %s --check-prefix=READ

// The custom form of llvm.func is read with an attribute that functions which passes make do not have: what is read back is another program.
// A failure means that MLIR has mended it: round trips can ask for the same program at once (lib/Fuzz/Judge/RoundTrip.cpp).

// MADE: "llvm.func"
// READ: "llvm.func"{{.*}}unnamed_addr = 0
func.func private @f(i64)
