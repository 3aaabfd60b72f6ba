//===- KernelCacheTest.cpp - Kernels kept on disk ---------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon-c/Tenon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

struct Counts {
  int64_t memory, disk, compiled;
  bool operator==(const Counts &) const = default;
};

std::ostream &operator<<(std::ostream &stream, const Counts &counts) {
  return stream << counts.memory << " in memory, " << counts.disk << " on disk, " << counts.compiled
                << " compiled";
}

Counts getCounts() {
  tenon_kernel_cache_counts counts = {sizeof(counts), 0, 0, 0};
  tenon_kernel_cache_get(&counts);
  return {counts.memory, counts.disk, counts.compiled};
}

/// Kernels of two types and strategies: a matrix product, and the sum of a product of vectors. Of
/// integers, whose kernels are no part of Tenon.
constexpr char kText[] = R"(
func.func @main(%a: tensor<40x50xi64>, %b: tensor<50x60xi64>, %c: tensor<7xi32>, %d: tensor<7xi32>)
    -> (tensor<40x60xi64>, tensor<i32>) {
  %0 = tn.contract (%a[i, j], %b[j, k]) -> [i, k] : (tensor<40x50xi64>, tensor<50x60xi64>) -> tensor<40x60xi64>
  %1 = tn.contract (%c[i], %d[i]) -> [] : (tensor<7xi32>, tensor<7xi32>) -> tensor<i32>
  return %0, %1 : tensor<40x60xi64>, tensor<i32>
})";

/// Compiles and runs in a fresh process, as kernels stay in the memory of one. What it counts, and
/// whether its results are right.
Counts runInChild(const std::string &directory, int64_t maxBytes = 0, int threads = 1,
                  bool isOn = true) {
  int pipes[2];
  EXPECT_EQ(pipe(pipes), 0);
  pid_t child = fork();
  if (child == 0) {
    tenon_kernel_cache_set(isOn ? directory.c_str() : nullptr, maxBytes);
    Counts before = getCounts();
    char *error = nullptr;
    tenon_module *module = tenon_module_parse(kText, sizeof(kText) - 1, nullptr, &error);
    tenon_compile_options options = {};
    options.struct_size = sizeof(options);
    options.threads = threads;
    tenon_network *network = module ? tenon_compile(module, &options, &error) : nullptr;
    bool isRight = false;
    if (!network)
      std::fprintf(stderr, "%s\n", error);
    if (network) {
      static int64_t a[40][50], b[50][60], c[40][60];
      int32_t d[7] = {1, 2, 3, 4, 5, 6, 7}, sum = 0;
      for (int i = 0; i < 40; ++i)
        for (int j = 0; j < 50; ++j)
          a[i][j] = i - 2 * j;
      for (int i = 0; i < 50; ++i)
        for (int j = 0; j < 60; ++j)
          b[i][j] = 3 * i + j;
      const int64_t ea[] = {40, 50}, eb[] = {50, 60}, ec[] = {40, 60}, ed[] = {7};
      tenon_tensor inputs[] = {{a, TENON_I64, 2, ea, nullptr},
                               {b, TENON_I64, 2, eb, nullptr},
                               {d, TENON_I32, 1, ed, nullptr},
                               {d, TENON_I32, 1, ed, nullptr}};
      tenon_tensor outputs[] = {{c, TENON_I64, 2, ec, nullptr},
                                {&sum, TENON_I32, 0, nullptr, nullptr}};
      tenon_context *context = tenon_context_create(1);
      isRight =
          tenon_network_run(network, context, inputs, 4, outputs, 2, nullptr, 0) == TENON_OK &&
          sum == 140;
      for (int i = 0; i < 40; ++i)
        for (int k = 0; k < 60; ++k) {
          int64_t expected = 0;
          for (int j = 0; j < 50; ++j)
            expected += a[i][j] * b[j][k];
          isRight &= c[i][k] == expected;
        }
    }
    Counts after = getCounts();
    Counts found = isRight ? Counts{after.memory - before.memory, after.disk - before.disk,
                                    after.compiled - before.compiled}
                           : Counts{-1, -1, -1};
    (void)!write(pipes[1], &found, sizeof(found));
    _exit(0);
  }
  Counts found = {-2, -2, -2};
  close(pipes[1]);
  EXPECT_EQ(read(pipes[0], &found, sizeof(found)), static_cast<ssize_t>(sizeof(found)));
  close(pipes[0]);
  waitpid(child, nullptr, 0);
  return found;
}

class KernelCacheTest : public testing::Test {
protected:
  void SetUp() override {
    const auto *test = testing::UnitTest::GetInstance()->current_test_info();
    directory = testing::TempDir() + "tenon-" + std::to_string(getpid()) + "-" + test->name();
    fs::remove_all(directory);
  }
  void TearDown() override { fs::remove_all(directory); }

