//===- CompileRequest.cpp - The command line of tenon-compile -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CompileRequest.h"

#include "tenon/Support/OutputFile.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Path.h"

using namespace tenon;
using namespace tenon::compile;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral kOverview =
    "Compiles a tensor network ahead of time.\n\n"
    "Takes IR from any stage, with static extents. Writes a shared library "
    "that\n"
    "carries all it needs, or an object file to be linked with libTenonRuntime.a, and a C header "
    "for\n"
    "either. docs/how-to-run.md shows how to call it.\n";

CommandLine::CommandLine()
    : category("tenon-compile options"),
      input(cl::Positional, cl::desc("<IR file, '-' for standard input>"), cl::init("-"),
            cl::cat(category)),
      output("o", cl::desc("Write to this file, whole or not at all"), cl::value_desc("file"),
             cl::cat(category)),
      header("emit-header", cl::desc("Also write the C header to this file"),
             cl::value_desc("file"), cl::cat(category)),
      emit("emit", cl::desc("What to write (default: by the name: .o, .so, .h)"),
           cl::values(clEnumValN(OutputKind::Object, "object", "an object file"),
                      clEnumValN(OutputKind::Shared, "shared", "a shared library"),
                      clEnumValN(OutputKind::Header, "header", "the C header only")),
           cl::init(OutputKind::Auto), cl::cat(category)),
      network(category),
      symbol(
          "symbol",
          cl::desc("Name of the C function (default: the function's; for main, which C keeps for\n"
                   "itself, the output file's without its extension)"),
          cl::value_desc("name"), cl::cat(category)),
      targetCPU("target-cpu", cl::desc("Processor to compile for (default: this machine's)"),
                cl::value_desc("name"), cl::cat(category)),
      targetFeatures("target-features", cl::desc("Its features to add or leave out: +avx512f,-fma"),
                     cl::value_desc("list"), cl::cat(category)),
      runtime("runtime",
              cl::desc("The runtime to link (default: lib/libTenonRuntime.a beside bin)"),
              cl::value_desc("file"), cl::cat(category)) {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "tenon-compile " TENON_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
  });
}

static OutputKind getKindByName(llvm::StringRef path) {
  return llvm::StringSwitch<OutputKind>(llvm::sys::path::extension(path))
      .Case(".o", OutputKind::Object)
      .Case(".so", OutputKind::Shared)
      .Case(".h", OutputKind::Header)
      .Default(OutputKind::Auto);
}

llvm::Expected<CompileRequest> CommandLine::parse(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, kOverview);
  CompileRequest request;
  request.input = input;
  request.output = output;
  request.header = header;
  request.symbol = symbol;
  request.targetCPU = targetCPU;
  request.targetFeatures = targetFeatures;
  request.runtime = runtime;
  if (output.empty())
    return llvm::createStringError("no output: give -o FILE.so, FILE.o or FILE.h");
  request.kind = emit == OutputKind::Auto ? getKindByName(output) : emit;
  if (request.kind == OutputKind::Auto)
    return llvm::createStringError("'" + output +
                                   "' does not say what to write: end it in .so, .o or "
                                   ".h, or give --emit=shared, object or header");
  if (!header.empty() && (header == output || isSameOutputFile(header, output)))
    return llvm::createStringError("-o and --emit-header are one file, '" + output + "'");
  if (llvm::Error error = network.read(request))
    return error;
  if (!targetFeatures.empty() && targetCPU.empty())
    return llvm::createStringError(
        "--target-features needs --target-cpu, whose features it changes");
  return request;
}
