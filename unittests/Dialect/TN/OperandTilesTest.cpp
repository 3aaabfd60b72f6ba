//===- OperandTilesTest.cpp - Tiles of operations from tiles of operands ----===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The part of TilingInterface that fuses a consumer into the loops of its producer. Upstream's
// fusion asks for consumers with destinations, so that no pass reaches it yet for tn; the test
// calls it. The reference interpreter compares a tile with that part of the whole result.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/Compare.h"
#include "tenon/HostTensor/RandomFill.h"
#include "tenon/InitAll.h"
#include "tenon/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace tenon;

namespace {

using Tile = SmallVector<OpFoldResult>;

class OperandTiles : public ::testing::Test {
protected:
  OperandTiles() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  /// Parses a function that computes its result from %p, 7x7, and %c, 7x5.
  void parse(const std::string &op, const std::string &type) {
    module = parseSourceString<ModuleOp>(
        "func.func @f(%p: tensor<7x7xi64>, %c: tensor<7x5xi64>) -> " + type + " {\n  %r = " + op +
            "\n  return %r : " + type + "\n}\n",
        &context);
    ASSERT_TRUE(module);
  }

  func::FuncOp function() { return *module->getOps<func::FuncOp>().begin(); }

  /// Rows 3 to 5 of each of `operands`, whose extents in their second dimension are `columns`.
  FailureOr<TilingResult> tileRows(ArrayRef<unsigned> operands, ArrayRef<int64_t> columns) {
    auto op = cast<TilingInterface>(&function().getBody().front().front());
    OpBuilder builder(function().getBody().front().getTerminator());
    SmallVector<Tile> offsets, sizes;
    for (int64_t count : columns) {
      offsets.push_back({builder.getIndexAttr(3), builder.getIndexAttr(0)});
      sizes.push_back({builder.getIndexAttr(2), builder.getIndexAttr(count)});
    }
    return op.getTiledImplementationFromOperandTiles(builder, operands, offsets, sizes);
  }

  /// Expects a tile at `offsets` of `sizes` of the result, with its values.
  void expectTile(ArrayRef<unsigned> operands, ArrayRef<int64_t> columns, ArrayRef<int64_t> offsets,
                  ArrayRef<int64_t> sizes) {
    FailureOr<TilingResult> tile = tileRows(operands, columns);
    ASSERT_TRUE(succeeded(tile));
    auto ret = cast<func::ReturnOp>(function().getBody().front().getTerminator());
    OpBuilder builder(ret);
    SmallVector<int64_t> ones(sizes.size(), 1);
    Value part = tensor::ExtractSliceOp::create(
        builder, ret.getLoc(), ret.getOperand(0), getAsIndexOpFoldResult(&context, offsets),
        getAsIndexOpFoldResult(&context, sizes), getAsIndexOpFoldResult(&context, ones));
    Value value = tile->tiledValues.front();
    ASSERT_EQ(value.getType(), part.getType());
    ret.getOperandsMutable().assign({value, part});
    function().setType(
        builder.getFunctionType(function().getArgumentTypes(), ret.getOperandTypes()));
    ASSERT_TRUE(succeeded(verify(*module)));

    SmallVector<HostTensor> arguments;
    for (const auto &shape : std::vector<std::vector<int64_t>>{{7, 7}, {7, 5}}) {
      arguments.push_back(std::move(*HostTensor::zeros({TENON_I64}, shape)));
      fillRandom(arguments.back(), arguments.size());
    }
    auto results = reference::interpret(function(), arguments);
    ASSERT_TRUE(static_cast<bool>(results)) << llvm::toString(results.takeError());
    EXPECT_TRUE(bitwiseEqual((*results)[0], (*results)[1]));
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(OperandTiles, RowsOfOneOperand) {
  parse("tn.contract (%p[i, k], %c[k, j]) -> [j, i] : (tensor<7x7xi64>, tensor<7x5xi64>) -> "
        "tensor<5x7xi64>",
        "tensor<5x7xi64>");
  expectTile({0}, {7}, {0, 3}, {5, 2});
}

TEST_F(OperandTiles, ASharedIndexCutsAllItsOperands) {
  parse("tn.contract (%p[i, k], %c[i, j]) -> [i, j] : (tensor<7x7xi64>, tensor<7x5xi64>) -> "
        "tensor<7x5xi64>",
        "tensor<7x5xi64>");
  expectTile({0, 1}, {7, 5}, {3, 0}, {2, 5});
}

TEST_F(OperandTiles, Conjugate) {
  parse("tn.conj %p : tensor<7x7xi64>", "tensor<7x7xi64>");
  expectTile({0}, {7}, {3, 0}, {2, 7});
}

TEST_F(OperandTiles, ACutSumIsRefused) {
  parse("tn.contract (%p[k, i], %c[k, j]) -> [i, j] : (tensor<7x7xi64>, tensor<7x5xi64>) -> "
        "tensor<7x5xi64>",
        "tensor<7x5xi64>");
  EXPECT_TRUE(failed(tileRows({0}, {7})));
}

TEST_F(OperandTiles, ADiagonalOfRowsIsRefused) {
  parse("tn.contract (%p[i, i], %c[i, j]) -> [i, j] : (tensor<7x7xi64>, tensor<7x5xi64>) -> "
        "tensor<7x5xi64>",
        "tensor<7x5xi64>");
  EXPECT_TRUE(failed(tileRows({0}, {7})));
}

TEST_F(OperandTiles, RowsTimesRowsAreRefused) {
  // Tiles of i and j that come from one loop meet in the blocks of the diagonal only.
  parse("tn.contract (%p[i, k], %p[j, k]) -> [i, j] : (tensor<7x7xi64>, tensor<7x7xi64>) -> "
        "tensor<7x7xi64>",
        "tensor<7x7xi64>");
  EXPECT_TRUE(failed(tileRows({0, 1}, {7, 7})));
}

} // namespace
