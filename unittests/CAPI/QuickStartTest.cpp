//===- QuickStartTest.cpp - The C API, networks without a compiler ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Owned.h"
#include "tenon/QuickStart/PrebuiltKernels.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace {
/// r[i, l] = sum over j, k of a[i, j] b[j, k] c[k, l].
struct Chain {
  int64_t extents[3][2] = {{2, 3}, {3, 4}, {4, 5}};
  int64_t indices[3][2] = {{7, 3}, {3, 9}, {9, 1}}, result[2] = {7, 1};
  int64_t path[4] = {1, 2, 0, 3};
  tenon_operand operands[3];
  tenon_contraction contraction = {};

  explicit Chain(tenon_dtype dtype = TENON_F64) {
    for (int i = 0; i < 3; ++i)
      operands[i] = {dtype, 0, 2, extents[i], indices[i], nullptr};
    contraction.struct_size = sizeof(contraction);
    contraction.num_operands = 3;
    contraction.operands = operands;
    contraction.num_result_indices = 2;
    contraction.result_indices = result;
    contraction.result_dtype = dtype;
    contraction.path = path;
    contraction.path_steps = 2;
  }
  Owned<tenon_network> make(const tenon_compile_options *options = nullptr) const {
    char *error = nullptr;
    Owned<tenon_network> network(tenon_network_from_contraction(&contraction, options, &error));
    EXPECT_TRUE(network) << take(error);
    return network;
  }
  template <typename T> void expectRight(tenon_network *network) const {
    std::vector<T> a(6), b(12), c(20), r(10);
    for (size_t i = 0; i < c.size(); ++i) {
      if (i < a.size())
        a[i] = static_cast<T>(3 * i) - 7;
      if (i < b.size())
        b[i] = static_cast<T>(i) - 4;
      c[i] = static_cast<T>(5 - int(i));
    }
    tenon_dtype dtype = operands[0].dtype;
    int64_t extentsR[] = {2, 5};
    tenon_tensor inputs[] = {{a.data(), dtype, 2, extents[0], nullptr},
                             {b.data(), dtype, 2, extents[1], nullptr},
                             {c.data(), dtype, 2, extents[2], nullptr}};
    tenon_tensor output = {r.data(), dtype, 2, extentsR, nullptr};
    Owned<tenon_context> context(tenon_context_create(1));
    ASSERT_EQ(tenon_network_run(network, context.get(), inputs, 3, &output, 1, nullptr, 0),
              TENON_OK)
        << tenon_context_error(context.get());
    for (int i = 0; i < 2; ++i)
      for (int l = 0; l < 5; ++l) {
        T sum = 0;
        for (int j = 0; j < 3; ++j)
          for (int k = 0; k < 4; ++k)
            sum += a[i * 3 + j] * b[j * 4 + k] * c[k * 5 + l];
        EXPECT_EQ(r[i * 5 + l], sum) << i << ", " << l;
      }
  }
};

bool hasKernels() { return tenon::quick::hostKernelSet() != nullptr; }

TEST(CAPIQuickStart, RunsAContractionWithoutACompiler) {
  if (!hasKernels())
    GTEST_SKIP() << "no kernels are prebuilt for this processor";
  Chain chain;
  Owned<tenon_network> network = chain.make();
  ASSERT_TRUE(network);
  EXPECT_TRUE(tenon_network_started_quickly(network.get()));
  chain.expectRight<double>(network.get());
  EXPECT_EQ(tenon_network_operations(network.get()), 3 * 4 * 5 + 2 * 3 * 5);
  EXPECT_GT(tenon_network_workspace_size(network.get()), 0);
  std::string signature = tenon_network_signature(network.get());
  EXPECT_NE(signature.find(R"("extents":[3,4])"), std::string::npos) << signature;
  std::string plan = tenon_network_plan(network.get());
  EXPECT_NE(plan.find(R"("operations":90)"), std::string::npos) << plan;
  EXPECT_NE(plan.find("quick start"), std::string::npos) << plan;
  EXPECT_STREQ(tenon_network_plan(network.get()), plan.c_str()) << "the text stays where it is";
}

