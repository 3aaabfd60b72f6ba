//===- TextMutationTest.cpp - The second mode -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PassesHarness.h"

#include "tenon/Fuzz/TextMutation.h"

#include "mlir/IR/Verifier.h"

#include <set>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

namespace {

DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

const Seeds &getSeeds() {
  static const Seeds seeds = [] {
    Seeds read;
    std::string error;
    EXPECT_TRUE(readSeeds(TENON_TEST_FOLDER, makeRegistry(), read, error)) << error;
    return read;
  }();
  return seeds;
}

std::vector<double> uniform() { return std::vector<double>(textMutators().size(), 1.0); }

std::string print(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return text;
}

size_t numberOf(std::string_view name) {
  for (size_t i = 0; i < textMutators().size(); ++i)
    if (textMutators()[i].name == name)
      return i;
  ADD_FAILURE() << "no mutator " << name;
  return 0;
}

/// What one mutator makes of `text`, for many seeds: those that verify.
std::set<std::string> childrenOf(std::string_view mutator, StringRef text,
                                 StringRef donorText = "module {}") {
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  ScopedDiagnosticHandler silence(&context, [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  OwningOpRef<ModuleOp> donor = parseSourceString<ModuleOp>(donorText, &context);
  EXPECT_TRUE(module && donor);
  std::set<std::string> children;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    OwningOpRef<ModuleOp> child = module->clone();
    Random random(seed);
    if (textMutators()[numberOf(mutator)].apply(*child, *donor, random) &&
        succeeded(verify(*child)))
      children.insert(print(*child));
  }
  children.erase(print(*module));
  return children;
}

bool anyContains(const std::set<std::string> &texts, StringRef part) {
  return llvm::any_of(texts,
                      [&](const std::string &text) { return StringRef(text).contains(part); });
}

constexpr char kSum[] = R"(
  func.func @main(%a: tensor<4x3xi32>, %b: tensor<4x3xi32>) -> tensor<4x3xi32> {
    %c = arith.constant dense<2> : tensor<4x3xi32>
    %p = arith.subi %a, %b : tensor<4x3xi32>
    %s = arith.addi %p, %c : tensor<4x3xi32>
    return %s : tensor<4x3xi32>
  })";

TEST(TextCase, IsWrittenAndReadBack) {
  TextCase text;
  text.module = "module {\n}\n";
  text.passes = {{"cse", ""}, {"tn-plan", "packing=a;b{c} threads=2"}, {"sccp", ""}};
  text.dataSeed = ~uint64_t(0);
  TextCase back;
  std::string error;
  ASSERT_TRUE(readTextCase(writeTextCase(text), back, error)) << error;
  EXPECT_EQ(back, text);
  EXPECT_EQ(hashTextCase(back), hashTextCase(text));
  back.dataSeed = 1;
  EXPECT_NE(hashTextCase(back), hashTextCase(text));
  text.passes.clear();
  ASSERT_TRUE(readTextCase(writeTextCase(text), back, error)) << error;
  EXPECT_EQ(back, text);
}

TEST(TextCase, IsAlsoAFileWithoutAHead) {
  TextCase text;
  std::string error;
  ASSERT_TRUE(readTextCase("func.func @f() { return }", text, error));
  EXPECT_EQ(text.module, "func.func @f() { return }");
  EXPECT_TRUE(text.passes.empty());
}

TEST(TextCase, RefusesDamagedHeads) {
  for (const char *head :
       {"// tenon-fuzz: seed=", "// tenon-fuzz: seed=x passes=", "// tenon-fuzz: seed=1",
        "// tenon-fuzz: seed=1 passes=a;", "// tenon-fuzz: seed=1 passes=;a",
        "// tenon-fuzz: seed=1 passes=a{b", "// tenon-fuzz: seed=1 passes=a}b",
        "// tenon-fuzz: seed=1 passes={b}", "// tenon-fuzz: seed=99999999999999999999 passes=a"}) {
    TextCase text;
    std::string error;
    EXPECT_FALSE(readTextCase(std::string(head) + "\nmodule {}\n", text, error)) << head;
    EXPECT_CONTAINS(error, "is no head of a case");
  }
  TextCase text;
  std::string error;
  EXPECT_FALSE(readTextCase(std::string(kMaxTextCaseBytes + 1, ' '), text, error));
  EXPECT_CONTAINS(error, "262145 bytes");
}

TEST(Seeds, AreTheModulesOfTheSuite) {
  const Seeds &seeds = getSeeds();
  EXPECT_GT(seeds.files, 80u);
  EXPECT_GE(seeds.cases.size(), 120u);
  for (const TextCase &seed : seeds.cases) {
    MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
    EXPECT_TRUE(parseSourceString<ModuleOp>(seed.module, &context)) << seed.module;
  }
  std::string error;
  Seeds none;
  EXPECT_FALSE(readSeeds(TENON_TEST_FOLDER "/missing", makeRegistry(), none, error));
  EXPECT_CONTAINS(error, "missing");
}

TEST(TextMutation, LeavesModulesThatVerifyAndRoundTrip) {
  const Seeds &seeds = getSeeds();
  std::vector<MutationRate> rates(textMutators().size());
  Random random(1);
  size_t children = 0, tries = 0;
  for (size_t i = 0; i < seeds.cases.size(); i += 2) {
    MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
    auto module = parseSourceString<ModuleOp>(seeds.cases[i].module, &context);
    auto donor =
        parseSourceString<ModuleOp>(seeds.cases[random.below(seeds.cases.size())].module, &context);
    ASSERT_TRUE(module && donor);
    for (int round = 0; round < 4; ++round) {
      ++tries;
      const std::string before = print(*module);
      Mutant mutant = mutate(*module, *donor, uniform(), random, rates);
      EXPECT_EQ(print(*module), before);
      if (!mutant.module)
        continue;
      ++children;
      ASSERT_TRUE(succeeded(verify(*mutant.module)));
      const std::string text = print(*mutant.module);
      auto again = parseSourceString<ModuleOp>(text, &context);
      ASSERT_TRUE(again) << text;
    }
  }
  EXPECT_GT(children * 10, tries * 9);
  for (size_t i = 0; i < rates.size(); ++i) {
    EXPECT_GE(rates[i].asked, rates[i].applied);
    EXPECT_GE(rates[i].applied, rates[i].valid);
    EXPECT_GT(rates[i].valid, 0u) << textMutators()[i].name;
    RecordProperty(std::string(textMutators()[i].name),
                   std::to_string(rates[i].valid) + "/" + std::to_string(rates[i].applied));
  }
}

TEST(TextMutation, MakesOperationsOfDialectsThatTheTextHasNot) {
  // Nothing here but func and math: neither conditions nor constants.
  constexpr char text[] = R"(
    func.func @main(%x: f32) -> f32 {
      %y = math.absf %x : f32
      %z = math.sqrt %y : f32
      return %z : f32
    })";
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  auto module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  std::vector<MutationRate> rates(textMutators().size());
  Random random(1);
  size_t conditions = 0;
  for (int i = 0; i < 200; ++i)
    if (Mutant mutant = mutate(*module, *module, uniform(), random, rates); mutant.module)
      conditions += StringRef(print(*mutant.module)).contains("scf.if");
  EXPECT_GT(conditions, 0u);
}

