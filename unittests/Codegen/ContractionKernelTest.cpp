//===- ContractionKernelTest.cpp - Kernels against the definition ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Every kernel is compiled and run on contractions with distinct small integers, unequal extents,
// permuted and negative strides and sub-ranges, all memory between inaccessible pages. Results are
// exact in every type used and compared byte for byte, bytes outside the result included.
//
//===----------------------------------------------------------------------===//
#include "ContractionCase.h"
#include "KernelCase.h"
#include "KernelJit.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <tuple>

using namespace tenon::cpu;

namespace {

/// Runs one contraction and compares all of C. `aInC`, `bInC`: the operand is not only equal to C,
/// it is C's memory.
void runCase(const ContractionChoice &choice, const CompiledKernel &kernel, ContractionCase &test,
             bool touchesEnd, bool aInC = false, bool bInC = false) {
  auto guarded = [&](const Operand &operand) {
    auto buffer = std::make_unique<GuardedBuffer>(operand.bytes.size(), touchesEnd);
    std::memcpy(buffer->data(), operand.bytes.data(), operand.bytes.size());
    return buffer;
  };
  auto a = guarded(test.a), b = guarded(test.b), c = guarded(test.c);
  const ContractionKernelSpec &spec = choice.spec;
  int64_t bytes = packingWorkspaceBytes(spec, choice.blocks, test.shape.sizes());
  ASSERT_EQ(bytes % 64, 0);
  GuardedBuffer workspace(bytes, touchesEnd);
  std::memset(workspace.data(), 0xff, static_cast<size_t>(bytes));
  auto element = [](const GuardedBuffer &buffer, const Operand &operand) {
    return buffer.data() + operand.origin * elementBytes(operand.type);
  };
  kernel(aInC ? element(*c, test.c) : element(*a, test.a),
         bInC ? element(*c, test.c) : element(*b, test.b), element(*c, test.c), test.words,
         workspace.data(), bytes);
  std::vector<char> expected = expectedResult(spec, test);
  int64_t width = elementBytes(spec.typeC);
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ(c->data()[i], expected[i])
        << "element " << static_cast<int64_t>(i) / width - test.c.origin << " of C, kernel "
        << spec.key() << "\n"
        << test.describe();
}

/// A function that adds a case of given extents of Batch, M, N, K.
auto addTo(std::vector<CaseOptions> &family) {
  return [&family](std::vector<int64_t> b, std::vector<int64_t> m, std::vector<int64_t> n,
                   std::vector<int64_t> k) {
    CaseOptions options;
    options.extents[0] = std::move(b);
    options.extents[1] = std::move(m);
    options.extents[2] = std::move(n);
    options.extents[3] = std::move(k);
    family.push_back(options);
  };
}

/// Extents of Batch, M, N, K: ragged edges of every tile, several dimensions, none, ones, zeros.
std::vector<CaseOptions> caseFamily() {
  std::vector<CaseOptions> family;
  auto add = addTo(family);
  add({}, {13}, {37}, {11});
  add({}, {24}, {64}, {16});
  add({3}, {5}, {7}, {2});
  add({2, 3}, {4, 5}, {3, 8, 5}, {4, 7});
  add({}, {29, 3}, {8, 16}, {3, 4});
  add({}, {9}, {35}, {53});
  add({}, {8}, {3, 16}, {37, 2});
  add({}, {2, 2, 2, 2}, {2, 2, 2, 2, 2, 2}, {2, 2, 2, 2, 2});
  add({}, {}, {67}, {9});
  add({}, {41}, {}, {23});
  add({}, {}, {}, {133});
  add({}, {17}, {19}, {});
  add({97}, {}, {}, {});
  add({6, 7}, {}, {3}, {5});
  add({}, {}, {}, {});
  add({1}, {1, 9}, {10, 1}, {1, 12, 1});
  add({}, {6}, {7}, {0});
  add({}, {0}, {7}, {3});
  add({0}, {6}, {7}, {3});
  add({2}, {6}, {5, 0}, {3});
  // Runs that are no multiple of a vector, in one panel and across panels.
  add({}, {7}, {6, 19}, {9});
  add({}, {2, 13}, {3, 37}, {5, 3});
  add({2}, {19}, {7, 5}, {6});
  add({}, {3, 7}, {5, 2, 11}, {13});
  // Few rows, few columns: panels are left out.
  add({}, {5}, {131}, {19});
  add({}, {20}, {67, 2}, {3, 4});
  add({}, {67}, {15}, {18});
  add({}, {5, 11}, {7}, {2, 3, 5});
  for (int64_t width : {8, 16, 32})
    add({}, {9}, {width}, {21});
  return family;
}

/// What packing does not pay for: long vectors and sums, products of 4 x 4 to 32 x 32 in batches.
std::vector<CaseOptions> directFamily() {
  std::vector<CaseOptions> family;
  auto add = addTo(family);
  add({}, {}, {37}, {300});
  add({}, {}, {301}, {31});
  add({3}, {11}, {}, {129});
  add({}, {9}, {150}, {});
  add({5}, {4}, {4}, {4});
  add({3}, {8}, {8}, {8});
  add({2}, {16}, {17}, {15});
  add({}, {31}, {32}, {33});
  add({67}, {3}, {2}, {2});
  add({5, 131}, {}, {}, {});
  add({}, {2, 3}, {65, 2}, {2, 5});
  add({}, {5, 7}, {2, 2}, {70, 2});
  return family;
}

/// Small products in batches: tiles that fit, that overlap, that do not fit; several dimensions.
std::vector<CaseOptions> batchedFamily() {
  std::vector<CaseOptions> family;
  auto add = addTo(family);
  for (int64_t extent : {2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33})
    add({5}, {extent}, {extent}, {extent});
  add({7}, {2}, {17}, {3});
  add({7}, {17}, {2}, {5});
  add({3, 4}, {6}, {12}, {4});
  add({2, 3, 2}, {4, 3}, {2, 8}, {3, 5});
  add({2, 2, 2, 2, 2}, {2}, {2}, {2});
  add({19}, {1}, {9}, {6});
  add({19}, {9}, {1}, {6});
  add({6}, {10}, {20}, {1});
  add({6}, {10}, {20}, {0});
  return family;
}

/// Short dimensions in any order: vectors with lanes of several, edges of a dimension that is cut.
std::vector<CaseOptions> streamedFamily() {
  std::vector<CaseOptions> family;
  auto add = addTo(family);
  add({2, 2}, {2}, {2, 2, 2, 2, 2, 2}, {2});
  add({2, 2, 2}, {2, 2}, {2, 2, 2, 2, 2}, {2, 2});
  add({2, 2, 2, 2}, {}, {2, 2, 2, 2, 2, 2}, {});
  add({2}, {2, 2}, {2, 4, 8, 2}, {4});
  add({4}, {3}, {2, 8, 2, 2}, {5});
  add({4, 4}, {}, {4, 4, 4}, {2});
  add({}, {2}, {130}, {2});
  add({}, {2, 2}, {64, 3}, {2, 2});
  add({2}, {}, {2, 40, 2}, {3});
  add({3}, {2}, {5, 7, 2}, {2});
  add({16}, {}, {32}, {0});
  add({}, {32}, {2, 2, 3}, {});
  return family;
}

/// Runs over several dimensions, that are cut, and that vectors do not fill; blocks of a few runs.
std::vector<CaseOptions> gatheredFamily() {
  std::vector<CaseOptions> family;
  auto add = addTo(family);
  add({3}, {3}, {4, 3, 9}, {2});
  add({3, 5}, {2}, {7, 3}, {3});
  add({2, 2, 2}, {2, 2}, {2, 2, 2, 2, 2}, {2, 2});
  add({9, 27}, {}, {5}, {});
  add({2, 2, 2, 2, 2}, {2, 2, 2}, {}, {4});
  add({}, {2}, {1009}, {2});
  add({}, {4111}, {}, {2});
  add({3}, {}, {130, 2}, {3});
  add({20, 33}, {}, {}, {2});
  add({16}, {}, {32}, {0});
  return family;
}

void testKernel(const ContractionChoice &choice, const std::vector<CaseOptions> &family) {
  const ContractionKernelSpec &spec = choice.spec;
  SCOPED_TRACE(spec.key());
  auto kernel = CompiledKernel::compile(spec);
  std::mt19937 random(7);
  int round = 0;
  for (const CaseOptions &base : family)
    for (int variant = 0; variant < 6; ++variant, ++round) {
      CaseOptions options = base;
      options.rowMajor = variant == 0;
      options.accumulate = variant % 2 == 1;
      options.padded = variant >= 3;
      options.negativeStrides = variant == 2 || variant == 4;
      options.broadcasts = variant == 4;
      options.subRanges = variant == 3 || variant == 5;
      options.nonNegative = spec.semiring == Semiring::MaxTimes;
      ContractionCase test = makeCase(choice, options, random);
      runCase(choice, *kernel, test, round % 2 == 0);
      if (testing::Test::HasFatalFailure())
        return;
    }
}

/// Products side by side: as many as vectors have lanes, one more, and fewer; in two runs; with an
/// operand that all share.
void testInterleaved(const ContractionChoice &choice) {
  const int64_t lanes = choice.spec.lanes;
  auto kernel = CompiledKernel::compile(choice.spec);
  std::mt19937 random(29);
  int round = 0;
  for (int64_t batch : {lanes, lanes + 1, 2 * lanes + 3, lanes - 1})
    for (auto [m, n, k] : {std::array<int64_t, 3>{2, 2, 2}, {5, 4, 3}, {3, 7, 1}})
      for (bool accumulate : {false, true})
        for (int variant = 0; variant < 3; ++variant, ++round) {
          CaseOptions options;
          options.extents[ContractionShape::Batch] = {2, batch};
          options.extents[ContractionShape::M] = {m};
          options.extents[ContractionShape::N] = {n};
          options.extents[ContractionShape::K] = {k};
          options.accumulate = accumulate;
          options.rowMajor = true;
          options.subRanges = variant == 2;
          options.nonNegative = choice.spec.semiring == Semiring::MaxTimes;
          ContractionCase test = makeCase(choice, options, random);
          ContractionShape side = interleavedShape(2 * batch, m, n, k);
          side[ContractionShape::Batch] = {{2, batch, batch, batch}, {batch, 1, 1, 1}};
          if (variant == 1)
            side[ContractionShape::Batch][1].strideB = 0;
          std::vector<int64_t> words = side.words(accumulate, choice.blocks);
          std::copy(test.words.begin() + 5, test.words.begin() + 11, words.begin() + 5);
          test.shape = side;
          test.words = words;
          runCase(choice, *kernel, test, round % 2 == 0);
          if (testing::Test::HasFatalFailure())
            return;
        }
}

/// Contractions without a sum, where C takes the place of A, of B, or of both.
void testInPlace(const ContractionChoice &choice) {
  const ContractionKernelSpec &spec = choice.spec;
  SCOPED_TRACE(spec.key());
  auto kernel = CompiledKernel::compile(spec);
  std::mt19937 random(13);
  std::vector<int64_t> one[] = {{133}, {7, 37}, {2, 3, 5, 3}, {19, 1, 6}}, few[] = {{}, {3}};
  int round = 0;
  for (ContractionShape::Group group :
       {ContractionShape::Batch, ContractionShape::M, ContractionShape::N})
    for (const std::vector<int64_t> &extents : one)
      for (const std::vector<int64_t> &batch : few)
        for (int variant = 0; variant < 4; ++variant, ++round) {
          CaseOptions options;
          options.extents[ContractionShape::Batch] = batch;
          options.extents[group] = extents;
          options.rowMajor = variant == 0;
          options.accumulate = variant % 2 == 1;
          options.padded = variant >= 2;
          options.negativeStrides = variant == 3;
          options.broadcasts = variant == 2;
          options.subRanges = variant == 3;
          options.nonNegative = spec.semiring == Semiring::MaxTimes;
          ContractionCase test = makeCase(choice, options, random);
          auto canBe = [&](ContractionShape::Group lacking, mlir::Type type) {
            return group != lacking && type == spec.typeC;
          };
          bool aInC = canBe(ContractionShape::N, spec.typeA) && round % 3 != 1;
          bool bInC = canBe(ContractionShape::M, spec.typeB) && (round % 3 != 0 || !aInC);
          for (auto &dims : test.shape.groups)
            for (ContractionDim &dim : dims) {
              dim.strideA = aInC ? dim.strideC : dim.strideA;
              dim.strideB = bInC ? dim.strideC : dim.strideB;
            }
          if (aInC)
            test.a = test.c;
          if (bInC)
            test.b = test.c;
          std::vector<int64_t> words = test.shape.words(options.accumulate, choice.blocks);
          std::copy(test.words.begin() + 5, test.words.begin() + 11, words.begin() + 5);
          test.words = words;
          runCase(choice, *kernel, test, round % 2 == 0, aInC, bInC);
          if (testing::Test::HasFatalFailure())
            return;
        }
}

/// Blocks so small that the family above crosses all their edges.
ContractionChoice withSmallBlocks(ContractionChoice choice) {
  if (choice.blocks.kc != 0)
    choice.blocks.kc = 20; // a large transpose, and a small one
  choice.blocks.mc = 2 * choice.spec.mr;
  choice.blocks.nc = 2 * choice.spec.nr;
  return choice;
}

ContractionShape squareShape(int64_t extent) {
  ContractionShape shape;
  shape[ContractionShape::M] = {{extent, extent, 0, extent}};
  shape[ContractionShape::N] = {{extent, 0, 1, 1}};
  shape[ContractionShape::K] = {{extent, 1, extent, 0}};
  return shape;
}

/// Sums over rows and columns: one operand is the same in all steps of the sum.
void testSums(const ContractionChoice &choice) {
  const ContractionKernelSpec &spec = choice.spec;
  SCOPED_TRACE(spec.key());
  auto kernel = CompiledKernel::compile(spec);
  std::vector<CaseOptions> family;
  auto add = addTo(family);
  add({}, {}, {}, {331});
  add({}, {}, {}, {7, 29});
  add({}, {}, {19}, {47});
  add({}, {23}, {}, {16});
  add({3}, {5}, {}, {2, 67});
  add({37}, {}, {}, {17});
  add({2}, {}, {3, 6}, {130});
  add({}, {4}, {21}, {15});
  add({}, {5}, {}, {0});
  std::mt19937 random(17);
  int round = 0;
  for (const CaseOptions &base : family)
    for (int variant = 0; variant < 8; ++variant, ++round) {
      CaseOptions options = base;
      options.sameInSteps = variant % 2;
      options.rowMajor = variant < 4;
      options.accumulate = variant % 3 == 1;
      options.padded = variant == 2 || variant == 5;
      options.negativeStrides = variant >= 6;
      options.subRanges = variant == 3 || variant == 4;
      options.nonNegative = spec.semiring == Semiring::MaxTimes;
      ContractionCase test = makeCase(choice, options, random);
      runCase(choice, *kernel, test, round % 2 == 0);
      if (testing::Test::HasFatalFailure())
        return;
    }
}

class ContractionKernelTest : public testing::TestWithParam<KernelCase> {};

TEST_P(ContractionKernelTest, PackedMatchesDefinition) {
  ContractionTypes types = typesOf(GetParam());
  ASSERT_EQ(explainUnsupported(types), "");
  ContractionChoice choice = chooseContraction(types, squareShape(40), hostTarget());
  ASSERT_EQ(choice.spec.strategy, KernelStrategy::Packed);
  testKernel(withSmallBlocks(choice), caseFamily());
}

TEST_P(ContractionKernelTest, DirectMatchesDefinition) {
  ContractionTypes types = typesOf(GetParam());
  ContractionChoice choice = chooseContraction(types, squareShape(1), hostTarget());
  ASSERT_EQ(choice.spec.strategy, KernelStrategy::Direct);
  testKernel(withSmallBlocks(choice), caseFamily());
  testKernel(choice, directFamily());
}

TEST_P(ContractionKernelTest, SumsMatchTheirDefinition) {
  testSums(chooseContraction(typesOf(GetParam()), squareShape(1), hostTarget()));
}

TEST_P(ContractionKernelTest, BatchedMatchesDefinition) {
  ContractionTypes types = typesOf(GetParam());
  ContractionChoice choice = chooseContraction(types, batchedShape(100, 6, 7, 5), hostTarget());
  ASSERT_EQ(choice.spec.strategy, KernelStrategy::Batched);
  testKernel(withSmallBlocks(choice), caseFamily());
  testKernel(choice, batchedFamily());
}

TEST_P(ContractionKernelTest, InterleavedMatchesDefinition) {
  ContractionTypes types = typesOf(GetParam());
  ContractionChoice choice = chooseContraction(types, interleavedShape(100, 6, 7, 5), hostTarget());
  ASSERT_EQ(choice.spec.strategy, KernelStrategy::Interleaved);
  testKernel(withSmallBlocks(choice), caseFamily());
  testKernel(choice, batchedFamily());
  testInterleaved(choice);
}

TEST_P(ContractionKernelTest, StreamedMatchesDefinition) {
  ContractionTypes types = typesOf(GetParam());
  ContractionChoice choice = chooseContraction(types, streamedShape(), hostTarget());
  ASSERT_EQ(choice.spec.strategy, KernelStrategy::Streamed);
  testKernel(withSmallBlocks(choice), caseFamily());
  testKernel(choice, streamedFamily());
  testKernel(choice, directFamily());
}

TEST_P(ContractionKernelTest, GatheredMatchesDefinition) {
  ContractionTypes types = typesOf(GetParam());
  ContractionChoice choice = chooseContraction(types, gatheredShape(), hostTarget());
  ASSERT_EQ(choice.spec.strategy, KernelStrategy::Gathered);
  testKernel(withSmallBlocks(choice), caseFamily());
  testKernel(choice, gatheredFamily());
  testKernel(choice, directFamily());
}

TEST_P(ContractionKernelTest, WritesOverAnOperandWithoutASum) {
  ContractionTypes types = typesOf(GetParam());
  for (const ContractionShape &shape :
       {squareShape(1), squareShape(40), batchedShape(100, 6, 7, 5), interleavedShape(100, 6, 7, 5),
        streamedShape(), gatheredShape()})
    testInPlace(withSmallBlocks(chooseContraction(types, shape, hostTarget())));
}

constexpr KernelCase kKernels[] = {
    {"f32", "f32", "f32", "f32", "f32", Semiring::PlusTimes},
    {"f64", "f64", "f64", "f64", "f64", Semiring::PlusTimes},
    {"f16", "f16", "f16", "f16", "f16", Semiring::PlusTimes},
    {"bf16", "bf16", "bf16", "bf16", "bf16", Semiring::PlusTimes},
    {"f16_into_f32", "f16", "f16", "f32", "f32", Semiring::PlusTimes},
    {"bf16_into_f32", "bf16", "bf16", "f32", "f32", Semiring::PlusTimes},
    {"f32_sums_into_bf16", "bf16", "bf16", "bf16", "f32", Semiring::PlusTimes},
    {"bf16_f32_into_bf16", "bf16", "f32", "bf16", "f32", Semiring::PlusTimes},
    {"f32_into_f64", "f32", "f64", "f64", "f64", Semiring::PlusTimes},
    {"c64", "c64", "c64", "c64", "c64", Semiring::PlusTimes},
    {"c64_conj_a", "c64", "c64", "c64", "c64", Semiring::PlusTimes, false, true, false},
    {"c64_conj_both", "c64", "c64", "c64", "c64", Semiring::PlusTimes, false, true, true},
    {"c128_conj_b", "c128", "c128", "c128", "c128", Semiring::PlusTimes, false, false, true},
    {"f32_times_c64", "f32", "c64", "c64", "c64", Semiring::PlusTimes},
    {"c64_into_c128", "c64", "c128", "c128", "c128", Semiring::PlusTimes},
    {"i1", "i1", "i1", "i1", "i1", Semiring::PlusTimes},
    {"i8", "i8", "i8", "i8", "i8", Semiring::PlusTimes},
    {"i16", "i16", "i16", "i16", "i16", Semiring::PlusTimes},
    {"i32", "i32", "i32", "i32", "i32", Semiring::PlusTimes},
    {"i64", "i64", "i64", "i64", "i64", Semiring::PlusTimes},
    {"i8_into_i32", "i8", "i8", "i32", "i32", Semiring::PlusTimes},
    {"u8_into_i32", "i8", "i8", "i32", "i32", Semiring::PlusTimes, true},
    {"i1_into_i64", "i1", "i32", "i64", "i64", Semiring::PlusTimes},
    {"or_and", "i1", "i1", "i1", "i1", Semiring::OrAnd},
    {"max_plus_f32", "f32", "f32", "f32", "f32", Semiring::MaxPlus},
    {"min_plus_f64", "f64", "f64", "f64", "f64", Semiring::MinPlus},
    {"max_times_f32", "f32", "f32", "f32", "f32", Semiring::MaxTimes},
    {"max_plus_i32", "i32", "i32", "i32", "i32", Semiring::MaxPlus},
    {"min_plus_i64", "i64", "i64", "i64", "i64", Semiring::MinPlus},
    {"max_plus_i8", "i8", "i8", "i8", "i8", Semiring::MaxPlus},
    {"min_plus_u16", "i16", "i16", "i16", "i16", Semiring::MinPlus, true},
    {"max_times_i16", "i16", "i16", "i16", "i16", Semiring::MaxTimes},
    {"max_times_u32", "i32", "i32", "i32", "i32", Semiring::MaxTimes, true},
    {"max_plus_f16", "f16", "f16", "f16", "f16", Semiring::MaxPlus},
};

INSTANTIATE_TEST_SUITE_P(Types, ContractionKernelTest, testing::ValuesIn(kKernels),
                         [](const auto &info) { return std::string(info.param.name); });

/// Sums over operands beyond the size from which they are read a few lines at a time, in one
/// dimension of k and in several.
void testLongSums(const KernelCase &kernelCase) {
  ContractionTypes types = typesOf(kernelCase);
  ContractionChoice choice = chooseContraction(types, squareShape(1), hostTarget());
  const ContractionKernelSpec &spec = choice.spec;
  auto kernel = CompiledKernel::compile(spec);
  std::mt19937 random(17);
  const std::vector<int64_t> steps[] = {{131}, {13, 10}, {2, 3, 22}, {65, 2}};
  int round = 0;
  for (const std::vector<int64_t> &k : steps)
    for (int64_t rows : {1, 6})
      for (bool accumulate : {false, true}) {
        CaseOptions options;
        options.extents[ContractionShape::M] = {rows};
        options.extents[ContractionShape::N] = {1201};
        options.extents[ContractionShape::K] = k;
        options.accumulate = accumulate;
        options.rowMajor = round % 3 != 2;
        options.padded = round % 2 == 1;
        ContractionCase test = makeCase(choice, options, random);
        // Row-major operands have n before k: B's rows become its columns.
        if (options.rowMajor) {
          int64_t next = 1;
          auto &dims = test.shape.groups;
          dims[ContractionShape::N][0].strideB = next;
          next *= dims[ContractionShape::N][0].extent;
          for (size_t i = dims[ContractionShape::K].size(); i-- > 0;) {
            // A gap of one row keeps the dimensions of k apart.
            dims[ContractionShape::K][i].strideB = next;
            next *= dims[ContractionShape::K][i].extent + (i > 0);
          }
          test.b.bytes.resize(static_cast<size_t>(next * elementBytes(test.b.type)), 0);
          test.words = test.shape.words(accumulate, choice.blocks);
        }
        runCase(choice, *kernel, test, round++ % 2 == 0);
        if (testing::Test::HasFatalFailure())
          return;
      }
}

/// Vectors of half the width and of a quarter, which has no masks; this machine runs both.
TEST(PackedKernelTest, MatchesDefinitionWithShorterVectors) {
  for (const char *target : {"avx2", "generic-neon"})
    for (const char *type : {"f32", "f64", "c64"}) {
      SCOPED_TRACE(std::string(target) + " " + type);
      ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
      ContractionChoice choice = chooseContraction(types, squareShape(40), *targetByName(target));
      ASSERT_EQ(choice.spec.strategy, KernelStrategy::Packed);
      testKernel(withSmallBlocks(choice), caseFamily());
    }
}

/// Panels of several vectors and of less than one.
TEST(PackedKernelTest, MatchesDefinitionWithOtherTiles) {
  for (const char *type : {"f32", "c128"}) {
    ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
    ContractionChoice choice = chooseContraction(types, squareShape(40), hostTarget());
    for (auto [rows, vectors] : {std::pair<int64_t, int64_t>{20, 1}, {5, 1}, {6, 2}, {4, 3}}) {
      choice.spec.mr = rows;
      choice.spec.nr = vectors * choice.spec.lanes;
      testKernel(withSmallBlocks(choice), caseFamily());
    }
  }
}

/// Lines that the caller reads soon are fetched in steps of k, and counted: with panels of both
/// operands, and with A, B or both where they lie. Nothing is read there, so any address will do.
void testFetching(const ContractionChoice &choice, int64_t linesOfStep) {
  GuardedBuffer before(1, /*touchesEnd=*/true);
  const auto address = reinterpret_cast<int64_t>(before.data() + 1); // of an inaccessible page
  std::mt19937 random(31);
  const ContractionKernelSpec &spec = choice.spec;
  SCOPED_TRACE(spec.key());
  auto kernel = CompiledKernel::compile(spec);
  ContractionChoice blocks = choice;
  blocks.blocks.mc = 2 * spec.mr;
  blocks.blocks.kc = blocks.blocks.kc == 0 ? 0 : 8;
  for (auto [batch, m, n, k] : {std::array<int64_t, 4>{1, 61, 299, 23},
                                {1, 61, 15, 18},
                                {3, 5, 299, 7},
                                {1, 7, 9, 21},
                                {2, 6, 7, 0}})
    for (const ContractionChoice &each : {choice, blocks}) {
      auto tiles = [](int64_t extent, int64_t tile) { return (extent + tile - 1) / tile; };
      int64_t depth = tiles(k, spec.dot) * spec.dot;
      int64_t steps = batch * tiles(m, spec.mr) * tiles(n, spec.nr) * depth;
      int64_t most = steps * linesOfStep;
      for (int64_t lines : {int64_t(0), int64_t(5), most, most + 4}) {
        CaseOptions options;
        options.extents[ContractionShape::Batch] = {batch};
        options.extents[ContractionShape::M] = {m};
        options.extents[ContractionShape::N] = {n};
        options.extents[ContractionShape::K] = {k};
        options.rowMajor = true;
        ContractionCase test = makeCase(each, options, random);
        test.shape[ContractionShape::N][0].strideB = 1;
        test.shape[ContractionShape::K][0].strideB = n;
        test.words = test.shape.words(/*accumulate=*/false, each.blocks);
        test.words[14] = address;
        test.words[15] = lines;
        runCase(each, *kernel, test, lines % 2 == 0);
        if (testing::Test::HasFatalFailure())
          return;
        int64_t left = std::max<int64_t>(lines - most, 0);
        EXPECT_EQ(test.words[15], left) << test.describe();
        EXPECT_EQ(test.words[14], address + 64 * (lines - left)) << test.describe();
      }
    }
}

TEST(PackedKernelTest, CountsTheLinesThatItFetchesForItsCaller) {
  for (const char *type : {"f32", "f64", "c64", "i8", "bf16"}) {
    ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
    ContractionChoice choice = chooseContraction(types, squareShape(40), hostTarget());
    ASSERT_EQ(choice.spec.strategy, KernelStrategy::Packed);
    choice.spec.mr = 4;
    testFetching(choice, 1);
    // Of many rows two.
    choice.spec.mr = 20;
    choice.spec.nr = choice.spec.lanes;
    testFetching(choice, 2);
  }
}

/// Steps of k in pairs that lie side by side, those of neighbouring lanes too, as physical indices
/// of 2 do that come last: `k,i,2; l,k,j,2; i,l,j`.
void testPairs(const ContractionChoice &choice) {
  using Shape = ContractionShape;
  SCOPED_TRACE(choice.spec.key());
  auto kernel = CompiledKernel::compile(choice.spec);
  std::mt19937 random(37);
  int round = 0;
  for (auto [m, n, k] :
       {std::array<int64_t, 3>{5, 299, 9}, {67, 45, 30}, {31, 64, 1}, {61, 300, 13}, {70, 13, 7}})
    for (int64_t outer : {1, 3})
      for (int variant = 0; variant < 3; ++variant, ++round) {
        CaseOptions options;
        options.extents[Shape::M] = {m};
        options.extents[Shape::N] = {outer, n};
        options.extents[Shape::K] = {k, 2};
        options.rowMajor = true;
        options.accumulate = variant == 1;
        options.subRanges = variant == 2;
        ContractionCase test = makeCase(choice, options, random);
        test.shape[Shape::M] = {{m, 2, 0, outer * n}};
        test.shape[Shape::N] = {{outer, 0, 2 * n * k, n}, {n, 0, 2, 1}};
        test.shape[Shape::K] = {{k, 2 * m, 2 * n, 0}, {2, 1, 1, 0}};
        std::vector<int64_t> words = test.shape.words(options.accumulate, choice.blocks);
        std::copy(test.words.begin() + 5, test.words.begin() + 11, words.begin() + 5);
        test.words = words;
        runCase(choice, *kernel, test, round % 2 == 0);
        if (testing::Test::HasFatalFailure())
          return;
      }
}

TEST(PackedKernelTest, ReadsPairsOfSteps) {
  for (const char *type : {"f32", "f64", "f16", "c64", "i32"})
    for (bool conjugates : {false, true}) {
      if (conjugates && type[0] != 'c')
        continue;
      ContractionTypes types =
          typesOf({"", type, type, type, type, Semiring::PlusTimes, false, conjugates, conjugates});
      ContractionChoice choice = chooseContraction(types, squareShape(40), hostTarget());
      ASSERT_EQ(choice.spec.strategy, KernelStrategy::Packed);
      testPairs(choice);
      testPairs(withSmallBlocks(choice));
    }
  ContractionTypes types = typesOf({"", "f32", "f32", "f32", "f32", Semiring::PlusTimes});
  ContractionChoice choice = chooseContraction(types, squareShape(40), *targetByName("avx2"));
  testPairs(choice);
  // Panels of less than half a vector and of one and a half.
  choice = chooseContraction(types, squareShape(40), hostTarget());
  choice.spec.mr = 5;
  testPairs(withSmallBlocks(choice));
  choice.spec.mr = 24;
  choice.spec.nr = choice.spec.lanes;
  testPairs(withSmallBlocks(choice));
}

constexpr const char *kTypesOfC[] = {"bf16", "f32"};

ContractionTypes productsOfBF16(const char *typeOfC) {
  return typesOf({"", "bf16", "bf16", typeOfC, "f32", Semiring::PlusTimes});
}

/// bf16 where the target has no dots.
TEST(PackedKernelTest, MatchesDefinitionOfBF16WithoutDots) {
  for (const char *target : {"avx512", "avx2"})
    for (const char *typeOfC : kTypesOfC) {
      SCOPED_TRACE(std::string(target) + " " + typeOfC);
      ContractionChoice choice =
          chooseContraction(productsOfBF16(typeOfC), squareShape(40), *targetByName(target));
      ASSERT_EQ(choice.spec.dot, 1);
      testKernel(withSmallBlocks(choice), caseFamily());
    }
}

/// With dots, in tiles of every kind and with shorter vectors.
TEST(PackedKernelTest, MatchesDefinitionOfDotsInOtherTiles) {
  if (!hostTarget().dotsBF16)
    GTEST_SKIP() << "this machine has no dots of bf16";
  for (const char *typeOfC : kTypesOfC) {
    ContractionChoice choice =
        chooseContraction(productsOfBF16(typeOfC), squareShape(40), hostTarget());
    ASSERT_EQ(choice.spec.dot, 2);
    for (auto [lanes, rows, vectors] : {std::tuple<int64_t, int64_t, int64_t>{16, 24, 1},
                                        {16, 5, 1},
                                        {16, 6, 2},
                                        {16, 4, 3},
                                        {8, 8, 2},
                                        {4, 6, 3}}) {
      choice.spec.lanes = lanes;
      choice.spec.mr = rows;
      choice.spec.nr = vectors * lanes;
      testKernel(withSmallBlocks(choice), caseFamily());
    }
  }
}

uint16_t bitsOfBF16(float value) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}
float valueOfBF16(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

/// The product in f32 of matrices of bf16, m x k and k x n, row after row.
std::vector<float> multiply(const std::vector<uint16_t> &a, const std::vector<uint16_t> &b,
                            int64_t m, int64_t n, int64_t k) {
  ContractionShape shape;
  shape[ContractionShape::M] = {{m, k, 0, n}};
  shape[ContractionShape::N] = {{n, 0, 1, 1}};
  shape[ContractionShape::K] = {{k, 1, n, 0}};
  ContractionChoice choice =
      chooseContraction(productsOfBF16("f32"), squareShape(40), hostTarget());
  auto kernel = CompiledKernel::compile(choice.spec);
  int64_t bytes = packingWorkspaceBytes(choice.spec, choice.blocks, shape.sizes());
  GuardedBuffer workspace(bytes, true);
  std::vector<int64_t> words = shape.words(false, choice.blocks);
  std::vector<float> c(static_cast<size_t>(m * n));
  (*kernel)(a.data(), b.data(), c.data(), words, workspace.data(), bytes);
  return c;
}

/// What fills the last pair of an odd sum multiplies nothing, be it infinite in the other operand.
TEST(PackedKernelTest, DotsOfOddSumsReadNothingElse) {
  const float infinity = std::numeric_limits<float>::infinity();
  const int64_t m = 17, n = 35;
  for (int64_t k : {1, 3, 5, 21})
    for (bool isA : {false, true}) {
      std::vector<uint16_t> a(static_cast<size_t>(m * k), bitsOfBF16(isA ? infinity : 1)),
          b(static_cast<size_t>(k * n), bitsOfBF16(isA ? 1 : infinity));
      for (float value : multiply(a, b, m, n, k))
        ASSERT_EQ(value, infinity) << "k = " << k;
    }
}

/// docs/spec.md, "Floating point": what dots take for 0 is within the term for underflow.
TEST(PackedKernelTest, DotsOfTinyNumbersAreWithinTheirBound) {
  const int64_t m = 24, n = 48, k = 67;
  constexpr double kSmallest = 0x1p-126;
  std::mt19937 random(29);
  int lost = 0;
  for (int round = 0; round < 20; ++round) {
    auto draw = [&](int64_t count, int lowest, int highest) {
      std::vector<uint16_t> values(static_cast<size_t>(count));
      for (uint16_t &value : values) {
        int exponent =
            lowest + static_cast<int>(random() % static_cast<unsigned>(highest - lowest));
        float number = std::ldexp(1 + float(random() % 128) / 128, exponent);
        value = bitsOfBF16(random() % 2 ? number : -number);
      }
      return values;
    };
    // Subnormal factors with large ones; sums around the smallest normal number.
    auto a = round % 2 ? draw(m * k, -132, -118) : draw(m * k, -70, -58);
    auto b = round % 2 ? draw(k * n, -4, 6 + 6 * round) : draw(k * n, -68, -60);
    std::vector<float> c = multiply(a, b, m, n, k);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double exact = 0, magnitude = 0, underflow = 0;
        for (int64_t step = 0; step < k; ++step) {
          double x = valueOfBF16(a[static_cast<size_t>(i * k + step)]);
          double y = valueOfBF16(b[static_cast<size_t>(step * n + j)]);
          exact += x * y;
          magnitude += std::abs(x * y);
          underflow += 3 * kSmallest * std::max(1.0, std::abs(x)) * std::max(1.0, std::abs(y));
        }
        double rounding = std::expm1(k * 0x1p-24);
        double error = std::abs(c[static_cast<size_t>(i * n + j)] - exact);
        ASSERT_LE(error, rounding * magnitude + underflow * (1 + rounding));
        lost += error > rounding * magnitude;
      }
  }
  // On machines without dots, nothing needs the second term.
  EXPECT_EQ(lost > 0, hostTarget().dotsBF16);
}

