//===- FactChecks.h - What facts mean for a tensor's elements -----*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/HostTensor/HostTensor.h"

#include "llvm/Support/Error.h"

namespace tenon::reference {

/// Whether a tensor is what `facts`, which are valid for its rank, say of it. The error names the
/// first fact that does not hold and the worst place: "isometric([1]) does not hold: …". Isometries
/// take O(elements · positions that are kept) time, the others O(elements).
llvm::Error checkFacts(tn::FactsAttr facts, const HostTensor &tensor);

/// Changes a tensor of random elements until `facts` are true of it. An error where that is not
/// done here: there is no such tensor, or it is none of a random isometry, ones in random places
/// and ones in order.
llvm::Error imposeFacts(tn::FactsAttr facts, HostTensor &tensor, uint64_t seed);

} // namespace tenon::reference
