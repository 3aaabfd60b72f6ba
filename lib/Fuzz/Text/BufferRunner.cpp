//===- BufferRunner.cpp - Executes functions on buffers ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/BufferRunner.h"

#include "BufferLowering.h"
#include "GuardedMemory.h"

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/Fuzz/AnyOperation.h"
#include "tenon/Target/EmitSchedule.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <csetjmp>
#include <cstring>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

char BufferRunError::ID = 0;

using Kind = BufferRunError::Kind;

/// Of a buffer, and of all dimensions of a constant or of a buffer without elements together.
static constexpr int64_t kMaxExtent = int64_t(1) << 20;

static llvm::Error makeError(Kind kind, const Twine &message) {
  return llvm::make_error<BufferRunError>(kind, message.str());
}

//===----------------------------------------------------------------------===//
// What compiled code calls
//===----------------------------------------------------------------------===//

namespace {
/// The run that this thread is in. Compiled code has no destructors, so it is left by a jump.
struct ActiveRun {
  GuardedMemory &memory;
  std::jmp_buf back;
  Kind kind = Kind::Stopped;
  const char *reason = nullptr;
};
} // namespace

static thread_local ActiveRun *activeRun = nullptr;

[[noreturn]] static void leaveRun(Kind kind, const char *reason) {
  activeRun->kind = kind;
  activeRun->reason = reason;
  std::longjmp(activeRun->back, 1);
}

static void *allocateBlock(size_t bytes) {
  void *block = activeRun->memory.allocate(bytes);
  if (!block)
    leaveRun(Kind::Stopped, "the buffers of the program exceed the memory limit of a run");
  return block;
}

static void *allocateAlignedBlock(size_t alignment, size_t bytes) {
  // A block that fills its pages to the end is aligned as its size is.
  return allocateBlock((bytes + alignment - 1) / alignment * alignment);
}

static void releaseBlock(void *pointer) {
  if (pointer && !activeRun->memory.release(pointer))
    leaveRun(Kind::Damage, "the program frees what it did not allocate, or frees it twice");
}

/// The message of an assertion, which cf.assert prints first: a worker's output is not the
/// program's.
static int swallowLine(const char *) { return 0; }

static void stopProgram() {
  leaveRun(Kind::Stopped, "the program calls abort: an assertion of its own fails");
}

namespace {
/// A memref as compiled code has it in memory.
struct Descriptor {
  explicit Descriptor(unsigned rank) : rank(rank), words(3 + 2 * size_t(rank)) {}

  std::byte *aligned() const { return reinterpret_cast<std::byte *>(words[1]); }
  int64_t &offset() { return words[2]; }
  int64_t &extent(unsigned d) { return words[3 + d]; }
  int64_t &stride(unsigned d) { return words[3 + rank + d]; }
  void setBuffer(void *allocated, std::byte *start) {
    words[0] = reinterpret_cast<int64_t>(allocated);
    words[1] = reinterpret_cast<int64_t>(start);
  }

  unsigned rank;
  std::vector<int64_t> words;
};

/// A memref of a rank that is known at run time.
struct UnrankedDescriptor {
  int64_t rank;
  const int64_t *words;
};
} // namespace

/// Calls `visit` with the address of each element, in row-major order.
static void forEachElement(Descriptor &view, size_t elementBytes,
                           llvm::function_ref<void(std::byte *)> visit) {
  for (unsigned d = 0; d < view.rank; ++d)
    if (view.extent(d) <= 0)
      return;
  std::vector<int64_t> position(view.rank, 0);
  while (true) {
    int64_t element = view.offset();
    for (unsigned d = 0; d < view.rank; ++d)
      element += position[d] * view.stride(d);
    visit(view.aligned() + element * static_cast<int64_t>(elementBytes));
    unsigned d = view.rank;
    while (d > 0 && ++position[d - 1] == view.extent(d - 1))
      position[--d] = 0;
    if (d == 0)
      return;
  }
}

static Descriptor readDescriptor(unsigned rank, const void *words) {
  Descriptor view(rank);
  std::memcpy(view.words.data(), words, view.words.size() * sizeof(int64_t));
  return view;
}

