//===- ContractTest.cpp - tn.contract, interpreted ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Harness.h"
#include "tenon/HostTensor/Compare.h"
#include "tenon/HostTensor/RandomFill.h"

#include <cmath>
#include <random>

using namespace tenon;
using namespace tenon::test;
using reference::ContractionMode;
using reference::InterpreterOptions;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Both modes must give the same numbers, which are returned.
Numbers contract(const std::string &arguments, const std::string &operation,
                 const std::string &result, const Tensors &args) {
  const std::string text = "func.func @f(" + arguments + ") -> " + result +
                           " {\n%r = tn.contract " + operation + " -> " + result +
                           "\nreturn %r : " + result + "\n}";
  InterpreterOptions definition, pairwise;
  definition.contraction = ContractionMode::Definition;
  pairwise.contraction = ContractionMode::Pairwise;
  const Numbers byDefinition = runNumbers(text, args, definition);
  const Numbers byPairs = runNumbers(text, args, pairwise);
  EXPECT_EQ(byDefinition.size(), byPairs.size());
  for (size_t i = 0; i < std::min(byDefinition.size(), byPairs.size()); ++i)
    EXPECT_TRUE(byDefinition[i] == byPairs[i] ||
                (std::isnan(byDefinition[i]) && std::isnan(byPairs[i])))
        << i << ": " << byDefinition[i] << " and " << byPairs[i];
  return byDefinition;
}

HostTensor a23() { return tensor(TENON_I32, {2, 3}, {1, 2, 3, 4, 5, 6}); }
HostTensor b32() { return tensor(TENON_I32, {3, 2}, {7, 8, 9, 10, 11, 12}); }

const std::string twoMatrices = "%a: tensor<2x3xi32>, %b: tensor<3x2xi32>";
const std::string twoTypes = " : (tensor<2x3xi32>, tensor<3x2xi32>)";

TEST(Contract, MatrixProductAndItsTranspose) {
  EXPECT_EQ(contract(twoMatrices, "(%a[i, j], %b[j, k]) -> [i, k]" + twoTypes, "tensor<2x2xi32>",
                     list(a23(), b32())),
            (Numbers{58, 64, 139, 154}));
  EXPECT_EQ(contract(twoMatrices, "(%a[i, j], %b[j, k]) -> [k, i]" + twoTypes, "tensor<2x2xi32>",
                     list(a23(), b32())),
            (Numbers{58, 139, 64, 154}));
}

TEST(Contract, OuterAndElementwiseProducts) {
  EXPECT_EQ(contract(twoMatrices, "(%a[i, j], %b[j, i]) -> [i, j]" + twoTypes, "tensor<2x3xi32>",
                     list(a23(), b32())),
            (Numbers{7, 18, 33, 32, 50, 72}));
  EXPECT_EQ(contract("%a: tensor<2xi32>, %b: tensor<3xi32>",
                     "(%a[i], %b[j]) -> [j, i] : (tensor<2xi32>, tensor<3xi32>)", "tensor<3x2xi32>",
                     list(tensor(TENON_I32, {2}, {2, 3}), tensor(TENON_I32, {3}, {5, 7, 11}))),
            (Numbers{10, 15, 14, 21, 22, 33}));
}

