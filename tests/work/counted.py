"""Instructions of commands, counted by valgrind: of our code and of every library, whatever the machine is busy with."""
import re
import subprocess
from pathlib import Path

from testing.commands import words_of


class Counter:
    """A process that runs commands in processes forked from it (commands.cpp), all of them counted."""

    def __init__(self, program, valgrind, folder, warm):
        self.log = folder / "valgrind.log"
        self.said = folder / "said"
        self.process = subprocess.Popen(
            words_of([valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
                      f"--log-file={self.log}", program]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for words in warm:
            self.send(self.said, *words)
        self.send()

    def send(self, *words):
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def count(self, *words, code=0):
        """Instructions from the process's begin to the command's end; what lies before the command is the same for all."""
        self.send(self.said, *words)
        answer = self.process.stdout.readline().split()
        said = self.said.read_text(errors="backslashreplace") if self.said.exists() else ""
        assert len(answer) == 2 and int(answer[1]) == code, f"outro {' '.join(map(str, words))}: {answer}\n{said}"
        counted = re.findall(rf"^=={answer[0]}== I +refs: +([\d,]+)", self.log.read_text(), re.MULTILINE)
        assert len(counted) == 1, f"no count of process {answer[0]} in {self.log}"
        return int(counted[0].replace(",", ""))

    def close(self):
        self.process.stdin.close()
        assert self.process.wait() == 0
        return Path(self.log)
