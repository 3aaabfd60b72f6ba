//===- ExportTest.cpp - A case as a test of the suite ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/ExportTest.h"

#include "TestData.h"

#include "tenon/Fuzz/PassCatalog.h"
#include "tenon/Fuzz/Program.h"
#include "tenon/Reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// What tenon-run prints whole (PrintOptions::threshold).
static constexpr int64_t kPrintedElements = 1000;

std::string fuzz::printPipeline(const std::vector<PassStep> &passes) {
  std::string text = "builtin.module(";
  llvm::raw_string_ostream stream(text);
  llvm::interleave(
      passes, stream,
      [&](const PassStep &pass) {
        const PassDescription *description = findPass(pass.name);
        bool isNested = description && description->anchor != "builtin.module";
        if (isNested)
          stream << description->anchor << '(';
        stream << pass.name;
        if (!pass.options.empty())
          stream << '{' << pass.options << '}';
        if (isNested)
          stream << ')';
      },
      ",");
  stream << ')';
  return text;
}

/// The level of IR that the passes leave.
static Level levelAfter(const std::vector<PassStep> &passes) {
  Level level = Level::Network;
  for (const PassStep &pass : passes)
    if (const PassDescription *description = findPass(pass.name); description && description->to)
      level = *description->to;
  return level;
}

/// Whether tenon-opt and tenon-run show the fault.
static bool canUseTools(const Genome &genome, const Finding &finding,
                        const ExportOptions &options) {
  if (finding.oracle == Oracle::Pipelines || finding.oracle == Oracle::Metamorphic)
    return false;
  for (const PassStep &pass : genome.passes)
    if (!options.isKnownPass(pass.name))
      return false;
  for (const Node &node : genome.nodes)
    if (finding.oracle == Oracle::Native && node.kind == NodeKind::Argument &&
        node.layout != Layout())
      return false;
  return true;
}

/// Whether results tell right from wrong by themselves. Which NaN must stay, and that a pass has
/// made constants infinite, the judge knows alone.
static bool areResultsEnough(const Genome &genome, ArrayRef<HostTensor> results) {
  bool hasLarge = llvm::any_of(genome.nodes, [](const Node &node) {
    return node.kind == NodeKind::Constant && node.flavour == uint8_t(Content::Large);
  });
  return !hasLarge && llvm::none_of(results, [](const HostTensor &result) {
    for (int64_t i = 0; i < result.size(); ++i)
      if (Scalar value = result.get(i);
          std::visit([](auto number) { return number != number; }, value))
        return true;
    return false;
  });
}

static func::FuncOp getMain(ModuleOp module) { return module.lookupSymbol<func::FuncOp>("main"); }

/// What results of one element type are held to.
static bool isExact(const Genome &genome, const HostTensor &expected) {
  return arithmeticOf(genome) != Arithmetic::Bound || expected.type().isInteger() ||
         expected.type().isBool();
}

static void printDetail(const Finding &finding, llvm::raw_ostream &stream) {
  stream << "// Found by tenon-fuzz: " << nameOf(finding.oracle);
  if (!finding.pass.empty())
    stream << ", " << finding.pass;
  stream << ".\n";
  SmallVector<StringRef> lines;
  StringRef(finding.detail).split(lines, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : ArrayRef(lines).take_front(6)) {
    // Nothing in a message may become a command or a check.
    std::string text = line.str();
    std::replace(text.begin(), text.end(), ':', ';');
    stream << "// " << text << '\n';
  }
}

namespace {
/// The source's arguments and results.
struct Execution {
  std::vector<HostTensor> arguments;
  SmallVector<HostTensor> results;
  std::vector<HostTensor> bounds; ///< empty where all results are exact
};

/// A test that runs the commands of users.
class ToolTest {
public:
  ToolTest(const Genome &genome, const Finding &finding, ModuleOp module, Execution &execution)
      : genome(genome), finding(finding), module(module), execution(execution),
        isInterpreted(finding.oracle != Oracle::Native &&
                      levelAfter(genome.passes) <= Level::Tensor),
        areShort(computeAreShort()) {}

  std::string print();

private:
  void printPassCommands(llvm::raw_ostream &stream) const;
  void printRunCommands(llvm::raw_ostream &stream) const;
  void printChecks(llvm::raw_ostream &stream) const;
  void printData(llvm::raw_ostream &stream) const;
  /// Whether the test can show what it expects.
  bool computeAreShort() const {
    return llvm::all_of(execution.results, [&](const HostTensor &expected) {
      return isExact(genome, expected) && !expected.type().isComplex() &&
             expected.size() <= kPrintedElements;
    });
  }
  Type getElement(Type type) const { return cast<RankedTensorType>(type).getElementType(); }

  const Genome &genome;
  const Finding &finding;
  ModuleOp module;
  Execution &execution;
  bool isInterpreted, areShort;
};
} // namespace

