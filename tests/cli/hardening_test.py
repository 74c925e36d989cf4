#!/usr/bin/env python3
"""The program is built so that a fault in memory ends it: what its ELF headers and symbols say (System V ABI, gABI chapters 4 and 5).
"""
import struct
from pathlib import Path

from testing.programs import OUTRO, SANITIZED
from testing.promises import expect_equal, expect_in, promise, skip

ET_DYN, PT_DYNAMIC, PT_GNU_STACK, PT_GNU_RELRO = 3, 2, 0x6474e551, 0x6474e552
DT_FLAGS, DT_FLAGS_1, DF_BIND_NOW, DF_1_NOW, DF_1_PIE = 30, 0x6ffffffb, 8, 1, 0x08000000
ENDBR64 = b"\xf3\x0f\x1e\xfa"


class Program:
    def __init__(self, path):
        self.bytes = Path(path).read_bytes()
        if self.bytes[:5] != b"\x7fELF\x02":
            skip("not an ELF file of 64 bits")
        self.kind, self.machine = struct.unpack_from("<HH", self.bytes, 16)
        at, = struct.unpack_from("<Q", self.bytes, 32)
        size, count = struct.unpack_from("<HH", self.bytes, 54)
        # type, flags, offset, vaddr, paddr, file size, ...
        self.segments = [struct.unpack_from("<IIQQQQQQ", self.bytes, at + i * size) for i in range(count)]
        self.dynamic = {}
        for s in self.segments:
            if s[0] == PT_DYNAMIC:
                self.dynamic = dict(struct.iter_unpack("<QQ", self.bytes[s[2]:s[2] + s[5]]))


def it_lies_at_another_address_each_time(p):
    expect_equal(p.kind, ET_DYN)
    assert p.dynamic.get(DT_FLAGS_1, 0) & DF_1_PIE, "no PIE"


def what_the_linker_fills_is_read_only(p):
    assert any(s[0] == PT_GNU_RELRO for s in p.segments), "no RELRO"
    assert p.dynamic.get(DT_FLAGS, 0) & DF_BIND_NOW or p.dynamic.get(DT_FLAGS_1, 0) & DF_1_NOW, "not bound at its start"


def no_stack_is_executed(p):
    expect_equal([s[1] & 1 for s in p.segments if s[0] == PT_GNU_STACK], [0])


def stacks_and_buffers_are_guarded(p):
    expect_in(b"__stack_chk_fail", p.bytes)
    names = [n for n in (b"__memcpy_chk", b"__read_chk", b"__pread_chk", b"__pread64_chk", b"__snprintf_chk", b"__vsnprintf_chk", b"__fprintf_chk")
             if n in p.bytes]
    assert names, "no function of FORTIFY"


def jumps_land_where_they_may(p):
    """Each function that a pointer may reach begins so. (The note that turns it on needs the C library's start files to have it too.)"""
    if p.machine == 62:  # x86-64
        assert p.bytes.count(ENDBR64) > 1000, p.bytes.count(ENDBR64)


def main():
    if SANITIZED:
        skip("a sanitizer's build has guards of its own")
    p = Program(OUTRO)
    for check in [it_lies_at_another_address_each_time, what_the_linker_fills_is_read_only, no_stack_is_executed, stacks_and_buffers_are_guarded,
                  jumps_land_where_they_may]:
        promise(check, p)


main()