/// The same for direct kernels.
TEST(DirectKernelTest, MatchesDefinitionWithShorterVectors) {
  for (const char *target : {"avx2", "generic-neon"})
    for (const char *type : {"f32", "f64", "c64"}) {
      SCOPED_TRACE(std::string(target) + " " + type);
      ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
      ContractionChoice choice = chooseContraction(types, squareShape(1), *targetByName(target));
      ASSERT_EQ(choice.spec.strategy, KernelStrategy::Direct);
      testKernel(withSmallBlocks(choice), caseFamily());
      testKernel(choice, directFamily());
      testSums(choice);
    }
}

/// The tiles of other products, on all of them.
TEST(BatchedKernelTest, MatchesDefinitionWithOtherTiles) {
  for (const char *type : {"f32", "f64", "c64"}) {
    ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
    std::set<std::string> keys;
    for (auto [m, n] : {std::pair<int64_t, int64_t>{2, 2},
                        {4, 4},
                        {8, 8},
                        {9, 16},
                        {24, 24},
                        {12, 12},
                        {32, 32}}) {
      ContractionChoice choice = chooseContraction(types, batchedShape(50, m, n, 8), hostTarget());
      ASSERT_EQ(choice.spec.strategy, KernelStrategy::Batched);
      if (!keys.insert(choice.spec.key()).second)
        continue;
      testKernel(withSmallBlocks(choice), caseFamily());
      testKernel(choice, batchedFamily());
    }
    EXPECT_GT(keys.size(), 2u);
  }
}

