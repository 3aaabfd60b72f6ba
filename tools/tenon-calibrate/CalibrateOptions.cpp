//===- CalibrateOptions.cpp - The command line of tenon-calibrate ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CalibrateOptions.h"

#include "Probe.h"

#include "llvm/Config/llvm-config.h"

#include <cmath>

using namespace tenon;
using namespace tenon::calibrate;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral kOverview =
    "Measures how long contractions take on this machine.\n\n"
    "Writes a table of times for the cost model 'time': tn-plan{minimize=time time-table=FILE},\n"
    "tenon-plan --minimize=time --time-table=FILE. With --check, measures contractions of random\n"
    "sizes, or the networks of files, and compares them with what a table predicts. What else runs "
    "meanwhile makes a table\n"
    "worse: leave the machine alone.\n\n"
    "Exit status: 0; 1 after an error; 130 when interrupted.\n";

CalibrateOptions::CalibrateOptions()
    : category("tenon-calibrate options"),
      output("o", cl::desc("Write the table to this file, whole or not at all"),
             cl::value_desc("file"), cl::cat(category)),
      check("check", cl::desc("Compare this table with measurements instead"),
            cl::value_desc("file"), cl::cat(category)),
      threads("threads",
              cl::desc("Threads that contractions and slices share, beside one thread alone\n"
                       "(default: TENON_NUM_THREADS, or else all processors)"),
              cl::value_desc("N"), cl::init(0), cl::cat(category)),
      types("types", cl::CommaSeparated,
            cl::desc("Element types to measure (default: f32,f64,c64,c128)"),
            cl::value_desc("type,..."), cl::cat(category)),
      seconds("seconds",
              cl::desc("Run contractions of each type for so long; compiling them comes\n"
                       "on top (default: 20)"),
              cl::value_desc("S"), cl::init("20"), cl::cat(category)),
      seed("seed", cl::desc("Of the sizes that --check draws (default: 0)"), cl::value_desc("N"),
           cl::init(0), cl::cat(category)),
      slices("slices",
             cl::desc("Cut the networks of --check into so many slices or more (default: 1)"),
             cl::value_desc("N"), cl::init(1), cl::cat(category)),
      list("list", cl::desc("Print every contraction of --check"), cl::cat(category)),
      networks(cl::Positional,
               cl::desc("<network JSON files that --check measures instead of random sizes>"),
               cl::cat(category)),
      progress(category, "Report what is measured on standard error") {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "tenon-calibrate " TENON_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
  });
}

llvm::Expected<CalibrateRequest> CalibrateOptions::parse(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, kOverview);
  CalibrateRequest request;
  request.output = output;
  request.check = check;
  request.seed = seed;
  request.list = list;
  request.slices = slices;
  request.networks.assign(networks.begin(), networks.end());
  request.progress = progress.get();
  if (request.output.empty() == request.check.empty())
    return llvm::createStringError("expected either -o FILE, to measure a table, or --check FILE, "
                                   "to compare one with measurements");
  if (!request.networks.empty() && request.check.empty())
    return llvm::createStringError("networks are measured with --check FILE only, found '" +
                                   request.networks.front() + "'");
  if (slices.getNumOccurrences() && (slices < 1 || networks.empty()))
    return llvm::createStringError("--slices=" + llvm::Twine(slices) +
                                   ": expected 1 or more, and networks to cut");
  if (threads.getNumOccurrences() && (threads < 1 || threads > 1024))
    return llvm::createStringError("--threads=" + llvm::Twine(threads) +
                                   ": expected a number from 1 to 1024");
  request.threads = Workers(threads).count();
  std::vector<std::string> names(types.begin(), types.end());
  if (types.getNumOccurrences() == 0)
    names = {"f32", "f64", "c64", "c128"};
  for (const std::string &name : names) {
    std::optional<frontend::ElementType> type = frontend::parseElementType(name);
    // Kernels do not tell signs apart but in maxima; i1 has no sums that networks of it mean.
    bool isMeasured = type && frontend::elementTypeName(*type)[0] != 'u';
    if (!isMeasured)
      return llvm::createStringError("--types: found '" + name +
                                     "'; expected f16, bf16, f32, f64, c64, c128, i1, i8, i16, i32 "
                                     "or i64");
    if (llvm::is_contained(request.types, *type))
      return llvm::createStringError("--types: '" + name + "' is given twice");
    request.types.push_back(*type);
  }
  constexpr double longest = 24 * 3600;
  if (llvm::StringRef(seconds).getAsDouble(request.seconds) || !std::isfinite(request.seconds) ||
      request.seconds <= 0 || request.seconds > longest)
    return llvm::createStringError("--seconds=" + seconds +
                                   ": expected a number above 0, up to a day");
  return request;
}
