//===- KnownDefectsTest.cpp - Defects of MLIR that runs must show ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The wrong results of MLIR 22.1 that docs/fuzzing.md calls D1 to D7, by the ways that a case of
// the fuzzer goes: a program on tensors, passes, and the interpreter or the runner of buffers
// against the interpreter of the source. A test that fails after an update of MLIR says that a
// guard in the catalog of passes can go.
//
//===----------------------------------------------------------------------===//
#include "PassesHarness.h"

using namespace tenon;
using namespace tenon::fuzz;
using namespace tenon::fuzz::test;

namespace {

constexpr llvm::StringLiteral kBufferize = "one-shot-bufferize{bufferize-function-boundaries=1 "
                                           "function-boundary-type-conversion=identity-layout-map}";

std::string matmul(const std::string &maps, const std::string &factor, const std::string &sum,
                   const std::string &body, const std::string &rows = "2",
                   const std::string &columns = "2") {
  std::string lhs = "tensor<" + rows + "x" + rows + "x" + factor + ">",
              rhs = "tensor<" + rows + "x" + columns + "x" + factor + ">";
  std::string out = "tensor<" + rows + "x" + columns + "x" + sum + ">";
  return "func.func @main(%a: " + lhs + ", %b: " + rhs + ", %c: " + out + ") -> " + out + R"( {
    %r = linalg.generic {indexing_maps = [)" +
         maps + R"(, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>],
                         iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : )" +
         lhs + ", " + rhs + ") outs(%c : " + out + ") {\n^bb0(%x: " + factor + ", %y: " + factor +
         ", %z: " + sum + "):\n" + body + "\nlinalg.yield %s : " + sum + "\n} -> " + out +
         "\nreturn %r : " + out + "\n}";
}

constexpr char kPlain[] = "affine_map<(i, j, k) -> (i, k)>";

/// Results before and after `linalg-specialize-generic-ops`.
std::pair<Numbers, Numbers> specialize(const std::string &text, const Tensors &arguments) {
  Program program(text);
  Numbers before = numbers(program.interpret(arguments)[0]);
  program.apply("func.func(linalg-specialize-generic-ops)");
  return {before, numbers(program.interpret(arguments)[0])};
}

TEST(KnownDefects, D1TransposedFactorIsLost) {
  auto [right, wrong] = specialize(
      matmul("affine_map<(i, j, k) -> (k, i)>", "f32", "f32",
             "%p = arith.mulf %x, %y : f32\n%s = arith.addf %z, %p : f32"),
      list(tensor(TENON_F32, {2, 2}, {1, 2, 3, 4}), tensor(TENON_F32, {2, 2}, {5, 6, 7, 8}),
           tensor(TENON_F32, {2, 2}, {0, 0, 0, 0})));
  EXPECT_EQ(right, Numbers({26, 30, 38, 44}));
  EXPECT_EQ(wrong, Numbers({19, 22, 43, 50}));
}

TEST(KnownDefects, D2NegationIsLost) {
  auto [right, wrong] = specialize(
      matmul(
          kPlain, "f32", "f32",
          "%n = arith.negf %x : f32\n%p = arith.mulf %n, %y : f32\n%s = arith.addf %z, %p : f32"),
      list(tensor(TENON_F32, {2, 2}, {1, 2, 3, 4}), tensor(TENON_F32, {2, 2}, {5, 6, 7, 8}),
           tensor(TENON_F32, {2, 2}, {0, 0, 0, 0})));
  EXPECT_EQ(right, Numbers({-19, -22, -43, -50}));
  EXPECT_EQ(wrong, Numbers({19, 22, 43, 50}));
}

TEST(KnownDefects, D3ParityBecomesDisjunction) {
  auto [right, wrong] = specialize(
      matmul(kPlain, "i1", "i1", "%p = arith.muli %x, %y : i1\n%s = arith.addi %z, %p : i1"),
      list(tensor(TENON_BOOL, {2, 2}, {1, 1, 1, 0}), tensor(TENON_BOOL, {2, 2}, {1, 0, 1, 1}),
           tensor(TENON_BOOL, {2, 2}, {0, 0, 0, 0})));
  EXPECT_EQ(right, Numbers({0, 1, 1, 0}));
  EXPECT_EQ(wrong, Numbers({1, 1, 1, 0}));
}

TEST(KnownDefects, D4ExtensionWithoutSignGetsOne) {
  auto [right, wrong] = specialize(matmul(kPlain, "i8", "i32",
                                          "%u = arith.extui %x : i8 to i32\n%v = arith.extui %y : "
                                          "i8 to i32\n%p = arith.muli %u, %v : i32\n"
                                          "%s = arith.addi %z, %p : i32"),
                                   list(tensor(TENON_I8, {2, 2}, {-1, 0, 0, -2}),
                                        tensor(TENON_I8, {2, 2}, {1, 2, 3, 4}),
                                        tensor(TENON_I32, {2, 2}, {0, 0, 0, 0})));
  EXPECT_EQ(right, Numbers({255, 510, 762, 1016}));
  EXPECT_EQ(wrong, Numbers({-1, -2, -6, -8}));
}

TEST(KnownDefects, D5InitOfMapIsNotRead) {
  Program program(R"(
    func.func @main(%a: tensor<3xi32>, %b: tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi32>) {
      %r = linalg.map ins(%a : tensor<3xi32>) outs(%b : tensor<3xi32>) (%x: i32, %z: i32) {
        %s = arith.addi %x, %z : i32
        linalg.yield %s : i32
      }
      return %r, %b : tensor<3xi32>, tensor<3xi32>
    })");
  Tensors arguments = list(tensor(TENON_I32, {3}, {1, 2, 3}), tensor(TENON_I32, {3}, {10, 20, 30}));
  EXPECT_EQ(numbers(program.interpret(arguments)[0]), Numbers({11, 22, 33}));
  program.apply(kBufferize);
  Tensors results = program.runBuffers(arguments);
  // What was never written is -1.
  EXPECT_EQ(numbers(results[0]), Numbers({0, 1, 2}));
  EXPECT_EQ(numbers(results[1]), Numbers({10, 20, 30}));
}

/// A product of 3x3 and 3x7, on buffers after `passes` on its affine loops.
std::pair<Numbers, Numbers> runAffine(const std::string &passes) {
  Program program(matmul(kPlain, "i32", "i32",
                         "%p = arith.muli %x, %y : i32\n%s = arith.addi %z, %p : i32", "3", "7"));
  Numbers lhs(9), rhs(21);
  for (size_t i = 0; i < rhs.size(); ++i)
    rhs[i] = double(i + 1);
  for (size_t i = 0; i < lhs.size(); ++i)
    lhs[i] = double(i + 2);
  Tensors arguments = list(tensor(TENON_I32, {3, 3}, lhs), tensor(TENON_I32, {3, 7}, rhs),
                           tensor(TENON_I32, {3, 7}, Numbers(21, 1)));
  Numbers expected = numbers(program.interpret(arguments)[0]);
  program.apply((kBufferize + ",func.func(convert-linalg-to-affine-loops)").str());
  EXPECT_EQ(numbers(program.runBuffers(arguments)[0]), expected);
  program.apply(passes);
  return {expected, numbers(program.runBuffers(arguments)[0])};
}

TEST(KnownDefects, PassesBeforeD6AndD7AreRight) {
  for (const char *passes : {"func.func(affine-loop-tile{tile-size=3})",
                             "func.func(affine-loop-unroll{unroll-factor=2})",
                             "func.func(affine-super-vectorize{virtual-vector-size=4})"}) {
    auto [expected, found] = runAffine(passes);
    EXPECT_EQ(expected, found) << passes;
  }
}

TEST(KnownDefects, D6TailsAreOverwritten) {
  // Vectors of 4 in tiles of 3: the last lane belongs to the next tile, which adds to it once more.
  auto [expected, found] = runAffine(
      "func.func(affine-loop-tile{tile-size=3},affine-super-vectorize{virtual-vector-size=4})");
  EXPECT_NE(expected, found);
}

TEST(KnownDefects, D7StepsAreIgnored) {
  Program program(R"(
    func.func @main(%a: tensor<13xi32>) -> tensor<13xi32> {
      %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%a : tensor<13xi32>) {
      ^bb0(%x: i32):
        %s = arith.addi %x, %x : i32
        linalg.yield %s : i32
      } -> tensor<13xi32>
      return %r : tensor<13xi32>
    })");
  Tensors arguments = list(tensor(TENON_I32, {13}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}));
  Numbers expected = numbers(program.interpret(arguments)[0]);
  program.apply((kBufferize +
                 ",func.func(convert-linalg-to-affine-loops,affine-loop-unroll{unroll-factor=2})")
                    .str());
  EXPECT_EQ(numbers(program.runBuffers(arguments)[0]), expected);
  program.apply("func.func(affine-super-vectorize{virtual-vector-size=4})");
  EXPECT_NE(numbers(program.runBuffers(arguments)[0]), expected);
}

} // namespace
