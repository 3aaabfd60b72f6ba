//===- Program.cpp - A schedule, prepared for execution -------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "ElementType.h"
#include "StridedCopy.h"

using namespace tenon::runtime;

namespace {
struct OpenLoop {
  int32_t counter;
  bool parallel;
  uint64_t loop;
  uint64_t step;
  int64_t extent;
  uint64_t nest;   ///< step where the nest begins whose innermost loop this is; 0: none
};

/// Goes through the steps twice: first to count what they need, then to lay it out.
class Preparer {
public:
  /// `loopPatches`, one number for each loop: the counting pass counts a loop's patches in it, the
  /// layout pass finds in it where they go.
  Preparer(Program &program, void *const *kernels, Array<uint64_t> &loopPatches, bool layOut)
      : program(program), image(program.image), kernels(kernels), loopPatches(loopPatches),
        layOut(layOut) {}

  void run() {
    for (uint64_t number = 0; number < image.steps().size(); ++number)
      prepareStep(number);
  }

  uint64_t numWords = 0, numArgs = 0, numSlots = 0, numPatches = 0, numLoops = 0, numPlans = 0,
           numPlanDims = 0;

private:
  void prepareStep(uint64_t number);
  void prepareCall(const Step &step);
  void prepareContraction(const Step &step, PreparedStep &prepared);
  void prepareCopy(const Step &step, PreparedStep &prepared);
  void openLoop(uint64_t number, PreparedStep &prepared);
  void closeLoop(const Step &step, PreparedStep &prepared);

  const View &operandView(const Step &step, uint64_t operand) const {
    return image.views()[static_cast<size_t>(image.operands(step)[operand])];
  }
  bool runsNever() const { return emptyLoops > 0; }

  void addArg(uint64_t word) {
    if (layOut)
      program.argWords[numArgs] = word;
    ++numArgs;
  }
  void addSlot(uint64_t word, int32_t viewNumber);
  void addPatch(uint64_t loop, const LoopPatch &patch);

  Program &program;
  const ScheduleImage &image;
  void *const *kernels;
  Array<uint64_t> &loopPatches;
  bool layOut;
  OpenLoop open[kMaxLoopDepth];
  uint64_t depth = 0;
  uint64_t emptyLoops = 0;
  uint64_t parallelLoops = 0;
  uint64_t nestBegin = 0, nestInnermost = 0; ///< steps of the last nest; 0: there was none
};
} // namespace

void Preparer::addSlot(uint64_t word, int32_t viewNumber) {
  auto view = static_cast<uint64_t>(viewNumber);
  const View &record = image.views()[view];
  if (layOut) {
    uint64_t base = record.base == Base::Arena      ? program.arenaBase()
                    : record.base == Base::Constant ? program.blobBase()
                                                    : image.argumentOf(record);
    program.slots[numSlots] = {word, base, view};
  }
  ++numSlots;
  for (uint64_t term = 0; term < record.numTerms; ++term)
    for (uint64_t i = depth; i-- > 0;)
      if (open[i].counter == image.terms(record)[term].loop) {
        addPatch(open[i].loop, {word, view, term});
        break;
      }
}

/// Patches arrive in the order of the steps and are kept in the order of the loops.
void Preparer::addPatch(uint64_t loop, const LoopPatch &patch) {
  ++numPatches;
  if (layOut)
    program.patches[loopPatches[loop]++] = patch;
  else
    ++loopPatches[loop];
}

void Preparer::prepareCall(const Step &step) {
  for (int32_t view : image.operands(step)) {
    addArg(numWords);
    addSlot(numWords + kDescriptorPointer, view);
    numWords +=
        descriptorWords(static_cast<uint64_t>(image.views()[static_cast<size_t>(view)].rank));
  }
}

void Preparer::prepareContraction(const Step &step, PreparedStep &prepared) {
  using Layout = ContractionLayout;
  bool splits = step.ways > 1 && parallelLoops == 0;
  auto parts = static_cast<uint64_t>(splits ? step.ways : 1);
  uint64_t first = numWords;
  for (uint64_t operand = 0; operand < Layout::kOperands; ++operand)
    addSlot(first + operand * Layout::kRank1 + kDescriptorPointer, image.operands(step)[operand]);
  // The workspaces of the other parts follow from the first one's at each call.
  addSlot(first + Layout::part(step, 0) + Layout::kWorkspaceDescriptor + kDescriptorPointer,
          image.operands(step)[Layout::kOperands]);
  for (uint64_t part = 0; part < parts; ++part) {
    for (uint64_t operand = 0; operand < Layout::kOperands; ++operand)
      addArg(first + operand * Layout::kRank1);
    addArg(first + Layout::part(step, part) + Layout::kShapeDescriptor);
    addArg(first + Layout::part(step, part) + Layout::kWorkspaceDescriptor);
  }
  numWords += Layout::part(step, parts);
  if (!splits)
    return;
  program.usesThreads = true;
  prepared.op = Op::SplitCall;
  prepared.ways = step.ways;
  prepared.grain = step.splitGrain;
  prepared.extent = 1;
  for (const LoopDim &row : image.loopDims(step))
    if (row.group == step.splitGroup)
      prepared.extent *= row.extent;
}

