// A tile of a sum would need a destination to add to, which tn.contract does not have. Upstream adds two lines of its own.

// RUN: tenon-opt %s --transform-interpreter --verify-diagnostics

func.func @summed(%a: tensor<7x5xi32>, %b: tensor<5x9xi32>) -> tensor<7x9xi32> {
  // expected-error @below {{'tn.contract' op loop 2 sums over index 'k': its tiles need an accumulator; tile it as a partial reduction (transform.structured.tile_reduction_using_for)}}
  // expected-error @below {{'tn.contract' op faild to tile operation}}
  // expected-error @below {{'tn.contract' op failed to generate tiling loops}}
  %r = tn.contract (%a[i, k], %b[k, j]) -> [i, j] : (tensor<7x5xi32>, tensor<5x9xi32>) -> tensor<7x9xi32>
  return %r : tensor<7x9xi32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["tn.contract"]} in %root : (!transform.any_op) -> !transform.any_op
    %1, %2 = transform.structured.tile_using_for %0 tile_sizes [0, 0, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
