//===- ScheduleBuilder.cpp - Writes schedule tables -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tenon-runtime/ScheduleBuilder.h"

#include "ElementType.h"

#include "tenon-runtime/Checksum.h"
#include "tenon/Support/Assert.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <type_traits>

using namespace tenon::runtime;

template <typename Record>
uint64_t ScheduleBuilder::Pool<Record>::add(std::span<const Record> run) {
  if (run.empty())
    return 0;
  // Records have no padding, so equal bytes are equal records.
  static_assert(std::has_unique_object_representations_v<Record>);
  std::string key(reinterpret_cast<const char *>(run.data()), run.size_bytes());
  auto [entry, isNew] = firstOfRun.try_emplace(std::move(key), records.size());
  if (isNew)
    records.insert(records.end(), run.begin(), run.end());
  return entry->second;
}

int32_t ScheduleBuilder::addInput(tenon_dtype dtype, std::span<const int64_t> extents) {
  inputs.push_back({dtype, {extents.begin(), extents.end()}});
  return static_cast<int32_t>(inputs.size() - 1);
}

int32_t ScheduleBuilder::addOutput(tenon_dtype dtype, std::span<const int64_t> extents) {
  outputs.push_back({dtype, {extents.begin(), extents.end()}});
  return static_cast<int32_t>(outputs.size() - 1);
}

int32_t ScheduleBuilder::addConstant(const void *data, uint64_t bytes) {
  blob.resize((blob.size() + 63) / 64 * 64);
  constants.push_back({blob.size(), bytes});
  const char *first = static_cast<const char *>(data);
  blob.insert(blob.end(), first, first + bytes);
  return static_cast<int32_t>(constants.size() - 1);
}

int32_t ScheduleBuilder::addView(const ViewSpec &spec) {
  View view = {};
  view.base = spec.base;
  view.baseIndex = spec.baseIndex;
  view.dtype = spec.dtype;
  view.rank = static_cast<int32_t>(spec.dims.size());
  view.byteOffset = spec.byteOffset;
  view.firstDim = dims.add(spec.dims);
  view.firstTerm = terms.add(spec.terms);
  view.numTerms = spec.terms.size();
  return static_cast<int32_t>(views.add({&view, 1}));
}

ViewSpec ScheduleBuilder::argumentView(Base base, int32_t index, const ArgumentSpec &argument) {
  ViewSpec spec;
  spec.base = base;
  spec.baseIndex = index;
  spec.dtype = argument.dtype;
  for (size_t dim = 0; dim < argument.extents.size(); ++dim)
    spec.dims.push_back({argument.extents[dim], 1, onlyDim(static_cast<int32_t>(dim))});
  return spec;
}

ViewSpec ScheduleBuilder::inputView(int32_t input) const {
  return argumentView(Base::Input, input, inputs[static_cast<size_t>(input)]);
}

ViewSpec ScheduleBuilder::outputView(int32_t output) const {
  return argumentView(Base::Output, output, outputs[static_cast<size_t>(output)]);
}

ViewSpec ScheduleBuilder::arenaView(tenon_dtype dtype, std::span<const int64_t> extents,
                                    int64_t byteOffset) {
  ViewSpec spec;
  spec.dtype = dtype;
  spec.byteOffset = byteOffset;
  spec.dims.resize(extents.size());
  // Modulo 2^64: in an empty array the other extents may be anything.
  uint64_t stride = 1;
  for (size_t dim = extents.size(); dim-- > 0;) {
    spec.dims[dim] = {extents[dim], static_cast<int64_t>(stride), 0};
    stride *= static_cast<uint64_t>(extents[dim] ? extents[dim] : 1);
  }
  return spec;
}

ViewSpec ScheduleBuilder::constantView(int32_t constant, tenon_dtype dtype,
                                       std::span<const int64_t> extents, int64_t byteOffset) {
  ViewSpec spec = arenaView(dtype, extents, byteOffset);
  spec.base = Base::Constant;
  spec.baseIndex = constant;
  return spec;
}

ViewSpec ScheduleBuilder::workspaceView(int64_t bytes, int64_t byteOffset) {
  return arenaView(TENON_I8, {&bytes, 1}, byteOffset);
}

Step &ScheduleBuilder::addStep(StepKind kind, std::span<const int32_t> viewNumbers) {
  Step step = {};
  step.kind = kind;
  step.firstOperand = operands.add(viewNumbers);
  step.numOperands = viewNumbers.size();
  step.ways = 1;
  step.splitGrain = 1;
  steps.push_back(step);
  return steps.back();
}

void ScheduleBuilder::callViews(int32_t kernel, std::span<const int32_t> viewNumbers) {
  addStep(StepKind::CallViews, viewNumbers).kernel = kernel;
}