TEST(TextMutation, DependsOnTheSeedAlone) {
  auto makeTexts = [] {
    std::unique_ptr<TextSchedule> schedule = makeTextSchedule(makeRegistry(), /*guards=*/true);
    for (size_t i = 0; i < 20; ++i)
      schedule->add(getSeeds().cases[i]);
    Random random(5);
    std::vector<std::string> texts;
    for (int i = 0; i < 30; ++i) {
      texts.push_back(writeTextCase(schedule->next(random)));
      schedule->report(i % 3 == 0);
    }
    EXPECT_EQ(schedule->corpusSize(), 30u);
    return texts;
  };
  EXPECT_EQ(makeTexts(), makeTexts());
}

TEST(TextMutation, ErasesOperations) {
  std::set<std::string> children = childrenOf("erase-operation", kSum);
  // The sum becomes its operand, or the difference does.
  EXPECT_TRUE(anyContains(children, "arith.addi %arg0, %cst"));
  EXPECT_TRUE(anyContains(children, "arith.addi %arg1, %cst"));
}

TEST(TextMutation, SwapsAndReplacesOperands) {
  EXPECT_TRUE(anyContains(childrenOf("swap-operands", kSum), "arith.subi %arg1, %arg0"));
  EXPECT_TRUE(anyContains(childrenOf("replace-operand", kSum), "arith.subi %arg1, %arg1"));
}

