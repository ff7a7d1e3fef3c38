// tools/layout: the slot schemes by the names that a layout file calls them. The one list of those that this version
// knows: whoever teaches the core another one adds it here.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/flash/map.hpp"

namespace sb::layout {

struct NamedScheme {
    Scheme scheme;
    std::string_view name;
};
inline constexpr std::array<NamedScheme, 6> schemes = {{{Scheme::xip, "xip"},
                                                        {Scheme::swap, "swap"},
                                                        {Scheme::copy, "copy"},
                                                        {Scheme::single, "single"},
                                                        {Scheme::ram_load, "ram-load"},
                                                        {Scheme::inplace, "inplace"}}};

[[nodiscard]] std::optional<Scheme> scheme_named(std::string_view name);
[[nodiscard]] std::string_view scheme_name(Scheme scheme);
/// All of them, for messages.
[[nodiscard]] std::string scheme_names();

}  // namespace sb::layout
