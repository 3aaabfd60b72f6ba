//===- ShapeOfNode.h - The shape of one node's result -------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/Labels.h"

namespace tenon::fuzz {

/// Of a valid node, whose operands have these shapes.
std::vector<uint32_t> shapeOfNode(const Node &node, const Shapes &shapes);

} // namespace tenon::fuzz
