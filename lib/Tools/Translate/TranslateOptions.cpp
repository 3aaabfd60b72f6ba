//===- TranslateOptions.cpp - The command line of tenon-translate -----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TranslateOptions.h"

#include "mlir/IR/AsmState.h"
#include "llvm/Config/llvm-config.h"

using namespace tenon;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral kOverview =
    "Imports a tensor network into the tn dialect.\n\n"
    "One of these formats:\n"
    "  einsum    'ij,jk->ik' with --shapes 3x4,4x5. '?' is an extent known at run time;\n"
    "            without --shapes all are\n"
    "  network   JSON: {\"inputs\": [[0, 1], [1, 2]], \"output\": [0, 2], \"sizes\": [3, 4, 5],\n"
    "            \"dtype\": \"float32\"}\n"
    "  qsim      the circuit files of qsim: the number of qubits, then a gate a line\n"
    "  OpenQASM  version 2.0\n"
    "A circuit becomes the network of the amplitudes that --bitstring asks for.\n"
    "Element types: f16, bf16, f32, f64, c64, c128, i1, i8 ... i64, u8 ... u64, or NumPy's names.\n"
    "The file '-' is standard input.\n";

TranslateOptions::TranslateOptions()
    : category("tenon-translate options"),
      importEinsum("import-einsum", cl::desc("Import an einsum equation"),
                   cl::value_desc("equation"), cl::cat(category)),
      importNetwork("import-network", cl::desc("Import a tensor network from JSON"),
                    cl::value_desc("file"), cl::cat(category)),
      importQsim("import-qsim", cl::desc("Import amplitudes of a qsim circuit"),
                 cl::value_desc("file"), cl::cat(category)),
      importOpenQasm("import-openqasm", cl::desc("Import amplitudes of an OpenQASM 2.0 circuit"),
                     cl::value_desc("file"), cl::cat(category)),
      shapes("shapes", cl::desc("Shapes of the einsum's operands: 3x4,4x?,scalar"),
             cl::value_desc("list"), cl::cat(category)),
      bitstring("bitstring",
                cl::desc("Amplitudes of a circuit: for each qubit 0, 1, or ? for an open one;\n"
                         "several joined by ',' are a batch (default: all zeros)"),
                cl::value_desc("bits"), cl::cat(category)),
      type("type",
           cl::desc("Element type (default: f32 for an einsum, the file's for a network,\n"
                    "c64 for a circuit)"),
           cl::value_desc("name"), cl::cat(category)),
      semiring("semiring",
               cl::desc("plus_times (default), max_plus, min_plus, or_and or max_times;\n"
                        "plus_times on i1 is modulo 2"),
               cl::value_desc("name"), cl::cat(category)),
      noHyperedges("no-hyperedges",
                   cl::desc("Give every gate of a circuit an index for each input and output,\n"
                            "also where it cannot change the qubit"),
                   cl::cat(category)),
      output("o",
             cl::desc("Write to this file, whole or not at all (default: '-', standard output)"),
             cl::value_desc("file"), cl::init("-"), cl::cat(category)),
      emitBytecode("emit-bytecode", cl::desc("Write bytecode: compact where constants are large"),
                   cl::cat(category)) {
  mlir::registerAsmPrinterCLOptions();
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "tenon-translate " TENON_VERSION " (LLVM " LLVM_VERSION_STRING ")\n"
       << "imports: einsum, network JSON, qsim, OpenQASM 2.0\n"
       << "exports: MLIR text, MLIR bytecode\n";
  });
}

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 "tenon-translate: error: " + message);
}

static bool isCircuit(ImportFormat format) {
  return format == ImportFormat::Qsim || format == ImportFormat::OpenQasm;
}

llvm::Error TranslateOptions::chooseFormat(TranslateRequest &request) const {
  const std::pair<const StringOption *, ImportFormat> formats[] = {
      {&importEinsum, ImportFormat::Einsum},
      {&importNetwork, ImportFormat::Network},
      {&importQsim, ImportFormat::Qsim},
      {&importOpenQasm, ImportFormat::OpenQasm}};
  const StringOption *chosen = nullptr;
  for (auto [option, format] : formats) {
    if (option->getNumOccurrences() == 0)
      continue;
    if (chosen)
      return error("--" + chosen->ArgStr + " and --" + option->ArgStr +
                   " are both given; a module is made from one");
    chosen = option;
    request.format = format;
    request.source = option->getValue();
  }
  if (!chosen)
    return error("nothing to import: give --import-einsum, --import-network, --import-qsim or "
                 "--import-openqasm; --help shows the formats");
  return llvm::Error::success();
}

/// Options that belong to a format other than the chosen one.
llvm::Error TranslateOptions::checkCompanions(const TranslateRequest &request) const {
  if (shapes.getNumOccurrences() && request.format != ImportFormat::Einsum)
    return error("--shapes belongs to --import-einsum");
  for (const cl::Option *option : {static_cast<const cl::Option *>(&bitstring),
                                   static_cast<const cl::Option *>(&noHyperedges)})
    if (option->getNumOccurrences() && !isCircuit(request.format))
      return error("--" + option->ArgStr + " belongs to --import-qsim and --import-openqasm");
  return llvm::Error::success();
}

llvm::Expected<TranslateRequest> TranslateOptions::parse(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, kOverview);
  TranslateRequest request;
  if (llvm::Error failure = chooseFormat(request))
    return failure;
  if (llvm::Error failure = checkCompanions(request))
    return failure;
  if (shapes.getNumOccurrences())
    request.shapes = shapes.getValue();
  if (bitstring.getNumOccurrences())
    request.bitstring = bitstring.getValue();
  if (type.getNumOccurrences()) {
    request.elementType = frontend::parseElementType(type);
    if (!request.elementType)
      return error("unsupported element type '" + type + "'; expected one of " +
                   frontend::elementTypeNames() + ", or NumPy's name");
  }
  if (semiring.getNumOccurrences()) {
    std::optional<tn::Semiring> known = tn::symbolizeSemiring(semiring);
    if (!known)
      return error("unknown semiring '" + semiring +
                   "'; expected plus_times, max_plus, min_plus, or_and or max_times");
    request.semiring = *known;
  }
  request.hyperedges = !noHyperedges;
  request.output = output;
  request.emitBytecode = emitBytecode;
  return request;
}
