//===- GenomeTest.cpp - Genomes, judged -----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "../Nodes.h"
#include "ConstantRange.h"
#include "Interpretation.h"
#include "Metamorphic.h"
#include "Native.h"
#include "Pipelines.h"
#include "Relations.h"
#include "TestPasses.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Fuzz/Judge.h"
#include "tenon/Fuzz/PassCatalog.h"
#include "tenon/Fuzz/Program.h"
#include "tenon/Fuzz/RegisterPasses.h"

#include "mlir/IR/Action.h"
#include "mlir/Pass/Pass.h"

#include "gtest/gtest.h"

#include <map>

using namespace tenon;
using namespace tenon::fuzz;
using namespace tenon::fuzz::test;

namespace {

/// f(a, b, c) = a b - c.
Genome makeDifference(Element element, Arithmetic arithmetic) {
  Genome genome;
  genome.arithmetic = arithmetic;
  genome.dataSeed = 5;
  genome.nodes = {argument({3, 4}, element), argument({4, 5}, element), argument({3, 5}, element)};
  genome.nodes.push_back(contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2}, element));
  Node difference;
  difference.kind = NodeKind::Map;
  difference.element = difference.accumulate = element;
  difference.flavour = uint8_t(MapOp::Sub);
  difference.operands = {{3, {}}, {2, {}}};
  genome.nodes.push_back(difference);
  genome.results = {4};
  repair(genome);
  EXPECT_EQ(genome.nodes.size(), 5u);
  return genome;
}

Outcome judgeWithoutNative(const Genome &genome) {
  JudgeOptions options;
  options.nativeShare = 0;
  return Judge(options).run(genome);
}

/// One finding, of the stages, that names the pass.
void expectStageFinding(const Outcome &outcome, std::string_view pass) {
  ASSERT_EQ(outcome.findings.size(), 1u) << describe(outcome);
  EXPECT_EQ(outcome.findings[0].oracle, Oracle::Stage);
  EXPECT_EQ(outcome.findings[0].pass, pass);
}

TEST(Genome, NamesThePassThatIsWrong) {
  registerWrongPasses();
  Judge judge({});
  for (Arithmetic arithmetic : {Arithmetic::Exact, Arithmetic::Bound}) {
    Genome genome = makeDifference(Element::F32, arithmetic);
    genome.passes = {{"tn-simplify", ""},
                     {"convert-tn-to-linalg", ""},
                     {"test-swap-subtraction", ""},
                     {"cse", ""}};
    Outcome outcome = judge.run(genome);
    ASSERT_EQ(outcome.findings.size(), 1u) << describe(outcome);
    EXPECT_EQ(outcome.findings[0].oracle, Oracle::Stage);
    EXPECT_EQ(outcome.findings[0].pass, "test-swap-subtraction");
    EXPECT_NE(outcome.findings[0].signature.find("test-swap-subtraction"), std::string::npos);
  }
}

TEST(Genome, AProductWithOneMayBeFoldedWhereInfinitiesAre) {
  // Infinities of f16, times a complex number, times the delta's 1 + 0i: the last product makes NaN
  // of infinities, and is folded to its other factor once the constant is fused into it.
  Genome genome;
  genome.arithmetic = Arithmetic::Bound;
  genome.nodes = {argument({2}, Element::BF16), contract({{0, {0}}}, {0}, Element::F16),
                  argument({3}, Element::C128), argument({1, 1}, Element::C128),
                  contract({{1, {0}}, {2, {1}}, {3, {2, 3}}}, {0, 1, 2}, Element::C128)};
  genome.nodes[0].kind = genome.nodes[2].kind = NodeKind::Constant;
  genome.nodes[0].flavour = uint8_t(Content::Large);
  genome.nodes[1].accumulate = Element::F32;
  genome.nodes[2].flavour = uint8_t(Content::Splat);
  genome.nodes[3].kind = NodeKind::Delta;
  genome.results = {4};
  genome.passes = {{"convert-tn-to-linalg", ""},
                   {"canonicalize", ""},
                   {"linalg-fold-unit-extent-dims", ""},
                   {"canonicalize", ""},
                   {"linalg-fuse-elementwise-ops", ""}};
  repair(genome);
  ASSERT_EQ(genome.passes.size(), 5u);
  Outcome outcome = judgeWithoutNative(genome);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_GT(outcome.inconclusive, 0u);
}

