//===- SimplifyTest.cpp - tn-simplify keeps the meaning of networks ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Random networks with all that the rules look for: repeated indices, hyperedges, extents 0 and 1,
// deltas, identities, diagonal and all-ones constants, nested and conjugated contractions, unknown
// extents, operands with facts beside their conjugates. The reference interpreter executes each
// before and after the pass, by the definition, on small whole numbers, where every type is exact;
// the results are compared exactly.
//
//===----------------------------------------------------------------------===//
#include "tenon/Dialect/TN/Transforms/Passes.h"
#include "tenon/HostTensor/Compare.h"
#include "tenon/HostTensor/RandomFill.h"
#include "tenon/HostTensor/Structure.h"
#include "tenon/InitAll.h"
#include "tenon/Reference/FactChecks.h"
#include "tenon/Reference/Interpreter.h"
#include "tenon/Support/Counters.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <random>
#include <set>
#include <sstream>

using namespace mlir;
using namespace tenon;

namespace {
/// A type, a semiring on it, and small values in it.
struct Setting {
  const char *name;
  tenon_dtype dtype;
  const char *element;
  const char *accumulation;
  const char *semiring;
  bool isUnsigned;
  int low, high;
};

void PrintTo(const Setting &setting, std::ostream *stream) { *stream << setting.name; }

const Setting kSettings[] = {
    {"Integers", TENON_I32, "i32", "i32", "plus_times", false, -3, 4},
    {"WrappingBytes", TENON_I8, "i8", "i8", "plus_times", false, -90, 90},
    {"Bits", TENON_BOOL, "i1", "i1", "plus_times", false, 0, 1},
    {"Booleans", TENON_BOOL, "i1", "i1", "or_and", false, 0, 1},
    {"Doubles", TENON_F64, "f64", "f64", "plus_times", false, -3, 4},
    {"WidenedFloats", TENON_F32, "f32", "f64", "plus_times", false, -3, 4},
    {"WidenedUnsigned", TENON_I8, "i8", "i32", "plus_times", true, -3, 4},
    {"Complex", TENON_C128, "complex<f64>", "complex<f64>", "plus_times", false, -2, 3},
    {"MaxPlus", TENON_F64, "f64", "f64", "max_plus", false, -9, 9},
    {"MinPlus", TENON_F64, "f64", "f64", "min_plus", false, -9, 9},
    {"IntegerMaxPlus", TENON_I32, "i32", "i32", "max_plus", false, -9, 9},
    {"UnsignedMinPlus", TENON_I32, "i32", "i32", "min_plus", true, 0, 9},
    {"MaxTimes", TENON_F64, "f64", "f64", "max_times", false, 0, 5},
};

class NetworkGenerator {
public:
  NetworkGenerator(const Setting &setting, unsigned seed, bool hasFacts = false)
      : setting(setting), random(seed), hasFacts(hasFacts) {}

  std::string text;
  std::vector<HostTensor> arguments;

  struct Operand {
    std::string name, element;
    std::vector<unsigned> indices;
    std::vector<int64_t> shape;
  };

  void generate() {
    unsigned count = 1 + pick(6);
    for (unsigned i = 0; i < count; ++i) {
      static const int64_t choices[] = {1, 2, 2, 3, 3, 3, 4, 2, 3, 0};
      extents.push_back(choices[pick(hasWrappingZero() ? 9 : 10)]);
    }
    unsigned operands = 1 + pick(6);
    std::vector<Operand> list;
    for (unsigned i = 0; i < operands; ++i)
      list.push_back(makeOperand());
    if (hasFacts) {
      for (unsigned i = 0, e = 1 + pick(2); i < e; ++i)
        addStructured(list);
      shuffle(list);
    }
    // Some of the operands are contracted on their own first.
    if (operands > 2 && pick(2) == 0)
      nest(list);
    finish(contraction(list, someOf(indicesOf(list, 0, list.size()), 1)));
  }

