//===- ByteSize.cpp - Amounts of memory on a command line -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/ByteSize.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace tenon;

llvm::Expected<int64_t> tenon::parseByteSize(llvm::StringRef text) {
  llvm::StringRef digits =
      text.take_while([](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  std::string unitText = text.drop_front(digits.size()).trim().lower();
  double unit = llvm::StringSwitch<double>(unitText)
                    .Cases({"", "b"}, 1)
                    .Case("kb", 1e3)
                    .Case("mb", 1e6)
                    .Case("gb", 1e9)
                    .Case("tb", 1e12)
                    .Case("kib", 0x1p10)
                    .Case("mib", 0x1p20)
                    .Case("gib", 0x1p30)
                    .Case("tib", 0x1p40)
                    .Default(0);
  // Whole bytes are taken as they are: not every large integer is a double.
  int64_t whole;
  if (unit == 1 && !digits.getAsInteger(10, whole))
    return whole;
  double number;
  if (unit == 0 || digits.getAsDouble(number) || number * unit >= 0x1p63)
    return llvm::createStringError("'" + text +
                                   "' is no amount of memory; expected a number and a unit, as in "
                                   "4096, 512MiB or 2GB, below 2^63 bytes");
  return static_cast<int64_t>(number * unit);
}

std::string tenon::formatByteSize(int64_t bytes) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  static constexpr const char *kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  double amount = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < std::size(kUnits); ++unit)
    amount /= 1024;
  if (bytes < 4096)
    stream << bytes << " bytes";
  else
    stream << llvm::format("%.2f ", amount) << kUnits[unit];
  return text;
}
