//===- MutateAttributes.cpp - Mutators of attributes ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TextMutators.h"

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/AffineMap.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Largest constant whose elements are changed one by one.
static constexpr int64_t kMaxElements = 4096;

/// Names and types of symbols, and the split of operands, are not for changing alone.
static bool isStructural(StringAttr name) {
  return llvm::is_contained({"sym_name", "function_type", "operandSegmentSizes",
                             "resultSegmentSizes", "value_type", "type"},
                            name.getValue());
}

static SmallVector<std::pair<Operation *, NamedAttribute>> findAttributes(ModuleOp module) {
  SmallVector<std::pair<Operation *, NamedAttribute>> places;
  for (Operation *op : allOperations(module))
    for (NamedAttribute attribute : op->getAttrDictionary())
      if (!isStructural(attribute.getName()))
        places.push_back({op, attribute});
  return places;
}

static IntegerAttr change(IntegerAttr attr, Random &random) {
  const unsigned width = attr.getValue().getBitWidth();
  if (width == 1)
    return IntegerAttr::get(attr.getType(), ~attr.getValue());
  const APInt one(width, 1);
  switch (random.below(8)) {
  case 0:
    return IntegerAttr::get(attr.getType(), attr.getValue() + one);
  case 1:
    return IntegerAttr::get(attr.getType(), attr.getValue() - one);
  case 2:
    return IntegerAttr::get(attr.getType(), -attr.getValue());
  case 3:
    return IntegerAttr::get(attr.getType(), attr.getValue().shl(1));
  case 4:
    return IntegerAttr::get(attr.getType(), APInt::getSignedMinValue(width));
  case 5:
    return IntegerAttr::get(attr.getType(), APInt::getSignedMaxValue(width));
  default:
    return IntegerAttr::get(attr.getType(), APInt(width, random.below(4)));
  }
}

static FloatAttr change(FloatAttr attr, Random &random) {
  const double numbers[] = {0.0,      -0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -attr.getValueAsDouble(),
                            INFINITY, NAN};
  return FloatAttr::get(attr.getType(), numbers[random.below(std::size(numbers))]);
}

static Attribute changeNumber(Attribute attr, Random &random) {
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    return change(integer, random);
  if (auto real = dyn_cast<FloatAttr>(attr))
    return change(real, random);
  return {};
}

static Attribute change(DenseElementsAttr attr, Random &random) {
  if (attr.empty() || attr.getNumElements() > kMaxElements ||
      !isa<IntegerType, IndexType, FloatType>(attr.getElementType()))
    return {};
  if (attr.isSplat() && random.oneIn(2))
    return DenseElementsAttr::get(attr.getType(),
                                  changeNumber(attr.getSplatValue<Attribute>(), random));
  SmallVector<Attribute> values(attr.getValues<Attribute>());
  if (random.oneIn(3)) {
    std::rotate(values.begin(), values.begin() + 1, values.end());
  } else {
    Attribute &value = values[random.below(values.size())];
    value = changeNumber(value, random);
  }
  return DenseElementsAttr::get(attr.getType(), values);
}

template <typename Element>
static bool rearrange(SmallVectorImpl<Element> &elements, Random &random) {
  if (elements.empty())
    return false;
  switch (random.below(3)) {
  case 0:
    std::swap(elements[random.below(elements.size())], elements[random.below(elements.size())]);
    return true;
  case 1:
    elements.erase(elements.begin() + random.below(elements.size()));
    return true;
  default:
    Element copy = elements[random.below(elements.size())];
    elements.insert(elements.begin() + random.below(elements.size() + 1), copy);
    return true;
  }
}

template <typename Attr> static Attribute changeNumbers(Attr attr, Random &random) {
  auto numbers = llvm::to_vector(attr.asArrayRef());
  if (!numbers.empty() && random.oneIn(2)) {
    auto &number = numbers[random.below(numbers.size())];
    using Number = std::decay_t<decltype(number)>;
    const Number others[] = {Number(number + 1), Number(number - 1), Number(0),
                             Number(1),          Number(2),          Number(-1)};
    number = others[random.below(std::size(others))];
  } else if (!rearrange(numbers, random)) {
    return {};
  }
  return Attr::get(attr.getContext(), numbers);
}

