//===- QasmExpression.cpp - OpenQASM 2.0 parameters -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "QasmExpression.h"

#include "Number.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>
#include <numbers>
#include <optional>

using namespace tenon::frontend;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

double QasmExpression::evaluate(llvm::ArrayRef<double> parameters) const {
  llvm::SmallVector<double> stack;
  auto binary = [&](auto function) {
    double right = stack.pop_back_val();
    stack.back() = function(stack.back(), right);
  };
  for (const QasmInstruction &instruction : postfix) {
    switch (instruction.kind) {
    case QasmInstruction::Value:
      stack.push_back(instruction.value);
      break;
    case QasmInstruction::Parameter:
      stack.push_back(parameters[instruction.parameter]);
      break;
    case QasmInstruction::Add:
      binary([](double a, double b) { return a + b; });
      break;
    case QasmInstruction::Sub:
      binary([](double a, double b) { return a - b; });
      break;
    case QasmInstruction::Mul:
      binary([](double a, double b) { return a * b; });
      break;
    case QasmInstruction::Div:
      // Division by zero has no value here, and UBSan would report it.
      binary([](double a, double b) { return b == 0 ? std::nan("") : a / b; });
      break;
    case QasmInstruction::Pow:
      binary([](double a, double b) { return std::pow(a, b); });
      break;
    case QasmInstruction::Neg:
      stack.back() = -stack.back();
      break;
    case QasmInstruction::Sin:
      stack.back() = std::sin(stack.back());
      break;
    case QasmInstruction::Cos:
      stack.back() = std::cos(stack.back());
      break;
    case QasmInstruction::Tan:
      stack.back() = std::tan(stack.back());
      break;
    case QasmInstruction::Exp:
      stack.back() = std::exp(stack.back());
      break;
    case QasmInstruction::Ln:
      stack.back() = std::log(stack.back());
      break;
    case QasmInstruction::Sqrt:
      stack.back() = std::sqrt(stack.back());
      break;
    }
  }
  return stack.back();
}

namespace {
/// Recursive descent:
///
///     sum     = product { ("+" | "-") product }
///     product = signed { ("*" | "/") signed }
///     signed  = "-" signed | "+" signed | power
///     power   = atom [ "^" signed ]
class ExpressionParser {
public:
  ExpressionParser(QasmLexer &lexer, SourceText &source, llvm::ArrayRef<StringRef> parameters)
      : lexer(lexer), source(source), parameters(parameters) {}

  llvm::Expected<QasmExpression> parse() {
    expression.offset = lexer.peek().offset;
    if (Error error = parseSum())
      return error;
    return std::move(expression);
  }

private:
  Error parseSum();
  Error parseProduct();
  Error parseSigned();
  Error parsePower();
  Error parseAtom();
  Error parseName();
  Error parseParenthesized();

  void emit(QasmInstruction::Kind kind) { expression.postfix.push_back({kind}); }

  QasmLexer &lexer;
  SourceText &source;
  llvm::ArrayRef<StringRef> parameters;
  QasmExpression expression;
  unsigned depth = 0;
};
} // namespace

Error ExpressionParser::parseSum() {
  if (Error error = parseProduct())
    return error;
  while (lexer.peek().is("+") || lexer.peek().is("-")) {
    auto kind = lexer.peek().is("+") ? QasmInstruction::Add : QasmInstruction::Sub;
    if (Error error = lexer.advance())
      return error;
    if (Error error = parseProduct())
      return error;
    emit(kind);
  }
  return Error::success();
}

Error ExpressionParser::parseProduct() {
  if (Error error = parseSigned())
    return error;
  while (lexer.peek().is("*") || lexer.peek().is("/")) {
    auto kind = lexer.peek().is("*") ? QasmInstruction::Mul : QasmInstruction::Div;
    if (Error error = lexer.advance())
      return error;
    if (Error error = parseSigned())
      return error;
    emit(kind);
  }
  return Error::success();
}

Error ExpressionParser::parseSigned() {
  // Every cycle of the grammar goes through here, so this is the one place to count.
  if (++depth > kMaxQasmNesting)
    return source.error(lexer.peek().offset, "the expression is nested deeper than " +
                                                 Twine(kMaxQasmNesting) + " levels");
  bool isNegative = lexer.peek().is("-");
  if (isNegative || lexer.peek().is("+")) {
    if (Error error = lexer.advance())
      return error;
    if (Error error = parseSigned())
      return error;
    if (isNegative)
      emit(QasmInstruction::Neg);
  } else if (Error error = parsePower()) {
    return error;
  }
  --depth;
  return Error::success();
}

Error ExpressionParser::parsePower() {
  if (Error error = parseAtom())
    return error;
  if (!lexer.peek().is("^"))
    return Error::success();
  if (Error error = lexer.advance())
    return error;
  if (Error error = parseSigned())
    return error;
  emit(QasmInstruction::Pow);
  return Error::success();
}

Error ExpressionParser::parseAtom() {
  const QasmToken &token = lexer.peek();
  if (token.kind == QasmToken::Number) {
    std::optional<double> value = parseDecimal(token.text);
    if (!value || !std::isfinite(*value))
      return source.error(token.offset, "the number " + token.text + " is not finite");
    expression.postfix.push_back({QasmInstruction::Value, *value});
    return lexer.advance();
  }
  if (token.kind == QasmToken::Identifier)
    return parseName();
  if (token.is("("))
    return parseParenthesized();
  return lexer.expected("a number, pi, a parameter, a function or '('");
}

Error ExpressionParser::parseName() {
  QasmToken name = lexer.peek();
  if (Error error = lexer.advance())
    return error;
  const auto *parameter = llvm::find(parameters, name.text);
  if (parameter != parameters.end()) {
    expression.postfix.push_back(
        {QasmInstruction::Parameter, 0, static_cast<unsigned>(parameter - parameters.begin())});
    return Error::success();
  }
  if (name.text == "pi") {
    expression.postfix.push_back({QasmInstruction::Value, std::numbers::pi});
    return Error::success();
  }
  auto function = llvm::StringSwitch<std::optional<QasmInstruction::Kind>>(name.text)
                      .Case("sin", QasmInstruction::Sin)
                      .Case("cos", QasmInstruction::Cos)
                      .Case("tan", QasmInstruction::Tan)
                      .Case("exp", QasmInstruction::Exp)
                      .Case("ln", QasmInstruction::Ln)
                      .Case("sqrt", QasmInstruction::Sqrt)
                      .Default(std::nullopt);
  if (!function)
    return source.error(name.offset, "unknown name '" + name.text +
                                         "' in an expression; known are pi, the parameters of the "
                                         "gate, and sin, cos, tan, exp, ln, sqrt");
  if (Error error = parseParenthesized())
    return error;
  emit(*function);
  return Error::success();
}

Error ExpressionParser::parseParenthesized() {
  if (Error error = lexer.expect("("))
    return error;
  if (Error error = parseSum())
    return error;
  return lexer.expect(")");
}

llvm::Expected<QasmExpression>
tenon::frontend::parseQasmExpression(QasmLexer &lexer, SourceText &source,
                                     llvm::ArrayRef<StringRef> parameters) {
  return ExpressionParser(lexer, source, parameters).parse();
}
