//===- Counters.cpp - What a pass did, in numbers ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Support/Counters.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;

static void printHeading(llvm::raw_ostream &stream, llvm::StringRef pass) {
  stream << "--- counters of " << pass << " ---\n";
}

static void printLine(llvm::raw_ostream &stream, int64_t value, llvm::StringRef name,
                      llvm::StringRef description) {
  stream << llvm::format_decimal(value, 10) << "  " << name << ": " << description << '\n';
}

/// `{"a": 1, "b": 2}`; names are bare words.
template <typename Range, typename NameOf, typename ValueOf>
static void printObject(llvm::raw_ostream &stream, const Range &range, NameOf nameOf,
                        ValueOf valueOf) {
  const char *separator = "{";
  for (const auto &element : range) {
    stream << separator << '"' << nameOf(element) << "\": " << valueOf(element);
    separator = ", ";
  }
  stream << (range.empty() ? "{}" : "}");
}

std::string Counters::report(CounterFormat format) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (format == CounterFormat::Text) {
    printHeading(stream, pass);
    for (const Counter *counter : counters)
      printLine(stream, counter->get(), counter->getName(), counter->getDescription());
  } else if (format == CounterFormat::Json) {
    stream << "{\"pass\": \"" << pass << "\", \"counters\": ";
    printObject(
        stream, counters, [](const Counter *counter) { return counter->getName(); },
        [](const Counter *counter) { return counter->get(); });
    stream << "}\n";
  }
  return text;
}

Statistics &Statistics::get() {
  static Statistics statistics;
  return statistics;
}

void Statistics::add(const Counters &counters) {
  if (!isEnabled())
    return;
  std::lock_guard lock(mutex);
  std::vector<Sum> &sums = passes[counters.getPass()];
  if (sums.empty())
    for (const Counter *counter : counters.get())
      sums.push_back({counter->getName(), counter->getDescription()});
  for (size_t i = 0; i < sums.size(); ++i)
    sums[i].value += counters.get()[i]->get();
}

std::string Statistics::report() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  std::lock_guard lock(mutex);
  if (format == CounterFormat::Text) {
    for (const auto &[pass, sums] : passes) {
      printHeading(stream, pass);
      for (const Sum &sum : sums)
        printLine(stream, sum.value, sum.name, sum.description);
    }
  } else if (format == CounterFormat::Json) {
    const char *separator = "{";
    for (const auto &[pass, sums] : passes) {
      stream << separator << '"' << pass << "\": ";
      printObject(
          stream, sums, [](const Sum &sum) { return sum.name; },
          [](const Sum &sum) { return sum.value; });
      separator = ", ";
    }
    stream << (passes.empty() ? "{}\n" : "}\n");
  }
  return text;
}
