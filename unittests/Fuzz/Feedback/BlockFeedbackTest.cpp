//===- BlockFeedbackTest.cpp - Blocks of MLIR that are reached --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelCompiler.h"
#include "PassRuns.h"
#include "tenon/Fuzz/Feedback.h"
#include "tenon/InitAll.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/Signals.h"
#include "gmock/gmock.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sys/personality.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tenon::fuzz;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

/// With a cache of its own, that the tests of a process share: without one each would disassemble
/// MLIR again.
struct Blocks : testing::Test {
  static void SetUpTestSuite() {
    std::string name = testing::TempDir() + "tenon-blocks-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory = name;
  }
  static void TearDownTestSuite() { fs::remove_all(directory); }

  static std::unique_ptr<Feedback> make() {
    std::string error;
    std::unique_ptr<Feedback> feedback = makeBlockFeedback(directory, error);
    EXPECT_TRUE(feedback) << error;
    return feedback;
  }

  static fs::path cacheFile() {
    for (const fs::directory_entry &entry : fs::directory_iterator(directory))
      if (entry.path().extension() == ".blocks")
        return entry.path();
    return "";
  }

  inline static std::string directory;
};

TEST_F(Blocks, ASecondRunShowsNothingNewAndAnotherPassDoes) {
  std::unique_ptr<Feedback> feedback = make();
  std::vector<uint32_t> first = featuresOf(*feedback, kArithmetic, "canonicalize");
  EXPECT_GT(first.size(), 1000u);
  EXPECT_EQ(std::set<uint32_t>(first.begin(), first.end()).size(), first.size());
  // What is done once in a process, and collisions in tables of addresses, leave a few.
  std::vector<uint32_t> again = featuresOf(*feedback, kArithmetic, "canonicalize");
  EXPECT_LT(again.size(), first.size() / 20);
  std::vector<uint32_t> other = featuresOf(*feedback, kNetwork, kLower);
  EXPECT_GT(other.size(), 200u);
  EXPECT_EQ(feedback->numSeen(), first.size() + again.size() + other.size());
  EXPECT_LT(feedback->numSeen(), feedback->total() / 2);
}

TEST_F(Blocks, AreOfMLIR) {
  std::unique_ptr<Feedback> feedback = make();
  std::vector<uint32_t> features = featuresOf(*feedback, kNetwork, kLower);
  std::vector<uint32_t> more = featuresOf(*feedback, kArithmetic, "canonicalize");
  features.insert(features.end(), more.begin(), more.end());
  unsigned ofCanonicalizer = 0;
  for (size_t i = 0; i < features.size(); i += 10) {
    std::string name = feedback->describe(features[i]);
    EXPECT_EQ(name.find("tenon"), std::string::npos) << name;
  }
  for (uint32_t feature : more)
    ofCanonicalizer += feedback->describe(feature).find("Canonicalizer") != std::string::npos;
  EXPECT_GT(ofCanonicalizer, 0u);
}

TEST_F(Blocks, ProbesChangeNoResult) {
  auto run = [] {
    return std::vector{runPasses(kArithmetic, "canonicalize,cse"), runPasses(kNetwork, kLower),
                       runPasses(kNetwork, "tenon-cpu-pipeline")};
  };
  std::vector<std::string> expected = run();
  {
    std::unique_ptr<Feedback> feedback = make();
    EXPECT_EQ(run(), expected);
    EXPECT_GT(feedback->numSeen(), 1000u);
  }
  // And when they are gone.
  EXPECT_EQ(run(), expected);
}

TEST_F(Blocks, MarkedOnesAreNotNew) {
  std::vector<uint32_t> first;
  {
    std::unique_ptr<Feedback> feedback = make();
    first = featuresOf(*feedback, kArithmetic, "canonicalize");
  }
  std::unique_ptr<Feedback> feedback = make();
  feedback->markSeen(first);
  feedback->markSeen({first[0], static_cast<uint32_t>(feedback->total())});
  EXPECT_EQ(feedback->numSeen(), first.size());
  EXPECT_LT(featuresOf(*feedback, kArithmetic, "canonicalize").size(), first.size() / 20);
}

