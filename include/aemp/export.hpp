// What libaemp lets out. Everything else of it is hidden, so a program that links the shared library cannot come to
// depend on the inside, and the calls inside need no detour through a table.
#pragma once

// On classes with compiled members, and on compiled functions, of the public headers.
#define AEMP_API __attribute__((visibility("default")))

// On parts of the inside that the tool and the simulator use, which are built with the library. It promises nothing to
// anybody else: such a name may be gone in the next version.
#define AEMP_PRIVATE_API __attribute__((visibility("default")))
