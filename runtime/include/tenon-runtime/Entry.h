/*===- Entry.h - What generated code and the JIT call --------------*- C -*-===*\
|*                                                                            *|
|* Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.         *|
|*                                                                            *|
|* Not a public interface: objects that tenon-compile wrote, the execution    *|
|* engine and the runtime are of one version. Tables are described in         *|
|* Schedule.h, arguments and statuses in tenon-c/Runtime.h.                   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
#ifndef TENON_RUNTIME_ENTRY_H
#define TENON_RUNTIME_ENTRY_H

#include "tenon-c/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A table that was checked and prepared. May be run from several host threads at once, each with a
 *  context of its own. */
typedef struct tenon_rt_network tenon_rt_network;

/** Checks the `bytes` bytes at `table` and prepares them. `kernels`: `numKernels` functions, all
 *  that the table names; the array is not used after the call. The table must outlive the network;
 *  one that does not start at a multiple of 64 is copied. On failure NULL, and `*status` and the
 *  text in `message` (`messageBytes` bytes; both may be NULL) say why: TENON_CORRUPT or
 *  TENON_OUT_OF_MEMORY. Time is linear in the table. */
tenon_rt_network *tenon_rt_load(const void *table, uint64_t bytes, void *const *kernels,
                                int64_t numKernels, tenon_status *status, char *message,
                                size_t messageBytes);

/** No call may be running. NULL is allowed. */
void tenon_rt_network_destroy(tenon_rt_network *network);

/** Bytes that a caller's workspace needs. */
int64_t tenon_rt_network_workspace_size(const tenon_rt_network *network);

/** Runs a network: see tenon_network_fn. */
tenon_status tenon_rt_network_run(tenon_rt_network *network, tenon_context *context,
                                  const tenon_tensor *inputs, int64_t numInputs,
                                  tenon_tensor *outputs, int64_t numOutputs, void *workspace,
                                  int64_t workspaceBytes);

/** What a step of a network took, in all runs that were given the record: how often it ran, and how
 *  long. Steps that begin or end a loop have no time of their own. */
typedef struct tenon_rt_step_time {
  int64_t runs;
  int64_t nanoseconds;
} tenon_rt_step_time;

/** The same, with a clock read before and after each step: adds to `times`, one for each step of the
 *  table. Of steps inside a parallel loop it adds up what all threads took. */
tenon_status tenon_rt_network_profile(tenon_rt_network *network, tenon_context *context,
                                      const tenon_tensor *inputs, int64_t numInputs,
                                      tenon_tensor *outputs, int64_t numOutputs, void *workspace,
                                      int64_t workspaceBytes, tenon_rt_step_time *times);

/** As tenon_rt_network_run, for a network that is linear in each input: powers of two are taken out of intermediates that
 *  would overflow or vanish, where the schedule has neither loops nor types that are not scaled, and `scales` is not 0; and
 *  out of the outputs, so that their largest magnitude is in [1/2, 1). exponents[i]: output i is what was computed, divided
 *  by two to this. */
tenon_status tenon_rt_network_run_scaled(tenon_rt_network *network, tenon_context *context,
                                         const tenon_tensor *inputs, int64_t numInputs,
                                         tenon_tensor *outputs, int64_t numOutputs,
                                         int64_t *exponents, int32_t scales);

/** Whether scaled runs take powers of two out of intermediates: not where the schedule has loops, sums into what is there, types
 *  that are not scaled, or outputs that are read again. 0 also when memory is out. */
int32_t tenon_rt_network_scales(tenon_rt_network *network);

/** Whether a tensor's largest magnitude is so near 1, or it has none, that a scaled run may read it as it is. */
int32_t tenon_rt_is_in_window(const tenon_tensor *tensor);

/** The whole of a compiled function `NAME`: loads the table at the first call, keeps the network in
 *  `*slot` (a static variable that starts as NULL; several threads may come first), and runs it.
 *  `kernels` has as many functions as the table's header says. */
tenon_status tenon_rt_run(void **slot, const void *table, uint64_t bytes, void *const *kernels,
                          tenon_context *context, const tenon_tensor *inputs, int64_t numInputs,
                          tenon_tensor *outputs, int64_t numOutputs, void *workspace,
                          int64_t workspaceBytes);

/** Frees what tenon_rt_run left in a slot; for a destructor of the object that is unloaded. Keeps it
 *  where a call of tenon_rt_run is in progress: destructors also run when a process ends, which
 *  other threads need not know of. */
void tenon_rt_release(void **slot);

/** Makes `message` the error of a context and returns `status`: for what fails before the runtime is asked to run. */
tenon_status tenon_rt_fail(tenon_context *context, tenon_status status, const char *message);

/** For what a call does before the runtime is asked to run: forgets earlier cancellations, as a run does when it starts; and
 *  says whether tenon_context_cancel was called since. NULL is allowed. */
void tenon_rt_clear_cancel(tenon_context *context);
int32_t tenon_rt_is_cancelled(const tenon_context *context);

/** The workspace size that a table states: `NAME_workspace_size`. */
int64_t tenon_rt_workspace_size(const void *table);

#ifdef __cplusplus
}
#endif
#endif /* TENON_RUNTIME_ENTRY_H */
