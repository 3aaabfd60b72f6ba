//===- Symbol.cpp - The name of the C function ----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Symbol.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace tenon;
using namespace tenon::compile;
using llvm::StringRef;

static bool isKeyword(StringRef name) {
  // Of C23 and C++23: the header is for both.
  static const llvm::StringSet<> keywords = {"alignas",     "alignof",
                                             "and",         "and_eq",
                                             "asm",         "auto",
                                             "bitand",      "bitor",
                                             "bool",        "break",
                                             "case",        "catch",
                                             "char",        "char16_t",
                                             "char32_t",    "char8_t",
                                             "class",       "co_await",
                                             "co_return",   "co_yield",
                                             "compl",       "concept",
                                             "const",       "const_cast",
                                             "consteval",   "constexpr",
                                             "constinit",   "continue",
                                             "decltype",    "default",
                                             "delete",      "do",
                                             "double",      "dynamic_cast",
                                             "else",        "enum",
                                             "explicit",    "export",
                                             "extern",      "false",
                                             "float",       "for",
                                             "friend",      "goto",
                                             "if",          "inline",
                                             "int",         "long",
                                             "main",        "mutable",
                                             "namespace",   "new",
                                             "noexcept",    "not",
                                             "not_eq",      "nullptr",
                                             "operator",    "or",
                                             "or_eq",       "private",
                                             "protected",   "public",
                                             "register",    "reinterpret_cast",
                                             "requires",    "restrict",
                                             "return",      "short",
                                             "signed",      "sizeof",
                                             "static",      "static_assert",
                                             "static_cast", "struct",
                                             "switch",      "template",
                                             "this",        "thread_local",
                                             "throw",       "true",
                                             "try",         "typedef",
                                             "typeid",      "typename",
                                             "typeof",      "typeof_unqual",
                                             "union",       "unsigned",
                                             "using",       "virtual",
                                             "void",        "volatile",
                                             "wchar_t",     "while",
                                             "xor",         "xor_eq"};
  return keywords.contains(name);
}

/// Types and macros of <stddef.h> and <stdint.h>, which the header includes, and the macros that
/// compilers define in their GNU dialects.
static bool isNameOfHeaders(StringRef name) {
  static const llvm::Regex integers(
      "^(u?int((_fast|_least)?(8|16|32|64)|ptr|max)_t|"
      "(U?INT((_FAST|_LEAST)?(8|16|32|64)|PTR|MAX)|PTRDIFF|SIZE|SIG_ATOMIC|WCHAR|WINT)"
      "_(MIN|MAX|WIDTH|C))$");
  static const llvm::StringSet<> others = {"NULL",      "linux",    "max_align_t",
                                           "nullptr_t", "offsetof", "ptrdiff_t",
                                           "size_t",    "unix",     "unreachable"};
  return others.contains(name) || integers.match(name);
}

/// What the runtime takes from the C library: the network's function would be called in its place.
/// LLVM knows the functions of the C library that code generation may call, and many more.
static bool isNameOfLibrary(StringRef name) {
  static const llvm::TargetLibraryInfoImpl library(llvm::Triple{llvm::sys::getProcessTriple()});
  static const llvm::StringSet<> others = {
      "abort",  "aligned_alloc", "bcmp",      "clock_gettime", "environ", "errno",   "free",
      "getenv", "getpid",        "getrlimit", "madvise",       "mmap",    "munmap",  "stderr",
      "stdin",  "stdout",        "strtol",    "sigfillset",    "syscall", "sysconf", "vsnprintf"};
  llvm::LibFunc function;
  return library.getLibFunc(name, function) || others.contains(name) ||
         name.starts_with("pthread_") || name.starts_with("sched_");
}

/// C and C++ reserve names that begin with '_'; those of "tenon-c/Runtime.h" are Tenon's.
static bool isReserved(StringRef name) {
  return name.starts_with("_") || name.starts_with("tenon_") || name.starts_with("TENON_");
}

static bool isIdentifier(StringRef name) {
  auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  return !name.empty() && !llvm::isDigit(name.front()) && llvm::all_of(name, isWord);
}

llvm::Expected<std::string> compile::chooseSymbol(const CompileRequest &request,
                                                  StringRef function) {
  StringRef symbol = request.symbol;
  if (symbol.empty())
    symbol =
        function == "main" ? llvm::sys::path::filename(request.output).split('.').first : function;
  if (!isIdentifier(symbol))
    return llvm::createStringError("'" + symbol +
                                   "' is no identifier of C: letters, digits and '_', "
                                   "not a digit first; choose one by --symbol=NAME");
  if (isKeyword(symbol) || isReserved(symbol) || isNameOfHeaders(symbol) || isNameOfLibrary(symbol))
    return llvm::createStringError("'" + symbol +
                                   "' is not free to name a function in C and C++; "
                                   "choose another by --symbol=NAME");
  return symbol.str();
}
