// RUN: tenon-opt %s --tn-simplify=stats=json -o /dev/null 2>&1 | FileCheck %s --check-prefix=JSON
// RUN: tenon-opt %s --tn-simplify=stats=text -o /dev/null 2>&1 | FileCheck %s --check-prefix=TEXT
// RUN: tenon-opt %s --tn-simplify -o /dev/null 2>&1 | count 0
// RUN: not tenon-opt %s --tn-simplify=fold-limit=0 2>&1 | FileCheck %s --check-prefix=LIMIT
// RUN: not tenon-opt %s --tn-simplify=stats=xml 2>&1 | FileCheck %s --check-prefix=OPTION

// JSON: {"pass": "tn-simplify", "counters": {"networks": 1, "operands-before": 4, "operands-after": 1, "flattened": 1,
// JSON-SAME: "reductions": 1, "deltas": 1, {{.*}}"duplicates": 1, "absorbed": 1,
// TEXT: --- counters of tn-simplify ---
// TEXT: {{^ +}}1  deltas: copy tensors dropped or shrunk by tying their indices
// LIMIT: error: tn-simplify: fold-limit is at least 1 and fold-operations at least 0, found 0 and 1000000
// OPTION: xml

// The example of the pass's documentation.
func.func @example(%a: tensor<4x5xf32>, %b: tensor<5x6xf32>, %w: tensor<5xf32>) -> tensor<4xf32> {
  %i = tn.delta : tensor<5x5xf32>
  %t = tn.contract (%a[i, j], %i[j, k]) -> [i, k] : (tensor<4x5xf32>, tensor<5x5xf32>) -> tensor<4x5xf32>
  %r = tn.contract (%t[i, k], %b[k, l], %w[k]) -> [i] : (tensor<4x5xf32>, tensor<5x6xf32>, tensor<5xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
