//===- BadInputTest.cpp - The C API on what it must refuse ------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Every refusal is NULL or a status, and one message; nothing is printed and nothing computed.
//
//===----------------------------------------------------------------------===//
#include "Owned.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {
const std::string kProduct =
    R"(func.func @main(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
  %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
}
)";

Owned<tenon_module> parse(const std::string &text, std::string &message) {
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_parse(text.data(), text.size(), "test.mlir", &error));
  message = take(error);
  return module;
}

/// "ij,jk->ik" with the extents 3, 4, 5, to be spoiled.
struct Product {
  int64_t extentsA[2] = {3, 4}, extentsB[2] = {4, 5}, indicesA[2] = {0, 1}, indicesB[2] = {1, 2};
  int64_t output[3] = {0, 2, 0}, path[2] = {0, 1}, sliced[1] = {1};
  tenon_operand operands[2] = {{TENON_F32, 0, 2, extentsA, indicesA, nullptr},
                               {TENON_F32, 0, 2, extentsB, indicesB, nullptr}};
  tenon_contraction contraction = {};

  Product() {
    contraction.struct_size = sizeof(contraction);
    contraction.num_operands = 2;
    contraction.operands = operands;
    contraction.num_result_indices = 2;
    contraction.result_indices = output;
    contraction.result_dtype = TENON_F32;
  }
};

TEST(CAPIBadInput, Contractions) {
  struct Case {
    const char *message;
    std::function<void(Product &)> spoil;
  };
  const Case cases[] = {
      {"index 1 has extent 4 in operand 0 and 6 in operand 1",
       [](Product &p) { p.extentsB[0] = 6; }},
      {"output index 7 occurs in no operand", [](Product &p) { p.output[1] = 7; }},
      {"output index 0 is repeated", [](Product &p) { p.contraction.num_result_indices = 3; }},
      {"found -2 and 1", [](Product &p) { p.extentsA[1] = -2; }},
      {"found 5 and -1", [](Product &p) { p.indicesB[1] = -1; }},
      {"operand 1 has the rank -1", [](Product &p) { p.operands[1].rank = -1; }},
      {"operand 0 has the unknown dtype 99",
       [](Product &p) { p.operands[0].dtype = tenon_dtype(99); }},
      {"the result has the unknown dtype 99",
       [](Product &p) { p.contraction.result_dtype = tenon_dtype(99); }},
      {"the accumulation type is the unknown dtype 99",
       [](Product &p) { p.contraction.accumulate = tenon_dtype(99); }},
      {"the semiring has the unknown number 5",
       [](Product &p) { p.contraction.semiring = tenon_semiring(5); }},
      {"or_and", [](Product &p) { p.contraction.semiring = TENON_OR_AND; }},
      {"2^63",
       [](Product &p) { p.extentsA[0] = p.extentsA[1] = p.extentsB[0] = int64_t(1) << 32; }},
      {"2^63", [](Product &p) { p.extentsA[0] = p.extentsB[1] = int64_t(1) << 32; }},
      {"at least one operand", [](Product &p) { p.contraction.num_operands = 0; }},
      {"at least one operand", [](Product &p) { p.contraction.num_operands = -1; }},
      {"negative", [](Product &p) { p.contraction.num_result_indices = -1; }},
      {"negative", [](Product &p) { p.contraction.path = p.path, p.contraction.path_steps = -1; }},
      {"negative",
       [](Product &p) {
         p.contraction.path = p.path, p.contraction.path_steps = 1, p.contraction.num_sliced = -1;
       }},
      {"indices to slice are given without a path",
       [](Product &p) { p.contraction.sliced = p.sliced, p.contraction.num_sliced = 1; }},
      {"sliced index 9 occurs in no operand",
       [](Product &p) {
         p.sliced[0] = 9, p.contraction.sliced = p.sliced, p.contraction.num_sliced = 1;
         p.contraction.path = p.path, p.contraction.path_steps = 1;
       }},
      {"struct_size", [](Product &p) { p.contraction.struct_size = 8; }},
  };
  for (const Case &c : cases) {
    Product product;
    c.spoil(product);
    char *error = nullptr;
    Owned<tenon_module> module(tenon_module_from_contraction(&product.contraction, &error));
    std::string message = take(error);
    EXPECT_FALSE(module) << c.message;
    EXPECT_NE(message.find(c.message), std::string::npos)
        << message << "\nshould contain: " << c.message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  Product product;
  char *error = nullptr;
  EXPECT_TRUE(Owned<tenon_module>(tenon_module_from_contraction(&product.contraction, &error)))
      << take(error);
}

TEST(CAPIBadInput, PathsThatDoNotFit) {
  Product product;
  product.path[1] = 2;
  product.contraction.path = product.path;
  product.contraction.path_steps = 1;
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_from_contraction(&product.contraction, &error));
  ASSERT_TRUE(module) << take(error);
  EXPECT_FALSE(Owned<tenon_network>(tenon_compile(module.get(), nullptr, &error)));
  std::string message = take(error);
  EXPECT_NE(message.find("tn.path"), std::string::npos) << message;
}

