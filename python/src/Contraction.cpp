//===- Contraction.cpp - Contractions as Python states them ---------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Contraction.h"

namespace nb = nanobind;

namespace tenon::python {

ContractionArguments::ContractionArguments(const std::vector<OperandArgument> &arguments,
                                           int resultType, bool resultUnsigned,
                                           const Indices &result, int accumulate, int semiring,
                                           const std::optional<Path> &path, const Indices &sliced,
                                           const Facts &facts) {
  operands.reserve(arguments.size());
  for (const auto &[dtype, isUnsigned, extents, indices, constant] : arguments) {
    if (extents.size() != indices.size())
      throw nb::value_error("an operand needs as many indices as extents");
    const void *data = nullptr;
    if (!constant.is_none()) {
      constants.push_back(std::make_unique<Buffer>(constant, dtype, /*writable=*/false));
      data = constants.back()->tensor().data;
    }
    operands.push_back({static_cast<tenon_dtype>(dtype), isUnsigned,
                        static_cast<int32_t>(extents.size()), extents.data(), indices.data(),
                        data});
  }
  if (path)
    for (auto [a, b] : *path) {
      steps.push_back(a);
      steps.push_back(b);
    }
  for (const std::optional<std::string> &text : facts)
    texts.push_back(text ? text->c_str() : nullptr);
  if (!texts.empty() && texts.size() != operands.size())
    throw nb::value_error("there are not as many facts as operands");
  contraction.struct_size = sizeof(contraction);
  contraction.num_operands = static_cast<int64_t>(operands.size());
  contraction.operands = operands.data();
  contraction.num_result_indices = static_cast<int64_t>(result.size());
  contraction.result_indices = result.data();
  contraction.result_dtype = static_cast<tenon_dtype>(resultType);
  contraction.result_is_unsigned = resultUnsigned;
  contraction.accumulate = static_cast<tenon_dtype>(accumulate);
  contraction.semiring = static_cast<tenon_semiring>(semiring);
  contraction.path = path ? steps.data() : nullptr;
  contraction.path_steps = static_cast<int64_t>(steps.size() / 2);
  contraction.sliced = sliced.data();
  contraction.num_sliced = static_cast<int64_t>(sliced.size());
  contraction.facts = texts.empty() ? nullptr : texts.data();
}

} // namespace tenon::python
