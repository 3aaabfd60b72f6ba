//===- QuickStart.cpp - Contractions that start without a compiler ----------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "QuickStart.h"

#include "Handles.h"

#include <chrono>
#include <cstdlib>
#include <unordered_map>

using namespace mlir;
using namespace tenon;

/// Users, and tests of the longer way, can switch it off.
static bool isSwitchedOff() {
  const char *value = std::getenv("TENON_QUICK_START");
  return value && StringRef(value) == "0";
}

/// Whether the options ask for nothing but threads.
static bool suits(const tenon_compile_options &options) {
  // What the planner is told means nothing where there is nothing to plan; all but the default may
  // be wrong, which tn-plan says.
  StringRef plan = options.plan ? options.plan : "";
  StringRef function = options.function ? options.function : "main";
  return options.threads >= 0 && options.memory_limit == 0 && !options.tuning &&
         function == "main" && (plan.empty() || plan == "method=auto");
}

/// Whether every operand is an argument of the result's type, over (+, x), and nothing is sliced.
static bool suits(const tenon_contraction &contraction) {
  tenon_dtype dtype = contraction.result_dtype;
  if (contraction.num_operands < 1 || contraction.num_result_indices < 0 ||
      contraction.path_steps < 0 || contraction.num_sliced != 0 ||
      contraction.semiring != TENON_PLUS_TIMES || contraction.result_is_unsigned ||
      (contraction.accumulate != 0 && contraction.accumulate != dtype) ||
      !quick::prebuiltSumFormat(dtype))
    return false;
  // Of two operands there is one tree; of more, one has to be given.
  if (contraction.path ? contraction.path_steps != contraction.num_operands - 1
                       : contraction.num_operands > 2)
    return false;
  for (int64_t i = 0; i < contraction.num_operands; ++i) {
    const tenon_operand &operand = contraction.operands[i];
    if (operand.dtype != dtype || operand.is_unsigned || operand.rank < 0 || operand.constant ||
        (contraction.facts && contraction.facts[i]))
      return false;
  }
  return true;
}

/// The steps of a path; those of the only tree of one or two operands where none is given.
static std::vector<planner::Step> readSteps(const tenon_contraction &contraction) {
  std::vector<planner::Step> steps;
  if (!contraction.path) {
    if (contraction.num_operands == 2)
      steps.push_back({0, 1});
    return steps;
  }
  // A negative number, or one that is too large, is a node that no tree has.
  auto node = [&](int64_t number) {
    return static_cast<planner::NodeId>(number < 0 || number > UINT32_MAX ? UINT32_MAX : number);
  };
  for (int64_t i = 0; i < contraction.path_steps; ++i)
    steps.push_back({node(contraction.path[2 * i]), node(contraction.path[2 * i + 1])});
  return steps;
}

/// The network of a contraction that suits; nullopt where something is wrong with it.
static std::optional<planner::Network> readNetwork(const tenon_contraction &contraction) {
  planner::Network network(tenon_dtype_size(contraction.result_dtype));
  std::unordered_map<int64_t, planner::IndexId> number;
  std::vector<planner::IndexId> list;
  for (int64_t i = 0; i < contraction.num_operands; ++i) {
    const tenon_operand &operand = contraction.operands[i];
    list.clear();
    for (int32_t dim = 0; dim < operand.rank; ++dim) {
      int64_t extent = operand.extents[dim], index = operand.indices[dim];
      if (extent < 0 || index < 0)
        return std::nullopt;
      auto [it, isNew] = number.try_emplace(index, network.numIndices());
      if (isNew)
        network.addIndex(extent);
      else if (network.extent(it->second) != extent)
        return std::nullopt;
      list.push_back(it->second);
    }
    network.addTensor(list);
  }
  list.clear();
  for (int64_t i = 0; i < contraction.num_result_indices; ++i) {
    auto it = number.find(contraction.result_indices[i]);
    if (it == number.end())
      return std::nullopt;
    list.push_back(it->second);
  }
  network.setOutput(std::move(list));
  if (network.validate())
    return std::nullopt;
  return network;
}

