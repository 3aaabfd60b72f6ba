//===- SignatureTest.cpp - What duplicates have in common -----------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Signature.h"

#include "gtest/gtest.h"

using namespace tenon::fuzz;

namespace {

TEST(Signature, LeavesParticularsOut) {
  EXPECT_EQ(withoutParticulars("'tn.contract' op operand 3 has 17 elements of 'foo'"),
            "'tn.contract' op operand N has N elements of _");
  EXPECT_EQ(withoutParticulars("%arg0 and @f_3 of tensor<3x4xf32> differ\nnote: there"),
            "_ and _ of tensor<> differ");
  EXPECT_EQ(withoutParticulars("3x4xf32, expected 1e-05"), "N, expected N-N");
  EXPECT_EQ(withoutParticulars("an open 'quote"), "an open _");
}

TEST(Signature, DuplicatesAgreeAndOthersDoNot) {
  auto make = [](Oracle oracle, const char *pass, const char *pattern, const char *message) {
    return makeSignature(oracle, pass, pattern, message, "float");
  };
  EXPECT_EQ(make(Oracle::Verifier, "tn-plan", "P", "operand 1 of 'x'"),
            make(Oracle::Verifier, "tn-plan", "Q", "operand 22 of 'y'"));
  EXPECT_NE(make(Oracle::Verifier, "tn-plan", "", "a"), make(Oracle::Verifier, "tn-fuse", "", "a"));
  EXPECT_NE(make(Oracle::Verifier, "tn-plan", "", "a"), make(Oracle::Stage, "tn-plan", "", "a"));
  // Where numbers differ, the last pattern is what says most.
  EXPECT_NE(make(Oracle::Stage, "cse", "P", "values"), make(Oracle::Stage, "cse", "Q", "values"));
}

} // namespace
