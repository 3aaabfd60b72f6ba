// The last vector of a sum is read and added whole.

// RUN: %python %S/Inputs/prove.py %s --native=--threads=1

// The columns behind the view are read: nothing lies outside of the arguments.
func.func @main(%a: tensor<3x90xi32>, %b: tensor<5x90xi32>) -> tensor<3x5xi32> {
  %x = tensor.extract_slice %a[0, 0] [3, 69] [1, 1] : tensor<3x90xi32> to tensor<3x69xi32>
  %y = tensor.extract_slice %b[0, 0] [5, 69] [1, 1] : tensor<5x90xi32> to tensor<5x69xi32>
  %r = tn.contract (%x[i, k], %y[j, k]) -> [i, j] : (tensor<3x69xi32>, tensor<5x69xi32>) -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
}
