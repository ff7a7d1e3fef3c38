// core/base: views of bytes and little/big-endian loads and stores on them.
// Every load and store checks nothing: callers have checked the size before (`bytes.size() >= …`).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace sb {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

/// A SHA-256 value (32 bytes).
using Digest = std::array<std::uint8_t, 32>;
/// The first 8 bytes of a SHA-256 value: enough to recognise an image, not to trust it.
using ShortDigest = std::array<std::uint8_t, 8>;

[[nodiscard]] constexpr ShortDigest shorten(const Digest& d) {
    return {d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]};
}

template <class T>
[[nodiscard]] constexpr T load_le(Bytes b, std::size_t at = 0) {
    T v = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        v = static_cast<T>(v | static_cast<T>(static_cast<T>(b[at + i]) << (8 * i)));
    return v;
}

template <class T>
constexpr void store_le(MutableBytes b, std::size_t at, T v) {
    for (std::size_t i = 0; i < sizeof(T); ++i) b[at + i] = static_cast<std::uint8_t>(v >> (8 * i));
}

template <class T>
[[nodiscard]] constexpr T load_be(Bytes b, std::size_t at = 0) {
    T v = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) v = static_cast<T>(static_cast<T>(v << 8) | b[at + i]);
    return v;
}

[[nodiscard]] inline bool equal(Bytes a, Bytes b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

inline void copy(MutableBytes to, Bytes from) {
    if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

}  // namespace sb
