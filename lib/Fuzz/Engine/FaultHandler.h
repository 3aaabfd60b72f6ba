//===- FaultHandler.h - A worker's last words ---------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "Journal.h"

namespace tenon::fuzz {

/// From here on a fault or an abort of this thread writes its signal and the addresses of its stack
/// into the journal, on a stack of its own (the other may have overflown), and then ends the
/// process as it would have. The journal must live as long as the process.
void installFaultHandler(Journal &journal);

} // namespace tenon::fuzz