TEST(Genome, ProductsOfBitsAsLoopsShowD3) {
  Genome genome;
  genome.nodes = {argument({3, 4}, Element::I1), argument({4, 5}, Element::I1),
                  contract({{0, {0, 1}}, {1, {1, 2}}}, {0, 2}, Element::I1)};
  genome.nodes[2].flavour = uint8_t(Form::Loops);
  genome.results = {2};
  genome.passes = {{"linalg-specialize-generic-ops", ""}};
  repair(genome);
  ASSERT_EQ(genome.passes.size(), 1u);
  Outcome outcome = judgeWithoutNative(genome);
  expectStageFinding(outcome, "linalg-specialize-generic-ops");
  // As Tenon writes it, the pass takes it for no product.
  genome.nodes[2].flavour = uint8_t(Form::Contraction);
  genome.passes.insert(genome.passes.begin(), {"convert-tn-to-linalg", ""});
  outcome = judgeWithoutNative(genome);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
}

TEST(Genome, LoopsThatSumNothingShowD28) {
  Genome genome;
  genome.nodes = {argument({3}, Element::I32), argument({4}, Element::I32),
                  contract({{0, {0}}}, {0}, Element::I32),
                  contract({{2, {0}}, {1, {1}}}, {0, 1}, Element::I32)};
  for (unsigned number : {2u, 3u})
    genome.nodes[number].flavour = uint8_t(Form::Loops);
  genome.results = {3};
  genome.passes = {{"linalg-fuse-elementwise-ops", ""}};
  repair(genome);
  ASSERT_EQ(genome.passes.size(), 1u);
  Outcome outcome = judgeWithoutNative(genome);
  expectStageFinding(outcome, "linalg-fuse-elementwise-ops");
  removeGuarded(genome);
  EXPECT_TRUE(genome.passes.empty());
}

/// Every oracle, native code and pipelines among them, on what users write by hand.
TEST(Genome, LoopsAreJudgedAsContractionsAre) {
  JudgeOptions options;
  options.nativeShare = 1;
  Judge judge(options);
  for (Element element : {Element::I1, Element::I8, Element::Index, Element::F16, Element::F64}) {
    Genome genome;
    genome.arithmetic = Arithmetic::Exact;
    genome.nodes = {argument({3, 4}, element), argument({2, 4, 3}, element), argument({}, element),
                    contract({{0, {0, 1}}, {1, {2, 1, 3}}, {2, {}}}, {3, 0}, element),
                    contract({{3, {0, 0}}, {0, {0, 1}}}, {1, 0}, element)};
    for (unsigned number : {3u, 4u})
      genome.nodes[number].flavour = uint8_t(Form::Loops);
    genome.results = {4};
    genome.passes = {{"tn-plan", ""}, {"tenon-tensor-stage", ""}, {"canonicalize", ""}};
    repair(genome);
    ASSERT_TRUE(isWrittenAsLoops(genome.nodes[3]) && isWrittenAsLoops(genome.nodes[4]));
    for (uint64_t draws = 0; draws < 12; ++draws) {
      genome.dataSeed = draws;
      Outcome outcome = judge.run(genome);
      EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
    }
  }
}

TEST(Genome, FailuresThatAreNoRefusalsAreFindings) {
  registerWrongPasses();
  Judge judge({});
  Genome genome = makeDifference(Element::I8, Arithmetic::Ring);
  genome.passes = {{"cse", ""}, {"test-silent-failure", ""}};
  Outcome outcome = judge.run(genome);
  ASSERT_EQ(outcome.findings.size(), 1u) << describe(outcome);
  EXPECT_EQ(outcome.findings[0].oracle, Oracle::Verifier);
  EXPECT_EQ(outcome.findings[0].pass, "test-silent-failure");
}

TEST(Genome, OraclesCanBeSwitchedOff) {
  registerWrongPasses();
  JudgeOptions options;
  options.oracles = kCompileOnly;
  Judge judge(options);
  Genome genome = makeDifference(Element::F32, Arithmetic::Exact);
  genome.passes = {{"convert-tn-to-linalg", ""}, {"test-swap-subtraction", ""}};
  Outcome outcome = judge.run(genome);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_EQ(outcome.conclusive, 0u);
}

