"""What surroundings set a command before it begins. Each is for `preexec_fn` of a command, or takes words in front of it."""
import ctypes
import errno
import os
import resource
import struct

# A user of its own, so that nobody else's threads count. Nothing else on the machine runs as it.
NOBODYS_UID = 61234
IO_URING_ENTER = 426  # the same number on every architecture


def as_user_with_threads(threads):
    """As a user that may have so many processes and threads in all (RLIMIT_NPROC, which root would not obey)."""
    def begin():
        resource.setrlimit(resource.RLIMIT_NPROC, (threads, threads))
        os.setgroups([])
        os.setresgid(NOBODYS_UID, NOBODYS_UID, NOBODYS_UID)
        os.setresuid(NOBODYS_UID, NOBODYS_UID, NOBODYS_UID)
    return begin


def denying(*system_calls):
    """These system calls fail with EPERM, by a filter as containers have (seccomp)."""
    def begin():
        allow, deny = 0x7FFF0000, 0x00050000 | errno.EPERM
        code = [(0x20, 0, 0, 0)]  # load the number of the call
        for number in system_calls:
            code += [(0x15, 0, 1, number), (0x06, 0, 0, deny)]
        code.append((0x06, 0, 0, allow))
        filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
        program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters))
        libc = ctypes.CDLL(None, use_errno=True)
        for call in ((38, 1, 0, 0, 0), (22, 2, program, 0, 0)):  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP with a filter
            if libc.prctl(*call) != 0:
                raise OSError(ctypes.get_errno(), "prctl")
    return begin
