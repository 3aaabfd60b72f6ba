//===- RunOptions.cpp - The command line of tenon-fuzz run ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RunOptions.h"

#include "JudgeStreams.h"

#include "tenon/Tools/ByteSize.h"

#include "llvm/Support/FileSystem.h"

#include <cmath>

using namespace tenon;
using namespace tenon::fuzz;
using llvm::StringRef;
namespace cl = llvm::cl;

RunOptions::RunOptions()
    : category("tenon-fuzz run options"),
      directory(cl::Positional, cl::desc("<directory>"), cl::init(""), cl::cat(category)),
      runs("runs", cl::desc("Run so many cases, all workers together (default: no limit)"),
           cl::value_desc("N"), cl::cat(category)),
      time("time", cl::desc("Run for so long (default: no limit)"), cl::value_desc("seconds"),
           cl::cat(category)),
      workers("workers", cl::desc("Processes that run cases (default: a core each)"),
              cl::value_desc("N"), cl::cat(category)),
      seed("seed",
           cl::desc(
               "Of everything that is random (default: 1). With --runs and --workers=1 the same\n"
               "seed makes the same cases"),
           cl::value_desc("N"), cl::cat(category)),
      policy(
          "policy",
          cl::desc(
              "How cases are chosen: bandit (default), tzer, or generate, which draws each anew"),
          cl::value_desc("name"), cl::cat(category)),
      oracles("oracles",
              cl::desc("Oracles to run cases past, with commas (default: all; see 'list oracles')"),
              cl::value_desc("list"), cl::cat(category)),
      feedback(
          "feedback",
          cl::desc(
              "What makes a case worth keeping: edges, blocks, patterns, or none (default: all\n"
              "that this build has; edges need the preset 'fuzz')"),
          cl::value_desc("list"), cl::cat(category)),
      observe(
          "observe",
          cl::desc(
              "Keep a case for these features, too, without telling the schedule: for evaluations"),
          cl::value_desc("list"), cl::cat(category)),
      passes("passes",
             cl::desc("Put every program through these passes instead of those that it has: for "
                      "evaluations"),
             cl::value_desc("list"), cl::cat(category)),
      guards("guards", cl::desc("Leave out passes of known defects of MLIR (default)"),
             cl::cat(category)),
      noGuards("no-guards", cl::desc("Use them"), cl::cat(category)),
      nativeShare("native-share",
                  cl::desc("Share of cases that are compiled and run, from 0 to 1 (default: 0.04)"),
                  cl::value_desc("X"), cl::cat(category)),
      timeout("timeout",
              cl::desc(
                  "A case that takes longer is a finding: processor time, or ten times as much on\n"
                  "the clock (default: 10)"),
              cl::value_desc("seconds"), cl::cat(category)),
      memory(
          "memory",
          cl::desc("A worker may have so much; more within one case is a finding (default: 2GiB)"),
          cl::value_desc("bytes"), cl::cat(category)),
      text("text",
           cl::desc("Mutate the .mlir files below this folder instead of generated programs"),
           cl::value_desc("folder"), cl::cat(category)),
      recycle("recycle", cl::desc("Replace a worker after so many cases (default: 5000)"),
              cl::value_desc("N"), cl::cat(category)),
      corpusCases("corpus-cases", cl::desc("Keep at most so many cases (default: 50000)"),
                  cl::value_desc("N"), cl::cat(category)),
      corpusSize("corpus-size", cl::desc("Keep at most so much (default: 256MiB)"),
                 cl::value_desc("bytes"), cl::cat(category)),
      resume("resume", cl::desc("Go on with the campaign of the directory"), cl::cat(category)),
      quiet("quiet", cl::desc("No status while it runs"), cl::cat(category)),
      fault("fault",
            cl::desc("A fault that the first worker has, to test the fuzzer: crash-at:N, ..."),
            cl::Hidden, cl::cat(category)) {
  cl::HideUnrelatedOptions(category);
}

/// Reads a whole number of [`least`, `most`] into `value`, where the option is given.
template <typename Number>
static llvm::Error readNumber(const cl::opt<std::string> &option, uint64_t least, uint64_t most,
                              Number &value) {
  uint64_t number;
  if (!option.getNumOccurrences())
    return llvm::Error::success();
  if (StringRef(option).getAsInteger(10, number) || number < least || number > most)
    return llvm::createStringError("--" + option.ArgStr + "=" + option +
                                   ": expected a whole number from " + llvm::Twine(least) + " to " +
                                   llvm::Twine(most));
  value = Number(number);
  return llvm::Error::success();
}

static llvm::Error readFraction(const cl::opt<std::string> &option, double least, double most,
                                StringRef what, double &value) {
  double number;
  if (!option.getNumOccurrences())
    return llvm::Error::success();
  if (StringRef(option).getAsDouble(number) || !std::isfinite(number) || number < least ||
      number > most)
    return llvm::createStringError("--" + option.ArgStr + "=" + option + ": expected " + what);
  value = number;
  return llvm::Error::success();
}

