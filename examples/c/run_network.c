/*===- run_network.c - Calls a compiled network from C ------------------------===*\
|*                                                                            *|
|* Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.         *|
|*                                                                            *|
|* network.mlir multiplies three matrices. To build and run this:             *|
|*                                                                            *|
|*   tenon-compile network.mlir -o libnetwork.so --symbol=network \           *|
|*     --emit-header=network.h                                                *|
|*   cc -I. -I../../include run_network.c -L. -lnetwork -Wl,-rpath,. \        *|
|*     -o run_network                                                         *|
|*   ./run_network                                                            *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
#include "network.h"

#include <stdio.h>

int main(void) {
  float a[3][4], b[4][5], c[5][2], r[2][3];
  const int64_t a_extents[] = {3, 4}, b_extents[] = {4, 5}, c_extents[] = {5, 2}, r_extents[] = {3, 2};
  /* The result is 3 x 2; these strides store it column by column. */
  const int64_t r_strides[] = {1, 3};
  tenon_tensor inputs[NETWORK_NUM_INPUTS] = {{a, TENON_F32, 2, a_extents, NULL},
                                             {b, TENON_F32, 2, b_extents, NULL},
                                             {c, TENON_F32, 2, c_extents, NULL}};
  tenon_tensor outputs[NETWORK_NUM_OUTPUTS] = {{r, TENON_F32, 2, r_extents, r_strides}};
  tenon_context *context;
  tenon_status status;
  int i, j;

  for (i = 0; i < 3 * 4; ++i)
    a[i / 4][i % 4] = (float)(i + 1);
  for (i = 0; i < 4 * 5; ++i)
    b[i / 5][i % 5] = (float)(i % 7 - 3);
  for (i = 0; i < 5 * 2; ++i)
    c[i / 2][i % 2] = (float)(i - 4);

  context = tenon_context_create(0);
  if (!context) {
    fprintf(stderr, "out of memory\n");
    return 1;
  }
  status = network(context, inputs, NETWORK_NUM_INPUTS, outputs, NETWORK_NUM_OUTPUTS, NULL, 0);
  if (status != TENON_OK) {
    fprintf(stderr, "error: %s\n", tenon_context_error(context));
    tenon_context_destroy(context);
    return 1;
  }
  for (i = 0; i < 3; ++i) {
    for (j = 0; j < 2; ++j)
      printf(" %g", r[j][i]);
    printf("\n");
  }
  tenon_context_destroy(context);
  return 0;
}
