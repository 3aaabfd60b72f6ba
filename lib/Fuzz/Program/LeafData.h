//===- LeafData.h - The values of arguments and constants ---------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Fuzz/DataPlan.h"
#include "tenon/HostTensor/HostTensor.h"

namespace tenon::fuzz {

/// An Index is 64 bits.
ElementType elementTypeOf(Element element, bool isUnsigned);

/// The values of an Argument or Constant, of which its facts are true: a function of the genome's
/// seed and the node's number, fields and domain; the same bits on every platform.
HostTensor drawLeaf(const Genome &genome, const DataPlan &plan, size_t number);

} // namespace tenon::fuzz
