//===- NetworkJson.cpp - Tensor networks as JSON --------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The keys may come in any order, so what needs `sizes` is checked at the end. Offsets of the
// indices are kept until then.
//
//===----------------------------------------------------------------------===//
#include "tenon/Frontend/NetworkJson.h"

#include "JsonScanner.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"

#include <limits>

using namespace tenon::frontend;
using llvm::Error;
using llvm::Twine;

namespace {
/// Indices with the place of each in the text.
struct IndexList {
  size_t offset = 0;
  llvm::SmallVector<int32_t, 4> ids;
  llvm::SmallVector<size_t, 4> offsets;
};

class NetworkJsonReader {
public:
  NetworkJsonReader(llvm::StringRef text, llvm::StringRef fileName,
                    std::optional<ElementType> elementType)
      : source(text, fileName), scanner(source), elementType(elementType) {}

  llvm::Expected<NetworkDescription> read() {
    if (Error error = readFile())
      return error;
    if (Error error = checkKeys())
      return error;
    if (Error error = checkInputs())
      return error;
    if (Error error = checkOutput())
      return error;
    return finish();
  }

private:
  Error readFile();
  Error readMember(llvm::StringRef key, size_t keyOffset);
  Error readIndices(const Twine &path, IndexList &list);
  Error readElementType();
  Error readText(llvm::StringRef key, std::string &value);

  Error checkKeys();
  Error checkInputs();
  Error checkOutput();
  Error checkRange(const Twine &path, const IndexList &list);
  llvm::Expected<NetworkDescription> finish();

  SourceText source;
  JsonScanner scanner;
  std::optional<ElementType> elementType;
  NetworkDescription network;
  std::optional<std::vector<IndexList>> inputs;
  std::optional<IndexList> output;
  std::optional<std::vector<int64_t>> sizes;
  llvm::SmallVector<std::string, 8> seenKeys;
  size_t endOffset = 0;
  size_t inputsOffset = 0;
};
} // namespace

Error NetworkJsonReader::readFile() {
  Error error = scanner.object("the network", [&](llvm::StringRef key, size_t keyOffset) {
    return readMember(key, keyOffset);
  });
  if (error)
    return error;
  endOffset = scanner.position();
  return scanner.end();
}

Error NetworkJsonReader::readMember(llvm::StringRef key, size_t keyOffset) {
  static constexpr llvm::StringLiteral kKnown[] = {"inputs", "output", "sizes",
                                                   "dtype",  "name",   "source"};
  if (!llvm::is_contained(kKnown, key))
    return scanner.skip();
  if (llvm::is_contained(seenKeys, key))
    return source.error(keyOffset, "key \"" + key + "\" is given twice");
  seenKeys.push_back(key.str());

  if (key == "inputs") {
    inputsOffset = scanner.position();
    inputs.emplace();
    return scanner.array("inputs", [&](size_t i) {
      return readIndices("inputs[" + Twine(i) + "]", inputs->emplace_back());
    });
  }
  if (key == "output")
    return readIndices("output", output.emplace());
  if (key == "sizes") {
    sizes.emplace();
    return scanner.array("sizes", [&](size_t i) -> Error {
      llvm::Expected<int64_t> extent = scanner.wholeNumber("extent sizes[" + Twine(i) + "]");
      if (!extent)
        return extent.takeError();
      sizes->push_back(*extent);
      return Error::success();
    });
  }
  if (key == "dtype")
    return readElementType();
  return readText(key, key == "name" ? network.name : network.source);
}

Error NetworkJsonReader::readIndices(const Twine &path, IndexList &list) {
  list.offset = scanner.position();
  return scanner.array(path, [&](size_t i) -> Error {
    size_t offset = scanner.position();
    llvm::Expected<int64_t> id = scanner.wholeNumber("index " + path + "[" + Twine(i) + "]");
    if (!id)
      return id.takeError();
    if (*id > std::numeric_limits<int32_t>::max())
      return source.error(offset,
                          "index " + path + "[" + Twine(i) + "] is too large: " + Twine(*id));
    list.ids.push_back(static_cast<int32_t>(*id));
    list.offsets.push_back(offset);
    return Error::success();
  });
}

