//===- BenchKernels.cpp - GFLOP/s and compile time of kernels -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// bench-kernels [--type=f32|f64|c64|c128|bf16] [--limit=GFLOP] [--min-time=S]
//   [--strategy=packed|direct|batched|interleaved|streamed|gathered] [--lanes=N] [--tile=MRxNR]
//   [--blocks=MC,NC,KC] [--shift=BYTES] [--assembly] [--compiles=N] [--time-passes] [FILE.json |
// ik,kj->ij:i=8,j=8,k=8 ...] One thread. A case larger than the limit has its largest extents
// halved until it fits. Prints, per case, the equation, GFLOP/s (8 operations per complex
// multiply-add), GB/s (A, B and C once each), and compile time: of N compilations, the least of
// each part. With --assembly, the kernel's code instead; with --time-passes, LLVM's account of its
// passes in the end. Operands begin so many bytes behind a page: 0, or 16 as NumPy's large arrays
// do.
//
//===----------------------------------------------------------------------===//
#include "../../unittests/Codegen/KernelJit.h"
#include "EinsumCase.h"

#include "tenon/KernelModel/TuningTable.h"

#include "llvm/IR/PassTimingInfo.h"
#include "llvm/Pass.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/mman.h>

using namespace tenon::cpu;

namespace {

struct Options {
  std::string type = "f32";
  bool printsAssembly = false; ///< instead of running the kernel
  int64_t compiles = 1;
  bool timesPasses = false;
  double limit = 30, minTime = 0.5;
  int64_t shift = 0; ///< bytes from a page to an operand
  std::optional<KernelStrategy> strategy;                    ///< none: as chosen
  int64_t lanes = 0, mr = 0, nr = 0, kc = 0, mc = 0, nc = 0; ///< 0: as chosen
  std::vector<EinsumCase> cases;
};

[[noreturn]] void usage(const std::string &problem) {
  std::fprintf(stderr, "bench-kernels: %s\n", problem.c_str());
  std::exit(1);
}

void readCases(const std::string &path, std::vector<EinsumCase> &cases) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    usage("cannot read " + path);
  auto json = llvm::json::parse((*file)->getBuffer());
  if (!json)
    usage(path + ": " + llvm::toString(json.takeError()));
  const llvm::json::Object *root = json->getAsObject();
  const llvm::json::Array *list = root ? root->getArray("cases") : nullptr;
  if (!list)
    usage(path + " has no list \"cases\"");
  for (const llvm::json::Value &value : *list) {
    const llvm::json::Object *entry = value.getAsObject();
    auto equation = entry ? entry->getString("einsum") : std::nullopt;
    const llvm::json::Object *sizes = entry ? entry->getObject("sizes") : nullptr;
    if (!equation || !sizes)
      usage(path + ": a case needs \"einsum\" and \"sizes\"");
    EinsumCase one{equation->str(), {}};
    for (const auto &[index, extent] : *sizes)
      one.extents[index.str()[0]] = extent.getAsInteger().value_or(1);
    cases.push_back(one);
  }
}

EinsumCase parseCase(const std::string &text) {
  size_t colon = text.find(':');
  EinsumCase one{text.substr(0, colon), {}};
  for (size_t at = colon; at != std::string::npos && at + 3 < text.size();
       at = text.find(',', at + 1))
    one.extents[text[at + 1]] = std::atoll(text.c_str() + at + 3);
  return one;
}

