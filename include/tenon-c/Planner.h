/*===- tenon-c/Planner.h - The C API of the planner -----------------*- C -*-===*\
|*                                                                            *|
|* Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.         *|
|*                                                                            *|
|* In which order to contract a network, and which indices to slice: a        *|
|* network of index lists and extents goes in, a path with its costs comes    *|
|* out. No IR is made, and nothing is compiled: the time is the search's, for *|
|* networks of a million tensors too.                                         *|
|*                                                                            *|
|* Errors and ownership are those of tenon-c/Tenon.h. Every function may be   *|
|* called from several threads at once, on one plan too.                      *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
#ifndef TENON_C_PLANNER_H
#define TENON_C_PLANNER_H

#include "tenon-c/Tenon.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is contracted: output[o…] = the sum over every index not in the output of the product of all tensors. An index may
 *  stand in any number of tensors, several times in one, and in the output once. */
typedef struct tenon_path_network {
  size_t struct_size; /**< sizeof(tenon_path_network) */
  int64_t num_tensors;
  const int64_t *ranks;   /**< of each tensor */
  const int64_t *indices; /**< of all tensors, one tensor after the other: numbers from 0 to num_indices - 1 */
  int64_t num_indices;
  const int64_t *extents; /**< of each index, >= 0 */
  int64_t num_output;
  const int64_t *output; /**< indices that are not summed */
} tenon_path_network;

/** The forms of a contraction path. */
typedef TENON_ENUM(tenon_path_form) {
  /** Each step names tensors by number; step k makes tensor num_tensors + k. */
  TENON_PATH_SSA = 0,
  /** Each step names positions in the list of tensors that remain; they are removed, the result is appended at the end. */
  TENON_PATH_LINEAR = 1,
  /** A list of indices: eliminating one contracts all tensors that have it. */
  TENON_PATH_EDGE = 2
} tenon_path_form;

/** Where a search stands. */
typedef struct tenon_path_progress {
  const char *strategy; /**< what is at work; lives as long as the call */
  uint64_t step;        /**< done, in the unit of the strategy */
  uint64_t steps;       /**< to be done in all; 0 where that is not known */
  double log2_cost;       /**< of the best tree so far, as `minimize` counts; infinite while there is none */
  double log2_operations; /**< its multiply-adds */
  double seconds;         /**< since the search began */
} tenon_path_progress;

