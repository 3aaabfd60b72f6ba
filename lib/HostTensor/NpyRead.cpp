//===- NpyRead.cpp - Host tensors out of .npy files -----------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// A .npy header is the text of a Python dictionary with three known keys. The parser below takes
// exactly that subset of Python, checks every size against the file, then copies.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/Npy.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tenon {
namespace {

struct Header {
  std::string descriptor;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  /// The header, or what is wrong with it and at which character.
  Result<Header> parse() {
    Header header;
    bool seenDescriptor = false, seenOrder = false, seenShape = false;
    if (!take('{'))
      return wrong("'{'");
    while (!take('}')) {
      std::string key;
      if (!quoted(key))
        return wrong("a key in quotes");
      if (!take(':'))
        return wrong("':'");
      bool *seen = key == "descr"           ? &seenDescriptor
                   : key == "fortran_order" ? &seenOrder
                   : key == "shape"         ? &seenShape
                                            : nullptr;
      if (!seen || *seen)
        return Failure{"the header has the key '" + key.substr(0, 40) +
                       (seen ? "' twice" : "', which is none of descr, fortran_order and shape")};
      *seen = true;
      if (seen == &seenDescriptor) {
        if (!quoted(header.descriptor))
          return wrong("an element type in quotes (records are not supported)");
      } else if (seen == &seenOrder) {
        if (!boolean(header.fortranOrder))
          return wrong("True or False");
      } else if (Status status = tuple(header.shape); !status) {
        return Failure{status.message()};
      }
      if (!take(',') && peek() != '}')
        return wrong("',' or '}'");
    }
    if (peek() != '\0' || cursor != text.size())
      return wrong("the end of the header");
    if (!seenDescriptor || !seenOrder || !seenShape)
      return Failure{std::string("the header lacks the key '") +
                     (!seenDescriptor ? "descr"
                      : !seenOrder    ? "fortran_order"
                                      : "shape") +
                     "'"};
    return header;
  }

private:
  Failure wrong(const std::string &expected) const {
    return Failure{"the header is ill-formed at character " + std::to_string(cursor) +
                   ": expected " + expected};
  }

  /// The next character that is no space; '\0' at the end.
  char peek() {
    while (cursor < text.size() && (text[cursor] == ' ' || text[cursor] == '\n' ||
                                    text[cursor] == '\t' || text[cursor] == '\r'))
      ++cursor;
    return cursor < text.size() ? text[cursor] : '\0';
  }

  bool take(char expected) {
    if (peek() != expected || cursor >= text.size())
      return false;
    ++cursor;
    return true;
  }

  bool quoted(std::string &value) {
    const char quote = peek();
    if (quote != '\'' && quote != '"')
      return false;
    const size_t end = text.find(quote, cursor + 1);
    if (end == std::string_view::npos)
      return false;
    value = std::string(text.substr(cursor + 1, end - cursor - 1));
    cursor = end + 1;
    return true;
  }

  bool boolean(bool &value) {
    peek();
    for (bool candidate : {true, false}) {
      const std::string_view word = candidate ? "True" : "False";
      if (text.substr(cursor, word.size()) == word) {
        cursor += word.size();
        value = candidate;
        return true;
      }
    }
    return false;
  }

  Status tuple(std::vector<int64_t> &shape) {
    if (!take('('))
      return wrong("'(' of the shape");
    while (!take(')')) {
      if (peek() < '0' || peek() > '9')
        return wrong("an extent, a non-negative integer");
      int64_t extent = 0;
      for (; cursor < text.size() && text[cursor] >= '0' && text[cursor] <= '9'; ++cursor)
        if (__builtin_mul_overflow(extent, int64_t{10}, &extent) ||
            __builtin_add_overflow(extent, int64_t{text[cursor] - '0'}, &extent))
          return Failure{"an extent of the shape exceeds 2^63 - 1"};
      // Python 2 wrote long integers with a suffix.
      if (cursor < text.size() && text[cursor] == 'L')
        ++cursor;
      shape.push_back(extent);
      if (static_cast<int64_t>(shape.size()) > maxNpyRank)
        return Failure{"the shape has more than " + std::to_string(maxNpyRank) + " extents"};
      if (!take(',') && peek() != ')')
        return wrong("',' or ')'");
    }
    return {};
  }