TEST_F(Blocks, BetweenCasesNothingIsNew) {
  std::unique_ptr<Feedback> feedback = make();
  runPasses(kArithmetic, "canonicalize");
  feedback->begin();
  std::vector<uint32_t> features;
  feedback->end(features);
  EXPECT_TRUE(features.empty());
}

TEST_F(Blocks, ThreadsMayHitThemAtOnce) {
  std::string expected = runPasses(kNetwork, kLower);
  std::unique_ptr<Feedback> feedback = make();
  feedback->begin();
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::string &result : results)
    threads.emplace_back([&result] { result = runPasses(kNetwork, kLower); });
  for (std::thread &thread : threads)
    thread.join();
  for (const std::string &result : results)
    EXPECT_EQ(result, expected);
  std::vector<uint32_t> features;
  feedback->end(features);
  EXPECT_EQ(std::set<uint32_t>(features.begin(), features.end()).size(), features.size());
  EXPECT_EQ(features.size(), feedback->numSeen());
}

TEST_F(Blocks, KernelsMayBeCompiledOnThreads) {
  static const char *const networks = R"mlir(
func.func @narrow(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>) -> tensor<2x5xf32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}
func.func @whole(%a: tensor<2x3xi32>, %b: tensor<3x5xi32>) -> tensor<2x5xi32> {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<2x3xi32>, tensor<3x5xi32>) -> tensor<2x5xi32>
  return %0 : tensor<2x5xi32>
}
)mlir";
  std::string lowered = runPasses(networks, "tenon-cpu-pipeline");
  std::unique_ptr<Feedback> feedback = make();
  mlir::DialectRegistry registry;
  tenon::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(lowered, &context);
  ASSERT_TRUE(module);
  std::vector<mlir::func::FuncOp> kernels;
  for (mlir::func::FuncOp function : module->getOps<mlir::func::FuncOp>())
    if (function->hasAttr("tn.kernel"))
      kernels.push_back(function);
  ASSERT_EQ(kernels.size(), 2u);
  auto objects = tenon::compileKernels(kernels, tenon::KernelEffort::Full, 2, [] { return llvm::Error::success(); });
  ASSERT_TRUE(!!objects);
  for (auto &object : *objects)
    EXPECT_TRUE(object);
}

TEST_F(Blocks, AForkedChildCountsForItself) {
  std::unique_ptr<Feedback> feedback = make();
  featuresOf(*feedback, kArithmetic, "canonicalize");
  size_t before = feedback->numSeen();
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    bool isFine = !featuresOf(*feedback, kNetwork, kLower).empty() && feedback->numSeen() > before;
    _exit(isFine ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(feedback->numSeen(), before);
}

TEST_F(Blocks, OneAtATime) {
  std::unique_ptr<Feedback> feedback = make();
  std::string error;
  EXPECT_EQ(makeBlockFeedback(directory, error), nullptr);
  EXPECT_THAT(error, HasSubstr("probed already"));
  feedback.reset();
  EXPECT_TRUE(make());
}

TEST_F(Blocks, OtherTrapsDoWhatTheyDid) {
  EXPECT_EXIT(
      {
        std::unique_ptr<Feedback> feedback = make();
        __builtin_debugtrap();
      },
      testing::KilledBySignal(SIGTRAP), "");
  EXPECT_EXIT(
      {
        std::unique_ptr<Feedback> feedback = make();
        raise(SIGTRAP);
      },
      testing::KilledBySignal(SIGTRAP), "");
}

TEST_F(Blocks, AHandlerThatTookOverIsReplaced) {
  std::unique_ptr<Feedback> feedback = make();
  static volatile sig_atomic_t numTraps = 0;
  std::signal(SIGTRAP, [](int) { numTraps = numTraps + 1; });
  EXPECT_FALSE(featuresOf(*feedback, kArithmetic, "canonicalize").empty());
  EXPECT_EQ(numTraps, 0);
  // Traps that are not ours go on to it.
  raise(SIGTRAP);
  EXPECT_EQ(numTraps, 1);
  feedback.reset();
  std::signal(SIGTRAP, SIG_DFL);
}

void exitQuietly(int) { _exit(3); }

/// Whether a signal is for exitQuietly.
bool isQuiet(int signal) {
  struct sigaction action;
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == exitQuietly;
}

TEST_F(Blocks, LeaveOtherSignalsToOthers) {
  // In a process of its own, in which LLVM has not taken any signal.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        for (int signal : {SIGABRT, SIGSEGV, SIGINT, SIGUSR1})
          std::signal(signal, exitQuietly);
        std::unique_ptr<Feedback> feedback = make();
        feedback->begin();
        // LLVM takes none amid a case either.
        llvm::sys::RemoveFileOnSignal("/nonexistent/of-a-test");
        runPasses(kArithmetic, "canonicalize");
        bool isFine = feedback->numSeen() > 1000;
        for (int signal : {SIGABRT, SIGSEGV, SIGINT, SIGUSR1})
          isFine &= isQuiet(signal);
        _exit(isFine ? 7 : 1);
      },
      testing::ExitedWithCode(7), "");
  GTEST_FLAG_SET(death_test_style, "fast");
}