  /// A contraction of operands with facts, whose result is used twice: mostly once conjugated,
  /// joined at some of its dimensions. False where that is too large to be executed by the
  /// definition.
  bool generateDerived() {
    std::vector<Operand> inner;
    for (unsigned i = 0, e = 1 + pick(3); i < e; ++i)
      inner.push_back(makeStructured(/*chanceOfNew=*/1).first);
    Operand product = contraction(inner, someOf(indicesOf(inner, 0, inner.size()), 2));
    Operand twice = isComplex() && pick(4) != 0 ? conjugated(product) : product;
    for (size_t dim = 0; dim < twice.indices.size(); ++dim)
      if (pick(4) == 0)
        twice.indices[dim] = indexOf(twice.shape[dim], 3);
    std::vector<Operand> list = {product, twice};
    if (pick(2))
      list.push_back(makeOperand());
    double work = 1;
    for (unsigned index : indicesOf(list, 0, list.size()))
      work *= std::max<int64_t>(extents[index], 1);
    if (work > 20000)
      return false;
    shuffle(list);
    finish(contraction(list, someOf(indicesOf(list, 0, list.size()), 1)));
    return true;
  }

private:
  /// Each with a chance of so many in three, in any order.
  std::vector<unsigned> someOf(const std::vector<unsigned> &indices, unsigned chance) {
    std::vector<unsigned> chosen;
    for (unsigned index : indices)
      if (pick(3) < chance)
        chosen.push_back(index);
    shuffle(chosen);
    return chosen;
  }

  void finish(const Operand &result) {
    std::string signature, resultType = typeOf(result.shape, setting.accumulation);
    for (size_t i = 0; i < argumentTypes.size(); ++i)
      signature += (i ? ", %a" : "%a") + std::to_string(i) + ": " + argumentTypes[i];
    text = "func.func @f(" + signature + ") -> " + resultType + " {\n" + body + "  return " +
           result.name + " : " + resultType + "\n}\n";
  }

  const Setting &setting;
  std::mt19937 random;
  bool hasFacts;
  std::vector<int64_t> extents;
  std::vector<std::string> argumentTypes;
  std::string body;
  unsigned nextValue = 0;

  unsigned pick(unsigned bound) { return random() % bound; }
  template <typename T> void shuffle(std::vector<T> &list) {
    for (size_t i = list.size(); i > 1; --i)
      std::swap(list[i - 1], list[pick(i)]);
  }

  static std::string typeOf(const std::vector<int64_t> &shape, const std::string &element) {
    std::string type = "tensor<";
    for (int64_t extent : shape)
      type += (extent < 0 ? "?" : std::to_string(extent)) + "x";
    return type + element + ">";
  }

  bool isInteger() const { return setting.element[0] == 'i'; }
  bool isComplex() const { return setting.element[0] == 'c'; }
  bool isTropical() const { return std::string(setting.semiring).ends_with("_plus"); }

  /// Tropical integers have a zero that wraps around when something is added to it: there is no
  /// network that could be rewritten with it, hence none with empty sums or deltas.
  bool hasWrappingZero() const { return isTropical() && isInteger(); }

  int value() { return setting.low + static_cast<int>(pick(setting.high - setting.low + 1)); }

  std::string semiringClause() const { return " semiring(" + std::string(setting.semiring) + ")"; }

  std::vector<unsigned> indicesOf(const std::vector<Operand> &list, size_t begin, size_t end) {
    std::vector<unsigned> used;
    for (size_t i = begin; i < end; ++i)
      for (unsigned index : list[i].indices)
        if (!llvm::is_contained(used, index))
          used.push_back(index);
    return used;
  }

  Operand makeOperand() {
    Operand operand;
    operand.name = "%v" + std::to_string(nextValue++);
    operand.element = setting.element;
    unsigned rank = pick(4);
    for (unsigned i = 0; i < rank; ++i)
      operand.indices.push_back(pick(extents.size()));
    unsigned kind = pick(8);
    if (kind < 3 && !hasWrappingZero())
      return makeConstantOrDelta(operand, kind);
    setShape(operand);
    if (kind == 3)
      return makeDense(
          operand, [&](ArrayRef<int64_t>) { return true; }, false);
    return makeArgument(operand);
  }

