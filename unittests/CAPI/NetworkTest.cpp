//===- NetworkTest.cpp - The C API, from contraction to result --------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Owned.h"

#include <gtest/gtest.h>

#include <complex>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

namespace {
Owned<tenon_module> parse(const std::string &text) {
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_parse(text.data(), text.size(), "test.mlir", &error));
  EXPECT_TRUE(module) << take(error);
  return module;
}

Owned<tenon_network> compile(const tenon_module *module, int threads = 1) {
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.threads = threads;
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module, &options, &error));
  EXPECT_TRUE(network) << take(error);
  return network;
}

template <typename T> std::vector<T> counting(size_t count, T first) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

TEST(CAPINetwork, ContractsMatricesOfAnyStrides) {
  // r[i, k] = sum_j a[i, j] b[j, k], with a given transposed and b with its rows in reverse.
  Owned<tenon_module> module = parse(R"(
    func.func @main(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
      %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
      return %r : tensor<3x5xf32>
    })");
  Owned<tenon_network> network = compile(module.get());
  ASSERT_TRUE(network);
  std::vector<float> a = counting<float>(12, 1), b = counting<float>(20, -7), r(15);
  int64_t extentsA[] = {3, 4}, extentsB[] = {4, 5}, extentsR[] = {3, 5};
  int64_t stridesA[] = {1, 3}, stridesB[] = {-5, 1};
  tenon_tensor inputs[] = {{a.data(), TENON_F32, 2, extentsA, stridesA}, {b.data() + 15, TENON_F32, 2, extentsB, stridesB}};
  tenon_tensor outputs[] = {{r.data(), TENON_F32, 2, extentsR, nullptr}};
  Owned<tenon_context> context(tenon_context_create(1));
  ASSERT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 1, nullptr, 0), TENON_OK)
      << tenon_context_error(context.get());
  for (int i = 0; i < 3; ++i)
    for (int k = 0; k < 5; ++k) {
      float expected = 0;
      for (int j = 0; j < 4; ++j)
        expected += a[j * 3 + i] * b[(3 - j) * 5 + k];
      EXPECT_EQ(r[i * 5 + k], expected) << i << ", " << k;
    }
}

TEST(CAPINetwork, RunsSlicesOnThreadsAndAgreesWithTheReference) {
  Owned<tenon_module> module = parse(R"(
    func.func @main(%a: tensor<4x5xcomplex<f64>>, %b: tensor<5x6xcomplex<f64>>) -> (tensor<6x4xcomplex<f64>>, tensor<4xcomplex<f64>>) {
      %c = tn.conj %b : tensor<5x6xcomplex<f64>>
      %r = tn.contract (%a[i, j], %c[j, k]) -> [k, i] : (tensor<4x5xcomplex<f64>>, tensor<5x6xcomplex<f64>>) -> tensor<6x4xcomplex<f64>>
      %s = tn.slice (%i in 4, %k in 6) -> (tensor<4xcomplex<f64>> [0, sum]) {
        %x = tensor.extract_slice %a[%i, 0] [1, 5] [1, 1] : tensor<4x5xcomplex<f64>> to tensor<5xcomplex<f64>>
        %y = tensor.extract_slice %c[0, %k] [5, 1] [1, 1] : tensor<5x6xcomplex<f64>> to tensor<5xcomplex<f64>>
        %z = tn.contract (%x[j], %y[j]) -> [] : (tensor<5xcomplex<f64>>, tensor<5xcomplex<f64>>) -> tensor<complex<f64>>
        tn.yield %z : tensor<complex<f64>>
      }
      return %r, %s : tensor<6x4xcomplex<f64>>, tensor<4xcomplex<f64>>
    })");
  using C = std::complex<double>;
  std::vector<C> a(20), b(30);
  for (int i = 0; i < 20; ++i)
    a[i] = C(i + 1, 3 - i);
  for (int i = 0; i < 30; ++i)
    b[i] = C(2 * i - 9, i % 7);
  int64_t extentsA[] = {4, 5}, extentsB[] = {5, 6}, extentsR[] = {6, 4}, extentsS[] = {4};
  tenon_tensor inputs[] = {{a.data(), TENON_C128, 2, extentsA, nullptr}, {b.data(), TENON_C128, 2, extentsB, nullptr}};
  std::vector<C> expectedR(24), expectedS(4);
  tenon_tensor expected[] = {{expectedR.data(), TENON_C128, 2, extentsR, nullptr}, {expectedS.data(), TENON_C128, 1, extentsS, nullptr}};
  char *error = nullptr;
  ASSERT_EQ(tenon_reference_run(module.get(), nullptr, inputs, 2, expected, 2, &error), TENON_OK) << take(error);
  // Small integers: every order of sums is exact.
  for (int threads : {1, 2, 3, 7}) {
    Owned<tenon_network> network = compile(module.get(), threads);
    ASSERT_TRUE(network);
    Owned<tenon_context> context(tenon_context_create(threads));
    std::vector<C> r(24), s(4);
    tenon_tensor outputs[] = {{r.data(), TENON_C128, 2, extentsR, nullptr}, {s.data(), TENON_C128, 1, extentsS, nullptr}};
    ASSERT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 2, nullptr, 0), TENON_OK)
        << tenon_context_error(context.get());
    EXPECT_EQ(r, expectedR) << threads;
    EXPECT_EQ(s, expectedS) << threads;
  }
}

