#include "tools/pack/version.hpp"

#include <charconv>

namespace sb::pack {

namespace {

// Takes a number without leading zeros from the front of `text`.
template <class T>
bool take_number(std::string_view& text, T& to) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || (digits > 1 && text.front() == '0')) return false;
    text.remove_prefix(digits);
    return true;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
    Version v;
    bool good = take_number(text, v.major);
    if (good && take(text, '.')) {
        good = take_number(text, v.minor);
        if (good && take(text, '.')) {
            good = take_number(text, v.revision);
            if (good && take(text, '+')) good = take_number(text, v.build);
        }
    }
    if (!good || !text.empty()) return std::nullopt;
    return v;
}

std::string to_string(const Version& v) {
    std::string text = std::to_string(v.major) + '.' + std::to_string(v.minor) + '.' + std::to_string(v.revision);
    if (v.build != 0) text += '+' + std::to_string(v.build);
    return text;
}

Version version_of_sequence(std::uint64_t sequence) {
    return {static_cast<std::uint8_t>(sequence >> 56), static_cast<std::uint8_t>(sequence >> 48),
            static_cast<std::uint16_t>(sequence >> 32), static_cast<std::uint32_t>(sequence)};
}

}  // namespace sb::pack