std::unique_ptr<capi::QuickStart> capi::QuickStart::make(const tenon_contraction &contraction,
                                                         const tenon_compile_options &options) {
  if (isSwitchedOff() || !suits(contraction) || !suits(options))
    return nullptr;
  auto begin = std::chrono::steady_clock::now();
  std::optional<planner::Network> network = readNetwork(contraction);
  if (!network)
    return nullptr;
  std::vector<planner::Step> steps = readSteps(contraction);
  if (planner::ContractionTree::check(network->numTensors(), steps))
    return nullptr;
  std::unique_ptr<QuickStart> result(new QuickStart);
  result->numThreads = options.threads > 0 ? options.threads : defaultThreads();
  planner::ContractionTree tree(network->numTensors(), std::move(steps));
  result->quick = quick::QuickNetwork::make({std::move(*network), std::move(tree),
                                             contraction.result_dtype, result->numThreads,
                                             options.deterministic ? 1 : result->numThreads});
  if (!result->quick)
    return nullptr;
  result->dtype = contraction.result_dtype;
  std::unordered_map<int64_t, int64_t> extentOf;
  for (int64_t i = 0; i < contraction.num_operands; ++i) {
    const tenon_operand &operand = contraction.operands[i];
    result->extents.emplace_back(operand.extents, operand.extents + operand.rank);
    result->indices.emplace_back(operand.indices, operand.indices + operand.rank);
    for (int32_t dim = 0; dim < operand.rank; ++dim)
      extentOf[operand.indices[dim]] = operand.extents[dim];
  }
  result->resultIndices.assign(contraction.result_indices,
                               contraction.result_indices + contraction.num_result_indices);
  for (int64_t index : result->resultIndices)
    result->resultExtents.push_back(extentOf[index]);
  result->hasPath = contraction.path != nullptr;
  if (result->hasPath)
    result->path.assign(contraction.path, contraction.path + 2 * contraction.path_steps);
  result->planOptions = options.plan ? options.plan : "";
  if (options.progress)
    options.progress(options.progress_data, 0, 1);
  result->took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

std::string capi::QuickStart::describeSignature() const {
  Signature signature;
  signature.name = "main";
  for (const std::vector<int64_t> &list : extents)
    signature.inputs.push_back({"", dtype, false, list});
  signature.outputs.push_back({"", dtype, false, resultExtents});
  return signature.toJSON();
}

std::string capi::QuickStart::describePlan() const {
  std::vector<tenon_operand> operands;
  for (size_t i = 0; i < extents.size(); ++i)
    operands.push_back({dtype, 0, static_cast<int32_t>(extents[i].size()), extents[i].data(),
                        indices[i].data(), nullptr});
  tenon_contraction contraction = {};
  contraction.struct_size = sizeof(contraction);
  contraction.num_operands = static_cast<int64_t>(operands.size());
  contraction.operands = operands.data();
  contraction.num_result_indices = static_cast<int64_t>(resultIndices.size());
  contraction.result_indices = resultIndices.data();
  contraction.result_dtype = dtype;
  contraction.path = hasPath ? path.data() : nullptr;
  contraction.path_steps = static_cast<int64_t>(path.size() / 2);
  tenon_module *module = tenon_module_from_contraction(&contraction, nullptr);
  if (!module)
    return "";
  std::string pipeline =
      ("tenon-plan-stage{threads=" + Twine(numThreads) + " " + planOptions + "}").str();
  std::string text;
  if (tenon_module_run_passes(module, pipeline.c_str(), nullptr) == TENON_OK)
    if (auto function = ModuleOp(*module->module).lookupSymbol<func::FuncOp>("main"))
      if (auto plan = function->getAttrOfType<StringAttr>("tn.plan"))
        text = plan.str();
  tenon_module_destroy(module);
  return text;
}
