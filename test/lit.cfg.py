# Configuration of the lit suite. Set TENON_VERIFY_ROUNDTRIP=1 to have every tenon-opt run also
# print, parse and compare (text and bytecode) what it read.
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import paths_with_spaces

config.name = "tenon"
config.test_format = paths_with_spaces.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "python"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.tenon_binary_dir, "test")

tools = os.path.join(config.tenon_binary_dir, "bin")
config.environment["PATH"] = os.pathsep.join([tools, config.llvm_tools_dir, os.environ["PATH"]])
config.environment["FILECHECK_OPTS"] = "--enable-var-scope --dump-input-filter=error"
# Nothing that the user's machine has cached or set may change a result.
config.environment["TENON_CACHE_DIR"] = os.path.join(config.test_exec_root, "cache")
config.environment["TENON_KERNEL_CACHE"] = "off"
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TENON_NUM_THREADS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
if config.sanitize:
    # The MLIR archives are not instrumented: containers that cross the boundary look overflown.
    config.environment.setdefault("ASAN_OPTIONS", "detect_container_overflow=0:allow_user_poisoning=0:detect_leaks=0")
    config.available_features.add("sanitized")
else:
    # A library that tenon-compile links has the runtime inside; a sanitized one works in sanitized processes only.
    config.available_features.add("plain-runtime")

if not config.has_seeded_bugs:
    config.excludes.append("Seeded")
else:
    config.available_features.add("seeded-bugs")
    # scripts/mutation_test.sh runs the suite with one switched on.
    if "TENON_SEEDED_BUG" in os.environ:
        config.environment["TENON_SEEDED_BUG"] = os.environ["TENON_SEEDED_BUG"]

places = {"%source": config.tenon_source_dir, "%binary": config.tenon_binary_dir}
places |= {"%examples": os.path.join(config.tenon_source_dir, "examples"), "%python": config.python}
config.substitutions += [(name, paths_with_spaces.escape(path)) for name, path in places.items()]
roundtrip = " --verify-roundtrip" if os.environ.get("TENON_VERIFY_ROUNDTRIP") == "1" else ""
config.substitutions.append((r"\btenon-opt\b", "tenon-opt" + roundtrip))