TEST(CAPIBadInput, ModulesSayLineAndColumn) {
  std::string message;
  EXPECT_FALSE(parse(kProduct.substr(0, 150), message));
  EXPECT_EQ(message.substr(0, 12), "test.mlir:2:") << message;
  std::string other = kProduct;
  other.replace(other.find("%b: tensor<4"), 12, "%b: tensor<7");
  other.replace(other.find(", tensor<4x5"), 12, ", tensor<7x5");
  EXPECT_FALSE(parse(other, message));
  EXPECT_EQ(message.substr(0, 15), "test.mlir:2:8: ") << message;
  EXPECT_NE(message.find("C4: index 'j' has extent 4 in operand 0 and 7 in operand 1"),
            std::string::npos)
      << message;
  EXPECT_FALSE(parse("func.func @main(%a: tensor<3xf8E5M2>) -> tensor<3xf8E5M2> {\n"
                     "  %r = tn.contract (%a[i]) -> [i] : (tensor<3xf8E5M2>) -> tensor<3xf8E5M2>\n "
                     " return %r : tensor<3xf8E5M2>\n}",
                     message));
  EXPECT_EQ(message.substr(0, 12), "test.mlir:2:") << message;
}

TEST(CAPIBadInput, DamagedModules) {
  std::mt19937 random(20260117);
  int refused = 0;
  auto tryText = [&](const std::string &text) {
    std::string message;
    Owned<tenon_module> module = parse(text, message);
    refused += !module;
    EXPECT_EQ(message.empty(), bool(module)) << text << '\n' << message;
  };
  for (size_t length = 1; length < kProduct.size(); length += 7)
    tryText(kProduct.substr(0, length));
  for (int i = 0; i < 100; ++i) {
    std::string text = kProduct;
    text[random() % text.size()] ^= static_cast<char>(1 << random() % 8);
    tryText(text);
  }
  EXPECT_GT(refused, 50);
}

TEST(CAPIBadInput, Pipelines) {
  std::string message;
  for (const char *pipeline :
       {"no-such-pass", "func.func(tn-plan{color=blue})", "func.func(tn-plan",
        "func.func(tn-plan{method=best min-slices=0})"}) {
    Owned<tenon_module> module = parse(kProduct, message);
    char *error = nullptr;
    EXPECT_EQ(tenon_module_run_passes(module.get(), pipeline, &error), TENON_INVALID_ARGUMENT)
        << pipeline;
    EXPECT_FALSE(take(error).empty()) << pipeline;
  }
}

TEST(CAPIBadInput, CompileOptions) {
  std::string message;
  Owned<tenon_module> module = parse(kProduct, message);
  auto refuse = [&](const char *expected,
                    const std::function<void(tenon_compile_options &)> &spoil) {
    tenon_compile_options options = {};
    options.struct_size = sizeof(options);
    spoil(options);
    tenon_compile_failure failure = {sizeof(failure), TENON_OK, -7};
    options.failure = &failure;
    char *error = nullptr;
    EXPECT_FALSE(Owned<tenon_network>(tenon_compile(module.get(), &options, &error))) << expected;
    // Only options of no known size have no failure that could be filled.
    if (options.struct_size) {
      EXPECT_EQ(failure.status, TENON_INVALID_ARGUMENT) << expected;
      EXPECT_EQ(failure.smallest_memory_limit, 0) << expected;
    }
    std::string text = take(error);
    EXPECT_NE(text.find(expected), std::string::npos) << text << "\nshould contain: " << expected;
  };
  refuse("has no function 'nobody'", [](auto &options) { options.function = "nobody"; });
  refuse("no such option color", [](auto &options) { options.plan = "color=blue"; });
  refuse("give it beside the plan, as --memory-limit (tools) or memory_limit (Python, C)",
         [](auto &options) { options.plan = "memory-limit=100000 method=greedy"; });
  refuse("'seed=x': expected a number", [](auto &options) { options.plan = "seed=x"; });
  refuse("memory_limit", [](auto &options) { options.memory_limit = -1; });
  refuse("threads", [](auto &options) { options.threads = -3; });
  refuse("struct_size", [](auto &options) { options.struct_size = 0; });
}