TEST_F(Blocks, DamagedCachesArePassedOver) {
  size_t total = make()->total();
  fs::path file = cacheFile();
  ASSERT_FALSE(file.empty());
  std::string whole;
  {
    std::ifstream stream(file, std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(stream), {});
  }
  ASSERT_EQ(whole.size(), 8 * (total + 3));
  std::string flipped = whole, shifted = whole.substr(8) + whole.substr(0, 8);
  flipped[flipped.size() / 2] ^= 1;
  for (const std::string &bad :
       {std::string(), whole.substr(0, 20), whole.substr(0, whole.size() - 8), whole + "x", flipped,
        shifted}) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bad;
    EXPECT_EQ(make()->total(), total);
    std::ifstream stream(file, std::ios::binary);
    EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(stream), {}) == whole);
  }
  // Nor is what others may have written.
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(make()->total(), total);
  EXPECT_EQ(fs::status(file).permissions() & fs::perms::others_write, fs::perms::none);
}

TEST_F(Blocks, AnUnwritableCacheIsNoError) {
  std::string error;
  EXPECT_TRUE(makeBlockFeedback("/proc/no-such-place", error)) << error;
}

std::map<uint32_t, std::string> featuresOfOtherProcess() {
  std::string command = fs::read_symlink("/proc/self/exe").string();
  command = "'" + command + "' --print-features";
  std::map<uint32_t, std::string> features;
  std::FILE *pipe = popen(command.c_str(), "r");
  if (!pipe)
    return features;
  char line[4096];
  unsigned number;
  int place;
  while (std::fgets(line, sizeof(line), pipe))
    if (std::sscanf(line, "feature %u %n", &number, &place) == 1)
      features[number] = line + place;
  EXPECT_EQ(pclose(pipe), 0);
  return features;
}

TEST_F(Blocks, NumbersMeanTheSameInOtherProcesses) {
  std::map<uint32_t, std::string> one = featuresOfOtherProcess(), two = featuresOfOtherProcess();
  ASSERT_GT(one.size(), 1000u);
  size_t numCommon = 0;
  for (auto &[feature, name] : one) {
    auto it = two.find(feature);
    if (it == two.end())
      continue;
    ++numCommon;
    EXPECT_EQ(it->second, name);
  }
  EXPECT_GT(numCommon, one.size() - one.size() / 20);
}

TEST_F(Blocks, AreTheSameWhereAddressesAre) {
  int former = personality(0xffffffff);
  bool isFixed =
      former != -1 && personality(static_cast<unsigned>(former) | ADDR_NO_RANDOMIZE) != -1;
  std::map<uint32_t, std::string> one = featuresOfOtherProcess(), two = featuresOfOtherProcess();
  EXPECT_GT(one.size(), 1000u);
  // Some containers refuse it; the two are alike all the same.
  if (isFixed) {
    personality(static_cast<unsigned>(former));
    EXPECT_EQ(one, two);
  }
}

} // namespace
