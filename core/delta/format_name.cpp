#include "core/delta/format_name.hpp"

namespace sb {

namespace {

// By number. Literals, so that each ends in a zero too.
constexpr std::array<std::string_view, 8> names = {"raw",        "lzma",   "endsley", "endsley+lzma",
                                                   "hpatchlite", "vcdiff", "hdiffsf", "sbd"};
static_assert(names.size() == std::size_t{static_cast<std::uint8_t>(PayloadFormat::sbd)} + 1);

}  // namespace

const char* format_name(PayloadFormat format) {
    const auto number = static_cast<std::uint8_t>(format);
    return number < names.size() ? names[number].data() : "unknown";
}

std::optional<PayloadFormat> format_named(std::string_view name) {
    for (std::size_t number = 0; number < names.size(); ++number) {
        if (names[number] == name) return static_cast<PayloadFormat>(number);
    }
    return std::nullopt;
}

}  // namespace sb