TEST(TextMutation, ExchangesOperations) {
  std::set<std::string> children = childrenOf("exchange-operation", kSum);
  EXPECT_TRUE(anyContains(children, "arith.maxsi %arg0, %arg1"));
  EXPECT_TRUE(anyContains(children, "arith.xori"));
}

TEST(TextMutation, ChangesExtentsThroughoutAFunction) {
  std::set<std::string> children = childrenOf("change-extent", kSum);
  EXPECT_TRUE(anyContains(children, "dense<2> : tensor<5x3xi32>"));
  EXPECT_TRUE(anyContains(children, "%arg1: tensor<4x1xi32>) -> tensor<4x1xi32>"));
  for (const std::string &child : children)
    EXPECT_FALSE(StringRef(child).contains("4x3")) << child;
}

TEST(TextMutation, ChangesElementTypesThroughoutAFunction) {
  std::set<std::string> children = childrenOf("change-element-type", kSum);
  EXPECT_TRUE(anyContains(children, "dense<2> : tensor<4x3xi16>"));
  for (const std::string &child : children)
    EXPECT_FALSE(StringRef(child).contains("i32")) << child;
}

TEST(TextMutation, ChangesAttributes) {
  constexpr char kGeneric[] = R"(
    func.func @main(%a: tensor<3x3xi32>, %c: tensor<3x3xi32>) -> tensor<3x3xi32> {
      %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                           iterator_types = ["parallel", "parallel"]}
          ins(%a : tensor<3x3xi32>) outs(%c : tensor<3x3xi32>) {
      ^bb0(%x: i32, %z: i32):
        %s = arith.addi %x, %z overflow<nsw> : i32
        linalg.yield %s : i32
      } -> tensor<3x3xi32>
      return %r : tensor<3x3xi32>
    })";
  std::set<std::string> children = childrenOf("change-attribute", kGeneric, R"(
    func.func @sum(%a: tensor<3xi32>, %c: tensor<i32>) -> tensor<i32> {
      %r = linalg.reduce { arith.addi } ins(%a : tensor<3xi32>) outs(%c : tensor<i32>) dimensions = [0]
      %s = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
          ins(%a : tensor<3xi32>) outs(%r : tensor<i32>) {
      ^bb0(%x: i32, %z: i32):
        linalg.yield %x : i32
      } -> tensor<i32>
      return %s : tensor<i32>
    })");
  EXPECT_TRUE(anyContains(children, "(d1, d0)") || anyContains(children, "-> (d1, d0)"));
  EXPECT_TRUE(anyContains(children, "\"reduction\""));
}

TEST(TextMutation, SplicesCallsAndInlines) {
  constexpr char kDonor[] = "func.func @twice(%x: tensor<4x3xi32>) -> tensor<4x3xi32> {\n%r = "
                            "arith.muli %x, %x : tensor<4x3xi32>\n"
                            "return %r : tensor<4x3xi32>\n}";
  EXPECT_TRUE(anyContains(childrenOf("splice-function", kSum, kDonor), "func.func @twice"));
  EXPECT_TRUE(anyContains(childrenOf("splice-operation", kSum, kDonor), "arith.muli %arg"));
  std::string both = std::string(kSum) + kDonor;
  std::set<std::string> calls = childrenOf("call-function", both);
  ASSERT_TRUE(anyContains(calls, "call @twice"));
  EXPECT_TRUE(anyContains(childrenOf("inline-calls", *calls.begin()), "arith.muli"));
  EXPECT_TRUE(anyContains(childrenOf("return-more", kSum), "return %1, %0"));
}

