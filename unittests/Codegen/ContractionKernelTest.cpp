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
#include "KernelJit.h"

#include "gtest/gtest.h"

#include <cstring>

using namespace tenon::cpu;

namespace {

struct KernelCase {
  const char *name;
  const char *a, *b, *c, *acc;
  Semiring semiring;
  bool isUnsigned = false, conjA = false, conjB = false;
};

mlir::MLIRContext &context() {
  static mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  return context;
}

mlir::Type parseType(llvm::StringRef name) {
  mlir::Builder b(&context());
  if (name.consume_front("c"))
    return mlir::ComplexType::get(name == "64" ? b.getF32Type() : b.getF64Type());
  if (name == "f16")
    return b.getF16Type();
  if (name == "bf16")
    return b.getBF16Type();
  if (name == "f32")
    return b.getF32Type();
  if (name == "f64")
    return b.getF64Type();
  unsigned width = 0;
  name.drop_front().getAsInteger(10, width);
  return b.getIntegerType(width);
}

ContractionTypes typesOf(const KernelCase &one) {
  return {parseType(one.a), parseType(one.b), parseType(one.c), parseType(one.acc),
          one.semiring,     one.isUnsigned,   one.conjA,        one.conjB};
}

/// Runs one contraction and compares all of C.
void runCase(const ContractionKernelSpec &spec, const CompiledKernel &kernel, ContractionCase &test,
             bool touchesEnd) {
  auto guarded = [&](const Operand &operand) {
    auto buffer = std::make_unique<GuardedBuffer>(operand.bytes.size(), touchesEnd);
    std::memcpy(buffer->data(), operand.bytes.data(), operand.bytes.size());
    return buffer;
  };
  auto a = guarded(test.a), b = guarded(test.b), c = guarded(test.c);
  int64_t bytes = packingWorkspaceBytes(spec, test.shape);
  ASSERT_EQ(bytes % 64, 0);
  GuardedBuffer workspace(bytes, touchesEnd);
  std::memset(workspace.data(), 0xff, static_cast<size_t>(bytes));
  auto element = [](const GuardedBuffer &buffer, const Operand &operand) {
    return buffer.data() + operand.origin * elementBytes(operand.type);
  };
  kernel(element(*a, test.a), element(*b, test.b), element(*c, test.c), test.words,
         workspace.data(), bytes);
  std::vector<char> expected = expectedResult(spec, test);
  int64_t width = elementBytes(spec.typeC);
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ(c->data()[i], expected[i])
        << "element " << static_cast<int64_t>(i) / width - test.c.origin << " of C, kernel "
        << spec.key() << "\n"
        << test.describe();
}

/// Extents of Batch, M, N, K: ragged edges of every tile, several dimensions, none, ones, zeros.
std::vector<CaseOptions> caseFamily() {
  std::vector<CaseOptions> family;
  auto add = [&](std::vector<int64_t> b, std::vector<int64_t> m, std::vector<int64_t> n,
                 std::vector<int64_t> k) {
    CaseOptions options;
    options.extents[0] = std::move(b);
    options.extents[1] = std::move(m);
    options.extents[2] = std::move(n);
    options.extents[3] = std::move(k);
    family.push_back(options);
  };
  add({}, {13}, {37}, {11});
  add({}, {24}, {64}, {16});
  add({3}, {5}, {7}, {2});
  add({2, 3}, {4, 5}, {3, 8, 5}, {4, 7});
  add({}, {29, 3}, {8, 16}, {3, 4});
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
  return family;
}

void testKernel(const ContractionKernelSpec &spec) {
  SCOPED_TRACE(spec.key());
  auto kernel = CompiledKernel::compile(spec);
  std::mt19937 random(7);
  int round = 0;
  for (const CaseOptions &base : caseFamily())
    for (int variant = 0; variant < 6; ++variant, ++round) {
      CaseOptions options = base;
      options.rowMajor = variant == 0;
      options.accumulate = variant % 2 == 1;
      options.padded = variant >= 3;
      options.negativeStrides = variant == 2 || variant == 4;
      options.broadcasts = variant == 4;
      options.subRanges = variant == 3 || variant == 5;
      options.nonNegative = spec.semiring == Semiring::MaxTimes;
      ContractionCase test = makeCase(spec, options, random);
      runCase(spec, *kernel, test, round % 2 == 0);
      if (testing::Test::HasFatalFailure())
        return;
    }
}

/// Blocks so small that the family above crosses all their edges.
ContractionKernelSpec withSmallBlocks(ContractionKernelSpec spec) {
  if (spec.kc != 0)
    spec.kc = 8;
  spec.mc = 2 * spec.mr;
  spec.nc = 2 * spec.nr;
  spec.ncThin = spec.nr;
  return spec;
}

ContractionShape squareShape(int64_t extent) {
  ContractionShape shape;
  shape[ContractionShape::M] = {{extent, extent, 0, extent}};
  shape[ContractionShape::N] = {{extent, 0, 1, 1}};
  shape[ContractionShape::K] = {{extent, 1, extent, 0}};
  return shape;
}

class ContractionKernelTest : public testing::TestWithParam<KernelCase> {};

TEST_P(ContractionKernelTest, PackedMatchesDefinition) {
  ContractionTypes types = typesOf(GetParam());
  ASSERT_EQ(explainUnsupported(types), "");
  auto spec = chooseContractionSpec(types, squareShape(40), hostTarget());
  ASSERT_EQ(spec.strategy, KernelStrategy::Packed);
  testKernel(withSmallBlocks(spec));
}

TEST_P(ContractionKernelTest, DirectMatchesDefinition) {
  ContractionTypes types = typesOf(GetParam());
  auto spec = chooseContractionSpec(types, squareShape(1), hostTarget());
  ASSERT_EQ(spec.strategy, KernelStrategy::Direct);
  testKernel(withSmallBlocks(spec));
}

constexpr KernelCase kKernels[] = {
    {"f32", "f32", "f32", "f32", "f32", Semiring::PlusTimes},
    {"f64", "f64", "f64", "f64", "f64", Semiring::PlusTimes},
    {"f16", "f16", "f16", "f16", "f16", Semiring::PlusTimes},
    {"bf16", "bf16", "bf16", "bf16", "bf16", Semiring::PlusTimes},
    {"f16_into_f32", "f16", "f16", "f32", "f32", Semiring::PlusTimes},
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

} // namespace
