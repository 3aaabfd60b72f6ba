//===- JointContractionsTest.cpp - Several contractions over common tensors -===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Owned.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace {
/// Three results of a (2 x 3), b (3 x 4) and the constant c (4 x 5), whose numbers have gaps: a b c, (b c)' and a a'.
struct Joint {
  int64_t extentsA[2] = {2, 3}, extentsB[2] = {3, 4}, extentsC[2] = {4, 5};
  // Each contraction has indices of its own.
  int64_t ij[2] = {0, 1}, jk[2] = {1, 2}, kl[2] = {2, 3}, xy[2] = {70, 8}, yz[2] = {8, 0}, pq[2] = {1, 0}, rq[2] = {2, 0};
  int64_t il[2] = {0, 3}, zx[2] = {0, 70}, pr[2] = {1, 2};
  std::vector<double> c;
  tenon_operand product[3], right[2], square[2];
  tenon_contraction contractions[3] = {};
  const tenon_contraction *pointers[3] = {&contractions[0], &contractions[1], &contractions[2]};
  int64_t ofProduct[3] = {4, 7, 9}, ofRight[2] = {7, 9}, ofSquare[2] = {4, 4};
  const int64_t *tensors[3] = {ofProduct, ofRight, ofSquare};

  Joint() : c(20) {
    for (int i = 0; i < 20; ++i)
      c[i] = i % 7 - 3;
    product[0] = {TENON_F64, 0, 2, extentsA, ij, nullptr};
    product[1] = {TENON_F64, 0, 2, extentsB, jk, nullptr};
    product[2] = {TENON_F64, 0, 2, extentsC, kl, c.data()};
    right[0] = {TENON_F64, 0, 2, extentsB, xy, nullptr};
    right[1] = {TENON_F64, 0, 2, extentsC, yz, c.data()};
    square[0] = {TENON_F64, 0, 2, extentsA, pq, nullptr};
    square[1] = {TENON_F64, 0, 2, extentsA, rq, nullptr};
    set(contractions[0], 3, product, il);
    set(contractions[1], 2, right, zx);
    set(contractions[2], 2, square, pr);
  }
  Joint(const Joint &) = delete;
  Joint &operator=(const Joint &) = delete;

  static void set(tenon_contraction &contraction, int64_t count, const tenon_operand *operands, const int64_t *result) {
    contraction.struct_size = sizeof(contraction);
    contraction.num_operands = count;
    contraction.operands = operands;
    contraction.num_result_indices = 2;
    contraction.result_indices = result;
    contraction.result_dtype = TENON_F64;
  }

  Owned<tenon_module> make(std::string &message, int64_t count = 3) {
    char *error = nullptr;
    Owned<tenon_module> module(tenon_module_from_contractions(pointers, tensors, count, &error));
    message = take(error);
    return module;
  }
};

TEST(CAPIJointContractions, ShareTheirSteps) {
  Joint joint;
  std::string message;
  Owned<tenon_module> module = joint.make(message);
  ASSERT_TRUE(module) << message;
  tenon_compile_options options = {};
  options.struct_size = sizeof(options);
  options.threads = 1;
  char *error = nullptr;
  Owned<tenon_network> network(tenon_compile(module.get(), &options, &error));
  ASSERT_TRUE(network) << take(error);
  std::string signature = tenon_network_signature(network.get()), plan = tenon_network_plan(network.get());
  EXPECT_NE(signature.find("\"extents\":[2,3]"), std::string::npos) << signature;
  // By itself, a b c is (a b) c and takes 24 + 40 multiply-adds. Since b c is there, it takes 30; b c takes 60, a a' 12.
  EXPECT_NE(plan.find("\"operations\":102,\"operations_unshared\":162,"), std::string::npos) << plan;

  std::vector<double> a = {1, -2, 3, 5, 7, -11}, b = {2, 3, 5, 7, -1, 1, 4, 6, 8, -9, 10, 12}, abc(10), bc(20), aa(4);
  int64_t extentsABC[] = {2, 5}, extentsBC[] = {5, 3}, extentsAA[] = {2, 2};
  tenon_tensor inputs[] = {{a.data(), TENON_F64, 2, joint.extentsA, nullptr}, {b.data(), TENON_F64, 2, joint.extentsB, nullptr}};
  tenon_tensor outputs[] = {{abc.data(), TENON_F64, 2, extentsABC, nullptr},
                            {bc.data(), TENON_F64, 2, extentsBC, nullptr},
                            {aa.data(), TENON_F64, 2, extentsAA, nullptr}};
  Owned<tenon_context> context(tenon_context_create(1));
  ASSERT_EQ(tenon_network_run(network.get(), context.get(), inputs, 2, outputs, 3, nullptr, 0), TENON_OK)
      << tenon_context_error(context.get());
  for (int j = 0; j < 3; ++j)
    for (int l = 0; l < 5; ++l) {
      double sum = 0;
      for (int k = 0; k < 4; ++k)
        sum += b[j * 4 + k] * joint.c[k * 5 + l];
      EXPECT_EQ(bc[l * 3 + j], sum) << j << ", " << l;
    }
  for (int i = 0; i < 2; ++i) {
    for (int l = 0; l < 5; ++l) {
      double sum = 0;
      for (int j = 0; j < 3; ++j)
        sum += a[i * 3 + j] * bc[l * 3 + j];
      EXPECT_EQ(abc[i * 5 + l], sum) << i << ", " << l;
    }
    for (int p = 0; p < 2; ++p) {
      double sum = 0;
      for (int j = 0; j < 3; ++j)
        sum += a[i * 3 + j] * a[p * 3 + j];
      EXPECT_EQ(aa[i * 2 + p], sum) << i << ", " << p;
    }
  }
}