TEST(TextMutation, MapsThatReadTheirInitStayAwayFromGuardedPasses) {
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  auto removeFrom = [&](std::string body) {
    auto module = parseSourceString<ModuleOp>(
        "func.func @f(%a: tensor<3xi32>, %b: tensor<3xi32>) -> tensor<3xi32> {\n"
        "%r = linalg.map ins(%a : tensor<3xi32>) outs(%b : tensor<3xi32>) (%x: i32, %z: i32) {\n" +
            body + "}\nreturn %r : tensor<3xi32>\n}",
        &context);
    EXPECT_TRUE(module);
    std::vector<PassStep> passes = {
        {"cse", ""}, {"linalg-fuse-elementwise-ops", ""}, {"one-shot-bufferize", ""}};
    removeGuarded(passes, *module);
    return passes.size();
  };
  EXPECT_EQ(removeFrom("linalg.yield %x : i32\n"), 3u);
  EXPECT_EQ(removeFrom("%s = arith.subi %x, %z : i32\nlinalg.yield %s : i32\n"), 1u);
}

TEST(TextMutation, CallsRegionsAndFoldsStayAwayFromGuardedPasses) {
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto leftOf = [&](std::string body) {
    auto module = parseSourceString<ModuleOp>(
        "func.func @f(%c: i1) -> i1 {\n" + body + "return %c : i1\n}", &context);
    EXPECT_TRUE(module);
    std::vector<PassStep> passes = {
        {"cse", ""},
        {"remove-dead-values", ""},
        {"normalize-memrefs", ""},
        {"affine-loop-invariant-code-motion", ""},
        {"ownership-based-buffer-deallocation", ""},
        {"buffer-deallocation-simplification", ""},
        {"one-shot-bufferize", "copy-before-write=true"},
        {"one-shot-bufferize", "copy-before-write=true bufferize-function-boundaries=true"}};
    removeGuarded(passes, *module);
    std::string names;
    for (const PassStep &step : passes)
      names += step.name + " ";
    return names;
  };
  EXPECT_EQ(leftOf(""),
            "cse remove-dead-values normalize-memrefs affine-loop-invariant-code-motion "
            "ownership-based-buffer-deallocation buffer-deallocation-simplification "
            "one-shot-bufferize one-shot-bufferize ");
  EXPECT_EQ(leftOf("%r = func.call @f(%c) : (i1) -> i1\n"),
            "cse affine-loop-invariant-code-motion ownership-based-buffer-deallocation "
            "buffer-deallocation-simplification "
            "one-shot-bufferize ");
  // A condition in a loop, of which its regions read nothing, or the counter.
  EXPECT_EQ(leftOf("affine.for %i = 0 to 3 {\nscf.if %c {\n}\n}\n"), leftOf(""));
  EXPECT_EQ(leftOf("affine.for %i = 0 to 3 {\nscf.if %c {\n%n = arith.addi %i, %i : index\n}\n}\n"),
            "cse remove-dead-values normalize-memrefs ownership-based-buffer-deallocation "
            "buffer-deallocation-simplification "
            "one-shot-bufferize one-shot-bufferize ");
  // A buffer of a condition, read in the same block and in another.
  auto readCondition = [&](std::string before) {
    return leftOf("%a = memref.alloc() : memref<2xf32>\n"
                  "%b = memref.alloc() : memref<2xf32>\n"
                  "%r = scf.if %c -> (memref<2xf32>) {\nscf.yield %a : memref<2xf32>\n} else {\n"
                  "scf.yield %b : memref<2xf32>\n}\n" +
                  before + "memref.copy %r, %a : memref<2xf32> to memref<2xf32>\n");
  };
  EXPECT_EQ(readCondition(""), leftOf(""));
  EXPECT_EQ(readCondition("cf.br ^next\n^next:\n"),
            "cse remove-dead-values normalize-memrefs affine-loop-invariant-code-motion "
            "buffer-deallocation-simplification one-shot-bufferize one-shot-bufferize ");
  // Of buffers, not of numbers, and only what folds.
  EXPECT_EQ(leftOf("%r = arith.select %c, %c, %c : i1\n"), leftOf(""));
  EXPECT_EQ(leftOf("%a = memref.alloc() : memref<2xf32>\n"
                   "%b = memref.alloc() : memref<2xf32>\n"
                   "%r = arith.select %c, %a, %b : memref<2xf32>\n"),
            leftOf(""));
  // Only where something asks for buffers that are freed.
  auto leftOfBuffer = [&](std::string made) {
    return leftOf("%a = memref.alloc() : memref<2xf32>\n" + made);
  };
  const std::string freed = "bufferization.dealloc (%a : memref<2xf32>) if (%c)\n",
                    selection = "%r = arith.select %c, %a, %a : memref<2xf32>\n",
                    notSimplified =
                        "cse remove-dead-values normalize-memrefs "
                        "affine-loop-invariant-code-motion ownership-based-buffer-deallocation "
                        "one-shot-bufferize one-shot-bufferize ";
  EXPECT_EQ(leftOfBuffer(freed), leftOf(""));
  EXPECT_EQ(leftOfBuffer(selection), leftOf(""));
  EXPECT_EQ(leftOfBuffer(selection + freed), notSimplified);
  // Loops fold to what they carry where they never run.
  auto leftOfLoop = [&](std::string bound) {
    return leftOfBuffer("%n, %r = affine.for %i = 0 to " + bound +
                        " iter_args(%m = %c, %x = %a) -> (i1, memref<2xf32>) {\n"
                        "%b = memref.alloc() : memref<2xf32>\n"
                        "affine.yield %m, %b : i1, memref<2xf32>\n}\n" +
                        freed);
  };
  EXPECT_EQ(leftOfLoop("0"), notSimplified);
  EXPECT_EQ(leftOfLoop("2"), leftOf(""));
}

