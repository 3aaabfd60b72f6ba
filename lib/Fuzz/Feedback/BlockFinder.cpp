//===- BlockFinder.cpp - Basic blocks of machine code -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "BlockFinder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Triple.h"

#include <algorithm>

using namespace tenon::fuzz;

namespace {

constexpr uint8_t kBreakpoint = 0xcc;

/// LLVM's disassembler of x86-64, with all that it needs.
class Disassembler {
public:
  static llvm::Expected<std::unique_ptr<Disassembler>> make() {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetDisassembler();
    std::string error;
    llvm::Triple triple("x86_64-unknown-linux-gnu");
    const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
    if (!target)
      return llvm::createStringError(error);
    auto result = std::make_unique<Disassembler>();
    result->registers.reset(target->createMCRegInfo(triple));
    result->assembly.reset(
        target->createMCAsmInfo(*result->registers, triple, llvm::MCTargetOptions()));
    result->subtarget.reset(target->createMCSubtargetInfo(triple, "", ""));
    result->instructions.reset(target->createMCInstrInfo());
    result->context = std::make_unique<llvm::MCContext>(
        triple, result->assembly.get(), result->registers.get(), result->subtarget.get());
    result->decoder.reset(target->createMCDisassembler(*result->subtarget, *result->context));
    result->analysis.reset(target->createMCInstrAnalysis(result->instructions.get()));
    if (!result->decoder || !result->analysis)
      return llvm::createStringError("LLVM has no disassembler for x86-64");
    // Names are slow to ask for: once for each kind of instruction.
    for (unsigned opcode = 0; opcode < result->instructions->getNumOpcodes(); ++opcode) {
      llvm::StringRef name = result->instructions->getName(opcode);
      result->pads.push_back(name.starts_with("NOOP") || name == "XCHG16ar" ||
                             name == "DATA16_PREFIX" || name == "INT3");
    }
    return result;
  }

  /// The number of bytes of the instruction at `address`; 0 where there is none.
  uint64_t decode(llvm::ArrayRef<uint8_t> code, uint64_t address, llvm::MCInst &instruction) const {
    instruction.clear();
    uint64_t size = 0;
    return decoder->getInstruction(instruction, size, code, address, llvm::nulls()) ==
                   llvm::MCDisassembler::Success
               ? size
               : 0;
  }

  bool isPadding(const llvm::MCInst &instruction) const { return pads[instruction.getOpcode()]; }
  const llvm::MCInstrAnalysis &analyze() const { return *analysis; }

private:
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> assembly;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> decoder;
  std::unique_ptr<llvm::MCInstrAnalysis> analysis;
  std::vector<bool> pads; ///< by opcode
};

/// Appends the blocks of one function.
class FunctionBlocks {
public:
  FunctionBlocks(const Disassembler &disassembler) : disassembler(disassembler) {}

  void append(const CodeRange &function, std::vector<uint64_t> &blocks) {
    starts.clear();
    leaders.clear();
    if (!walk(function))
      return;
    llvm::sort(leaders);
    leaders.erase(llvm::unique(leaders), leaders.end());
    if (!std::includes(starts.begin(), starts.end(), leaders.begin(), leaders.end()))
      return;
    for (uint64_t leader : leaders)
      if (function.code[leader - function.address] != kBreakpoint)
        blocks.push_back(leader);
  }

private:
  /// Collects where instructions start, and where blocks do. False where the bytes are not all
  /// instructions.
  bool walk(const CodeRange &function) {
    const llvm::MCInstrAnalysis &analysis = disassembler.analyze();
    uint64_t address = function.address, end = function.address + function.code.size();
    bool beginsBlock = true, isReached = true;
    while (address != end) {
      uint64_t size = disassembler.decode(function.code.drop_front(address - function.address),
                                          address, instruction);
      if (size == 0)
        return false;
      starts.push_back(address);
      // What control cannot fall into, and only fills up to an alignment, begins nothing.
      if (beginsBlock && (isReached || !disassembler.isPadding(instruction))) {
        leaders.push_back(address);
        beginsBlock = false;
        isReached = true;
      }
      uint64_t target;
      if (analysis.isBranch(instruction) &&
          analysis.evaluateBranch(instruction, address, size, target) &&
          target >= function.address && target < end)
        leaders.push_back(target);
      if (analysis.isConditionalBranch(instruction)) {
        beginsBlock = true;
      } else if (analysis.isTerminator(instruction) || analysis.isBarrier(instruction)) {
        beginsBlock = true;
        isReached = false;
      }
      address += size;
    }
    return true;
  }

  const Disassembler &disassembler;
  llvm::MCInst instruction;
  std::vector<uint64_t> starts, leaders;
};

} // namespace

llvm::Expected<std::vector<uint64_t>> tenon::fuzz::findBlocks(llvm::ArrayRef<CodeRange> functions) {
  auto disassembler = Disassembler::make();
  if (!disassembler)
    return disassembler.takeError();
  std::vector<uint64_t> blocks;
  FunctionBlocks finder(**disassembler);
  for (const CodeRange &function : functions)
    finder.append(function, blocks);
  return blocks;
}
