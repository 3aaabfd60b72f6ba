//===- RepairPasses.cpp - Pass lists that can run -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RepairNode.h"

#include "tenon/Fuzz/PassCatalog.h"

#include <algorithm>

namespace tenon::fuzz {

/// The longest value of `option` that `text` begins with, as a word.
static std::optional<std::string_view> valueAt(std::string_view text, const PassOption &option) {
  std::optional<std::string_view> longest;
  for (std::string_view value : option.values)
    if (text.starts_with(value) && (text.size() == value.size() || text[value.size()] == ' ') &&
        (!longest || value.size() > longest->size()))
      longest = value;
  return longest;
}

/// The words `name=value` of `text` that the pass knows, with values that the catalog has; each
/// option once, and defaults, which come first there, not at all. Values may have spaces in them,
/// so they are looked for, not split off.
static std::string repairOptions(std::string_view text, const PassDescription &pass) {
  std::string options;
  std::vector<bool> isGiven(pass.options.size(), false);
  while (!text.empty()) {
    size_t end = std::min(text.find(' '), text.size());
    for (size_t number = 0; number < pass.options.size(); ++number) {
      const PassOption &option = pass.options[number];
      size_t name = option.name.size();
      if (!text.starts_with(option.name) || text.substr(name, 1) != "=")
        continue;
      std::optional<std::string_view> value = valueAt(text.substr(name + 1), option);
      if (!value)
        continue;
      end = name + 1 + value->size();
      if (*value != option.values.front() && !isGiven[number]) {
        options += (options.empty() ? "" : " ");
        options += text.substr(0, end);
        isGiven[number] = true;
      }
    }
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  return options;
}

void repairPasses(std::vector<PassStep> &passes, unsigned limit) {
  std::vector<PassStep> kept;
  Level level = Level::Network;
  for (PassStep &step : passes) {
    if (kept.size() == limit)
      break;
    const PassDescription *pass = findPass(step.name);
    if (!pass || !(pass->from & levelBit(level)))
      continue;
    level = pass->to.value_or(level);
    kept.push_back({std::move(step.name), repairOptions(step.options, *pass)});
  }
  passes = std::move(kept);
}

} // namespace tenon::fuzz
