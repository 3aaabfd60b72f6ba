//===- RunInterpreter.cpp - The reference interpreter, for a tool ---------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "RunInterpreter.h"

#include "tenon/Execution/DiagnosticCollector.h"
#include "tenon/Reference/Interpreter.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::run;

static llvm::Error toText(llvm::Error error) {
  return llvm::handleErrors(std::move(error),
                            [](const reference::InterpreterError &failure) -> llvm::Error {
                              std::string place;
                              if (auto file = failure.location()->findInstanceOf<FileLineColLoc>())
                                place = (file.getFilename().strref() + ":" + Twine(file.getLine()) +
                                         ":" + Twine(file.getColumn()) + ": ")
                                            .str();
                              return llvm::createStringError(place + failure.description());
                            });
}

llvm::Expected<std::vector<HostTensor>> run::runInterpreter(func::FuncOp function,
                                                            ArrayRef<HostTensor> arguments) {
  DiagnosticCollector diagnostics(*function.getContext());
  llvm::Expected<SmallVector<HostTensor>> values = reference::interpret(function, arguments);
  if (!values)
    return toText(values.takeError());
  return std::vector<HostTensor>(std::make_move_iterator(values->begin()),
                                 std::make_move_iterator(values->end()));
}
