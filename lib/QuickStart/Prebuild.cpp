//===- Prebuild.cpp - Compiles the kernels that are part of Tenon ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A step of the build: `tenon-prebuild SET CPU TABLE.cpp ARCHIVE.a` compiles every kernel that the
// kernel model chooses for a processor, and writes their objects and the table that
// tenon/QuickStart/PrebuiltKernels.h declares. SET is a target by name (TargetDescription.h), CPU
// what LLVM is to compile for.
//
// Which kernels those are is found by asking: the model is given the sizes of a grid. It covers all
// small m and n, where tiles are chosen to waste little; beyond, the choice tends to the tile that
// is fastest. A contraction whose tiling is not among them takes the longer way
// (docs/cold-start.md).
//
//===----------------------------------------------------------------------===//
#include "tenon/Codegen/CPU/KernelAttributes.h"
#include "tenon/Codegen/CPU/TargetDescription.h"
#include "tenon/Target/KernelObject.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace tenon;

namespace {
/// A type that kernels are made for.
struct PrebuiltType {
  StringRef dtype; ///< the enumerator of tenon_dtype
  Type type;
  cpu::SumFormat sum;
};

struct Kernel {
  StringRef dtype;
  cpu::ContractionKernelSpec spec;
};

class Prebuilder {
public:
  Prebuilder(StringRef set, StringRef cpu) : set(set), cpu(cpu) {
    context.loadDialect<func::FuncDialect, tn::TNDialect>();
  }

  /// False, with a message on stderr, when something fails.
  bool run(StringRef tablePath, StringRef archivePath);

private:
  void collect(const PrebuiltType &type);
  void add(const PrebuiltType &type, const cpu::KernelTiling &tiling);
  std::string symbolOf(size_t kernel) const {
    return ("tenon_prebuilt_" + set + "_" + Twine(kernel)).str();
  }
  FailureOr<llvm::NewArchiveMember> compile(size_t number, llvm::TargetMachine &machine);
  void writeTable(llvm::raw_ostream &os) const;

  StringRef set, cpu;
  cpu::TargetDescription target;
  MLIRContext context;
  std::vector<Kernel> kernels;
};
} // namespace

/// Extents to ask the model for: all small ones, then some of each magnitude.
static std::vector<int64_t> gridOf(int64_t allUpTo, int64_t last) {
  std::vector<int64_t> grid;
  for (int64_t extent = 1; extent <= allUpTo; ++extent)
    grid.push_back(extent);
  for (int64_t extent = allUpTo; extent <= last; extent = extent * 5 / 4)
    grid.push_back(extent);
  return grid;
}

void Prebuilder::collect(const PrebuiltType &type) {
  const std::vector<int64_t> sides = gridOf(192, 1 << 20);
  for (int64_t batch : {1, 16})
    for (int64_t k : {1, 2, 3, 4, 16, 64, 1024})
      for (int64_t m : sides)
        for (int64_t n : sides)
          for (int kind = 0; kind < 6; ++kind) {
            cpu::ContractionSizes sizes{m, n, k, batch, 4};
            sizes.readsRuns = kind != 0;
            sizes.areMatrices = kind == 2;
            sizes.runsAlongBatch = kind == 3;
            sizes.isStream = kind == 4 && cpu::isTinyTimesLarge(sizes);
            sizes.isScattered = kind == 5 && cpu::isLittleForMany(sizes);
            add(type, cpu::chooseBlocking(type.sum, sizes, target));
          }
}

void Prebuilder::add(const PrebuiltType &type, const cpu::KernelTiling &tiling) {
  bool isKnown = llvm::any_of(kernels, [&](const Kernel &kernel) {
    return kernel.dtype == type.dtype &&
           static_cast<const cpu::KernelTiling &>(kernel.spec) == tiling;
  });
  if (isKnown)
    return;
  cpu::ContractionTypes types{type.type, type.type, type.type, type.type};
  kernels.push_back({type.dtype, {types, tiling}});
}