TEST(BatchedKernelTest, MatchesDefinitionWithShorterVectors) {
  for (const char *target : {"avx2", "generic-neon"})
    for (const char *type : {"f32", "f64", "c64", "c128"}) {
      SCOPED_TRACE(std::string(target) + " " + type);
      ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
      ContractionChoice choice =
          chooseContraction(types, batchedShape(50, 9, 18, 8), *targetByName(target));
      ASSERT_EQ(choice.spec.strategy, KernelStrategy::Batched);
      testKernel(withSmallBlocks(choice), caseFamily());
      testKernel(choice, batchedFamily());
    }
}

TEST(StreamedKernelTest, MatchesDefinitionWithShorterVectors) {
  for (const char *target : {"avx2", "generic-neon"})
    for (const char *type : {"f32", "f64", "c64", "c128"}) {
      SCOPED_TRACE(std::string(target) + " " + type);
      ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
      ContractionChoice choice = chooseContraction(types, streamedShape(), *targetByName(target));
      ASSERT_EQ(choice.spec.strategy, KernelStrategy::Streamed);
      testKernel(withSmallBlocks(choice), caseFamily());
      testKernel(choice, streamedFamily());
    }
}

/// Lanes of C that lie at once, in fours and one by one in B, and what B lacks in a long run.
TEST(StreamedKernelTest, ReadsLanesInAnyOrder) {
  ContractionTypes types = typesOf({"", "f32", "f32", "f32", "f32", Semiring::PlusTimes});
  ContractionChoice choice = chooseContraction(types, streamedShape(), hostTarget());
  auto kernel = CompiledKernel::compile(choice.spec);
  std::mt19937 random(31);
  // Extents of n; strides of B for them; the last is innermost in C.
  const std::vector<int64_t> strides[] = {{64, 4, 1}, {1, 512, 128}, {4, 512, 1}, {1, 2048, 64}};
  for (const std::vector<int64_t> &ofB : strides)
    for (bool accumulate : {false, true}) {
      CaseOptions options;
      options.extents[ContractionShape::Batch] = {2};
      options.extents[ContractionShape::M] = {2};
      options.extents[ContractionShape::N] = {64, 4, 4};
      options.extents[ContractionShape::K] = {2};
      options.accumulate = accumulate;
      options.rowMajor = true;
      ContractionCase test = makeCase(choice, options, random);
      auto &groups = test.shape.groups;
      groups[ContractionShape::Batch] = {{2, 4, 4096, 2048}};
      groups[ContractionShape::M] = {{2, 2, 0, 1024}};
      groups[ContractionShape::N] = {{64, 0, ofB[0], 16}, {4, 0, ofB[1], 4}, {4, 0, ofB[2], 1}};
      groups[ContractionShape::K] = {{2, 1, 8192, 0}};
      test.b.bytes.resize(4 * (1 << 15));
      for (size_t i = 0; i < test.b.bytes.size(); i += 4)
        encode({static_cast<int64_t>(random() % 7) - 3, 0}, types.typeB, false,
               test.b.bytes.data() + i);
      test.words = test.shape.words(accumulate, choice.blocks);
      runCase(choice, *kernel, test, true);
    }
}

