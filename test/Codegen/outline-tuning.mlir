// A tuning file's choice of strategy, tile and blocks comes before the model's, for the contraction that it names.

// RUN: split-file %s %t
// RUN: tenon-opt %t/two.mlir "--tenon-outline-kernels=target=avx512" | FileCheck %s --check-prefix=MODEL
// RUN: tenon-opt %t/two.mlir "--tenon-outline-kernels=target=avx512 tuning=%t/good.tune" | FileCheck %s --check-prefix=TUNED
// RUN: not tenon-opt %t/two.mlir "--tenon-outline-kernels=target=avx512 tuning=%t/none.tune" 2>&1 | FileCheck %s --check-prefix=NONE -DFILE=%t/none.tune
// RUN: not tenon-opt %t/two.mlir "--tenon-outline-kernels=target=avx2 tuning=%t/good.tune" 2>&1 | FileCheck %s --check-prefix=OTHER -DFILE=%t/good.tune
// RUN: not tenon-opt %t/two.mlir "--tenon-outline-kernels=target=avx512 tuning=%t/bad.tune" 2>&1 | FileCheck %s --check-prefix=BAD -DFILE=%t/bad.tune
// RUN: not tenon-opt %t/two.mlir "--tenon-outline-kernels=target=avx512 tuning=%t/wide.tune" 2>&1 | FileCheck %s --check-prefix=WIDE
// RUN: not tenon-opt %t/two.mlir "--tenon-outline-kernels=target=avx512 tuning=%t" 2>&1 | FileCheck %s --check-prefix=FOLDER

// MODEL: tn.call_contraction @contract_0
// MODEL-SAME: blocks [240, 256, 512]
// MODEL: func.func private @contract_0
// MODEL-NOT: lanes = 8

// TUNED: tn.call_contraction @contract_0
// TUNED-SAME: blocks [48, 64, 20]
// TUNED: tn.call_contraction @contract_1
// TUNED-NOT: blocks [48, 64, 20]
// TUNED: func.func private @contract_0
// TUNED-SAME: strategy = "packed", lanes = 8, tile = [4, 16]

// NONE: error: tenon-outline-kernels: cannot read the tuning file '[[FILE]]': No such file or directory
// OTHER: error: tenon-outline-kernels: [[FILE]]: line 2: tuned for the processor 512/32/1/32768/1048576/16777216, but code is made for 256/16/1/32768/524288/16777216; tune again, on that machine
// BAD: error: tenon-outline-kernels: [[FILE]]: line 4: blocks 500 64 20: expected positive numbers; of packed kernels multiples of the tile's and of 4
// WIDE: error: tenon-outline-kernels: {{.*}}: contraction plus-times,f32,f32,f32,f32 m60(50,0,70) n70(0,1,1) k50(1,70,0): vectors of 32 elements of f32 are longer than a register
// FOLDER: error: tenon-outline-kernels: cannot read the tuning file '{{.*}}': Is a directory

//--- good.tune
tenon-tuning 1
processor 512/32/1/32768/1048576/16777216

# By hand.
contraction plus-times,f32,f32,f32,f32 m60(50,0,70) n70(0,1,1) k50(1,70,0)
packed lanes 8 tile 4x16 blocks 48 64 20

//--- bad.tune
tenon-tuning 1
processor 512/32/1/32768/1048576/16777216
contraction plus-times,f32,f32,f32,f32 m60(50,0,70) n70(0,1,1) k50(1,70,0)
packed lanes 8 tile 12x16 blocks 500 64 20

//--- wide.tune
tenon-tuning 1
processor 512/32/1/32768/1048576/16777216
contraction plus-times,f32,f32,f32,f32 m60(50,0,70) n70(0,1,1) k50(1,70,0)
packed lanes 32 tile 4x32 blocks 48 64 20

//--- two.mlir
#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>
func.func @two(%a: memref<60x50xf32>, %b: memref<50x70xf32>, %c: memref<60x70xf32>, %d: memref<70x90xf32>, %e: memref<60x90xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<60x70xf32>)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<60x50xf32>, memref<50x70xf32>) outs(%c : memref<60x70xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  }
  linalg.fill ins(%zero : f32) outs(%e : memref<60x90xf32>)
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%c, %d : memref<60x70xf32>, memref<70x90xf32>) outs(%e : memref<60x90xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  }
  return
}