  void setShape(Operand &operand) {
    for (unsigned index : operand.indices)
      operand.shape.push_back(extents[index]);
  }

  /// A delta (kind 0), or a constant that is one, or diagonal in its first two dimensions.
  Operand makeConstantOrDelta(Operand operand, unsigned kind) {
    // All legs have the extent of the first.
    std::vector<unsigned> legs;
    for (unsigned index : operand.indices)
      if (extents[index] == extents[operand.indices.front()])
        legs.push_back(index);
    operand.indices = legs;
    setShape(operand);
    if (kind == 0) {
      body += "  " + operand.name + " = tn.delta" + semiringClause() + " : " +
              typeOf(operand.shape, operand.element) + "\n";
      return operand;
    }
    bool isCopy = kind == 1;
    return makeDense(
        operand,
        [&](ArrayRef<int64_t> position) {
          return isCopy ? llvm::all_equal(position)
                        : position.size() < 2 || position[0] == position[1];
        },
        isCopy || pick(3) == 0);
  }

  /// A dense constant: the semiring's zero where `isKept` says no, and ones or random values
  /// elsewhere.
  Operand makeDense(Operand operand, llvm::function_ref<bool(ArrayRef<int64_t>)> isKept,
                    bool isOnes) {
    std::string zero = "0";
    if (isTropical())
      zero =
          std::string(setting.semiring) == "max_plus" ? "0xFFF0000000000000" : "0x7FF0000000000000";
    int64_t count = 1;
    for (int64_t extent : operand.shape)
      count *= extent;
    std::string literal;
    std::vector<int64_t> position(operand.shape.size(), 0);
    auto number = [&](int value) {
      return isInteger() ? std::to_string(value) : std::to_string(value) + ".0";
    };
    std::function<void(size_t)> write = [&](size_t dim) {
      if (dim == operand.shape.size()) {
        bool keeps = isKept(position);
        std::string text =
            keeps ? number(isOnes ? !isTropical() : value()) : (zero == "0" ? number(0) : zero);
        if (isComplex())
          text = "(" + text + ", " + number(keeps && !isOnes ? value() : 0) + ")";
        literal += text;
        return;
      }
      literal += "[";
      for (position[dim] = 0; position[dim] < operand.shape[dim]; ++position[dim]) {
        literal += position[dim] ? ", " : "";
        write(dim + 1);
      }
      position[dim] = 0;
      literal += "]";
    };
    if (count > 0)
      write(0);
    // f32 has other bit patterns for its infinities, and is not used with them.
    body += "  " + operand.name + " = tn.constant dense<" + literal +
            "> : " + typeOf(operand.shape, operand.element) + "\n";
    return maybeConjugated(operand);
  }

  Operand makeArgument(Operand operand) {
    int64_t count = 1;
    for (int64_t extent : operand.shape)
      count *= extent;
    std::vector<Scalar> values;
    for (int64_t i = 0; i < count; ++i) {
      if (isInteger())
        values.emplace_back(int64_t(value()));
      else if (isComplex())
        values.emplace_back(std::complex<double>(value(), value()));
      else
        values.emplace_back(double(value()));
    }
    operand.name = "%a" + std::to_string(arguments.size());
    auto tensor = HostTensor::fromValues({setting.dtype, false}, operand.shape, values);
    arguments.push_back(std::move(*tensor));
    // An unknown extent now and then; its value is what the index has.
    for (int64_t &extent : operand.shape)
      if (pick(12) == 0)
        extent = -1;
    argumentTypes.push_back(typeOf(operand.shape, operand.element));
    return maybeConjugated(operand);
  }

  std::string factOf(const char *name, ArrayRef<unsigned> dims) {
    std::string text = std::string(name) + "([";
    for (size_t i = 0; i < dims.size(); ++i)
      text += (i ? ", " : "") + std::to_string(dims[i]);
    return text + "])";
  }

