//===- TestKernels.h - Kernels and arrays for the runtime's tests -*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon-runtime/Entry.h"
#include "tenon-runtime/ScheduleBuilder.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace tenon::runtime {

/// KernelConvention::Contraction for f32, by the definition. Marks its whole workspace at the start
/// and reports through workspaceWasShared when another call wrote to it meanwhile.
void contractF32(void *const *args);
extern std::atomic<bool> workspaceWasShared;
/// The parts that contractF32 was called for: begin and end of m, n and batch.
struct ContractionPart {
  int64_t range[6];
  bool operator<(const ContractionPart &other) const;
  bool operator==(const ContractionPart &other) const = default;
};
/// Returns the parts recorded since the last call, sorted.
std::vector<ContractionPart> takeContractionParts();

/// KernelConvention::Views: C[i,j] = 2 * A[i,j] + B[j], f32, ranks 2, 1, 2.
void scaleAndAddF32(void *const *args);
/// KernelConvention::Views: C[] += A[], f32, rank 0.
void accumulateScalarF32(void *const *args);
/// Touches nothing.
void doNothing(void *const *args);

/// An array with storage of its own. Element (i0, i1, …) lies at storage[origin + Σ i*stride].
template <typename T> struct TestArray {
  TestArray(std::vector<int64_t> extents, std::vector<int64_t> strides)
      : extents(std::move(extents)), strides(std::move(strides)) {
    int64_t highest = 0;
    for (size_t dim = 0; dim < this->extents.size(); ++dim) {
      if (this->extents[dim] == 0)
        continue;
      int64_t span = (this->extents[dim] - 1) * this->strides[dim];
      span < 0 ? origin -= span : highest += span;
    }
    storage.assign(static_cast<size_t>(origin + highest + 1), T(-99));
  }
  /// Row-major.
  explicit TestArray(const std::vector<int64_t> &extents) : TestArray(extents, rowMajor(extents)) {}

  static std::vector<int64_t> rowMajor(const std::vector<int64_t> &extents) {
    std::vector<int64_t> strides(extents.size());
    int64_t stride = 1;
    for (size_t dim = extents.size(); dim-- > 0; stride *= extents[dim])
      strides[dim] = stride;
    return strides;
  }

  T &at(std::initializer_list<int64_t> position) {
    int64_t offset = origin;
    size_t dim = 0;
    for (int64_t index : position)
      offset += index * strides[dim++];
    return storage[static_cast<size_t>(offset)];
  }
  /// Calls body(element) in row-major order.
  template <typename Body> void forEach(Body body) {
    int64_t count = 1;
    for (int64_t extent : extents)
      count *= extent;
    for (int64_t flat = 0; flat < count; ++flat) {
      int64_t rest = flat, offset = origin;
      for (size_t dim = extents.size(); dim-- > 0; rest /= extents[dim])
        offset += rest % extents[dim] * strides[dim];
      body(storage[static_cast<size_t>(offset)]);
    }
  }
  /// Distinct small integers in row-major order.
  TestArray &fill(int first) {
    forEach([&](T &element) { element = T(first++); });
    return *this;
  }
  std::vector<T> values() {
    std::vector<T> result;
    forEach([&](T &element) { result.push_back(element); });
    return result;
  }
  tenon_tensor tensor(tenon_dtype dtype = TENON_F32) {
    return {storage.data() + origin, dtype, static_cast<int32_t>(extents.size()), extents.data(),
            strides.data()};
  }

  std::vector<int64_t> extents, strides;
  int64_t origin = 0;
  std::vector<T> storage;
};
using Floats = TestArray<float>;

struct ContextDeleter {
  void operator()(tenon_context *context) const { tenon_context_destroy(context); }
};
using ContextPtr = std::unique_ptr<tenon_context, ContextDeleter>;
inline ContextPtr makeContext(int32_t threads = 1) {
  return ContextPtr(tenon_context_create(threads));
}

/// A loaded table together with its bytes.
class TestNetwork {
public:
  using Kernel = void (*)(void *const *);
  TestNetwork(std::vector<char> table, std::vector<Kernel> kernels);
  ~TestNetwork() { tenon_rt_network_destroy(network); }
  TestNetwork(const TestNetwork &) = delete;

  tenon_status run(tenon_context *context, std::vector<tenon_tensor> inputs,
                   std::vector<tenon_tensor> outputs, void *workspace = nullptr,
                   int64_t workspaceBytes = 0) {
    return tenon_rt_network_run(network, context, inputs.data(),
                                static_cast<int64_t>(inputs.size()), outputs.data(),
                                static_cast<int64_t>(outputs.size()), workspace, workspaceBytes);
  }

  std::vector<char> table;
  tenon_rt_network *network = nullptr;
  tenon_status status = TENON_OK;
  std::string message;
};

/// C[i,k] = sum_j A[i,j] * B[j,k] over whole inputs 0 and 1 into output 0, extents 3, 4, 5; a
/// packing workspace of `ways` * 64 bytes at the start of the arena.
ScheduleBuilder matrixProduct(int32_t ways = 1, Group splitGroup = Group::M, int64_t grain = 1);
/// What it computes.
std::vector<float> expectedMatrixProduct(Floats &a, Floats &b);

} // namespace tenon::runtime
