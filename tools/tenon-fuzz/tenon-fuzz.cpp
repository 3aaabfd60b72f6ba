//===- tenon-fuzz.cpp - Looks for wrong programs --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"

#include "tenon/Tools/CommandLine.h"
#include "tenon/Tools/ToolError.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <string>

using namespace tenon;
using namespace tenon::fuzz;
using llvm::StringRef;

static void printHelp() {
  llvm::outs() << "OVERVIEW: Writes tensor programs, puts them through passes and looks for wrong "
                  "answers.\n\n"
                  "USAGE: tenon-fuzz COMMAND [options]\n\nCOMMANDS:\n";
  for (const Command &command : commands())
    if (!command.summary.empty())
      llvm::outs() << llvm::formatv("  {0,-18} {1}\n", command.name, command.summary);
  llvm::outs() << "\n'tenon-fuzz COMMAND --help' lists the options of a command.\n\n"
                  "Exit status: 0; 1 where there are findings; 2 after an error.\n";
}

static void printVersion(llvm::raw_ostream &os) {
  os << "tenon-fuzz " TENON_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  // A limit on the size of files is an error of write, here and in workers.
  std::signal(SIGXFSZ, SIG_IGN);
  StringRef name = argc > 1 ? argv[1] : "";
  if (name == "--help" || name == "-h" || name == "-help") {
    printHelp();
    return 0;
  }
  if (name == "--version") {
    printVersion(llvm::outs());
    return 0;
  }
  for (const Command &command : commands())
    if (command.name == name) {
      removeLibraryOptions();
      llvm::cl::SetVersionPrinter(printVersion);
      std::string program = ("tenon-fuzz " + name).str();
      argv[1] = program.data();
      return command.main(argc - 1, argv + 1);
    }
  reportToolError("tenon-fuzz", name.empty()
                                    ? llvm::Twine("a command is missing; see tenon-fuzz --help")
                                    : "unknown command '" + name + "'; see tenon-fuzz --help");
  return kError;
}
