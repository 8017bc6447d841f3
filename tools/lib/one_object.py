#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
one_object.py LD OBJCOPY AR PATTERN ARCHIVE OUTPUT: an archive as one object

Only the symbols that match PATTERN are global in it, so that whoever links it may use all other names.
"""
import os
import subprocess
import sys
import tempfile


def main(ld, objcopy, ar, pattern, archive, output):
    with tempfile.TemporaryDirectory(dir=os.path.dirname(output) or '.') as scratch:
        whole = os.path.join(scratch, os.path.basename(output).removesuffix('.a') + '.o')
        subprocess.run([ld, '-r', '--whole-archive', archive, '-o', whole], check=True)
        subprocess.run([objcopy, '--wildcard', f'--keep-global-symbol={pattern}', whole], check=True)
        if os.path.exists(output):
            os.remove(output)
        subprocess.run([ar, 'rcsD', output, whole], check=True)


main(*sys.argv[1:])
