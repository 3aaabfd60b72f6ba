//===- ExportTestTest.cpp - A case as a test of the suite -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "../Nodes.h"

#include "tenon/Fuzz/ExportTest.h"
#include "tenon/Fuzz/RegisterPasses.h"

#include "gtest/gtest.h"

using namespace tenon::fuzz;
using namespace tenon::fuzz::test;

namespace {

class ExportTest : public ::testing::Test {
protected:
  ExportTest() : context(makeRegistry()) { context.disableMultithreading(); }

  static mlir::DialectRegistry makeRegistry() {
    mlir::DialectRegistry registry;
    registerFuzzDialects(registry);
    return registry;
  }

  /// %0 [i, k] times %1 [k, j], one pass on functions and one on modules.
  Genome makeGenome(Element element, Arithmetic arithmetic) {
    Genome genome;
    genome.arithmetic = arithmetic;
    genome.dataSeed = 5;
    genome.nodes = {argument({2, 3}, element), argument({3, 4}, element),
                    contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2}, element)};
    genome.results = {2};
    genome.passes = {{"tn-plan", ""}, {"canonicalize", ""}};
    repair(genome);
    return genome;
  }

  std::string print(const Genome &genome, Oracle oracle, ExportOptions options = {}) {
    Finding finding{oracle, "tn-plan", "element 3: RUN: is 5", "s"};
    llvm::Expected<std::string> text = exportTest(genome, finding, context, options);
    EXPECT_TRUE(bool(text)) << llvm::toString(text.takeError());
    return text ? *text : "";
  }

  mlir::MLIRContext context;
};

TEST_F(ExportTest, APipelineNamesTheAnchorOfEachPass) {
  EXPECT_EQ(printPipeline({}), "builtin.module()");
  EXPECT_EQ(printPipeline({{"tn-plan", "method=greedy seed=3"}}),
            "builtin.module(func.func(tn-plan{method=greedy seed=3}))");
  EXPECT_EQ(printPipeline({{"canonicalize", ""}, {"linalg-generalize-named-ops", ""}}),
            "builtin.module(canonicalize,func.func(linalg-generalize-named-ops))");
}

TEST_F(ExportTest, IntegersAreChecksOfText) {
  std::string text = print(makeGenome(Element::I32, Arithmetic::Ring), Oracle::Stage);
  for (const char *part :
       {"// RUN: tenon-opt %t/program.mlir "
        "--pass-pipeline='builtin.module(func.func(tn-plan),canonicalize)'",
        "// RUN: tenon-run %t/data.mlir --reference --entry=argument0 -o %t/argument0.npy",
        "--arg=%t/argument0.npy --arg=%t/argument1.npy -o %t/result0.npy --reference --print | "
        "FileCheck %s",
        "// CHECK: {{^ *\\[\\[ *}}", "\\]\\]$}}", "//--- program.mlir", "//--- data.mlir",
        "func.func @argument1() -> tensor<3x4xi32>"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  // What a message says is no command.
  EXPECT_NE(text.find("// element 3; RUN; is 5\n"), std::string::npos) << text;
}

TEST_F(ExportTest, FloatsInABoundAreCounted) {
  std::string text = print(makeGenome(Element::F32, Arithmetic::Bound), Oracle::Stage);
  for (const char *part : {"--entry=differences0 --arg=%t/result0.npy | FileCheck %s",
                           "// CHECK: {{^}}0{{$}}", "arith.cmpf ole, %x, %b : f64"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST_F(ExportTest, NativeRunsHaveNoReference) {
  Genome genome = makeGenome(Element::I32, Arithmetic::Ring);
  EXPECT_NE(print(genome, Oracle::Native).find(".npy --print | FileCheck"), std::string::npos);
  // tenon-run has arguments as they are written.
  genome.nodes[0].layout.padding = 2;
  EXPECT_NE(print(genome, Oracle::Native).find("tenon-fuzz replay %t/case.txt"), std::string::npos);
}

TEST_F(ExportTest, ReplaysWhatTheJudgeAloneKnows) {
  Genome genome = makeGenome(Element::F32, Arithmetic::Exact);
  EXPECT_EQ(print(genome, Oracle::Stage).find("tenon-fuzz replay"), std::string::npos);
  genome.nodes[0].flavour = uint8_t(Content::Special);
  for (genome.dataSeed = 0; genome.dataSeed < 4; ++genome.dataSeed)
    if (print(genome, Oracle::Stage).find("tenon-fuzz replay %t/case.txt") != std::string::npos)
      return;
  ADD_FAILURE() << "a quarter of six elements is NaN, with four seeds";
}

TEST_F(ExportTest, ReplaysWhatUsersCommandsDoNotShow) {
  Genome genome = makeGenome(Element::I32, Arithmetic::Ring);
  std::string text = print(genome, Oracle::Metamorphic);
  EXPECT_NE(text.find("tenon-fuzz replay %t/case.txt"), std::string::npos);
  size_t begin = text.find("//--- case.txt\n"), end = text.find("//--- program.mlir");
  ASSERT_LT(begin, end);
  begin += strlen("//--- case.txt\n");
  Genome parsed;
  std::string error;
  EXPECT_TRUE(parseGenome(text.substr(begin, end - begin), parsed, error)) << error;
  EXPECT_EQ(parsed, genome);
  ExportOptions options;
  options.draws = 12345678901234567890u;
  EXPECT_NE(print(genome, Oracle::Metamorphic, options)
                .find("tenon-fuzz replay --draws=12345678901234567890 %t/case.txt\n"),
            std::string::npos);
  options.isKnownPass = [](llvm::StringRef name) { return name != "canonicalize"; };
  EXPECT_NE(print(genome, Oracle::Stage, options).find("tenon-fuzz replay"), std::string::npos);
}

TEST_F(ExportTest, RoundTripsAndDeterminismHaveCommandsOfTheirOwn) {
  Genome genome = makeGenome(Element::I32, Arithmetic::Ring);
  EXPECT_NE(print(genome, Oracle::RoundTrip)
                .find("tenon-opt %t/after.mlir --verify-roundtrip -o %t/again.mlir"),
            std::string::npos);
  EXPECT_NE(print(genome, Oracle::Determinism).find("diff %t/after.mlir %t/again.mlir"),
            std::string::npos);
}

} // namespace
