//===- RegistryTest.cpp - The catalog against MLIR's registry -------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/PassCatalog.h"
#include "tenon/Fuzz/RegisterPasses.h"
#include "tenon/InitAll.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <set>

using namespace mlir;
using namespace tenon::fuzz;

namespace {

/// The names of passes and pipelines that `print` writes. The registry can only be printed.
std::set<std::string> printedNames(llvm::function_ref<void()> print) {
  llvm::outs().flush();
  testing::internal::CaptureStdout();
  print();
  llvm::outs().flush();
  std::string text = testing::internal::GetCapturedStdout();
  std::set<std::string> names;
  for (llvm::StringRef line : llvm::split(text, '\n')) {
    // "  --name   -   what it does"; options of a pass stand further to the right.
    size_t indent = line.find_first_not_of(' ');
    if (indent == llvm::StringRef::npos || !line.substr(indent).starts_with("--"))
      continue;
    llvm::StringRef name = line.substr(indent + 2).split(' ').first;
    if (PassInfo::lookup(name) || PassPipelineInfo::lookup(name))
      names.insert(name.str());
  }
  return names;
}

/// Names before and after Tenon registers its own.
struct Registry {
  std::set<std::string> upstream, all;
  Registry() {
    registerUpstreamPasses();
    upstream = printedNames(printRegisteredPasses);
    registerFuzzPasses();
    // Pipelines are known to command lines only. Upstream's groups have none.
    static PassPipelineCLParser parser("fuzz-registry-passes", "");
    all = printedNames([] {
      llvm::cl::getRegisteredOptions()["fuzz-registry-passes"]->printOptionInfo(
          /*GlobalWidth=*/120);
    });
  }
  static const Registry &get() {
    static const Registry registry;
    return registry;
  }
};

/// Other tests of this program register passes as well: the registry is read before all of them.
struct ReadsRegistry : testing::Environment {
  void SetUp() override { Registry::get(); }
};
[[maybe_unused]] testing::Environment *const environment =
    testing::AddGlobalTestEnvironment(new ReadsRegistry);

TEST(RegistryTest, NamesAreRead) {
  EXPECT_TRUE(Registry::get().upstream.count("canonicalize"));
  EXPECT_FALSE(Registry::get().upstream.count("tn-plan"));
  EXPECT_TRUE(Registry::get().all.count("tn-plan"));
  EXPECT_TRUE(Registry::get().all.count("tenon-cpu-pipeline"));
}

TEST(RegistryTest, EveryPassOfTenonIsDescribed) {
  size_t own = 0;
  for (const std::string &name : Registry::get().all) {
    if (Registry::get().upstream.count(name))
      continue;
    ++own;
    const PassDescription *pass = findPass(name);
    ASSERT_TRUE(pass) << name
                      << " has no description in lib/Fuzz/Genome/PassCatalog.cpp (or is of a group "
                         "of upstream that "
                      << "registerUpstreamPasses does not register)";
    EXPECT_TRUE(pass->isTenon) << name;
  }
  EXPECT_GE(own, 15u);
}

TEST(RegistryTest, EveryDescribedPassExists) {
  for (const PassDescription &pass : passCatalog()) {
    EXPECT_TRUE(Registry::get().all.count(std::string(pass.name))) << pass.name;
    EXPECT_EQ(pass.isTenon, !Registry::get().upstream.count(std::string(pass.name))) << pass.name;
  }
}

TEST(RegistryTest, AnchorsAreThoseOfThePasses) {
  Registry::get();
  MLIRContext context;
  for (const PassDescription &pass : passCatalog()) {
    OpPassManager manager(OpPassManager::getAnyOpAnchorName(), OpPassManager::Nesting::Implicit);
    const PassInfo *info = PassInfo::lookup(pass.name);
    if (!info) {
      EXPECT_TRUE(PassPipelineInfo::lookup(pass.name)) << pass.name;
      EXPECT_EQ(pass.anchor, "builtin.module") << pass.name;
      continue;
    }
    // A pass that is for one operation makes a manager of it.
    OpPassManager module("builtin.module", OpPassManager::Nesting::Implicit);
    ASSERT_TRUE(succeeded(info->addToPipeline(module, "", [](const Twine &) { return failure(); })))
        << pass.name;
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.printAsTextualPipeline(stream);
    bool isOfFunction = text.find("func.func(") != std::string::npos;
    if (isOfFunction) {
      EXPECT_EQ(pass.anchor, "func.func") << pass.name;
    } else if (pass.anchor == "func.func") {
      // It has to be one for any operation: one of the module cannot be nested.
      EXPECT_FALSE((*module.begin()).getOpName()) << pass.name;
    }
  }
}

TEST(RegistryTest, OptionsParse) {
  Registry::get();
  for (const PassDescription &pass : passCatalog())
    for (const PassOption &option : pass.options)
      for (std::string_view value : option.values) {
        std::string text = "builtin.module(" +
                           (pass.anchor == "func.func" ? std::string("func.func(") : "") +
                           std::string(pass.name) + "{" + std::string(option.name) + "=" +
                           std::string(value) + "}" + (pass.anchor == "func.func" ? "))" : ")");
        std::string errors;
        llvm::raw_string_ostream stream(errors);
        // No value is a list of none.
        if (value.empty())
          continue;
        EXPECT_TRUE(succeeded(parsePassPipeline(text, stream))) << text << "\n" << errors;
      }
}

/// What a pass prints as `name{option=value …}`, by option.
std::string valueByDefault(const PassDescription &pass, std::string_view option) {
  OpPassManager module("builtin.module", OpPassManager::Nesting::Implicit);
  const PassInfo *info = PassInfo::lookup(pass.name);
  if (!info || failed(info->addToPipeline(module, "", [](const Twine &) { return failure(); })))
    return "";
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.printAsTextualPipeline(stream);
  llvm::StringRef rest(text);
  std::string key = std::string(option) + "=";
  for (size_t at = rest.find(key); at != llvm::StringRef::npos; at = rest.find(key, at + 1))
    if (at > 0 && (rest[at - 1] == ' ' || rest[at - 1] == '{'))
      return rest.substr(at + key.size())
          .take_until([](char c) { return c == ' ' || c == '}'; })
          .str();
  return "";
}

TEST(RegistryTest, FirstValuesAreTheDefaults) {
  Registry::get();
  for (const PassDescription &pass : passCatalog())
    for (const PassOption &option : pass.options) {
      std::string value = valueByDefault(pass, option.name);
      // Some options are not printed while they have no value.
      if (value.empty())
        continue;
      double number = 0, first = 0;
      if (llvm::to_float(value, number) && llvm::to_float(option.values.front(), first))
        EXPECT_EQ(number, first) << pass.name << " " << option.name;
      else
        EXPECT_EQ(value, option.values.front()) << pass.name << " " << option.name;
    }
}

} // namespace
