//===- EinsumTest.cpp - The einsum notation -------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/Einsum.h"
#include "ExpectParseError.h"

using namespace tenon::frontend;
using Ids = std::vector<int32_t>;

static Ids ids(llvm::ArrayRef<int32_t> list) { return Ids(list.begin(), list.end()); }

static llvm::Expected<NetworkDescription> parse(llvm::StringRef equation, llvm::StringRef shapes) {
  llvm::Expected<std::vector<Shape>> list = parseShapes(shapes);
  if (!list)
    return list.takeError();
  return parseEinsum(equation, llvm::ArrayRef<Shape>(*list), ElementType::F32);
}

TEST(Einsum, ExplicitOutput) {
  NetworkDescription network = expectParsed(parse("ij,jk,kl->il", "3x4,4x5,5x6"));
  ASSERT_EQ(network.operands.size(), 3u);
  EXPECT_EQ(ids(network.operands[0].indices), (Ids{0, 1}));
  EXPECT_EQ(ids(network.operands[1].indices), (Ids{1, 2}));
  EXPECT_EQ(ids(network.operands[2].indices), (Ids{2, 3}));
  EXPECT_EQ(network.operands[2].constant, kArgument);
  EXPECT_EQ(ids(network.output), (Ids{0, 3}));
  EXPECT_EQ(network.extents, (std::vector<int64_t>{3, 4, 5, 6}));
  EXPECT_EQ(network.indexNames, (std::vector<std::string>{"i", "j", "k", "l"}));
  EXPECT_EQ(network.elementType, ElementType::F32);
}

TEST(Einsum, ImplicitOutputIsInOrderOfCodePoints) {
  NetworkDescription network = expectParsed(parse("bca,cB", "2x3x4,3x5"));
  std::string names;
  for (int32_t index : network.output)
    names += network.indexNames[index];
  EXPECT_EQ(names, "Bab");
}

TEST(Einsum, ImplicitOutputDropsWhatStandsTwiceInOneOperand) {
  EXPECT_TRUE(expectParsed(parse("ii", "3x3")).output.empty());
}

TEST(Einsum, BlanksAreIgnored) {
  NetworkDescription network = expectParsed(parse(" i j , j\tk\n-> i k ", "2x3,3x4"));
  EXPECT_EQ(ids(network.operands[1].indices), (Ids{1, 2}));
  EXPECT_EQ(ids(network.output), (Ids{0, 2}));
}

TEST(Einsum, WideSymbols) {
  // opt_einsum.get_symbol(52) and (20000).
  NetworkDescription network = expectParsed(parse("a\u00c0,\u00c0\u4eac->\u4eac", "2x3,3x4"));
  EXPECT_EQ(network.indexNames, (std::vector<std::string>{"a", "\u00c0", "\u4eac"}));
  EXPECT_EQ(ids(network.output), (Ids{2}));
}

TEST(Einsum, EllipsesAlignAtTheRightAndLeadImplicitOutputs) {
  NetworkDescription network = expectParsed(parse("b...a,...b", "5x3x4x2,6x3x4x5"));
  // b e1 e2 a, e0 e1 e2 b -> e0 e1 e2 a
  EXPECT_EQ(network.indexNames, (std::vector<std::string>{"b", "e1", "e2", "a", "e0"}));
  EXPECT_EQ(ids(network.operands[0].indices), (Ids{0, 1, 2, 3}));
  EXPECT_EQ(ids(network.operands[1].indices), (Ids{4, 1, 2, 0}));
  EXPECT_EQ(ids(network.output), (Ids{4, 1, 2, 3}));
  EXPECT_EQ(network.extents, (std::vector<int64_t>{5, 3, 4, 2, 6}));
}

TEST(Einsum, EllipsisInExplicitOutput) {
  NetworkDescription network = expectParsed(parse("...i->i...", "2x3x4"));
  EXPECT_EQ(ids(network.output), (Ids{2, 0, 1}));
}

TEST(Einsum, EllipsisOfNoDimensions) {
  EXPECT_EQ(ids(expectParsed(parse("...i->i", "7")).output), (Ids{0}));
  EXPECT_EQ(ids(expectParsed(parse("i->...i", "7")).output), (Ids{0}));
}

TEST(Einsum, RankZeroOperands) {
  NetworkDescription network = expectParsed(parse(",i,->i", ",3,scalar"));
  ASSERT_EQ(network.operands.size(), 3u);
  EXPECT_TRUE(network.operands[0].indices.empty());
  EXPECT_TRUE(network.operands[2].indices.empty());
  EXPECT_EQ(expectParsed(parse("", "")).operands.size(), 1u);
}

TEST(Einsum, KnownExtentsWinOverDynamicOnes) {
  NetworkDescription network = expectParsed(parse("ij,jk->ik", "?x?,4x?"));
  EXPECT_EQ(network.extents, (std::vector<int64_t>{kDynamicExtent, 4, kDynamicExtent}));
}

