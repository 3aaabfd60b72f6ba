//===- TestKernels.cpp - Kernels and arrays for the runtime's tests -------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "TestKernels.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

using namespace tenon::runtime;

std::atomic<bool> tenon::runtime::workspaceWasShared{false};
static std::mutex partsMutex;
static std::vector<ContractionPart> parts;

bool ContractionPart::operator<(const ContractionPart &other) const {
  return std::lexicographical_compare(range, range + 6, other.range, other.range + 6);
}

std::vector<ContractionPart> tenon::runtime::takeContractionParts() {
  std::lock_guard<std::mutex> lock(partsMutex);
  std::sort(parts.begin(), parts.end());
  return std::exchange(parts, {});
}

namespace {
template <typename T, int Rank> struct Memref {
  T *allocated;
  T *aligned;
  int64_t offset;
  int64_t sizes[Rank ? Rank : 1];
  int64_t strides[Rank ? Rank : 1];
};

/// Offsets in A, B and C of a position in the flattened space of some rows.
struct Offsets {
  int64_t a = 0, b = 0, c = 0;
  void add(const int64_t *rows, int64_t count, int64_t flat) {
    for (int64_t row = count; row-- > 0;) {
      const int64_t *words = rows + row * kShapeRowWords;
      int64_t index = flat % words[0];
      flat /= words[0];
      a += index * words[1];
      b += index * words[2];
      c += index * words[3];
    }
  }
};
} // namespace

static int64_t product(const int64_t *rows, int64_t count) {
  int64_t result = 1;
  for (int64_t row = 0; row < count; ++row)
    result *= rows[row * kShapeRowWords];
  return result;
}

void tenon::runtime::contractF32(void *const *args) {
  const float *a = static_cast<Memref<float, 1> *>(args[0])->aligned;
  const float *b = static_cast<Memref<float, 1> *>(args[1])->aligned;
  float *c = static_cast<Memref<float, 1> *>(args[2])->aligned;
  const int64_t *words = static_cast<Memref<int64_t, 1> *>(args[3])->aligned;
  auto *workspace = static_cast<Memref<char, 1> *>(args[4]);
  {
    std::lock_guard<std::mutex> lock(partsMutex);
    parts.push_back({{words[5], words[6], words[7], words[8], words[9], words[10]}});
  }
  // Every value of the range identifies this call.
  char mark = static_cast<char>(words[5] * 31 + words[7] * 7 + words[9] + 1);
  auto workspaceBytes = static_cast<size_t>(workspace->sizes[0]);
  std::fill(workspace->aligned, workspace->aligned + workspaceBytes, mark);
  std::this_thread::yield();

  const int64_t *batchRows = words + kShapeHeaderWords;
  const int64_t *mRows = batchRows + words[0] * kShapeRowWords;
  const int64_t *nRows = mRows + words[1] * kShapeRowWords;
  const int64_t *kRows = nRows + words[2] * kShapeRowWords;
  int64_t kExtent = product(kRows, words[3]);
  for (int64_t batch = words[9]; batch < words[10]; ++batch)
    for (int64_t m = words[5]; m < words[6]; ++m)
      for (int64_t n = words[7]; n < words[8]; ++n) {
        Offsets outer;
        outer.add(batchRows, words[0], batch);
        outer.add(mRows, words[1], m);
        outer.add(nRows, words[2], n);
        float sum = words[4] ? c[outer.c] : 0;
        for (int64_t k = 0; k < kExtent; ++k) {
          Offsets inner = outer;
          inner.add(kRows, words[3], k);
          sum += a[inner.a] * b[inner.b];
        }
        c[outer.c] = sum;
      }
  for (size_t i = 0; i < workspaceBytes; ++i)
    if (workspace->aligned[i] != mark)
      workspaceWasShared = true;
}

void tenon::runtime::scaleAndAddF32(void *const *args) {
  auto *a = static_cast<Memref<float, 2> *>(args[0]);
  auto *b = static_cast<Memref<float, 1> *>(args[1]);
  auto *c = static_cast<Memref<float, 2> *>(args[2]);
  for (int64_t i = 0; i < c->sizes[0]; ++i)
    for (int64_t j = 0; j < c->sizes[1]; ++j)
      c->aligned[c->offset + i * c->strides[0] + j * c->strides[1]] =
          2 * a->aligned[a->offset + i * a->strides[0] + j * a->strides[1]] +
          b->aligned[b->offset + j * b->strides[0]];
}

void tenon::runtime::accumulateScalarF32(void *const *args) {
  auto *a = static_cast<Memref<float, 0> *>(args[0]);
  auto *c = static_cast<Memref<float, 0> *>(args[1]);
  c->aligned[c->offset] += a->aligned[a->offset];
}

void tenon::runtime::doNothing(void *const *) {}

TestNetwork::TestNetwork(std::vector<char> bytes, std::vector<Kernel> kernels)
    : table(std::move(bytes)) {
  std::vector<void *> pointers;
  for (Kernel kernel : kernels)
    pointers.push_back(reinterpret_cast<void *>(kernel));
  char text[1024] = "";
  network = tenon_rt_load(table.data(), table.size(), pointers.data(),
                          static_cast<int64_t>(pointers.size()), &status, text, sizeof(text));
  message = text;
}

ScheduleBuilder tenon::runtime::matrixProduct(int32_t ways, Group splitGroup, int64_t grain) {
  ScheduleBuilder builder;
  builder.addInput(TENON_F32, std::vector<int64_t>{3, 4});
  builder.addInput(TENON_F32, std::vector<int64_t>{4, 5});
  builder.addOutput(TENON_F32, std::vector<int64_t>{3, 5});
  builder.setWorkspaceBytes(64 * ways);
  ContractionSpec spec;
  spec.kernel = builder.addKernel();
  spec.a = builder.addView(builder.inputView(0));
  spec.b = builder.addView(builder.inputView(1));
  spec.c = builder.addView(builder.outputView(0));
  spec.workspace = builder.addView(ScheduleBuilder::workspaceView(64 * ways, 0));
  spec.loopDims = {{Group::M, 0, -1, 0, 3}, {Group::N, -1, 1, 1, 5}, {Group::K, 1, 0, -1, 4}};
  spec.ways = ways;
  spec.splitGroup = splitGroup;
  spec.splitGrain = grain;
  builder.callContraction(spec);
  return builder;
}

std::vector<float> tenon::runtime::expectedMatrixProduct(Floats &a, Floats &b) {
  std::vector<float> result;
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t k = 0; k < 5; ++k) {
      float sum = 0;
      for (int64_t j = 0; j < 4; ++j)
        sum += a.at({i, j}) * b.at({j, k});
      result.push_back(sum);
    }
  return result;
}
