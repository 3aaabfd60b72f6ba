//===- Executable.cpp - The functions of the running executable -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Executable.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/BuildID.h"

using namespace tenon::fuzz;
namespace ELF = llvm::ELF;

/// Whether a function is one of a container. Which of its blocks run depends on addresses and
/// capacities, not on what MLIR does.
static bool isOfContainer(llvm::StringRef name) {
  static constexpr llvm::StringLiteral containers[] = {"4llvm12DenseMapBase",
                                                       "4llvm8DenseMap",
                                                       "4llvm13SmallDenseMap",
                                                       "4llvm6detail12DenseSetImpl",
                                                       "4llvm11SmallVector",
                                                       "4llvm15SmallVectorImpl",
                                                       "4llvm23SmallVectorTemplate",
                                                       "4llvm7hashing",
                                                       "St5deque",
                                                       "St6vector",
                                                       "St8_Rb_tree",
                                                       "St10_Hashtable"};
  name.consume_front("_ZN");
  name.consume_front("K");
  return llvm::any_of(containers,
                      [&](llvm::StringRef container) { return name.starts_with(container); });
}

llvm::Expected<std::unique_ptr<Executable>> Executable::open() {
  auto fail = [](const llvm::Twine &why) {
    return llvm::createStringError("the running executable " + why);
  };
  std::unique_ptr<Executable> result(new Executable());
  auto buffer = llvm::MemoryBuffer::getFile("/proc/self/exe", /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail("cannot be read: " + buffer.getError().message());
  result->buffer = std::move(*buffer);
  auto object = llvm::object::ObjectFile::createELFObjectFile(result->buffer->getMemBufferRef());
  if (!object)
    return object.takeError();
  result->object = std::move(*object);
  result->file = llvm::dyn_cast<File>(result->object.get());
  if (!result->file || result->object->getArch() != llvm::Triple::x86_64)
    return fail("has no x86-64 code");
  result->id = llvm::object::getBuildID(result->object.get());

  const auto &elf = result->file->getELFFile();
  auto headers = elf.sections();
  if (!headers)
    return headers.takeError();
  for (const Section &header : *headers) {
    if (header.sh_type == ELF::SHT_SYMTAB)
      result->symbols = &header;
    if (header.sh_type != ELF::SHT_PROGBITS || !(header.sh_flags & ELF::SHF_EXECINSTR))
      continue;
    auto code = elf.getSectionContents(header);
    if (!code)
      return code.takeError();
    result->sections.push_back({header.sh_addr, *code});
  }
  if (!result->symbols)
    return fail("has no symbol table: it was stripped");
  return result;
}

const CodeRange *Executable::sectionOf(uint64_t address) const {
  for (const CodeRange &section : sections)
    if (address >= section.address && address - section.address < section.code.size())
      return &section;
  return nullptr;
}

bool Executable::isCode(uint64_t address) const { return sectionOf(address) != nullptr; }

std::vector<CodeRange> Executable::upstreamFunctions() const {
  const auto &elf = file->getELFFile();
  auto list = elf.symbols(symbols);
  auto names = elf.getStringTableForSymtab(*symbols);
  std::vector<CodeRange> functions;
  if (!list || !names) {
    llvm::consumeError(list.takeError());
    llvm::consumeError(names.takeError());
    return functions;
  }
  // Names tell most functions apart. What has internal linkage may have no namespace in its name;
  // but the linker writes the symbols of a file together, those with internal linkage first, and
  // begins each file that was compiled with Tenon with the file's name, while Debian's archives
  // have no such names.
  bool isOwnFile = false;
  for (const auto &symbol : *list) {
    if (symbol.getType() == ELF::STT_FILE) {
      isOwnFile = true;
      continue;
    }
    bool isInternal =
        symbol.getBinding() == ELF::STB_LOCAL && symbol.getVisibility() == ELF::STV_DEFAULT;
    isOwnFile &= isInternal;
    if (symbol.getType() != ELF::STT_FUNC || symbol.st_size == 0 ||
        symbol.st_name >= names->size() || (isInternal && isOwnFile))
      continue;
    llvm::StringRef name(names->data() + symbol.st_name);
    bool isUpstream = name.starts_with("_Z") &&
                      (name.contains("4mlir") || (isInternal && name.contains("_GLOBAL__N_")));
    if (!isUpstream || name.contains("5tenon") || name.contains("7testing") || isOfContainer(name))
      continue;
    const CodeRange *section = sectionOf(symbol.st_value);
    uint64_t offset = section ? symbol.st_value - section->address : 0;
    if (section && symbol.st_size <= section->code.size() - offset)
      functions.push_back({symbol.st_value, section->code.slice(offset, symbol.st_size)});
  }
  llvm::sort(functions,
             [](const CodeRange &a, const CodeRange &b) { return a.address < b.address; });
  // Several names of one function, and functions that the linker found equal.
  std::vector<CodeRange> apart;
  for (const CodeRange &function : functions)
    if (apart.empty() || function.address >= apart.back().address + apart.back().code.size())
      apart.push_back(function);
  return apart;
}
