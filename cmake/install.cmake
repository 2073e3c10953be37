# The install tree: headers, library, CMake package and pkg-config file.
