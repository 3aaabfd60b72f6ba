//===- ListCommand.cpp - tenon-fuzz list ----------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"

#include "tenon/Fuzz/Mutate.h"
#include "tenon/Fuzz/Outcome.h"
#include "tenon/Fuzz/PassCatalog.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
using namespace tenon::fuzz;
namespace cl = llvm::cl;

static void listPasses() {
  for (const PassDescription &pass : passCatalog()) {
    llvm::outs() << pass.name;
    for (const PassOption &option : pass.options) {
      llvm::outs() << ' ' << option.name << '=';
      for (size_t i = 0; i < option.values.size(); ++i)
        llvm::outs() << (i ? "|" : "") << option.values[i];
    }
    if (!pass.guard.empty())
      llvm::outs() << " (" << pass.guard << ")";
    llvm::outs() << '\n';
  }
}

int tenon::fuzz::listMain(int argc, char **argv) {
  cl::OptionCategory category("tenon-fuzz list options");
  cl::opt<std::string> what(cl::Positional, cl::desc("<passes|mutators|oracles>"), cl::init(""),
                            cl::cat(category));
  cl::HideUnrelatedOptions(category);
  if (!readCommandLine(
          argc, argv,
          "Lists what the fuzzer knows: passes with the values that are drawn for their options "
          "and "
          "the\n"
          "upstream defect that keeps one out unless --no-guards is given; mutators; oracles.\n"))
    return kError;
  if (what == "passes") {
    listPasses();
  } else if (what == "mutators") {
    for (const Mutator &mutator : mutators())
      llvm::outs() << mutator.name << '\n';
  } else if (what == "oracles") {
    for (unsigned oracle = 0; oracle < kNumOracles; ++oracle)
      llvm::outs() << nameOf(Oracle(oracle)) << '\n';
  } else {
    return fail(
        llvm::createStringError("list '" + what + "': expected passes, mutators or oracles"));
  }
  return 0;
}