  /// An index of that extent: mostly a new one, else one that others may have.
  unsigned indexOf(int64_t extent, unsigned chanceOfNew) {
    std::vector<unsigned> known;
    for (unsigned i = 0; i < extents.size(); ++i)
      if (extents[i] == extent)
        known.push_back(i);
    if (!known.empty() && pick(4) >= chanceOfNew)
      return known[pick(known.size())];
    extents.push_back(extent);
    return extents.size() - 1;
  }

  /// An argument of which a fact is true, and the dimensions that an isometry or permutation keeps;
  /// none of a diagonal.
  std::pair<Operand, std::vector<unsigned>> makeStructured(unsigned chanceOfNew) {
    static const int64_t choices[] = {1, 2, 3, 2, 3};
    Operand operand;
    unsigned rank = 2 + pick(2);
    for (unsigned i = 0; i < rank; ++i)
      operand.shape.push_back(choices[pick(5)]);
    if (pick(2))
      operand.shape[1] = operand.shape[0];
    int64_t count = 1;
    for (int64_t extent : operand.shape) {
      operand.indices.push_back(indexOf(extent, chanceOfNew));
      count *= extent;
    }
    bool isDiagonal = operand.shape[0] == operand.shape[1] && pick(3) == 0;
    // The first dimensions are rows; the fewer positions are kept.
    unsigned split = 1 + pick(rank - 1);
    int64_t rows = 1;
    for (unsigned i = 0; i < split; ++i)
      rows *= operand.shape[i];
    int64_t columns = count / rows;
    bool keepsRows = rows < columns || (rows == columns && pick(2));
    bool isPermutation = !isDiagonal && rows == columns && pick(2);
    std::vector<unsigned> kept, others;
    for (unsigned i = 0; i < rank; ++i)
      ((i < split) == keepsRows ? kept : others).push_back(i);

    std::vector<int64_t> places(std::max(rows, columns));
    for (size_t i = 0; i < places.size(); ++i)
      places[i] = i;
    shuffle(places);
    std::vector<int> real(count, 0), imaginary(count, 0);
    for (int64_t i = 0; i < count; ++i) {
      int64_t row = i / columns, column = i % columns;
      if (isDiagonal) {
        int64_t last = rank == 3 ? operand.shape[2] : 1;
        bool isOn = i / last / operand.shape[1] == i / last % operand.shape[1];
        real[i] = isOn ? value() : 0;
        imaginary[i] = isOn && isComplex() ? value() : 0;
      } else if (keepsRows ? places[row] == column : places[column] == row) {
        // A sign, or another unit: under facts they are numbers, whatever the contraction reads.
        unsigned unit = isPermutation || setting.low >= 0 ? 0 : pick(isComplex() ? 4 : 2);
        real[i] = unit < 2 ? 1 - 2 * static_cast<int>(unit) : 0;
        imaginary[i] = unit < 2 ? 0 : 5 - 2 * static_cast<int>(unit);
      }
    }
    std::vector<Scalar> values;
    for (int64_t i = 0; i < count; ++i) {
      if (isInteger())
        values.emplace_back(int64_t(real[i]));
      else if (isComplex())
        values.emplace_back(std::complex<double>(real[i], imaginary[i]));
      else
        values.emplace_back(double(real[i]));
    }
    std::string facts = isDiagonal      ? factOf("diagonal", {0, 1})
                        : isPermutation ? factOf("permutation", kept)
                                        : factOf("isometric", kept);
    std::string argument = "%a" + std::to_string(arguments.size());
    arguments.push_back(
        std::move(*HostTensor::fromValues({setting.dtype, false}, operand.shape, values)));
    operand.element = setting.element;
    argumentTypes.push_back(typeOf(operand.shape, operand.element) + " {tn.facts = #tn.facts<" +
                            facts + ">}");
    operand.name = argument;
    return {operand, isDiagonal ? std::vector<unsigned>() : kept};
  }

