//===- QuickNetwork.cpp - A network that runs at once ---------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/QuickStart/QuickNetwork.h"

#include "tenon-runtime/Entry.h"

using namespace tenon;
using namespace tenon::quick;

std::unique_ptr<QuickNetwork> QuickNetwork::make(const Problem &problem) {
  const KernelSet *set = hostKernelSet();
  if (!set)
    return nullptr;
  std::optional<ContractionSchedule> schedule = scheduleContraction(problem, *set);
  if (!schedule)
    return nullptr;
  std::unique_ptr<QuickNetwork> result(new QuickNetwork(std::move(*schedule)));
  std::vector<void *> entries;
  for (KernelFunction kernel : result->schedule.kernels)
    entries.push_back(reinterpret_cast<void *>(kernel));
  const std::vector<char> &table = result->schedule.table;
  // The loader refuses what exceeds its limits.
  result->network = tenon_rt_load(table.data(), table.size(), entries.data(),
                                  static_cast<int64_t>(entries.size()), nullptr, nullptr, 0);
  return result->network ? std::move(result) : nullptr;
}

QuickNetwork::~QuickNetwork() { tenon_rt_network_destroy(network); }

tenon_status QuickNetwork::run(tenon_context *context, const tenon_tensor *inputs, int64_t n,
                               tenon_tensor *outputs, int64_t m, void *workspace,
                               int64_t size) const {
  return tenon_rt_network_run(network, context, inputs, n, outputs, m, workspace, size);
}

tenon_status QuickNetwork::runScaled(tenon_context *context, const tenon_tensor *inputs, int64_t n,
                                     tenon_tensor *outputs, int64_t m, int64_t *exponents) const {
  // All of its steps are linear in each operand.
  constexpr int32_t scales = 1;
  return tenon_rt_network_run_scaled(network, context, inputs, n, outputs, m, exponents, scales);
}

bool QuickNetwork::scales() const { return tenon_rt_network_scales(network) != 0; }

int64_t QuickNetwork::workspaceBytes() const { return tenon_rt_network_workspace_size(network); }
