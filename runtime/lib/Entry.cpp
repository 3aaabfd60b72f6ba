//===- Entry.cpp - What generated code and the JIT call -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tenon-runtime/Entry.h"

#include "Executor.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <pthread.h>

using namespace tenon::runtime;

static constexpr uint64_t kTableAlignment = 64;

struct tenon_rt_network {
  Program program;
  void *ownTable = nullptr; ///< a copy, where the caller's table is not aligned
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  ScalingPlan scaling;
  bool isScalingPrepared = false;
  Binding *idle = nullptr; ///< bindings that no run uses, the last used first

  ~tenon_rt_network();
  tenon_status load(const void *table, uint64_t bytes, void *const *kernels, int64_t numKernels,
                    ErrorText &error);
  /// A binding for one run, nullptr when memory is out.
  Binding *acquire();
  /// What a scaled run needs, made at the first one; nullptr when memory is out.
  const ScalingPlan *scalingPlan();
  void release(Binding *binding);
};

template <typename T> static void destroyObject(T *object) {
  object->~T();
  std::free(object);
}

tenon_rt_network::~tenon_rt_network() {
  while (Binding *binding = idle) {
    idle = binding->next;
    destroyObject(binding);
  }
  std::free(ownTable);
  pthread_mutex_destroy(&mutex);
}

tenon_status tenon_rt_network::load(const void *table, uint64_t bytes, void *const *kernels,
                                    int64_t numKernels, ErrorText &error) {
  if (!table)
    return error.fail(TENON_CORRUPT, "schedule table: it is NULL");
  if (reinterpret_cast<uintptr_t>(table) % kTableAlignment != 0) {
    if (bytes < UINT64_MAX / 2)
      ownTable = std::aligned_alloc(kTableAlignment,
                                    (bytes + kTableAlignment) / kTableAlignment * kTableAlignment);
    if (!ownTable)
      return error.fail(TENON_OUT_OF_MEMORY,
                        "out of memory while copying a schedule table of %llu bytes",
                        static_cast<unsigned long long>(bytes));
    std::memcpy(ownTable, table, bytes);
    table = ownTable;
  }
  if (tenon_status status = checkSchedule(table, bytes, error))
    return status;
  ScheduleImage image(table);
  if (numKernels != image.header().numKernels || (numKernels > 0 && !kernels))
    return error.fail(TENON_CORRUPT, "schedule table: it needs %u kernels, found %lld",
                      image.header().numKernels, static_cast<long long>(numKernels));
  for (int64_t i = 0; i < numKernels; ++i)
    if (!kernels[i])
      return error.fail(TENON_CORRUPT, "schedule table: kernel %lld is NULL",
                        static_cast<long long>(i));
  return program.prepare(image, kernels, error);
}

Binding *tenon_rt_network::acquire() {
  pthread_mutex_lock(&mutex);
  Binding *binding = idle;
  if (binding)
    idle = binding->next;
  pthread_mutex_unlock(&mutex);
  if (binding)
    return binding;
  void *memory = std::malloc(sizeof(Binding));
  if (!memory)
    return nullptr;
  binding = new (memory) Binding(program);
  if (binding->allocate())
    return binding;
  destroyObject(binding);
  return nullptr;
}

const ScalingPlan *tenon_rt_network::scalingPlan() {
  pthread_mutex_lock(&mutex);
  if (!isScalingPrepared)
    isScalingPrepared = scaling.prepare(program.image);
  bool isThere = isScalingPrepared;
  pthread_mutex_unlock(&mutex);
  return isThere ? &scaling : nullptr;
}

void tenon_rt_network::release(Binding *binding) {
  pthread_mutex_lock(&mutex);
  binding->next = idle;
  idle = binding;
  pthread_mutex_unlock(&mutex);
}

static tenon_rt_network *loadNetwork(const void *table, uint64_t bytes, void *const *kernels,
                                     int64_t numKernels, tenon_status &status, ErrorText &error) {
  void *memory = std::malloc(sizeof(tenon_rt_network));
  if (!memory) {
    status = error.fail(TENON_OUT_OF_MEMORY, "out of memory while loading a schedule table");
    return nullptr;
  }
  auto *network = new (memory) tenon_rt_network;
  status = network->load(table, bytes, kernels, numKernels, error);
  if (status == TENON_OK)
    return network;
  destroyObject(network);
  return nullptr;
}

static bool isUsable(const tenon_context *context) {
  return context && context->magic == kContextMagic;
}

tenon_rt_network *tenon_rt_load(const void *table, uint64_t bytes, void *const *kernels,
                                int64_t numKernels, tenon_status *status, char *message,
                                size_t messageBytes) {
  ErrorText error;
  tenon_status result;
  tenon_rt_network *network = loadNetwork(table, bytes, kernels, numKernels, result, error);
  if (status)
    *status = result;
  if (message && messageBytes > 0)
    std::snprintf(message, messageBytes, "%s", error.c_str());
  return network;
}

void tenon_rt_network_destroy(tenon_rt_network *network) {
  if (network)
    destroyObject(network);
}

int64_t tenon_rt_network_workspace_size(const tenon_rt_network *network) {
  return network->program.image.header().workspaceBytes;
}

tenon_status tenon_rt_network_run(tenon_rt_network *network, tenon_context *context,
                                  const tenon_tensor *inputs, int64_t numInputs,
                                  tenon_tensor *outputs, int64_t numOutputs, void *workspace,
                                  int64_t workspaceBytes) {
  return tenon_rt_network_profile(network, context, inputs, numInputs, outputs, numOutputs,
                                  workspace, workspaceBytes, nullptr);
}

