//===- NpyTest.cpp - .npy files -------------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/HostTensor/Npy.h"
#include "Harness.h"
#include "tenon/HostTensor/Compare.h"
#include "tenon/HostTensor/RandomFill.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>

using namespace tenon;
using namespace tenon::test;

namespace {

/// An array as numpy.save writes it, with `header` padded like NumPy does.
std::string file(const std::string &header, const std::string &data, char version = 1) {
  const size_t prefix = version == 1 ? 10 : 12;
  std::string text = header;
  text.append(63 - (prefix + text.size()) % 64, ' ');
  text += '\n';
  std::string bytes("\x93NUMPY", 6);
  bytes += version;
  bytes += '\0';
  for (size_t i = 0; i < prefix - 8; ++i)
    bytes += static_cast<char>((text.size() >> (8 * i)) & 0xff);
  return bytes + text + data;
}

Result<HostTensor> parse(const std::string &bytes) {
  return parseNpy({reinterpret_cast<const std::byte *>(bytes.data()), bytes.size()}, "a.npy");
}

std::string refusal(const std::string &bytes) {
  Result<HostTensor> result = parse(bytes);
  EXPECT_FALSE(result);
  EXPECT_EQ(result.message().rfind("a.npy: ", 0), 0u);
  return result.message();
}

class NpyFile : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("tenon-npy", directory));
  }
  void TearDown() override { std::filesystem::remove_all(directory.c_str()); }
  std::string path(const std::string &name) const { return (directory + "/" + name).str(); }
  std::ptrdiff_t countFiles() const {
    return std::distance(std::filesystem::directory_iterator(path("")), {});
  }

  llvm::SmallString<128> directory;
};

TEST_F(NpyFile, RoundTripsEveryType) {
  for (int dtype = TENON_F16; dtype <= TENON_I64; ++dtype)
    for (bool isUnsigned : {false, true}) {
      const ElementType type{static_cast<tenon_dtype>(dtype), isUnsigned};
      if (isUnsigned && !type.isInteger())
        continue;
      for (const Shape &extents : {Shape{}, Shape{5}, Shape{2, 3, 4}, Shape{3, 0, 2}}) {
        Result<HostTensor> written = HostTensor::zeros(type, extents);
        ASSERT_TRUE(written);
        fillRandom(*written, static_cast<uint64_t>(dtype));
        Status status = writeNpy(path("a.npy"), *written);
        ASSERT_TRUE(status) << status.message();
        Result<HostTensor> read = readNpy(path("a.npy"));
        ASSERT_TRUE(read) << read.message();
        EXPECT_TRUE(bitwiseEqual(*read, *written)) << type.name();
      }
    }
  EXPECT_EQ(countFiles(), 1);
}

TEST_F(NpyFile, WritesWhatNumPyWrites) {
  // The bytes of numpy.save(f, numpy.array([1], numpy.int64)).
  const std::string expected = file("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }",
                                    std::string("\1\0\0\0\0\0\0\0", 8));
  ASSERT_EQ(expected.size(), 128u + 8u);
  ASSERT_TRUE(writeNpy(path("a.npy"), tensor(TENON_I64, {1}, {1})));
  std::ifstream stream(path("a.npy"), std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), expected);
  EXPECT_CONTAINS(npyHeader(tensor(TENON_F16, {}, {3})), "'shape': (), }");
  EXPECT_CONTAINS(npyHeader(tensor(TENON_C64, {1, 2}, {1, 2, 3, 4})),
                  "'<c8', 'fortran_order': False, 'shape': (1, 2), }");
  EXPECT_EQ(npyHeader(tensor(TENON_BF16, {2}, {1, 2})).size() % 64, 0u);
}

TEST_F(NpyFile, ReportsPathsItCannotUse) {
  EXPECT_CONTAINS(readNpy(path("none.npy")).message(), "none.npy: cannot open the file: No such");
  EXPECT_CONTAINS(readNpy(directory.c_str()).message(), "not a regular file");
  const HostTensor small = tensor(TENON_F32, {2}, {1, 2});
  EXPECT_CONTAINS(writeNpy(path("no/such/a.npy"), small).message(), "cannot write");
  // A target that cannot be replaced leaves no temporary file behind.
  std::filesystem::create_directory(path("taken"));
  EXPECT_CONTAINS(writeNpy(path("taken"), small).message(), "cannot write");
  EXPECT_EQ(countFiles(), 1);
  EXPECT_CONTAINS(writeNpy(path("r"), tensor(TENON_I8, Shape(65, 1), {1})).message(), "rank 65");
}

TEST_F(NpyFile, KeepsTheOldContentWhenSpaceRunsOut) {
  ASSERT_TRUE(writeNpy(path("a.npy"), tensor(TENON_F32, {2}, {1, 2})));
  // A limit on the size of files stands in for a full disk.
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 300;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Status status = writeNpy(path("a.npy"), tensor(TENON_F64, {100}, Numbers(100, 3)));
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_CONTAINS(status.message(), "a.npy: cannot write the array: File too large");
  EXPECT_EQ(countFiles(), 1);
  EXPECT_EQ(numbers(*readNpy(path("a.npy"))), (Numbers{1, 2}));
}

