/*===- tenon-c/Tenon.h - The C API for embedding Tenon -------------*- C -*-===*\
|*                                                                            *|
|* Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.         *|
|*                                                                            *|
|* IR goes in (text, bytecode, or a contraction described by a struct), a     *|
|* compiled network comes out, which runs on memory that the caller owns.     *|
|*                                                                            *|
|* Errors. A function that can fail takes `char **error`. When it fails, and  *|
|* `error` is not NULL, *error is a message that the caller frees with        *|
|* tenon_free; otherwise *error is left alone. Pointers that a function       *|
|* returns belong to the object it was called on, unless it says otherwise.   *|
|*                                                                            *|
|* Threads. Different objects may be used from different threads at once.     *|
|* tenon_network_run may be called on one network from several threads, each  *|
|* with a context of its own.                                                 *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
#ifndef TENON_C_TENON_H
#define TENON_C_TENON_H

#include "tenon-c/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Version of this header. Structs begin with their size, so that later minor versions can extend them. */
#define TENON_API_VERSION_MAJOR 1
#define TENON_API_VERSION_MINOR 6

/** "0.1.0 (LLVM 22.1.8)" */
TENON_EXPORT const char *tenon_version(void);

/** Frees a string that a function of this API handed over. NULL is allowed. */
TENON_EXPORT void tenon_free(char *string);

/** Bytes of one element; 0 for a number that is no tenon_dtype. Since 1.1. */
TENON_EXPORT int64_t tenon_dtype_size(int32_t dtype);

/*---------------------------------------------------------------------------*\
|* Modules of IR
\*---------------------------------------------------------------------------*/

typedef struct tenon_module tenon_module;

/** Parses MLIR text or bytecode. `name` is what diagnostics call the buffer (NULL: "<input>"). */
TENON_EXPORT tenon_module *tenon_module_parse(const char *data, size_t size, const char *name, char **error);

typedef TENON_ENUM(tenon_semiring) {
  TENON_PLUS_TIMES = 0,
  TENON_MAX_PLUS = 1,
  TENON_MIN_PLUS = 2,
  TENON_OR_AND = 3,
  TENON_MAX_TIMES = 4
} tenon_semiring;

typedef struct tenon_operand {
  tenon_dtype dtype;
  int32_t is_unsigned; /**< integers: 1 for unsigned */
  int32_t rank;
  const int64_t *extents; /**< -1: known only when the network runs */
  const int64_t *indices; /**< `rank` numbers >= 0, any numbering; equal numbers are one index */
  const void *constant;   /**< NULL: an argument of the network; else its elements, row-major, copied */
} tenon_operand;

typedef struct tenon_contraction {
  size_t struct_size; /**< sizeof(tenon_contraction) */
  int64_t num_operands;
  const tenon_operand *operands;
  int64_t num_result_indices;
  const int64_t *result_indices;
  tenon_dtype result_dtype;
  int32_t result_is_unsigned;
  tenon_dtype accumulate; /**< type of products and sums; 0: f32 for f16 and bf16 results, else the result's */
  tenon_semiring semiring;
  /** A contraction path in SSA form: pairs (a, b) of operand numbers; step k makes operand
   *  num_operands + k. NULL: tn-plan finds one. */
  const int64_t *path;
  int64_t path_steps;
  /** Indices to slice (by the numbers used above). Only together with a path. */
  const int64_t *sliced;
  int64_t num_sliced;
  /* since 1.2; a struct_size without what follows is accepted */
  /** What is known of the elements of each operand, as between the brackets of #tn.facts<…> (docs/spec.md, "Facts"):
   *  "diagonal", "isometric([1]), sparse(0.1)"; NULL for an operand of which nothing is, or for all. They are trusted. */
  const char *const *facts;
} tenon_contraction;

/** Whether `facts`, in the form of tenon_contraction, are true of a tensor (of unsigned integers, where `is_unsigned` says
 *  so). TENON_INVALID_ARGUMENT where they are not, or do not fit its shape; *error names the fact and the place. Where the
 *  tensor's data is NULL, whether they fit its shape. Since 1.2. */
TENON_EXPORT tenon_status tenon_check_facts(const char *facts, const tenon_tensor *tensor, int32_t is_unsigned, char **error);

/** A module with one function `main` that computes the contraction. */
TENON_EXPORT tenon_module *tenon_module_from_contraction(const tenon_contraction *contraction, char **error);

/** A module with one function `main` that computes `count` contractions, which are planned together: its results are
 *  theirs, in order. tensors[c][i] is the number, 0 or more, of the tensor that operand i of contractions[c] is. Operands of
 *  one number, of whatever contraction, are one tensor, and described alike but for `indices`, which every contraction has
 *  for itself. Tensors that are no constants are the arguments of the function, in the order of their numbers, which may
 *  have gaps. Takes n log n in the number n of operands of all. Since 1.5. */
TENON_EXPORT tenon_module *tenon_module_from_contractions(const tenon_contraction *const *contractions,
                                                          const int64_t *const *tensors, int64_t count, char **error);

