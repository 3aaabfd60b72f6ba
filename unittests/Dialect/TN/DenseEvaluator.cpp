//===- DenseEvaluator.cpp - The meaning of small tn functions ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "DenseEvaluator.h"

#include "tenon/Dialect/TN/IR/TN.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <cstdlib>

using namespace mlir;
using namespace tenon;
using namespace tenon::test;

namespace {
struct Semantics {
  tn::Semiring semiring;
  Type type;
  bool isUnsigned;

  bool isInteger() const { return type.isSignlessInteger() || type.isIndex(); }
  unsigned width() const { return type.isIndex() ? 64 : type.getIntOrFloatBitWidth(); }
  bool isTropical() const {
    return semiring == tn::Semiring::MaxPlus || semiring == tn::Semiring::MinPlus;
  }

  Element wrap(uint64_t bits) const {
    if (width() == 64)
      return {static_cast<int64_t>(bits), 0};
    bool zeroExtends = isUnsigned || width() == 1;
    return {zeroExtends ? static_cast<int64_t>(bits & ((uint64_t(1) << width()) - 1))
                        : llvm::SignExtend64(bits, width()),
            0};
  }
  Element one() const {
    double value = isTropical() ? 0 : 1;
    return isInteger() ? Element{static_cast<int64_t>(value), 0} : Element{0, value};
  }
  Element zero() const {
    if (!isTropical())
      return {};
    bool wantsMax = semiring == tn::Semiring::MaxPlus;
    if (!isInteger())
      return {0, wantsMax ? -HUGE_VAL : HUGE_VAL};
    uint64_t top = uint64_t(1) << (width() - 1);
    if (isUnsigned)
      return wrap(wantsMax ? 0 : ~uint64_t(0));
    return wrap(wantsMax ? top : top - 1);
  }
  Element times(Element a, Element b) const {
    if (isInteger())
      return wrap(isTropical() ? uint64_t(a.bits) + uint64_t(b.bits)
                               : uint64_t(a.bits) * uint64_t(b.bits));
    if (isTropical())
      return {0, a.number.real() + b.number.real()};
    // Not operator*, which repairs infinities.
    double re = a.number.real() * b.number.real() - a.number.imag() * b.number.imag();
    double im = a.number.real() * b.number.imag() + a.number.imag() * b.number.real();
    return {0, {re, im}};
  }
  bool less(Element a, Element b) const {
    if (!isInteger())
      return a.number.real() < b.number.real();
    return isUnsigned ? uint64_t(a.bits) < uint64_t(b.bits) : a.bits < b.bits;
  }
  Element plus(Element a, Element b) const {
    switch (semiring) {
    case tn::Semiring::PlusTimes:
      return isInteger() ? wrap(uint64_t(a.bits) + uint64_t(b.bits))
                         : Element{0, a.number + b.number};
    case tn::Semiring::OrAnd:
      return {a.bits | b.bits, 0};
    case tn::Semiring::MinPlus:
      return less(b, a) ? b : a;
    default:
      return less(a, b) ? b : a;
    }
  }
};

/// Calls `body` with every assignment of indices of these extents, the last one running fastest.
void forEachAssignment(ArrayRef<int64_t> extents,
                       llvm::function_ref<void(ArrayRef<int64_t>)> body) {
  if (llvm::is_contained(extents, 0))
    return;
  SmallVector<int64_t> position(extents.size(), 0);
  while (true) {
    body(position);
    size_t d = extents.size();
    while (d-- > 0) {
      if (++position[d] < extents[d])
        break;
      position[d] = 0;
    }
    if (d == static_cast<size_t>(-1))
      return;
  }
}

int64_t offsetOf(const Tensor &tensor, ArrayRef<int64_t> indices, ArrayRef<int64_t> assignment) {
  int64_t offset = 0;
  for (auto [dim, index] : llvm::enumerate(indices))
    offset = offset * tensor.shape[dim] + assignment[index];
  return offset;
}

int64_t product(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

class Evaluator {
public:
  std::vector<Tensor> run(func::FuncOp function, const std::vector<Tensor> &arguments) {
    for (auto [argument, tensor] : llvm::zip_equal(function.getArguments(), arguments))
      values[argument] = tensor;
    std::vector<Tensor> results;
    for (Operation &op : function.getBody().front()) {
      if (auto ret = dyn_cast<func::ReturnOp>(op)) {
        for (Value operand : ret.getOperands())
          results.push_back(values.at(operand));
        break;
      }
      // Extents are known from the tensors: what computes them is passed over.
      if (!op.getResult(0).getType().isIndex())
        values[op.getResult(0)] = compute(op);
    }
    return results;
  }

private:
  struct Order {
    bool operator()(Value a, Value b) const {
      return a.getAsOpaquePointer() < b.getAsOpaquePointer();
    }
  };
  std::map<Value, Tensor, Order> values;

  Tensor compute(Operation &op) {
    if (auto contract = dyn_cast<tn::ContractOp>(op))
      return contraction(contract);
    if (auto constant = dyn_cast<tn::ConstantOp>(op))
      return constantOf(cast<DenseElementsAttr>(constant.getValue()));
    if (auto delta = dyn_cast<tn::DeltaOp>(op))
      return deltaOf(delta);
    if (auto conj = dyn_cast<tn::ConjOp>(op)) {
      Tensor tensor = values.at(conj.getInput());
      for (Element &element : tensor.elements)
        element.number = std::conj(element.number);
      return tensor;
    }
    if (auto cast = dyn_cast<tensor::CastOp>(op))
      return values.at(cast.getSource());
    if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
      Tensor tensor = values.at(collapse.getSrc());
      std::vector<int64_t> shape;
      for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
        shape.push_back(1);
        for (int64_t dim : group)
          shape.back() *= tensor.shape[dim];
      }
      tensor.shape = shape;
      return tensor;
    }
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
      // Each group has one dimension that may be other than 1.
      Tensor tensor = values.at(expand.getSrc());
      ArrayRef<int64_t> declared = expand.getResultType().getShape();
      std::vector<int64_t> shape(declared.size(), 1);
      for (auto [extent, group] : llvm::zip_equal(tensor.shape, expand.getReassociationIndices()))
        for (int64_t dim : group)
          if (declared[dim] != 1)
            shape[dim] = extent;
      tensor.shape = shape;
      return tensor;
    }
    llvm::errs() << "the evaluator does not know " << op << "\n";
    std::abort();
  }

  Tensor constantOf(DenseElementsAttr attribute) {
    Tensor tensor;
    ArrayRef<int64_t> shape = attribute.getType().getShape();
    tensor.shape.assign(shape.begin(), shape.end());
    Type type = attribute.getElementType();
    if (isa<ComplexType>(type)) {
      for (std::complex<APFloat> value : attribute.getValues<std::complex<APFloat>>())
        tensor.elements.push_back(
            {0, {value.real().convertToDouble(), value.imag().convertToDouble()}});
    } else if (isa<FloatType>(type)) {
      for (APFloat value : attribute.getValues<APFloat>())
        tensor.elements.push_back({0, value.convertToDouble()});
    } else {
      for (APInt value : attribute.getValues<APInt>())
        tensor.elements.push_back({static_cast<int64_t>(
            type.isInteger(1) ? value.getZExtValue() : uint64_t(value.getSExtValue()))});
    }
    return tensor;
  }

  Tensor deltaOf(tn::DeltaOp op) {
    auto type = cast<RankedTensorType>(op.getType());
    Semantics semantics{op.getSemiring(), type.getElementType(), false};
    Tensor tensor;
    tensor.shape.assign(type.getShape().begin(), type.getShape().end());
    forEachAssignment(type.getShape(), [&](ArrayRef<int64_t> position) {
      tensor.elements.push_back(llvm::all_equal(position) ? semantics.one() : semantics.zero());
    });
    return tensor;
  }

  Tensor contraction(tn::ContractOp op) {
    Semantics semantics{op.getSemiring(), op.getAccumulationType(), op.getIsUnsigned()};
    SmallVector<int64_t> extents(op.getNumIndices());
    SmallVector<ArrayRef<int64_t>> lists = op.getOperandIndexLists();
    for (auto [list, input] : llvm::zip_equal(lists, op.getInputs()))
      for (auto [index, extent] : llvm::zip_equal(list, values.at(input).shape))
        extents[index] = extent;
    Tensor result;
    for (int64_t index : op.getResultIndices())
      result.shape.push_back(extents[index]);
    result.elements.assign(product(result.shape), semantics.zero());
    std::vector<bool> isSet(result.elements.size(), false);
    forEachAssignment(extents, [&](ArrayRef<int64_t> assignment) {
      Element term = semantics.one();
      for (auto [i, input] : llvm::enumerate(op.getInputs())) {
        const Tensor &tensor = values.at(input);
        Element element = tensor.elements[offsetOf(tensor, lists[i], assignment)];
        // Widening: from the operand's width, with its sign or with zeros.
        Type own = op.getInputType(i).getElementType();
        if (semantics.isInteger())
          element = Semantics{semantics.semiring, own, semantics.isUnsigned}.wrap(element.bits);
        term = semantics.times(term, element);
      }
      int64_t offset = offsetOf(result, op.getResultIndices(), assignment);
      result.elements[offset] =
          isSet[offset] ? semantics.plus(result.elements[offset], term) : term;
      isSet[offset] = true;
    });
    // Held sign-extended, as constants are.
    if (semantics.isInteger())
      for (Element &element : result.elements)
        element = Semantics{semantics.semiring, semantics.type, false}.wrap(element.bits);
    return result;
  }
};
} // namespace

std::vector<Tensor> test::evaluate(func::FuncOp function, const std::vector<Tensor> &arguments) {
  return Evaluator().run(function, arguments);
}