TEST(Genome, NativeCodeIsJudged) {
  JudgeOptions options;
  options.nativeShare = 1;
  std::vector<std::string> phases;
  options.onPhase = [&](std::string_view phase) { phases.emplace_back(phase); };
  Judge judge(options);
  Genome genome = makeDifference(Element::F32, Arithmetic::Exact);
  genome.passes = {{"tn-simplify", ""}};
  genome.nodes[0].layout = {{1, 0}, 2, 1, 1};
  Outcome outcome = judge.run(genome);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_TRUE(std::ranges::count(phases, "native") == 1 &&
              std::ranges::count(phases, "run native") == 1);
  EXPECT_EQ(std::ranges::count(phases, "pass tn-simplify"), 1);
}

TEST(Genome, NativeCodeOfOpenExtentsLeavesActionsTraced) {
  JudgeOptions options;
  options.nativeShare = 1;
  unsigned passes = 0;
  options.onContext = [&](mlir::MLIRContext &context) {
    context.registerActionHandler(
        [&](llvm::function_ref<void()> run, const mlir::tracing::Action &action) {
          passes += llvm::isa<mlir::PassExecutionAction>(action);
          run();
        });
  };
  std::vector<std::string> phases;
  options.onPhase = [&](std::string_view phase) { phases.emplace_back(phase); };
  Judge judge(options);
  Genome genome = makeDifference(Element::F32, Arithmetic::Exact);
  genome.nodes[0].dynamic = 1;
  repair(genome);
  genome.passes = {{"tn-simplify", ""}};
  // The kernels are compiled once.
  EXPECT_TRUE(judge.run(genome).findings.empty());
  ASSERT_EQ(std::ranges::count(phases, "run native"), 1);
  passes = 0;
  judge.run(genome);
  unsigned before = passes;
  EXPECT_GT(before, 0u);
  judge.run(genome);
  EXPECT_EQ(passes, 2 * before);
}

/// A case by hand, for oracles by themselves.
class OracleTest : public testing::Test {
protected:
  void SetUp() override {
    registerFuzzPasses();
    session.emplace(options);
    current.emplace(Case{*session, options, outcome, 77, "float", ""});
    genome = makeDifference(Element::F32, Arithmetic::Exact);
    auto built = buildModule(genome, session->context());
    ASSERT_TRUE(bool(built)) << llvm::toString(built.takeError());
    module = std::move(*built);
    arguments = makeArguments(genome);
    truth.arithmetic = Arithmetic::Exact;
    truth.mayMeetInfinity = false;
    truth.results = std::move(interpretCase(findOnTensors(*module, "main"), arguments).results);
    ASSERT_EQ(truth.results.size(), 1u);
  }
  void falsify() {
    Scalar value = truth.results[0].get(7);
    if (auto *number = std::get_if<double>(&value))
      truth.results[0].set(7, *number + 1);
    else
      truth.results[0].set(7, std::get<int64_t>(value) ^ 1);
  }

  JudgeOptions options;
  Outcome outcome;
  std::optional<Session> session;
  std::optional<Case> current;
  Genome genome;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<HostTensor> arguments;
  Truth truth;
};

TEST_F(OracleTest, NativeComparesWithTheTruth) {
  NativeData data{arguments, {}, 2};
  for (KernelEffort effort : {KernelEffort::Quick, KernelEffort::Full}) {
    data.effort = effort;
    checkNative(*current, "native", *module, "main", data, truth, false);
  }
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_EQ(outcome.conclusive, 2u);
  falsify();
  checkNative(*current, "native", *module, "main", data, truth, false);
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_EQ(outcome.findings[0].oracle, Oracle::Native);
  EXPECT_EQ(outcome.findings[0].pass, "native");
}

TEST_F(OracleTest, NativeLeavesProgramsAloneThatWantTooManyNewKernels) {
  // Extents that the generator does not draw: no other test has the product's kernel. That of the
  // difference is the same for all extents.
  genome = makeDifference(Element::I16, Arithmetic::Ring);
  genome.nodes[0].extents = {11, 13};
  genome.nodes[1].extents = {13, 19};
  genome.nodes[2].extents = {11, 19};
  repair(genome);
  auto built = buildModule(genome, session->context());
  ASSERT_TRUE(bool(built)) << llvm::toString(built.takeError());
  module = std::move(*built);
  arguments = makeArguments(genome);
  truth.arithmetic = Arithmetic::Ring;
  truth.results = std::move(interpretCase(findOnTensors(*module, "main"), arguments).results);
  falsify();
  NativeData data;
  data.arguments = arguments;
  data.mostNewKernels = 0;
  for (bool isRefusal : {false, true})
    checkNative(*current, "native", *module, "main", data, truth, isRefusal);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_EQ(outcome.refused, 0u);
  data.mostNewKernels = 2;
  checkNative(*current, "native", *module, "main", data, truth, false);
  EXPECT_EQ(outcome.findings.size(), 1u);
  // Now they are there, but not with less effort.
  data.mostNewKernels = 0;
  checkNative(*current, "native", *module, "main", data, truth, false);
  EXPECT_EQ(outcome.findings.size(), 2u);
  data.effort = KernelEffort::Quick;
  checkNative(*current, "native", *module, "main", data, truth, false);
  EXPECT_EQ(outcome.findings.size(), 2u);
}