typedef struct tenon_path_options {
  size_t struct_size; /**< sizeof(tenon_path_options) */
  /** Seconds. The search ends then with the best that it has. 0: the first tree that is found, which takes near-linear time.
   *  Negative: no limit of time; `restarts` bounds the search, and equal options give equal plans. */
  double time_limit;
  const char *strategy; /**< auto, greedy, random-greedy, optimal, …; NULL: auto. The error for another lists all names. */
  const char *minimize; /**< flops (multiply-adds), size (largest result), write (elements written), combo, time (predicted seconds of a run
                           *   on slice_threads threads); NULL: flops */
  double alpha;         /**< combo: what writing an element costs, in multiply-adds; 0: the default */
  int64_t restarts;     /**< how much to search where no time says it; 0: the default */
  uint64_t seed;
  int32_t threads; /**< that search; 0: as tenon_context_create(0). Without a time limit they change nothing but the time. */
  /** Bytes of all intermediates that are live at once, in all threads that run slices; 0: no limit. Indices are sliced until
   *  it holds. */
  int64_t memory_limit;
  int64_t largest_limit; /**< elements of an intermediate or the output, in one slice; 0: no limit. Indices are sliced for it, too. */
  int64_t element_bytes; /**< of an intermediate; 0: 4 */
  int32_t slice_threads; /**< that will run slices at once; 0: 1 */
  /** A path to start from, or NULL: without slices the plan is never worse than this one. `initial_form` says how its
   *  `initial_steps` steps read. `initial_lengths` has the number of tensors of each step, NULL: two each; an edge path has
   *  none, one index a step. A path that ends early is completed. */
  tenon_path_form initial_form;
  int64_t initial_steps;
  const int64_t *initial;
  const int64_t *initial_lengths;
  /** Non-zero: no search, only slices for the memory limit and the order of the steps; `initial` must be given. */
  int32_t keep_initial;
  /** A directory in which plans are kept, or NULL; it is made if it is not there. "": $TENON_CACHE_DIR, or else tenon/plans in
   *  $XDG_CACHE_HOME or ~/.cache. Networks that differ in the numbers of their indices share a plan. Several processes may use
   *  one directory. With a time limit, a plan that was searched for as long, but for a twentieth, is taken as it is, and a longer
   *  search starts from it; else a search gives what it would give without. Not used with keep_initial. */
  const char *cache_directory;
  int64_t cache_bytes; /**< the files used least recently leave when all are larger; 0: 256 MiB */
  /** Called whenever the best improves or a step ends, from one thread at a time, which may be any. May be NULL. */
  void (*progress)(void *data, const tenon_path_progress *progress);
  void *progress_data;
  /** Asked every 20 ms or so, on the calling thread; non-zero ends the search with the best that it has, or with
   *  TENON_CANCELLED where no plan keeps the memory limit yet. May be NULL. */
  int32_t (*cancelled)(void *data);
  void *cancelled_data;
  /** Filled where planning fails; may be NULL. With TENON_MEMORY_LIMIT, smallest_memory_limit is one that can be kept. */
  tenon_compile_failure *failure;
  /* since 1.2; a struct_size without what follows is accepted */
  /** Of each tensor the share of its elements that are not zero, from 0 to 1; NULL: all are dense. For executing the plan with
   *  sparse tensors: the search lowers expected costs of such elements, where strategies know dense ones. */
  const double *densities;
  const char *time_table;   /**< a file of tenon-calibrate that seconds are predicted from; NULL: the table that Tenon carries */
  tenon_dtype element_type; /**< of intermediates, for predicted seconds; 0: f64 and c128 for element_bytes of 8 and 16, else f32 */
  /* since 1.6; a struct_size without what follows is accepted */
  /** The indices that the initial path is sliced over, `num_initial_sliced` of them; 0: it is not sliced. Under limits that the
   *  path keeps as it is, a plan that minimizes flops, without densities, has no more multiply-adds than the path in these slices.
   *  With keep_initial they stay, and others come where a limit needs them; but an index of extent 1, one that is in no step, and
   *  one that would make more than 2^59 slices are left out, and where limits cannot be kept with the rest, all are chosen anew.
   *  Without limits and keep_initial nothing is sliced. */
  const int64_t *initial_sliced;
  int64_t num_initial_sliced;
} tenon_path_options;

/** The options' initial value: `tenon_path_options options = TENON_PATH_OPTIONS_DEFAULT;` */
#define TENON_PATH_OPTIONS_DEFAULT                                                                                            \
  {sizeof(tenon_path_options), -1.0, NULL, NULL, 0.0, 0, 0, 0, 0, 0, 0, 0, TENON_PATH_SSA, 0, NULL, NULL, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, (tenon_dtype)0, NULL, 0}

/** A path, slices, and what they cost. It does not change once it is made. */
typedef struct tenon_path_plan tenon_path_plan;

/** Plans `network`, which may be gone afterwards. `options` may be NULL. */
TENON_EXPORT tenon_path_plan *tenon_path_plan_create(const tenon_path_network *network, const tenon_path_options *options,
                                                     char **error);
TENON_EXPORT void tenon_path_plan_destroy(tenon_path_plan *plan);

/** Steps of the SSA and of the linear path: num_tensors - 1, each of two tensors. */
TENON_EXPORT int64_t tenon_path_plan_num_steps(const tenon_path_plan *plan);

/** Writes the pairs of the SSA or the linear path, 2 * num_steps numbers, in the order of execution. A step of a linear path
 *  has the smaller position first. TENON_INVALID_ARGUMENT for another form. */
TENON_EXPORT tenon_status tenon_path_plan_steps(const tenon_path_plan *plan, tenon_path_form form, int64_t *pairs);

