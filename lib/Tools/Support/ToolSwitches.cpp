//===- ToolSwitches.cpp - --tn-stats and --tn-debug -------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Tools/ToolSwitches.h"

using namespace tenon;
namespace cl = llvm::cl;

ToolSwitches::ToolSwitches()
    : stats("tn-stats",
            cl::desc("At the end, report on standard error what Tenon's passes counted"),
            cl::values(clEnumValN(CounterFormat::Text, "text", "a line for each counter (default)"),
                       clEnumValN(CounterFormat::Json, "json", "one JSON object on one line"),
                       clEnumValN(CounterFormat::Text, "", "")),
            cl::ValueOptional, cl::init(CounterFormat::None),
            cl::callback([](const CounterFormat &format) { Statistics::get().enable(format); })),
      debug("tn-debug",
            cl::desc("Report on standard error what is decided, by areas joined by ','"),
            cl::values(
                clEnumValN(DebugArea::Simplify, "simplify", "networks that tn-simplify rewrites"),
                clEnumValN(DebugArea::Plan, "plan",
                           "cost and slices of each contraction that tn-plan plans"),
                clEnumValN(DebugArea::Layouts, "layouts", "orders that tn-propagate-layouts chooses"),
                clEnumValN(DebugArea::Fusion, "fusion", "chains that tn-fuse computes tile by tile"),
                clEnumValN(DebugArea::Kernels, "kernels",
                           "shape, strategy and threads of each call of a kernel"),
                clEnumValN(DebugArea::Arena, "arena", "place and life of each buffer"),
                clEnumValN(DebugArea::Cache, "cache", "kernels compiled, and found compiled")),
            cl::CommaSeparated, cl::callback([](const DebugArea &area) { enableDebug(area); })) {}

ToolSwitches::~ToolSwitches() { llvm::errs() << Statistics::get().report(); }
