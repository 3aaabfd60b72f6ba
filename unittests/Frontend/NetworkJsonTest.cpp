//===- NetworkJsonTest.cpp - Networks as JSON -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/NetworkJson.h"
#include "ExpectParseError.h"

using namespace tenon::frontend;
using Ids = std::vector<int32_t>;

static Ids ids(llvm::ArrayRef<int32_t> list) { return Ids(list.begin(), list.end()); }

TEST(NetworkJson, ReadsAllKeysInAnyOrder) {
  NetworkDescription network = expectParsed(parseNetworkJson(
      R"({"sizes": [2, 3, 4], "output": [1], "reference": {"opt_flops": {"log10_madds": 1.5e0}},
          "inputs": [[0, 1], [1, 2, 2], []], "dtype": "complex64", "name": "a\u00e4\n",
          "source": "by hand", "extra": [true, false, null, -0.5, "x\"y", {}]})",
      "n.json"));
  ASSERT_EQ(network.operands.size(), 3u);
  EXPECT_EQ(ids(network.operands[0].indices), (Ids{0, 1}));
  EXPECT_EQ(ids(network.operands[1].indices), (Ids{1, 2, 2}));
  EXPECT_TRUE(network.operands[2].indices.empty());
  EXPECT_EQ(ids(network.output), (Ids{1}));
  EXPECT_EQ(network.extents, (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(network.indexNames, (std::vector<std::string>{"i0", "i1", "i2"}));
  EXPECT_EQ(network.elementType, ElementType::C64);
  EXPECT_EQ(network.name, "a\u00e4\n");
  EXPECT_EQ(network.source, "by hand");
}

TEST(NetworkJson, GivenElementTypeReplacesTheFiles) {
  const char *text = R"({"inputs":[[0]],"output":[],"sizes":[2],"dtype":"float128"})";
  EXPECT_EQ(expectParsed(parseNetworkJson(text, "n", ElementType::BF16)).elementType,
            ElementType::BF16);
  const char *without = R"({"inputs":[[0]],"output":[],"sizes":[2]})";
  EXPECT_EQ(expectParsed(parseNetworkJson(without, "n", ElementType::I8)).elementType,
            ElementType::I8);
}

TEST(NetworkJson, ElementTypeNames) {
  for (const char *name :
       {"float16", "bfloat16", "float32", "float64", "complex64", "complex128", "bool", "int8",
        "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "f32", "c128", "u8"}) {
    std::string text =
        R"({"inputs":[[0]],"output":[],"sizes":[2],"dtype":")" + std::string(name) + "\"}";
    std::optional<ElementType> type = parseElementType(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(expectParsed(parseNetworkJson(text, "n")).elementType, *type);
    EXPECT_EQ(parseElementType(elementTypeName(*type)), type);
  }
}

TEST(NetworkJson, SyntaxErrors) {
  ErrorCase cases[] = {
      {"", 1, 1, "expected an object for the network, found the end of the file"},
      {"[]", 1, 1, "expected an object for the network, found '['"},
      {"{\"a\": 1", 1, 8, "expected ',' or '}' in the network, found the end of the file"},
      {"{\n  \"inputs\": [[0, 1]", 2, 20, "expected ',' or ']' in inputs, found the end"},
      {"{\"inputs\": [[0 1]]}", 1, 16, "expected ',' or ']' in inputs[0], found '1'"},
      {"{\"inputs\": 3}", 1, 12, "expected an array for inputs, found '3'"},
      {"{\"a\" 1}", 1, 6, "expected ':' after the key, found '1'"},
      {"{a: 1}", 1, 2, "expected a string for a key of the network, found 'a'"},
      {"{\"a\": 1,}", 1, 9, "found '}'"},
      {"{\"a\": tru}", 1, 7, "'tru' is not a JSON value"},
      {"{\"a\": 01}", 1, 7, "'01' is not a JSON value"},
      {"{\"a\": }", 1, 7, "expected a JSON value, found '}'"},
      {"{\"a\": \"x\ny\"}", 1, 9, "a string must end on its line"},
      {"{\"a\": \"x", 1, 9, "found the end of the file"},
      {"{\"a\": \"\\q\"}", 1, 7, "ill-formed string"},
      {"{\"a\": \"\xff\"}", 1, 7, "ill-formed string"},
  };
  for (const ErrorCase &test : cases) {
    SCOPED_TRACE(test.text);
    expectParseError(parseNetworkJson(test.text, "n"), test.line, test.column, test.message);
  }
}

TEST(NetworkJson, SemanticErrors) {
  // Each text is the body of the object.
  ErrorCase cases[] = {
      {R"("inputs":[[0],[0,3]],"output":[],"sizes":[2,5],"dtype":"float32")", 1, 19,
       "index inputs[1][1] is 3, but sizes has 2 entries"},
      {R"("inputs":[[0],[0,1]],"output":[2],"sizes":[2,5],"dtype":"float32")", 1, 33,
       "index output[0] is 2, but sizes has 2 entries"},
      {R"("inputs":[[0,-1]],"output":[],"sizes":[2],"dtype":"float32")", 1, 15,
       "index inputs[0][1] is negative: -1"},
      {R"("inputs":[[0,1.5]],"output":[],"sizes":[2],"dtype":"float32")", 1, 15,
       "index inputs[0][1] must be a whole number"},
      {R"("inputs":[["a"]],"output":[],"sizes":[2],"dtype":"float32")", 1, 13,
       "expected a whole number for index inputs[0][0], found '\"'"},
      {R"("inputs":[[null]],"output":[],"sizes":[2],"dtype":"float32")", 1, 13,
       "expected a whole number for index inputs[0][0], found 'null'"},
      {R"("inputs":[[4294967296]],"output":[],"sizes":[2],"dtype":"float32")", 1, 13,
       "index inputs[0][0] is too large: 4294967296"},
      {"\"inputs\":[[0]],\n\"sizes\":[2,-3]", 2, 12, "extent sizes[1] is negative: -3"},
      {"\"inputs\":[[0]],\n\"sizes\":[2.5]", 2, 10, "extent sizes[0] must be a whole number"},
      {"\"inputs\":[[0]],\n\"sizes\":[1e3]", 2, 10, "extent sizes[0] must be a whole number"},
      {"\"sizes\":[NaN]", 1, 11, "extent sizes[0] is not finite: NaN"},
      {"\"sizes\":[-Infinity]", 1, 11, "extent sizes[0] is not finite: -Infinity"},
      {"\"sizes\":[9223372036854775808]", 1, 11, "extent sizes[0] is 2^63 or more"},
      {R"("inputs":[[0],[1,1]],"output":[],"sizes":[2,3037000500],"dtype":"f32")", 1, 16,
       "inputs[1] of shape 3037000500x3037000500 has 2^63 elements or more"},
      {R"("inputs":[[0,1]],"output":[1,0,1],"sizes":[2,3],"dtype":"float32")", 1, 33,
       "output index 1 is repeated"},
      {R"("inputs":[[0,1]],"output":[0,2],"sizes":[2,3,4],"dtype":"float32")", 1, 31,
       "output index 2 is in no tensor"},
      {R"("inputs":[[0]],"output":[],"sizes":[2],"dtype":"float128")", 1, 49,
       "unsupported dtype \"float128\""},
      {R"("inputs":[[0]],"output":[],"sizes":[2],"dtype":32)", 1, 49,
       "expected a string for dtype"},
      {R"("inputs":[],"output":[],"sizes":[2],"dtype":"f32")", 1, 11, "inputs is empty"},
      {R"("output":[],"sizes":[2],"dtype":"f32")", 1, 40, "the network has no \"inputs\""},
      {R"("inputs":[[0]],"sizes":[2],"dtype":"f32")", 1, 43, "the network has no \"output\""},
      {R"("inputs":[[0]],"output":[],"dtype":"f32")", 1, 43, "the network has no \"sizes\""},
      {R"("inputs":[[0]],"output":[],"sizes":[2])", 1, 41, "the network has no \"dtype\""},
      {R"("sizes":[2],"sizes":[3])", 1, 14, "key \"sizes\" is given twice"},
  };
  for (const ErrorCase &test : cases) {
    SCOPED_TRACE(test.text);
    expectParseError(parseNetworkJson("{" + std::string(test.text) + "}", "n"), test.line,
                     test.column, test.message);
  }
}

TEST(NetworkJson, TextBehindTheObject) {
  expectParseError(
      parseNetworkJson("{\"inputs\":[[0]],\"output\":[],\"sizes\":[2],\"dtype\":\"f32\"}\n x", "n"),
      2, 2, "expected the end of the file, found 'x'");
}

TEST(NetworkJson, DeepNestingIsRefused) {
  std::string text = "{\"a\": " + std::string(100000, '[');
  expectParseError(parseNetworkJson(text, "n"), 1, 7 + 257, "nested deeper than 256 levels");
}

TEST(NetworkJson, LargeFile) {
  std::string text = "{\"dtype\":\"float64\",\"output\":[],\"inputs\":[";
  constexpr int count = 40000;
  for (int i = 0; i < count; ++i)
    text += (i ? ",[" : "[") + std::to_string(i) + "," + std::to_string((i + 1) % count) + "]";
  text += "],\"sizes\":[2";
  for (int i = 1; i < count; ++i)
    text += ",2";
  text += "]}";
  EXPECT_EQ(expectParsed(parseNetworkJson(text, "n")).operands.size(), size_t(count));
}
