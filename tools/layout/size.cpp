#include "tools/layout/size.hpp"

#include <charconv>

namespace sb {
namespace {

/// Takes the unit off the end of `text`; its factor as a number of bits to shift.
int take_unit(std::string_view& text) {
    if (text.empty()) return 0;
    int shift = 0;
    switch (text.back()) {
        case 'K':
        case 'k':
            shift = 10;
            break;
        case 'M':
        case 'm':
            shift = 20;
            break;
        case 'G':
        case 'g':
            shift = 30;
            break;
        default:
            return 0;
    }
    text.remove_suffix(1);
    return shift;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    if (hex) text.remove_prefix(2);
    const int shift = take_unit(text);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (shift != 0 && value > (UINT64_MAX >> shift)) return std::nullopt;
    return value << shift;
}

std::string show_size(std::uint64_t bytes) {
    constexpr std::uint64_t mega = std::uint64_t{1} << 20;
    constexpr std::uint64_t kilo = std::uint64_t{1} << 10;
    if (bytes >= mega && bytes % mega == 0) return std::to_string(bytes / mega) + "M";
    if (bytes >= kilo && bytes % kilo == 0) return std::to_string(bytes / kilo) + "K";
    return std::to_string(bytes);
}

}  // namespace sb
