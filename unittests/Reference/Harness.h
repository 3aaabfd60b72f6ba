//===- Harness.h - From IR text to numbers ------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// Parses and verifies a module, interprets its function @f, and shows tensors as lists of numbers.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "tenon/Dialect/TN/IR/TN.h"
#include "tenon/HostTensor/HostTensor.h"
#include "tenon/HostTensor/Print.h"
#include "tenon/Reference/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

namespace tenon::test {

using Shape = std::vector<int64_t>;
using Numbers = std::vector<double>;
using Tensors = llvm::SmallVector<HostTensor>;

/// A tensor of `dtype` with `values` in row-major order; complex elements take two values each.
inline HostTensor tensor(tenon_dtype dtype, const Shape &shape, const Numbers &values) {
  Result<HostTensor> made = HostTensor::zeros({dtype}, shape);
  EXPECT_TRUE(made) << made.message();
  const bool isComplex = made->type().isComplex();
  EXPECT_EQ(static_cast<size_t>(made->size()) * (isComplex ? 2 : 1), values.size());
  for (int64_t i = 0; i < made->size(); ++i) {
    const auto at = static_cast<size_t>(i);
    if (isComplex)
      made->set(i, std::complex<double>(values[2 * at], values[2 * at + 1]));
    else
      made->set(i, values[at]);
  }
  return std::move(*made);
}

/// The elements in row-major order; complex ones give two values each.
inline Numbers numbers(const HostTensor &tensor) {
  Numbers values;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const Scalar scalar = tensor.get(i);
    if (const auto *pair = std::get_if<std::complex<double>>(&scalar)) {
      values.push_back(pair->real());
      values.push_back(pair->imag());
    } else if (const auto *real = std::get_if<double>(&scalar)) {
      values.push_back(*real);
    } else if (const auto *integer = std::get_if<int64_t>(&scalar)) {
      values.push_back(static_cast<double>(*integer));
    } else {
      values.push_back(static_cast<double>(*std::get_if<uint64_t>(&scalar)));
    }
  }
  return values;
}

inline Shape shape(const HostTensor &tensor) {
  return Shape(tensor.shape().begin(), tensor.shape().end());
}

template <typename... T> Tensors list(T &&...tensors) {
  Tensors all;
  (all.push_back(std::move(tensors)), ...);
  return all;
}

class Module {
public:
  explicit Module(llvm::StringRef text) {
    context.loadDialect<mlir::arith::ArithDialect, mlir::complex::ComplexDialect,
                        mlir::func::FuncDialect, mlir::linalg::LinalgDialect,
                        mlir::math::MathDialect, mlir::memref::MemRefDialect, mlir::scf::SCFDialect,
                        mlir::tensor::TensorDialect, tn::TNDialect>();
    context.allowUnregisteredDialects();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  }

  llvm::Expected<Tensors> run(const Tensors &args = {},
                              const reference::InterpreterOptions &options = {}) {
    if (!module)
      return llvm::createStringError("the text of the test is ill-formed");
    return reference::interpret(module->lookupSymbol<mlir::func::FuncOp>("f"), args, options);
  }

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// The results of @f, or none and a test failure.
inline Tensors run(llvm::StringRef text, const Tensors &args = {},
                   const reference::InterpreterOptions &options = {}) {
  Module module(text);
  llvm::Expected<Tensors> results = module.run(args, options);
  if (results)
    return std::move(*results);
  ADD_FAILURE() << llvm::toString(results.takeError()) << "\nin " << text.str();
  return {};
}

/// The single result of @f as numbers.
inline Numbers runNumbers(llvm::StringRef text, const Tensors &args = {},
                          const reference::InterpreterOptions &options = {}) {
  const Tensors results = run(text, args, options);
  return results.size() == 1 ? numbers(results.front()) : Numbers();
}

/// The message with which interpreting @f stops.
inline std::string runError(llvm::StringRef text, const Tensors &args = {},
                            const reference::InterpreterOptions &options = {}) {
  Module module(text);
  llvm::Expected<Tensors> results = module.run(args, options);
  if (results) {
    ADD_FAILURE() << "expected an error from " << text.str();
    return {};
  }
  return llvm::toString(results.takeError());
}

/// The value of `%r` of type `type` after `body`, a sequence of operations on constants.
inline double evaluateScalar(const std::string &body, const std::string &type) {
  const Numbers values =
      runNumbers("func.func @f() -> " + type + " {\n" + body + "\nreturn %r : " + type + "\n}");
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : values.front();
}

#define EXPECT_CONTAINS(text, part)                                                                \
  do {                                                                                             \
    const std::string searched = (text);                                                           \
    EXPECT_NE(searched.find(part), std::string::npos) << "no '" << (part) << "' in: " << searched; \
  } while (false)

} // namespace tenon::test
