// RUN: tenon-opt %s -tenon-plan-arena=limit=255 -split-input-file -verify-diagnostics

// expected-error @below {{tenon-plan-arena: the buffers take 256 bytes, the limit is 255; plan with a lower memory limit (tn-plan='memory-limit=…'), so that more indices are sliced}}
func.func @too_large(%in: memref<4x16xf32>) {
  %buffer = memref.alloc() : memref<4x16xf32>
  memref.copy %in, %buffer : memref<4x16xf32> to memref<4x16xf32>
  return
}

// -----

func.func @dynamic(%in: memref<4x?xf32>, %n: index) {
  // expected-error @below {{tenon-plan-arena: expected a contiguous buffer of static extents, found 'memref<4x?xf32>'}}
  %buffer = memref.alloc(%n) : memref<4x?xf32>
  memref.copy %in, %buffer : memref<4x?xf32> to memref<4x?xf32>
  return
}

// -----

func.func @strided() {
  // expected-error @below {{expected a contiguous buffer of static extents, found 'memref<4x5xf32, strided<[1, 4]>>'}}
  %buffer = memref.alloc() : memref<4x5xf32, strided<[1, 4]>>
  return
}

// -----

func.func @vectors() {
  // expected-error @below {{expected a buffer of numbers, found 'memref<4xvector<5xf32>>'}}
  %buffer = memref.alloc() : memref<4xvector<5xf32>>
  return
}

// -----

func.func @past_all_memory() {
  // expected-error @below {{a buffer of type 'memref<4294967296x2147483648xf32>' takes 2^63 bytes or more}}
  %buffer = memref.alloc() : memref<4294967296x2147483648xf32>
  return
}

// -----

// expected-error @below {{tenon-plan-arena: the buffers take 2^63 bytes or more}}
func.func @past_all_memory_together() {
  %first = memref.alloc() : memref<1073741824x1073741824xf32>
  %second = memref.alloc() : memref<1073741824x1073741824xf32>
  %third = memref.alloc() : memref<1073741824x1073741824xf32>
  return
}

// -----

func.func @parallel_of_unknown_extent(%n: index) {
  // expected-error @below {{expected a parallel loop of static extent whose buffers fit 2^63 bytes}}
  scf.forall (%i) in (%n) {
    %buffer = memref.alloc() : memref<4xf32>
  }
  return
}

// -----

func.func @chosen(%which: i1, %other: memref<4xf32>) {
  %buffer = memref.alloc() : memref<4xf32>
  // expected-error @below {{tenon-plan-arena: the life of a buffer cannot be followed through this operation}}
  %r = arith.select %which, %buffer, %other : memref<4xf32>
  return
}

// -----

func.func @returned() -> memref<4xf32> {
  %buffer = memref.alloc() : memref<4xf32>
  // expected-error @below {{the life of a buffer cannot be followed through this operation}}
  return %buffer : memref<4xf32>
}

// -----

// expected-error @below {{a schedule has structured control flow (scf), found several blocks}}
func.func @blocks(%in: memref<4xf32>) {
  %buffer = memref.alloc() : memref<4xf32>
  llvm.br ^next
^next:
  memref.copy %in, %buffer : memref<4xf32> to memref<4xf32>
  return
}

// -----

func.func @inner_blocks(%in: memref<4xf32>) {
  scf.execute_region {
    %buffer = memref.alloc() : memref<4xf32>
    llvm.br ^next
  ^next:
    // expected-error @below {{a schedule has structured control flow (scf), found a buffer that another block made}}
    memref.copy %in, %buffer : memref<4xf32> to memref<4xf32>
    scf.yield
  }
  return
}

// -----

// expected-error @below {{tenon-plan-arena: a schedule writes to buffers of its caller, found 1 results; make them arguments first (--tenon-destination-style)}}
func.func @returns(%a: memref<4xf32>) -> memref<4xf32> {
  return %a : memref<4xf32>
}

// -----

func.func @already_planned(%in: memref<4x16xf32>, %arena: memref<256xi8>) attributes {tn.workspace = 256 : i64} {
  // expected-error @below {{tenon-plan-arena: expected that the function's arena, which it has already, holds all of its buffers, found one outside}}
  %buffer = memref.alloc() : memref<4x16xf32>
  memref.copy %in, %buffer : memref<4x16xf32> to memref<4x16xf32>
  return
}

// -----

func.func @called(%in: memref<4xf32>) {
  return
}
func.func @calls(%in: memref<4xf32>) {
  // expected-error @below {{tenon-plan-arena: expected a function that calls and names none but private ones, found 'called'; inline it first (--inline)}}
  call @called(%in) : (memref<4xf32>) -> ()
  return
}

// -----

func.func @named(%in: memref<4xf32>) {
  return
}
func.func @names(%in: memref<4xf32>) {
  // expected-error @below {{tenon-plan-arena: expected a function that calls and names none but private ones, found 'named'; inline it first (--inline)}}
  %f = func.constant @named : (memref<4xf32>) -> ()
  return
}
