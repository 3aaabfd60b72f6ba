//===- ReadNetwork.cpp - From what a user brings to a module ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/ReadNetwork.h"

#include "tenon/Frontend/CircuitNetwork.h"
#include "tenon/Frontend/Einsum.h"
#include "tenon/Frontend/NetworkJson.h"
#include "tenon/Frontend/OpenQasm2.h"
#include "tenon/Frontend/Qsim.h"
#include "tenon/Import/Import.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace tenon;
using namespace tenon::frontend;
using llvm::Expected;

std::string tenon::getSourceName(const ImportRequest &request) {
  if (request.format == ImportFormat::Einsum)
    return "<einsum>";
  return request.source == "-" ? "<stdin>" : request.source;
}

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static Expected<NetworkDescription> readEinsum(const ImportRequest &request) {
  ElementType type = request.elementType.value_or(ElementType::F32);
  if (!request.shapes)
    return parseEinsum(request.source, std::nullopt, type);
  Expected<std::vector<Shape>> shapes = parseShapes(*request.shapes);
  if (!shapes)
    return shapes.takeError();
  return parseEinsum(request.source, *shapes, type);
}

static Expected<NetworkDescription> readCircuit(const ImportRequest &request, llvm::StringRef text,
                                                llvm::StringRef name) {
  Expected<Circuit> circuit =
      request.format == ImportFormat::Qsim ? parseQsim(text, name) : parseOpenQasm2(text, name);
  if (!circuit)
    return circuit.takeError();
  std::vector<std::string> patterns = {std::string(circuit->numQubits, '0')};
  if (request.bitstring) {
    Expected<std::vector<std::string>> parsed =
        parseBitstrings(*request.bitstring, circuit->numQubits);
    if (!parsed)
      return parsed.takeError();
    patterns = std::move(*parsed);
  }
  CircuitNetworkOptions options;
  options.elementType = request.elementType.value_or(ElementType::C64);
  options.hyperedges = request.hyperedges;
  Expected<NetworkDescription> network = buildCircuitNetwork(*circuit, patterns, options);
  if (network)
    return network;
  return error(name + ": error: " + llvm::toString(network.takeError()));
}

Expected<NetworkDescription> tenon::readNetwork(const ImportRequest &request,
                                                llvm::StringRef tool) {
  if (request.format == ImportFormat::Einsum)
    return readEinsum(request);
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFileOrSTDIN(request.source);
  std::string name = getSourceName(request);
  if (!buffer)
    return error(tool + ": error: cannot read '" + name + "': " + buffer.getError().message());
  llvm::StringRef text = (*buffer)->getBuffer();
  // Said here: a reader would stumble over something else before the byte that explains it.
  size_t zero = text.find('\0');
  if (zero != llvm::StringRef::npos)
    return SourceText(text, name).error(zero, "expected a text, found a binary file: a zero byte");
  if (request.format == ImportFormat::Network)
    return parseNetworkJson(text, name, request.elementType);
  return readCircuit(request, text, name);
}

Expected<mlir::OwningOpRef<mlir::ModuleOp>> tenon::readAndImport(const ImportRequest &request,
                                                                 llvm::StringRef tool,
                                                                 mlir::MLIRContext &context) {
  Expected<NetworkDescription> network = readNetwork(request, tool);
  if (!network)
    return network.takeError();
  // A description has no places any more: its errors are about the whole source.
  std::string source = getSourceName(request), message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    if (message.empty())
      message = source + ": error: " + diagnostic.str();
    return mlir::success();
  });
  ImportOptions options;
  options.semiring = request.semiring;
  mlir::OwningOpRef<mlir::ModuleOp> module = importNetwork(&context, *network, options);
  if (!module || failed(mlir::verify(*module)))
    return error(message);
  return module;
}
