// The functions of a C library that decoders and the compiler expect: by words where both sides are aligned, as a C
// library for small parts does it. Compiled so that the loops below are not turned into calls of themselves.
#include <cstddef>
#include <cstdint>

namespace {

bool aligned(const void* one, const void* other) {
    return ((reinterpret_cast<std::uintptr_t>(one) | reinterpret_cast<std::uintptr_t>(other)) & 3U) == 0;
}

using Word [[gnu::may_alias]] = std::uint32_t;

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, std::size_t bytes) {
    auto* t = static_cast<std::uint8_t*>(to);
    const auto* f = static_cast<const std::uint8_t*>(from);
    if (aligned(to, from)) {
        for (; bytes >= 4; bytes -= 4, t += 4, f += 4)
            *reinterpret_cast<Word*>(static_cast<void*>(t)) =
                *reinterpret_cast<const Word*>(static_cast<const void*>(f));
    }
    while (bytes-- != 0) *t++ = *f++;
    return to;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
    auto* t = static_cast<std::uint8_t*>(to);
    const auto* f = static_cast<const std::uint8_t*>(from);
    if (reinterpret_cast<std::uintptr_t>(t) - reinterpret_cast<std::uintptr_t>(f) >= bytes)
        return memcpy(to, from, bytes);
    while (bytes-- != 0) t[bytes] = f[bytes];
    return to;
}

void* memset(void* to, int value, std::size_t bytes) {
    auto* t = static_cast<std::uint8_t*>(to);
    const auto byte = static_cast<std::uint8_t>(value);
    if (aligned(to, to)) {
        for (; bytes >= 4; bytes -= 4, t += 4) *reinterpret_cast<Word*>(static_cast<void*>(t)) = byte * 0x01010101U;
    }
    while (bytes-- != 0) *t++ = byte;
    return to;
}

int memcmp(const void* a, const void* b, std::size_t bytes) {
    const auto* x = static_cast<const std::uint8_t*>(a);
    const auto* y = static_cast<const std::uint8_t*>(b);
    for (; bytes != 0; --bytes, ++x, ++y)
        if (*x != *y) return *x - *y;
    return 0;
}
}