TEST(CAPINetwork, SpecialisesDynamicExtentsAtTheFirstCall) {
  Owned<tenon_module> module = parse(R"(
    func.func @main(%a: tensor<?x?xi32>, %b: tensor<?x3xi32>) -> tensor<?x3xi32> {
      %r = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<?x?xi32>, tensor<?x3xi32>) -> tensor<?x3xi32>
      return %r : tensor<?x3xi32>
    })");
  Owned<tenon_network> network = compile(module.get());
  ASSERT_TRUE(network);
  EXPECT_EQ(tenon_network_workspace_size(network.get()), -1);
  Owned<tenon_context> context(tenon_context_create(1));
  for (int64_t m : {2, 4}) {
    int64_t extentsA[] = {m, 5}, extentsB[] = {5, 3}, extentsR[] = {m, 3};
    std::vector<int32_t> a = counting<int32_t>(m * 5, -3), b = counting<int32_t>(15, 2), r(m * 3);
    tenon_tensor inputs[] = {{a.data(), TENON_I32, 2, extentsA, nullptr}, {b.data(), TENON_I32, 2, extentsB, nullptr}};
    tenon_tensor outputs[] = {{r.data(), TENON_I32, 2, extentsR, nullptr}};
    ASSERT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 1, nullptr, 0), TENON_OK)
        << tenon_context_error(context.get());
    for (int i = 0; i < m; ++i)
      for (int k = 0; k < 3; ++k) {
        int32_t expected = 0;
        for (int j = 0; j < 5; ++j)
          expected += a[i * 5 + j] * b[j * 3 + k];
        EXPECT_EQ(r[i * 3 + k], expected) << m;
      }
  }
  // j is 5 on one side and 4 on the other.
  int64_t extentsA[] = {2, 5}, extentsB[] = {4, 3}, extentsR[] = {2, 3};
  std::vector<int32_t> a(10), b(12), r(6);
  tenon_tensor inputs[] = {{a.data(), TENON_I32, 2, extentsA, nullptr}, {b.data(), TENON_I32, 2, extentsB, nullptr}};
  tenon_tensor outputs[] = {{r.data(), TENON_I32, 2, extentsR, nullptr}};
  EXPECT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 1, nullptr, 0), TENON_INVALID_ARGUMENT);
  std::string message = tenon_context_error(context.get());
  EXPECT_NE(message.find("C4: index 'j' has extent 5 in operand 0 and 4 in operand 1"), std::string::npos) << message;
}