  std::string_view text;
  size_t cursor = 0;
};

Result<ElementType> elementTypeOf(const std::string &descriptor) {
  static constexpr struct {
    std::string_view kind;
    ElementType type;
  } table[] = {
      {"f2", {TENON_F16}},        {"V2", {TENON_BF16}},      {"f4", {TENON_F32}},
      {"f8", {TENON_F64}},        {"c8", {TENON_C64}},       {"c16", {TENON_C128}},
      {"b1", {TENON_BOOL}},       {"i1", {TENON_I8}},        {"u1", {TENON_I8, true}},
      {"i2", {TENON_I16}},        {"u2", {TENON_I16, true}}, {"i4", {TENON_I32}},
      {"u4", {TENON_I32, true}},  {"i8", {TENON_I64}},       {"u8", {TENON_I64, true}},
      {"bfloat16", {TENON_BF16}},
  };
  const std::string shown = "'" + descriptor.substr(0, 40) + "'";
  std::string_view kind = descriptor;
  char order = '|';
  if (!kind.empty() && std::string_view("<>|=").find(kind.front()) != std::string_view::npos) {
    order = kind.front();
    kind.remove_prefix(1);
  }
  for (const auto &entry : table) {
    if (entry.kind != kind)
      continue;
    if (order == '>' && entry.type.byteWidth() > 1)
      return Failure{"the elements " + shown +
                     " are big endian; save the array in little-endian order "
                     "(array.astype(array.dtype.newbyteorder('<')))"};
    return entry.type;
  }
  return Failure{"the element type " + shown +
                 " is not supported; expected a float of 16 to 64 bits, bfloat16, complex64, "
                 "complex128, bool, or an integer of 8 to 64 bits"};
}

/// Copies elements that lie in column-major order at `source` to row-major order.
void copyTransposed(const std::byte *source, HostTensor &tensor) {
  const auto width = static_cast<size_t>(tensor.type().byteWidth());
  const std::span<const int64_t> shape = tensor.shape();
  std::vector<int64_t> position(shape.size(), 0);
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t d = 1; d < shape.size(); ++d)
    strides[d] = strides[d - 1] * shape[d - 1];
  std::byte *target = tensor.bytes().data();
  int64_t offset = 0;
  for (int64_t i = 0; i < tensor.size(); ++i, target += width) {
    std::memcpy(target, source + static_cast<size_t>(offset) * width, width);
    for (size_t d = shape.size(); d-- > 0;) {
      offset += strides[d];
      if (++position[d] < shape[d])
        break;
      offset -= strides[d] * shape[d];
      position[d] = 0;
    }
  }
}

uint32_t littleEndian(const std::byte *bytes, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i)
    value |= static_cast<uint32_t>(bytes[i]) << (8 * i);
  return value;
}

} // namespace

Result<HostTensor> parseNpy(std::span<const std::byte> bytes, const std::string &name) {
  const auto wrong = [&](const std::string &what) { return Failure{name + ": " + what}; };
  static constexpr std::string_view magic("\x93NUMPY", 6);
  if (bytes.size() < 10 || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0)
    return wrong("not a .npy file: it does not begin with \\x93NUMPY and a version");
  const auto major = static_cast<unsigned>(bytes[6]);
  const auto minor = static_cast<unsigned>(bytes[7]);
  if (major < 1 || major > 3 || minor != 0)
    return wrong("version " + std::to_string(major) + "." + std::to_string(minor) +
                 " of the .npy format is not supported; expected 1.0, 2.0 or 3.0");
  const size_t prefix = major == 1 ? 10 : 12;
  if (bytes.size() < prefix)
    return wrong("truncated: the file ends within its first " + std::to_string(prefix) + " bytes");
  const size_t headerSize = littleEndian(bytes.data() + 8, major == 1 ? 2 : 4);
  if (headerSize > bytes.size() - prefix)
    return wrong("truncated: the header needs " + std::to_string(headerSize) + " bytes, but " +
                 std::to_string(bytes.size() - prefix) + " follow");

  Result<Header> header =
      HeaderParser({reinterpret_cast<const char *>(bytes.data() + prefix), headerSize}).parse();
  if (!header)
    return wrong(header.message());
  Result<ElementType> type = elementTypeOf(header->descriptor);
  if (!type)
    return wrong(type.message());

  const std::optional<int64_t> count = countElements(header->shape);
  int64_t needed = 0;
  if (!count || __builtin_mul_overflow(*count, type->byteWidth(), &needed))
    return wrong("the shape " + describeType(header->shape, *type) + " exceeds 2^63 - 1 bytes");
  const size_t available = bytes.size() - prefix - headerSize;
  if (static_cast<uint64_t>(needed) != available)
    return wrong((static_cast<uint64_t>(needed) > available ? "truncated: " : "too long: ") +
                 describeType(header->shape, *type) + " needs " + std::to_string(needed) +
                 " bytes, but " + std::to_string(available) + " follow the header");

  Result<HostTensor> tensor = HostTensor::zeros(*type, header->shape);
  if (!tensor)
    return wrong(tensor.message());
  const std::byte *source = bytes.data() + prefix + headerSize;
  if (header->fortranOrder && header->shape.size() > 1)
    copyTransposed(source, *tensor);
  else if (needed > 0)
    std::memcpy(tensor->data(), source, available);
  // A bool is one byte, 0 or 1; NumPy takes any other byte for true.
  if (type->isBool())
    for (std::byte &value : tensor->bytes())
      value = value == std::byte{0} ? std::byte{0} : std::byte{1};
  return tensor;
}

Result<HostTensor> readNpy(const std::string &path) {
  const auto wrong = [&](const std::string &what) { return Failure{path + ": " + what}; };
  const int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0)
    return wrong(std::string("cannot open the file: ") + std::strerror(errno));
  struct Closer {
    int handle;
    ~Closer() { ::close(handle); }
  } closer{handle};

  struct stat info;
  if (::fstat(handle, &info) != 0)
    return wrong(std::string("cannot read the file: ") + std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    return wrong("not a regular file");
  const auto size = static_cast<size_t>(info.st_size);
  std::unique_ptr<void, decltype(&std::free)> content(std::malloc(size == 0 ? 1 : size),
                                                      &std::free);
  if (!content)
    return wrong("out of memory: the file has " + std::to_string(size) + " bytes");
  auto *bytes = static_cast<std::byte *>(content.get());
  for (size_t done = 0; done < size;) {
    const ssize_t got = ::read(handle, bytes + done, std::min(size - done, size_t{1} << 30));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return wrong(std::string("cannot read the file: ") + std::strerror(errno));
    if (got == 0)
      return wrong("the file became shorter while it was read");
    done += static_cast<size_t>(got);
  }
  return parseNpy({bytes, size}, path);
}

} // namespace tenon