TEST(GatheredKernelTest, MatchesDefinitionWithShorterVectors) {
  for (const char *target : {"avx2", "generic-neon"})
    for (const char *type : {"f32", "f64", "c64", "c128"}) {
      SCOPED_TRACE(std::string(target) + " " + type);
      ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
      ContractionChoice choice = chooseContraction(types, gatheredShape(), *targetByName(target));
      ASSERT_EQ(choice.spec.strategy, KernelStrategy::Gathered);
      testKernel(withSmallBlocks(choice), caseFamily());
      testKernel(choice, gatheredFamily());
    }
}

/// Lanes of C that lie side by side, in fours, in pairs, in one place and anywhere in A and in B,
/// one apart from the other.
TEST(GatheredKernelTest, ReadsLanesInAnyOrder) {
  ContractionTypes types = typesOf({"", "f32", "f32", "f32", "f32", Semiring::PlusTimes});
  ContractionChoice choice = chooseContraction(types, gatheredShape(), hostTarget());
  auto kernel = CompiledKernel::compile(choice.spec);
  std::mt19937 random(37);
  // Strides of an operand for 80, 4, 2 and 2 points of the batch, the last of them innermost in C.
  const std::vector<int64_t> strides[] = {
      {16, 4, 2, 1}, {4, 512, 2, 1}, {2, 2048, 128, 1}, {16, 0, 0, 0}, {1, 2048, 128, 64}};
  for (const std::vector<int64_t> &ofA : strides)
    for (const std::vector<int64_t> &ofB : strides)
      for (bool accumulate : {false, true}) {
        CaseOptions options;
        options.extents[ContractionShape::Batch] = {80, 4, 2, 2};
        options.extents[ContractionShape::M] = {2};
        options.extents[ContractionShape::N] = {3};
        options.extents[ContractionShape::K] = {2};
        options.accumulate = accumulate;
        options.rowMajor = true;
        ContractionCase test = makeCase(choice, options, random);
        auto &groups = test.shape.groups;
        groups[ContractionShape::Batch] = {{80, ofA[0], ofB[0], 16},
                                           {4, ofA[1], ofB[1], 4},
                                           {2, ofA[2], ofB[2], 2},
                                           {2, ofA[3], ofB[3], 1}};
        groups[ContractionShape::M] = {{2, 8192, 0, 1280}};
        groups[ContractionShape::N] = {{3, 0, 8192, 2560}};
        groups[ContractionShape::K] = {{2, 16384, 24576, 0}};
        for (Operand *operand : {&test.a, &test.b}) {
          operand->bytes.resize(4 * 49152);
          for (size_t i = 0; i < operand->bytes.size(); i += 4)
            encode({static_cast<int64_t>(random() % 7) - 3, 0}, types.typeB, false,
                   operand->bytes.data() + i);
        }
        test.words = test.shape.words(accumulate, choice.blocks);
        runCase(choice, *kernel, test, true);
        if (testing::Test::HasFatalFailure())
          return;
      }
}