  /// Adds such an argument, and, of an isometry or permutation, often the same or its conjugate
  /// once more, joined at what is to be summed.
  void addStructured(std::vector<Operand> &list) {
    auto [operand, kept] = makeStructured(/*chanceOfNew=*/3);
    Operand once = maybeConjugated(operand);
    list.push_back(once);
    if (kept.empty() || pick(4) == 0)
      return;
    Operand twice = operand;
    for (unsigned dim : kept)
      if (pick(4) != 0)
        twice.indices[dim] = indexOf(operand.shape[dim], 2);
    // One is conjugated and the other is not, mostly.
    if (once.name == operand.name && isComplex() && pick(4) != 0)
      twice.name = conjugated(operand).name;
    list.push_back(twice);
  }

  Operand maybeConjugated(const Operand &operand) {
    return isComplex() && pick(3) == 0 ? conjugated(operand) : operand;
  }

  Operand conjugated(Operand operand) {
    std::string name = "%v" + std::to_string(nextValue++);
    body += "  " + name + " = tn.conj " + operand.name + " : " +
            typeOf(operand.shape, operand.element) + "\n";
    operand.name = name;
    return operand;
  }

  void nest(std::vector<Operand> &list) {
    size_t size = 1 + pick(list.size() - 1);
    std::vector<Operand> inner(list.begin(), list.begin() + size);
    std::vector<unsigned> outside = indicesOf(list, size, list.size()), result;
    for (unsigned index : indicesOf(inner, 0, size))
      if (llvm::is_contained(outside, index) || pick(3) == 0)
        result.push_back(index);
    shuffle(result);
    Operand merged = maybeConjugated(contraction(inner, result));
    list.erase(list.begin(), list.begin() + size);
    list.insert(list.begin() + pick(list.size() + 1), merged);
  }

  Operand contraction(const std::vector<Operand> &list, const std::vector<unsigned> &output) {
    Operand result;
    result.name = "%v" + std::to_string(nextValue++);
    result.element = setting.accumulation;
    result.indices = output;
    auto names = [](const std::vector<unsigned> &indices) {
      std::string text = "[";
      for (size_t i = 0; i < indices.size(); ++i)
        text += (i ? ", x" : "x") + std::to_string(indices[i]);
      return text + "]";
    };
    for (unsigned index : output) {
      // Known if any operand says it.
      int64_t extent = -1;
      for (const Operand &operand : list)
        for (auto [own, said] : llvm::zip_equal(operand.indices, operand.shape))
          if (own == index && said >= 0)
            extent = said;
      result.shape.push_back(extent);
    }
    std::string operands, types;
    for (size_t i = 0; i < list.size(); ++i) {
      operands += (i ? ", " : "") + list[i].name + names(list[i].indices);
      types += (i ? ", " : "") + typeOf(list[i].shape, list[i].element);
    }
    body += "  " + result.name + " = tn.contract (" + operands + ") -> " + names(output) +
            semiringClause() + " accumulate(" + setting.accumulation + ")" +
            (setting.isUnsigned ? " unsigned" : "") + " : (" + types + ") -> " +
            typeOf(result.shape, result.element) + "\n";
    return result;
  }
};

class SimplifyTest : public testing::TestWithParam<Setting> {
protected:
  SimplifyTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.disableMultithreading();
  }
  MLIRContext context;
};

/// The function's result, by the definition of its operations.
std::optional<HostTensor> execute(ModuleOp module, ArrayRef<HostTensor> arguments) {
  reference::InterpreterOptions options;
  options.contraction = reference::ContractionMode::Definition;
  auto results = reference::interpret(*module.getOps<func::FuncOp>().begin(), arguments, options);
  if (!results) {
    ADD_FAILURE() << llvm::toString(results.takeError());
    return std::nullopt;
  }
  return std::move(results->front());
}

