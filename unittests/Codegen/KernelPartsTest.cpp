//===- KernelPartsTest.cpp - The same bits for every number of threads ----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Threads share a contraction along the batch, m or n, at multiples of the grain that chooseSplit
// states. Whatever the parts, each element of C has to have the bits that one call gives it.
//
//===----------------------------------------------------------------------===//
#include "KernelJit.h"

#include "tenon/KernelModel/Split.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cstring>
#include <random>

using namespace tenon::cpu;

namespace {

using Shape = ContractionShape;

mlir::MLIRContext &context() {
  static mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  return context;
}

/// How A, B and C lie: the groups of each from the outermost to the innermost.
struct Case {
  const char *name;
  std::vector<int64_t> extents[4]; ///< of Batch, M, N, K
  std::vector<Shape::Group> a, b, c;
  /// Elements between runs of a dimension: none are merged.
  int64_t gap = 0;
  /// A is the same for the whole batch.
  bool broadcasts = false;
};

/// Strides of one operand, and the elements that it spans.
int64_t layOut(Shape &shape, const std::vector<Shape::Group> &order, int64_t gap,
               int64_t ContractionDim::*stride) {
  int64_t next = 1;
  for (size_t g = order.size(); g-- > 0;) {
    auto &dims = shape[order[g]];
    for (size_t i = dims.size(); i-- > 0;) {
      dims[i].*stride = next;
      next *= dims[i].extent;
      next += gap;
    }
  }
  return next;
}

struct Problem {
  Shape shape;
  int64_t elements[3];
};

Problem makeProblem(const Case &one) {
  Problem problem;
  for (int group = 0; group < 4; ++group)
    for (int64_t extent : one.extents[group])
      problem.shape.groups[group].push_back({extent, 0, 0, 0});
  problem.elements[0] = layOut(problem.shape, one.a, one.gap, &ContractionDim::strideA);
  problem.elements[1] = layOut(problem.shape, one.b, one.gap, &ContractionDim::strideB);
  problem.elements[2] = layOut(problem.shape, one.c, one.gap, &ContractionDim::strideC);
  if (one.broadcasts)
    for (ContractionDim &dim : problem.shape[Shape::Batch])
      dim.strideA = 0;
  return problem;
}

/// Numbers whose sums depend on the order.
template <typename Real> std::vector<Real> randomReals(int64_t count, std::mt19937 &random) {
  std::normal_distribution<double> normal;
  std::vector<Real> values(static_cast<size_t>(count));
  for (Real &value : values)
    value = static_cast<Real>(normal(random));
  return values;
}

template <typename Real>
void testParts(const Case &one, const ContractionChoice &choice, const CompiledKernel &kernel,
               bool accumulate) {
  SCOPED_TRACE(std::string(one.name) + ", " + choice.spec.key());
  Problem problem = makeProblem(one);
  const int64_t parts = mlir::isa<mlir::ComplexType>(choice.spec.typeC) ? 2 : 1;
  std::mt19937 random(23);
  auto a = randomReals<Real>(problem.elements[0] * parts, random);
  auto b = randomReals<Real>(problem.elements[1] * parts, random);
  const auto old = randomReals<Real>(problem.elements[2] * parts, random);
  int64_t bytes = packingWorkspaceBytes(choice.spec, choice.blocks, problem.shape.sizes());
  std::vector<char> memory(static_cast<size_t>(bytes) + 64);
  char *workspace = memory.data() + (64 - reinterpret_cast<uintptr_t>(memory.data()) % 64) % 64;
  std::vector<int64_t> words = problem.shape.words(accumulate, choice.blocks);

  std::vector<Real> whole = old;
  kernel(a.data(), b.data(), whole.data(), words, workspace, bytes);
  for (Shape::Group group : {Shape::Batch, Shape::M, Shape::N}) {
    constexpr size_t kRangeWord[] = {9, 5, 7};
    const int64_t size = problem.shape.size(group);
    const int64_t grain = group == Shape::Batch ? 1
                          : group == Shape::M   ? choice.spec.mr
                                                : choice.spec.nr;
    const int64_t pieces = (size + grain - 1) / grain;
    for (int64_t ways = 2; ways <= std::min<int64_t>(pieces, 7); ++ways) {
      std::vector<Real> shared = old;
      for (int64_t part = 0; part < ways; ++part) {
        std::vector<int64_t> own = words;
        own[kRangeWord[group]] = pieces * part / ways * grain;
        own[kRangeWord[group] + 1] = std::min(pieces * (part + 1) / ways * grain, size);
        kernel(a.data(), b.data(), shared.data(), own, workspace, bytes);
      }
      ASSERT_EQ(std::memcmp(shared.data(), whole.data(), whole.size() * sizeof(Real)), 0)
          << "group " << group << " in " << ways << " parts";
    }
  }
}

std::vector<Case> family() {
  constexpr auto B = Shape::Batch, M = Shape::M, N = Shape::N, K = Shape::K;
  return {
      // Sums along k of several points at a time; runs of points that no tile divides.
      {"dots", {{}, {}, {203}, {300}}, {K}, {N, K}, {N}},
      {"dots in runs", {{}, {}, {23, 10}, {300}}, {K}, {N, K}, {N}, 3},
      {"dots in runs of m", {{}, {37, 7}, {}, {290}}, {M, K}, {K}, {M}, 1},
      {"dots in whole runs", {{}, {3}, {9, 24}, {270}}, {M, K}, {N, K}, {M, N}, 1},
      {"dots along a batch", {{111}, {}, {}, {310}}, {K}, {B, K}, {B}, 0, true},
      {"batch of dots", {{6, 5}, {}, {}, {317}}, {B, K}, {B, K}, {B}},
      // k in blocks, where the whole of B is large and a part of it is not.
      {"streamed", {{}, {}, {2500}, {131}}, {K}, {K, N}, {N}},
      {"streamed rows", {{}, {5}, {1500}, {4, 50}}, {M, K}, {K, N}, {M, N}, 2},
      {"streamed columns", {{}, {2100}, {}, {160}}, {K, M}, {K}, {M}},
      {"streamed runs", {{}, {}, {5, 700}, {90}}, {K}, {K, N}, {N}, 5},
      // Everything else.
      {"gathered", {{}, {33}, {41}, {37}}, {M, K}, {K, N}, {N, M}, 1},
      {"small matrices", {{37}, {6}, {7}, {5}}, {B, M, K}, {B, K, N}, {B, M, N}},
      {"outer", {{}, {61}, {75}, {}}, {M}, {N}, {M, N}},
      {"matrices", {{}, {101}, {130}, {600}}, {M, K}, {K, N}, {M, N}},
      {"runs of matrices", {{}, {5, 21}, {9, 15}, {7, 11}}, {K, M}, {N, K}, {N, M}, 1},
  };
}

template <typename Real> void testFamily(mlir::Type type) {
  ContractionTypes types{type, type, type, type};
  std::vector<ContractionChoice> choices;
  for (int64_t extent : {1, 40}) { // direct, packed
    Shape square;
    square[Shape::M] = {{extent, extent, 0, extent}};
    square[Shape::N] = {{extent, 0, 1, 1}};
    square[Shape::K] = {{extent, 1, extent, 0}};
    choices.push_back(chooseContraction(types, square, hostTarget()));
  }
  KernelTiling tile = gatheredTile(sumFormat(types), hostTarget());
  ContractionChoice gathered = choices.front();
  static_cast<KernelTiling &>(gathered.spec) = tile;
  gathered.blocks = blockingWithTile(tile, sumFormat(types), {}, hostTarget());
  choices.push_back(gathered);
  for (const ContractionChoice &choice : choices) {
    auto kernel = CompiledKernel::compile(choice.spec);
    for (const Case &one : family())
      for (bool accumulate : {false, true}) {
        testParts<Real>(one, choice, *kernel, accumulate);
        if (testing::Test::HasFatalFailure())
          return;
      }
  }
}

TEST(KernelPartsTest, HaveTheBitsOfTheWholeInF32) {
  testFamily<float>(mlir::Float32Type::get(&context()));
}

TEST(KernelPartsTest, HaveTheBitsOfTheWholeInF64) {
  testFamily<double>(mlir::Float64Type::get(&context()));
}

TEST(KernelPartsTest, HaveTheBitsOfTheWholeInC64) {
  testFamily<float>(mlir::ComplexType::get(mlir::Float32Type::get(&context())));
}

} // namespace
