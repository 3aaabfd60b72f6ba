//===- Report.cpp - Plans for people --------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Report.h"

#include "Figures.h"

#include "tenon/Dialect/TN/IR/PlaceInFile.h"

#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace tenon;
using namespace tenon::plan;

static constexpr size_t kLineWidth = 100, kBarWidth = 50, kMostBars = 16;

namespace {
/// The report of one contraction.
class Report {
public:
  Report(const PlannedContraction &contraction, raw_ostream &os)
      : op(contraction.op), contraction(contraction), plan(contraction.plan),
        indices(contraction.network, contraction.plan.tree),
        log2Extents(contraction.log2SliceExtents()), os(os) {}

  void printSummary();
  void printSlices();
  void printHeaviest(unsigned top);
  void printMemory();

private:
  std::string name(std::span<const planner::IndexId> list);
  std::string equation();
  raw_ostream &line(const char *what) {
    return os << llvm::format("%25s  ", (what + std::string(":")).c_str());
  }

  tn::ContractOp op;
  const PlannedContraction &contraction;
  const planner::Plan &plan;
  planner::NodeIndices indices;
  /// Of one slice.
  std::vector<double> log2Extents;
  raw_ostream &os;
};
} // namespace

/// Keeps text to what a line of the report has room for.
static std::string clip(std::string text, size_t width) {
  if (text.size() > width)
    text = text.substr(0, width - 3) + "...";
  return text;
}

/// "ijk" for names of one letter, else "[i0,i1]".
std::string Report::name(std::span<const planner::IndexId> list) {
  std::string joined, letters;
  for (planner::IndexId index : list) {
    std::string one = op.getIndexName(index);
    letters += one.size() == 1 ? one : "";
    joined += (joined.empty() ? "" : ",") + one;
    if (joined.size() > kLineWidth)
      break;
  }
  return letters.size() == list.size() ? letters : "[" + joined + "]";
}

std::string Report::equation() {
  std::string text;
  const planner::Network &network = contraction.network;
  for (planner::NodeId tensor = 0; tensor < network.numTensors(); ++tensor) {
    text += (tensor ? "," : "") + name(network.tensor(tensor));
    if (text.size() > kLineWidth)
      return std::to_string(network.numTensors()) + " tensors of " +
             std::to_string(network.numIndices()) + " indices -> " +
             std::to_string(network.output().size()) + " open";
  }
  return clip(text + "->" + name(network.output()), kLineWidth);
}

void Report::printSummary() {
  const planner::Network &network = contraction.network;
  const planner::ContractionTree &tree = plan.tree;
  // One loop nest over all indices, which multiplies all tensors at every point.
  std::vector<double> whole = network.log2Extents();
  double naive = std::accumulate(whole.begin(), whole.end(), 0.0) +
                 std::log2(std::max(1.0, double(network.numTensors()) - 1));
  size_t scaling = tree.numSteps() == 0 ? network.numIndices() : 0;
  for (const planner::Step &step : tree.steps()) {
    size_t count = 0;
    planner::forEachInUnion(indices[step.lhs], indices[step.rhs],
                            [&](planner::IndexId) { ++count; });
    scaling = std::max(scaling, count);
  }
  // Searches take an extent of 0 for 1; one loop nest computes nothing then.
  for (planner::IndexId index = 0; index < network.numIndices(); ++index)
    if (network.extent(index) == 0)
      naive = planner::log2Zero;
  double ops = tree.numSteps() == 0 ? naive : plan.cost.log2Ops;
  line("Complete contraction") << equation() << '\n';
  line("Naive scaling") << network.numIndices() << '\n';
  line("Optimized scaling") << scaling << '\n';
  line("Naive operations") << formatPower(naive) << '\n';
  auto &operations = line("Optimized operations") << formatPower(ops);
  if (std::isfinite(ops))
    operations << llvm::format(" (10^%.3f)", ops * std::log10(2.0));
  operations << '\n';
  if (network.hasDensities())
    line("Expected operations") << formatPower(plan.cost.log2ExpectedOps)
                                << " of elements that are not zero\n";
  if (std::isfinite(naive) && std::isfinite(ops))
    line("Theoretical speedup") << formatPower(naive - ops) << '\n';
  if (tree.numSteps() > 0 && plan.cost.largest == 0)
    line("Largest intermediate") << "0 elements\n";
  else if (tree.numSteps() > 0)
    line("Largest intermediate") << formatPower(plan.cost.log2Largest)
                                 << llvm::format(" elements (2^%.2f)\n", plan.cost.log2Largest);
  line("Peak of memory") << formatBytes(plan.cost.peakBytes) << " beside inputs and output, on "
                         << contraction.threads << " thread"
                         << (contraction.threads == 1 ? "" : "s") << '\n';
  line("Time of a run") << "about " << formatDuration(contraction.predictedSeconds) << '\n';
  line("Search") << (contraction.isGiven ? "none, the path is given (tn.path)"
                                         : formatDuration(contraction.seconds))
                 << '\n';
}