TEST(CAPIBadInput, PlansThatAreNoObjects) {
  std::string message;
  Owned<tenon_module> module = parse(
      R"(func.func @main(%a: tensor<3xf32>) -> tensor<3xf32> attributes {tn.plan = "[1]"} {
  return %a : tensor<3xf32>
})",
      message);
  ASSERT_TRUE(module) << message;
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module.get(), nullptr, &error));
  ASSERT_TRUE(network) << take(error);
  EXPECT_NE(std::string(tenon_network_plan(network.get())).find("\"kernels\""), std::string::npos);
}

TEST(CAPIBadInput, RanksBeyondTheRuntimes) {
  std::string type = "tensor<", message;
  for (int i = 0; i < 65; ++i)
    type += "1x";
  type += "f32>";
  std::string text = "func.func @main(%a: " + type + ") -> " + type + " {\n  return %a : " + type + "\n}\n";
  Owned<tenon_module> module = parse(text, message);
  ASSERT_TRUE(module) << message;
  char *error = nullptr;
  EXPECT_FALSE(Owned<tenon_network>(tenon_compile(module.get(), nullptr, &error)));
  message = take(error);
  EXPECT_NE(message.find("has 65 dimensions; a compiled network has tensors of at most 64"), std::string::npos)
      << message;
}

TEST(CAPIBadInput, IndicesOfAnyNumber) {
  Product product;
  product.indicesA[1] = product.indicesB[0] = INT64_MAX;
  product.indicesB[1] = product.output[1] = INT64_MAX - 1;
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_from_contraction(&product.contraction, &error));
  EXPECT_TRUE(module) << take(error);
  // No operand has it, though maps may use it for themselves.
  product.output[0] = INT64_MIN;
  EXPECT_FALSE(Owned<tenon_module>(tenon_module_from_contraction(&product.contraction, &error)));
  std::string message = take(error);
  EXPECT_NE(message.find("occurs in no operand"), std::string::npos) << message;
}

TEST(CAPIBadInput, ArraysOfDynamicExtents) {
  std::string message;
  Owned<tenon_module> module = parse(
      R"(func.func @main(%a: tensor<?x4xf32>, %b: tensor<?xf32>) -> tensor<?x4xf32> {
  %r = tn.contract (%a[i, j], %b[i]) -> [i, j] : (tensor<?x4xf32>, tensor<?xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
})",
      message);
  ASSERT_TRUE(module) << message;
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module.get(), nullptr, &error));
  ASSERT_TRUE(network) << take(error);
  Owned<tenon_context> context(tenon_context_create(1));
  std::vector<float> a(12, 1), b(3, 2), r(12, -7);
  struct Case {
    const char *message;
    std::function<void(tenon_tensor *, int64_t *)> spoil;
  };
  const Case cases[] = {
      {"input 0: found the dtype", [](tenon_tensor *inputs, int64_t *) { inputs[0].dtype = TENON_F64; }},
      {"input 1: found the rank -1, expected 1", [](tenon_tensor *inputs, int64_t *) { inputs[1].rank = -1; }},
      {"input 0: found the rank 1, expected 2", [](tenon_tensor *inputs, int64_t *) { inputs[0].rank = 1; }},
      {"input 1: found no extents", [](tenon_tensor *inputs, int64_t *) { inputs[1].extents = nullptr; }},
      {"input 0, dimension 0: found the extent -1", [](tenon_tensor *, int64_t *extents) { extents[0] = -1; }},
      {"input 1, dimension 0: found the extent -9223372036854775808",
       [](tenon_tensor *, int64_t *extents) { extents[2] = INT64_MIN; }},
  };
  auto run = [&](const Case *spoiled, bool hasInputs) {
    int64_t extents[] = {3, 4, 3, 3, 4};
    tenon_tensor inputs[] = {{a.data(), TENON_F32, 2, extents, nullptr},
                             {b.data(), TENON_F32, 1, extents + 2, nullptr}};
    tenon_tensor outputs[] = {{r.data(), TENON_F32, 2, extents + 3, nullptr}};
    if (spoiled)
      spoiled->spoil(inputs, extents);
    return tenon_network_run(network.get(), context.get(), hasInputs ? inputs : nullptr, 2, outputs, 1, nullptr, 0);
  };
  for (const Case &c : cases) {
    EXPECT_EQ(run(&c, true), TENON_INVALID_ARGUMENT) << c.message;
    std::string text = tenon_context_error(context.get());
    EXPECT_NE(text.find(c.message), std::string::npos) << text << "\nshould contain: " << c.message;
  }
  EXPECT_EQ(run(nullptr, false), TENON_INVALID_ARGUMENT);
  EXPECT_EQ(r, std::vector<float>(12, -7));
  EXPECT_EQ(run(nullptr, true), TENON_OK) << tenon_context_error(context.get());
  EXPECT_EQ(r, std::vector<float>(12, 2));
}

