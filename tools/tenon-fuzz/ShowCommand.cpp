//===- ShowCommand.cpp - tenon-fuzz show ----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "ShownCase.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
using namespace tenon::fuzz;
namespace cl = llvm::cl;

int tenon::fuzz::showMain(int argc, char **argv) {
  cl::OptionCategory category("tenon-fuzz show options");
  cl::opt<std::string> file(cl::Positional, cl::desc("<file>"), cl::Required, cl::cat(category));
  cl::opt<bool> ir("ir", cl::desc("Print the IR that the case begins with"), cl::cat(category));
  cl::opt<std::string> before("before", cl::desc("With --ir: print the IR that this pass is given"),
                              cl::value_desc("pass"), cl::cat(category));
  cl::HideUnrelatedOptions(category);
  if (!readCommandLine(
          argc, argv,
          "Prints a case (.genome, .mlir) as text that can be edited and replayed, or as IR.\n"))
    return kError;
  llvm::Expected<AnyCase> read = readCaseFile(file);
  llvm::Error error = read ? llvm::Error::success() : read.takeError();
  if (!error && ir)
    error = printIr(*read, llvm::outs(), before);
  else if (!error)
    printCase(*read, llvm::outs());
  if (!error)
    return 0;
  return fail(std::move(error));
}
