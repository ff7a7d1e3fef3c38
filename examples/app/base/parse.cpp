#include "base/parse.hpp"

namespace app {
namespace {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// All of `s` as digits of `base`; nothing past 2^31, so that a sign can follow.
std::optional<std::uint32_t> magnitude(std::string_view s, std::uint32_t base) {
    if (s.empty()) return std::nullopt;
    constexpr std::uint32_t limit = 0x80000000;
    std::uint32_t v = 0;
    for (const char c : s) {
        const int digit = digit_value(c);
        if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) return std::nullopt;
        if (v > (limit - static_cast<std::uint32_t>(digit)) / base) return std::nullopt;
        v = v * base + static_cast<std::uint32_t>(digit);
    }
    return v;
}

std::optional<std::int32_t> with_sign(std::uint32_t v, bool negative) {
    if (negative) return static_cast<std::int32_t>(0 - v);
    if (v > 0x7fffffff) return std::nullopt;
    return static_cast<std::int32_t>(v);
}

bool take_sign(std::string_view& s) {
    if (s.empty() || (s[0] != '-' && s[0] != '+')) return false;
    const bool negative = s[0] == '-';
    s.remove_prefix(1);
    return negative;
}

}  // namespace

std::string_view next_word(std::string_view& rest) {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    std::size_t n = 0;
    while (n < rest.size() && !is_blank(rest[n])) ++n;
    const std::string_view word = rest.substr(0, n);
    rest.remove_prefix(n);
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    return word;
}

std::optional<std::int32_t> parse_int(std::string_view s) {
    const bool negative = take_sign(s);
    std::uint32_t base = 10;
    if (s.size() > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        base = 16;
        s.remove_prefix(2);
    }
    const auto v = magnitude(s, base);
    if (!v) return std::nullopt;
    return with_sign(*v, negative);
}

std::optional<std::int32_t> parse_thousandths(std::string_view s) {
    const bool negative = take_sign(s);
    const std::size_t dot = s.find('.');
    const std::string_view whole = s.substr(0, dot);
    const std::string_view part = dot == std::string_view::npos ? std::string_view{} : s.substr(dot + 1);
    if (dot != std::string_view::npos && (part.empty() || part.size() > 3)) return std::nullopt;
    const auto units = magnitude(whole, 10);
    if (!units || *units > 2147482) return std::nullopt;
    std::uint32_t thousandths = 0;
    if (!part.empty()) {
        const auto digits = magnitude(part, 10);
        if (!digits) return std::nullopt;
        thousandths = *digits;
        for (std::size_t i = part.size(); i < 3; ++i) thousandths *= 10;
    }
    return with_sign(*units * 1000 + thousandths, negative);
}

std::optional<bool> parse_switch(std::string_view s) {
    if (s == "on" || s == "yes" || s == "true" || s == "1") return true;
    if (s == "off" || s == "no" || s == "false" || s == "0") return false;
    return std::nullopt;
}

std::optional<std::size_t> parse_hex_bytes(std::string_view s, std::span<std::uint8_t> out) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < s.size();) {
        if (is_blank(s[i])) {
            ++i;
            continue;
        }
        if (i + 1 >= s.size() || used == out.size()) return std::nullopt;
        const int high = digit_value(s[i]);
        const int low = digit_value(s[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out[used++] = static_cast<std::uint8_t>(high * 16 + low);
        i += 2;
    }
    return used;
}

bool abbreviates(std::string_view word, std::string_view name) {
    return !word.empty() && name.starts_with(word);
}

}  // namespace app
