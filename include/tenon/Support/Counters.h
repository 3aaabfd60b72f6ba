//===- Counters.h - What a pass did, in numbers -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Debian's MLIR archives are built without statistics (--mlir-pass-statistics prints nothing). A
// pass that searches or rewrites has a class of named counters instead, a member each:
//
//     struct MyCounters : tenon::Counters {
//       MyCounters() : Counters("tn-my-pass") {}
//       Counter merged{*this, "merged", "operands merged into a neighbour"};
//     };
//
// and an option `stats=none|text|json` that prints them to standard error when the pass has run.
// Pass instances that run at the same time each have their own object; nothing is shared or global.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenon {

/// What the option `stats` of a pass takes.
enum class CounterFormat { None, Text, Json };

class Counters;

/// One number, with the name that reports give it (a bare word) and a line of description.
class Counter {
public:
  Counter(Counters &owner, const char *name, const char *description);
  Counter(const Counter &) = delete;
  Counter &operator=(const Counter &) = delete;

  Counter &operator++() { return *this += 1; }
  Counter &operator+=(int64_t n) {
    value += n;
    return *this;
  }
  int64_t get() const { return value; }
  const char *getName() const { return name; }
  const char *getDescription() const { return description; }

private:
  const char *name;
  const char *description;
  int64_t value = 0;
};

/// The counters of one run of a pass, in the order of their declaration.
class Counters {
public:
  explicit Counters(const char *pass) : pass(pass) {}
  Counters(const Counters &) = delete;
  Counters &operator=(const Counters &) = delete;

  const std::vector<Counter *> &get() const { return counters; }

  /// The report, ending in a newline; empty for None. Text has one line a counter, Json is one
  /// object on one line, `{"pass": "tn-my-pass", "counters": {"merged": 3}}`.
  std::string report(CounterFormat format) const {
    std::string text;
    if (format == CounterFormat::Text) {
      text = std::string("--- counters of ") + pass + " ---\n";
      for (const Counter *counter : counters) {
        std::string number = std::to_string(counter->get());
        text += std::string(number.size() < 10 ? 10 - number.size() : 0, ' ') + number + "  " +
                counter->getName() + ": " + counter->getDescription() + "\n";
      }
    } else if (format == CounterFormat::Json) {
      text = std::string("{\"pass\": \"") + pass + "\", \"counters\": {";
      for (size_t i = 0; i < counters.size(); ++i)
        text += std::string(i ? ", " : "") + "\"" + counters[i]->getName() +
                "\": " + std::to_string(counters[i]->get());
      text += "}}\n";
    }
    return text;
  }

private:
  friend class Counter;
  const char *pass;
  std::vector<Counter *> counters;
};

inline Counter::Counter(Counters &owner, const char *name, const char *description)
    : name(name), description(description) {
  owner.counters.push_back(this);
}

} // namespace tenon
