//===- ErrorTest.cpp - How the interpreter refuses ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"

using namespace tenon;
using namespace tenon::test;
using reference::InterpreterOptions;

namespace {

const std::string identity =
    "func.func @f(%a: tensor<2x?xf32>) -> tensor<2x?xf32> {\nreturn %a : tensor<2x?xf32>\n}";

TEST(Errors, ArgumentsThatDisagreeWithTheType) {
  EXPECT_CONTAINS(runError(identity), "'f' takes 1 arguments, but 0 were given");
  EXPECT_CONTAINS(runError(identity, list(tensor(TENON_F64, {2, 1}, {1, 2}))),
                  "argument 0 of 'f' has elements of type f32, but f64 were given");
  EXPECT_CONTAINS(runError(identity, list(tensor(TENON_F32, {2}, {1, 2}))),
                  "has rank 2, but a tensor of rank 1 (2xf32) was given");
  EXPECT_CONTAINS(runError(identity, list(tensor(TENON_F32, {3, 1}, {1, 2, 3}))),
                  "has the extent 2 along dimension 0, but 3 was given");
  EXPECT_CONTAINS(runError("func.func @f(%a: vector<2xf32>) {\nreturn\n}",
                           list(tensor(TENON_F32, {2}, {1, 2}))),
                  "vector<2xf32>");
  EXPECT_CONTAINS(
      runError("func.func @f(%a: tensor<2xi4>) {\nreturn\n}", list(tensor(TENON_I8, {2}, {1, 2}))),
      "tensor<2xi4>");
}

TEST(Errors, UnknownOperations) {
  EXPECT_CONTAINS(runError("func.func @f() {\n\"x.y\"() : () -> ()\nreturn\n}"),
                  ":2:1): the reference interpreter does not know 'x.y'");
  EXPECT_CONTAINS(runError("func.func @f() {\n\"x.end\"() : () -> ()\n}"), "'x.end'");
  EXPECT_CONTAINS(runError("func.func private @f()"), "'f', which has no body");
  EXPECT_CONTAINS(runError("func.func @f() {\n%m = memref.alloc() : memref<2xf32>\nreturn\n}"),
                  "'memref.alloc'");
  EXPECT_CONTAINS(runError("func.func @f() -> vector<2xf32> {\n%c = arith.constant dense<1.0> : "
                           "vector<2xf32>\nreturn %c : vector<2xf32>\n}"),
                  "numbers and tensors only");
  EXPECT_CONTAINS(runError("func.func @f() -> i128 {\n%c = arith.constant 1 : i128\n"
                           "return %c : i128\n}"),
                  "does not compute with i128");
}

TEST(Errors, UndefinedBehaviour) {
  const auto integer = [](const std::string &op, const std::string &a, const std::string &b) {
    return runError("func.func @f() -> i8 {\n%a = arith.constant " + a +
                    " : i8\n%b = arith.constant " + b + " : i8\n%r = " + op +
                    " %a, %b : i8\nreturn %r : i8\n}");
  };
  EXPECT_CONTAINS(integer("arith.divsi", "7", "0"), "division by zero");
  EXPECT_CONTAINS(integer("arith.remui", "7", "0"), "division by zero");
  EXPECT_CONTAINS(integer("arith.divsi", "-128", "-1"), "overflows");
  EXPECT_CONTAINS(integer("math.ipowi", "0", "-1"), "negative power");
}

TEST(Errors, IndicesOutOfBounds) {
  const auto at = [](const std::string &body, double index) {
    return runError(
        "func.func @f(%a: tensor<2x3xf32>, %i: index) {\n%c1 = arith.constant 1 : "
        "index\n%z = arith.constant 0.0 : f32\n" +
            body + "\nreturn\n}",
        list(tensor(TENON_F32, {2, 3}, {1, 2, 3, 4, 5, 6}), tensor(TENON_I64, {}, {index})));
  };
  EXPECT_CONTAINS(at("%r = tensor.extract %a[%c1, %i] : tensor<2x3xf32>", 3),
                  "the index 3 leaves dimension 1, whose extent is 3");
  EXPECT_CONTAINS(at("%r = tensor.insert %z into %a[%i, %c1] : tensor<2x3xf32>", -1),
                  "the index -1 leaves dimension 0, whose extent is 2");
  EXPECT_CONTAINS(at("%r = tensor.dim %a, %i : tensor<2x3xf32>", 2), "no dimension 2");
  EXPECT_CONTAINS(at("%r = tensor.extract_slice %a[0, %i] [2, 2] [1, 1] : tensor<2x3xf32> to "
                     "tensor<2x2xf32>",
                     2),
                  "offset 2, size 2 and stride 1 leaves dimension 1, whose extent is 3");
  EXPECT_CONTAINS(at("%r = tensor.extract_slice %a[0, 0] [2, %i] [1, 1] : tensor<2x3xf32> to "
                     "tensor<2x?xf32>",
                     -2),
                  "size -2");
  EXPECT_CONTAINS(at("%r = tensor.empty(%i) : tensor<?xf32>", -4), "extent -4");
  EXPECT_CONTAINS(at("%r = tensor.pad %a low[0, %i] high[0, 0] {\n^bb0(%x: index, %y: index):\n"
                     "tensor.yield %z : f32\n} : tensor<2x3xf32> to tensor<2x?xf32>",
                     -1),
                  "cannot pad dimension 1 by -1");
}

TEST(Errors, ExtentsThatDisagreeAtRunTime) {
  const auto two = [] {
    return list(tensor(TENON_F32, {2, 3}, {1, 2, 3, 4, 5, 6}),
                tensor(TENON_F32, {4}, {1, 2, 3, 4}));
  };
  const std::string header = "func.func @f(%a: tensor<?x?xf32>, %b: tensor<?xf32>) {\n";
  EXPECT_CONTAINS(runError(header + "%r = tn.contract (%a[left, shared], %b[shared]) -> [left] : "
                                    "(tensor<?x?xf32>, tensor<?xf32>) -> tensor<?xf32>\nreturn\n}",
                           two()),
                  "C4: index 'shared' has the extent 3 in operand 0 and 4 in operand 1");
  EXPECT_CONTAINS(
      runError(header + "%e = tensor.empty() : tensor<2xf32>\n%r = linalg.matvec ins(%a, %b : "
                        "tensor<?x?xf32>, tensor<?xf32>) outs(%e : tensor<2xf32>) -> "
                        "tensor<2xf32>\nreturn\n}",
               two()),
      "loop 1 has the extent 3 in one operand and 4 in another");
  EXPECT_CONTAINS(
      runError(header + "%r = tensor.cast %a : tensor<?x?xf32> to tensor<2x5xf32>\nreturn\n}",
               two()),
      "dimension 1 has the extent 3, but its type says 5");
  EXPECT_CONTAINS(runError(header + "%n = arith.constant 2 : index\n%c = tensor.expand_shape %b "
                                    "[[0, 1]] output_shape [%n, 3] : tensor<?xf32> into "
                                    "tensor<?x3xf32>\nreturn\n}",
                           two()),
                  "dimension 0 of extent 4 cannot become 2x3");
  EXPECT_CONTAINS(runError("func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {\n"
                           "%r = arith.addf %a, %b : tensor<?xf32>\nreturn\n}",
                           list(tensor(TENON_F32, {2}, {1, 2}), tensor(TENON_F32, {3}, {1, 2, 3}))),
                  "shapes 2 and 3");
  EXPECT_CONTAINS(runError("func.func @f(%n: index) {\n%d = tn.delta %n : tensor<?x3xf32>\n"
                           "return\n}",
                           list(tensor(TENON_I64, {}, {2}))),
                  "D1: all extents of a delta are equal, but the type has 2 and 3");
}

TEST(Errors, WorkLimit) {
  InterpreterOptions options;
  options.workLimit = 1000;
  const auto square = [] { return list(tensor(TENON_F32, {11, 11}, Numbers(121, 1))); };
  const std::string message = runError(
      "func.func @f(%a: tensor<11x11xf32>) {\n%r = tn.contract (%a[i, j], %a[j, k]) -> [i, k] : "
      "(tensor<11x11xf32>, tensor<11x11xf32>) -> tensor<11x11xf32>\nreturn\n}",
      square(), options);
  EXPECT_CONTAINS(message, "'tn.contract' takes about 2662 scalar operations");
  EXPECT_CONTAINS(message, "the limit is 1000");
  EXPECT_CONTAINS(runError("func.func @f(%a: tensor<11x11xf32>) {\n%r = linalg.matmul ins(%a, %a : "
                           "tensor<11x11xf32>, tensor<11x11xf32>) outs(%a : tensor<11x11xf32>) -> "
                           "tensor<11x11xf32>\nreturn\n}",
                           square(), options),
                  "'linalg.matmul' takes about 2662 scalar operations");
  // Loops that would never end.
  EXPECT_CONTAINS(runError("func.func @f() {\n%t = arith.constant true\nscf.while : () -> () {\n"
                           "scf.condition(%t)\n} do {\nscf.yield\n}\nreturn\n}",
                           {}, options),
                  "the limit is 1000");
  EXPECT_CONTAINS(runError("func.func @f() {\n%c0 = arith.constant 0 : index\n%c1 = arith.constant "
                           "1 : index\n%n = arith.constant 9223372036854775807 : index\n"
                           "scf.for %i = %c0 to %n step %c1 {\n}\nreturn\n}",
                           {}, options),
                  "the limit is 1000");
  EXPECT_CONTAINS(runError("func.func @f() {\n%r = tn.slice (%i in 1000000007) -> (tensor<f32> "
                           "[sum]) {\n%c = tn.constant dense<1.0> : tensor<f32>\n"
                           "tn.yield %c : tensor<f32>\n}\nreturn\n}",
                           {}, options),
                  "takes about 1000000007");
}

TEST(Errors, DepthAndMemoryLimits) {
  EXPECT_CONTAINS(runError("func.func @f() {\ncall @f() : () -> ()\nreturn\n}"),
                  "more than 200 calls");
  EXPECT_CONTAINS(runError("func.func @f() {\n%e = tensor.empty() : tensor<1099511627776xf64>\n"
                           "return\n}"),
                  "needs 8796093022208 bytes");
  InterpreterOptions options;
  options.tensorLimit = 100;
  EXPECT_CONTAINS(
      runError("func.func @f() {\n%e = tensor.empty() : tensor<3x9xf32>\nreturn\n}", {}, options),
      "shape 3x9 needs 108 bytes, and the reference interpreter's limit is 100");
}

TEST(Errors, Resources) {
  const auto resource = [](const std::string &type, const std::string &section) {
    return runError("func.func @f() {\n%c = arith.constant dense_resource<w> : " + type +
                    "\nreturn\n}\n" + section);
  };
  EXPECT_CONTAINS(resource("tensor<2xf32>", ""), "the resource 'w' has no data");
  EXPECT_CONTAINS(resource("tensor<2xf32>",
                           "{-# dialect_resources: { builtin: { w: \"0x040000000000803F\" } } #-}"),
                  "has 4 bytes, but its type takes 8");
  EXPECT_CONTAINS(
      resource("tensor<2xi1>", "{-# dialect_resources: { builtin: { w: \"0x010000000107\" } } #-}"),
      "byte 1 of the resource 'w' is 7");
}

TEST(Errors, CarryTheLocation) {
  mlir::MLIRContext context;
  context.loadDialect<mlir::func::FuncDialect, mlir::arith::ArithDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "func.func @f() {\n%c = arith.constant 0 : i8\n  %d = arith.divsi %c, %c : i8\nreturn\n}",
      &context, "input.mlir");
  ASSERT_TRUE(module);
  llvm::Expected<Tensors> results =
      reference::interpret(module->lookupSymbol<mlir::func::FuncOp>("f"), {});
  ASSERT_FALSE(results);
  unsigned seen = 0;
  llvm::handleAllErrors(results.takeError(), [&](const reference::InterpreterError &error) {
    auto location = mlir::dyn_cast<mlir::FileLineColLoc>(error.location());
    ASSERT_TRUE(location);
    EXPECT_EQ(location.getLine(), 3u);
    EXPECT_EQ(error.description(), "integer division by zero");
    ++seen;
  });
  EXPECT_EQ(seen, 1u);
}

} // namespace