TENON_EXPORT tenon_module *tenon_module_clone(const tenon_module *module);
TENON_EXPORT void tenon_module_destroy(tenon_module *module);

/** Runs a pass pipeline in MLIR's textual form, `builtin.module(func.func(tn-simplify))` or
 *  `tenon-cpu-pipeline{threads=2}`. The module is unspecified after an error, whose status
 *  is TENON_MEMORY_LIMIT or TENON_INVALID_ARGUMENT. */
TENON_EXPORT tenon_status tenon_module_run_passes(tenon_module *module, const char *pipeline, char **error);

/** The module as text. The caller frees it with tenon_free. */
TENON_EXPORT char *tenon_module_print(const tenon_module *module);

/*---------------------------------------------------------------------------*\
|* Compiled networks
\*---------------------------------------------------------------------------*/

typedef struct tenon_network tenon_network;

/** What a program can learn of a compilation that failed, beside the message. */
typedef struct tenon_compile_failure {
  size_t struct_size; /**< sizeof(tenon_compile_failure), set by the caller */
  /** TENON_MEMORY_LIMIT, TENON_CANCELLED, or TENON_INVALID_ARGUMENT for every fault of the module and the options */
  tenon_status status;
  /** with TENON_MEMORY_LIMIT: the smallest limit that can be kept, in bytes; 0 where that is not known. Else 0. */
  int64_t smallest_memory_limit;
} tenon_compile_failure;

typedef struct tenon_compile_options {
  size_t struct_size;   /**< sizeof(tenon_compile_options) */
  const char *function; /**< NULL: `main`, or else the module's only public function */
  int32_t threads;      /**< threads that the schedule is made for; 0: as tenon_context_create(0) */
  int64_t memory_limit; /**< bytes that a run may allocate beside inputs and outputs; 0: no limit */
  const char *plan;     /**< options of tn-plan but those above, "method=auto seed=0"; NULL: its defaults */
  /** Stages of compilation done, and their number; may be NULL. Like `cancelled` it must not use the module or wait for a
   *  thread that does; a run of the network that is being compiled is refused. */
  tenon_progress_fn progress;
  void *progress_data;
  /* since 1.1; a struct_size without what follows is accepted */
  tenon_compile_failure *failure; /**< filled where the compilation fails; may be NULL */
  /** Asked every 20 ms or so, on the thread that compiles, with cancelled_data; non-zero makes the compilation fail with
   *  TENON_CANCELLED. May be NULL. It must not use the module, or wait for a thread that does. */
  int32_t (*cancelled)(void *data);
  void *cancelled_data;
  /* since 1.4; a struct_size without what follows is accepted */
  /** Not 0: results are the same bits for every number of threads, those that one thread computes. Threads then share single
   *  contractions, not slices. */
  int32_t deterministic;
  /** Name of a tuning file (tenon-run --tune), whose choices of kernels come before the compiler's own; NULL: none. */
  const char *tuning;
} tenon_compile_options;

/** Compiles a function of `module`, which is left as it was. Extents that are not static are fixed when the network
 *  first runs, once for each set of extents; `progress` and `cancelled` are called then too. `options` may be NULL. */
TENON_EXPORT tenon_network *tenon_compile(const tenon_module *module, const tenon_compile_options *options, char **error);
/** The network of a contraction. Where kernels that are part of the library compute it, it is there at once, without a
 *  compiler: operands of one type among f32, f64, c64 and c128 that are no constants and have no facts, (+, x), known
 *  extents, no slices, no memory limit, and a path where there are more than two operands. Otherwise it is what
 *  tenon_module_from_contraction and tenon_compile make, also where TENON_QUICK_START=0 is in the environment. Since 1.3. */
TENON_EXPORT tenon_network *tenon_network_from_contraction(const tenon_contraction *contraction, const tenon_compile_options *options,
                                                           char **error);
TENON_EXPORT void tenon_network_destroy(tenon_network *network);

/** Whether the network was made without a compiler. Since 1.3. */
TENON_EXPORT int32_t tenon_network_started_quickly(const tenon_network *network);

/** Multiply-adds of one run, over all slices; -1 where that is not known. Since 1.3. */
TENON_EXPORT double tenon_network_operations(const tenon_network *network);

/** Bytes of workspace of one run; -1 while extents are not known. */
TENON_EXPORT int64_t tenon_network_workspace_size(const tenon_network *network);

/** JSON: {"name", "inputs": [{"name", "dtype", "unsigned", "extents"}], "outputs": […]}. */
TENON_EXPORT const char *tenon_network_signature(const tenon_network *network);

