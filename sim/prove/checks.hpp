// sim/prove: the table of rule sets that the checker knows: the product's own and every planted violation.
#pragma once

#include <span>
#include <string_view>

#include "sim/prove/report.hpp"

namespace sb::prove {

struct Check {
    std::string_view name;
    std::string_view what;  ///< in a few words
    std::uint32_t pages = 4;
    bool holds = false;      ///< the rules are meant to stand
    std::uint32_t cuts = 4;  ///< planted: the exploration finds it within this many cuts; 0: random runs only
    bool random = false;     ///< planted: random runs find it
    Report (*run_random)(const Options&) = nullptr;
    Report (*explore)(const Options&) = nullptr;
};

[[nodiscard]] std::span<const Check> checks();
/// Null when there is none of that name.
[[nodiscard]] const Check* find_check(std::string_view name);

}  // namespace sb::prove