TEST(CAPINetwork, TellsALimitThatCannotBeKeptFromOtherErrors) {
  const std::string text = R"(
    func.func @main(%a: tensor<EXTENTx4xf32>, %b: tensor<4x5xf32>, %c: tensor<5x7xf32>) -> tensor<EXTENTx7xf32> {
      %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
        : (tensor<EXTENTx4xf32>, tensor<4x5xf32>, tensor<5x7xf32>) -> tensor<EXTENTx7xf32>
      return %r : tensor<EXTENTx7xf32>
    })";
  auto withExtent = [&](const std::string &extent) {
    std::string result = text;
    for (size_t at; (at = result.find("EXTENT")) != std::string::npos;)
      result.replace(at, std::strlen("EXTENT"), extent);
    return parse(result);
  };
  Owned<tenon_module> module = withExtent("3");
  tenon_compile_failure failure = {};
  failure.struct_size = sizeof(failure);
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.threads = 1;
  options.memory_limit = 1;
  options.failure = &failure;
  char *error = nullptr;
  EXPECT_FALSE(Owned<tenon_network>(tenon_compile(module.get(), &options, &error)));
  EXPECT_EQ(failure.status, TENON_MEMORY_LIMIT);
  EXPECT_GT(failure.smallest_memory_limit, 1);
  std::string message = take(error);
  EXPECT_NE(message.find("is " + std::to_string(failure.smallest_memory_limit) + " bytes"), std::string::npos) << message;
  options.memory_limit = failure.smallest_memory_limit;
  EXPECT_TRUE(Owned<tenon_network>(tenon_compile(module.get(), &options, &error)));

  // The same from a pipeline, and from a call that brings new extents.
  Owned<tenon_module> copy(tenon_module_clone(module.get()));
  EXPECT_EQ(tenon_module_run_passes(copy.get(), "tenon-cpu-pipeline{memory-limit=1}", &error), TENON_MEMORY_LIMIT);
  take(error);
  Owned<tenon_module> dynamic = withExtent("?");
  options.memory_limit = 1;
  Owned<tenon_network> network(tenon_compile(dynamic.get(), &options, &error));
  ASSERT_TRUE(network) << take(error);
  std::vector<float> a(12), b(20), c(35), r(21);
  int64_t aExtents[] = {3, 4}, bExtents[] = {4, 5}, cExtents[] = {5, 7}, rExtents[] = {3, 7};
  tenon_tensor inputs[] = {{a.data(), TENON_F32, 2, aExtents, nullptr},
                           {b.data(), TENON_F32, 2, bExtents, nullptr},
                           {c.data(), TENON_F32, 2, cExtents, nullptr}};
  tenon_tensor output = {r.data(), TENON_F32, 2, rExtents, nullptr};
  Owned<tenon_context> context(tenon_context_create(1));
  EXPECT_EQ(tenon_network_run(network.get(), context.get(), inputs, 3, &output, 1, nullptr, 0), TENON_MEMORY_LIMIT);

  // Another fault; and a struct of version 1.0, which ends before `failure`.
  options.function = "absent";
  EXPECT_FALSE(Owned<tenon_network>(tenon_compile(module.get(), &options, &error)));
  EXPECT_EQ(failure.status, TENON_INVALID_ARGUMENT);
  EXPECT_EQ(failure.smallest_memory_limit, 0);
  take(error);
  failure.status = TENON_OK;
  options.struct_size = offsetof(tenon_compile_options, failure);
  EXPECT_FALSE(Owned<tenon_network>(tenon_compile(module.get(), &options, nullptr)));
  EXPECT_EQ(failure.status, TENON_OK);
}

