//===- TextCase.cpp - A case of the second mode -----------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/TextCase.h"

#include "tenon/Support/MixBits.h"

#include <charconv>

using namespace tenon;
using namespace tenon::fuzz;

static constexpr std::string_view kHead = "// tenon-fuzz: seed=";
static constexpr std::string_view kPasses = " passes=";

std::string tenon::fuzz::writeTextCase(const TextCase &text) {
  std::string bytes = std::string(kHead) + std::to_string(text.dataSeed) + std::string(kPasses);
  for (const PassStep &step : text.passes) {
    bytes += (&step == text.passes.data() ? "" : ";") + step.name;
    if (!step.options.empty())
      bytes += "{" + step.options + "}";
  }
  return bytes + "\n" + text.module;
}

/// `name` or `name{options}`.
static bool readStep(std::string_view word, PassStep &step) {
  const size_t brace = word.find('{');
  const bool hasOptions = brace != std::string_view::npos;
  if (word.empty() || brace == 0 || (hasOptions && word.back() != '}'))
    return false;
  step.name = word.substr(0, brace);
  step.options = hasOptions ? word.substr(brace + 1, word.size() - brace - 2) : "";
  return true;
}

/// Steps are separated by semicolons outside of braces.
static bool readSteps(std::string_view words, std::vector<PassStep> &steps) {
  for (size_t start = 0, at = 0, depth = 0; at <= words.size() && !words.empty(); ++at) {
    if (at < words.size() && words[at] == '{')
      ++depth;
    else if (at < words.size() && words[at] == '}' && depth-- == 0)
      return false;
    if (at < words.size() && (words[at] != ';' || depth > 0))
      continue;
    if (!readStep(words.substr(start, at - start), steps.emplace_back()))
      return false;
    start = at + 1;
  }
  return true;
}

bool tenon::fuzz::readTextCase(std::string_view bytes, TextCase &text, std::string &error) {
  if (bytes.size() > kMaxTextCaseBytes) {
    error = "a case of " + std::to_string(bytes.size()) + " bytes; expected at most " +
            std::to_string(kMaxTextCaseBytes);
    return false;
  }
  text = {};
  if (!bytes.starts_with(kHead)) {
    text.module = bytes;
    return true;
  }
  const size_t end = std::min(bytes.find('\n'), bytes.size());
  std::string_view rest = bytes.substr(kHead.size(), end - kHead.size());
  auto [last, status] = std::from_chars(rest.data(), rest.data() + rest.size(), text.dataSeed);
  rest.remove_prefix(static_cast<size_t>(last - rest.data()));
  if (status != std::errc() || !rest.starts_with(kPasses) ||
      !readSteps(rest.substr(kPasses.size()), text.passes)) {
    error = "the first line '" + std::string(bytes.substr(0, std::min<size_t>(end, 80))) +
            "' is no head of a case; expected '" + std::string(kHead) + "N" + std::string(kPasses) +
            "name{options};name'";
    return false;
  }
  text.module = bytes.substr(std::min(end + 1, bytes.size()));
  return true;
}

uint64_t tenon::fuzz::hashTextCase(const TextCase &text) {
  uint64_t hash = 0;
  for (const char c : writeTextCase(text))
    hash = mixBits(hash ^ static_cast<unsigned char>(c));
  return hash;
}
