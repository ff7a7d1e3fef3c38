#include "tools/cli/text.hpp"

#include <fmt/format.h>

namespace sb::cli {

std::string printable(std::string text) {
    for (char& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) c = '?';
    }
    // In UTF-8 the second set of control characters is C2 80 to C2 9F.
    for (std::size_t i = 0; i + 1 < text.size(); ++i)
        if (text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0) text.replace(i, 2, "?");
    return text;
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return "-";
    return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string tries_left(unsigned tries) {
    return fmt::format("{} {} left", tries, tries == 1 ? "try" : "tries");
}

}  // namespace sb::cli