TEST(TextMutation, FreedBuffersThatAreHandedOnStayAwayFromLiveness) {
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  auto guardOfText = [&](std::string text) {
    auto module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    return std::string(guardOf(PassStep{"optimize-allocation-liveness", ""}, *module));
  };
  auto guardOfReturn = [&](std::string returned, std::string freed = "%a : memref<3xi32>") {
    return guardOfText(
        "func.func @f(%c: i1, %other: memref<?xi32>) -> memref<?xi32> {\n"
        "%a = memref.alloc() : memref<3xi32>\n"
        "%view = memref.cast %a : memref<3xi32> to memref<?xi32>\n"
        "%chosen = scf.if %c -> (memref<?xi32>) {\nscf.yield %view : memref<?xi32>\n} else {\n"
        "scf.yield %other : memref<?xi32>\n}\n"
        "memref.dealloc " +
        freed + "\nreturn " + returned + " : memref<?xi32>\n}");
  };
  EXPECT_EQ(guardOfReturn("%view"), "D44");
  EXPECT_EQ(guardOfReturn("%chosen"), "D44");
  EXPECT_EQ(guardOfReturn("%other"), "");
  // The pass leaves alone what the function did not allocate.
  EXPECT_EQ(guardOfReturn("%other", "%other : memref<?xi32>"), "");
  // A view of itself, which may be where nothing gets.
  EXPECT_EQ(guardOfText("func.func @f(%a: memref<?xi32>) -> memref<?xi32> {\n"
                        "return %a : memref<?xi32>\n"
                        "^dead:\n"
                        "%v = memref.cast %v : memref<?xi32> to memref<?xi32>\n"
                        "memref.dealloc %a : memref<?xi32>\n"
                        "return %v : memref<?xi32>\n}"),
            "");
}

TEST(TextMutation, EmptyBuffersWithLayoutsAreNotNormalized) {
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  auto guardOfBuffer = [&](std::string type) {
    auto module = parseSourceString<ModuleOp>(
        "func.func @f() {\n%a = memref.alloca() : memref<" + type + ">\nreturn\n}", &context);
    EXPECT_TRUE(module);
    return std::string(guardOf(PassStep{"normalize-memrefs", ""}, *module));
  };
  EXPECT_EQ(guardOfBuffer("0x5xf32, strided<[1, 4]>"), "D45");
  EXPECT_EQ(guardOfBuffer("2x5xf32, strided<[1, 4]>"), "");
  EXPECT_EQ(guardOfBuffer("0x5xf32"), "");
}

TEST(TextMutation, QuotientsOfOpenTensorsAreNotExpanded) {
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  auto guardOfQuotient = [&](std::string operation, std::string type) {
    auto module = parseSourceString<ModuleOp>("func.func @f(%a: " + type + ") {\n%q = arith." +
                                                  operation + " %a, %a : " + type + "\nreturn\n}",
                                              &context);
    EXPECT_TRUE(module);
    return std::string(guardOf(PassStep{"arith-expand", ""}, *module));
  };
  EXPECT_EQ(guardOfQuotient("ceildivui", "tensor<2x?xi32>"), "D46");
  EXPECT_EQ(guardOfQuotient("ceildivui", "tensor<*xi32>"), "D46");
  EXPECT_EQ(guardOfQuotient("divui", "tensor<2x?xi32>"), "");
  EXPECT_EQ(guardOfQuotient("ceildivui", "tensor<2x3xi32>"), "");
}

