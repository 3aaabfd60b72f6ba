// RUN: rm -rf %t && mkdir %t
// RUN: sed s/1e+15/nan/ %S/Inputs/even.times > %t/nan.times
// RUN: sed 's/type f32/type f31/' %S/Inputs/even.times > %t/type.times
// RUN: sed '/rate 1 8 8/d' %S/Inputs/even.times > %t/short.times
// RUN: sed '$d' %S/Inputs/even.times > %t/cut.times

// One message, whatever is minimized: nothing falls back on another table.
// RUN: cd %t
// RUN: not tenon-opt %s -tn-plan=time-table=none.times 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: tn-plan: time-table: cannot read the table of times '{{.*}}none.times': No such file or directory
// NONE-NOT: error:
// RUN: not tenon-opt %s "-tn-plan=minimize=time time-table=nan.times" 2>&1 | FileCheck %s --check-prefix=NAN
// NAN: error: tn-plan: time-table: {{.*}}nan.times:7:16: found 'nan'; expected a finite number of 0 or more, as in 'bandwidth
// RUN: not tenon-opt %s "-tn-plan=minimize=time time-table=type.times" 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: error: tn-plan: time-table: {{.*}}type.times:8:6: found the element type 'f31'; expected one of f16,
// RUN: not tenon-opt %s "-tn-plan=minimize=time time-table=short.times" 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: error: tn-plan: time-table: {{.*}}short.times:15:1: the rates of f32 are no full grid: 'rate 1 8 8 1' is missing
// RUN: not tenon-opt %s "-tn-plan=minimize=time time-table=cut.times" 2>&1 | FileCheck %s --check-prefix=CUT
// CUT: error: tn-plan: time-table: {{.*}}cut.times:15:25: the file ends without the line 'end': it was cut off
// RUN: cd %S/Inputs
// RUN: not tenon-opt %s "-tn-plan=minimize=time time-table=even.times" 2>&1 | FileCheck %s --check-prefix=LACKS
// LACKS: error: 'tn.contract' op cannot be planned: the table of times has no rates for c64, it has f32; measure them with tenon-calibrate --types
func.func @complex(%a: tensor<3x4xcomplex<f32>>, %b: tensor<4x5xcomplex<f32>>, %c: tensor<5x6xcomplex<f32>>) -> tensor<3x6xcomplex<f32>> {
  %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
     : (tensor<3x4xcomplex<f32>>, tensor<4x5xcomplex<f32>>, tensor<5x6xcomplex<f32>>) -> tensor<3x6xcomplex<f32>>
  return %r : tensor<3x6xcomplex<f32>>
}
