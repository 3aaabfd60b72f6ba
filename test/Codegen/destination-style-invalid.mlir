// RUN: tenon-opt %s -tenon-destination-style -split-input-file -verify-diagnostics

// expected-error @below {{tenon-destination-style: arguments and results of a compiled network are ranked tensors, found 'index'}}
func.func @scalar(%a: tensor<4x5xf32>, %n: index) -> tensor<4x5xf32> {
  return %a : tensor<4x5xf32>
}

// -----

// expected-error @below {{the extents of 'tensor<4x?xf32>' are not known; specialise the function to the extents of its arguments first (--tenon-specialize)}}
func.func @dynamic(%a: tensor<4x?xf32>) -> tensor<4x?xf32> {
  return %a : tensor<4x?xf32>
}

// -----

// expected-error @below {{a compiled network has structured control flow (scf), found several blocks}}
func.func @blocks(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  llvm.br ^next
^next:
  return %a : tensor<4x5xf32>
}

// -----

func.func @callee(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  return %a : tensor<4x5xf32>
}
func.func @caller(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // expected-error @below {{a compiled network calls no other function, found a call of 'callee'; inline it first (--inline)}}
  %r = call @callee(%a) : (tensor<4x5xf32>) -> tensor<4x5xf32>
  return %r : tensor<4x5xf32>
}

// -----

func.func @named(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  return %a : tensor<4x5xf32>
}
func.func @names(%a: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // expected-error @below {{a compiled network names no other, found the name of 'named'}}
  %f = func.constant @named : (tensor<4x5xf32>) -> tensor<4x5xf32>
  return %a : tensor<4x5xf32>
}