  std::vector<fs::path> files() const {
    std::vector<fs::path> result;
    for (const fs::directory_entry &entry : fs::directory_iterator(directory))
      result.push_back(entry.path());
    std::sort(result.begin(), result.end());
    return result;
  }
  static std::string readAll(const fs::path &path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  static void writeAll(const fs::path &path, const std::string &bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  std::string directory;
  const Counts fromDisk{0, 2, 0}, fresh{0, 0, 2};
};

TEST_F(KernelCacheTest, AnotherProcessFindsThem) {
  EXPECT_EQ(runInChild(directory), fresh);
  EXPECT_EQ(files().size(), 2u);
  EXPECT_EQ(runInChild(directory), fromDisk);
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(KernelCacheTest, ThreadsDoNotChangeAByte) {
  EXPECT_EQ(runInChild(directory, 0, 1), fresh);
  std::string parallel = directory + "/parallel";
  // The schedule of two threads has the same kernels.
  EXPECT_EQ(runInChild(parallel, 0, 2), fresh);
  for (const fs::path &path : files())
    if (path.extension() == ".kernel")
      EXPECT_TRUE(readAll(path) == readAll(fs::path(parallel) / path.filename())) << path;
}

TEST_F(KernelCacheTest, OffMeansThatNothingIsReadOrWritten) {
  EXPECT_EQ(runInChild(directory, 0, 1, /*isOn=*/false), fresh);
  EXPECT_FALSE(fs::exists(directory));
}

TEST_F(KernelCacheTest, DamagedFilesAreWrittenAnew) {
  runInChild(directory);
  std::vector<fs::path> kept = files();
  ASSERT_EQ(kept.size(), 2u);
  std::string first = readAll(kept[0]), second = readAll(kept[1]);
  std::vector<std::string> damaged = {"",
                                      "x",
                                      first.substr(0, 16),
                                      first.substr(0, first.size() / 2),
                                      first.substr(0, first.size() - 1),
                                      first + "x",
                                      second};
  for (size_t at : {size_t{0}, size_t{9}, size_t{40}, first.size() / 2, first.size() - 1}) {
    damaged.push_back(first);
    damaged.back()[at] ^= 1;
  }
  // Sizes whose sum wraps around.
  damaged.push_back(first);
  damaged.back().replace(8, 8, std::string(8, '\xff'));
  for (const std::string &bytes : damaged) {
    writeAll(kept[0], bytes);
    EXPECT_EQ(runInChild(directory), (Counts{0, 1, 1})) << bytes.size();
    EXPECT_TRUE(readAll(kept[0]) == first);
  }
}

TEST_F(KernelCacheTest, CodeForAnotherMachineIsNotExecuted) {
  runInChild(directory);
  std::vector<fs::path> kept = files();
  std::string own = readAll(kept[0]);
  // A file that is whole, for a processor with other features, under the name of this machine's: as
  // if hashes collided.
  std::string foreign = own;
  size_t at = foreign.find("tenon-");
  ASSERT_NE(at, std::string::npos);
  foreign[at - 1] = '?';
  uint64_t sum = foreign.size() - 8;
  auto mix = [](uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  };
  for (size_t i = 0; i < foreign.size() - 8; i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, foreign.data() + i, std::min<size_t>(8, foreign.size() - 8 - i));
    sum = mix(sum ^ word);
  }
  std::memcpy(foreign.data() + foreign.size() - 8, &sum, 8);
  writeAll(kept[0], foreign);
  EXPECT_EQ(runInChild(directory), (Counts{0, 1, 1}));
  EXPECT_TRUE(readAll(kept[0]) == own);
}

TEST_F(KernelCacheTest, WhatOthersMayWriteIsNotExecuted) {
  runInChild(directory);
  fs::path open = files()[0];
  fs::permissions(open, fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(runInChild(directory), (Counts{0, 1, 1}));
  EXPECT_EQ(fs::status(open).permissions() & fs::perms::others_write, fs::perms::none);
}

TEST_F(KernelCacheTest, TheBoundIsKept) {
  // Nothing fits into a byte, and a block on disk takes 4 KiB.
  EXPECT_EQ(runInChild(directory, 1), fresh);
  EXPECT_FALSE(fs::exists(directory) && !files().empty());
  runInChild(directory);
  uintmax_t largest = 0;
  for (const fs::path &path : files())
    largest = std::max(largest, fs::file_size(path));
  fs::remove_all(directory);
  // One of the two stays, whichever was written last.
  EXPECT_EQ(runInChild(directory, static_cast<int64_t>(largest / 4096 + 1) * 4096), fresh);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(KernelCacheTest, DirectoriesThatCannotBeWrittenDoNoHarm) {
  EXPECT_EQ(runInChild("/proc/nowhere"), fresh);
  writeAll(directory, "a file");
  EXPECT_EQ(runInChild(directory), fresh);
  EXPECT_EQ(readAll(directory), "a file");
}

TEST_F(KernelCacheTest, SeveralProcessesShareADirectory) {
  std::vector<std::thread> others;
  std::vector<Counts> found(6);
  for (Counts &counts : found)
    others.emplace_back([&] { counts = runInChild(directory); });
  for (std::thread &other : others)
    other.join();
  for (const Counts &counts : found)
    EXPECT_EQ(counts.disk + counts.compiled, 2) << counts;
  EXPECT_EQ(runInChild(directory), fromDisk);
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(KernelCacheTest, CountsNeedTheirSize) {
  tenon_kernel_cache_counts counts = {sizeof(counts) - 1, -7, -7, -7};
  tenon_kernel_cache_get(&counts);
  EXPECT_EQ(counts.compiled, -7);
  tenon_kernel_cache_get(nullptr);
}

} // namespace