TEST(Contract, DiagonalsTracesAndSums) {
  const Tensors square = list(tensor(TENON_I32, {3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(contract("%a: tensor<3x3xi32>", "(%a[i, i]) -> [i] : (tensor<3x3xi32>)",
                     "tensor<3xi32>", square),
            (Numbers{1, 5, 9}));
  EXPECT_EQ(contract("%a: tensor<3x3xi32>", "(%a[i, i]) -> [] : (tensor<3x3xi32>)", "tensor<i32>",
                     square),
            (Numbers{15}));
  EXPECT_EQ(contract("%a: tensor<2x3xi32>", "(%a[i, j]) -> [j] : (tensor<2x3xi32>)",
                     "tensor<3xi32>", list(a23())),
            (Numbers{5, 7, 9}));
  EXPECT_EQ(contract("%a: tensor<2x3xi32>", "(%a[i, j]) -> [j, i] : (tensor<2x3xi32>)",
                     "tensor<3x2xi32>", list(a23())),
            (Numbers{1, 4, 2, 5, 3, 6}));
}

TEST(Contract, HyperedgesBatchesAndScalars) {
  // r = s * sum over i of u[i] v[i] w[i].
  EXPECT_EQ(contract("%s: tensor<i32>, %u: tensor<3xi32>, %v: tensor<3xi32>, %w: tensor<3xi32>",
                     "(%s[], %u[i], %v[i], %w[i]) -> [] : (tensor<i32>, tensor<3xi32>, "
                     "tensor<3xi32>, tensor<3xi32>)",
                     "tensor<i32>",
                     list(tensor(TENON_I32, {}, {10}), tensor(TENON_I32, {3}, {1, 2, 3}),
                          tensor(TENON_I32, {3}, {4, 5, 6}), tensor(TENON_I32, {3}, {7, 8, 9}))),
            (Numbers{10 * (28 + 80 + 162)}));
  // b is a batch index: r[b, i] = sum over k of x[b, i, k] y[b, k].
  EXPECT_EQ(contract("%x: tensor<2x2x3xi32>, %y: tensor<2x3xi32>",
                     "(%x[b, i, k], %y[b, k]) -> [b, i] : (tensor<2x2x3xi32>, tensor<2x3xi32>)",
                     "tensor<2x2xi32>",
                     list(tensor(TENON_I32, {2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
                          tensor(TENON_I32, {2, 3}, {1, 10, 100, 2, 20, 200}))),
            (Numbers{321, 654, 1974, 2640}));
}

TEST(Contract, SumsIndicesOfOneOperand) {
  // i is only in a, l only in b, and neither is in the output.
  EXPECT_EQ(contract(twoMatrices, "(%a[i, j], %b[j, l]) -> [j]" + twoTypes, "tensor<3xi32>",
                     list(a23(), b32())),
            (Numbers{5 * 15, 7 * 19, 9 * 23}));
}

TEST(Contract, IntegersWrapAndWiden) {
  const auto at = [](const std::string &tail, const std::string &result) {
    return contract("%a: tensor<2xi8>, %b: tensor<2xi8>",
                    "(%a[i], %b[i]) -> []" + tail + " : (tensor<2xi8>, tensor<2xi8>)", result,
                    list(tensor(TENON_I8, {2}, {100, -1}), tensor(TENON_I8, {2}, {3, 5})));
  };
  EXPECT_EQ(at("", "tensor<i8>"), (Numbers{295 - 256}));
  EXPECT_EQ(at("", "tensor<i32>"), (Numbers{295}));
  EXPECT_EQ(at(" unsigned", "tensor<i32>"), (Numbers{300 + 255 * 5}));
}

TEST(Contract, BitsAreModuloTwoOrBoolean) {
  const auto at = [](const std::string &semiring) {
    return contract(
        "%a: tensor<2x3xi1>, %b: tensor<3xi1>",
        "(%a[i, j], %b[j]) -> [i]" + semiring + " : (tensor<2x3xi1>, tensor<3xi1>)", "tensor<2xi1>",
        list(tensor(TENON_BOOL, {2, 3}, {1, 1, 0, 1, 1, 1}), tensor(TENON_BOOL, {3}, {1, 1, 1})));
  };
  EXPECT_EQ(at(""), (Numbers{0, 1}));
  EXPECT_EQ(at(" semiring(or_and)"), (Numbers{1, 1}));
  // Bits widen with zeros, also into signed integers.
  EXPECT_EQ(contract("%a: tensor<3xi1>", "(%a[i]) -> [] : (tensor<3xi1>)", "tensor<i8>",
                     list(tensor(TENON_BOOL, {3}, {1, 1, 1}))),
            (Numbers{3}));
}

TEST(Contract, TropicalSemirings) {
  const auto at = [](const std::string &semiring, tenon_dtype dtype, const std::string &type) {
    return contract("%a: tensor<2x2x" + type + ">, %b: tensor<2x" + type + ">",
                    "(%a[i, j], %b[j]) -> [i] semiring(" + semiring + ") : (tensor<2x2x" + type +
                        ">, tensor<2x" + type + ">)",
                    "tensor<2x" + type + ">",
                    list(tensor(dtype, {2, 2}, {1, 5, 7, 2}), tensor(dtype, {2}, {10, 3})));
  };
  for (auto [dtype, type] :
       {std::pair(TENON_F32, "f32"), std::pair(TENON_I16, "i16"), std::pair(TENON_BF16, "bf16")}) {
    EXPECT_EQ(at("max_plus", dtype, type), (Numbers{11, 17}));
    EXPECT_EQ(at("min_plus", dtype, type), (Numbers{8, 5}));
    EXPECT_EQ(at("max_times", dtype, type), (Numbers{15, 70}));
  }
}

TEST(Contract, UnsignedOrder) {
  const auto at = [](const std::string &flag) {
    return contract("%a: tensor<2xi8>",
                    "(%a[i]) -> [] semiring(max_plus)" + flag + " : (tensor<2xi8>)", "tensor<i8>",
                    list(tensor(TENON_I8, {2}, {-3, 5})));
  };
  EXPECT_EQ(at(""), (Numbers{5}));
  EXPECT_EQ(at(" unsigned"), (Numbers{-3}));
}

TEST(Contract, NaNPropagatesThroughExtrema) {
  const Numbers result =
      contract("%a: tensor<2x2xf32>", "(%a[i, j]) -> [i] semiring(max_plus) : (tensor<2x2xf32>)",
               "tensor<2xf32>", list(tensor(TENON_F32, {2, 2}, {std::nan(""), 1, 2, -infinity})));
  ASSERT_EQ(result.size(), 2u);
  EXPECT_TRUE(std::isnan(result[0]));
  EXPECT_EQ(result[1], 2);
}

TEST(Contract, EmptySumsAreTheSemiringsZero) {
  const auto at = [](const std::string &semiring, tenon_dtype dtype, const std::string &type) {
    // x would change a partial zero: the least integer plus 1 is another number.
    return contract("%a: tensor<2x0x" + type + ">, %x: tensor<2x" + type + ">",
                    "(%a[i, j], %x[i]) -> [i] semiring(" + semiring + ") : (tensor<2x0x" + type +
                        ">, tensor<2x" + type + ">)",
                    "tensor<2x" + type + ">",
                    list(tensor(dtype, {2, 0}, {}), tensor(dtype, {2}, {1, 0})));
  };
  EXPECT_EQ(at("plus_times", TENON_F64, "f64"), (Numbers{0, 0}));
  EXPECT_EQ(at("max_plus", TENON_F64, "f64"), (Numbers{-infinity, -infinity}));
  EXPECT_EQ(at("min_plus", TENON_F16, "f16"), (Numbers{infinity, infinity}));
  EXPECT_EQ(at("max_plus", TENON_I8, "i8"), (Numbers{-128, -128}));
  EXPECT_EQ(at("min_plus", TENON_I8, "i8"), (Numbers{127, 127}));
  EXPECT_EQ(at("max_times", TENON_I8, "i8"), (Numbers{0, 0}));
  EXPECT_EQ(at("or_and", TENON_BOOL, "i1"), (Numbers{0, 0}));
  // An empty output has no elements.
  EXPECT_EQ(contract("%a: tensor<0x2xf32>", "(%a[i, j]) -> [i] : (tensor<0x2xf32>)",
                     "tensor<0xf32>", list(tensor(TENON_F32, {0, 2}, {}))),
            (Numbers{}));
}

TEST(Contract, ComplexNumbers) {
  // (1+2i)(3-i) + (2i)(1+i) = 5+5i - 2+2i.
  EXPECT_EQ(
      contract("%a: tensor<2xcomplex<f32>>, %b: tensor<2xcomplex<f32>>",
               "(%a[i], %b[i]) -> [] : (tensor<2xcomplex<f32>>, tensor<2xcomplex<f32>>)",
               "tensor<complex<f32>>",
               list(tensor(TENON_C64, {2}, {1, 2, 0, 2}), tensor(TENON_C64, {2}, {3, -1, 1, 1}))),
      (Numbers{3, 7}));
  // Real operands widen.
  EXPECT_EQ(contract("%a: tensor<2xf32>, %b: tensor<2xcomplex<f64>>",
                     "(%a[i], %b[i]) -> [] : (tensor<2xf32>, tensor<2xcomplex<f64>>)",
                     "tensor<complex<f64>>",
                     list(tensor(TENON_F32, {2}, {2, -3}), tensor(TENON_C128, {2}, {1, 2, 3, 4}))),
            (Numbers{-7, -8}));
}

TEST(Contract, RoundsToTheAccumulationTypeThenToTheResult) {
  const auto sum = [](const std::string &tail) {
    return contract("%a: tensor<4xf16>", "(%a[i]) -> []" + tail + " : (tensor<4xf16>)",
                    "tensor<f16>", list(tensor(TENON_F16, {4}, {2048, 1, 1, 1})));
  };
  EXPECT_EQ(sum(""), (Numbers{2048}));                 // each + 1 is lost
  EXPECT_EQ(sum(" accumulate(f32)"), (Numbers{2052})); // 2051 is a tie: to even
  const auto product = [](const std::string &type, tenon_dtype dtype, double a, double b) {
    return contract("%a: tensor<" + type + ">, %b: tensor<" + type + ">",
                    "(%a[], %b[]) -> [] : (tensor<" + type + ">, tensor<" + type + ">)",
                    "tensor<" + type + ">", list(tensor(dtype, {}, {a}), tensor(dtype, {}, {b})));
  };
  EXPECT_EQ(product("bf16", TENON_BF16, 9, 29), (Numbers{260})); // 261 is a tie: to even
  EXPECT_EQ(product("f16", TENON_F16, 3, 683), (Numbers{2048})); // 2049 is a tie: to even
  EXPECT_EQ(product("f16", TENON_F16, 300, 300), (Numbers{infinity}));
  EXPECT_EQ(product("f32", TENON_F32, 4097, 4097), (Numbers{16785408})); // not 16785409
  EXPECT_EQ(product("f64", TENON_F64, 4097, 4097), (Numbers{16785409}));
}

TEST(Contract, DynamicExtents) {
  EXPECT_EQ(contract("%a: tensor<?x3xi32>, %b: tensor<?x?xi32>",
                     "(%a[i, j], %b[j, k]) -> [i, k] : (tensor<?x3xi32>, tensor<?x?xi32>)",
                     "tensor<?x?xi32>", list(a23(), b32())),
            (Numbers{58, 64, 139, 154}));
}

/// A random network of 2 to 5 operands over at most 6 indices, hyperedges, diagonals and all.
struct RandomNetwork {
  std::string text;
  Tensors args;

  RandomNetwork(uint64_t seed, const ElementType &dtype, const std::string &type,
                const std::string &semiring) {
    std::mt19937_64 random(seed);
    const auto below = [&](uint64_t bound) { return static_cast<size_t>(random() % bound); };
    const size_t operands = 2 + below(4), pool = 2 + below(5);
    Shape extents;
    for (size_t i = 0; i < pool; ++i)
      extents.push_back(static_cast<int64_t>(1 + below(4)));
    std::vector<bool> used(pool, false);
    std::string signature, lists, types;
    for (size_t k = 0; k < operands; ++k) {
      Shape shape;
      std::string indices, spelled;
      for (size_t rank = below(4); rank > 0; --rank) {
        const size_t index = below(pool);
        used[index] = true;
        shape.push_back(extents[index]);
        indices += (indices.empty() ? "i" : ", i") + std::to_string(index);
        spelled += std::to_string(extents[index]) + "x";
      }
      const std::string separator = k ? ", " : "";
      signature += separator + "%a" + std::to_string(k) + ": tensor<" + spelled + type + ">";
      types += separator + "tensor<" + spelled + type + ">";
      lists += separator + "%a" + std::to_string(k) + "[" + indices + "]";
      args.push_back(std::move(*HostTensor::zeros(dtype, shape)));
      fillRandom(args.back(), seed * 10 + k);
    }
    std::string output, spelled;
    for (size_t index = pool; index-- > 0;)
      if (used[index] && below(3) == 0) {
        output += (output.empty() ? "i" : ", i") + std::to_string(index);
        spelled += std::to_string(extents[index]) + "x";
      }
    const std::string result = "tensor<" + spelled + type + ">";
    text = "func.func @f(" + signature + ") -> " + result + " {\n%r = tn.contract (" + lists +
           ") -> [" + output + "]" + semiring + " : (" + types + ") -> " + result +
           "\nreturn %r : " + result + "\n}";
  }

  HostTensor evaluate(ContractionMode mode) const {
    InterpreterOptions options;
    options.contraction = mode;
    Tensors results = run(text, args, options);
    return results.empty() ? HostTensor() : std::move(results.front());
  }
};

TEST(Contract, DefinitionAndPairwiseAgreeExactly) {
  const std::tuple<ElementType, std::string, std::string> exact[] = {
      {{TENON_I8}, "i8", ""},
      {{TENON_I64}, "i64", ""},
      {{TENON_BOOL}, "i1", ""},
      {{TENON_BOOL}, "i1", " semiring(or_and)"},
      {{TENON_I32}, "i32", " semiring(max_plus)"},
      {{TENON_I32}, "i32", " semiring(min_plus)"},
  };
  for (const auto &[dtype, type, semiring] : exact)
    for (uint64_t seed = 0; seed < 40; ++seed) {
      const RandomNetwork network(seed, dtype, type, semiring);
      ASSERT_TRUE(bitwiseEqual(network.evaluate(ContractionMode::Definition),
                               network.evaluate(ContractionMode::Pairwise)))
          << network.text;
    }
}

TEST(Contract, DefinitionAndPairwiseAgreeWithinTheBound) {
  for (uint64_t seed = 100; seed < 140; ++seed) {
    const RandomNetwork network(seed, {TENON_F64}, "f64", "");
    const HostTensor a = network.evaluate(ContractionMode::Definition);
    const HostTensor b = network.evaluate(ContractionMode::Pairwise);
    // The spec's bound: both are within gamma(N - 1 + p - 1) * sum |products| of the exact value,
    // and the sum of moduli is the same network over absolute values.
    RandomNetwork moduli = RandomNetwork(seed, {TENON_F64}, "f64", "");
    for (HostTensor &arg : moduli.args)
      for (int64_t i = 0; i < arg.size(); ++i) {
        const Scalar value = arg.get(i);
        arg.set(i, std::fabs(*std::get_if<double>(&value)));
      }
    const Numbers scale = numbers(moduli.evaluate(ContractionMode::Definition));
    const Numbers x = numbers(a), y = numbers(b);
    ASSERT_EQ(x.size(), y.size());
    // At most 4^6 products of 5 factors each.
    const double gamma = (4096 + 4) * 0x1p-53 * 1.01;
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_LE(std::fabs(x[i] - y[i]), 2 * gamma * scale[i]) << network.text;
  }
}

TEST(Contract, AutoTakesPairsForLargeWork) {
  // A chain of 12 matrices: by definition 3^13 * 12 steps, pairwise about 12 * 27.
  std::string signature, lists, types;
  Tensors args;
  for (int k = 0; k < 12; ++k) {
    const std::string separator = k ? ", " : "";
    signature += separator + "%a" + std::to_string(k) + ": tensor<3x3xi64>";
    lists += separator + "%a" + std::to_string(k) + "[i" + std::to_string(k) + ", i" +
             std::to_string(k + 1) + "]";
    types += separator + "tensor<3x3xi64>";
    args.push_back(tensor(TENON_I64, {3, 3}, Numbers(9, 1)));
  }
  const std::string text =
      "func.func @f(" + signature + ") -> tensor<3x3xi64> {\n%r = tn.contract (" + lists +
      ") -> [i12, i0] : (" + types + ") -> tensor<3x3xi64>\nreturn %r : tensor<3x3xi64>\n}";
  InterpreterOptions options;
  options.workLimit = 2000;
  EXPECT_EQ(runNumbers(text, args, options), Numbers(9, 177147)); // 3^11
  options.contraction = ContractionMode::Definition;
  EXPECT_CONTAINS(runError(text, args, options), "takes about 19131876 scalar operations");
}

} // namespace
