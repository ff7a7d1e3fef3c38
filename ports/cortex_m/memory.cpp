// The functions of a C library that core and the compiler expect, small rather than fast but for memcpy of whole
// words. Compiled so that their loops are not turned into calls of themselves.
#include <cstddef>
#include <cstdint>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t bytes) {
    auto* t = static_cast<std::uint8_t*>(to);
    const auto* f = static_cast<const std::uint8_t*>(from);
    if (((reinterpret_cast<std::uintptr_t>(to) | reinterpret_cast<std::uintptr_t>(from)) & 3) == 0) {
        for (; bytes >= 4; bytes -= 4, t += 4, f += 4)
            *static_cast<std::uint32_t*>(static_cast<void*>(t)) =
                *static_cast<const std::uint32_t*>(static_cast<const void*>(f));
    }
    while (bytes-- != 0) *t++ = *f++;
    return to;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
    auto* t = static_cast<std::uint8_t*>(to);
    const auto* f = static_cast<const std::uint8_t*>(from);
    if (reinterpret_cast<std::uintptr_t>(t) <= reinterpret_cast<std::uintptr_t>(f)) return memcpy(to, from, bytes);
    while (bytes-- != 0) t[bytes] = f[bytes];
    return to;
}

void* memset(void* to, int value, std::size_t bytes) {
    auto* t = static_cast<std::uint8_t*>(to);
    while (bytes-- != 0) *t++ = static_cast<std::uint8_t>(value);
    return to;
}

int memcmp(const void* a, const void* b, std::size_t bytes) {
    const auto* x = static_cast<const std::uint8_t*>(a);
    const auto* y = static_cast<const std::uint8_t*>(b);
    for (; bytes != 0; --bytes, ++x, ++y) {
        if (*x != *y) return *x - *y;
    }
    return 0;
}

const void* memchr(const void* in, int value, std::size_t bytes) {
    const auto* x = static_cast<const std::uint8_t*>(in);
    for (; bytes != 0; --bytes, ++x) {
        if (*x == static_cast<std::uint8_t>(value)) return x;
    }
    return nullptr;
}

std::size_t strlen(const char* text) {
    std::size_t length = 0;
    while (text[length] != 0) ++length;
    return length;
}
}
