//===- Counters.h - What a pass did, in numbers -------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Debian's MLIR archives are built without statistics (--mlir-pass-statistics prints nothing). A
// pass that decides something has a class of named counters instead, a member each:
//
//     struct MyCounters : tenon::Counters {
//       MyCounters() : Counters("tn-my-pass") {}
//       Counter merged{*this, "merged", "operands merged into a neighbour"};
//     };
//
// Pass instances that run at the same time each have their own object, and add it to the sums of
// the process when they are done: `Statistics::get().add(counters)`. The switch --tn-stats of the
// tools prints the sums.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace tenon {

/// What the option `stats` of a pass takes, and the switch --tn-stats of the tools.
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

  const char *getPass() const { return pass; }
  const std::vector<Counter *> &get() const { return counters; }

  /// The report, ending in a newline; empty for None. Text has one line a counter, Json is one
  /// object on one line, `{"pass": "tn-my-pass", "counters": {"merged": 3}}`.
  std::string report(CounterFormat format) const;

private:
  friend class Counter;
  const char *pass;
  std::vector<Counter *> counters;
};

inline Counter::Counter(Counters &owner, const char *name, const char *description)
    : name(name), description(description) {
  owner.counters.push_back(this);
}

/// Sums of the counters of all runs of all passes in this process. Adds nothing until it is told a
/// format. Any number of threads may add at once; sums do not depend on their order.
class Statistics {
public:
  static Statistics &get();

  void enable(CounterFormat how) { format = how; }
  bool isEnabled() const { return format != CounterFormat::None; }
  void add(const Counters &counters);

  /// Passes in alphabetical order, in the format that was chosen; empty for None. Json is one
  /// object on one line, `{"tn-my-pass": {"merged": 3}}`.
  std::string report() const;

private:
  struct Sum {
    std::string name, description;
    int64_t value = 0;
  };
  std::atomic<CounterFormat> format = CounterFormat::None;
  mutable std::mutex mutex;
  std::map<std::string, std::vector<Sum>> passes;
};

} // namespace tenon
