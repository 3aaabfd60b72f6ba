//===- BindModule.cpp - Modules of IR in Python ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Contraction.h"
#include "Errors.h"
#include "Handles.h"

#include <nanobind/stl/unique_ptr.h>

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

namespace {

std::unique_ptr<Module> own(tenon_module *module, char *error) {
  if (!module)
    throwCompileError(error);
  return std::make_unique<Module>(module);
}

std::unique_ptr<Module> parse(const std::string &text, const std::string &name) {
  char *error = nullptr;
  tenon_module *module;
  {
    nb::gil_scoped_release released;
    module = tenon_module_parse(text.data(), text.size(), name.c_str(), &error);
  }
  return own(module, error);
}

std::unique_ptr<Module> fromContraction(const std::vector<OperandArgument> &arguments,
                                        int resultType, bool resultUnsigned, const Indices &result,
                                        int accumulate, int semiring,
                                        const std::optional<Path> &path, const Indices &sliced,
                                        const Facts &facts) {
  ContractionArguments contraction(arguments, resultType, resultUnsigned, result, accumulate,
                                   semiring, path, sliced, facts);
  char *error = nullptr;
  tenon_module *module;
  {
    nb::gil_scoped_release released;
    module = tenon_module_from_contraction(&contraction.get(), &error);
  }
  return own(module, error);
}

std::unique_ptr<Module> fromContractions(const std::vector<ContractionTuple> &tuples,
                                         const std::vector<Indices> &tensors) {
  if (tuples.size() != tensors.size())
    throw nb::value_error("there are not as many lists of tensors as contractions");
  std::vector<std::unique_ptr<ContractionArguments>> owners;
  std::vector<const tenon_contraction *> contractions;
  std::vector<const int64_t *> numbers;
  for (size_t c = 0; c < tuples.size(); ++c) {
    if (std::get<0>(tuples[c]).size() != tensors[c].size())
      throw nb::value_error("a contraction needs as many tensors as operands");
    owners.push_back(std::apply(
        [](const auto &...fields) { return std::make_unique<ContractionArguments>(fields...); },
        tuples[c]));
    contractions.push_back(&owners.back()->get());
    numbers.push_back(tensors[c].data());
  }
  char *error = nullptr;
  tenon_module *module;
  {
    nb::gil_scoped_release released;
    module = tenon_module_from_contractions(contractions.data(), numbers.data(),
                                            static_cast<int64_t>(tuples.size()), &error);
  }
  return own(module, error);
}

void runPasses(Module &module, const std::string &pipeline) {
  char *error = nullptr;
  tenon_status status;
  {
    nb::gil_scoped_release released;
    status = tenon_module_run_passes(module.get(), pipeline.c_str(), &error);
  }
  if (status != TENON_OK)
    throwCompileError(error, status);
}

std::string print(const Module &module) {
  char *text;
  {
    nb::gil_scoped_release released;
    text = tenon_module_print(module.get());
  }
  if (!text)
    throw std::bad_alloc();
  std::string result = text;
  tenon_free(text);
  return result;
}

std::string checkFacts(const std::string &facts, nb::handle array, int dtype, bool isUnsigned) {
  Buffer buffer(array, dtype, /*writable=*/false);
  char *error = nullptr;
  tenon_status status;
  {
    nb::gil_scoped_release released;
    status = tenon_check_facts(facts.c_str(), &buffer.tensor(), isUnsigned, &error);
  }
  std::string message = status == TENON_OK ? "" : error ? error : "memory is out";
  tenon_free(error);
  return message;
}

std::string fitFacts(const std::string &facts, const Indices &extents, int dtype) {
  tenon_tensor tensor = {nullptr, static_cast<tenon_dtype>(dtype),
                         static_cast<int32_t>(extents.size()), extents.data(), nullptr};
  char *error = nullptr;
  tenon_status status = tenon_check_facts(facts.c_str(), &tensor, 0, &error);
  std::string message = status == TENON_OK ? "" : error ? error : "memory is out";
  tenon_free(error);
  return message;
}

} // namespace

void bindModule(nb::module_ &m) {
  nb::class_<Module>(m, "Module", "A module of IR.")
      .def_static("parse", &parse, "text"_a, "name"_a = "<input>", "Parses MLIR text.")
      .def_static(
          "from_contraction", &fromContraction, "operands"_a, "result_dtype"_a, "result_unsigned"_a,
          "result_indices"_a, "accumulate"_a, "semiring"_a, "path"_a.none(), "sliced"_a, "facts"_a,
          "A module with one function `main` that computes a contraction. An operand is\n"
          "(dtype, unsigned, extents, indices, constant or None); a constant is C-contiguous.")
      .def_static(
          "from_contractions", &fromContractions, "contractions"_a, "tensors"_a,
          "A module with one function `main` that computes several contractions, each a tuple\n"
          "of what from_contraction takes. `tensors` has a list of numbers for each: operands\n"
          "of one number are one tensor.")
      .def(
          "clone",
          [](const Module &module) {
            tenon_module *copy;
            {
              nb::gil_scoped_release released;
              copy = tenon_module_clone(module.get());
            }
            return own(copy, nullptr);
          },
          "A copy.")
      .def("run_passes", &runPasses, "pipeline"_a, "Runs a pass pipeline in MLIR's textual form.")
      .def("__str__", &print);
  m.def("fit_facts", &fitFacts, "facts"_a, "extents"_a, "dtype"_a,
        "What is wrong with facts for an array of that shape, or an empty text.");
  m.def("check_facts", &checkFacts, "facts"_a, "array"_a, "dtype"_a, "is_unsigned"_a,
        "What is wrong with facts of an array, or an empty text; releases the GIL.");
}

} // namespace tenon::python