testing::AssertionResult areEqual(const std::optional<HostTensor> &actual,
                                  const std::optional<HostTensor> &expected) {
  if (!actual || !expected)
    return testing::AssertionFailure() << "not executed";
  auto comparison = compare(*actual, *expected);
  if (!comparison)
    return testing::AssertionFailure() << "of different shapes";
  if (comparison->maxAbsolute != 0)
    return testing::AssertionFailure()
           << "element " << comparison->worst << " differs by " << comparison->maxAbsolute;
  return testing::AssertionSuccess();
}

std::string print(Operation *op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  op->print(stream);
  return text;
}

/// What a counter of tn-simplify stands at.
int64_t countOf(const char *counter) {
  std::string report = Statistics::get().report(), key = "\"" + std::string(counter) + "\": ";
  size_t place = report.find(key);
  return place == std::string::npos ? 0 : std::stoll(report.substr(place + key.size()));
}

TEST_P(SimplifyTest, KeepsMeaning) {
  unsigned changed = 0;
  constexpr unsigned kNetworks = 400;
  for (unsigned seed = 0; seed < kNetworks; ++seed) {
    NetworkGenerator generator(GetParam(), seed);
    generator.generate();
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(generator.text, &context);
    ASSERT_TRUE(module) << generator.text;
    std::optional<HostTensor> expected = execute(*module, generator.arguments);
    std::string before = print(*module);

    PassManager manager(&context);
    tn::TNSimplifyOptions options;
    options.flatten = seed % 4 != 3;
    // Some with no room for folding, where the other rules meet constants.
    options.foldLimit = seed % 3 == 2 ? 4 : 4096;
    manager.addPass(tn::createTNSimplify(options));
    ASSERT_TRUE(succeeded(manager.run(*module))) << before;
    ASSERT_TRUE(succeeded(verify(*module))) << before << print(*module);
    std::string after = print(*module);
    changed += before != after;
    ASSERT_TRUE(areEqual(execute(*module, generator.arguments), expected))
        << "seed " << seed << "\n"
        << before << after;

    // What is simple stays as it is, and what a check at run time had left open may become simpler.
    ASSERT_TRUE(succeeded(manager.run(*module)));
    ASSERT_TRUE(areEqual(execute(*module, generator.arguments), expected))
        << before << print(*module);
    if (!StringRef(before).contains('?'))
      EXPECT_LE(llvm::count(print(*module), '\n'), llvm::count(after, '\n'))
          << before << after << print(*module);
  }
  // The rules have something to do in most of them.
  EXPECT_GT(changed, kNetworks / 2);
}

/// Runs the pass and compares what the function computes before and after.
void expectSameMeaning(MLIRContext &context, const NetworkGenerator &generator, unsigned seed) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(generator.text, &context);
  ASSERT_TRUE(module) << generator.text;
  auto function = *module->getOps<func::FuncOp>().begin();
  for (auto [number, tensor] : llvm::enumerate(generator.arguments))
    if (auto facts = function.getArgAttrOfType<tn::FactsAttr>(number, "tn.facts")) {
      std::string wrong = llvm::toString(reference::checkFacts(facts, tensor));
      ASSERT_EQ(wrong, "") << generator.text;
    }
  std::optional<HostTensor> expected = execute(*module, generator.arguments);
  PassManager manager(&context);
  tn::TNSimplifyOptions options;
  options.flatten = seed % 4 != 3;
  manager.addPass(tn::createTNSimplify(options));
  ASSERT_TRUE(succeeded(manager.run(*module))) << generator.text;
  ASSERT_TRUE(succeeded(verify(*module))) << generator.text << print(*module);
  ASSERT_TRUE(areEqual(execute(*module, generator.arguments), expected))
      << "seed " << seed << "\n"
      << generator.text << print(*module);
}