TEST(CAPINetwork, CancelsACallThatSpecialises) {
  Owned<tenon_module> module = parse(R"(
    func.func @main(%a: tensor<?xi32>, %b: tensor<3xi32>) -> tensor<?x3xi32> {
      %r = tn.contract (%a[i], %b[j]) -> [i, j] : (tensor<?xi32>, tensor<3xi32>) -> tensor<?x3xi32>
      return %r : tensor<?x3xi32>
    })");
  Owned<tenon_context> context(tenon_context_create(1));
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.progress = [](void *data, int64_t, int64_t) { tenon_context_cancel(static_cast<tenon_context *>(data)); };
  options.progress_data = context.get();
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module.get(), &options, &error));
  ASSERT_TRUE(network) << error;
  int64_t extentsA[] = {2}, extentsB[] = {3}, extentsR[] = {2, 3};
  std::vector<int32_t> a = {2, 3}, b = {4, 5, 6}, r(6, -7);
  tenon_tensor inputs[] = {{a.data(), TENON_I32, 1, extentsA, nullptr}, {b.data(), TENON_I32, 1, extentsB, nullptr}};
  tenon_tensor outputs[] = {{r.data(), TENON_I32, 2, extentsR, nullptr}};
  EXPECT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 1, nullptr, 0), TENON_CANCELLED);
  EXPECT_EQ(r, std::vector<int32_t>(6, -7));
}

TEST(CAPINetwork, KnowsTheSizesOfItsTypes) {
  const int64_t sizes[] = {0, 2, 2, 4, 8, 8, 16, 1, 1, 2, 4, 8, 0};
  for (int32_t dtype = 0; dtype < static_cast<int32_t>(std::size(sizes)); ++dtype)
    EXPECT_EQ(tenon_dtype_size(dtype), sizes[dtype]) << dtype;
  EXPECT_EQ(tenon_dtype_size(-1), 0);
}

TEST(CAPINetwork, CancelsACompilation) {
  Owned<tenon_module> module = parse(R"(
    func.func @main(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<5x7xf32>) -> tensor<3x7xf32> {
      %r = tn.contract (%a[i, j], %b[j, k], %c[k, l]) -> [i, l]
        : (tensor<3x4xf32>, tensor<4x5xf32>, tensor<5x7xf32>) -> tensor<3x7xf32>
      return %r : tensor<3x7xf32>
    })");
  struct Answer {
    int32_t value;
    int calls = 0;
  };
  tenon_compile_failure failure = {};
  failure.struct_size = sizeof(failure);
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.threads = 1;
  options.failure = &failure;
  options.cancelled = [](void *data) {
    auto *answer = static_cast<Answer *>(data);
    ++answer->calls;
    return answer->value;
  };
  Answer yes = {7}, no = {0};
  options.cancelled_data = &yes;
  char *error = nullptr;
  EXPECT_FALSE(Owned<tenon_network>(tenon_compile(module.get(), &options, &error)));
  EXPECT_EQ(failure.status, TENON_CANCELLED);
  EXPECT_EQ(take(error), "the compilation was cancelled");
  EXPECT_EQ(yes.calls, 1);
  // The module and its context are as they were.
  options.cancelled_data = &no;
  EXPECT_TRUE(Owned<tenon_network>(tenon_compile(module.get(), &options, &error)));
  EXPECT_GE(no.calls, 1);
}

TEST(CAPINetwork, RefusesRunsFromCallbacksOfItsCompilation) {
  Owned<tenon_module> module = parse(R"(
    func.func @main(%a: tensor<?xi32>, %b: tensor<?xi32>) -> tensor<i32> {
      %r = tn.contract (%a[i], %b[i]) -> [] : (tensor<?xi32>, tensor<?xi32>) -> tensor<i32>
      return %r : tensor<i32>
    })");
  struct Nested {
    tenon_network *network = nullptr;
    std::vector<std::string> messages;
    tenon_status run(tenon_context *context, int64_t extent, int32_t &result) {
      std::vector<int32_t> a = counting<int32_t>(extent, 2), b = counting<int32_t>(extent, 5);
      tenon_tensor inputs[] = {{a.data(), TENON_I32, 1, &extent, nullptr}, {b.data(), TENON_I32, 1, &extent, nullptr}};
      tenon_tensor output = {&result, TENON_I32, 0, nullptr, nullptr};
      return tenon_network_run(network, context, inputs, 2, &output, 1, nullptr, 0);
    }
    void runFromCallback() {
      Owned<tenon_context> context(tenon_context_create(1));
      int32_t ignored = 0;
      EXPECT_EQ(run(context.get(), 4, ignored), TENON_INVALID_ARGUMENT);
      messages.push_back(tenon_context_error(context.get()));
    }
  } nested;
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.threads = 1;
  options.progress = [](void *data, int64_t, int64_t) { static_cast<Nested *>(data)->runFromCallback(); };
  options.progress_data = &nested;
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module.get(), &options, &error));
  ASSERT_TRUE(network) << take(error);
  nested.network = network.get();
  Owned<tenon_context> context(tenon_context_create(1));
  int32_t result = 0;
  ASSERT_EQ(nested.run(context.get(), 3, result), TENON_OK) << tenon_context_error(context.get());
  EXPECT_EQ(result, 2 * 5 + 3 * 6 + 4 * 7);
  ASSERT_FALSE(nested.messages.empty());
  for (const std::string &message : nested.messages)
    EXPECT_NE(message.find("by a callback of its own compilation"), std::string::npos) << message;
}