Options parseOptions(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument.rfind("--type=", 0) == 0)
      options.type = argument.substr(7);
    else if (argument == "--assembly")
      options.printsAssembly = true;
    else if (argument.rfind("--compiles=", 0) == 0)
      options.compiles = std::max(std::atoll(argument.c_str() + 11), 1LL);
    else if (argument == "--time-passes")
      options.timesPasses = true;
    else if (argument.rfind("--limit=", 0) == 0)
      options.limit = std::atof(argument.c_str() + 8);
    else if (argument.rfind("--min-time=", 0) == 0)
      options.minTime = std::atof(argument.c_str() + 11);
    else if (argument.rfind("--shift=", 0) == 0)
      options.shift = std::atoll(argument.c_str() + 8);
    else if (argument.rfind("--strategy=", 0) == 0) {
      options.strategy = strategyFromName(argument.substr(11));
      if (!options.strategy)
        usage("unknown strategy " + argument.substr(11));
    } else if (argument.rfind("--lanes=", 0) == 0)
      options.lanes = std::atoll(argument.c_str() + 8);
    else if (argument.rfind("--tile=", 0) == 0)
      std::sscanf(argument.c_str(), "--tile=%ldx%ld", &options.mr, &options.nr);
    else if (argument.rfind("--blocks=", 0) == 0)
      std::sscanf(argument.c_str(), "--blocks=%ld,%ld,%ld", &options.mc, &options.nc, &options.kc);
    else if (argument.find("->") != std::string::npos)
      options.cases.push_back(parseCase(argument));
    else
      readCases(argument, options.cases);
  }
  if (options.cases.empty())
    options.cases.push_back(parseCase("ik,kj->ij:i=1536,j=1536,k=1536"));
  return options;
}

mlir::Type parseType(const std::string &name, mlir::MLIRContext &context) {
  mlir::Builder b(&context);
  if (name == "f32")
    return b.getF32Type();
  if (name == "f64")
    return b.getF64Type();
  if (name == "c64")
    return mlir::ComplexType::get(b.getF32Type());
  if (name == "c128")
    return mlir::ComplexType::get(b.getF64Type());
  if (name == "bf16")
    return b.getBF16Type();
  usage("unknown type " + name);
}

/// Memory on huge pages where the system has them, as NumPy and Tenon's arena ask for.
class Buffer {
public:
  explicit Buffer(int64_t bytes, int64_t shift = 0) : shift(shift) {
    constexpr size_t kHugePage = size_t(2) << 20;
    size_t rounded = (static_cast<size_t>(bytes + shift) + kHugePage) / kHugePage * kHugePage;
    start = static_cast<char *>(std::aligned_alloc(kHugePage, rounded));
    if (!start)
      usage("out of memory; use --limit");
    madvise(start, rounded, MADV_HUGEPAGE);
    std::memset(start, 0, rounded);
  }
  ~Buffer() { std::free(start); }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  char *data() const { return start + shift; }

  /// Numbers between 0 and 1.
  void fill(int64_t bytes, const std::string &type) {
    uint32_t state = 1;
    auto next = [&] { return double((state = state * 1664525u + 1013904223u) >> 8) / (1 << 24); };
    if (type == "f64" || type == "c128") {
      for (int64_t i = 0; i + 8 <= bytes; i += 8) {
        double value = next();
        std::memcpy(data() + i, &value, 8);
      }
    } else if (type == "bf16") {
      for (int64_t i = 0; i + 2 <= bytes; i += 2) {
        float value = float(next());
        std::memcpy(data() + i, reinterpret_cast<char *>(&value) + 2, 2);
      }
    } else {
      for (int64_t i = 0; i + 4 <= bytes; i += 4) {
        float value = float(next());
        std::memcpy(data() + i, &value, 4);
      }
    }
  }

private:
  char *start;
  int64_t shift;
};

double flopsPerMultiplyAdd(mlir::Type type) { return mlir::isa<mlir::ComplexType>(type) ? 8 : 2; }

int64_t bytesOf(mlir::Type type) {
  if (auto complex = mlir::dyn_cast<mlir::ComplexType>(type))
    return complex.getElementType().getIntOrFloatBitWidth() / 4;
  return type.getIntOrFloatBitWidth() / 8;
}

/// Processor time of this thread: another process on the core does not count.
double threadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

