// RUN: tenon-opt %s -tenon-convert-kernels-to-llvm -split-input-file -verify-diagnostics

// Kernels have no other operations than those of their generator.
func.func @tensors(%value: f32) {
  // expected-error @below {{failed to legalize operation 'math.exp'}}
  %power = math.exp %value : f32
  return
}
