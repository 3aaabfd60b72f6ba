//===- Schedule.cpp - Makes schedules -------------------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "Schedules.h"

using namespace tenon::fuzz;

std::unique_ptr<Schedule> tenon::fuzz::makeSchedule(Policy policy, bool guards) {
  switch (policy) {
  case Policy::Generate:
    return std::make_unique<GenerateSchedule>(guards);
  case Policy::Tzer:
    return std::make_unique<TzerSchedule>(guards);
  case Policy::Bandit:
    break;
  }
  return std::make_unique<BanditSchedule>(guards);
}