void ToolTest::printPassCommands(llvm::raw_ostream &stream) const {
  std::string passes = " --pass-pipeline='" + printPipeline(genome.passes) + "'";
  stream << "// RUN: tenon-opt %t/program.mlir" << passes << " -o %t/after.mlir\n";
  if (finding.oracle == Oracle::RoundTrip) {
    StringRef stage = finding.pass.empty() ? "program" : "after";
    stream << "// RUN: tenon-opt %t/" << stage << ".mlir --verify-roundtrip -o %t/again.mlir\n";
  } else if (finding.oracle == Oracle::Determinism) {
    stream << "// RUN: tenon-opt %t/program.mlir" << passes << " -o %t/again.mlir\n"
           << "// RUN: diff %t/after.mlir %t/again.mlir\n";
  }
}

void ToolTest::printRunCommands(llvm::raw_ostream &stream) const {
  for (size_t number = 0; number < execution.arguments.size(); ++number)
    stream << "// RUN: tenon-run %t/data.mlir --reference --entry=argument" << number
           << " -o %t/argument" << number << ".npy\n";
  stream << "// RUN: tenon-run %t/after.mlir --entry=main";
  for (size_t number = 0; number < execution.arguments.size(); ++number)
    stream << " --arg=%t/argument" << number << ".npy";
  for (size_t number = 0; number < execution.results.size(); ++number)
    stream << " -o %t/result" << number << ".npy";
  if (isInterpreted)
    stream << " --reference";
  else if (genome.threads > 1)
    stream << " --threads=" << unsigned(genome.threads);
  if (areShort)
    stream << " --print | FileCheck %s";
  stream << '\n';
  if (!areShort)
    for (size_t number = 0; number < execution.results.size(); ++number)
      stream << "// RUN: tenon-run %t/data.mlir --reference --entry=differences" << number
             << " --arg=%t/result" << number << ".npy | FileCheck %s\n";
}

void ToolTest::printChecks(llvm::raw_ostream &stream) const {
  if (!areShort) {
    stream << "// CHECK: {{^}}0{{$}}\n";
    return;
  }
  for (auto [number, expected] : llvm::enumerate(execution.results)) {
    if (execution.results.size() > 1)
      stream << "// CHECK: {{^}}result " << number << "{{[ ,]}}\n";
    printExpectedLines(expected, "// CHECK:", stream);
  }
}

void ToolTest::printData(llvm::raw_ostream &stream) const {
  func::FuncOp main = getMain(module);
  stream << "\n//--- data.mlir\n";
  for (auto [number, argument] : llvm::enumerate(execution.arguments))
    printTensorFunction(("argument" + Twine(number)).str(), argument,
                        getElement(main.getArgumentTypes()[number]), stream);
  if (areShort)
    return;
  for (auto [number, expected] : llvm::enumerate(execution.results))
    printDifferencesFunction(("differences" + Twine(number)).str(), expected,
                             isExact(genome, expected) ? nullptr : &execution.bounds[number],
                             getElement(main.getResultTypes()[number]), stream);
}

std::string ToolTest::print() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printDetail(finding, stream);
  stream << "// Values are those of data seed " << genome.dataSeed
         << "; the result is what the interpreter makes of the program as written.\n"
         << "// RUN: rm -rf %t && split-file %s %t\n";
  printPassCommands(stream);
  printRunCommands(stream);
  stream << '\n';
  printChecks(stream);
  stream << "\n//--- program.mlir\n" << module;
  printData(stream);
  return text;
}

std::string fuzz::printReplayCommand(StringRef file, std::optional<uint64_t> draws) {
  std::string option = draws ? "--draws=" + std::to_string(*draws) + " " : "";
  return "// RUN: tenon-fuzz replay " + option + file.str() + "\n";
}

static std::string printReplay(const Genome &genome, const Finding &finding, ModuleOp module,
                               std::optional<uint64_t> draws) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printDetail(finding, stream);
  stream << "// RUN: rm -rf %t && split-file %s %t\n"
         << printReplayCommand("%t/case.txt", draws) << "\n//--- case.txt\n"
         << printGenome(genome) << "\n//--- program.mlir\n"
         << module;
  return text;
}

llvm::Expected<std::string> fuzz::exportTest(const Genome &genome, const Finding &finding,
                                             MLIRContext &context, const ExportOptions &options) {
  auto module = buildModule(genome, context);
  if (!module)
    return module.takeError();
  if (!canUseTools(genome, finding, options))
    return printReplay(genome, finding, **module, options.draws);
  Execution execution;
  execution.arguments = makeArguments(genome);
  auto results = reference::interpret(getMain(**module), execution.arguments);
  if (!results)
    return llvm::createStringError("the interpreter does not run the program: " +
                                   llvm::toString(results.takeError()));
  if (!areResultsEnough(genome, *results))
    return printReplay(genome, finding, **module, options.draws);
  execution.results = std::move(*results);
  if (arithmeticOf(genome) == Arithmetic::Bound) {
    auto bounds = errorBounds(genome, context);
    if (!bounds)
      return bounds.takeError();
    execution.bounds = std::move(*bounds);
  }
  return ToolTest(genome, finding, **module, execution).print();
}
