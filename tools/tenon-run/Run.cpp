//===- Run.cpp - What tenon-run does --------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Run.h"

#include "Arguments.h"
#include "CheckFacts.h"
#include "CheckResults.h"
#include "NativeRun.h"
#include "Report.h"
#include "RunInterpreter.h"

#include "tenon/HostTensor/Npy.h"
#include "tenon/HostTensor/Print.h"
#include "tenon/Support/OutputFile.h"
#include "tenon/Tools/CommandLine.h"
#include "tenon/Tools/Interruption.h"
#include "tenon/Tools/ModuleFile.h"
#include "tenon/Tools/ToolError.h"
#include "tenon/Tools/ToolSwitches.h"

#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::run;

/// Results of the interpreter, with the signs that the signature gives them.
static llvm::Expected<std::vector<HostTensor>>
interpret(func::FuncOp function, const Signature &signature, ArrayRef<HostTensor> arguments) {
  llvm::Expected<std::vector<HostTensor>> values = runInterpreter(function, arguments);
  if (!values)
    return values;
  for (auto [value, info] : llvm::zip_equal(*values, signature.outputs))
    if (value.type().isInteger())
      value.setUnsigned(info.isUnsigned);
  return values;
}

static void printResults(const Signature &signature, ArrayRef<HostTensor> results) {
  for (auto [number, result] : llvm::enumerate(results)) {
    if (results.size() > 1) {
      const std::string &name = signature.outputs[number].name;
      llvm::outs() << "result " << number << (name.empty() ? "" : " ('" + name + "')") << ", "
                   << describeType(result.shape(), result.type()) << ":\n";
    }
    llvm::outs() << formatTensor(result) << '\n';
  }
}

static llvm::Error writeResults(ArrayRef<std::string> paths, ArrayRef<HostTensor> results) {
  SmallVector<OutputFile> files;
  for (auto [path, result] : llvm::zip_equal(paths, results)) {
    if (result.rank() > maxNpyRank)
      return llvm::createStringError("cannot write '" + path + "': a .npy file has at most " +
                                     Twine(maxNpyRank) + " dimensions, the result has " +
                                     Twine(result.rank()));
    const HostTensor *tensor = &result;
    files.push_back({path, [tensor](raw_ostream &stream) {
                       stream << npyHeader(*tensor);
                       stream.write(reinterpret_cast<const char *>(tensor->data()),
                                    tensor->bytes().size());
                     }});
  }
  return writeOutputFiles(files);
}

static llvm::Error checkOutputs(const RunRequest &request, const Signature &signature) {
  size_t expected = signature.outputs.size();
  if (!request.outputs.empty() && request.outputs.size() != expected)
    return llvm::createStringError("function '" + signature.name + "' has " + Twine(expected) +
                                   " results, found " + Twine(request.outputs.size()) +
                                   " options -o; give one for each, in order, or none");
  for (size_t later = 1; later < request.outputs.size(); ++later)
    for (size_t first = 0; first < later; ++first)
      if (isSameOutputFile(request.outputs[first], request.outputs[later]))
        return llvm::createStringError("results " + Twine(first) + " and " + Twine(later) +
                                       " go to one file, '" + request.outputs[later] +
                                       "'; give each an -o of its own");
  return llvm::Error::success();
}

/// Whether all went well; false where --check finds a difference.
static llvm::Expected<bool> runNetwork(const RunRequest &request, MLIRContext &context) {
  llvm::Expected<OwningOpRef<ModuleOp>> module = readModule(request.input, context);
  if (!module)
    return module.takeError();
  llvm::Expected<func::FuncOp> function = findNetworkEntry(**module, request.entry);
  if (!function)
    return function.takeError();
  if ((request.reference || request.check) && takesBuffers(*function))
    return llvm::createStringError(
        "function '" + function->getName() +
        "' takes buffers; the interpreter runs functions on tensors: give --reference and --check "
        "the IR of a stage before tenon-buffer-stage");
  llvm::Expected<Signature> signature = getSignature(*function);
  if (!signature)
    return signature.takeError();
  if (llvm::Error error = checkOutputs(request, *signature))
    return error;
  llvm::Expected<std::vector<HostTensor>> arguments =
      request.randomSeed ? makeRandomArguments(*function, *signature, *request.randomSeed)
                         : readArguments(*signature, request.arguments);
  if (!arguments)
    return arguments.takeError();
  if (request.checkFacts)
    if (llvm::Error error = checkFacts(*function, *signature, *arguments))
      return error;

  ProgressLine progress(request.progress);
  std::unique_ptr<NativeRun> native;
  std::vector<HostTensor> expected;
  if (!request.reference) {
    auto compiled = NativeRun::create(**module, request, *arguments, progress);
    if (!compiled)
      return compiled.takeError();
    native = std::move(*compiled);
    progress.clear();
    warnOfLongRun(*native, llvm::errs());
    if (llvm::Error error = native->run())
      return error;
    progress.clear();
    if (request.stats)
      reportStatistics(*native, *function, llvm::errs());
  }
  if (request.reference || request.check) {
    auto values = interpret(*function, *signature, *arguments);
    if (!values)
      return values.takeError();
    expected = std::move(*values);
  }

  bool agrees = true;
  if (request.check)
    agrees = checkResults(*function, *arguments, native->results(), expected, llvm::outs());
  if (request.benchRepetitions)
    if (llvm::Error error = benchmark(*native, *function, *request.benchRepetitions, llvm::outs()))
      return error;
  if (request.profiledSteps > 0)
    if (llvm::Error error = profile(*native, request.profiledSteps, llvm::outs()))
      return error;
  progress.clear();
  std::vector<HostTensor> &results = request.reference ? expected : native->results();
  bool isQuiet = !request.outputs.empty() || request.check || request.benchRepetitions || request.profiledSteps > 0;
  if (request.print || !isQuiet)
    printResults(*signature, results);
  if (agrees && !request.outputs.empty())
    if (llvm::Error error = writeResults(request.outputs, results))
      return error;
  return agrees;
}

/// What was written to standard output must have arrived there.
static llvm::Error flushOutput() {
  llvm::outs().flush();
  std::error_code code = llvm::outs().error();
  llvm::outs().clear_error();
  if (!code)
    return llvm::Error::success();
  return llvm::createStringError(code, "cannot write standard output: " + code.message());
}

int run::runMain(int argc, char **argv, const DialectRegistry &registry) {
  removeLibraryOptions();
  RunOptions options;
  ToolSwitches switches;
  llvm::Expected<RunRequest> request = options.parse(argc, argv);
  llvm::Error error = llvm::Error::success();
  bool agrees = true;
  if (request) {
    installInterruption("tenon-run");
    MLIRContext context(registry);
    llvm::Expected<bool> outcome = runNetwork(*request, context);
    agrees = outcome && *outcome;
    error = llvm::joinErrors(outcome.takeError(), flushOutput());
  } else {
    error = request.takeError();
  }
  if (error)
    reportToolError("tenon-run", llvm::toString(std::move(error)));
  else if (agrees)
    return 0;
  return wasInterrupted() ? kInterruptedExitCode : 1;
}