TEST(Npy, ReadsFilesOfNumPy) {
  Result<HostTensor> bfloat =
      parse(file("{'descr': '<V2', 'fortran_order': False, 'shape': (2,), }",
                 std::string("\x80\x3f\x20\x40", 4)));
  ASSERT_TRUE(bfloat) << bfloat.message();
  EXPECT_EQ(bfloat->type(), ElementType{TENON_BF16});
  EXPECT_EQ(numbers(*bfloat), (Numbers{1, 2.5}));
  EXPECT_TRUE(parse(file("{'descr': 'bfloat16', 'fortran_order': False, 'shape': (0,), }", "")));

  // numpy.asfortranarray([[1, 2, 3], [4, 5, 6]], int8), and an array of shape 2x1x3.
  Result<HostTensor> fortran =
      parse(file("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", "\1\4\2\5\3\6"));
  ASSERT_TRUE(fortran) << fortran.message();
  EXPECT_EQ(numbers(*fortran), (Numbers{1, 2, 3, 4, 5, 6}));
  Result<HostTensor> deep =
      parse(file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 1, 3), }", "\1\4\2\5\3\6"));
  ASSERT_TRUE(deep) << deep.message();
  EXPECT_EQ(numbers(*deep), (Numbers{1, 2, 3, 4, 5, 6}));

  for (char version : {2, 3}) {
    Result<HostTensor> later = parse(file("{\"shape\": (3L,), 'fortran_order':False,'descr':'|b1'}",
                                          std::string("\0\1\7", 3), version));
    ASSERT_TRUE(later) << later.message();
    EXPECT_EQ(numbers(*later), (Numbers{0, 1, 1}));
    EXPECT_EQ(later->bytes()[2], std::byte{1});
  }
}

TEST(Npy, RefusesTruncatedFiles) {
  const std::string whole =
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", std::string(8, '\0'));
  ASSERT_TRUE(parse(whole));
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse(whole.substr(0, size))) << size;
  EXPECT_CONTAINS(refusal(whole.substr(0, whole.size() - 1)), "2xf32 needs 8 bytes, but 7");
  EXPECT_CONTAINS(refusal(whole.substr(0, 50)), "the header needs");
  EXPECT_CONTAINS(refusal(whole + "x"), "too long");
}

TEST(Npy, RefusesHostileHeaders) {
  const auto header = [](const std::string &text) { return refusal(file(text, "")); };
  EXPECT_CONTAINS(refusal("PK\3\4 some archive"), "not a .npy file");
  EXPECT_CONTAINS(refusal(file("{}", "", 4)), "version 4.0");
  EXPECT_CONTAINS(header("{}"), "lacks the key 'descr'");
  EXPECT_CONTAINS(header("{'descr': '<f4', 'shape': (1,)}"), "lacks the key 'fortran_order'");
  EXPECT_CONTAINS(header("{'descr': '<f4', 'descr': '<f8'}"), "'descr' twice");
  EXPECT_CONTAINS(header("{'evil': 1}"), "'evil'");
  EXPECT_CONTAINS(header("__import__('os')"), "character 0: expected '{'");
  EXPECT_CONTAINS(header("{'descr': [('a', '<f4')]}"), "records are not supported");
  EXPECT_CONTAINS(header("{'descr': '<f4', 'fortran_order': 0}"), "True or False");
  EXPECT_CONTAINS(header("{'descr': '<f4"), "in quotes");
  const auto shaped = [&](const std::string &extents) {
    return header("{'descr': '<f8', 'fortran_order': False, 'shape': (" + extents + ")}");
  };
  EXPECT_CONTAINS(shaped("-1,"), "non-negative");
  EXPECT_CONTAINS(shaped("2.5,"), "','");
  EXPECT_CONTAINS(shaped("99999999999999999999,"), "exceeds 2^63");
  EXPECT_CONTAINS(shaped("4611686018427387904, 2"), "exceeds 2^63");
  // No allocation of petabytes for a file of 128 bytes.
  EXPECT_CONTAINS(shaped("1000000000000000,"), "needs 8000000000000000 bytes, but 0");
  std::string ones;
  for (int i = 0; i < 65; ++i)
    ones += "1,";
  EXPECT_CONTAINS(shaped(ones), "more than 64");
  EXPECT_CONTAINS(header("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x"),
                  "the end of the header");
  const auto type = [&](const std::string &descriptor) {
    return header("{'descr': '" + descriptor + "', 'fortran_order': False, 'shape': (0,)}");
  };
  EXPECT_CONTAINS(type(">f4"), "big endian");
  EXPECT_CONTAINS(type("|O"), "'|O' is not supported");
  EXPECT_CONTAINS(type("<f16"), "'<f16' is not supported");
  EXPECT_CONTAINS(type("<U4"), "not supported");
}

} // namespace
