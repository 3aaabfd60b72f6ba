/*===- tenon-c/Runtime.h - The C ABI of compiled networks ----------*- C -*-===*\
|*                                                                            *|
|* Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.         *|
|*                                                                            *|
|* What a compiled network needs of its caller, and offers to it. This header *|
|* depends on nothing but the C library; the runtime behind it knows no LLVM. *|
|* A network that `tenon-compile -o net.so` wrote carries the runtime inside. *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
#ifndef TENON_C_RUNTIME_H
#define TENON_C_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TENON_EXPORT __attribute__((visibility("default")))

/* In C an enumeration holds every int, so that a wrong one can be told; in C++ only with a fixed type. */
#ifdef __cplusplus
#define TENON_ENUM(name) enum name : int
#else
#define TENON_ENUM(name) enum name
#endif

/** Version of this ABI. A library refuses a network of another major version. */
#define TENON_ABI_VERSION_MAJOR 1
#define TENON_ABI_VERSION_MINOR 0

/** Element types. The numbers are part of the ABI. */
typedef TENON_ENUM(tenon_dtype) {
  TENON_F16 = 1,  /**< IEEE binary16 */
  TENON_BF16 = 2, /**< bfloat16 */
  TENON_F32 = 3,
  TENON_F64 = 4,
  TENON_C64 = 5,  /**< pair of F32: real, imaginary */
  TENON_C128 = 6, /**< pair of F64: real, imaginary */
  TENON_BOOL = 7, /**< one byte, 0 or 1 (i1) */
  TENON_I8 = 8,   /**< integers are signless here: two's complement of that width */
  TENON_I16 = 9,
  TENON_I32 = 10,
  TENON_I64 = 11
} tenon_dtype;

typedef TENON_ENUM(tenon_status) {
  TENON_OK = 0,
  TENON_INVALID_ARGUMENT = 1, /**< wrong count, dtype, rank, extent or stride of an argument */
  TENON_OUT_OF_MEMORY = 2,    /**< an allocation failed; nothing was computed */
  TENON_WORKSPACE_TOO_SMALL = 3,
  TENON_CANCELLED = 4, /**< tenon_context_cancel was called, or the callback of a compilation said so */
  TENON_CORRUPT = 5,   /**< the schedule table is not one that this runtime can execute */
  TENON_MEMORY_LIMIT = 6 /**< a compilation: no plan keeps the memory limit */
} tenon_status;

/** A strided array that the caller owns. The element at position (i0, i1, …) lies at
 *  `(char *)data + sizeof(element) * (i0*strides[0] + i1*strides[1] + …)`. Strides are in elements
 *  and may be negative or, for inputs, zero. No two elements of an output may share an address:
 *  sorted by size, each stride must exceed the span of the smaller ones. `data` is a multiple of
 *  the alignment of the element (of its parts, for complex types); NULL is allowed where an extent
 *  is 0. */
typedef struct tenon_tensor {
  void *data;
  tenon_dtype dtype;
  int32_t rank;
  const int64_t *extents; /**< `rank` numbers >= 0 */
  const int64_t *strides; /**< `rank` numbers; NULL means row-major contiguous */
} tenon_tensor;

/** Threads and the last error of one host thread of use. A context may be used by one host thread
 *  at a time; several contexts may be used at once. */
typedef struct tenon_context tenon_context;

/** Makes a context that runs on `threads` threads, the caller's included; 0 takes the number of
 *  processors this process may run on, or TENON_NUM_THREADS (1 to 1024) where that is set. The
 *  threads start when a network first has work for them, and block all signals. NULL when memory is
 *  out, or `threads` is negative or above 1024.
 *
 *  A context serves the networks of every library in the process. It and its threads belong to the
 *  library whose tenon_context_create made it: that one must stay loaded until the context is
 *  destroyed. Any other may be unloaded as soon as no call of it is running. */
TENON_EXPORT tenon_context *tenon_context_create(int32_t threads);
TENON_EXPORT void tenon_context_destroy(tenon_context *context);
TENON_EXPORT int32_t tenon_context_threads(const tenon_context *context);

/** The message of the last call on this context that did not return TENON_OK. Before any it is "",
 *  or the warning that TENON_NUM_THREADS was not understood, which tenon_context_create(0) also
 *  writes to stderr. It lives until the next call on the context. */
TENON_EXPORT const char *tenon_context_error(const tenon_context *context);

/** Makes running calls on this context return TENON_CANCELLED at the next step boundary. May be
 *  called from a signal handler or another thread. The flag is cleared when the next run starts. */
TENON_EXPORT void tenon_context_cancel(tenon_context *context);

/** Called with the number of slices done (rising by 1 from call to call) and their total, from one
 *  thread at a time, which may be any of the context's. It may call tenon_context_cancel on the
 *  context and must not use it otherwise. */
typedef void (*tenon_progress_fn)(void *data, int64_t done, int64_t total);
TENON_EXPORT void tenon_context_set_progress(tenon_context *context, tenon_progress_fn fn,
                                             void *data);

/** A compiled network, as a shared library exports it under the name of its function:
 *
 *    tenon_status NAME(tenon_context *, const tenon_tensor *inputs, int64_t n,
 *                      tenon_tensor *outputs, int64_t m, void *workspace, int64_t size);
 *    int64_t      NAME_workspace_size(void);   // bytes; alignment 64
 *    const char  *NAME_signature(void);        // JSON: names, dtypes, extents of arguments, results
 *
 *  `workspace` may be NULL: the call then uses memory of its context, which keeps up to 32 MiB
 *  from call to call and frees more than that at the end of the call. Inputs and outputs must not
 *  overlap. On any status but TENON_OK the outputs' content is unspecified. A context that is NULL,
 *  or of another major version of the ABI, gives TENON_INVALID_ARGUMENT without a message. */
typedef tenon_status (*tenon_network_fn)(tenon_context *, const tenon_tensor *inputs, int64_t n,
                                         tenon_tensor *outputs, int64_t m, void *workspace,
                                         int64_t size);

#ifdef __cplusplus
}
#endif
#endif /* TENON_C_RUNTIME_H */
