//===- Metamorphic.h - Changed programs with known results ------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Case.h"
#include "Compare.h"

namespace tenon::fuzz {

/// Changes the genome, its data, or both by a relation that is drawn for the case, takes the
/// changed program through a part of the compiler, and reports under `Oracle::Metamorphic` where
/// its interpretation is not what mathematics makes of the truth. Does nothing where the relation
/// finds nothing to change.
void checkRelation(Case &current, const Genome &genome, llvm::ArrayRef<HostTensor> arguments,
                   const Truth &truth);

} // namespace tenon::fuzz
