//===- KernelLinker.cpp - Object files become callable ----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "KernelLinker.h"

#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

#include <string>

using namespace tenon;

KernelLinker::KernelLinker() = default;
KernelLinker::~KernelLinker() = default;

llvm::Expected<void *> KernelLinker::link(llvm::SmallVector<char, 0> object) {
  if (!jit) {
    auto created = llvm::orc::LLJITBuilder().create();
    if (!created)
      return created.takeError();
    auto generator = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
        (*created)->getDataLayout().getGlobalPrefix());
    if (!generator)
      return generator.takeError();
    (*created)->getMainJITDylib().addGenerator(std::move(*generator));
    jit = std::move(*created);
  }
  // A library of its own for each, as all define one symbol.
  std::string name = "kernel " + std::to_string(linked++);
  auto library = jit->createJITDylib(name);
  if (!library)
    return library.takeError();
  library->addToLinkOrder(jit->getMainJITDylib());
  if (auto error = jit->addObjectFile(*library, std::make_unique<llvm::SmallVectorMemoryBuffer>(
                                                    std::move(object), name, false)))
    return std::move(error);
  auto address = jit->lookup(*library, kernelSymbol);
  if (!address)
    return address.takeError();
  return address->toPtr<void *>();
}
