//===- EntryObject.cpp - The C functions of a network ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "NetworkObjects.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace tenon;
using namespace tenon::compile;
using namespace llvm;

static constexpr unsigned kTableAlignment = 64;

namespace {
/// Writes what a person would write by hand, as unittests/Runtime/CallFromC.c does, over
/// tenon-runtime/Entry.h.
class EntryModule {
public:
  EntryModule(const NetworkObjects &network, TargetMachine &machine)
      : network(network), module(network.symbol, context), builder(context),
        pointer(PointerType::getUnqual(context)), word(builder.getInt64Ty()),
        status(builder.getInt32Ty()) {
    module.setDataLayout(machine.createDataLayout());
    module.setTargetTriple(machine.getTargetTriple());
    module.setPICLevel(PICLevel::BigPIC);
  }

  void addData(ArrayRef<char> tableBytes, ArrayRef<std::string> kernelNames);
  void addRun();
  void addQueries();
  void addRelease();
  Expected<ObjectBytes> emit(TargetMachine &machine);

private:
  GlobalVariable *addGlobal(Constant *value, bool isConstant, const Twine &name) {
    return new GlobalVariable(module, value->getType(), isConstant, GlobalValue::InternalLinkage,
                              value, name);
  }
  Function *declareRuntime(StringRef name, Type *result, ArrayRef<Type *> parameters) {
    auto *type = FunctionType::get(result, parameters, false);
    auto *function = Function::Create(type, GlobalValue::ExternalLinkage, name, module);
    function->setVisibility(GlobalValue::HiddenVisibility);
    return function;
  }
  Function *define(const Twine &name, Type *result, ArrayRef<Type *> parameters,
                   GlobalValue::LinkageTypes linkage) {
    auto *function =
        Function::Create(FunctionType::get(result, parameters, false), linkage, name, module);
    builder.SetInsertPoint(BasicBlock::Create(context, "", function));
    return function;
  }

  const NetworkObjects &network;
  LLVMContext context;
  Module module;
  IRBuilder<> builder;
  PointerType *pointer;
  Type *word, *status;
  GlobalVariable *table = nullptr, *kernels = nullptr, *slot = nullptr;
  uint64_t tableBytes = 0;
};
} // namespace

void EntryModule::addData(ArrayRef<char> bytes, ArrayRef<std::string> kernelNames) {
  tableBytes = bytes.size();
  table =
      addGlobal(ConstantDataArray::getString(context, StringRef(bytes.data(), bytes.size()), false),
                true, "table");
  table->setAlignment(Align(kTableAlignment));
  SmallVector<Constant *> functions;
  for (const std::string &name : kernelNames)
    functions.push_back(declareRuntime(name, builder.getVoidTy(), {pointer}));
  kernels = addGlobal(ConstantArray::get(ArrayType::get(pointer, functions.size()), functions),
                      true, "kernels");
  slot = addGlobal(ConstantPointerNull::get(pointer), false, "slot");
}

void EntryModule::addRun() {
  Function *run = declareRuntime(
      "tenon_rt_run", status,
      {pointer, pointer, word, pointer, pointer, pointer, word, pointer, word, pointer, word});
  Function *function =
      define(network.symbol, status, {pointer, pointer, word, pointer, word, pointer, word},
             GlobalValue::ExternalLinkage);
  SmallVector<Value *> arguments = {slot, table, builder.getInt64(tableBytes), kernels};
  for (Argument &argument : function->args())
    arguments.push_back(&argument);
  builder.CreateRet(builder.CreateCall(run, arguments));
}

void EntryModule::addQueries() {
  define(network.symbol + "_workspace_size", word, {}, GlobalValue::ExternalLinkage);
  builder.CreateRet(builder.getInt64(network.workspaceBytes));
  define(network.symbol + "_signature", pointer, {}, GlobalValue::ExternalLinkage);
  builder.CreateRet(addGlobal(ConstantDataArray::getString(context, network.signature.toJSON()),
                              true, "signature"));
}

/// Frees the loaded network when the library is unloaded.
void EntryModule::addRelease() {
  Function *release = declareRuntime("tenon_rt_release", builder.getVoidTy(), {pointer});
  Function *function = define("release", builder.getVoidTy(), {}, GlobalValue::InternalLinkage);
  builder.CreateCall(release, {slot});
  builder.CreateRetVoid();
  appendToGlobalDtors(module, function, /*Priority=*/65535);
}

Expected<ObjectBytes> EntryModule::emit(TargetMachine &machine) {
  ObjectBytes object;
  raw_svector_ostream stream(object);
  legacy::PassManager codegen;
  if (machine.addPassesToEmitFile(codegen, stream, nullptr, CodeGenFileType::ObjectFile))
    return createStringError("the target cannot emit object files");
  codegen.run(module);
  return object;
}

Expected<ObjectBytes> compile::makeEntryObject(const NetworkObjects &network, ArrayRef<char> table,
                                               ArrayRef<std::string> kernels,
                                               TargetMachine &machine) {
  EntryModule module(network, machine);
  module.addData(table, kernels);
  module.addRun();
  module.addQueries();
  module.addRelease();
  return module.emit(machine);
}
