//===- MutateTypes.cpp - Types changed throughout a function ----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "TextMutators.h"

#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;
using namespace tenon;
using namespace tenon::fuzz;

/// Largest constant that is made anew.
static constexpr int64_t kMaxElements = 4096;

/// The elements of `attr`, from the start again where `type` has more. Null where it cannot be.
static Attribute refill(DenseElementsAttr attr, ShapedType type) {
  if (!type.hasStaticShape() || type.getNumElements() > kMaxElements || attr.empty())
    return {};
  if (attr.isSplat())
    return attr.resizeSplat(type);
  SmallVector<Attribute> old(attr.getValues<Attribute>()), values;
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    values.push_back(old[static_cast<size_t>(i) % old.size()]);
  return DenseElementsAttr::get(type, values);
}

namespace {
/// One extent of a function becomes another, wherever it stands.
class ExtentChange {
public:
  ExtentChange(int64_t from, int64_t to, bool numbersToo)
      : from(from), to(to), numbersToo(numbersToo) {
    replacer.addReplacement([this](Type type) { return replace(type); });
    replacer.addReplacement([this](Attribute attr) { return replace(attr); });
  }
  void apply(Operation *op) {
    replacer.recursivelyReplaceElementsIn(op, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
  }

private:
  using TypeResult = std::optional<std::pair<Type, WalkResult>>;
  using AttributeResult = std::optional<std::pair<Attribute, WalkResult>>;

  TypeResult replace(Type type);
  AttributeResult replace(Attribute attr);

  AttrTypeReplacer replacer;
  int64_t from, to;
  bool numbersToo; ///< offsets, sizes, bounds: any number that is equal
};
} // namespace

ExtentChange::TypeResult ExtentChange::replace(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !shaped.hasRank() || !llvm::is_contained(shaped.getShape(), from))
    return std::nullopt;
  // Vectors have no extents that are open or 0.
  if (isa<VectorType>(type) && to <= 0)
    return std::pair(type, WalkResult::skip());
  SmallVector<int64_t> shape(shaped.getShape());
  llvm::replace(shape, from, to);
  Type changed;
  if (auto buffer = dyn_cast<MemRefType>(type))
    changed = MemRefType::getChecked([&] { return emitError(UnknownLoc::get(type.getContext())); },
                                     shape, buffer.getElementType(), buffer.getLayout(),
                                     buffer.getMemorySpace());
  else
    changed = shaped.cloneWith(ArrayRef<int64_t>(shape), shaped.getElementType());
  return std::pair(changed ? changed : type, WalkResult::skip());
}

ExtentChange::AttributeResult ExtentChange::replace(Attribute attr) {
  auto done = [](Attribute changed) { return std::pair(changed, WalkResult::skip()); };
  if (auto dense = dyn_cast<DenseElementsAttr>(attr)) {
    TypeResult type = replace(dense.getType());
    Attribute changed = type ? refill(dense, cast<ShapedType>(type->first)) : Attribute();
    return done(changed ? changed : attr);
  }
  if (isa<ElementsAttr>(attr))
    return done(attr);
  if (!numbersToo || to < 0)
    return std::nullopt;
  if (auto number = dyn_cast<IntegerAttr>(attr);
      number && number.getType().isIndex() && number.getValue() == from)
    return done(IntegerAttr::get(number.getType(), to));
  if (auto numbers = dyn_cast<DenseI64ArrayAttr>(attr)) {
    SmallVector<int64_t> changed(numbers.asArrayRef());
    llvm::replace(changed, from, to);
    return done(DenseI64ArrayAttr::get(attr.getContext(), changed));
  }
  return std::nullopt;
}

bool tenon::fuzz::changeExtent(ModuleOp module, ModuleOp, Random &random) {
  func::FuncOp function = pick(functionsWithBodies(module), random);
  if (!function)
    return false;
  llvm::SetVector<int64_t> extents;
  auto collect = [&](TypeRange types) {
    for (Type type : types)
      if (auto shaped = dyn_cast<ShapedType>(type); shaped && shaped.hasRank())
        extents.insert_range(shaped.getShape());
  };
  collect(function.getArgumentTypes());
  function.walk([&](Operation *op) { collect(op->getResultTypes()); });
  extents.remove(ShapedType::kDynamic);
  if (extents.empty())
    return false;
  const int64_t from = extents[random.below(extents.size())];
  const int64_t others[] = {0, 1, 2, 3, 5, 8, from + 1, from - 1, 2 * from, ShapedType::kDynamic};
  const int64_t to = others[random.below(std::size(others))];
  if (to == from || (to < 0 && !ShapedType::isDynamic(to)))
    return false;
  ExtentChange(from, to, random.oneIn(2)).apply(function);
  return true;
}

/// The number of an attribute of type `from` as one of type `to`: rounded, or cut off.
static Attribute convertNumber(Attribute attr, Type to) {
  if (auto real = dyn_cast<FloatAttr>(attr))
    return FloatAttr::get(to, real.getValueAsDouble());
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    return IntegerAttr::get(to, integer.getValue().sextOrTrunc(to.getIntOrFloatBitWidth()));
  return {};
}

bool tenon::fuzz::changeElementType(ModuleOp module, ModuleOp, Random &random) {
  func::FuncOp function = pick(functionsWithBodies(module), random);
  if (!function)
    return false;
  Builder builder(module.getContext());
  const Type floats[] = {builder.getF16Type(), builder.getBF16Type(), builder.getF32Type(),
                         builder.getF64Type()};
  const Type integers[] = {builder.getI1Type(), builder.getIntegerType(8),
                           builder.getIntegerType(16), builder.getI32Type(), builder.getI64Type()};
  llvm::SetVector<Type> types;
  function.walk([&](Operation *op) {
    for (Type type : llvm::concat<const Type>(llvm::to_vector(op->getOperandTypes()),
                                              llvm::to_vector(op->getResultTypes()))) {
      type = getElementTypeOrSelf(type);
      if (auto complex = dyn_cast<ComplexType>(type))
        type = complex.getElementType();
      if (llvm::is_contained(floats, type) || llvm::is_contained(integers, type))
        types.insert(type);
    }
  });
  if (types.empty())
    return false;
  const Type from = types[random.below(types.size())];
  const Type to = isa<FloatType>(from) ? floats[random.below(std::size(floats))]
                                       : integers[random.below(std::size(integers))];
  if (from == to)
    return false;
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](Type type) -> std::optional<Type> {
    return type == from ? std::optional(to) : std::nullopt;
  });
  replacer.addReplacement([&](Attribute attr) -> std::optional<std::pair<Attribute, WalkResult>> {
    auto done = [](Attribute changed) { return std::pair(changed, WalkResult::skip()); };
    if (auto dense = dyn_cast<DenseElementsAttr>(attr)) {
      if (dense.getElementType() != from || dense.getNumElements() > kMaxElements)
        return done(attr);
      SmallVector<Attribute> values;
      for (Attribute value : dense.getValues<Attribute>())
        values.push_back(convertNumber(value, to));
      return done(DenseElementsAttr::get(dense.getType().clone(to), values));
    }
    if (isa<ElementsAttr>(attr))
      return done(attr);
    if (auto typed = dyn_cast<TypedAttr>(attr); typed && isa<FloatAttr, IntegerAttr>(attr))
      return done(typed.getType() == from ? convertNumber(attr, to) : attr);
    return std::nullopt;
  });
  replacer.recursivelyReplaceElementsIn(function, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  return true;
}
