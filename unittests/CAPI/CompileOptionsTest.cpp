//===- CompileOptionsTest.cpp - The C API: options of a compilation ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Owned.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace {
/// A sum over 23 slices, each a sum of 170 products.
Owned<tenon_module> makeSum() {
  const std::string text = R"(
    func.func @main(%a: tensor<23x7x170xf32>, %b: tensor<170x23xf32>) -> tensor<7xf32> {
      %r = tn.slice (%s in 23) -> (tensor<7xf32> [sum]) {
        %x = tensor.extract_slice %a[%s, 0, 0] [1, 7, 170] [1, 1, 1] : tensor<23x7x170xf32> to tensor<7x170xf32>
        %y = tensor.extract_slice %b[0, %s] [170, 1] [1, 1] : tensor<170x23xf32> to tensor<170xf32>
        %z = tn.contract (%x[i, j], %y[j]) -> [i] : (tensor<7x170xf32>, tensor<170xf32>) -> tensor<7xf32>
        tn.yield %z : tensor<7xf32>
      }
      return %r : tensor<7xf32>
    })";
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_parse(text.data(), text.size(), "sum.mlir", &error));
  EXPECT_TRUE(module) << take(error);
  return module;
}

std::vector<float> run(const tenon_module *module, const tenon_compile_options &options) {
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module, &options, &error));
  EXPECT_TRUE(network) << take(error);
  if (!network)
    return {};
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> a(23 * 7 * 170), b(170 * 23), r(7);
  for (std::vector<float> *values : {&a, &b})
    for (float &value : *values)
      value = normal(random);
  int64_t extentsA[] = {23, 7, 170}, extentsB[] = {170, 23}, extentsR[] = {7};
  tenon_tensor inputs[] = {{a.data(), TENON_F32, 3, extentsA, nullptr}, {b.data(), TENON_F32, 2, extentsB, nullptr}};
  tenon_tensor outputs[] = {{r.data(), TENON_F32, 1, extentsR, nullptr}};
  Owned<tenon_context> context(tenon_context_create(options.threads));
  EXPECT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 1, nullptr, 0), TENON_OK)
      << tenon_context_error(context.get());
  return r;
}

TEST(CAPICompileOptions, DeterministicResultsDoNotDependOnThreads) {
  Owned<tenon_module> module = makeSum();
  ASSERT_TRUE(module);
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.threads = 1;
  const std::vector<float> one = run(module.get(), options);
  bool differs = false;
  for (int threads : {1, 2, 3, 4}) {
    options.threads = threads;
    options.deterministic = 1;
    EXPECT_EQ(run(module.get(), options), one) << threads;
    options.deterministic = 0;
    differs |= run(module.get(), options) != one;
  }
  // Without it the order of the sum is another.
  EXPECT_TRUE(differs);
}

TEST(CAPICompileOptions, OlderStructsAreAccepted) {
  Owned<tenon_module> module = makeSum();
  ASSERT_TRUE(module);
  tenon_compile_options options = {};
  options.struct_size = offsetof(tenon_compile_options, deterministic);
  options.threads = 1;
  const std::vector<float> one = run(module.get(), options);
  // What lies behind the caller's struct is not read.
  options.deterministic = 1;
  options.tuning = "/no/such/file";
  EXPECT_EQ(run(module.get(), options), one);
}

TEST(CAPICompileOptions, TuningFilesThatCannotBeReadAreErrors) {
  Owned<tenon_module> module = makeSum();
  ASSERT_TRUE(module);
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.threads = 1;
  options.tuning = "/no/such/file";
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module.get(), &options, &error));
  EXPECT_FALSE(network);
  EXPECT_NE(take(error).find("cannot read the tuning file '/no/such/file': No such file"), std::string::npos);
}
} // namespace