FailureOr<llvm::NewArchiveMember> Prebuilder::compile(size_t number, llvm::TargetMachine &machine) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  // A declaration: the specification says what is in it.
  auto kernel =
      func::FuncOp::create(builder, module->getLoc(), "kernel", builder.getFunctionType({}, {}));
  kernel.setPrivate();
  kernel->setAttr("tn.kernel", cpu::toAttribute(&context, kernels[number].spec));
  std::string symbol = symbolOf(number);
  FailureOr<SmallVector<char, 0>> object = compileKernelObject(kernel, symbol, machine);
  if (failed(object))
    return failure();
  llvm::NewArchiveMember member;
  member.Buf =
      std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(*object), symbol + ".o", false);
  member.MemberName = member.Buf->getBufferIdentifier();
  return std::move(member);
}

void Prebuilder::writeTable(llvm::raw_ostream &os) const {
  os << "// Written by tenon-prebuild: the kernels for " << set << ".\n"
     << "#include \"tenon/QuickStart/PrebuiltKernels.h\"\n\n"
     << "using namespace tenon;\nusing namespace tenon::quick;\n\nextern \"C\" {\n";
  for (size_t i = 0; i < kernels.size(); ++i)
    os << "void " << symbolOf(i) << "(void *const *);\n";
  os << "}\n\nstatic const PrebuiltKernel kernels[] = {\n";
  for (auto [i, kernel] : llvm::enumerate(kernels)) {
    const cpu::KernelTiling &tiling = kernel.spec;
    os << "    {{" << kernel.dtype << ", {cpu::KernelStrategy(" << static_cast<int>(tiling.strategy)
       << "), " << tiling.lanes << ", " << tiling.mr << ", " << tiling.nr << "}}, " << symbolOf(i)
       << "},\n";
  }
  os << "};\n\nnamespace tenon::quick {\nextern const KernelSet " << set
     << "Kernels;\nconst KernelSet " << set << "Kernels = {\"" << set << "\", {"
     << target.vectorBits << ", " << target.numVectors << ", "
     << (target.memoryOperand ? "true" : "false") << ", " << target.l1Bytes << ", "
     << target.l2Bytes << ", " << target.l3Bytes << "}, kernels};\n} // namespace tenon::quick\n";
}

bool Prebuilder::run(StringRef tablePath, StringRef archivePath) {
  auto fail = [](const Twine &message) {
    llvm::errs() << "tenon-prebuild: " << message << '\n';
    return false;
  };
  std::optional<cpu::TargetDescription> known = cpu::targetByName(set);
  if (!known)
    return fail("unknown target '" + set + "'");
  target = *known;
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine({cpu.str(), ""});
  if (!machine)
    return fail(llvm::toString(machine.takeError()));
  Builder builder(&context);
  Type f32 = builder.getF32Type(), f64 = builder.getF64Type();
  for (const PrebuiltType &type :
       {PrebuiltType{"TENON_F32", f32, {1, 4}}, PrebuiltType{"TENON_F64", f64, {1, 8}},
        PrebuiltType{"TENON_C64", ComplexType::get(f32), {2, 4}},
        PrebuiltType{"TENON_C128", ComplexType::get(f64), {2, 8}}})
    collect(type);

  std::vector<llvm::NewArchiveMember> members;
  for (size_t i = 0; i < kernels.size(); ++i) {
    FailureOr<llvm::NewArchiveMember> member = compile(i, **machine);
    if (failed(member))
      return fail("kernel " + kernels[i].spec.key() + " does not compile");
    members.push_back(std::move(*member));
  }
  if (llvm::Error error =
          llvm::writeArchive(archivePath, members, llvm::SymtabWritingMode::NormalSymtab,
                             llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false))
    return fail(llvm::toString(std::move(error)));
  std::error_code error;
  llvm::ToolOutputFile table(tablePath, error, llvm::sys::fs::OF_Text);
  if (error)
    return fail(tablePath + ": " + error.message());
  writeTable(table.os());
  table.keep();
  return true;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    llvm::errs() << "usage: tenon-prebuild SET CPU TABLE.cpp ARCHIVE.a\n";
    return 2;
  }
  return Prebuilder(argv[1], argv[2]).run(argv[3], argv[4]) ? 0 : 1;
}
