//===- main.cpp - The engine's tests, and the worker that they start ------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "FakeCases.h"

#include "gtest/gtest.h"

int main(int argc, char **argv) {
  if (argc > 1 && std::string_view(argv[1]) == "worker")
    return tenon::fuzz::fakeWorkerMain({argv + 2, argv + argc});
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
