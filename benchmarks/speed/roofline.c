/* Peak rates of this machine, for benchmarks/run.py: `roofline THREADS` prints JSON, operations and bytes a second, the latter also for
 * buffers that caches hold.
 * Multiply-adds on registers, for each type; sums over buffers, the last one far larger than any cache. One result of several tries. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
/* More than latency times issue width; fewer than registers. */
#define CHAINS 12
/* Of the buffers; each next one is twice as large. What is read in one try is as much as the largest. */
#define LEAST_BYTES ((size_t)32 << 10)
#define BUFFER_BYTES ((size_t)256 << 20)
#define TRIES 5

#pragma clang fp contract(fast)

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static volatile double sink;

/* Operations done. */
#define DEFINE_FMA(NAME, TYPE)                                                                                         \
  static double NAME(void *unused, size_t none) {                                                                      \
    (void)unused, (void)none;                                                                                          \
    typedef TYPE vector __attribute__((vector_size(VECTOR_BYTES)));                                                    \
    const int64_t rounds = 20000000;                                                                                   \
    vector sums[CHAINS], factor, term;                                                                                 \
    for (size_t i = 0; i < VECTOR_BYTES / sizeof(TYPE); ++i)                                                           \
      factor[i] = (TYPE)0.999, term[i] = (TYPE)0.001;                                                                  \
    for (int i = 0; i < CHAINS; ++i)                                                                                   \
      sums[i] = term * (TYPE)i;                                                                                        \
    for (int64_t round = 0; round < rounds; ++round)                                                                   \
      for (int i = 0; i < CHAINS; ++i)                                                                                 \
        sums[i] = sums[i] * factor + term;                                                                             \
    for (int i = 1; i < CHAINS; ++i)                                                                                   \
      sums[0] += sums[i];                                                                                              \
    sink = (double)sums[0][0];                                                                                         \
    return 2.0 * CHAINS * (VECTOR_BYTES / sizeof(TYPE)) * (double)rounds;                                              \
  }
DEFINE_FMA(multiplyAddF32, float)
DEFINE_FMA(multiplyAddF64, double)

/* Bytes read, from a buffer of so many. */
static double readMemory(void *buffer, size_t bytes) {
  typedef uint64_t vector __attribute__((vector_size(VECTOR_BYTES)));
  const vector *data = buffer;
  vector sums[8] = {0};
  for (size_t done = 0; done < BUFFER_BYTES; done += bytes) {
    for (size_t i = 0; i < bytes / sizeof(vector); i += 8)
      for (size_t j = 0; j < 8; ++j)
        sums[j] += data[i + j];
    /* Each pass reads anew. */
    __asm__ volatile("" ::: "memory");
  }
  for (int j = 1; j < 8; ++j)
    sums[0] += sums[j];
  sink = (double)sums[0][0];
  return (double)BUFFER_BYTES;
}

typedef struct {
  double (*work)(void *, size_t);
  void *buffer;
  size_t bytes;
  double done;
} job;

static void *run(void *data) {
  job *mine = data;
  mine->done = mine->work(mine->buffer, mine->bytes);
  return NULL;
}

/* The best rate of all threads together. */
static double measure(double (*work)(void *, size_t), int threads, void **buffers, size_t bytes) {
  double best = 0;
  for (int attempt = 0; attempt < TRIES; ++attempt) {
    job jobs[threads];
    pthread_t handles[threads];
    double start = now(), done = 0;
    for (int i = 0; i < threads; ++i) {
      jobs[i] = (job){work, buffers[i], bytes, 0};
      if (pthread_create(&handles[i], NULL, run, &jobs[i]))
        exit(1);
    }
    for (int i = 0; i < threads; ++i) {
      pthread_join(handles[i], NULL);
      done += jobs[i].done;
    }
    double rate = done / (now() - start);
    best = rate > best ? rate : best;
  }
  return best;
}

int main(int argc, char **argv) {
  int threads = argc == 2 ? atoi(argv[1]) : 0;
  if (threads < 1 || threads > 1024) {
    fprintf(stderr, "roofline: expected a number of threads\n");
    return 1;
  }
  void *buffers[threads];
  for (int i = 0; i < threads; ++i) {
    if (posix_memalign(&buffers[i], 4096, BUFFER_BYTES)) {
      fprintf(stderr, "roofline: out of memory\n");
      return 1;
    }
    memset(buffers[i], i + 1, BUFFER_BYTES);
  }
  double f32 = measure(multiplyAddF32, threads, buffers, 0), f64 = measure(multiplyAddF64, threads, buffers, 0);
  printf("{\"flops\": {\"f32\": %.4g, \"f64\": %.4g}, \"buffers\": {", f32, f64);
  double bandwidth = 0;
  for (size_t bytes = LEAST_BYTES; bytes <= BUFFER_BYTES; bytes *= 2) {
    bandwidth = measure(readMemory, threads, buffers, bytes);
    printf("%s\"%zu\": %.4g", bytes > LEAST_BYTES ? ", " : "", bytes, bandwidth);
  }
  printf("}, \"bandwidth\": %.4g}\n", bandwidth);
  return 0;
}