/// Matrices without gaps whose rows fill vectors together, among others that do not: more steps
/// than lanes, a number of rows that fills no vector, results that are added to, parts of the
/// ranges.
TEST(BatchedKernelTest, FillsVectorsWithRows) {
  const KernelCase cases[] = {
      {"f32", "f32", "f32", "f32", "f32", Semiring::PlusTimes},
      {"f64", "f64", "f64", "f64", "f64", Semiring::PlusTimes},
      {"c64", "c64", "c64", "c64", "c64", Semiring::PlusTimes},
      {"c128", "c128", "c128", "c128", "c128", Semiring::PlusTimes},
      {"max_plus", "f32", "f32", "f32", "f32", Semiring::MaxPlus},
      {"i32", "i32", "i32", "i32", "i32", Semiring::PlusTimes},
      {"i16", "i16", "i16", "i16", "i16", Semiring::PlusTimes},
      {"i8", "i8", "i8", "i8", "i8", Semiring::PlusTimes},
  };
  std::mt19937 random(37);
  int kernels = 0;
  for (const KernelCase &kernelCase : cases)
    for (int64_t lanes : {2, 4, 8})
      for (bool conjugated : {false, true}) {
        ContractionTypes types = typesOf(kernelCase);
        if (conjugated && !mlir::isa<mlir::ComplexType>(types.typeA))
          continue;
        types.conjA = conjugated;
        types.conjB = conjugated && lanes == 2;
        ContractionChoice choice =
            chooseContraction(types, batchedShape(50, lanes, lanes, lanes), hostTarget());
        // Rows that fill a register have other tiles.
        if (choice.spec.lanes != lanes || elementBytes(types.typeC) * lanes >= 64)
          continue;
        ++kernels;
        auto kernel = CompiledKernel::compile(choice.spec);
        int round = 0;
        for (int64_t m : {lanes, 64 / lanes, 3 * lanes, lanes + 1})
          for (int64_t k : {lanes, lanes + 1})
            for (int variant = 0; variant < 3; ++variant, ++round) {
              CaseOptions options;
              options.extents[ContractionShape::Batch] = {7};
              options.extents[ContractionShape::M] = {m};
              options.extents[ContractionShape::N] = {lanes};
              options.extents[ContractionShape::K] = {k};
              options.rowMajor = true;
              options.accumulate = variant == 1;
              options.subRanges = variant == 2;
              ContractionCase test = makeCase(choice, options, random);
              ContractionShape shape = batchedShape(7, m, lanes, k);
              std::vector<int64_t> words = shape.words(options.accumulate, choice.blocks);
              std::copy(test.words.begin() + 5, test.words.begin() + 11, words.begin() + 5);
              test.shape = shape;
              test.words = words;
              runCase(choice, *kernel, test, round % 2 == 0);
              if (HasFatalFailure())
                return;
            }
      }
  EXPECT_GE(kernels, 10);
}

