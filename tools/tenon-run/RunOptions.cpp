//===- RunOptions.cpp - The command line of tenon-run ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RunOptions.h"

#include "llvm/Config/llvm-config.h"

using namespace tenon;
using namespace tenon::run;
namespace cl = llvm::cl;

static constexpr int64_t kMaxRepetitions = 1000000;
static constexpr int64_t kProfiledSteps = 20, kMaxProfiledSteps = 1000000;

static constexpr llvm::StringLiteral kOverview =
    "Runs a tensor network.\n\n"
    "Takes IR from any stage (tn, planned, linalg on tensors, buffers, schedule), compiles it "
    "from\n"
    "where it stands and runs it. Arguments are .npy files, in the order of the function's "
    "arguments,\n"
    "or random numbers. Results go to .npy files or, without -o, to standard output as text.\n\n"
    "Exit status: 0; 1 after an error, or where --check finds a difference; 130 when "
    "interrupted.\n";

RunOptions::RunOptions()
    : category("tenon-run options"),
      input(cl::Positional, cl::desc("<IR file, '-' for standard input>"), cl::init("-"),
            cl::cat(category)),
      network(category), arguments("arg", cl::desc("The next argument, a .npy file"),
                                   cl::value_desc("file"), cl::cat(category)),
      outputs("o", cl::desc("Write the next result to this .npy file, whole or not at all"),
              cl::value_desc("file"), cl::cat(category)),
      random("random",
             cl::desc("Random arguments: floats of mean 0 and variance 1, integers in [-9, 9] or\n"
                      "[0, 18]; without signs for max_times. Extents '?' are those of tn.hint,\n"
                      "and tn.facts are made true"),
             cl::value_desc("seed"), cl::cat(category)),
      reference("reference", cl::desc("Run the reference interpreter, which defines the result"),
                cl::cat(category)),
      checkBoth("check",
                cl::desc("Run compiled code and the reference interpreter and compare: integers\n"
                         "exactly, floats against the bound of docs/spec.md"),
                cl::cat(category)),
      checkFacts("check-facts",
                 cl::desc("Check tn.facts of arguments and facts of constants against their\n"
                          "elements, before anything runs; they are trusted otherwise"),
                 cl::cat(category)),
      print("print", cl::desc("Print results as text in any case"), cl::cat(category)),
      stats("stats", cl::desc("Report stages of compilation, plan and memory on standard error"),
            cl::cat(category)),
      verbose("verbose", cl::desc("The same as --stats"), cl::aliasopt(stats), cl::cat(category)),
      bench("bench",
            cl::desc("Run once to warm up, then N times (default: for about a second), and report\n"
                     "median and least time"),
            cl::value_desc("N"), cl::ValueOptional, cl::cat(category)),
      profile(
          "profile",
          cl::desc("Run once to warm up, then for about a second, and list the N heaviest steps\n"
                   "(default 20): time, rate, strategy and order of dimensions"),
          cl::value_desc("N"), cl::ValueOptional, cl::cat(category)),
      device("device", cl::desc("Where to run: cpu"), cl::value_desc("name"), cl::init("cpu"),
             cl::cat(category)),
      progress(category, "Report stages and slices on standard error") {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "tenon-run " TENON_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
  });
}

llvm::Expected<RunRequest> RunOptions::parse(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, kOverview);
  RunRequest request;
  request.input = input;
  request.arguments.assign(arguments.begin(), arguments.end());
  request.outputs.assign(outputs.begin(), outputs.end());
  if (random.getNumOccurrences())
    request.randomSeed = random;
  request.reference = reference;
  request.check = checkBoth;
  request.checkFacts = checkFacts;
  request.print = print;
  request.stats = stats;
  request.progress = progress.get();
  if (bench.getNumOccurrences()) {
    int64_t count = 0;
    if (!bench.empty() &&
        (llvm::StringRef(bench).getAsInteger(10, count) || count < 1 || count > kMaxRepetitions))
      return llvm::createStringError("--bench=" + bench + ": expected a number of runs from 1 to " +
                                     llvm::Twine(kMaxRepetitions));
    request.benchRepetitions = count;
  }
  if (profile.getNumOccurrences()) {
    request.profiledSteps = kProfiledSteps;
    if (!profile.empty() &&
        (llvm::StringRef(profile).getAsInteger(10, request.profiledSteps) ||
         request.profiledSteps < 1 || request.profiledSteps > kMaxProfiledSteps))
      return llvm::createStringError("--profile=" + profile +
                                     ": expected a number of steps from 1 to " +
                                     llvm::Twine(kMaxProfiledSteps));
  }
  if (llvm::Error error = network.read(request))
    return error;
  if (llvm::Error error = check(request))
    return error;
  return request;
}

llvm::Error RunOptions::check(const RunRequest &request) const {
  if (device != "cpu")
    return llvm::createStringError("--device=" + device +
                                   ": there is no such device; expected cpu");
  if (request.randomSeed && !request.arguments.empty())
    return llvm::createStringError("--random and --arg are both given; arguments are either");
  if (request.reference && request.check)
    return llvm::createStringError("--check runs the interpreter and compiled code; leave out "
                                   "--reference");
  if (request.reference && request.benchRepetitions)
    return llvm::createStringError("--bench times compiled code; leave out --reference");
  if (request.reference && request.profiledSteps > 0)
    return llvm::createStringError("--profile times compiled code; leave out --reference");
  return llvm::Error::success();
}