TEST(Einsum, WithoutShapesAllIsDynamic) {
  NetworkDescription network = expectParsed(parseEinsum("ij,jk", std::nullopt, ElementType::C128));
  EXPECT_EQ(network.extents, std::vector<int64_t>(3, kDynamicExtent));
  EXPECT_EQ(ids(network.output), (Ids{0, 2}));
  expectParseError(parseEinsum("ij,...k", std::nullopt, ElementType::F32), 1, 4,
                   "'...' needs the shapes");
}

TEST(Einsum, ExtentOfZeroIsLegal) { EXPECT_EQ(expectParsed(parse("ij->i", "0x4")).extents[0], 0); }

TEST(Einsum, Errors) {
  struct {
    const char *equation, *shapes;
    unsigned column;
    const char *message;
  } cases[] = {
      {"ij,jk->iki", "3x4,4x5", 10, "output index 'i' is repeated"},
      {"ij,jk->iz", "3x4,4x5", 9, "output index 'z' is in no operand"},
      {"ij,jkl->ik", "3x4,4x5", 4, "operand 1 has 3 named indices, but its shape 4x5 has rank 2"},
      {"i,jk...->ik", "3,4", 3, "operand 1 has 2 named indices, but its shape 4 has rank 1"},
      {"ij, jk->ik", "3x4,6x5", 5, "index 'j' has extent 4 in operand 0 and extent 6 in operand 1"},
      {"ii->i", "3x4", 2, "index 'i' has extent 3 in operand 0 and extent 4 in operand 0"},
      {"...,...->...", "2x3,2x4", 5,
       "index 'e1' has extent 3 in operand 0 and extent 4 in operand 1"},
      {"i1->i", "3x4", 2, "unexpected '1'"},
      {"i\x07->i", "3x4", 2, "unexpected U+0007"},
      {"i\xff->i", "3x4", 2, "unexpected byte 0xff"},
      {"i\u00a0->i", "3x4", 2, "unexpected"},
      {"i.j->i", "3x4", 2, "a '.' that is not part of '...'"},
      {"i..->i", "3x4", 2, "a '.' that is not part of '...'"},
      {"...i...->i", "3x4", 5, "one '...' only"},
      {"ij-", "3x4", 3, "expected '->', found a '-' alone"},
      {"i->i->i", "3", 5, "expected a single '->'"},
      {"ij->i,j", "3x4", 6, "expected no ',' after '->'"},
      {"ij,jk,kl->il", "3x4,4x5", 7, "3 operand(s), but 2 shape(s)"},
      {"ij->i", "3x4,4x5", 1, "1 operand(s), but 2 shape(s)"},
      {"i...->i", "3x4", 7, "'...' stands for 1 dimension(s), but the output has no '...'"},
      {"i,jk->ijk", "2,3037000500x3037000500", 3, "has 2^63 elements or more"},
  };
  for (const auto &test : cases) {
    SCOPED_TRACE(test.equation);
    expectParseError(parse(test.equation, test.shapes), 1, test.column, test.message);
  }
}

TEST(Einsum, ElementCountJustBelowTheLimit) {
  // 3037000499^2 < 2^63 <= 3037000500^2.
  expectParsed(parse("ij->ij", "3037000499x3037000499"));
}

TEST(Einsum, NegativeExtentFromACaller) {
  Shape shape{3, -2};
  expectParseError(parseEinsum("ij", llvm::ArrayRef<Shape>(shape), ElementType::F32), 1, 1,
                   "operand 0 has a negative extent, -2");
}

TEST(ShapeList, Errors) {
  ErrorCase cases[] = {
      {"3x-4,5", 1, 3, "extent -4 is negative"},
      {"3x4.5", 1, 3, "extent '4.5' is not a whole number"},
      {"3x,4", 1, 3, "expected an extent"},
      {"3xx4", 1, 3, "expected an extent"},
      {"2,3xnan", 1, 5, "extent 'nan' is not a whole number"},
      {"2x9223372036854775808", 1, 3, "extent 9223372036854775808 is 2^63 or more"},
  };
  for (const ErrorCase &test : cases) {
    SCOPED_TRACE(test.text);
    expectParseError(parseShapes(test.text), test.line, test.column, test.message);
  }
}

TEST(ShapeList, Reads) {
  std::vector<Shape> shapes = expectParsed(parseShapes(" 3x4 , ?x5,,scalar,9223372036854775807"));
  ASSERT_EQ(shapes.size(), 5u);
  EXPECT_EQ(shapes[0], (Shape{3, 4}));
  EXPECT_EQ(shapes[1], (Shape{kDynamicExtent, 5}));
  EXPECT_TRUE(shapes[2].empty());
  EXPECT_TRUE(shapes[3].empty());
  EXPECT_EQ(shapes[4], (Shape{INT64_MAX}));
}
