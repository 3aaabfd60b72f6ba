//===- NumPyArrays.h - NumPy's C API ------------------------------*- C++ -*-===//
//
// Part of Tenon, under the Apache License v2.0 with LLVM Exceptions.
//
// The functions of NumPy's C API lie in a table, of which the module has one: BindMemory.cpp, which
// says so by a macro, defines and fills it when the module is imported.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <Python.h>

// Data allocators are there since then; headers of NumPy 2 serve every later NumPy.
#define NPY_TARGET_VERSION NPY_1_22_API_VERSION
#define NPY_NO_DEPRECATED_API NPY_1_22_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL tenon_python_numpy
#ifndef TENON_DEFINES_NUMPY_TABLE
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>
