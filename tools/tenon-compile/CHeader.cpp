//===- CHeader.cpp - The C header of a compiled network -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "CHeader.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;
using namespace tenon::compile;
using llvm::StringRef;

static StringRef getEnumerator(tenon_dtype dtype) {
  switch (dtype) {
  case TENON_F16:
    return "TENON_F16";
  case TENON_BF16:
    return "TENON_BF16";
  case TENON_F32:
    return "TENON_F32";
  case TENON_F64:
    return "TENON_F64";
  case TENON_C64:
    return "TENON_C64";
  case TENON_C128:
    return "TENON_C128";
  case TENON_BOOL:
    return "TENON_BOOL";
  case TENON_I8:
    return "TENON_I8";
  case TENON_I16:
    return "TENON_I16";
  case TENON_I32:
    return "TENON_I32";
  case TENON_I64:
    return "TENON_I64";
  }
  return "";
}

/// A user's name as it may stand in a comment of C: nothing in it ends the comment or begins
/// another.
static std::string toCommentText(StringRef name) {
  std::string text;
  for (char c : name)
    text += llvm::isPrint(c) && c != '*' && c != '/' && c != '\\' ? c : '?';
  return text;
}

static void listArguments(llvm::raw_ostream &stream, StringRef title,
                          const std::vector<ArgumentInfo> &list) {
  stream << " *  " << title << (list.empty() ? ": none\n" : ", in this order:\n");
  for (auto [number, info] : llvm::enumerate(list)) {
    stream << " *    " << number << "  " << getEnumerator(info.dtype)
           << (info.isUnsigned ? " (unsigned)" : "");
    if (info.extents.empty())
      stream << ", rank 0";
    else
      llvm::interleave(
          info.extents, stream << ", extents ", [&](int64_t extent) { stream << extent; }, " x ");
    if (!info.name.empty())
      stream << ", '" << toCommentText(info.name) << "'";
    stream << '\n';
  }
}

std::string compile::makeHeader(StringRef symbol, const Signature &signature) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  std::string upper = symbol.upper();
  stream << "/* A tensor network that tenon-compile compiled. */\n"
         << "#ifndef TENON_NETWORK_" << upper << "_H\n#define TENON_NETWORK_" << upper << "_H\n\n"
         << "#include \"tenon-c/Runtime.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
         << "#define " << upper << "_NUM_INPUTS " << signature.inputs.size() << "\n#define "
         << upper << "_NUM_OUTPUTS " << signature.outputs.size() << "\n\n"
         << "/** Runs the network.\n *\n";
  listArguments(stream, "Inputs", signature.inputs);
  listArguments(stream, "Outputs", signature.outputs);
  stream << " *\n"
         << " *  Arrays may have any strides; tenon_tensor says which. Inputs and outputs must not "
            "overlap.\n"
         << " *  `workspace`: " << symbol
         << "_workspace_size() bytes, aligned to 64, or NULL for memory of\n"
         << " *  the context. Any status but TENON_OK leaves the outputs unspecified, and its "
            "reason in\n"
         << " *  tenon_context_error(context). May be called from several threads at once, each "
            "with a\n"
         << " *  context of its own. */\n"
         << "TENON_EXPORT tenon_status " << symbol
         << "(tenon_context *context, const tenon_tensor *inputs, int64_t n,\n"
         << "    tenon_tensor *outputs, int64_t m, void *workspace, int64_t size);\n\n"
         << "/** Bytes of workspace of one run. */\nTENON_EXPORT int64_t " << symbol
         << "_workspace_size(void);\n\n"
         << "/** JSON: {\"name\", \"inputs\": [{\"name\", \"dtype\", \"unsigned\", \"extents\"}], "
            "\"outputs\": […]}. */\n"
         << "TENON_EXPORT const char *" << symbol << "_signature(void);\n\n"
         << "#ifdef __cplusplus\n}\n#endif\n#endif /* TENON_NETWORK_" << upper << "_H */\n";
  return text;
}