static llvm::Error readBytes(const cl::opt<std::string> &option, int64_t least, uint64_t &value) {
  if (!option.getNumOccurrences())
    return llvm::Error::success();
  llvm::Expected<int64_t> bytes = parseByteSize(option);
  if (!bytes)
    return llvm::createStringError("--" + option.ArgStr + ": " + llvm::toString(bytes.takeError()));
  if (*bytes < least)
    return llvm::createStringError("--" + option.ArgStr + "=" + option + ": expected at least " +
                                   formatByteSize(least));
  value = uint64_t(*bytes);
  return llvm::Error::success();
}

/// Sets `value` by a parser whose errors get the option's name.
template <typename Value, typename Parse>
static llvm::Error readWords(const cl::opt<std::string> &option, Parse parse, Value &value) {
  if (!option.getNumOccurrences())
    return llvm::Error::success();
  auto parsed = parse(StringRef(option));
  if (!parsed)
    return llvm::createStringError("--" + option.ArgStr + ": " +
                                   llvm::toString(parsed.takeError()));
  value = *parsed;
  return llvm::Error::success();
}

llvm::Error RunOptions::readNumbers(CampaignOptions &options) const {
  constexpr uint64_t many = uint64_t(1) << 62;
  constexpr double month = 30 * 24 * 3600.0;
  if (llvm::Error error = readNumber(runs, 1, many, options.runs))
    return error;
  if (llvm::Error error =
          readFraction(time, 0.1, month, "seconds, from 0.1 to 30 days", options.seconds))
    return error;
  if (llvm::Error error = readNumber(workers, 1, 1024, options.workers))
    return error;
  if (llvm::Error error = readNumber(seed, 0, ~uint64_t(0), options.seed))
    return error;
  if (llvm::Error error =
          readFraction(nativeShare, 0, 1, "a share from 0 to 1", options.nativeShare))
    return error;
  if (llvm::Error error =
          readFraction(timeout, 0.1, month, "seconds, from 0.1 to 30 days", options.timeout))
    return error;
  if (llvm::Error error = readBytes(memory, 256 << 20, options.memory))
    return error;
  if (llvm::Error error = readNumber(recycle, 1, many, options.recycle))
    return error;
  if (llvm::Error error = readNumber(corpusCases, 1, many, options.corpusCases))
    return error;
  return readBytes(corpusSize, 1 << 20, options.corpusBytes);
}

llvm::Error RunOptions::readChoices(CampaignOptions &options) const {
  if (llvm::Error error = readWords(policy, parsePolicy, options.policy))
    return error;
  if (llvm::Error error = readWords(oracles, parseOracles, options.oracles))
    return error;
  if (llvm::Error error = readWords(feedback, parseFeedback, options.feedback))
    return error;
  if (llvm::Error error = readWords(observe, parseFeedback, options.observe))
    return error;
  if (llvm::Error error = readWords(passes, parsePassNames, options.passes))
    return error;
  if (uint8_t missing = (options.feedback | options.observe) & ~availableFeedback())
    return llvm::createStringError("--feedback: this build has no " + printFeedback(missing) +
                                   (missing & 1 ? "; edges need the preset 'fuzz'" : ""));
  if (guards && noGuards)
    return llvm::createStringError("--guards and --no-guards are both given");
  if (guards || noGuards)
    options.guards = guards;
  if (text.getNumOccurrences()) {
    if (!llvm::sys::fs::is_directory(text))
      return llvm::createStringError("--text=" + text + ": there is no such folder");
    llvm::SmallString<128> path(text.getValue());
    if (std::error_code code = llvm::sys::fs::make_absolute(path))
      return llvm::createStringError("--text=" + text + ": " + code.message());
    options.text = path.str();
  }
  options.fault = fault;
  return llvm::Error::success();
}

llvm::Expected<CampaignRequest> RunOptions::request() const {
  if (directory.empty())
    return llvm::createStringError(
        "the directory of the campaign is missing; see tenon-fuzz run --help");
  CampaignRequest request;
  request.directory = directory;
  request.resume = resume;
  request.options.feedback = availableFeedback();
  if (resume) {
    llvm::Expected<CampaignOptions> before = readCampaignOptions(request.directory);
    if (!before)
      return before.takeError();
    if (text.getNumOccurrences() && before->text.empty())
      return llvm::createStringError("--text: the campaign is not one of .mlir files");
    request.options = *before;
    // Another build may have less.
    if (!feedback.getNumOccurrences())
      request.options.feedback &= availableFeedback();
    request.options.runs = 0;
    request.options.seconds = 0;
  }
  if (llvm::Error error = readNumbers(request.options))
    return error;
  if (llvm::Error error = readChoices(request.options))
    return error;
  request.format = formatOf(request.options);
  return request;
}
