/// @file
/// The program `outro`, whose commands have a file each in this folder.
#pragma once

namespace outro {

/// Does what the command line says, and returns the exit code. Once in a process.
int run_program(int argc, char** argv);

}  // namespace outro