/** JSON: {"contractions": [{"operations", "largest_elements", "path": [[a, b], …] (SSA), "results": [the
 *  results of the function that it computes], "sliced": […], "slices"}], "operations" (multiply-adds over
 *  all slices), "peak_bytes", "slices",
 *  "threads", "stages": [{"name", "seconds"}], "kernels"}. Where contractions share steps, or one is
 *  several results, "operations" counts them once, and there are "shared_steps" and
 *  "operations_unshared". Where simplification left
 *  fewer operands than a contraction had, the path is over those that were left; "original_path" is then
 *  the whole one, over its "original_operands" operands. */
TENON_EXPORT const char *tenon_network_plan(const tenon_network *network);

/** Runs the network; see tenon-c/Runtime.h for arguments, workspace and errors (tenon_context_error). */
TENON_EXPORT tenon_status tenon_network_run(tenon_network *network, tenon_context *context, const tenon_tensor *inputs,
                                            int64_t n, tenon_tensor *outputs, int64_t m, void *workspace, int64_t size);

/** As tenon_network_run, with powers of two taken out of intermediates that would overflow or vanish, and out of the outputs,
 *  whose largest magnitudes are in [1/2, 1) then (of complex numbers, those of the larger part): output i, times two to
 *  exponents[i] (`m` numbers), is the result. Inputs and constants are read as they are; tenon_tensor_is_in_window says
 *  whether that is safe. Intermediates are left alone where tenon_network_scales says so. Elements that are smaller than an
 *  intermediate's largest one by nearly the whole range of the type may vanish when a power of two is taken out. Since 1.2. */
TENON_EXPORT tenon_status tenon_network_run_scaled(tenon_network *network, tenon_context *context, const tenon_tensor *inputs,
                                                   int64_t n, tenon_tensor *outputs, int64_t m, int64_t *exponents);

/** Whether the largest magnitude in a tensor (of f32, f64, c64 or c128; 1 for others) is within a factor of 2^50 (2^500 in
 *  double precision) of 1, or zero, or not finite. Since 1.2. */
TENON_EXPORT int32_t tenon_tensor_is_in_window(const tenon_tensor *tensor);

/** Whether scaled runs take powers of two out of intermediates. Not in a network with slices or parallel loops, with types
 *  narrower than f32, with operations beside contractions over (+, x), with outputs that it reads again, or with extents that
 *  calls decide. Since 1.3. */
TENON_EXPORT int32_t tenon_network_scales(tenon_network *network);

/** Runs a function of `module` in the reference interpreter, which defines the result. `function` as in
 *  tenon_compile_options. */
TENON_EXPORT tenon_status tenon_reference_run(const tenon_module *module, const char *function, const tenon_tensor *inputs,
                                              int64_t n, tenon_tensor *outputs, int64_t m, char **error);

/*---------------------------------------------------------------------------*\
|* Kernels, which all networks of the process share
\*---------------------------------------------------------------------------*/

/** Keeps machine code of kernels in `directory` from now on, where other processes find it; NULL: in none. "" stands for
 *  $TENON_CACHE_DIR, or else tenon/kernels in $XDG_CACHE_HOME or in ~/.cache, which is used until this is called unless
 *  $TENON_KERNEL_CACHE is "off". The files used least recently leave when all are larger than `max_bytes`; 0: 256 MiB.
 *  A directory that cannot be used is no error: kernels are compiled. Since 1.2. */
TENON_EXPORT void tenon_kernel_cache_set(const char *directory, int64_t max_bytes);

/** How kernels were found since the process began. */
typedef struct tenon_kernel_cache_counts {
  size_t struct_size; /**< sizeof(tenon_kernel_cache_counts), set by the caller */
  int64_t memory;     /**< in the process */
  int64_t disk;       /**< on disk */
  int64_t compiled;   /**< nowhere, so that they were compiled */
} tenon_kernel_cache_counts;

/** Fills `counts`; leaves it alone where its struct_size is not that of this header. Since 1.2. */
TENON_EXPORT void tenon_kernel_cache_get(tenon_kernel_cache_counts *counts);

/*---------------------------------------------------------------------------*\
|* Memory, which all networks of the process share
\*---------------------------------------------------------------------------*/

/** Memory for large results: at least `bytes` bytes of unspecified content, aligned to 2 MiB, with huge pages where the
 *  system has them. NULL when memory is out. What was given back by tenon_block_free comes first, where the size is the same but
 *  for 2 MiB: its pages need no clearing. The arenas of networks above 32 MiB come from there, too. Since 1.4. */
TENON_EXPORT void *tenon_block_allocate(size_t bytes);

/** Gives back a block of tenon_block_allocate(bytes). The process keeps up to an eighth of the machine's memory, or
 *  $TENON_KEPT_MEMORY bytes (0: none), for the next one; the system takes those pages when it needs them,
 *  but for those that were used last of blocks of up to 32 MiB, at most 32 MiB together. NULL is allowed. Since 1.4. */
TENON_EXPORT void tenon_block_free(void *block, size_t bytes);

/** Returns what is kept to the system; how many bytes that were. Since 1.4. */
TENON_EXPORT size_t tenon_memory_trim(void);

#ifdef __cplusplus
}
#endif
#endif /* TENON_C_TENON_H */
