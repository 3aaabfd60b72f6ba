/*===- CallFromC.c - A C program's view of a compiled network ------*- C -*-===*\
|*                                                                            *|
|* Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.         *|
|*                                                                            *|
|* Compiled as C, to show that both headers are C, and linked against nothing *|
|* but the C library, to show that the runtime needs no other.                *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "tenon-runtime/Entry.h"

/* What tenon-compile generates for a function, with the table and kernels of the caller. */
static void *slot;
const void *callFromCTable;
uint64_t callFromCBytes;
void *const *callFromCKernels;

static tenon_status product(tenon_context *context, const tenon_tensor *inputs, int64_t n,
                            tenon_tensor *outputs, int64_t m, void *workspace, int64_t size) {
  return tenon_rt_run(&slot, callFromCTable, callFromCBytes, callFromCKernels, context, inputs, n,
                      outputs, m, workspace, size);
}

/* Multiplies a[3][4] and b[4][5]; the columns of c are contiguous. */
TENON_EXPORT tenon_status callFromC(const float *a, const float *b, float *c) {
  const int64_t aExtents[] = {3, 4}, bExtents[] = {4, 5}, cExtents[] = {3, 5};
  const int64_t cStrides[] = {1, 3};
  tenon_tensor inputs[] = {{(void *)a, TENON_F32, 2, aExtents, NULL},
                           {(void *)b, TENON_F32, 2, bExtents, NULL}};
  tenon_tensor outputs[] = {{c, TENON_F32, 2, cExtents, cStrides}};
  tenon_network_fn network = product;
  tenon_context *context = tenon_context_create(2);
  tenon_status status;
  if (!context)
    return TENON_OUT_OF_MEMORY;
  status = network(context, inputs, 2, outputs, 1, NULL, 0);
  tenon_context_destroy(context);
  return status;
}

TENON_EXPORT void callFromCRelease(void) { tenon_rt_release(&slot); }
