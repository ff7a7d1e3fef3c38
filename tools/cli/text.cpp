#include "tools/cli/text.hpp"

#include <fmt/format.h>

namespace sb::cli {

std::string percent(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return "-";
    return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace sb::cli