TEST(CAPIBadInput, Arrays) {
  std::string message;
  Owned<tenon_module> module = parse(kProduct, message);
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module.get(), nullptr, &error));
  ASSERT_TRUE(network) << take(error);
  Owned<tenon_context> context(tenon_context_create(1));
  std::vector<float> a(12, 1), b(20, 2), r(15, -7);
  struct Case {
    const char *message;
    std::function<void(tenon_tensor *, tenon_tensor *, int64_t *)> spoil;
  };
  const Case cases[] = {
      {"input 0",
       [](tenon_tensor *inputs, tenon_tensor *, int64_t *) { inputs[0].dtype = TENON_F64; }},
      {"input 0",
       [](tenon_tensor *inputs, tenon_tensor *, int64_t *) { inputs[0].dtype = tenon_dtype(99); }},
      {"input 1", [](tenon_tensor *inputs, tenon_tensor *, int64_t *) { inputs[1].rank = 1; }},
      {"input 1", [](tenon_tensor *inputs, tenon_tensor *, int64_t *) { inputs[1].rank = -1; }},
      {"input 0", [](tenon_tensor *, tenon_tensor *, int64_t *extents) { extents[0] = 2; }},
      {"input 0", [](tenon_tensor *, tenon_tensor *, int64_t *extents) { extents[0] = -3; }},
      {"output 0",
       [](tenon_tensor *, tenon_tensor *outputs, int64_t *) { outputs[0].dtype = TENON_C64; }},
      {"output 0", [](tenon_tensor *, tenon_tensor *outputs, int64_t *) { outputs[0].rank = 3; }},
      {"input 1", [](tenon_tensor *inputs, tenon_tensor *, int64_t *) { inputs[1].data = nullptr; }},
      {"input 0", [](tenon_tensor *inputs, tenon_tensor *, int64_t *) { inputs[0].extents = nullptr; }},
      {"output 0", [](tenon_tensor *, tenon_tensor *outputs, int64_t *) { outputs[0].data = nullptr; }},
      {"output 0", [](tenon_tensor *, tenon_tensor *outputs, int64_t *) { outputs[0].extents = nullptr; }},
  };
  for (const Case &c : cases) {
    int64_t extents[] = {3, 4, 4, 5, 3, 5, 1};
    tenon_tensor inputs[] = {{a.data(), TENON_F32, 2, extents, nullptr},
                             {b.data(), TENON_F32, 2, extents + 2, nullptr}};
    tenon_tensor outputs[] = {{r.data(), TENON_F32, 2, extents + 4, nullptr}};
    c.spoil(inputs, outputs, extents);
    EXPECT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 1, nullptr, 0),
              TENON_INVALID_ARGUMENT);
    std::string text = tenon_context_error(context.get());
    EXPECT_NE(text.find(c.message), std::string::npos) << text;
    EXPECT_EQ(tenon_reference_run(module.get(), nullptr, inputs, 2, outputs, 1, &error),
              TENON_INVALID_ARGUMENT)
        << text;
    text = take(error);
    EXPECT_NE(text.find(c.message), std::string::npos) << text;
    EXPECT_EQ(r, std::vector<float>(15, -7)) << text;
  }
}
} // namespace