static AffineMap change(AffineMap map, Random &random) {
  SmallVector<AffineExpr> results(map.getResults());
  MLIRContext *context = map.getContext();
  if (results.empty())
    return {};
  AffineExpr &result = results[random.below(results.size())];
  switch (random.below(5)) {
  case 0:
    std::swap(result, results[random.below(results.size())]);
    break;
  case 1:
    if (map.getNumDims() == 0)
      return {};
    result = getAffineDimExpr(static_cast<unsigned>(random.below(map.getNumDims())), context);
    break;
  case 2:
    result = result + static_cast<int64_t>(1 + random.below(2));
    break;
  case 3:
    result = getAffineConstantExpr(static_cast<int64_t>(random.below(2)), context);
    break;
  default: {
    if (map.getNumDims() < 2)
      return {};
    const auto a = static_cast<unsigned>(random.below(map.getNumDims())),
               b = static_cast<unsigned>(random.below(map.getNumDims()));
    return map.replace({{getAffineDimExpr(a, context), getAffineDimExpr(b, context)},
                        {getAffineDimExpr(b, context), getAffineDimExpr(a, context)}},
                       map.getNumDims(), map.getNumSymbols());
  }
  }
  return AffineMap::get(map.getNumDims(), map.getNumSymbols(), results, context);
}

/// Another attribute of the same kind; from `pool` where nothing is known about the kind. Null
/// where there is none.
static Attribute change(Attribute attr, ArrayRef<Attribute> pool, Random &random) {
  if (!random.oneIn(4)) {
    if (Attribute number = changeNumber(attr, random))
      return number;
    if (auto dense = dyn_cast<DenseElementsAttr>(attr))
      return change(dense, random);
    if (auto numbers = dyn_cast<DenseI64ArrayAttr>(attr))
      return changeNumbers(numbers, random);
    if (auto numbers = dyn_cast<DenseI32ArrayAttr>(attr))
      return changeNumbers(numbers, random);
    if (auto map = dyn_cast<AffineMapAttr>(attr)) {
      AffineMap changed = change(map.getValue(), random);
      return changed ? AffineMapAttr::get(changed) : Attribute();
    }
    if (auto array = dyn_cast<ArrayAttr>(attr)) {
      SmallVector<Attribute> elements(array.getValue());
      if (elements.empty())
        return {};
      if (random.oneIn(3)) {
        rearrange(elements, random);
      } else {
        Attribute &element = elements[random.below(elements.size())];
        element = change(element, pool, random);
        if (!element)
          return {};
      }
      return ArrayAttr::get(attr.getContext(), elements);
    }
  }
  SmallVector<Attribute> alike = llvm::filter_to_vector(pool, [&](Attribute other) {
    return other != attr && other.getTypeID() == attr.getTypeID();
  });
  return pick(alike, random);
}

/// Attributes of both modules with the elements of arrays.
static SmallVector<Attribute> collectPool(ModuleOp module, ModuleOp donor) {
  SmallVector<Attribute> pool;
  for (ModuleOp each : {module, donor})
    for (auto &[op, attribute] : findAttributes(each)) {
      pool.push_back(attribute.getValue());
      if (auto array = dyn_cast<ArrayAttr>(attribute.getValue()))
        llvm::append_range(pool, array);
    }
  return pool;
}

/// `value` null: without it.
static void setAttribute(Operation *op, StringAttr name, Attribute value) {
  NamedAttrList attributes(op->getAttrDictionary());
  if (value)
    attributes.set(name, value);
  else
    attributes.erase(name);
  rebuild(op, op->getName().getStringRef(), attributes);
}

bool tenon::fuzz::changeAttribute(ModuleOp module, ModuleOp donor, Random &random) {
  auto places = findAttributes(module);
  if (places.empty())
    return false;
  auto [op, attribute] = places[random.below(places.size())];
  Attribute changed = change(attribute.getValue(), collectPool(module, donor), random);
  if (!changed || changed == attribute.getValue())
    return false;
  setAttribute(op, attribute.getName(), changed);
  return true;
}

bool tenon::fuzz::dropAttribute(ModuleOp module, ModuleOp, Random &random) {
  auto places = findAttributes(module);
  if (places.empty())
    return false;
  auto [op, attribute] = places[random.below(places.size())];
  setAttribute(op, attribute.getName(), {});
  return true;
}

/// An attribute that some operation of the same name has, or any that is named for a dialect.
bool tenon::fuzz::addAttribute(ModuleOp module, ModuleOp donor, Random &random) {
  Operation *op = pick(allOperations(module), random);
  if (!op)
    return false;
  SmallVector<NamedAttribute> fitting;
  for (ModuleOp each : {module, donor})
    for (auto &[other, attribute] : findAttributes(each))
      if (other != op && !op->hasAttr(attribute.getName()) &&
          (other->getName() == op->getName() || attribute.getName().getValue().contains('.')))
        fitting.push_back(attribute);
  if (fitting.empty())
    return false;
  NamedAttribute attribute = fitting[random.below(fitting.size())];
  setAttribute(op, attribute.getName(), attribute.getValue());
  return true;
}
