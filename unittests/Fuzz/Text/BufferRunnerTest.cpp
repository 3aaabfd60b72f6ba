//===- BufferRunnerTest.cpp - Execution of functions on buffers -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PassesHarness.h"

using namespace tenon;
using namespace tenon::fuzz;
using namespace tenon::fuzz::test;

namespace {

TEST(BufferRunner, ReturnsScalarsAndBuffersSideBySide) {
  Program program(R"(
    func.func @main(%a: memref<2x3xi32>, %x: i16, %c: complex<f64>) -> (i16, memref<3x2xi32>, complex<f64>, i1) {
      %t = memref.transpose %a (i, j) -> (j, i) : memref<2x3xi32> to memref<3x2xi32, strided<[1, 3]>>
      %r = memref.alloc() : memref<3x2xi32>
      linalg.copy ins(%t : memref<3x2xi32, strided<[1, 3]>>) outs(%r : memref<3x2xi32>)
      %y = arith.addi %x, %x : i16
      %true = arith.constant true
      return %y, %r, %c, %true : i16, memref<3x2xi32>, complex<f64>, i1
    })");
  Tensors results =
      program.runBuffers(list(tensor(TENON_I32, {2, 3}, {1, 2, 3, 4, 5, 6}),
                              tensor(TENON_I16, {}, {-7}), tensor(TENON_C128, {}, {2, -3})));
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(numbers(results[0]), Numbers({-14}));
  EXPECT_EQ(shape(results[1]), Shape({3, 2}));
  EXPECT_EQ(numbers(results[1]), Numbers({1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(numbers(results[2]), Numbers({2, -3}));
  EXPECT_EQ(numbers(results[3]), Numbers({1}));
}

TEST(BufferRunner, GivesOpenLayoutsGaps) {
  // Were the buffer dense, the difference of neighbouring rows in memory would be 3.
  Program program(R"(
    func.func @main(%a: memref<2x3xf32, strided<[?, ?], offset: ?>>) -> (index, index, f32) {
      %b, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %a
          : memref<2x3xf32, strided<[?, ?], offset: ?>> -> memref<f32>, index, index, index, index, index
      %one = arith.constant 1 : index
      %two = arith.constant 2 : index
      %x = memref.load %a[%one, %two] : memref<2x3xf32, strided<[?, ?], offset: ?>>
      return %offset, %strides#0, %x : index, index, f32
    })");
  Tensors arguments = list(tensor(TENON_F32, {2, 3}, {1, 2, 3, 4, 5, 6}));
  Tensors spread = program.runBuffers(arguments);
  EXPECT_GT(numbers(spread[0])[0], 0);
  EXPECT_GT(numbers(spread[1])[0], 3);
  EXPECT_EQ(numbers(spread[2]), Numbers({6}));
  BufferRunOptions dense;
  dense.spreadDynamicStrides = false;
  Tensors plain = program.runBuffers(arguments, dense);
  EXPECT_EQ(numbers(plain[0]), Numbers({0}));
  EXPECT_EQ(numbers(plain[1]), Numbers({3}));
  EXPECT_EQ(numbers(plain[2]), Numbers({6}));
}

TEST(BufferRunner, GivesIdentityLayoutsNone) {
  Program program(R"(
    func.func @main(%a: memref<?x?xi32>) -> (memref<?x?xi32>, index) {
      %b, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %a
          : memref<?x?xi32> -> memref<i32>, index, index, index, index, index
      %copy = bufferization.clone %a : memref<?x?xi32> to memref<?x?xi32>
      return %copy, %strides#0 : memref<?x?xi32>, index
    })");
  Tensors results = program.runBuffers(list(tensor(TENON_I32, {2, 3}, {1, 2, 3, 4, 5, 6})));
  EXPECT_EQ(numbers(results[0]), Numbers({1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(numbers(results[1]), Numbers({3}));
}

TEST(BufferRunner, DropsTheRightDimensionOfAView) {
  // Of the two unit extents in 1x2x1 only the last one can be missing in 1x2; all strides are open.
  Program program(R"(
    func.func @main(%a: memref<1x2x4xi32, strided<[?, ?, ?], offset: ?>>) -> memref<1x2xi32> {
      %two = arith.constant 2 : index
      %view = memref.subview %a[0, 0, %two] [1, 2, 1] [1, 1, 1]
          : memref<1x2x4xi32, strided<[?, ?, ?], offset: ?>> to memref<1x2xi32, strided<[?, ?], offset: ?>>
      %r = memref.alloc() : memref<1x2xi32>
      linalg.copy ins(%view : memref<1x2xi32, strided<[?, ?], offset: ?>>) outs(%r : memref<1x2xi32>)
      return %r : memref<1x2xi32>
    })");
  Tensors results =
      program.runBuffers(list(tensor(TENON_I32, {1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})));
  EXPECT_EQ(numbers(results[0]), Numbers({3, 7}));
}

TEST(BufferRunner, FillsDestinationsOfDynamicExtents) {
  Program program(R"(
    func.func @main(%a: memref<?xf64>, %out: memref<?x2xf64>) {
      linalg.broadcast ins(%a : memref<?xf64>) outs(%out : memref<?x2xf64>) dimensions = [1]
      return
    })");
  BufferRunOptions options;
  options.destinations = {{3, 2}};
  Tensors results = program.runBuffers(list(tensor(TENON_F64, {3}, {1, 2, 3})), options);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(numbers(results[0]), Numbers({1, 1, 2, 2, 3, 3}));
}

TEST(BufferRunner, ShowsWhatWasNeverWritten) {
  Program program(R"(
    func.func @main() -> (memref<2xi32>, memref<1xf32>) {
      %a = memref.alloc() {alignment = 64 : i64} : memref<2xi32>
      %b = memref.alloc() : memref<1xf32>
      return %a, %b : memref<2xi32>, memref<1xf32>
    })");
  Tensors results = program.runBuffers();
  EXPECT_EQ(numbers(results[0]), Numbers({-1, -1}));
  EXPECT_TRUE(std::isnan(numbers(results[1])[0]));
}

TEST(BufferRunner, ComputesInEveryElementType) {
  for (const char *type : {"f16", "bf16", "f32", "f64", "i8", "i16", "i32", "i64"}) {
    const bool isFloat = type[0] != 'i';
    std::string vector = std::string("memref<3x") + type + ">", name = isFloat ? "f" : "i";
    Program program("func.func @main(%a: " + vector + ", %b: " + vector + ") -> " + vector + R"( {
      %r = memref.alloc() : )" +
                    vector + R"(
      linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                      iterator_types = ["parallel"]} ins(%a, %b : )" +
                    vector + ", " + vector + ") outs(%r : " + vector + R"() {
      ^bb0(%x: )" + type +
                    ", %y: " + type + ", %z: " + type + R"():
        %p = arith.mul)" +
                    name + " %x, %y : " + type + R"(
        %s = arith.add)" +
                    name + " %p, %y : " + type + R"(
        linalg.yield %s : )" +
                    type + "\n}\nreturn %r : " + vector + "\n}");
    tenon_dtype dtype = parseType(type);
    Tensors results =
        program.runBuffers(list(tensor(dtype, {3}, {1, 2, -3}), tensor(dtype, {3}, {5, -6, 7})));
    ASSERT_EQ(results.size(), 1u) << type;
    EXPECT_EQ(numbers(results[0]), Numbers({10, -18, -14})) << type;
  }
}

TEST(BufferRunner, LowersVectorsAndAffineLoops) {
  Program program(R"(
    #set = affine_set<(i) : (i - 2 >= 0)>
    func.func @main(%a: memref<5x4xf32>) -> memref<5xf32> {
      %zero = arith.constant 0.0 : f32
      %r = memref.alloc() : memref<5xf32>
      affine.for %i = 0 to 5 {
        %c0 = arith.constant 0 : index
        %v = vector.transfer_read %a[%i, %c0], %zero : memref<5x4xf32>, vector<4xf32>
        %s = vector.reduction <add>, %v : vector<4xf32> into f32
        affine.store %zero, %r[%i] : memref<5xf32>
        affine.if #set(%i) {
          affine.store %s, %r[%i] : memref<5xf32>
        }
      }
      return %r : memref<5xf32>
    })");
  Numbers values(20);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = double(i);
  Tensors results = program.runBuffers(list(tensor(TENON_F32, {5, 4}, values)));
  EXPECT_EQ(numbers(results[0]), Numbers({0, 0, 38, 54, 70}));
}

TEST(BufferRunner, NamesDamageInFrontOfABuffer) {
  Program program(R"(
    func.func @main(%a: memref<3xi32>) {
      %i = arith.constant -2 : index
      %x = arith.constant 5 : i32
      memref.store %x, %a[%i] : memref<3xi32>
      return
    })");
  EXPECT_EQ(
      program.buffersError(list(tensor(TENON_I32, {3}, {1, 2, 3})), BufferRunError::Kind::Damage),
      "8 bytes before a buffer of 12 bytes were written");
}

TEST(BufferRunner, NamesAWrongRelease) {
  Program program(R"(
    func.func @main() {
      %a = memref.alloc() : memref<3xi32>
      memref.dealloc %a : memref<3xi32>
      memref.dealloc %a : memref<3xi32>
      return
    })");
  EXPECT_EQ(program.buffersError({}, BufferRunError::Kind::Damage),
            "the program frees what it did not allocate, or frees it twice");
}

TEST(BufferRunnerDeathTest, FaultsPastTheEnd) {
  Program program(R"(
    func.func @main(%a: memref<3xi8>) -> i8 {
      %i = arith.constant 3 : index
      %x = memref.load %a[%i] : memref<3xi8>
      return %x : i8
    })");
  EXPECT_DEATH(program.runBuffers(list(tensor(TENON_I8, {3}, {1, 2, 3}))), "");
}

TEST(BufferRunnerDeathTest, FaultsAfterRelease) {
  Program program(R"(
    func.func @main() -> f32 {
      %a = memref.alloc() : memref<f32>
      memref.dealloc %a : memref<f32>
      %x = memref.load %a[] : memref<f32>
      return %x : f32
    })");
  EXPECT_DEATH(program.runBuffers(), "");
}

TEST(BufferRunner, StopsAtAssertionsAndLimits) {
  Program assertion(R"(
    func.func @main(%x: i1) {
      cf.assert %x, "never"
      return
    })");
  EXPECT_EQ(
      assertion.buffersError(list(tensor(TENON_BOOL, {}, {0})), BufferRunError::Kind::Stopped),
      "the program calls abort: an assertion of its own fails");
  EXPECT_TRUE(assertion.runBuffers(list(tensor(TENON_BOOL, {}, {1}))).empty());
  Program large(R"(
    func.func @main() -> memref<1000000x1000000xf64> {
      %a = memref.alloc() : memref<1000000x1000000xf64>
      return %a : memref<1000000x1000000xf64>
    })");
  EXPECT_EQ(large.buffersError({}, BufferRunError::Kind::Stopped),
            "the buffers of the program exceed the memory limit of a run");
}

TEST(BufferRunner, SaysWhatItCannotRun) {
  Program tensors("func.func @main(%a: tensor<2xf32>) { return }");
  EXPECT_EQ(
      tensors.buffersError(list(tensor(TENON_F32, {2}, {1, 2})), BufferRunError::Kind::Unsupported),
      "argument 0 of 'main' is no memref of a known rank");
  Program extents("func.func @main(%a: memref<2xf32>) { return }");
  EXPECT_EQ(extents.buffersError(list(tensor(TENON_F32, {3}, {1, 2, 3})),
                                 BufferRunError::Kind::Unsupported),
            "argument 0 of 'main' has the extent 2, but 3 was given");
  EXPECT_EQ(extents.buffersError({}, BufferRunError::Kind::Unsupported),
            "function 'main' takes 1 arguments, but 0 were given");
  constexpr char tooLarge[] = "a buffer or constant has extents above 1048576, singly or together";
  Program huge("func.func @main(%a: memref<4611686018427387904x0xi32>) { return }");
  EXPECT_EQ(huge.buffersError({}, BufferRunError::Kind::Unsupported), tooLarge);
  Program constant(R"(
    memref.global "private" constant @c : memref<0x4611686018427387904xi32> = dense<-1>
    func.func @main() {
      return
    })");
  EXPECT_EQ(constant.buffersError({}, BufferRunError::Kind::Unsupported), tooLarge);
  // Each extent for itself is small enough.
  Program many("func.func @main(%a: memref<1000000x1000000x0xi32>) { return }");
  EXPECT_EQ(many.buffersError({}, BufferRunError::Kind::Unsupported), tooLarge);
  Program manyConstants(R"(
    memref.global "private" constant @c : memref<3000x3000xi32> = dense<-1>
    func.func @main() {
      return
    })");
  EXPECT_EQ(manyConstants.buffersError({}, BufferRunError::Kind::Unsupported), tooLarge);
  // Of another function the constants are compiled, too; its buffers count where it is called.
  auto beside = [](std::string calls) {
    return "func.func @main() {\n" + calls +
           "return\n}\n"
           "func.func private @between() {\ncall @other() : () -> ()\nreturn\n}\n"
           "func.func private @other() {\n"
           "%a = memref.alloca() : memref<1000000x1000000x0xi32>\nreturn\n}";
  };
  Program called(beside("call @between() : () -> ()\n"));
  EXPECT_EQ(called.buffersError({}, BufferRunError::Kind::Unsupported), tooLarge);
  Program uncalled(beside(""));
  EXPECT_TRUE(uncalled.runBuffers().empty());
  Program elsewhere(R"(
    func.func @main() {
      return
    }
    func.func private @other() -> vector<2000x2000xi32> {
      %c = arith.constant dense<1> : vector<2000x2000xi32>
      return %c : vector<2000x2000xi32>
    })");
  EXPECT_EQ(elsewhere.buffersError({}, BufferRunError::Kind::Unsupported), tooLarge);
  Program outside(R"(
    func.func @main() {
      return
    }
    %c = arith.constant false
    scf.if %c {
    })");
  EXPECT_EQ(outside.buffersError({}, BufferRunError::Kind::Unsupported),
            "scf.if outside of a function");
  Program unknown("func.func @main() { \"test.unknown\"() : () -> ()\n return }");
  EXPECT_CONTAINS(unknown.buffersError({}, BufferRunError::Kind::Unsupported), "test.unknown");
}

} // namespace