TEST_F(OracleTest, EveryPipelineComparesWithTheTruth) {
  for (uint64_t hash = 0; hash < 60; ++hash) {
    current->hash = hash;
    checkPipeline(*current, *module, "main", arguments, truth);
    EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  }
  EXPECT_GE(outcome.conclusive, 40u);
  falsify();
  checkPipeline(*current, *module, "main", arguments, truth);
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_EQ(outcome.findings[0].oracle, Oracle::Pipelines);
}

/// r[i, j] = c[i] y[i, j] d[i] with large c and d.
Genome makeLargeProduct(Content content) {
  Genome genome;
  genome.arithmetic = Arithmetic::Bound;
  genome.nodes = {argument({3}), argument({3, 4}), argument({3})};
  for (int i : {0, 2}) {
    genome.nodes[i].kind = NodeKind::Constant;
    genome.nodes[i].flavour = uint8_t(content);
  }
  Node product;
  product.kind = NodeKind::Contract;
  product.operands = {{0, {0}}, {1, {0, 1}}, {2, {0}}};
  product.output = {0, 1};
  genome.nodes.push_back(product);
  genome.results = {3};
  repair(genome);
  return genome;
}

TEST_F(OracleTest, LargeConstantsStayApart) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Genome large = makeLargeProduct(Content::Large);
    large.dataSeed = seed;
    auto built = buildModule(large, session->context());
    ASSERT_TRUE(bool(built)) << llvm::toString(built.takeError());
    EXPECT_TRUE(checkConstantRange(*current, large, **built)) << describe(outcome);
  }
  EXPECT_EQ(outcome.conclusive, 20u);
  // Of others, or in a network of constants alone, an infinity may be what is computed.
  auto built = buildModule(makeLargeProduct(Content::Random), session->context());
  EXPECT_TRUE(checkConstantRange(*current, makeLargeProduct(Content::Random), **built));
  Genome folded = makeLargeProduct(Content::Large);
  folded.nodes[1].kind = NodeKind::Constant;
  repair(folded);
  EXPECT_TRUE(checkConstantRange(*current, folded, **built));
  EXPECT_EQ(outcome.conclusive, 20u);
}

/// The sum of c[i] d v[i, j]^n, of v = u x with a constant u of ones and large c and d: one network
/// that has u as often as it reads v.
Genome makePowers(unsigned n) {
  Genome genome;
  genome.arithmetic = Arithmetic::Bound;
  genome.nodes = {argument({32}), argument({}), argument({32, 32}), argument({32, 32})};
  for (int i : {0, 1, 2}) {
    genome.nodes[i].kind = NodeKind::Constant;
    genome.nodes[i].flavour = uint8_t(i == 2 ? Content::Ones : Content::Large);
  }
  genome.nodes.push_back(contract({{2, {0, 1}}, {3, {0, 1}}}, {0, 1}));
  std::vector<Operand> operands{{0, {0}}, {1, {}}};
  operands.insert(operands.end(), n, Operand{4, {0, 1}});
  genome.nodes.push_back(contract(std::move(operands), {}));
  genome.results = {5};
  repair(genome);
  EXPECT_EQ(genome.nodes.back().operands.size(), n + 2);
  return genome;
}

TEST_F(OracleTest, TermsOfAValueCountAsOftenAsItIsRead) {
  // Of numbers up to 2^81: 2^45 terms are in the range of f32, 2^65 are not.
  for (uint64_t seed = 0; seed < 10; ++seed)
    for (unsigned n : {4, 6}) {
      Genome powers = makePowers(n);
      powers.dataSeed = seed;
      auto built = buildModule(powers, session->context());
      ASSERT_TRUE(bool(built)) << llvm::toString(built.takeError());
      outcome.conclusive = 0;
      EXPECT_TRUE(checkConstantRange(*current, powers, **built)) << describe(outcome);
      EXPECT_EQ(outcome.conclusive, n == 4 ? 1u : 0u) << seed;
    }
}