// An operand with facts and the same or its conjugate once more are cancelled only where that is
// right: the other way round, over the wrong dimensions, or read as other numbers, they are not.
TEST_P(SimplifyTest, KeepsMeaningWithFacts) {
  Statistics::get().enable(CounterFormat::Json);
  int64_t diagonals = countOf("diagonal-operands"), isometries = countOf("isometries");
  for (unsigned seed = 0; seed < 400 && !HasFatalFailure(); ++seed) {
    NetworkGenerator generator(GetParam(), seed, /*hasFacts=*/true);
    generator.generate();
    expectSameMeaning(context, generator, seed);
  }
  bool isTropical = StringRef(GetParam().semiring).ends_with("_plus");
  EXPECT_EQ(countOf("diagonal-operands") > diagonals, !isTropical);
  EXPECT_EQ(countOf("isometries") > isometries, !isTropical);
}

// What follows for a value that is computed from operands with facts, whatever it is joined with.
TEST_P(SimplifyTest, KeepsMeaningWithDerivedFacts) {
  Statistics::get().enable(CounterFormat::Json);
  int64_t isometries = countOf("isometries");
  for (unsigned seed = 0; seed < 1500 && !HasFatalFailure(); ++seed) {
    NetworkGenerator generator(GetParam(), seed, /*hasFacts=*/true);
    if (generator.generateDerived())
      expectSameMeaning(context, generator, seed);
  }
  // Where elements are widened only permutations count, of which few products consist.
  if (StringRef(GetParam().semiring).ends_with("_plus"))
    EXPECT_EQ(countOf("isometries"), isometries);
  else if (StringRef(GetParam().element) == GetParam().accumulation)
    EXPECT_GT(countOf("isometries"), isometries);
}

/// ⟨b|U† O U|b⟩ of layers of random gates on neighbouring qubits, as constants that an
/// orthonormalisation made, on states that are arguments. O is on the middle qubit.
class ExpectationValue {
public:
  static constexpr int kQubits = 9, kLayers = 4;
  std::string text;
  std::vector<HostTensor> arguments;
  int gatesOutside = 0;

  explicit ExpectationValue(uint64_t seed) {
    const int middle = kQubits / 2;
    std::vector<int> wires;
    for (int qubit = 0; qubit < kQubits; ++qubit) {
      wires.push_back(next++);
      addState(wires.back(), seed);
    }
    std::vector<std::pair<int, std::string>> gates;
    for (int layer = 0; layer < kLayers; ++layer)
      for (int qubit = layer % 2; qubit + 1 < kQubits; qubit += 2) {
        gates.emplace_back(qubit, makeUnitary(4, {2, 2, 2, 2}, ++seed));
        join(gates.back(), wires, /*isInverse=*/false);
      }
    int open = next++;
    add(makeUnitary(2, {2, 2}, ++seed), {open, wires[middle]}, "2x2x");
    wires[middle] = open;
    // What the operator reaches: gates that touch it or what it has reached, from the last one on.
    std::set<int> cone{middle};
    for (size_t i = gates.size(); i-- > 0;) {
      int qubit = gates[i].first;
      if (cone.contains(qubit) || cone.contains(qubit + 1))
        cone.insert({qubit, qubit + 1});
      else
        ++gatesOutside;
    }
    for (size_t i = gates.size(); i-- > 0;)
      join(gates[i], wires, /*isInverse=*/true);
    for (int wire : wires)
      addState(wire, seed);
    std::string signature;
    for (size_t i = 0; i < arguments.size(); ++i)
      signature += (i ? ", %a" : "%a") + std::to_string(i) + ": tensor<2xcomplex<f64>>";
    text = "func.func @f(" + signature + ") -> tensor<complex<f64>> {\n" + body +
           "  %r = tn.contract (" + operands + ") -> [] : (" + types +
           ") -> tensor<complex<f64>>\n  return %r : tensor<complex<f64>>\n}\n";
  }

private:
  std::string body, operands, types;
  int next = 0, constants = 0;

  void add(const std::string &name, std::vector<int> indices, const char *shape) {
    operands += (operands.empty() ? "" : ", ") + name + "[";
    for (size_t i = 0; i < indices.size(); ++i)
      operands += (i ? ", x" : "x") + std::to_string(indices[i]);
    operands += "]";
    types += std::string(types.empty() ? "" : ", ") + "tensor<" + shape + "complex<f64>>";
  }

