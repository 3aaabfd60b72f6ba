//===- MlirBytesFuzzer.cpp - libFuzzer on the bytes of IR -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The baseline of benchmarks/fuzz/arms.py: libFuzzer mutates bytes, which are parsed as MLIR,
// verified and put through the passes of TENON_PASSES. Feedback is libFuzzer's own, of Tenon's
// code. Inputs that are the first to reach a basic block of MLIR are written to the folder
// TENON_OBSERVED, so that what the arm reached can be counted as that of the others is; libFuzzer
// does not hear of it.
//
//===----------------------------------------------------------------------===//
#include "tenon/FileCache/FileCache.h"
#include "tenon/Fuzz/Feedback.h"
#include "tenon/Fuzz/RegisterPasses.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include <cstdint>
#include <cstdlib>
#include <memory>

using namespace mlir;
using namespace tenon::fuzz;

/// Types are never freed.
static constexpr unsigned kCasesOfAContext = 5000;

namespace {
struct Setup {
  DialectRegistry registry;
  std::unique_ptr<Feedback> blocks;
  std::string folder, passes;
  std::unique_ptr<MLIRContext> context;
  unsigned cases = 0;
};
} // namespace

static Setup *makeSetup() {
  // Never destroyed: libFuzzer ends processes as it likes.
  auto *setup = new Setup;
  registerFuzzDialects(setup->registry);
  registerFuzzPasses();
  if (const char *folder = std::getenv("TENON_OBSERVED"))
    setup->folder = folder;
  if (const char *passes = std::getenv("TENON_PASSES"))
    setup->passes = passes;
  std::string error;
  if (!setup->folder.empty() &&
      !(setup->blocks = makeBlockFeedback(tenon::FileCache::defaultDirectory("fuzz"), error))) {
    llvm::errs() << "mlir-bytes-fuzzer: error: blocks cannot be observed: " << error << '\n';
    std::exit(EXIT_FAILURE);
  }
  return setup;
}

static MLIRContext &contextOf(Setup &setup) {
  if (!setup.context || ++setup.cases % kCasesOfAContext == 0) {
    setup.context = std::make_unique<MLIRContext>(setup.registry, MLIRContext::Threading::DISABLED);
    setup.context->getDiagEngine().registerHandler([](Diagnostic &) { return success(); });
  }
  return *setup.context;
}

static void compile(llvm::StringRef text, llvm::StringRef passes, MLIRContext &context) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
  if (!module)
    return;
  PassManager manager(&context);
  if (succeeded(parsePassPipeline(passes, manager, llvm::nulls())))
    (void)manager.run(*module);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static Setup *setup = makeSetup();
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  if (setup->blocks)
    setup->blocks->begin();
  compile(text, setup->passes, contextOf(*setup));
  if (!setup->blocks)
    return 0;
  std::vector<uint32_t> features;
  setup->blocks->end(features);
  if (features.empty())
    return 0;
  std::error_code code;
  std::string file =
      llvm::formatv("{0}/{1:x-16}.mlir", setup->folder, llvm::xxh3_64bits(text)).str();
  llvm::raw_fd_ostream(file, code) << text;
  return 0;
}