double run(EinsumCase one, const Options &options, mlir::MLIRContext &context) {
  mlir::Type type = parseType(options.type, context);
  double flops = flopsPerMultiplyAdd(type);
  while (one.multiplyAdds() * flops > options.limit * 1e9) {
    auto largest = std::max_element(one.extents.begin(), one.extents.end(),
                                    [](auto &x, auto &y) { return x.second < y.second; });
    largest->second = std::max<int64_t>(largest->second / 2, 1);
  }
  NormalizedShape normalized = normalizeShape(one.shape());
  ContractionTypes types{type, type, type, type};
  auto [spec, blocks] = chooseContraction(types, normalized.shape, hostTarget());
  auto force = [](int64_t &value, int64_t wanted) { value = wanted ? wanted : value; };
  force(spec.lanes, options.lanes);
  force(spec.mr, options.mr);
  force(spec.nr, options.nr);
  if (options.strategy) {
    spec.strategy = *options.strategy;
    blocks = blockingWithTile(spec, sumFormat(types), normalized.shape.sizes(), hostTarget());
    if (std::string problem = explainBlocking({spec, blocks}, hostTarget()); !problem.empty())
      usage(problem);
  }
  force(blocks.kc, options.kc);
  force(blocks.mc, options.mc);
  force(blocks.nc, options.nc);
  if (options.printsAssembly) {
    std::fputs(CompiledKernel::assembly(spec).c_str(), stdout);
    return 1;
  }
  auto kernel = CompiledKernel::compile(spec);
  CompileTimes times = kernel->times;
  for (int64_t i = 1; i < options.compiles; ++i)
    times.keepLeast(CompiledKernel::compile(spec)->times);

  auto bytes = [&](int operand) { return one.elements(operand) * bytesOf(type); };
  Buffer first(bytes(0), options.shift), second(bytes(1), options.shift), c(bytes(2));
  first.fill(bytes(0), options.type);
  second.fill(bytes(1), options.type);
  const Buffer &a = normalized.swapped ? second : first, &b = normalized.swapped ? first : second;
  int64_t workspaceBytes = packingWorkspaceBytes(spec, blocks, normalized.shape.sizes());
  Buffer workspace(workspaceBytes);
  auto words = normalized.shape.words(false, blocks);
  // Short calls are timed together: the clock takes as long as some of them.
  int64_t repeats = 1;
  auto call = [&] {
    double start = threadSeconds();
    for (int64_t i = 0; i < repeats; ++i)
      (*kernel)(a.data(), b.data(), c.data(), words, workspace.data(), workspaceBytes);
    return (threadSeconds() - start) / double(repeats);
  };
  call();
  double best = call();
  constexpr double kLongEnough = 5e-5;
  repeats = std::max<int64_t>(1, int64_t(kLongEnough / std::max(best, 1e-9)));
  for (double spent = 0; spent < options.minTime;) {
    double time = call();
    best = std::min(best, time);
    spent += time * double(repeats);
  }
  double speed = one.multiplyAdds() * flops / best * 1e-9;
  double traffic = double(bytes(0) + bytes(1) + bytes(2)) / best * 1e-9;
  std::printf("%-24s %9.6f GFLOP %12.3f us %8.2f GFLOP/s %7.2f GB/s  compile %5.1f ms (build %.1f "
              "lower %.1f "
              "translate %.1f opt %.1f codegen %.1f link %.1f)  %s%s\n",
              one.equation.c_str(), one.multiplyAdds() * flops * 1e-9, best * 1e6, speed, traffic,
              times.total() * 1e3, times.build * 1e3, times.lower * 1e3, times.translate * 1e3,
              times.optimize * 1e3, times.codegen * 1e3, times.link * 1e3, spec.key().c_str(),
              normalized.swapped ? " swapped" : "");
  std::fflush(stdout);
  return speed;
}

} // namespace

int main(int argc, char **argv) {
  Options options = parseOptions(argc, argv);
  llvm::TimePassesIsEnabled = options.timesPasses;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  double logs = 0;
  for (const EinsumCase &one : options.cases)
    logs += std::log(run(one, options, context));
  std::printf("geometric mean %.2f GFLOP/s over %zu cases\n",
              std::exp(logs / double(options.cases.size())), options.cases.size());
  if (options.timesPasses)
    llvm::reportAndResetTimings(&llvm::outs());
  return 0;
}
