// libcrypto can load modules and look up hosts. No verb asks it to, and a program that carries its own C library should
// not: glibc would load a second copy of itself. Linked in place of glibc's functions where the command stands alone
// (CMakeLists.txt, --wrap).
#include <netdb.h>

extern "C" {

void* __wrap_dlopen(const char* file, int mode);  // NOLINT(bugprone-reserved-identifier): the linker's name
int __wrap_getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found);  // NOLINT
hostent* __wrap_gethostbyname(const char* name);                                                         // NOLINT

void* __wrap_dlopen(const char* /*file*/, int /*mode*/) {
    return nullptr;
}
int __wrap_getaddrinfo(const char* /*node*/, const char* /*service*/, const addrinfo* /*hints*/, addrinfo** /*found*/) {
    return EAI_FAIL;
}
hostent* __wrap_gethostbyname(const char* /*name*/) {
    return nullptr;
}
}
