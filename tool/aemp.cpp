// The command `aemp`.
#include <iostream>

#include "tool/context.hpp"

int main(int count, char** words) {
  try {
    return aemp::tool::run({words + 1, words + count});
  } catch (const std::exception& e) {
    std::cerr << "aemp: " << e.what() << std::endl;
    return aemp::tool::failed;
  }
}