void Preparer::prepareCopy(const Step &step, PreparedStep &prepared) {
  prepared.op = step.kind == StepKind::Copy ? Op::Copy : Op::Fill;
  prepared.plan = numPlans++;
  prepared.firstDim = numPlanDims;
  numPlanDims += static_cast<uint64_t>(operandView(step, 0).rank);
  for (int32_t view : image.operands(step))
    addSlot(numWords++, view);
  const View &view = operandView(step, 0);
  int64_t bytes = findElementType(view.dtype)->bytes;
  for (const ViewDim &dim : image.dims(view))
    bytes *= dim.extent;
  program.usesThreads |= bytes >= kSharedCopyBytes && parallelLoops == 0;
}

void Preparer::openLoop(uint64_t number, PreparedStep &prepared) {
  const Step &step = image.steps()[number];
  bool parallel = step.kind == StepKind::ParallelBegin;
  // A parallel loop inside another runs on the thread that it is in.
  prepared.op = parallel && parallelLoops == 0 ? Op::ParallelLoop : Op::Loop;
  prepared.partner = step.matchingEnd;
  prepared.loop = numLoops;
  prepared.extent = step.extent;
  if (step.nestDepth > 0) {
    prepared.op = Op::SharedNest;
    prepared.ways = step.nestDepth;
    prepared.grain = step.share;
    prepared.nest = open[depth - 1].loop;
    nestBegin = number;
    nestInnermost = number + static_cast<uint64_t>(step.nestDepth) - 1;
  }
  // A nest never begins at step 0, where its parallel loop would have no place.
  uint64_t nest = nestBegin > 0 && number == nestInnermost ? nestBegin : 0;
  open[depth++] = {step.loop, parallel, numLoops, number, step.extent, nest};
  ++numLoops;
  emptyLoops += step.extent == 0;
  parallelLoops += parallel;
}

void Preparer::closeLoop(const Step &step, PreparedStep &prepared) {
  const OpenLoop &loop = open[--depth];
  prepared.op = loop.nest > 0 ? Op::SharedNestEnd : Op::LoopEnd;
  prepared.nest = loop.nest;
  prepared.partner = loop.step;
  prepared.loop = loop.loop;
  prepared.extent = loop.extent;
  prepared.countsSlice = step.countsSlice != 0;
  emptyLoops -= loop.extent == 0;
  parallelLoops -= loop.parallel;
}

void Preparer::prepareStep(uint64_t number) {
  const Step &step = image.steps()[number];
  PreparedStep prepared = {};
  prepared.firstWord = numWords;
  prepared.firstArg = numArgs;
  prepared.firstSlot = numSlots;
  switch (step.kind) {
  case StepKind::LoopBegin:
  case StepKind::ParallelBegin:
    openLoop(number, prepared);
    break;
  case StepKind::LoopEnd:
    closeLoop(step, prepared);
    break;
  case StepKind::CallViews:
  case StepKind::CallContraction:
    prepared.op = Op::Call;
    prepared.kernel = reinterpret_cast<KernelFunction>(kernels[step.kernel]);
    if (runsNever() ||
        (step.kind == StepKind::CallContraction && image.isEmpty(operandView(step, 2))))
      prepared.op = Op::Skip;
    else if (step.kind == StepKind::CallContraction)
      prepareContraction(step, prepared);
    else
      prepareCall(step);
    break;
  case StepKind::Copy:
  case StepKind::Fill:
    if (!runsNever() && !image.isEmpty(operandView(step, 0)))
      prepareCopy(step, prepared);
    break;
  }
  if (layOut)
    program.steps[number] = prepared;
}

tenon_status Program::prepare(ScheduleImage scheduleImage, void *const *kernels, ErrorText &error) {
  image = scheduleImage;
  auto outOfMemory = [&error] {
    return error.fail(TENON_OUT_OF_MEMORY, "out of memory while preparing a schedule");
  };
  uint64_t numSteps = image.steps().size();
  for (const Step &step : image.steps()) {
    numLoops += step.kind == StepKind::LoopBegin || step.kind == StepKind::ParallelBegin;
    hasParallelLoops |= step.kind == StepKind::ParallelBegin;
    usesThreads |= hasParallelLoops;
  }
  Array<uint64_t> loopPatches;
  if (!steps.allocate(numSteps) || !loopPatches.allocate(numLoops) ||
      !firstPatch.allocate(numLoops + 1) || !firstStride.allocate(image.arguments().size()))
    return outOfMemory();
  for (uint64_t i = 0; i < image.arguments().size(); ++i) {
    firstStride[i] = numStrides;
    numStrides += static_cast<uint64_t>(image.arguments()[i].rank);
  }

  Preparer counting(*this, kernels, loopPatches, false);
  counting.run();
  if (!argWords.allocate(counting.numArgs) || !slots.allocate(counting.numSlots) ||
      !patches.allocate(counting.numPatches))
    return outOfMemory();
  numWords = counting.numWords;
  numPlans = counting.numPlans;
  numPlanDims = counting.numPlanDims;
  for (uint64_t loop = 0; loop < numLoops; ++loop) {
    firstPatch[loop + 1] = firstPatch[loop] + loopPatches[loop];
    loopPatches[loop] = firstPatch[loop];
  }
  Preparer(*this, kernels, loopPatches, true).run();
  return TENON_OK;
}
