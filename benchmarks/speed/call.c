/* Seconds that a call of a compiled network takes from C, for benchmarks/run.py:
 *   call LIBRARY FUNCTION SECONDS EXTENTS... EXTENTS
 * Extents are written 2x3 (a dash: rank 0), the last ones are the result's; elements are f64. Prints the median of samples. */
#include "tenon-c/Runtime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_TENSORS 8
#define MOST_RANK 8
#define CALLS 10000
#define MOST_SAMPLES 10000

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int fail(const char *what, const char *why) {
  fprintf(stderr, "call: %s: %s\n", what, why);
  return 1;
}

static int64_t parse(const char *text, tenon_tensor *tensor, int64_t *extents) {
  int64_t size = 1;
  tensor->rank = 0;
  for (; *text && *text != '-' && tensor->rank < MOST_RANK; ++tensor->rank) {
    char *end;
    extents[tensor->rank] = strtoll(text, &end, 10);
    size *= extents[tensor->rank];
    text = *end == 'x' ? end + 1 : end;
  }
  tensor->dtype = TENON_F64;
  tensor->extents = extents;
  tensor->strides = NULL;
  return size;
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

int main(int argc, char **argv) {
  int tensors = argc - 4;
  if (tensors < 2 || tensors > MOST_TENSORS)
    return fail("usage", "call LIBRARY FUNCTION SECONDS EXTENTS... EXTENTS");
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library)
    return fail(argv[1], dlerror());
  tenon_network_fn function = (tenon_network_fn)dlsym(library, argv[2]);
  tenon_context *(*create)(int32_t) = (tenon_context * (*)(int32_t)) dlsym(library, "tenon_context_create");
  const char *(*error)(const tenon_context *) = (const char *(*)(const tenon_context *))dlsym(library, "tenon_context_error");
  if (!function || !create || !error)
    return fail(argv[1], "no such function, or no runtime inside");
  tenon_tensor all[MOST_TENSORS];
  int64_t extents[MOST_TENSORS][MOST_RANK];
  for (int i = 0; i < tensors; ++i) {
    int64_t size = parse(argv[4 + i], &all[i], extents[i]);
    double *data = malloc(sizeof(double) * (size_t)(size ? size : 1));
    if (!data)
      return fail(argv[4 + i], "out of memory");
    for (int64_t k = 0; k < size; ++k)
      data[k] = (double)(k % 7);
    all[i].data = data;
  }
  tenon_context *context = create(1);
  static double samples[MOST_SAMPLES];
  int count = 0;
  double end = now() + atof(argv[3]);
  while (context && count < MOST_SAMPLES && (count == 0 || now() < end)) {
    double start = now();
    for (int call = 0; call < CALLS; ++call)
      if (function(context, all, tensors - 1, &all[tensors - 1], 1, NULL, 0) != TENON_OK)
        return fail(argv[2], error(context));
    samples[count++] = (now() - start) / CALLS;
  }
  if (!count)
    return fail(argv[2], "no context");
  qsort(samples, (size_t)count, sizeof(double), compare);
  printf("%.6g\n", samples[count / 2]);
  return 0;
}