/// memrefCopy of MLIR's runner library: between views of any strides.
static void copyView(int64_t elementBytes, const UnrankedDescriptor *source,
                     const UnrankedDescriptor *target) {
  const auto rank = static_cast<unsigned>(source->rank);
  const auto bytes = static_cast<size_t>(elementBytes);
  Descriptor from = readDescriptor(rank, source->words), to = readDescriptor(rank, target->words);
  std::vector<std::byte *> addresses;
  forEachElement(to, bytes, [&](std::byte *address) { addresses.push_back(address); });
  size_t next = 0;
  forEachElement(from, bytes,
                 [&](std::byte *address) { std::memcpy(addresses[next++], address, bytes); });
}

//===----------------------------------------------------------------------===//
// Arguments and results
//===----------------------------------------------------------------------===//

/// Sets extents and strides of an argument of `type`. What the type leaves open is chosen: rows
/// with a gap behind them where `spread`. Rows of an identity layout have none, open as their
/// stride is. Returns the elements that the buffer must have, or nothing where the type's strides
/// are not for a buffer of its own.
static std::optional<int64_t> layOut(MemRefType type, ArrayRef<int64_t> shape, bool spread,
                                     Descriptor &view) {
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return std::nullopt;
  spread &= !type.getLayout().isIdentity();
  view.offset() = ShapedType::isDynamic(offset) ? (spread ? 3 : 0) : offset;
  int64_t dense = 1, span = 1;
  bool isEmpty = false;
  for (unsigned d = view.rank; d-- > 0;) {
    int64_t stride = strides[d];
    if (ShapedType::isDynamic(stride))
      stride = dense;
    if (stride < 0)
      return std::nullopt;
    view.extent(d) = shape[d];
    view.stride(d) = stride;
    isEmpty |= shape[d] == 0;
    span += (shape[d] - 1) * stride;
    dense = stride * std::max<int64_t>(shape[d], 1) + (spread ? 1 : 0);
  }
  return isEmpty ? 0 : view.offset() + span;
}

namespace {
/// One argument in memory.
struct Slot {
  std::optional<Descriptor> view;   ///< of a memref
  std::array<std::byte, 16> scalar; ///< else
  ElementType type;
};

/// One call.
class Call {
public:
  Call(func::FuncOp function, const BufferRunOptions &options)
      : function(function), options(options), memory(options.memoryLimit) {}

  llvm::Error bind(ArrayRef<HostTensor> inputs);
  llvm::Error execute(void (*entry)(void *const *), const BufferObject &object);
  llvm::Expected<SmallVector<HostTensor>> takeResults(const BufferObject &object);

private:
  llvm::Error bindBuffer(MemRefType type, ArrayRef<int64_t> shape, const HostTensor *input,
                         Slot &slot);
  llvm::Error wrongArgument(size_t number, const Twine &what) {
    return makeError(Kind::Unsupported,
                     "argument " + Twine(number) + " of '" + function.getName() + "' " + what);
  }
  llvm::Expected<HostTensor> read(Descriptor &view, ElementType type);

  func::FuncOp function;
  const BufferRunOptions &options;
  GuardedMemory memory;
  std::vector<Slot> slots;
  std::vector<uint64_t> returned;
};
} // namespace

llvm::Error Call::bindBuffer(MemRefType type, ArrayRef<int64_t> shape, const HostTensor *input,
                             Slot &slot) {
  const size_t number = static_cast<size_t>(&slot - slots.data());
  if (static_cast<size_t>(type.getRank()) != shape.size())
    return wrongArgument(number, "has rank " + Twine(type.getRank()) + ", but a tensor of rank " +
                                     Twine(shape.size()) + " was given");
  for (auto [expected, found] : llvm::zip_equal(type.getShape(), shape))
    if (!ShapedType::isDynamic(expected) && expected != found)
      return wrongArgument(number, "has the extent " + Twine(expected) + ", but " + Twine(found) +
                                       " was given");
  slot.view.emplace(static_cast<unsigned>(shape.size()));
  std::optional<int64_t> elements = layOut(type, shape, options.spreadDynamicStrides, *slot.view);
  if (!elements)
    return wrongArgument(number, "has a layout that no buffer is made for here");
  const auto width = static_cast<size_t>(slot.type.byteWidth());
  void *block = memory.allocate(static_cast<size_t>(*elements) * width);
  if (!block)
    return makeError(Kind::Stopped, "the arguments exceed the memory limit of a run");
  slot.view->setBuffer(block, static_cast<std::byte *>(block));
  if (!input)
    return llvm::Error::success();
  const std::byte *next = input->bytes().data();
  forEachElement(*slot.view, width, [&](std::byte *address) {
    std::memcpy(address, next, width);
    next += width;
  });
  return llvm::Error::success();
}