/// Rows fill vectors together only where they follow one another, and products only where these do:
/// each way in which they may not, by itself.
TEST(BatchedKernelTest, FillsVectorsOnlyWithRowsThatFollow) {
  using Change = void (*)(ContractionShape &);
  constexpr auto batch = ContractionShape::Batch, m = ContractionShape::M, k = ContractionShape::K;
  const Change changes[] = {
      [](ContractionShape &) {},
      [](ContractionShape &shape) { shape[batch][0].strideA = 0; },
      [](ContractionShape &shape) { shape[batch][0].strideB = 0; },
      [](ContractionShape &shape) { shape[batch][0].strideA += 3; },
      [](ContractionShape &shape) { shape[batch][0].strideB += 3; },
      [](ContractionShape &shape) { shape[batch][0].strideC += 3; },
      [](ContractionShape &shape) { shape[m][0].strideA *= 2, shape[batch][0].strideA *= 2; },
      [](ContractionShape &shape) { shape[k][0].strideB *= 2, shape[batch][0].strideB *= 2; },
      [](ContractionShape &shape) { shape[m][0].strideC *= 2, shape[batch][0].strideC *= 2; },
      [](ContractionShape &shape) { std::swap(shape[m][0].strideA, shape[k][0].strideA); },
      [](ContractionShape &shape) {
        ContractionDim inner = shape[batch][0];
        inner.extent = 4;
        shape[batch] = {{9, 5 * inner.strideA, 6 * inner.strideB, 7 * inner.strideC}, inner};
      }};
  std::mt19937 random(41);
  int kernels = 0, round = 0;
  for (const char *type : {"f32", "f64", "c64", "i8"})
    for (int64_t lanes : {2, 4}) {
      ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
      ContractionChoice choice =
          chooseContraction(types, batchedShape(50, lanes, lanes, lanes), hostTarget());
      ASSERT_EQ(choice.spec.lanes, lanes);
      choice.blocks.mc = 21;
      kernels += choice.spec.nr == lanes;
      auto kernel = CompiledKernel::compile(choice.spec);
      for (int64_t products : {1, 20, 37})
        for (Change change : changes) {
          CaseOptions options;
          options.extents[batch] = {products};
          options.extents[m] = options.extents[ContractionShape::N] = options.extents[k] = {lanes};
          options.rowMajor = true;
          ContractionCase test = makeCase(choice, options, random);
          test.shape = batchedShape(products, lanes, lanes, lanes);
          change(test.shape);
          for (Operand *operand : {&test.a, &test.b, &test.c}) {
            const auto bytes = static_cast<size_t>(elementBytes(operand->type));
            operand->bytes.resize(bytes * 8 * 40 * static_cast<size_t>(lanes * lanes));
            for (size_t i = 0; i < operand->bytes.size(); i += bytes)
              encode({static_cast<int64_t>(random() % 5) - 2, 1}, operand->type, false,
                     operand->bytes.data() + i);
          }
          test.words = test.shape.words(false, choice.blocks);
          runCase(choice, *kernel, test, ++round % 2 == 0);
          if (HasFatalFailure())
            return;
        }
    }
  EXPECT_GE(kernels, 6);
}

/// Rows that are a multiple of 2 KiB apart are copied, once where products share an operand: the
/// same bits as from where they lie.
TEST(BatchedKernelTest, CopiesRowsThatEvictEachOther) {
  std::mt19937 random(23);
  int round = 0;
  for (const char *type : {"f32", "c64"}) {
    ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
    types.conjB = true;
    // i,b,k; k,b,j; i,b,j with extents of the batch that put rows so far apart, or not.
    const int64_t n = 16, k = 16;
    for (auto [batch, m] : {std::array<int64_t, 2>{64, 9}, {64, 8}, {63, 9}, {96, 10}}) {
      ContractionChoice choice =
          chooseContraction(types, batchedShape(batch, m, n, k), hostTarget());
      auto kernel = CompiledKernel::compile(choice.spec);
      for (int variant = 0; variant < 4; ++variant, ++round) {
        const bool accumulate = variant == 1, isShared = variant == 3;
        CaseOptions options;
        options.subRanges = variant == 2;
        options.extents[ContractionShape::Batch] = {batch};
        options.extents[ContractionShape::M] = {m};
        options.extents[ContractionShape::N] = {n};
        options.extents[ContractionShape::K] = {k};
        options.accumulate = accumulate;
        options.rowMajor = true;
        ContractionCase test = makeCase(choice, options, random);
        auto &groups = test.shape.groups;
        groups[ContractionShape::Batch] = {{batch, isShared ? 0 : k, n, n}};
        groups[ContractionShape::M] = {{m, batch * k, 0, batch * n}};
        groups[ContractionShape::N] = {{n, 0, 1, 1}};
        groups[ContractionShape::K] = {{k, 1, batch * n, 0}};
        std::vector<int64_t> words = test.shape.words(accumulate, choice.blocks);
        std::copy(test.words.begin() + 5, test.words.begin() + 11, words.begin() + 5);
        test.words = words;
        runCase(choice, *kernel, test, round % 2 == 0);
        if (HasFatalFailure())
          return;
      }
    }
  }
}

TEST(DirectKernelTest, ReadsLongSumsAFewLinesAtATime) {
  testLongSums({"f32", "f32", "f32", "f32", "f32", Semiring::PlusTimes});
  testLongSums({"c128", "c128", "c128", "c128", "c128", Semiring::PlusTimes});
  testLongSums({"bf16_into_f32", "bf16", "bf16", "f32", "f32", Semiring::PlusTimes});
}

/// Runs a random contraction in the order that normalizeShape gives it; the result must not change.
NormalizedShape runNormalized(const ContractionChoice &choice, const CompiledKernel &kernel,
                              const CaseOptions &options, std::mt19937 &random, bool touchesEnd) {
  const ContractionKernelSpec &spec = choice.spec;
  ContractionCase test = makeCase(choice, options, random);
  std::vector<char> expected = expectedResult(spec, test);
  NormalizedShape normalized = normalizeShape(test.shape);
  if (normalized.swapped)
    std::swap(test.a, test.b);
  test.shape = normalized.shape;
  test.words = normalized.shape.words(test.accumulate, choice.blocks);
  EXPECT_EQ(expectedResult(spec, test), expected);
  runCase(choice, kernel, test, touchesEnd);
  return normalized;
}

/// Whether a group was cut: two tensors are contiguous along its innermost dimensions, the second
/// one outside of the first one's run.
bool isCut(const std::vector<ContractionDim> &dims, int64_t ContractionDim::*first,
           int64_t ContractionDim::*second) {
  return dims.size() > 1 && dims.back().*first == 1 && dims[dims.size() - 2].*second == 1;
}

