// Truncations to bf16 need neither hardware nor a function of libgcc (__truncsfbf2, __truncdfbf2), which not every system has, and round
// once, also from f64 and from wide integers.

// RUN: rm -rf %t && mkdir %t
// RUN: tenon-compile %s -o %t/contraction.o --entry=contraction --symbol=contraction --target-cpu=x86-64-v3 && llvm-nm --undefined-only %t/contraction.o | FileCheck %s --check-prefix=UNDEFINED
// RUN: tenon-compile %s -o %t/from_f64.o --entry=from_f64 --symbol=from_f64 --target-cpu=x86-64-v3 && llvm-nm --undefined-only %t/from_f64.o | FileCheck %s --check-prefix=UNDEFINED
// RUN: tenon-compile %s -o %t/arithmetic.o --entry=arithmetic --symbol=arithmetic --target-cpu=x86-64-v3 && llvm-nm --undefined-only %t/arithmetic.o | FileCheck %s --check-prefix=UNDEFINED
// UNDEFINED-NOT: __trunc
// RUN: tenon-run %s --entry=contraction --random=3 --check
// RUN: tenon-run %s --entry=from_f64 --random=3 --check
// RUN: tenon-run %s --entry=from_f32 --random=3 --check
// RUN: tenon-run %s --entry=arithmetic --random=3 --check
// RUN: tenon-run %s --entry=halfway | FileCheck %s --check-prefix=HALFWAY
// RUN: tenon-run %s --entry=integers | FileCheck %s --check-prefix=INTEGERS
// RUN: tenon-run %s --entry=halfway --reference | FileCheck %s --check-prefix=HALFWAY
// RUN: tenon-run %s --entry=integers --reference | FileCheck %s --check-prefix=INTEGERS

func.func @contraction(%a: tensor<30x40xbf16>, %b: tensor<40x50xbf16>) -> tensor<30x50xbf16> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<30x40xbf16>, tensor<40x50xbf16>) -> tensor<30x50xbf16>
  return %r : tensor<30x50xbf16>
}

func.func @from_f64(%a: tensor<5x7xf64>) -> tensor<5x7xbf16> {
  %e = tensor.empty() : tensor<5x7xbf16>
  %r = linalg.map { arith.truncf } ins(%a : tensor<5x7xf64>) outs(%e : tensor<5x7xbf16>)
  return %r : tensor<5x7xbf16>
}

func.func @from_f32(%a: tensor<5x7xf32>) -> tensor<5x7xbf16> {
  %e = tensor.empty() : tensor<5x7xbf16>
  %r = linalg.map { arith.truncf } ins(%a : tensor<5x7xf32>) outs(%e : tensor<5x7xbf16>)
  return %r : tensor<5x7xbf16>
}

func.func @arithmetic(%a: tensor<5x7xbf16>, %b: tensor<5x7xbf16>) -> tensor<5x7xbf16> {
  %e = tensor.empty() : tensor<5x7xbf16>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<5x7xbf16>, tensor<5x7xbf16>) outs(%e : tensor<5x7xbf16>) {
  ^bb0(%x: bf16, %y: bf16, %o: bf16):
    %n = arith.negf %y : bf16
    %p = arith.mulf %x, %n : bf16
    %s = arith.addf %p, %y : bf16
    %q = arith.divf %s, %x : bf16
    %m = arith.maximumf %q, %x : bf16
    linalg.yield %m : bf16
  } -> tensor<5x7xbf16>
  return %r : tensor<5x7xbf16>
}

// A bf16 has 8 significant bits: ties (257, 259), just above and below a tie (by less than an f32 sees), more than the largest
// bf16, half of the smallest and just above, NaN. f64 -> f32 -> bf16 gives 256 for the third.
// HALFWAY: [ 256 260 258 258 inf -0 9e-41 nan]
func.func @halfway() -> tensor<8xbf16> {
  %a = arith.constant dense<[257.0, 259.0, 257.0000000001, 258.9999999999, 1.0e39, -4.0e-41, 4.6e-41, 0x7FF0000000000001]> : tensor<8xf64>
  %e = tensor.empty() : tensor<8xbf16>
  %r = linalg.map { arith.truncf } ins(%a : tensor<8xf64>) outs(%e : tensor<8xbf16>)
  return %r : tensor<8xbf16>
}

// 2^62 + 2^54 is a tie; one more is above it.
// INTEGERS: [ 4.61e+18 4.65e+18 -4.65e+18 -3]
func.func @integers() -> tensor<4xbf16> {
  %a = arith.constant dense<[4629700416936869888, 4629700416936869889, -4629700416936869889, -3]> : tensor<4xi64>
  %e = tensor.empty() : tensor<4xbf16>
  %r = linalg.map { arith.sitofp } ins(%a : tensor<4xi64>) outs(%e : tensor<4xbf16>)
  return %r : tensor<4xbf16>
}