llvm::Error Call::bind(ArrayRef<HostTensor> inputs) {
  const size_t given = inputs.size() + options.destinations.size();
  if (given != function.getNumArguments())
    return makeError(Kind::Unsupported, "function '" + function.getName() + "' takes " +
                                            Twine(function.getNumArguments()) + " arguments, but " +
                                            Twine(given) + " were given");
  slots.resize(given);
  for (auto [number, slot] : llvm::enumerate(slots)) {
    Type type = function.getArgumentTypes()[number];
    const HostTensor *input = number < inputs.size() ? &inputs[number] : nullptr;
    std::optional<tenon_dtype> dtype = toDType(getElementTypeOrSelf(type));
    if (!dtype || isa<VectorType>(type))
      return wrongArgument(number, "has a type that no tensor is passed as");
    slot.type = {*dtype};
    if (input && input->type().dtype != *dtype)
      return wrongArgument(number, "has elements of type " + std::string(slot.type.name()) +
                                       ", but " + std::string(input->type().name()) +
                                       " were given");
    if (auto buffer = dyn_cast<MemRefType>(type)) {
      auto shape = input ? input->shape()
                         : std::span<const int64_t>(options.destinations[number - inputs.size()]);
      if (llvm::Error error = bindBuffer(buffer, ArrayRef(shape.data(), shape.size()), input, slot))
        return error;
    } else if (isa<ShapedType>(type) || !input) {
      return wrongArgument(number, "is no memref of a known rank");
    } else {
      std::memcpy(slot.scalar.data(), input->bytes().data(),
                  static_cast<size_t>(slot.type.byteWidth()));
    }
  }
  return llvm::Error::success();
}

/// Apart, and never inlined: no object of it lives where the jump goes past.
[[gnu::noinline]] static bool callEntry(ActiveRun &run, void (*entry)(void *const *),
                                        void *const *slots) {
  activeRun = &run;
  if (setjmp(run.back) != 0)
    return false;
  entry(slots);
  return true;
}

llvm::Error Call::execute(void (*entry)(void *const *), const BufferObject &object) {
  returned.assign((object.resultBytes + sizeof(uint64_t) - 1) / sizeof(uint64_t), 0);
  std::vector<void *> pointers;
  for (Slot &slot : slots)
    pointers.push_back(slot.view ? static_cast<void *>(slot.view->words.data())
                                 : slot.scalar.data());
  pointers.push_back(returned.data());
  ActiveRun run{memory, {}};
  const bool hasReturned = callEntry(run, entry, pointers.data());
  activeRun = nullptr;
  if (std::string damage = memory.describeDamage(); !damage.empty())
    return makeError(Kind::Damage, damage);
  return hasReturned ? llvm::Error::success() : makeError(run.kind, run.reason);
}

llvm::Expected<HostTensor> Call::read(Descriptor &view, ElementType type) {
  std::vector<int64_t> shape;
  for (unsigned d = 0; d < view.rank; ++d)
    shape.push_back(view.extent(d));
  Result<HostTensor> tensor = HostTensor::zeros(type, shape);
  if (!tensor)
    return makeError(Kind::Unsupported, tensor.message());
  std::byte *next = tensor->bytes().data();
  const auto width = static_cast<size_t>(type.byteWidth());
  forEachElement(view, width, [&](std::byte *address) {
    std::memcpy(next, address, width);
    next += width;
  });
  return std::move(*tensor);
}

