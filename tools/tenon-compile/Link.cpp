//===- Link.cpp - One file out of several objects -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Link.h"

#include "tenon/Tools/Interruption.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace tenon;
using namespace tenon::compile;
using llvm::StringRef;
using llvm::Twine;

/// What tenon-c/Runtime.h declares for callers of networks.
static constexpr llvm::StringLiteral kContextFunctions[] = {
    "tenon_context_create", "tenon_context_destroy", "tenon_context_threads",
    "tenon_context_error",  "tenon_context_cancel",  "tenon_context_set_progress"};

static llvm::Error writeScratch(const std::string &path, StringRef bytes) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  if (!code) {
    stream << bytes;
    stream.flush();
    code = stream.error();
    stream.clear_error();
  }
  if (code)
    return llvm::createStringError(code, "cannot write '" + path + "': " + code.message());
  return llvm::Error::success();
}

namespace {
/// A linker and the files for one run of it.
class Linker {
public:
  llvm::Error prepare(const NetworkObjects &network);
  void add(const Twine &argument) { arguments.push_back(argument.str()); }
  ScratchDirectory &files() { return scratch; }
  llvm::Expected<std::string> run();

private:
  ScratchDirectory scratch;
  std::string program;
  std::vector<std::string> arguments;
};
} // namespace

llvm::Error Linker::prepare(const NetworkObjects &network) {
  for (const char *name : {"ld.lld-22", "ld.lld"})
    if (llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName(name)) {
      program = *found;
      break;
    }
  if (program.empty())
    return llvm::createStringError(
        "no linker: expected ld.lld-22 or ld.lld in PATH; Debian's package "
        "lld-22 has the first");
  if (std::error_code code = scratch.create("tenon-compile"))
    return llvm::createStringError(code, "cannot make a temporary directory: " + code.message());
  arguments.push_back(program);
  for (auto [number, object] : llvm::enumerate(network.objects)) {
    std::string path = scratch.add(std::to_string(number) + ".o");
    if (llvm::Error error = writeScratch(path, StringRef(object.data(), object.size())))
      return error;
    arguments.push_back(path);
  }
  return llvm::Error::success();
}

llvm::Expected<std::string> Linker::run() {
  std::string output = scratch.add("linked"), messages = scratch.add("messages"), failure;
  arguments.insert(arguments.end(), {"-o", output});
  std::vector<StringRef> views(arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(messages), StringRef(messages)};
  int status = llvm::sys::ExecuteAndWait(program, views, std::nullopt, redirects, 0, 0, &failure);
  if (status != 0) {
    if (auto text = llvm::MemoryBuffer::getFile(messages))
      failure += (*text)->getBuffer().trim();
    return llvm::createStringError("'" + program + "' failed: " + failure);
  }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> linked = llvm::MemoryBuffer::getFile(output);
  if (!linked)
    return llvm::createStringError(linked.getError(), "cannot read what '" + program + "' wrote: " +
                                                          linked.getError().message());
  return (*linked)->getBuffer().str();
}

llvm::Expected<std::string> compile::linkObject(const NetworkObjects &network) {
  Linker linker;
  if (llvm::Error error = linker.prepare(network))
    return error;
  linker.add("-r");
  return linker.run();
}

static llvm::Expected<std::string> findRuntime(const CompileRequest &request, StringRef program) {
  llvm::SmallString<256> path(request.runtime);
  if (path.empty()) {
    path = llvm::sys::path::parent_path(llvm::sys::path::parent_path(program));
    llvm::sys::path::append(path, "lib", "libTenonRuntime.a");
  }
  if (!llvm::sys::fs::exists(path))
    return llvm::createStringError("the runtime is not at '" + path +
                                   "'; say by --runtime=FILE where libTenonRuntime.a is");
  return path.str().str();
}

llvm::Expected<std::string> compile::linkShared(const NetworkObjects &network,
                                                const CompileRequest &request, StringRef program,
                                                StringRef soname) {
  llvm::Expected<std::string> runtime = findRuntime(request, program);
  if (!runtime)
    return runtime.takeError();
  Linker linker;
  if (llvm::Error error = linker.prepare(network))
    return error;
  std::string script = "{ global: " + network.symbol + "; " + network.symbol + "_workspace_size; " +
                       network.symbol + "_signature;";
  for (StringRef name : kContextFunctions) {
    script += " " + name.str() + ";";
    linker.add("--undefined=" + name);
  }
  script += " local: *; };\n";
  std::string scriptPath = linker.files().add("exports");
  if (llvm::Error error = writeScratch(scriptPath, script))
    return error;
  for (StringRef flag : {"-shared", "-Bsymbolic", "--gc-sections", "--eh-frame-hdr", "-z", "defs",
                         "-z", "relro", "-z", "now", "-z", "noexecstack"})
    linker.add(flag);
  linker.add("-soname=" + soname);
  linker.add("--version-script=" + scriptPath);
  linker.add(*runtime);
  // Where Linux distributions have the C library: no compiler need be there to ask.
  std::string multiarch =
      (llvm::Triple(llvm::sys::getProcessTriple()).getArchName() + "-linux-gnu").str();
  for (const std::string &folder :
       {"/lib/" + multiarch, "/usr/lib/" + multiarch, std::string("/lib64"),
        std::string("/usr/lib64"), std::string("/lib"), std::string("/usr/lib")})
    linker.add("-L" + folder);
  for (StringRef argument : {"--as-needed", "-lc", "-lm", "-l:libgcc_s.so.1"})
    linker.add(argument);
  return linker.run();
}