TEST(TextMutation, NamesOfFunctionsOnTensorsStayAwayFromBufferization) {
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  auto guardOfStep = [&](std::string type, std::string options) {
    auto module = parseSourceString<ModuleOp>(
        "func.func private @f(" + type + ")\nfunc.func @main() {\n%f = func.constant @f : (" +
            type + ") -> ()\nreturn\n}",
        &context);
    EXPECT_TRUE(module);
    return std::string(guardOf(PassStep{"one-shot-bufferize", options}, *module));
  };
  const std::string crosses = "bufferize-function-boundaries=true";
  EXPECT_EQ(guardOfStep("tensor<2xi32>", crosses), "D41");
  EXPECT_EQ(guardOfStep("tensor<2xi32>", ""), "");
  EXPECT_EQ(guardOfStep("memref<2xi32>", crosses), "");
}

TEST(TextMutation, SeedsWithoutAMeaningAreNotTried) {
  std::unique_ptr<TextSchedule> schedule = makeTextSchedule(makeRegistry(), /*guards=*/true);
  schedule->add({std::string(kSum), {}, 0});
  schedule->add({R"(func.func @division(%n: index) -> index {
                      %zero = arith.constant 0 : index
                      %r = affine.apply affine_map<(d0)[s0] -> (d0 mod s0)>(%n)[%zero]
                      return %r : index
                    })",
                 {},
                 0});
  schedule->add({R"(func.func @steps(%a: memref<8xi32>, %x: i32) {
                      affine.for %i = 0 to 8 step 0 {
                        affine.store %x, %a[%i] : memref<8xi32>
                      }
                      return
                    })",
                 {},
                 0});
  unsigned others = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    TextCase text = schedule->next(random);
    EXPECT_EQ(text.module.find("affine_map<(d0)[s0] -> (d0 mod s0)>(%arg0)[%c0]"),
              std::string::npos)
        << text.module;
    EXPECT_EQ(text.module.find("step 0"), std::string::npos) << text.module;
    others += text.module.find("@main") != std::string::npos;
  }
  EXPECT_GT(others, 0u);
}

TEST(TextMutation, DrawsPassesThatTheLevelAllows) {
  for (Level level : {Level::Network, Level::Tensor, Level::Buffer})
    for (uint64_t seed = 0; seed < 200; ++seed) {
      Random random(seed);
      Level at = level;
      for (const PassStep &step : drawPasses(level, /*guards=*/true, random)) {
        const PassDescription *pass = findPass(step.name);
        ASSERT_NE(pass, nullptr);
        EXPECT_TRUE(pass->from & levelBit(at)) << step.name;
        EXPECT_TRUE(pass->guard.empty() || pass->guardWhen == GuardWhen::MapReadsInit ||
                    pass->guardWhen == GuardWhen::ReadsDestination ||
                    pass->guardWhen == GuardWhen::Calls ||
                    pass->guardWhen == GuardWhen::RegionsInAffineLoops ||
                    pass->guardWhen == GuardWhen::FoldedBuffers ||
                    pass->guardWhen == GuardWhen::BuffersInOtherBlocks ||
                    pass->guardWhen == GuardWhen::FreedBuffersLeft)
            << step.name;
        at = pass->to.value_or(at);
      }
    }
  MLIRContext context(makeRegistry(), MLIRContext::Threading::DISABLED);
  auto levelOfText = [&](StringRef text) {
    return levelOf(*parseSourceString<ModuleOp>(text, &context));
  };
  EXPECT_EQ(levelOfText(kSum), Level::Tensor);
  EXPECT_EQ(levelOfText("func.func private @f(memref<2xf32>)"), Level::Buffer);
  EXPECT_EQ(levelOfText("func.func @f() -> tensor<2x2xf32> {\n%0 = tn.delta : "
                        "tensor<2x2xf32>\nreturn %0 : tensor<2x2xf32>\n}"),
            Level::Network);
}

} // namespace
