// Arguments from files in their order, results to files or as text.

// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/npy.py write %t/a.npy '<f4' 2x3 1
// RUN: %python %S/Inputs/npy.py write %t/b.npy '<f4' 3x4 -5
// RUN: tenon-run %s --entry=product --arg %t/a.npy --arg %t/b.npy | FileCheck %s --check-prefix=TEXT
// RUN: tenon-run %s --entry=product --arg %t/a.npy --arg %t/b.npy --reference | FileCheck %s --check-prefix=TEXT
// TEXT: {{^}}{{\[\[}} 2  8 14 20]{{$}}
// TEXT-NEXT: {{^}} [-7  8 23 38]]{{$}}

// RUN: tenon-run %s --entry=product --arg %t/a.npy --arg %t/b.npy -o %t/r.npy | count 0
// RUN: %python %S/Inputs/npy.py show %t/r.npy | FileCheck %s --check-prefix=FILE
// RUN: tenon-run --entry=product --arg %t/a.npy --arg %t/b.npy -o %t/s.npy - < %s
// RUN: diff %t/r.npy %t/s.npy
// RUN: tenon-run %s --entry=product --arg %t/a.npy --arg %t/b.npy -o - > %t/t.npy
// RUN: diff %t/r.npy %t/t.npy
// FILE: <f4 (2, 4) 2.0 8.0 14.0 20.0 -7.0 8.0 23.0 38.0

// A file may hold signed or unsigned integers; the function says what they mean.
// RUN: %python %S/Inputs/npy.py write %t/u.npy '|u1' 2 254
// RUN: %python %S/Inputs/npy.py write %t/i.npy '|i1' 2 -2
// RUN: tenon-run %s --entry=signed --arg %t/u.npy -o %t/rs.npy --print | FileCheck %s --check-prefix=SIGNED
// RUN: tenon-run %s --entry=signed --arg %t/i.npy | FileCheck %s --check-prefix=SIGNED
// RUN: %python %S/Inputs/npy.py show %t/rs.npy | FileCheck %s --check-prefix=SIGNED-FILE
// RUN: tenon-run %s --entry=unsigned --arg %t/u.npy -o %t/ru.npy --print | FileCheck %s --check-prefix=UNSIGNED
// RUN: tenon-run %s --entry=unsigned --arg %t/i.npy --reference | FileCheck %s --check-prefix=UNSIGNED
// RUN: %python %S/Inputs/npy.py show %t/ru.npy | FileCheck %s --check-prefix=UNSIGNED-FILE
// SIGNED: {{^}}-3{{$}}
// SIGNED-FILE: <i4 () -3
// UNSIGNED: {{^}}509{{$}}
// UNSIGNED-FILE: <u4 () 509

// Several results are told apart, and written in their order.
// RUN: tenon-run %s --entry=two --arg %t/a.npy | FileCheck %s --check-prefix=TWO
// RUN: tenon-run %s --entry=two --arg %t/a.npy -o %t/x.npy -o %t/y.npy
// RUN: %python %S/Inputs/npy.py show %t/y.npy | FileCheck %s --check-prefix=SECOND
// TWO: result 0 ('rows'), 2xf32:
// TWO-NEXT: [ 6 15]
// TWO-NEXT: result 1, 3xf32:
// TWO-NEXT: [5 7 9]
// SECOND: <f4 (3,) 5.0 7.0 9.0

// Extents that the IR leaves open are those of the arrays.
// RUN: tenon-run %s --entry=open --arg %t/a.npy --arg %t/b.npy | FileCheck %s --check-prefix=TEXT

// Any stage before bufferization is compiled further.
// RUN: tenon-opt %s --tenon-plan-stage | tenon-run --entry=product --arg %t/a.npy --arg %t/b.npy | FileCheck %s --check-prefix=TEXT
// RUN: tenon-opt %s --tenon-specialize --tenon-plan-stage --tenon-tensor-stage | tenon-run --entry=product --arg %t/a.npy --arg %t/b.npy | FileCheck %s --check-prefix=TEXT

func.func @product(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

func.func @signed(%a: tensor<2xi8>) -> tensor<i32> {
  %r = tn.contract (%a[i]) -> [] : (tensor<2xi8>) -> tensor<i32>
  return %r : tensor<i32>
}

func.func @unsigned(%a: tensor<2xi8> {tn.unsigned}) -> (tensor<i32> {tn.unsigned}) {
  %r = tn.contract (%a[i]) -> [] unsigned : (tensor<2xi8>) -> tensor<i32>
  return %r : tensor<i32>
}

func.func @two(%a: tensor<2x3xf32>) -> (tensor<2xf32> {tn.name = "rows"}, tensor<3xf32>) {
  %r = tn.contract (%a[i, j]) -> [i] : (tensor<2x3xf32>) -> tensor<2xf32>
  %s = tn.contract (%a[i, j]) -> [j] : (tensor<2x3xf32>) -> tensor<3xf32>
  return %r, %s : tensor<2xf32>, tensor<3xf32>
}

func.func @open(%a: tensor<?x?xf32> {tn.hint = array<i64: 7, 8>}, %b: tensor<?x4xf32> {tn.hint = array<i64: 8, 4>}) -> tensor<?x4xf32> {
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<?x?xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
