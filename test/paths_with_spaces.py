"""A lit format for checkouts at any path.

lit puts paths into commands as they are, so that a space in one ends an argument. Here the characters that mean
something to a shell are escaped by backslashes, which holds outside of quotes and within double ones.
"""

import os
import re

import lit.formats
import lit.TestRunner


def escape(path):
    return re.sub(r"([^\w@%+=:,./-])", r"\\\1", path)


class ShTest(lit.formats.ShTest):
    def execute(self, test, litConfig):
        directory, name = lit.TestRunner.getTempPaths(test)
        source = test.getSourcePath()
        # Before those of lit; not the start of a longer name.
        paths = {"s": source, "S": os.path.dirname(source), "t": name + ".tmp", "T": directory}
        escaped = [(f"%{letter}(?![A-Za-z])", escape(path)) for letter, path in paths.items()]
        return lit.TestRunner.executeShTest(test, litConfig, self.execute_external, escaped)