TEST(CAPINetwork, BuildsContractionsAndSaysWhatIsWrongWithThem) {
  int64_t extentsA[] = {3, 4}, extentsB[] = {4}, indicesA[] = {9, 2}, indicesB[] = {2};
  double weights[] = {1, 10, 100, 1000};
  tenon_operand operands[] = {{TENON_F64, 0, 2, extentsA, indicesA, nullptr}, {TENON_F64, 0, 1, extentsB, indicesB, weights}};
  int64_t output[] = {9};
  tenon_contraction contraction = {};
  contraction.struct_size = sizeof(contraction);
  contraction.num_operands = 2;
  contraction.operands = operands;
  contraction.num_result_indices = 1;
  contraction.result_indices = output;
  contraction.result_dtype = TENON_F64;
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_from_contraction(&contraction, &error));
  ASSERT_TRUE(module) << take(error);
  Owned<tenon_network> network = compile(module.get());
  ASSERT_TRUE(network);
  std::vector<double> a = counting<double>(12, 0), r(3);
  int64_t extentsR[] = {3};
  tenon_tensor inputs[] = {{a.data(), TENON_F64, 2, extentsA, nullptr}};
  tenon_tensor outputs[] = {{r.data(), TENON_F64, 1, extentsR, nullptr}};
  Owned<tenon_context> context(tenon_context_create(1));
  ASSERT_EQ(tenon_network_run(network.get(), context.get(), inputs, 1, outputs, 1, nullptr, 0), TENON_OK);
  EXPECT_EQ(r, (std::vector<double>{3210, 7654, 12098}));

  extentsB[0] = 5;
  EXPECT_FALSE(tenon_module_from_contraction(&contraction, &error));
  EXPECT_EQ(take(error), "index 2 has extent 4 in operand 0 and 5 in operand 1");
  extentsB[0] = 4;
  output[0] = 7;
  EXPECT_FALSE(tenon_module_from_contraction(&contraction, &error));
  EXPECT_EQ(take(error), "output index 7 occurs in no operand");
}

