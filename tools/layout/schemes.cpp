#include "tools/layout/schemes.hpp"

#include <algorithm>

namespace sb::layout {

std::optional<Scheme> scheme_named(std::string_view name) {
    const auto found = std::ranges::find(schemes, name, &NamedScheme::name);
    return found == schemes.end() ? std::nullopt : std::optional(found->scheme);
}

std::string_view scheme_name(Scheme scheme) {
    const auto found = std::ranges::find(schemes, scheme, &NamedScheme::scheme);
    return found == schemes.end() ? "?" : found->name;
}

std::string scheme_names() {
    std::string all;
    for (const NamedScheme& s : schemes) all.append(all.empty() ? "" : ", ").append(s.name);
    return all;
}

}  // namespace sb::layout
