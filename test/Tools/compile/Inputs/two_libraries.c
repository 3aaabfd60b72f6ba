/* Two compiled networks in one process: each library carries a copy of the runtime. Every mode
 * prints what its calls returned; a process that hangs is ended by SIGALRM. */
#include "tenon-c/Runtime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kRows = 400, kInner = 300, kColumns = 500 };
static float a[kRows * kInner], b[kInner * kColumns], c[kRows * kColumns];

typedef struct {
  const char *path;
  void *handle;
  tenon_network_fn run;
  tenon_context *(*createContext)(int32_t);
  void (*destroyContext)(tenon_context *);
} library;

static library load(const char *path, const char *symbol) {
  library result = {path, dlopen(path, RTLD_NOW | RTLD_LOCAL), NULL, NULL, NULL};
  if (!result.handle) {
    fprintf(stderr, "%s\n", dlerror());
    _exit(1);
  }
  *(void **)&result.run = dlsym(result.handle, symbol);
  *(void **)&result.createContext = dlsym(result.handle, "tenon_context_create");
  *(void **)&result.destroyContext = dlsym(result.handle, "tenon_context_destroy");
  return result;
}

static void unload(library *of) {
  dlclose(of->handle);
  printf("unloaded %d\n", dlopen(of->path, RTLD_NOW | RTLD_NOLOAD) == NULL);
}

/* The status, or -1 where a number is wrong. */
static int run(const library *network, tenon_context *context) {
  const int64_t aExtents[] = {kRows, kInner}, bExtents[] = {kInner, kColumns};
  const int64_t cExtents[] = {kRows, kColumns};
  tenon_tensor inputs[] = {{a, TENON_F32, 2, aExtents, NULL}, {b, TENON_F32, 2, bExtents, NULL}};
  tenon_tensor outputs[] = {{c, TENON_F32, 2, cExtents, NULL}};
  memset(c, 0, sizeof(c));
  tenon_status status = network->run(context, inputs, 2, outputs, 1, NULL, 0);
  /* a[i,k] = i % 7 and b[k,j] = j % 5. */
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kColumns; ++j)
      if (c[i * kColumns + j] != (float)(kInner * (i % 7) * (j % 5)))
        return -1;
  return (int)status;
}

static void printEnd(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  printf("child %s %d\n", WIFEXITED(status) ? "exited with" : "was ended by signal",
         WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  setvbuf(stdout, NULL, _IONBF, 0);
  alarm(30);
  for (int i = 0; i < kRows * kInner; ++i)
    a[i] = (float)(i / kInner % 7);
  for (int j = 0; j < kInner * kColumns; ++j)
    b[j] = (float)(j % kColumns % 5);
  library first = load("./first.so", "first"), second = load("./second.so", "second");
  tenon_context *context = first.createContext(2);
  if (!strcmp(mode, "fork-after-close")) {
    printf("first %d\n", run(&first, context));
    first.destroyContext(context);
    unload(&first);
    pid_t child = fork();
    if (child == 0)
      _exit(17);
    printEnd(child);
    return 0;
  }
  printf("second %d\n", run(&second, context));
  if (!strcmp(mode, "fork")) {
    printf("first %d\n", run(&first, context));
    pid_t child = fork();
    if (child == 0) {
      alarm(20);
      _exit(run(&first, context) == 0 && run(&second, context) == 0 ? 17 : 18);
    }
    printEnd(child);
  } else if (!strcmp(mode, "close")) {
    /* The threads of the context sleep by now, in the code that started them. */
    usleep(20000);
    unload(&second);
  }
  printf("first %d\n", run(&first, context));
  first.destroyContext(context);
  return 0;
}