TEST(CAPIQuickStart, AgreesWithTheCompilerOnWhatItSays) {
  Chain chain;
  Owned<tenon_network> quick = chain.make();
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_from_contraction(&chain.contraction, &error));
  ASSERT_TRUE(module) << take(error);
  Owned<tenon_network> compiled(tenon_compile(module.get(), nullptr, &error));
  ASSERT_TRUE(compiled) << take(error);
  EXPECT_FALSE(tenon_network_started_quickly(compiled.get()));
  EXPECT_STREQ(tenon_network_signature(quick.get()), tenon_network_signature(compiled.get()));
  EXPECT_EQ(tenon_network_operations(quick.get()), tenon_network_operations(compiled.get()));
  chain.expectRight<double>(compiled.get());
}

TEST(CAPIQuickStart, MayBeAskedAndRunFromSeveralThreads) {
  Chain chain;
  Owned<tenon_network> network = chain.make();
  ASSERT_TRUE(network);
  std::vector<std::thread> threads;
  std::vector<std::string> plans(4);
  for (std::string &plan : plans)
    threads.emplace_back([&] {
      plan = tenon_network_plan(network.get());
      chain.expectRight<double>(network.get());
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const std::string &plan : plans)
    EXPECT_EQ(plan, plans.front());
}

TEST(CAPIQuickStart, TakesTheLongerWayWhereItHasTo) {
  // A type without prebuilt kernels.
  Chain integers(TENON_I32);
  Owned<tenon_network> network = integers.make();
  ASSERT_TRUE(network);
  EXPECT_FALSE(tenon_network_started_quickly(network.get()));
  integers.expectRight<int32_t>(network.get());
  // A path to be found, and a bound on memory.
  Chain chain;
  chain.contraction.path = nullptr;
  network = chain.make();
  ASSERT_TRUE(network);
  EXPECT_FALSE(tenon_network_started_quickly(network.get()));
  chain.expectRight<double>(network.get());
  chain.contraction.path = chain.path;
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.memory_limit = 1 << 20;
  network = chain.make(&options);
  ASSERT_TRUE(network);
  EXPECT_FALSE(tenon_network_started_quickly(network.get()));
  EXPECT_LE(tenon_network_workspace_size(network.get()), 1 << 20);
  chain.expectRight<double>(network.get());
}

TEST(CAPIQuickStart, ReportsWhatIsWrongAsTheCompilerDoes) {
  auto errorOf = [](const tenon_contraction *contraction, const tenon_compile_options *options) {
    char *error = nullptr;
    Owned<tenon_network> network(tenon_network_from_contraction(contraction, options, &error));
    EXPECT_FALSE(network);
    return take(error);
  };
  EXPECT_NE(errorOf(nullptr, nullptr).find("struct_size"), std::string::npos);
  Chain chain;
  chain.extents[1][0] = 8;
  tenon_compile_failure failure = {};
  failure.struct_size = sizeof(failure);
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.failure = &failure;
  EXPECT_NE(errorOf(&chain.contraction, &options)
                .find("index 3 has extent 3 in operand 0 and 8 in operand 1"),
            std::string::npos);
  EXPECT_EQ(failure.status, TENON_INVALID_ARGUMENT);
  chain.extents[1][0] = 3;
  for (int64_t wrong : {int64_t(1), int64_t(-1), int64_t(1) << 40}) {
    chain.path[1] = wrong;
    EXPECT_NE(errorOf(&chain.contraction, nullptr), "") << wrong;
  }
  chain.path[1] = 2;
  options.threads = -1;
  EXPECT_NE(errorOf(&chain.contraction, &options).find("threads is negative"), std::string::npos);
  options.threads = 1;
  options.cancelled = [](void *) { return int32_t(1); };
  EXPECT_EQ(errorOf(&chain.contraction, &options), "the compilation was cancelled");
  EXPECT_EQ(failure.status, TENON_CANCELLED);
  // Wrong data is the run's business.
  Owned<tenon_network> network = chain.make();
  tenon_tensor nothing = {};
  Owned<tenon_context> context(tenon_context_create(1));
  EXPECT_EQ(tenon_network_run(network.get(), context.get(), &nothing, 1, &nothing, 1, nullptr, 0),
            TENON_INVALID_ARGUMENT);
}
} // namespace