llvm::Expected<SmallVector<HostTensor>> Call::takeResults(const BufferObject &object) {
  SmallVector<HostTensor> results;
  for (auto [number, type] : llvm::enumerate(function.getResultTypes())) {
    std::optional<tenon_dtype> dtype = toDType(getElementTypeOrSelf(type));
    auto buffer = dyn_cast<MemRefType>(type);
    if (!dtype || (isa<ShapedType>(type) && !buffer))
      return makeError(Kind::Unsupported, "result " + Twine(number) + " of '" + function.getName() +
                                              "' has a type that no tensor has");
    ElementType element{*dtype};
    element.isUnsigned =
        element.isInteger() &&
        function.getResultAttr(static_cast<unsigned>(number), tn::TNDialect::getUnsignedAttrName());
    const auto *place =
        reinterpret_cast<const std::byte *>(returned.data()) + object.resultOffsets[number];
    if (buffer) {
      Descriptor view = readDescriptor(static_cast<unsigned>(buffer.getRank()), place);
      llvm::Expected<HostTensor> tensor = read(view, element);
      if (!tensor)
        return tensor.takeError();
      results.push_back(std::move(*tensor));
      continue;
    }
    Result<HostTensor> scalar = HostTensor::zeros(element, {});
    if (!scalar)
      return makeError(Kind::Unsupported, scalar.message());
    std::memcpy(scalar->data(), place, static_cast<size_t>(element.byteWidth()));
    results.push_back(std::move(*scalar));
  }
  for (Slot &slot : MutableArrayRef(slots).take_back(options.destinations.size())) {
    llvm::Expected<HostTensor> tensor = read(*slot.view, slot.type);
    if (!tensor)
      return tensor.takeError();
    results.push_back(std::move(*tensor));
  }
  return results;
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

struct BufferRunner::State {
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  llvm::orc::JITDylib *support = nullptr; ///< what compiled code calls
  size_t runs = 0;
};

BufferRunner::BufferRunner() : state(std::make_unique<State>()) {}
BufferRunner::~BufferRunner() = default;

/// malloc and its like of a run; all else is the process's.
static llvm::Error defineSupport(llvm::orc::LLJIT &jit, llvm::orc::JITDylib &library) {
  llvm::orc::SymbolMap symbols;
  auto define = [&](StringRef name, auto *function) {
    symbols[jit.mangleAndIntern(name)] = llvm::orc::ExecutorSymbolDef::fromPtr(
        function, llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable);
  };
  define("malloc", allocateBlock);
  define("aligned_alloc", allocateAlignedBlock);
  define("free", releaseBlock);
  define("puts", swallowLine);
  define("abort", stopProgram);
  define("memrefCopy", copyView);
  if (llvm::Error error = library.define(llvm::orc::absoluteSymbols(std::move(symbols))))
    return error;
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      jit.getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<BufferRunner>> BufferRunner::create() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::None);
  builder->setRelocationModel(llvm::Reloc::PIC_);
  std::unique_ptr<BufferRunner> runner(new BufferRunner());
  auto machine = builder->createTargetMachine();
  if (!machine)
    return machine.takeError();
  runner->state->machine = std::move(*machine);
  auto jit = llvm::orc::LLJITBuilder().setPlatformSetUp(llvm::orc::setUpInactivePlatform).create();
  if (!jit)
    return jit.takeError();
  runner->state->jit = std::move(*jit);
  runner->state->support = &runner->state->jit->getExecutionSession().createBareJITDylib("support");
  if (llvm::Error error = defineSupport(*runner->state->jit, *runner->state->support))
    return std::move(error);
  return runner;
}

/// The product of the extents that are neither 0 nor open; nothing where it is past 2^63.
static std::optional<int64_t> spanOf(ShapedType type) {
  SmallVector<int64_t> extents(type.getShape());
  for (int64_t &extent : extents)
    if (extent == 0 || ShapedType::isDynamic(extent))
      extent = 1;
  return countElements(extents);
}

/// Whether a type has an extent that is too large, or extents that are together. Those of buffers
/// count together where one of them is 0: others keep to the memory limit of the run.
static bool isHuge(Type type, bool isConstant) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !shaped.hasRank())
    return false;
  if (llvm::any_of(shaped.getShape(), [](int64_t extent) { return extent > kMaxExtent; }))
    return true;
  if (!isConstant && !llvm::is_contained(shaped.getShape(), 0))
    return false;
  std::optional<int64_t> span = spanOf(shaped);
  return !span || *span > kMaxExtent;
}