Error NetworkJsonReader::readText(llvm::StringRef key, std::string &value) {
  llvm::Expected<std::string> text = scanner.string(key);
  if (!text)
    return text.takeError();
  value = std::move(*text);
  return Error::success();
}

Error NetworkJsonReader::readElementType() {
  size_t offset = scanner.position();
  std::string name;
  if (Error error = readText("dtype", name))
    return error;
  std::optional<ElementType> type = parseElementType(name);
  if (!type && !elementType)
    return source.error(offset, "unsupported dtype \"" + name +
                                    "\"; known are the types of NumPy and " + elementTypeNames());
  network.elementType = type.value_or(ElementType::F32);
  return Error::success();
}

Error NetworkJsonReader::checkKeys() {
  llvm::StringRef missing = !inputs                                                  ? "inputs"
                            : !output                                                ? "output"
                            : !sizes                                                 ? "sizes"
                            : !elementType && !llvm::is_contained(seenKeys, "dtype") ? "dtype"
                                                                                     : "";
  if (!missing.empty())
    return source.error(endOffset, "the network has no \"" + missing + "\"");
  if (inputs->empty())
    return source.error(inputsOffset, "inputs is empty: a network needs at least one tensor");
  return Error::success();
}

Error NetworkJsonReader::checkRange(const Twine &path, const IndexList &list) {
  for (auto [i, id] : llvm::enumerate(list.ids))
    if (static_cast<size_t>(id) >= sizes->size())
      return source.error(list.offsets[i], "index " + path + "[" + Twine(i) + "] is " + Twine(id) +
                                               ", but sizes has " + Twine(sizes->size()) +
                                               " entries");
  return Error::success();
}

Error NetworkJsonReader::checkInputs() {
  llvm::SmallVector<int64_t> extents;
  for (auto [tensor, list] : llvm::enumerate(*inputs)) {
    if (Error error = checkRange("inputs[" + Twine(tensor) + "]", list))
      return error;
    extents.clear();
    for (int32_t id : list.ids)
      extents.push_back((*sizes)[id]);
    if (!elementCount(extents))
      return source.error(list.offset, "inputs[" + Twine(tensor) + "] of shape " +
                                           shapeText(extents) + " has 2^63 elements or more");
  }
  return Error::success();
}

Error NetworkJsonReader::checkOutput() {
  if (Error error = checkRange("output", *output))
    return error;
  llvm::BitVector inTensor(sizes->size()), inOutput(sizes->size());
  for (const IndexList &list : *inputs)
    for (int32_t id : list.ids)
      inTensor.set(id);
  for (auto [i, id] : llvm::enumerate(output->ids)) {
    if (inOutput.test(id))
      return source.error(output->offsets[i], "output index " + Twine(id) + " is repeated");
    if (!inTensor.test(id))
      return source.error(output->offsets[i], "output index " + Twine(id) + " is in no tensor");
    inOutput.set(id);
  }
  llvm::SmallVector<int64_t> extents;
  for (int32_t id : output->ids)
    extents.push_back((*sizes)[id]);
  if (!elementCount(extents))
    return source.error(output->offset,
                        "the result of shape " + shapeText(extents) + " has 2^63 elements or more");
  return Error::success();
}

llvm::Expected<NetworkDescription> NetworkJsonReader::finish() {
  if (elementType)
    network.elementType = *elementType;
  network.operands.reserve(inputs->size());
  for (IndexList &list : *inputs)
    network.operands.emplace_back().indices = std::move(list.ids);
  network.output.assign(output->ids.begin(), output->ids.end());
  network.indexNames.reserve(sizes->size());
  for (size_t id = 0; id < sizes->size(); ++id)
    network.indexNames.push_back("i" + std::to_string(id));
  network.extents = std::move(*sizes);
  return std::move(network);
}

llvm::Expected<NetworkDescription>
tenon::frontend::parseNetworkJson(llvm::StringRef text, llvm::StringRef fileName,
                                  std::optional<ElementType> elementType) {
  return NetworkJsonReader(text, fileName, elementType).read();
}
