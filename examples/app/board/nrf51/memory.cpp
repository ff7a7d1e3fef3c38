// What the compiler and its headers call by name, as there is no C library.
#include <cstddef>
#include <cstdint>

extern "C" {

[[noreturn]] void app_fault_report(std::uint32_t pc);

void* memcpy(void* to, const void* from, std::size_t n) {
    auto* t = static_cast<std::uint8_t*>(to);
    const auto* f = static_cast<const std::uint8_t*>(from);
    for (std::size_t i = 0; i < n; ++i) t[i] = f[i];
    return to;
}

void* memmove(void* to, const void* from, std::size_t n) {
    auto* t = static_cast<std::uint8_t*>(to);
    const auto* f = static_cast<const std::uint8_t*>(from);
    if (t < f) {
        for (std::size_t i = 0; i < n; ++i) t[i] = f[i];
    } else {
        for (std::size_t i = n; i > 0; --i) t[i - 1] = f[i - 1];
    }
    return to;
}

void* memset(void* to, int value, std::size_t n) {
    auto* t = static_cast<std::uint8_t*>(to);
    for (std::size_t i = 0; i < n; ++i) t[i] = static_cast<std::uint8_t>(value);
    return to;
}

int memcmp(const void* a, const void* b, std::size_t n) {
    const auto* x = static_cast<const std::uint8_t*>(a);
    const auto* y = static_cast<const std::uint8_t*>(b);
    for (std::size_t i = 0; i < n; ++i) {
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    }
    return 0;
}

const void* memchr(const void* in, int value, std::size_t n) {
    const auto* p = static_cast<const std::uint8_t*>(in);
    for (std::size_t i = 0; i < n; ++i) {
        if (p[i] == static_cast<std::uint8_t>(value)) return p + i;
    }
    return nullptr;
}

std::size_t strlen(const char* s) {
    std::size_t n = 0;
    while (s[n] != 0) ++n;
    return n;
}

}  // extern "C"

namespace std {

/// A bound of the standard library was broken: there is nothing to unwind to.
[[noreturn]] void __throw_out_of_range_fmt(const char* /*format*/, ...) {
    app_fault_report(reinterpret_cast<std::uint32_t>(__builtin_return_address(0)));
}

}  // namespace std