/** Writes an edge path to `indices`: the indices in the order in which the steps sum over them; none is there twice. Returns how
 *  many they are; `indices` may be NULL. `network` is the one that was planned: -1 where it has another number of tensors, or is
 *  none. Read back it is the same tree where every step sums over an index of its own. Since 1.6. */
TENON_EXPORT int64_t tenon_path_plan_edge_path(const tenon_path_plan *plan, const tenon_path_network *network,
                                               int64_t *indices);

/** The number of sliced indices, and these, ascending. */
TENON_EXPORT int64_t tenon_path_plan_num_sliced(const tenon_path_plan *plan);
TENON_EXPORT const int64_t *tenon_path_plan_sliced(const tenon_path_plan *plan);

/** Whether `cancelled` ended the search. */
TENON_EXPORT int32_t tenon_path_plan_was_cancelled(const tenon_path_plan *plan);

/** What did not go as asked and did no harm, such as a cache directory that cannot be written; "" if nothing. */
TENON_EXPORT const char *tenon_path_plan_warning(const tenon_path_plan *plan);

/** Whether the plan was in the cache, and nothing was searched. */
TENON_EXPORT int32_t tenon_path_plan_was_cached(const tenon_path_plan *plan);

/** Costs. Numbers above the largest double are that one; their logarithms do not overflow. That of 0 is -infinity. */
typedef struct tenon_path_cost {
  size_t struct_size;     /**< sizeof(tenon_path_cost), set by the caller */
  double operations;      /**< multiply-adds in all slices together; what does not depend on slices is counted once */
  double log2_operations;
  double largest;         /**< elements of the largest result of a step, in one slice */
  double log2_largest;
  double writes;          /**< elements written in all slices together */
  double log2_writes;
  double peak_bytes;      /**< of the intermediates that are live at once; inputs and output belong to the caller */
  double slices;
  /* since 1.2; a struct_size without what follows is accepted */
  double expected_operations; /**< multiply-adds of factors that are not zero, as densities let expect; else operations */
  double log2_expected_operations;
  double seconds;         /**< of a run, as predicted from `time_table`, on slice_threads threads */
} tenon_path_cost;

TENON_EXPORT tenon_status tenon_path_plan_cost(const tenon_path_plan *plan, tenon_path_cost *cost);

/** What several networks cost that share steps. */
typedef struct tenon_joint_cost {
  size_t struct_size;     /**< sizeof(tenon_joint_cost), set by the caller */
  double operations;      /**< multiply-adds in all slices; a step that several networks have is counted once */
  double log2_operations;
  double operations_unshared; /**< of the same paths if nothing were shared */
  double log2_operations_unshared;
  double largest;         /**< elements of the largest result of a step, in one slice */
  double writes;          /**< elements written in all slices */
  double peak_bytes;      /**< of what is live at once while the networks run one after the other, in their order */
  double slices;          /**< the largest number of slices of a network */
  int64_t steps;          /**< that are computed */
  int64_t shared_steps;   /**< that would be besides if nothing were shared */
  double seconds;         /**< as in tenon_path_cost */
} tenon_joint_cost;

/** Plans `count` networks as one problem, and writes the plan of networks[n] to plans[n], which the caller destroys; its costs
 *  are those of that network by itself. tensors[n][t], 0 or more, is the number of the value that tensor t of networks[n] is:
 *  tensors of one number hold equal elements, and steps that make the same of them are computed once. Paths are chosen so
 *  that there are many. `options` are as above, and the time is that of all networks together; there are no initial paths, no
 *  densities and no cache. A network that has to be sliced to keep a limit shares nothing. `cost` may be NULL. Where the
 *  status is another one than TENON_OK nothing is written. Since 1.5. */
TENON_EXPORT tenon_status tenon_path_plans_create(const tenon_path_network *const *networks, const int64_t *const *tensors,
                                                  int64_t count, const tenon_path_options *options, tenon_path_plan **plans,
                                                  tenon_joint_cost *cost, char **error);

#ifdef __cplusplus
}
#endif
#endif /* TENON_C_PLANNER_H */