/// normalizeShape reorders, merges, cuts and exchanges.
void testNormalized(const KernelCase &kernelCase) {
  ContractionTypes types = typesOf(kernelCase);
  ContractionChoice choice = chooseContraction(types, squareShape(100), hostTarget());
  auto kernel = CompiledKernel::compile(choice.spec);
  std::mt19937 random(11);
  int swaps = 0, cuts[3] = {0, 0, 0};
  // C's dimension falls into runs of 24, 16 and 16, with 4 or 16 side by side in B, or neither.
  const std::vector<int64_t> extentsOfN[] = {{9, 3, 24}, {12, 1, 64}, {37, 2, 48}};
  for (int round = 0; round < 36; ++round) {
    SCOPED_TRACE(round);
    CaseOptions options;
    options.extents[0] = round % 3 == 0 ? std::vector<int64_t>{2} : std::vector<int64_t>{};
    options.extents[1] = {5, 3};
    options.extents[2] = extentsOfN[round / 4 % 3];
    options.extents[3] = {3, 7};
    options.accumulate = round % 4 == 0;
    NormalizedShape normalized = runNormalized(choice, *kernel, options, random, round % 2 == 0);
    if (testing::Test::HasFailure())
      return;
    cuts[round / 4 % 3] += isCut(normalized.shape[ContractionShape::N], &ContractionDim::strideC,
                                 &ContractionDim::strideB);
    swaps += normalized.swapped;
  }
  EXPECT_GT(swaps, 1);
  for (int count : cuts)
    EXPECT_GT(count, 1);

  // k falls into runs of 16 or 20, of whole blocks or across them.
  int cutsOfK = 0;
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    CaseOptions options;
    options.extents[1] = {9};
    options.extents[2] = {10};
    options.extents[3] =
        round % 2 == 0 ? std::vector<int64_t>{48, 32} : std::vector<int64_t>{20, 3, 36};
    options.accumulate = round % 4 == 0;
    options.padded = round % 3 == 0;
    NormalizedShape normalized = runNormalized(choice, *kernel, options, random, round % 2 == 0);
    if (testing::Test::HasFailure())
      return;
    cutsOfK += isCut(normalized.shape[ContractionShape::K], &ContractionDim::strideB,
                     &ContractionDim::strideA);
  }
  EXPECT_GT(cutsOfK, 1);
}

TEST(NormalizeShapeTest, KeepsTheResultInF32) {
  testNormalized({"f32", "f32", "f32", "f32", "f32", Semiring::PlusTimes});
}

TEST(NormalizeShapeTest, KeepsTheResultInC64) {
  testNormalized({"c64", "c64", "c64", "c64", "c64", Semiring::PlusTimes});
}

TEST(NormalizeShapeTest, MergesAndDropsDimensions) {
  ContractionShape shape;
  shape[ContractionShape::M] = {{3, 20, 0, 120}, {1, 7, 0, 9}};
  shape[ContractionShape::N] = {{6, 0, 4, 20}, {4, 0, 1, 5}, {5, 0, 24, 1}};
  shape[ContractionShape::K] = {{5, 4, 480, 0}, {4, 1, 120, 0}};
  NormalizedShape normalized = normalizeShape(shape);
  EXPECT_FALSE(normalized.swapped);
  ContractionShape expected;
  expected[ContractionShape::M] = {{3, 20, 0, 120}};
  // No divisor of 5 is a multiple of 4: nothing is cut.
  expected[ContractionShape::N] = {{24, 0, 1, 5}, {5, 0, 24, 1}};
  expected[ContractionShape::K] = {{20, 1, 120, 0}};
  EXPECT_EQ(normalized.shape, expected);
}

TEST(NormalizeShapeTest, MakesATinyOperandA) {
  // n,b,k; i,k,b; n,b,i: the tiny operand has the innermost dimension of the result.
  ContractionShape shape;
  shape[ContractionShape::Batch] = {{8, 2, 1, 2}};
  shape[ContractionShape::M] = {{4096, 16, 0, 16}};
  shape[ContractionShape::N] = {{2, 0, 16, 1}};
  shape[ContractionShape::K] = {{2, 1, 8, 0}};
  NormalizedShape normalized = normalizeShape(shape);
  EXPECT_TRUE(normalized.swapped);
  EXPECT_EQ(normalized.shape.size(ContractionShape::M), 2);
  EXPECT_TRUE(normalized.shape.sizes().isStream);
  // Runs of 3 fill no vectors: C's unit stride decides.
  shape[ContractionShape::N][0] = {3, 0, 16, 1};
  shape[ContractionShape::M][0].strideC = 24;
  shape[ContractionShape::Batch][0].strideC = 3;
  normalized = normalizeShape(shape);
  EXPECT_FALSE(normalized.swapped);
  EXPECT_FALSE(normalized.shape.sizes().isStream);
}

TEST(NormalizeShapeTest, StreamsFewLanesThatAreApart) {
  auto isStream = [](std::vector<ContractionDim> m, std::vector<ContractionDim> n,
                     std::vector<ContractionDim> k) {
    ContractionShape shape;
    shape[ContractionShape::M] = std::move(m);
    shape[ContractionShape::N] = std::move(n);
    shape[ContractionShape::K] = std::move(k);
    return normalizeShape(shape).shape.sizes().isStream;
  };
  // ik,nk->ni: lanes of C are 2 or 4 apart in the large operand.
  EXPECT_TRUE(isStream({{2, 2, 0, 1}}, {{65536, 0, 2, 2}}, {{2, 1, 1, 0}}));
  EXPECT_FALSE(isStream({{4, 4, 0, 1}}, {{65536, 0, 4, 4}}, {{4, 1, 1, 0}}));
  // k,nk->n with k = 8, and nk in the other order, where lanes lie side by side.
  EXPECT_FALSE(isStream({}, {{65536, 0, 8, 1}}, {{8, 1, 1, 0}}));
  EXPECT_TRUE(isStream({}, {{16, 0, 1, 1}, {4096, 0, 128, 16}}, {{8, 1, 16, 0}}));
  // i,n->ni: a vector is all of i, which the large operand lacks.
  EXPECT_TRUE(isStream({{4, 1, 0, 1}}, {{65536, 0, 1, 4}}, {}));
  EXPECT_FALSE(isStream({{16, 1, 0, 1}}, {{65536, 0, 1, 16}}, {}));
}

TEST(NormalizeShapeTest, GathersWhereLoopsWouldBeShort) {
  auto isScattered = [](std::vector<ContractionDim> batch, std::vector<ContractionDim> m,
                        std::vector<ContractionDim> n, std::vector<ContractionDim> k) {
    ContractionShape shape;
    shape[ContractionShape::Batch] = std::move(batch);
    shape[ContractionShape::M] = std::move(m);
    shape[ContractionShape::N] = std::move(n);
    shape[ContractionShape::K] = std::move(k);
    return normalizeShape(shape).shape.sizes().isScattered;
  };
  // bkm,bkn->mnb with a batch of 3: short runs, in C alone.
  EXPECT_TRUE(
      isScattered({{3, 4, 16384, 1}}, {{2, 1, 0, 24576}}, {{8192, 0, 1, 3}}, {{2, 2, 8192, 0}}));
  // b,bnc->bcn: elements of C lie in pairs of n.
  EXPECT_TRUE(isScattered({{512, 128, 256, 256}, {128, 1, 1, 2}}, {}, {{2, 0, 128, 1}}, {}));
  // The same where it is the batch that is contiguous, in runs of 64 and in shorter ones.
  EXPECT_FALSE(isScattered({{1024, 64, 128, 128}, {64, 1, 1, 1}}, {}, {{2, 0, 64, 64}}, {}));
  EXPECT_TRUE(isScattered({{1024, 32, 64, 64}, {32, 1, 1, 1}}, {}, {{2, 0, 32, 32}}, {}));
  // An elementwise product, of which one operand is transposed or none.
  EXPECT_TRUE(isScattered({{256, 256, 1, 256}, {256, 1, 256, 1}}, {}, {}, {}));
  EXPECT_FALSE(isScattered({{256, 256, 256, 256}, {256, 1, 1, 1}}, {}, {}, {}));
  // Runs of C that are shorter than a vector; sums along which both operands lie.
  EXPECT_FALSE(isScattered({{4096, 8, 1, 16}, {8, 1, 4096, 1}}, {}, {}, {}));
  // bkm,bk->bm: short runs of many steps, which share what a run costs.
  auto runsOfSteps = [&](int64_t run, int64_t steps) {
    return isScattered({{16384, steps * run, steps, run}}, {{run, 1, 0, 1}}, {},
                       {{steps, run, 1, 0}});
  };
  EXPECT_TRUE(runsOfSteps(8, 4));
  EXPECT_FALSE(runsOfSteps(8, 8));
  EXPECT_TRUE(runsOfSteps(16, 4));
  EXPECT_FALSE(runsOfSteps(40, 4));
  EXPECT_TRUE(isScattered({{65536, 4, 4, 1}}, {}, {}, {{4, 1, 1, 0}}));
  EXPECT_FALSE(isScattered({{65536, 8, 8, 1}}, {}, {}, {{8, 1, 1, 0}}));
  // bkm,kbn->mnb: rows share what loops gather, which pays for many steps.
  for (int64_t rows : {3, 4})
    for (int64_t steps : {4, 5})
      EXPECT_EQ(isScattered({{16384, rows * steps, 5, 1}}, {{rows, 1, 0, 5 * 16384}},
                            {{5, 0, 1, 16384}}, {{steps, rows, 5 * 16384, 0}}),
                rows < 4 || steps < 5);
}