  void addState(int wire, uint64_t seed) {
    auto state = HostTensor::zeros({TENON_C128, false}, std::vector<int64_t>{2});
    fillRandom(*state, seed + 1000 * arguments.size());
    add("%a" + std::to_string(arguments.size()), {wire}, "2x");
    arguments.push_back(std::move(*state));
  }

  void join(const std::pair<int, std::string> &gate, std::vector<int> &wires, bool isInverse) {
    auto [qubit, name] = gate;
    int &left = wires[qubit], &right = wires[qubit + 1], a = next++, b = next++;
    if (isInverse)
      add(name + "c", {left, right, a, b}, "2x2x2x2x");
    else
      add(name, {a, b, left, right}, "2x2x2x2x");
    left = a;
    right = b;
  }

  /// A unitary matrix and its conjugate, as a tensor of that shape.
  std::string makeUnitary(int64_t extent, std::vector<int64_t> shape, uint64_t seed) {
    auto gate = HostTensor::zeros({TENON_C128, false}, std::vector<int64_t>{extent, extent});
    fillRandom(*gate, seed);
    orthonormalise(*gate, std::vector<int64_t>{1});
    std::string name = "%u" + std::to_string(constants++);
    for (double sign : {1.0, -1.0}) {
      int64_t i = 0;
      std::function<std::string(size_t)> literal = [&](size_t dim) -> std::string {
        if (dim == shape.size()) {
          auto value = std::get<std::complex<double>>(gate->get(i++));
          char number[64];
          std::snprintf(number, sizeof number, "(%.17e, %.17e)", value.real(), sign * value.imag());
          return number;
        }
        std::string list = "[";
        for (int64_t k = 0; k < shape[dim]; ++k)
          list += (k ? ", " : "") + literal(dim + 1);
        return list + "]";
      };
      std::string type;
      for (int64_t size : shape)
        type += std::to_string(size) + "x";
      body += "  " + name + (sign > 0 ? "" : "c") + " = tn.constant dense<" + literal(0) +
              "> : tensor<" + type + "complex<f64>>\n";
    }
    return name;
  }
};

// Gates that the operator does not reach meet their inverses, and only the light cone is left.
TEST(SimplifyCircuitTest, LeavesTheLightCone) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  Statistics::get().enable(CounterFormat::Json);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    ExpectationValue circuit(100 * seed);
    ASSERT_GT(circuit.gatesOutside, 3);
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(circuit.text, &context);
    ASSERT_TRUE(module);
    auto function = *module->getOps<func::FuncOp>().begin();
    reference::InterpreterOptions options;
    options.contraction = reference::ContractionMode::Pairwise;
    auto expected = reference::interpret(function, circuit.arguments, options);
    ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
    int64_t before = countOf("inverse-constants");
    PassManager manager(&context);
    manager.addPass(tn::createTNSimplify());
    ASSERT_TRUE(succeeded(manager.run(*module)));
    EXPECT_EQ(countOf("inverse-constants") - before, circuit.gatesOutside);
    auto actual = reference::interpret(function, circuit.arguments, options);
    ASSERT_TRUE(bool(actual)) << llvm::toString(actual.takeError());
    // The value is at most the product of the states' norms; the bound of the specification is far
    // above this, which is some units in the last place of it.
    double scale = 1;
    for (const HostTensor &state : circuit.arguments)
      scale *= std::sqrt(std::norm(std::get<std::complex<double>>(state.get(0))) +
                         std::norm(std::get<std::complex<double>>(state.get(1))));
    auto comparison = compare(actual->front(), expected->front());
    ASSERT_TRUE(bool(comparison));
    EXPECT_LE(comparison->maxAbsolute, 1000 * 0x1p-53 * scale) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Settings, SimplifyTest, testing::ValuesIn(kSettings),
                         [](const auto &info) { return std::string(info.param.name); });
} // namespace