/// A function and those that it calls or names, itself or through others; none where an operation
/// that is not known may hide names.
static std::optional<llvm::SetVector<Operation *>> findReached(func::FuncOp function) {
  llvm::SetVector<Operation *> reached;
  reached.insert(function);
  for (size_t next = 0; next < reached.size(); ++next) {
    std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(reached[next]);
    if (!uses)
      return std::nullopt;
    for (SymbolTable::SymbolUse use : *uses)
      if (auto named =
              SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(use.getUser(), use.getSymbolRef()))
        reached.insert(named);
  }
  return reached;
}

/// Whether constants of a module have huge extents, or buffers of a function of it or of those that
/// it reaches. Loops over a buffer of no elements may still run over its other extents, for years
/// where these are large; and the constants of all functions become LLVM IR, by a list for each
/// extent.
static bool hasHugeExtents(ModuleOp module, func::FuncOp run) {
  auto anyHuge = [](TypeRange types, bool isConstant) {
    return llvm::any_of(types, [&](Type type) { return isHuge(type, isConstant); });
  };
  if (anyOperation(module, [&](Operation *op) {
        if (auto global = dyn_cast<memref::GlobalOp>(op))
          return isHuge(global.getType(), /*isConstant=*/true);
        return op->hasTrait<OpTrait::ConstantLike>() &&
               anyHuge(op->getResultTypes(), /*isConstant=*/true);
      }))
    return true;
  auto hasHugeBuffers = [&](Operation *in) {
    return anyOperation(in, [&](Operation *op) {
      if (auto function = dyn_cast<func::FuncOp>(op))
        return anyHuge(function.getArgumentTypes(), /*isConstant=*/false);
      return anyHuge(op->getResultTypes(), /*isConstant=*/false);
    });
  };
  std::optional<llvm::SetVector<Operation *>> reached = findReached(run);
  return reached ? llvm::any_of(*reached, hasHugeBuffers) : hasHugeBuffers(module);
}

llvm::Expected<SmallVector<HostTensor>> BufferRunner::run(func::FuncOp function,
                                                          ArrayRef<HostTensor> inputs,
                                                          const BufferRunOptions &options) {
  auto module = function->getParentOfType<ModuleOp>();
  // Lowering to blocks splits the module's own, too.
  for (Operation &op : *module.getBody())
    if (op.getNumRegions() != 0 && !isa<SymbolOpInterface>(op))
      return makeError(Kind::Unsupported, op.getName().getStringRef() + " outside of a function");
  if (hasHugeExtents(module, function))
    return makeError(Kind::Unsupported, "a buffer or constant has extents above " +
                                            Twine(kMaxExtent) + ", singly or together");
  Call call(function, options);
  if (llvm::Error error = call.bind(inputs))
    return std::move(error);
  llvm::Expected<BufferObject> object = compileBuffers(function, *state->machine);
  if (!object)
    return makeError(Kind::Unsupported, llvm::toString(object.takeError()));

  llvm::orc::ExecutionSession &session = state->jit->getExecutionSession();
  std::string name = "run " + std::to_string(state->runs++);
  llvm::orc::JITDylib &library = session.createBareJITDylib(name);
  library.addToLinkOrder(*state->support);
  auto link = [&]() -> llvm::Expected<llvm::orc::ExecutorAddr> {
    if (llvm::Error error = state->jit->addObjectFile(
            library,
            std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(object->code), name, false)))
      return std::move(error);
    return state->jit->lookup(library, kEntrySymbol);
  };
  llvm::Expected<SmallVector<HostTensor>> results = SmallVector<HostTensor>();
  if (auto address = link(); !address)
    results = makeError(Kind::Unsupported, llvm::toString(address.takeError()));
  else if (llvm::Error error = call.execute(address->toPtr<void (*)(void *const *)>(), *object))
    results = std::move(error);
  else // Before the code goes, which has the constants.
    results = call.takeResults(*object);
  if (llvm::Error error = session.removeJITDylib(library)) {
    llvm::consumeError(results.takeError());
    return makeError(Kind::Unsupported, llvm::toString(std::move(error)));
  }
  return results;
}
