//===- PlanOptions.cpp - The command line of tenon-plan -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "PlanOptions.h"

#include "tenon/Planner/Strategy.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace tenon;
using namespace tenon::plan;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral kOverview =
    "Finds contraction trees and says what they cost.\n\n"
    "Takes IR with tn.contract (.mlir, .mlirbc), a network (.json) or a circuit (.qsim, .qasm), "
    "and\n"
    "prints for each contraction what its plan costs: operations, sizes, memory, slices, the\n"
    "heaviest steps. A search without --time-limit gives equal plans for equal options. Ctrl-C "
    "and\n"
    "the time limit end a search with the best plan so far.\n\n"
    "Exit status: 0; 1 after an error; 130 when interrupted before a search has begun.\n";

PlanOptions::PlanOptions()
    : category("tenon-plan options"),
      input(cl::Positional, cl::desc("<file, '-' for standard input>"), cl::init("-"),
            cl::cat(category)),
      format("format", cl::desc("What the input is"),
             cl::values(clEnumValN(InputFormat::Auto, "auto",
                                   "as the file's ending says, else mlir (default)"),
                        clEnumValN(InputFormat::Mlir, "mlir", "MLIR text or bytecode"),
                        clEnumValN(InputFormat::Network, "network", "network JSON"),
                        clEnumValN(InputFormat::Qsim, "qsim", "a circuit of qsim"),
                        clEnumValN(InputFormat::OpenQasm, "openqasm", "an OpenQASM 2.0 circuit")),
             cl::init(InputFormat::Auto), cl::cat(category)),
      bitstring("bitstring",
                cl::desc("Amplitudes of a circuit: for each qubit 0, 1, or ? for an open one\n"
                         "(default: all zeros)"),
                cl::value_desc("bits"), cl::cat(category)),
      type("type", cl::desc("Element type of a network or a circuit (default: its own; c64)"),
           cl::value_desc("name"), cl::cat(category)),
      entry(category),
      method("method",
             cl::desc("Strategy of the search: auto (default), greedy, random-greedy,\n"
                      "optimal, ..."),
             cl::value_desc("name"), cl::init("auto"), cl::cat(category)),
      minimize(
          "minimize",
          cl::desc("What a plan is to have least of: flops (default), size (the largest\n"
                   "intermediate), write (elements written), combo (flops + 64 write), combo-A\n"
                   "with another factor A, or time (predicted seconds)"),
          cl::value_desc("cost"), cl::init("flops"), cl::cat(category)),
      timeTable("time-table",
                cl::desc("File of tenon-calibrate that seconds are predicted from (default: the\n"
                         "table that Tenon carries)"),
                cl::value_desc("file"), cl::cat(category)),
      timeLimit("time-limit", cl::desc("Search for so long; 0 takes the first tree"),
                cl::value_desc("seconds"), cl::cat(category)),
      largest(
          "largest",
          cl::desc("Slice until no intermediate, nor the result, has more elements: a number, or\n"
                   "2^N (default: any)"),
          cl::value_desc("elements"), cl::cat(category)),
      restarts("restarts", cl::desc("How much to search where no time limit says it"),
               cl::value_desc("N"), cl::cat(category)),
      seed("seed", cl::desc("Of everything that is random (default: 0)"), cl::value_desc("N"),
           cl::init(0), cl::cat(category)),
      sparse("sparse",
             cl::desc("For executing the plan with sparse tensors: search for the least expected\n"
                      "multiply-adds of elements that are not zero, by the facts of arguments and\n"
                      "the elements of constants (Tenon's own kernels are dense)"),
             cl::cat(category)),
      improve("improve",
              cl::desc("Start from the paths and slices that contractions bring (tn.path,\n"
                       "tn.sliced) instead of following them"),
              cl::cat(category)),
      emit("emit", cl::desc("What to print"),
           cl::values(
               clEnumValN(Emit::Report, "report", "a text for people (default)"),
               clEnumValN(Emit::Json, "json", "everything, for programs"),
               clEnumValN(Emit::Path, "path", "linear paths (opt_einsum), one a line"),
               clEnumValN(Emit::SsaPath, "ssa", "SSA paths, one a line"),
               clEnumValN(Emit::EdgePath, "edge", "edge paths, one a line"),
               clEnumValN(Emit::Mlir, "mlir", "the IR, with paths and slices on its contractions")),
           cl::init(Emit::Report), cl::cat(category)),
      top("top", cl::desc("Length of the list of the heaviest contractions (default: 10)"),
          cl::value_desc("N"), cl::init(10), cl::cat(category)),
      output("o",
             cl::desc("Write to this file, whole or not at all (default: '-', standard output)"),
             cl::value_desc("file"), cl::init("-"), cl::cat(category)),
      progress(category, "Report the search on standard error") {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "tenon-plan " TENON_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
  });
}