tenon_status tenon_rt_network_profile(tenon_rt_network *network, tenon_context *context,
                                      const tenon_tensor *inputs, int64_t numInputs,
                                      tenon_tensor *outputs, int64_t numOutputs, void *workspace,
                                      int64_t workspaceBytes, tenon_rt_step_time *times) {
  if (!isUsable(context))
    return TENON_INVALID_ARGUMENT;
  Binding *binding = network->acquire();
  if (!binding)
    return context->error.fail(TENON_OUT_OF_MEMORY, "out of memory while binding a schedule");
  tenon_status status = runProgram(*binding, *context, {inputs, numInputs, outputs, numOutputs},
                                   workspace, workspaceBytes, times);
  network->release(binding);
  return status;
}

tenon_status tenon_rt_network_run_scaled(tenon_rt_network *network, tenon_context *context,
                                         const tenon_tensor *inputs, int64_t numInputs,
                                         tenon_tensor *outputs, int64_t numOutputs,
                                         int64_t *exponents, int32_t scales) {
  if (!isUsable(context))
    return TENON_INVALID_ARGUMENT;
  const ScalingPlan *scaling = network->scalingPlan();
  if (!scaling)
    return context->error.fail(TENON_OUT_OF_MEMORY, "out of memory while preparing a scaled run");
  if (!scales || !scaling->isPossible())
    scaling = nullptr;
  std::fill_n(exponents, numOutputs, 0);
  Binding *binding = network->acquire();
  if (!binding)
    return context->error.fail(TENON_OUT_OF_MEMORY, "out of memory while binding a schedule");
  tenon_status status = runProgram(*binding, *context, {inputs, numInputs, outputs, numOutputs},
                                   nullptr, 0, nullptr, scaling, exponents);
  network->release(binding);
  for (int64_t i = 0; status == TENON_OK && i < numOutputs; ++i)
    exponents[i] += normalize(outputs[i]);
  return status;
}

int32_t tenon_rt_network_scales(tenon_rt_network *network) {
  const ScalingPlan *scaling = network->scalingPlan();
  return scaling && scaling->isPossible();
}

int32_t tenon_rt_is_in_window(const tenon_tensor *tensor) { return isInWindow(*tensor); }

namespace {
/// Counts the calls of tenon_rt_run in progress, those of all slots. A call counts itself before it
/// reads its slot, and tenon_rt_release empties the slot before it reads the count: one of them
/// sees the other.
class ActiveCall {
public:
  ActiveCall() { count.fetch_add(1, std::memory_order_seq_cst); }
  ~ActiveCall() { count.fetch_sub(1, std::memory_order_release); }
  ActiveCall(const ActiveCall &) = delete;
  static bool any() { return count.load(std::memory_order_seq_cst) != 0; }

private:
  static std::atomic<int64_t> count;
};
std::atomic<int64_t> ActiveCall::count{0};
} // namespace

tenon_status tenon_rt_run(void **slot, const void *table, uint64_t bytes, void *const *kernels,
                          tenon_context *context, const tenon_tensor *inputs, int64_t numInputs,
                          tenon_tensor *outputs, int64_t numOutputs, void *workspace,
                          int64_t workspaceBytes) {
  if (!isUsable(context))
    return TENON_INVALID_ARGUMENT;
  ActiveCall active;
  void *loaded = __atomic_load_n(slot, __ATOMIC_SEQ_CST);
  if (!loaded) {
    // The object's own kernels: as many as its table states, once the table is known to be sound.
    ScheduleHeader header = {};
    if (table && bytes >= sizeof(header))
      std::memcpy(&header, table, sizeof(header));
    tenon_status status;
    tenon_rt_network *network =
        loadNetwork(table, bytes, kernels, header.numKernels, status, context->error);
    if (!network)
      return status;
    if (__atomic_compare_exchange_n(slot, &loaded, static_cast<void *>(network), false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      loaded = network;
    else
      destroyObject(network); // another thread was first
  }
  return tenon_rt_network_run(static_cast<tenon_rt_network *>(loaded), context, inputs, numInputs,
                              outputs, numOutputs, workspace, workspaceBytes);
}

void tenon_rt_release(void **slot) {
  void *loaded = __atomic_exchange_n(slot, nullptr, __ATOMIC_SEQ_CST);
  if (!ActiveCall::any()) {
    tenon_rt_network_destroy(static_cast<tenon_rt_network *>(loaded));
    return;
  }
  // The process ends while other threads still call: they go on with what they have until the
  // system takes it all. Where a call has loaded the table anew meanwhile, both stay.
  void *empty = nullptr;
  __atomic_compare_exchange_n(slot, &empty, loaded, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

int64_t tenon_rt_workspace_size(const void *table) {
  ScheduleHeader header;
  std::memcpy(&header, table, sizeof(header));
  return header.workspaceBytes;
}

void tenon_rt_clear_cancel(tenon_context *context) {
  if (context)
    context->cancelled.store(0, std::memory_order_relaxed);
}

int32_t tenon_rt_is_cancelled(const tenon_context *context) {
  return context && context->cancelled.load(std::memory_order_relaxed) != 0;
}

tenon_status tenon_rt_fail(tenon_context *context, tenon_status status, const char *message) {
  return context ? context->error.fail(status, "%s", message) : status;
}
