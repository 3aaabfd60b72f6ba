// RUN: not tenon-opt %s -tn-fuse=packing=none 2>&1 | FileCheck %s --check-prefix=PACKING
// RUN: not tenon-opt %s -tn-fuse=threads=0 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not tenon-opt %s -tn-fuse=tiles=2,-1 2>&1 | FileCheck %s --check-prefix=TILES
// RUN: not tenon-run %s --random=1 --plan=fuse=perhaps 2>&1 | FileCheck %s --check-prefix=SWITCH

// PACKING: error: tn-fuse: packing is six numbers of a processor, as in 512/32/1/32768/1048576/16777216; found 'none'
// THREADS: error: tn-fuse: threads must be at least 1, found 0
// TILES: error: tn-fuse: a tile is a number of positions, 0 for all; found a negative one
// SWITCH: 'fuse=perhaps': expected true or false

func.func @main(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %c: tensor<6x7xf32>) -> tensor<4x7xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<4x5xf32>, tensor<5x6xf32>) -> tensor<4x6xf32>
  %1 = tn.contract (%0[i, k], %c[k, l]) -> [i, l] : (tensor<4x6xf32>, tensor<6x7xf32>) -> tensor<4x7xf32>
  return %1 : tensor<4x7xf32>
}
