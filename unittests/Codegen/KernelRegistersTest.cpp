//===- KernelRegistersTest.cpp - What kernels keep in registers -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The innermost loops of every kernel that is chosen are looked at as assembly: a register tile
// that leaves the registers would be slow, and no result would show it.
//
//===----------------------------------------------------------------------===//
#if defined(__x86_64__)
#include "KernelCase.h"
#include "KernelJit.h"

#include "gtest/gtest.h"

#include <bit>
#include <set>
#include <tuple>

using namespace tenon::cpu;

namespace {

struct Loop {
  int multiplies; ///< fused multiply-adds, dots among them
  std::vector<std::string> instructions;
};

/// The innermost loops that multiply.
std::vector<Loop> multiplyingLoops(llvm::StringRef assembly) {
  std::vector<Loop> loops;
  std::vector<std::string> block;
  llvm::StringRef label;
  int count = 0;
  llvm::SmallVector<llvm::StringRef> lines;
  assembly.split(lines, '\n');
  for (llvm::StringRef line : lines) {
    line = line.split('#').first.trim();
    if (line.starts_with(".L")) {
      label = line.split(':').first;
      block.clear();
      count = 0;
    } else if (!line.empty()) {
      block.push_back(line.str());
      count += line.starts_with("vfmadd") || line.starts_with("vfnmadd") ||
               line.starts_with("vdpbf16ps");
      bool isBack = line.starts_with("j") && line.ends_with(label);
      if (isBack && count > 0)
        loops.push_back({count, block});
    }
  }
  return loops;
}

/// Every packed kernel that is chosen for some m and n.
std::vector<ContractionKernelSpec> chosenKernels(const ContractionTypes &types,
                                                 const TargetDescription &target) {
  std::vector<ContractionKernelSpec> kernels;
  std::set<std::pair<int64_t, int64_t>> tiles;
  // Beyond a few tiles of the largest extent only the padding of the last one changes.
  for (int64_t m = 1; m <= 120; ++m)
    for (int64_t n = 1; n <= 200; ++n) {
      ContractionShape shape;
      shape[ContractionShape::M] = {{m, 9, 0, n}};
      shape[ContractionShape::N] = {{n, 0, 1, 1}};
      shape[ContractionShape::K] = {{9, 1, n, 0}};
      ContractionKernelSpec spec = chooseContraction(types, shape, target).spec;
      if (spec.strategy == KernelStrategy::Packed && tiles.insert({spec.mr, spec.nr}).second)
        kernels.push_back(spec);
    }
  return kernels;
}

struct Machine {
  const char *target, *cpu, *features;
};

std::vector<Loop> multiplyingLoops(const ContractionKernelSpec &spec, const Machine &machine) {
  return multiplyingLoops(
      CompiledKernel::assembly(spec, "x86_64-unknown-linux-gnu", machine.cpu, machine.features));
}

/// Instructions of the loops with the most multiply-adds.
std::vector<std::vector<std::string>> hottestLoops(const ContractionKernelSpec &spec,
                                                   const Machine &machine, int &multiplies) {
  std::vector<std::vector<std::string>> best;
  multiplies = 0;
  for (Loop &loop : multiplyingLoops(spec, machine)) {
    if (loop.multiplies < multiplies)
      continue;
    if (loop.multiplies > multiplies)
      best.clear();
    multiplies = loop.multiplies;
    best.push_back(std::move(loop.instructions));
  }
  return best;
}

class MicroKernelTest : public testing::TestWithParam<std::tuple<Machine, const char *>> {};

TEST_P(MicroKernelTest, KeepsItsTileInRegisters) {
  auto [machine, type] = GetParam();
  ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
  std::vector<ContractionKernelSpec> kernels = chosenKernels(types, *targetByName(machine.target));
  EXPECT_GT(kernels.size(), 1u);
  for (const ContractionKernelSpec &spec : kernels) {
    SCOPED_TRACE(spec.key());
    int multiplies = 0;
    auto loops = hottestLoops(spec, machine, multiplies);
    int64_t perElement = type[0] == 'c' ? 4 : 1;
    EXPECT_EQ(multiplies, spec.mr * spec.nr / spec.lanes * perElement);
    // Panels, A where it lies, and of real numbers B where it lies, and both; bf16 is always
    // packed.
    EXPECT_EQ(loops.size(), type[0] == 'c' ? 2u : type[0] == 'b' ? 1u : 4u);
    size_t withoutStack = 0, fetching = 0;
    std::string reloads;
    for (const std::vector<std::string> &loop : loops) {
      bool usesStack = false;
      for (llvm::StringRef instruction : loop)
        if (instruction.contains("rsp")) {
          usesStack = true;
          reloads += "\n" + instruction.str();
          EXPECT_FALSE(instruction.contains("mm")) << "spill: " << instruction.str();
        }
      withoutStack += !usesStack;
      fetching += llvm::count_if(loop, [](llvm::StringRef instruction) {
                    return instruction.starts_with("prefetch");
                  }) == spec.dot * (spec.mr > 16 ? 2 : 1);
    }
    // Where an operand lies is an address more, which may be read again; panels need none.
    EXPECT_GE(withoutStack, 1u) << reloads;
    // For each step of k a line that is read soon is fetched, and where B lies elsewhere others of
    // it.
    EXPECT_EQ(fetching, type[0] == 'b' ? 1u : 2u);
  }
}

/// Every kernel that is chosen for small products in a batch.
std::vector<ContractionKernelSpec> chosenBatchedKernels(const ContractionTypes &types,
                                                        const TargetDescription &target) {
  std::vector<ContractionKernelSpec> kernels;
  std::set<std::string> keys;
  for (int64_t m = 2; m <= 32; ++m)
    for (int64_t n = 2; n <= 32; ++n)
      for (const ContractionShape &shape :
           {batchedShape(64, m, n, 16), interleavedShape(64, m, n, 16)}) {
        ContractionKernelSpec spec = chooseContraction(types, shape, target).spec;
        if (keys.insert(spec.key()).second)
          kernels.push_back(spec);
      }
  return kernels;
}

/// Registers that hold so many elements: whole ones, then ever shorter parts of one.
int64_t registersOf(int64_t elements, int64_t ofRegister) {
  return elements / ofRegister + std::popcount(static_cast<uint64_t>(elements % ofRegister));
}

class SmallProductTest : public MicroKernelTest {};

TEST_P(SmallProductTest, KeepsItsTileInRegisters) {
  auto [machine, type] = GetParam();
  ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
  std::vector<ContractionKernelSpec> kernels =
      chosenBatchedKernels(types, *targetByName(machine.target));
  EXPECT_GT(kernels.size(), 2u);
  const int64_t parts = type[0] == 'c' ? 2 : 1;
  const int64_t realsOfRegister = targetByName(machine.target)->lanes(8 * sumFormat(types).bytes);
  int64_t kernelsOfRows = 0;
  for (const ContractionKernelSpec &spec : kernels) {
    SCOPED_TRACE(spec.key());
    std::vector<Loop> loops = multiplyingLoops(spec, machine);
    // Of a batch four steps at once, a sum for each part of A's elements; of products side by side
    // one step, each element by itself.
    bool isBatched = spec.strategy == KernelStrategy::Batched;
    int64_t row = spec.lanes * parts, longest = 64 / sumFormat(types).bytes, ofRows = 0;
    int64_t ofTile = isBatched ? spec.mr * registersOf(spec.nr * parts, realsOfRegister) * 4 * parts
                               : spec.mr * spec.nr / spec.lanes * parts * parts;
    // Vectors of several rows take all steps at once, and join the sums of complex numbers.
    if (isBatched && row < longest && spec.nr == spec.lanes && spec.lanes + 2 + parts <= 16)
      ofRows = (spec.lanes * parts + parts - 1) * (longest / realsOfRegister);
    kernelsOfRows += ofRows > 0;
    int loopsOfTile = 0, loopsOfRows = 0;
    for (const Loop &loop : loops) {
      EXPECT_LE(loop.multiplies, std::max(ofTile, ofRows));
      loopsOfTile += loop.multiplies == ofTile;
      loopsOfRows += loop.multiplies == ofRows;
      if (loop.multiplies != ofTile && loop.multiplies != ofRows)
        continue;
      for (llvm::StringRef instruction : loop.instructions)
        EXPECT_FALSE(instruction.contains("rsp") && instruction.contains("mm"))
            << "spill: " << instruction.str();
    }
    EXPECT_EQ(loopsOfTile, ofTile == ofRows ? 2 : 1);
    // Loops over what is left of a sum may multiply as often.
    EXPECT_GE(loopsOfRows, ofRows == 0 ? 0 : ofTile == ofRows ? 2 : 1);
  }
  EXPECT_GT(kernelsOfRows, 0);
}

class StreamTest : public MicroKernelTest {};

TEST_P(StreamTest, KeepsItsVectorInRegisters) {
  auto [machine, type] = GetParam();
  ContractionTypes types = typesOf({"", type, type, type, type, Semiring::PlusTimes});
  ContractionKernelSpec spec =
      chooseContraction(types, streamedShape(), *targetByName(machine.target)).spec;
  ASSERT_EQ(spec.strategy, KernelStrategy::Streamed);
  SCOPED_TRACE(spec.key());
  int multiplies = 0;
  auto loops = hottestLoops(spec, machine, multiplies);
  EXPECT_EQ(multiplies, type[0] == 'c' ? 4 : 1);
  EXPECT_GE(loops.size(), 1u);
  for (const std::vector<std::string> &loop : loops)
    for (llvm::StringRef instruction : loop)
      EXPECT_FALSE(instruction.contains("rsp") && instruction.contains("mm"))
          << "spill: " << instruction.str();
}

constexpr Machine kMachines[] = {{"avx512", "skylake-avx512", "-prefer-256-bit"},
                                 {"avx2", "haswell", ""}};
std::string nameOf(const testing::TestParamInfo<MicroKernelTest::ParamType> &info) {
  return std::string(std::get<0>(info.param).target) + "_" + std::get<1>(info.param);
}
const auto kTargets =
    testing::Combine(testing::ValuesIn(kMachines), testing::Values("f32", "f64", "c64", "c128"));
INSTANTIATE_TEST_SUITE_P(Targets, MicroKernelTest, kTargets, nameOf);
INSTANTIATE_TEST_SUITE_P(Targets, SmallProductTest, kTargets, nameOf);
INSTANTIATE_TEST_SUITE_P(Targets, StreamTest, kTargets, nameOf);

constexpr Machine kDots = {"avx512-bf16", "cooperlake", "-prefer-256-bit"};
INSTANTIATE_TEST_SUITE_P(Dots, MicroKernelTest,
                         testing::Combine(testing::Values(kDots), testing::Values("bf16")),
                         [](const auto &) { return std::string("bf16"); });

} // namespace
#endif