TEST(CAPIJointContractions, OneIsAContractionWhoseOperandsMayBeOneTensor) {
  Joint joint;
  joint.pointers[0] = &joint.contractions[2];
  joint.tensors[0] = joint.ofSquare;
  std::string message;
  Owned<tenon_module> module = joint.make(message, 1);
  ASSERT_TRUE(module) << message;
  char *text = tenon_module_print(module.get());
  EXPECT_NE(std::string(text).find("@main(%arg0: tensor<2x3xf64>) -> tensor<2x2xf64>"), std::string::npos) << text;
  tenon_free(text);
}

TEST(CAPIJointContractions, RefuseWhatDoesNotFit) {
  static const char *const kFacts[] = {"sparse(0.5)", nullptr};
  struct Case {
    const char *message;
    std::function<void(Joint &)> spoil;
  };
  static int64_t otherExtents[] = {2, 5};
  static double otherElements[20];
  const Case cases[] = {
      {"contraction 1: operand 0 is tensor 4, as operand 0 of contraction 0 is, and has other extents; expected the same",
       [](Joint &j) { j.ofRight[0] = 4; }},
      {"contraction 2: operand 1 is tensor 4, as operand 0 of contraction 0 is, and has other dtype",
       [](Joint &j) { j.square[1].dtype = TENON_F32; }},
      {"contraction 2: operand 1 is tensor 4, as operand 0 of contraction 0 is, and has other dtype",
       [](Joint &j) { j.square[1].is_unsigned = 1; }},
      {"contraction 2: operand 0 is tensor 4, as operand 0 of contraction 0 is, and has other extents",
       [](Joint &j) { j.square[0].rank = 1; }},
      {"contraction 1: operand 1 is tensor 9, as operand 2 of contraction 0 is, and has other elements",
       [](Joint &j) { j.right[1].constant = otherElements; }},
      {"contraction 1: operand 0 is tensor 7, as operand 1 of contraction 0 is, and has other facts",
       [](Joint &j) { j.contractions[1].facts = kFacts; }},
      {"contraction 1: operand 1 is tensor -1, expected a number of 0 or more", [](Joint &j) { j.ofRight[1] = -1; }},
      {"contraction 2: index 0 has extent 3 in operand 0 and 5 in operand 1",
       [](Joint &j) { j.square[1].extents = otherExtents; }},
      {"contraction 1: output index 9 occurs in no operand", [](Joint &j) { j.zx[1] = 9; }},
      {"contraction 2: a contraction has at least one operand", [](Joint &j) { j.contractions[2].num_operands = 0; }},
      {"contraction 1: tenon_contraction: struct_size", [](Joint &j) { j.contractions[1].struct_size = 8; }},
      {"contraction 2: tenon_contraction: struct_size", [](Joint &j) { j.pointers[2] = nullptr; }},
      {"contraction 1: found no array of tensor numbers", [](Joint &j) { j.tensors[1] = nullptr; }},
  };
  for (const Case &wrong : cases) {
    Joint joint;
    wrong.spoil(joint);
    std::string message;
    EXPECT_FALSE(joint.make(message)) << wrong.message;
    EXPECT_NE(message.find(wrong.message), std::string::npos) << message;
  }
  Joint joint;
  std::string message;
  EXPECT_FALSE(joint.make(message, 0));
  EXPECT_EQ(message, "found 0 contractions, expected at least one");
  char *error = nullptr;
  EXPECT_FALSE(tenon_module_from_contractions(nullptr, joint.tensors, 3, &error));
  EXPECT_EQ(take(error), "found no array of contractions or of tensor numbers");
}
} // namespace
