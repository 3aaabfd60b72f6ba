//===- CampaignLock.cpp - One process for a campaign ------------------------===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//
#include "tenon/Fuzz/CampaignLock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace tenon::fuzz;

llvm::Expected<CampaignLock> CampaignLock::take(llvm::StringRef directory) {
  std::string path = (directory + "/lock").str();
  CampaignLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.descriptor < 0)
    return llvm::createStringError("cannot write '" + path + "': " +
                                   std::error_code(errno, std::generic_category()).message());
  if (flock(lock.descriptor, LOCK_EX | LOCK_NB) != 0)
    return llvm::createStringError("another tenon-fuzz works in '" + directory + "'");
  return lock;
}

CampaignLock::~CampaignLock() {
  if (descriptor >= 0)
    close(descriptor);
}