llvm::Error PlanOptions::readImport(PlanRequest &request) const {
  InputFormat chosen = format;
  if (chosen == InputFormat::Auto) {
    llvm::StringRef ending = llvm::sys::path::extension(request.input);
    chosen = ending == ".json"   ? InputFormat::Network
             : ending == ".qsim" ? InputFormat::Qsim
             : ending == ".qasm" ? InputFormat::OpenQasm
                                 : InputFormat::Mlir;
  }
  bool isCircuit = chosen == InputFormat::Qsim || chosen == InputFormat::OpenQasm;
  if (bitstring.getNumOccurrences() && !isCircuit)
    return llvm::createStringError("--bitstring belongs to circuits; say --format=qsim or "
                                   "--format=openqasm if the input is one");
  if (chosen == InputFormat::Mlir) {
    if (type.getNumOccurrences())
      return llvm::createStringError("--type belongs to networks and circuits; IR has its types");
    return llvm::Error::success();
  }
  ImportRequest import;
  import.format = chosen == InputFormat::Network ? ImportFormat::Network
                  : chosen == InputFormat::Qsim  ? ImportFormat::Qsim
                                                 : ImportFormat::OpenQasm;
  import.source = request.input;
  if (bitstring.getNumOccurrences())
    import.bitstring = bitstring.getValue();
  if (type.getNumOccurrences()) {
    import.elementType = frontend::parseElementType(type);
    if (!import.elementType)
      return llvm::createStringError("unsupported element type '" + type + "'; expected one of " +
                                     frontend::elementTypeNames() + ", or NumPy's name");
  }
  request.import = std::move(import);
  return llvm::Error::success();
}

/// A number above zero, or with `orZero` zero; empty for anything else.
static std::optional<double> parseNumber(llvm::StringRef text, bool orZero) {
  double value;
  if (text.getAsDouble(value) || !std::isfinite(value) || value < 0 || (value == 0 && !orZero))
    return std::nullopt;
  return value;
}

llvm::Error PlanOptions::readSearch(PlanRequest &request) const {
  planner::StrategyRegistry registry;
  if (planner::Result<const planner::Strategy *> found = registry.find(method.getValue()); !found)
    return llvm::createStringError("--method: " + found.error());
  request.method = method;
  llvm::StringRef cost = minimize;
  if (cost.consume_front("combo-")) {
    request.alpha = parseNumber(cost, /*orZero=*/false);
    if (!request.alpha)
      return llvm::createStringError("--minimize=" + minimize +
                                     ": expected a factor above 0 after 'combo-'");
    cost = "combo";
  }
  if (auto model = planner::makeCostModel(std::string_view(cost.data(), cost.size()));
      cost != "time" && !model)
    return llvm::createStringError("--minimize: " + model.error());
  request.minimize = cost;
  request.timeTable = timeTable;
  if (timeTable.getNumOccurrences() && timeTable.empty())
    return llvm::createStringError("--time-table: expected the name of a file");
  if (timeLimit.getNumOccurrences()) {
    constexpr double longest = 30 * 24 * 3600.0;
    request.timeLimit = parseNumber(timeLimit, /*orZero=*/true);
    if (!request.timeLimit || *request.timeLimit > longest)
      return llvm::createStringError("--time-limit=" + timeLimit +
                                     ": expected seconds, from 0 to 30 days");
  }
  if (largest.getNumOccurrences()) {
    llvm::StringRef text = largest;
    bool isPower = text.consume_front("2^");
    request.largest = parseNumber(text, /*orZero=*/isPower);
    if (request.largest && isPower)
      request.largest = std::exp2(*request.largest);
    if (!request.largest || *request.largest < 1 || !std::isfinite(*request.largest))
      return llvm::createStringError("--largest=" + largest +
                                     ": expected a number of elements, at least 1, or 2^N");
  }
  if (restarts.getNumOccurrences()) {
    if (restarts < 1)
      return llvm::createStringError("--restarts=0: expected at least 1");
    request.restarts = restarts;
  }
  request.seed = seed;
  request.isSparse = sparse;
  request.improves = improve;
  return llvm::Error::success();
}

llvm::Expected<PlanRequest> PlanOptions::parse(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, kOverview);
  PlanRequest request;
  request.input = input;
  request.emit = emit;
  request.top = top;
  request.output = output;
  request.progress = progress.get();
  if (llvm::Error error = readImport(request))
    return error;
  if (llvm::Error error = entry.read(request))
    return error;
  if (llvm::Error error = readSearch(request))
    return error;
  return request;
}
