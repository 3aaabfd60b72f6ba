// RUN: tenon-opt %s -tenon-specialize -split-input-file -verify-diagnostics

// expected-error @below {{tenon-specialize: argument 1 of type 'tensor<5x?xf32>' has extents that are not known; give them as its attribute tn.hint = array<i64: …>}}
func.func @no_hint(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}, %b: tensor<5x?xf32>) -> tensor<?x?xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<?x5xf32>, tensor<5x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

// expected-error @below {{tenon-specialize: argument 1 is no ranked tensor, found 'index'}}
func.func @scalar(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}, %n: index) -> tensor<?x5xf32> {
  return %a : tensor<?x5xf32>
}

// -----

func.func @from_data(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}) -> tensor<?xf32> {
  %zero = arith.constant 0 : index
  %x = tensor.extract %a[%zero, %zero] : tensor<?x5xf32>
  %n = arith.fptosi %x : f32 to i64
  %extent = arith.index_cast %n : i64 to index
  %r = tensor.empty(%extent) : tensor<?xf32>
  // expected-error @below {{the extents of result 0 do not follow from the arguments, found 'tensor<?xf32>'}}
  return %r : tensor<?xf32>
}

// -----

// expected-error @below {{cannot be specialised: a network has structured control flow (scf), found several blocks}}
func.func @blocks(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}) -> tensor<?x5xf32> {
  llvm.br ^next
^next:
  return %a : tensor<?x5xf32>
}

// -----

// expected-error @below {{the extents given for its arguments contradict its types: 'tn.contract' op C7}}
func.func @contradicted(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}) -> tensor<3xf32> {
  %r = tn.contract (%a[i, j]) -> [i] : (tensor<?x5xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

func.func @taken(%a: tensor<?x5xf32> {tn.hint = array<i64: 4, 5>}) -> tensor<?x5xf32> {
  return %a : tensor<?x5xf32>
}

func.func @takes() {
  // expected-error @below {{tenon-specialize: only calls of 'taken' can follow its new type, found another use}}
  %f = func.constant @taken : (tensor<?x5xf32>) -> tensor<?x5xf32>
  return
}