TEST(CAPINetwork, TrustsFactsAndChecksThemWhenAsked) {
  int64_t extents[] = {3, 3}, indicesA[] = {0, 1}, indicesB[] = {1, 2};
  tenon_operand operands[] = {{TENON_I32, 0, 2, extents, indicesA, nullptr}, {TENON_I32, 0, 2, extents, indicesB, nullptr}};
  int64_t output[] = {0, 2};
  const char *facts[] = {"diagonal, sparse(0.5)", nullptr};
  tenon_contraction contraction = {};
  contraction.struct_size = sizeof(contraction);
  contraction.num_operands = 2;
  contraction.operands = operands;
  contraction.num_result_indices = 2;
  contraction.result_indices = output;
  contraction.result_dtype = TENON_I32;
  contraction.facts = facts;
  char *error = nullptr;
  Owned<tenon_module> module(tenon_module_from_contraction(&contraction, &error));
  ASSERT_TRUE(module) << take(error);
  char *text = tenon_module_print(module.get());
  EXPECT_NE(std::string(text).find("tn.facts = #tn.facts<diagonal, sparse(5.000000e-01)>"), std::string::npos) << text;
  tenon_free(text);
  Owned<tenon_network> network = compile(module.get());
  ASSERT_TRUE(network);
  std::vector<int32_t> a = {2, 0, 0, 0, 3, 0, 0, 0, 5}, b = counting<int32_t>(9, 1), r(9);
  tenon_tensor inputs[] = {{a.data(), TENON_I32, 2, extents, nullptr}, {b.data(), TENON_I32, 2, extents, nullptr}};
  tenon_tensor outputs[] = {{r.data(), TENON_I32, 2, extents, nullptr}};
  Owned<tenon_context> context(tenon_context_create(1));
  EXPECT_EQ(tenon_check_facts(facts[0], &inputs[0], 0, &error), TENON_OK);
  ASSERT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 1, nullptr, 0), TENON_OK);
  EXPECT_EQ(r, (std::vector<int32_t>{2, 4, 6, 12, 15, 18, 35, 40, 45}));
  // Off the diagonal nothing is read.
  a[1] = 100;
  ASSERT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 1, nullptr, 0), TENON_OK);
  EXPECT_EQ(r[0], 2);
  EXPECT_EQ(tenon_check_facts(facts[0], &inputs[0], 0, &error), TENON_INVALID_ARGUMENT);
  EXPECT_EQ(take(error), "diagonal([0, 1]) does not hold: element [0, 1] is 100, expected 0");
  // By its strides the array is transposed, and without data only the shape counts.
  int64_t strides[] = {1, 3};
  tenon_tensor transposed = {a.data(), TENON_I32, 2, extents, strides};
  EXPECT_EQ(tenon_check_facts(facts[0], &transposed, 0, &error), TENON_INVALID_ARGUMENT);
  EXPECT_EQ(take(error), "diagonal([0, 1]) does not hold: element [1, 0] is 100, expected 0");
  tenon_tensor shape = {nullptr, TENON_I32, 2, extents, nullptr};
  EXPECT_EQ(tenon_check_facts(facts[0], &shape, 0, &error), TENON_OK);
  // −1 is a sign, 255 is none.
  std::vector<int8_t> sign = {-1, 0, 0, 1};
  int64_t two[] = {2, 2};
  tenon_tensor bytes = {sign.data(), TENON_I8, 2, two, nullptr};
  EXPECT_EQ(tenon_check_facts("isometric([0])", &bytes, 0, &error), TENON_OK);
  EXPECT_EQ(tenon_check_facts("isometric([0])", &bytes, 1, &error), TENON_INVALID_ARGUMENT);
  EXPECT_EQ(take(error), "isometric([0]) does not hold: the sum over the other dimensions at position [0] is 65025, expected 1");

  for (auto [wrong, message] : {std::pair("isometric", "expected '('"), std::pair("diagonal([0, 2])", "F1: 'diagonal' lists dimension 2"),
                                std::pair("diagonal> : i32 <", "do not parse"), std::pair("", "expected")}) {
    facts[0] = wrong;
    EXPECT_FALSE(tenon_module_from_contraction(&contraction, &error));
    std::string found = take(error);
    EXPECT_NE(found.find("operand 0: facts '" + std::string(wrong) + "'"), std::string::npos) << found;
    EXPECT_NE(found.find(message), std::string::npos) << found;
    EXPECT_EQ(tenon_check_facts(wrong, &inputs[0], 0, &error), TENON_INVALID_ARGUMENT);
    EXPECT_NE(take(error).find(message), std::string::npos) << wrong;
  }
  // A caller of version 1.1 has no facts.
  contraction.struct_size = offsetof(tenon_contraction, facts);
  Owned<tenon_module> before(tenon_module_from_contraction(&contraction, &error));
  EXPECT_TRUE(before) << take(error);
}
} // namespace
