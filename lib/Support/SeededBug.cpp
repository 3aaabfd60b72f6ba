//===- SeededBug.cpp - Faults on request ------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Of the preset `fuzz` alone. The C library is enough: the runtime has this file inside.
//
//===----------------------------------------------------------------------===//
#include "tenon/Support/SeededBug.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace tenon;

namespace {
struct NamedBug {
  SeededBug bug;
  const char *name;
};
} // namespace

static constexpr NamedBug kBugs[] = {
#define TENON_BUG(id, name, file, sentence) {SeededBug::id, name},
#include "tenon/Support/SeededBug.def"
};

static SeededBug readSwitch() {
  const char *wanted = std::getenv("TENON_SEEDED_BUG");
  if (!wanted || !*wanted)
    return SeededBug::None;
  for (const NamedBug &known : kBugs)
    if (std::strcmp(known.name, wanted) == 0)
      return known.bug;
  std::fprintf(stderr, "TENON_SEEDED_BUG: there is no seeded bug '%s'; expected one of", wanted);
  for (const NamedBug &known : kBugs)
    std::fprintf(stderr, "%s %s", &known == kBugs ? "" : ",", known.name);
  std::fputc('\n', stderr);
  std::_Exit(2);
}

const SeededBug tenon::activeSeededBug = readSwitch();