void Report::printSlices() {
  if (plan.sliced.empty())
    return;
  line("Slices") << llvm::format("%.0f over ", plan.cost.slices);
  std::string list;
  for (planner::IndexId index : plan.sliced)
    list += (list.empty() ? "" : ", ") + op.getIndexName(index) + " (" +
            std::to_string(contraction.network.extent(index)) + ")";
  os << clip(list, kLineWidth) << '\n';
  // An extent of 0 leaves nothing to do at all.
  double share = plan.cost.ops > 0 ? plan.cost.hoistedOps / plan.cost.ops : 0;
  line("Done once before slices") << llvm::format("%.3g %% of the operations\n", 100 * share);
}

void Report::printHeaviest(unsigned top) {
  const planner::ContractionTree &tree = plan.tree;
  std::vector<double> runs = contraction.log2Runs(), total;
  std::vector<planner::StepSizes> sizes;
  double all = planner::log2Zero;
  for (size_t step = 0; step < tree.numSteps(); ++step) {
    sizes.push_back(planner::stepSizes(tree, indices, step, log2Extents));
    total.push_back(sizes.back().ops + runs[step]);
    all = planner::log2Add(all, total.back());
  }
  std::vector<size_t> order(tree.numSteps());
  std::iota(order.begin(), order.end(), 0);
  // Those without a multiply-add have no extents to show.
  llvm::erase_if(order, [&](size_t step) { return total[step] == planner::log2Zero; });
  size_t shown = std::min<size_t>(top, order.size());
  if (shown == 0)
    return;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return total[a] > total[b]; });
  os << "\nHeaviest contractions, " << shown << " of " << tree.numSteps()
     << (plan.sliced.empty() ? "" : "; operations of all slices, sizes of one") << '\n';
  os << "  share  operations    elements  rows x columns x summed   contraction\n";
  for (size_t step : ArrayRef<size_t>(order).take_front(shown)) {
    const planner::StepSizes &size = sizes[step];
    double k = size.ops - size.result, m = size.ops - size.rhs, n = size.ops - size.lhs;
    double batch = size.ops - m - n - k;
    std::string shape = formatExtent(m) + " x " + formatExtent(n) + " x " + formatExtent(k);
    if (batch > 0.5)
      shape = formatExtent(batch) + " * " + shape;
    const planner::Step &operands = tree.step(step);
    std::string text = std::to_string(operands.lhs) + ", " + std::to_string(operands.rhs) + ": " +
                       name(indices[operands.lhs]) + "," + name(indices[operands.rhs]) + "->" +
                       name(indices[tree.resultOf(step)]);
    if (!plan.sliced.empty() && runs[step] == 0)
      text = "once, " + text;
    os << llvm::format("%6.1f%%  %10s  %10s  %-24s  ", 100 * std::exp2(total[step] - all),
                       formatPower(total[step]).c_str(), formatPower(size.result).c_str(),
                       shape.c_str())
       << clip(text, kLineWidth) << '\n';
  }
}

void Report::printMemory() {
  std::vector<planner::LiveMoment> moments =
      planner::memoryOverTime(contraction.network, plan.tree, plan.sliced, contraction.memory);
  double peak = plan.cost.peakBytes;
  if (moments.size() < 2 || peak <= 0)
    return;
  os << "\nMemory over time\n";
  size_t bars = std::min(moments.size(), kMostBars);
  for (size_t bar = 0; bar < bars; ++bar) {
    size_t begin = bar * moments.size() / bars, end = (bar + 1) * moments.size() / bars;
    double most = 0;
    for (size_t moment = begin; moment < end; ++moment)
      most = std::max(most, moments[moment].bytes);
    std::string steps = std::to_string(begin + 1);
    if (end > begin + 1)
      steps += "-" + std::to_string(end);
    size_t width = static_cast<size_t>(std::ceil(kBarWidth * (most / peak)));
    os << llvm::format("%13s %12s  ", steps.c_str(), formatBytes(most).c_str())
       << std::string(width, '#') << '\n';
  }
}

/// What several contractions cost as one problem.
static void printTogether(const PlannedFunction &function, raw_ostream &os) {
  const planner::GraphCost &cost = function.together;
  auto line = [&](const char *what) -> raw_ostream & {
    return os << llvm::format("%25s  ", (what + std::string(":")).c_str());
  };
  os << "\nAll " << function.contractions.size() << " contractions together\n";
  line("Operations") << (cost.ops > 0 ? formatPower(cost.log2Ops) : "0") << '\n';
  if (cost.sharedSteps > 0) {
    line("Without shared steps") << formatPower(cost.log2UnsharedOps) << '\n';
    line("Steps") << cost.steps << ", and " << cost.sharedSteps << " that are there already\n";
  }
  line("Peak of memory") << formatBytes(cost.peakBytes) << " beside inputs and outputs\n";
  line("Time of a run") << "about " << formatDuration(function.predictedSeconds) << '\n';
}

void plan::printReport(const PlannedFunction &function, unsigned top, raw_ostream &os) {
  ArrayRef<PlannedContraction> contractions = function.contractions;
  for (auto [number, contraction] : llvm::enumerate(contractions)) {
    if (contractions.size() > 1) {
      tn::ContractOp op = contraction.op;
      os << (number ? "\n" : "") << "Contraction " << number + 1 << " of " << contractions.size()
         << ", " << tn::describePlace(op.getLoc()) << '\n';
    }
    Report report(contraction, os);
    report.printSummary();
    report.printSlices();
    report.printHeaviest(top);
    report.printMemory();
  }
  if (contractions.size() > 1)
    printTogether(function, os);
}
