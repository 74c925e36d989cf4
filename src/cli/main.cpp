#include "cli/program.h"

int main(int argc, char** argv) {
  return outro::run_program(argc, argv);
}