void ScheduleBuilder::callContraction(const ContractionSpec &spec) {
  const int32_t viewNumbers[4] = {spec.a, spec.b, spec.c, spec.workspace};
  Step &step = addStep(StepKind::CallContraction, viewNumbers);
  step.kernel = spec.kernel;
  step.accumulate = spec.accumulate;
  step.firstLoopDim = loopDims.add(spec.loopDims);
  step.numLoopDims = spec.loopDims.size();
  std::copy(std::begin(spec.blocks), std::end(spec.blocks), step.blocks);
  step.ways = spec.ways;
  step.splitGroup = spec.splitGroup;
  step.splitGrain = spec.splitGrain;
}

void ScheduleBuilder::copy(int32_t from, int32_t to) {
  const int32_t viewNumbers[2] = {from, to};
  addStep(StepKind::Copy, viewNumbers);
}

void ScheduleBuilder::fill(int32_t to, const void *element) {
  Step &step = addStep(StepKind::Fill, {&to, 1});
  const View &view = views.records[static_cast<size_t>(to)];
  std::memcpy(step.fill, element, static_cast<size_t>(findElementType(view.dtype)->bytes));
}

int32_t ScheduleBuilder::begin(StepKind kind, int64_t extent) {
  int64_t trips = openTrips() * extent;
  openLoops.push_back({steps.size(), trips});
  Step &step = addStep(kind, {});
  step.loop = numLoops++;
  step.extent = extent;
  return step.loop;
}

int32_t ScheduleBuilder::beginSharedNest(std::span<const int64_t> extents, int64_t share) {
  TENON_ASSERT(!openLoops.empty() && !extents.empty(), "a parallel loop is open around the nest");
  int64_t tripsAround = openLoops.size() > 1 ? openLoops[openLoops.size() - 2].trips : 1;
  uint64_t first = steps.size();
  int32_t firstCounter = numLoops;
  for (int64_t extent : extents) {
    begin(StepKind::LoopBegin, extent);
    openLoops.back().trips = tripsAround *= extent;
  }
  steps[first].nestDepth = static_cast<int32_t>(extents.size());
  steps[first].share = share;
  return firstCounter;
}

void ScheduleBuilder::endLoop(bool countsSlice) {
  TENON_ASSERT(!openLoops.empty(), "a loop is open");
  steps[openLoops.back().step].matchingEnd = steps.size();
  addStep(StepKind::LoopEnd, {}).countsSlice = countsSlice;
  if (countsSlice)
    totalSlices += openTrips();
  openLoops.pop_back();
}

namespace {
/// Appends sections to a table that begins with its header.
struct TableWriter {
  std::vector<char> bytes = std::vector<char>(sizeof(ScheduleHeader));

  template <typename Record> Section append(const std::vector<Record> &records, size_t alignment) {
    bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
    Section section = {bytes.size(), records.size()};
    const char *first = reinterpret_cast<const char *>(records.data());
    bytes.insert(bytes.end(), first, first + records.size() * sizeof(Record));
    return section;
  }
};
} // namespace

std::vector<char> ScheduleBuilder::finish() const {
  TENON_ASSERT(openLoops.empty(), "all loops are closed");
  std::vector<Argument> arguments;
  Pool<int64_t> extents;
  for (const auto *list : {&inputs, &outputs})
    for (const ArgumentSpec &argument : *list)
      arguments.push_back({argument.dtype, static_cast<int32_t>(argument.extents.size()),
                           extents.add(argument.extents)});

  ScheduleHeader header = {};
  std::memcpy(header.magic, kScheduleMagic, sizeof(header.magic));
  header.version = kScheduleVersion;
  header.numKernels = numKernels;
  header.workspaceBytes = workspaceBytes;
  header.totalSlices = totalSlices;
  header.numInputs = inputs.size();
  TableWriter table;
  header.arguments = table.append(arguments, 8);
  header.views = table.append(views.records, 8);
  header.dims = table.append(dims.records, 8);
  header.terms = table.append(terms.records, 8);
  header.steps = table.append(steps, 8);
  header.operands = table.append(operands.records, 8);
  header.loopDims = table.append(loopDims.records, 8);
  header.extents = table.append(extents.records, 8);
  header.constants = table.append(constants, 8);
  header.blob = table.append(blob, 64);
  header.totalBytes = table.bytes.size();
  std::memcpy(table.bytes.data(), &header, sizeof(header));
  header.checksum = scheduleChecksum(table.bytes.data(), table.bytes.size());
  std::memcpy(table.bytes.data(), &header, sizeof(header));
  return table.bytes;
}