TEST(NormalizeShapeTest, WalksKAlongTheOperandContiguousInIt) {
  // dca,cbd->ba with a = 8, b = 6, c = 5, d = 7: the operand of n is contiguous along a.
  ContractionDim c{5, 42, 8, 0}, d{7, 1, 40, 0};
  ContractionShape shape;
  shape[ContractionShape::M] = {{6, 7, 0, 8}};
  shape[ContractionShape::N] = {{8, 0, 1, 1}};
  shape[ContractionShape::K] = {d, c};
  NormalizedShape normalized = normalizeShape(shape);
  EXPECT_FALSE(normalized.swapped);
  EXPECT_EQ(normalized.shape[ContractionShape::K], (std::vector<ContractionDim>{c, d}));
}

TEST(NormalizeShapeTest, CutsALongKWhereOperandsAreContiguousAlongDifferentDimensions) {
  // dac,bcd->ba with a = 12, b = 10, c = 32, d = 48: the operand of n is contiguous along c.
  ContractionDim c{32, 48, 1, 0}, d{48, 1, 384, 0};
  ContractionShape shape;
  shape[ContractionShape::M] = {{10, 1536, 0, 12}};
  shape[ContractionShape::N] = {{12, 0, 32, 1}};
  shape[ContractionShape::K] = {c, d};
  const std::vector<ContractionDim> cut = {{2, 768, 16, 0}, d, {16, 48, 1, 0}};
  NormalizedShape normalized = normalizeShape(shape);
  EXPECT_FALSE(normalized.swapped);
  EXPECT_EQ(normalized.shape[ContractionShape::K], cut);
  // The operand of n is read in runs, be it the smaller one.
  shape[ContractionShape::M][0].extent = 13;
  EXPECT_EQ(normalizeShape(shape).shape[ContractionShape::K], cut);
  // One block of k needs no cut, and an extent without a divisor that suits vectors allows none:
  // then the larger operand decides.
  ContractionShape shorter = shape;
  shorter[ContractionShape::K][1].extent = 8;
  EXPECT_EQ(normalizeShape(shorter).shape[ContractionShape::K],
            (std::vector<ContractionDim>{c, {8, 1, 384, 0}}));
  ContractionShape odd = shape;
  odd[ContractionShape::K][0].extent = 33;
  EXPECT_EQ(normalizeShape(odd).shape[ContractionShape::K],
            (std::vector<ContractionDim>{{33, 48, 1, 0}, d}));
}

TEST(ContractionSpecTest, UnsupportedTypesAreExplained) {
  auto explain = [](KernelCase one) { return explainUnsupported(typesOf(one)); };
  EXPECT_EQ(explain({"", "i7", "f32", "f32", "f32", Semiring::PlusTimes}),
            "no CPU kernel for element type i7; expected f16, bf16, f32, f64, complex of f32 or "
            "f64, i1, i8, i16, i32 or i64");
  EXPECT_EQ(explain({"", "f64", "f32", "f32", "f32", Semiring::PlusTimes}),
            "an operand of f64 cannot be widened to the accumulation type f32; convert it "
            "before the contraction");
  EXPECT_EQ(explain({"", "f32", "f32", "f16", "f64", Semiring::PlusTimes}),
            "a result of f16 cannot be stored from a sum in f64; only f32 sums may be stored "
            "as f16 or bf16");
  EXPECT_EQ(explain({"", "c64", "c64", "c64", "c64", Semiring::MaxPlus}),
            "the max-plus semiring needs real numbers or integers, not complex<f32>");
  EXPECT_EQ(explain({"", "i8", "i8", "i8", "i8", Semiring::OrAnd}),
            "the (or, and) semiring needs i1, not i8");
}

TEST(ContractionSpecTest, WorkspaceIsClampedToTheProblem) {
  ContractionTypes types = typesOf({"", "f32", "f32", "f32", "f32", Semiring::PlusTimes});
  auto [spec, blocks] = chooseContraction(types, squareShape(2000), hostTarget());
  EXPECT_LT(packingWorkspaceBytes(spec, blocks, squareShape(40).sizes()), 64 << 10);
  EXPECT_LE(packingWorkspaceBytes(spec, blocks, squareShape(100000).sizes()),
            packingWorkspaceBytes(spec, blocks, squareShape(200000).sizes()));
  EXPECT_LT(packingWorkspaceBytes(spec, blocks, squareShape(100000).sizes()), 16 << 20);
}

TEST(ContractionSpecTest, KeyTellsSpecsApart) {
  ContractionTypes types = typesOf({"", "f32", "f32", "f32", "f32", Semiring::PlusTimes});
  auto [spec, blocks] = chooseContraction(types, squareShape(1536), *targetByName("avx512"));
  EXPECT_EQ(spec.key(), "packed,plus-times,f32,f32,f32,f32,lanes=16,tile=12x32");
  auto dots =
      chooseContraction(productsOfBF16("bf16"), squareShape(1536), *targetByName("avx512-bf16"));
  EXPECT_EQ(dots.spec.key(), "packed,plus-times,bf16,bf16,bf16,f32,lanes=16,dot=2,tile=12x32");
  dots.spec.dot = 1;
  EXPECT_EQ(dots.spec.key(), "packed,plus-times,bf16,bf16,bf16,f32,lanes=16,tile=12x32");
  auto other = spec;
  other.isUnsigned = true;
  EXPECT_NE(spec.key(), other.key());
  EXPECT_FALSE(spec == other);
}

TEST(ContractionSpecTest, DotsAreForBF16OnTargetsThatHaveThem) {
  auto dotOfTypes = [](const char *a, const char *b, const char *c, const char *acc,
                       Semiring semiring, const char *target) {
    return chooseContraction(typesOf({"", a, b, c, acc, semiring}), squareShape(100),
                             *targetByName(target))
        .spec.dot;
  };
  EXPECT_EQ(dotOfTypes("bf16", "bf16", "f32", "f32", Semiring::PlusTimes, "avx512-bf16"), 2);
  EXPECT_EQ(dotOfTypes("bf16", "bf16", "bf16", "bf16", Semiring::PlusTimes, "avx512-bf16"), 2);
  EXPECT_EQ(dotOfTypes("bf16", "bf16", "f32", "f32", Semiring::PlusTimes, "avx512"), 1);
  EXPECT_EQ(dotOfTypes("bf16", "bf16", "f32", "f32", Semiring::PlusTimes, "avx2"), 1);
  EXPECT_EQ(dotOfTypes("bf16", "f32", "f32", "f32", Semiring::PlusTimes, "avx512-bf16"), 1);
  EXPECT_EQ(dotOfTypes("bf16", "bf16", "f64", "f64", Semiring::PlusTimes, "avx512-bf16"), 1);
  EXPECT_EQ(dotOfTypes("f16", "f16", "f32", "f32", Semiring::PlusTimes, "avx512-bf16"), 1);
  EXPECT_EQ(dotOfTypes("bf16", "bf16", "f32", "f32", Semiring::MaxTimes, "avx512-bf16"), 1);
  // A tuning file may ask for what its processor has, but not for these types.
  TargetDescription target = *targetByName("avx512-bf16");
  Blocking blocking{{KernelStrategy::Packed, 16, 12, 32, 2}, {12, 32, 64}};
  EXPECT_EQ(explainBlockingOf(productsOfBF16("f32"), blocking, target), "");
  EXPECT_EQ(explainBlockingOf(typesOf({"", "f16", "f16", "f32", "f32", Semiring::PlusTimes}),
                              blocking, target),
            "dot 2 is for sums of products of bf16, not for f16 times f16 in f32");
}

TEST(TargetDescriptionTest, NamesAreKnown) {
  EXPECT_TRUE(targetByName("avx512-bf16")->dotsBF16);
  EXPECT_EQ(targetByName("avx512-bf16")->name, "avx512-bf16");
  EXPECT_FALSE(targetByName("avx512")->dotsBF16);
  EXPECT_EQ(targetByName("avx2")->vectorBits, 256);
  EXPECT_EQ(targetByName("generic-neon")->lanes(64), 2);
  EXPECT_FALSE(targetByName("z80").has_value());
}

} // namespace