TEST_F(OracleTest, RelationsAskForNaNsThatAreCertain) {
  truth.mayMeetInfinity = true;
  Result<HostTensor> mask = HostTensor::zeros({TENON_F64}, truth.results[0].shape());
  ASSERT_TRUE(bool(mask));
  truth.certainNaNs.push_back(std::move(*mask));
  for (current->hash = 0; current->hash < 60; ++current->hash)
    checkRelation(*current, genome, arguments, truth);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome);
  EXPECT_GE(outcome.conclusive, 10u);
  // Where a number is, a NaN was asked for.
  truth.certainNaNs[0].set(7, 1.0);
  unsigned relationsHeld = outcome.conclusive;
  for (current->hash = 0; current->hash < 60; ++current->hash)
    checkRelation(*current, genome, arguments, truth);
  EXPECT_EQ(outcome.findings.size(), relationsHeld);
  ASSERT_FALSE(outcome.findings.empty());
  EXPECT_EQ(outcome.findings[0].oracle, Oracle::Metamorphic);
}

TEST_F(OracleTest, InfiniteConstantsAreSeen) {
  auto built = buildModule(makeLargeProduct(Content::Large), session->context());
  ASSERT_TRUE(bool(built)) << llvm::toString(built.takeError());
  EXPECT_FALSE(hasInfiniteConstant(**built));
  tn::ConstantOp last;
  (*built)->walk([&](tn::ConstantOp op) { last = op; });
  llvm::SmallVector<float> values{1, std::numeric_limits<float>::infinity(), 2};
  last.setValueAttr(mlir::DenseElementsAttr::get(mlir::cast<mlir::RankedTensorType>(last.getType()),
                                                 llvm::ArrayRef(values)));
  EXPECT_TRUE(hasInfiniteConstant(**built));
}

/// No relation may be without an example, and none may change what it says it does not.
TEST(Relations, HoldInTheInterpreter) {
  JudgeOptions options;
  options.oracles = oracleBit(Oracle::Metamorphic);
  std::map<std::string, unsigned> seen;
  options.onPhase = [&](std::string_view phase) {
    for (const Relation &relation : relations())
      if (phase.starts_with("metamorphic " + std::string(relation.name)))
        ++seen[std::string(relation.name)];
  };
  Judge judge(options);
  Random random(11);
  // Those that few programs admit take more.
  for (unsigned i = 0; i < 1500 || (i < 10000 && seen.size() < relations().size()); ++i) {
    Genome genome = generate(random);
    genome.passes.clear();
    Outcome outcome = judge.run(genome);
    ASSERT_TRUE(outcome.findings.empty()) << describe(outcome) << printGenome(genome);
  }
  for (const Relation &relation : relations())
    EXPECT_GE(seen[std::string(relation.name)], 1u) << relation.name;
}

/// The passes of Tenon, as far as there are tensors: no defect of upstream's passes in the way.
void keepOwnPasses(Genome &genome) {
  std::erase_if(genome.passes, [](const PassStep &step) {
    const PassDescription *description = findPass(step.name);
    return !description->isTenon || (description->to && *description->to > Level::Tensor);
  });
  repair(genome);
}

TEST(Genome, GeneratedCasesHaveNoFindings) {
  JudgeOptions options;
  options.nativeShare = 0.01;
  Judge judge(options);
  Random random(2024);
  uint64_t conclusive = 0, inconclusive = 0;
  for (unsigned i = 0; i < 1000; ++i) {
    Genome genome = generate(random);
    keepOwnPasses(genome);
    Outcome outcome = judge.run(genome);
    ASSERT_TRUE(outcome.findings.empty()) << describe(outcome) << printGenome(genome);
    conclusive += outcome.conclusive;
    inconclusive += outcome.inconclusive;
  }
  EXPECT_GE(conclusive, 9 * inconclusive);
}

/// A case is judged alike whenever it is judged: replay depends on it.
TEST(Genome, IsJudgedAlikeTwice) {
  std::vector<std::string> phases[2];
  for (auto &list : phases) {
    JudgeOptions options;
    options.nativeShare = 0;
    options.onPhase = [&](std::string_view phase) { list.emplace_back(phase); };
    Judge judge(options);
    Random random(7);
    for (unsigned i = 0; i < 50; ++i) {
      Genome genome = generate(random);
      keepOwnPasses(genome);
      judge.run(genome);
    }
  }
  EXPECT_EQ(phases[0], phases[1]);
}

} // namespace
