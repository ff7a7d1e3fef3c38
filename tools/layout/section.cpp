#include "tools/layout/section.hpp"

#include <fmt/format.h>

#include "tools/layout/size.hpp"

namespace sb::layout {

Section::Section(const toml::table& table, std::string file, std::string title)
    : table_(table), file_(std::move(file)), title_(std::move(title)) {}

std::uint32_t Section::line() const {
    return static_cast<std::uint32_t>(table_.source().begin.line);
}

std::uint32_t Section::line(std::string_view key) const {
    const toml::node* found = table_.get(key);
    return found == nullptr ? line() : static_cast<std::uint32_t>(found->source().begin.line);
}

void Section::refuse_at(std::uint32_t at, std::string what, std::string fix) const {
    throw Problem{.file = file_, .line = at, .what = std::move(what), .fix = std::move(fix)};
}

void Section::refuse(std::string_view key, std::string what, std::string fix) const {
    refuse_at(line(key), std::move(what), std::move(fix));
}

const toml::node* Section::node(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
}

const toml::node& Section::required(std::string_view key, std::string_view kind) {
    const toml::node* found = node(key);
    if (found == nullptr)
        refuse_at(line(), fmt::format("{} has no '{}'", title_, key), fmt::format("add {} = ({})", key, kind));
    return *found;
}

bool Section::has(std::string_view key) {
    return node(key) != nullptr;
}

std::string Section::text(std::string_view key) {
    const auto value = required(key, "text in quotes").value_exact<std::string>();
    if (!value || value->empty()) refuse(key, fmt::format("'{}' is not text", key), "write it in quotes");
    return *value;
}

bool Section::boolean(std::string_view key) {
    const auto value = required(key, "true or false").value_exact<bool>();
    if (!value) refuse(key, fmt::format("'{}' is not a truth value", key), "write true or false");
    return *value;
}

bool Section::boolean(std::string_view key, bool unless_given) {
    return has(key) ? boolean(key) : unless_given;
}

std::uint32_t Section::size(std::string_view key, std::uint32_t low, std::uint32_t high) {
    const auto value = size_of_node(required(key, "a number such as 4096, \"4K\" or \"0x1000\""));
    if (!value)
        refuse(key, fmt::format("'{}' is not a size", key), "write a number such as 4096, \"4K\" or \"0x1000\"");
    return in_range(key, *value, low, high);
}

std::uint32_t Section::number(std::string_view key, std::uint32_t low, std::uint32_t high) {
    const auto value = required(key, "a number").value_exact<std::int64_t>();
    if (!value || *value < 0)
        refuse(key, fmt::format("'{}' is not a number", key), "write a whole number without quotes");
    return in_range(key, static_cast<std::uint64_t>(*value), low, high);
}

std::uint32_t Section::in_range(std::string_view key, std::uint64_t value, std::uint32_t low,
                                std::uint32_t high) const {
    if (value < low || value > high)
        refuse(key, fmt::format("'{}' is {}", key, value), fmt::format("choose {} to {}", low, high));
    return static_cast<std::uint32_t>(value);
}

std::uint32_t Section::size(std::string_view key, std::uint32_t low, std::uint32_t high, std::uint32_t unless_given) {
    return has(key) ? size(key, low, high) : unless_given;
}

const toml::array* Section::array_if_given(std::string_view key) {
    const toml::node* found = node(key);
    if (found == nullptr) return nullptr;
    if (!found->is_array()) refuse(key, fmt::format("'{}' is not a list", key), "write a list in [ ]");
    return found->as_array();
}

const toml::table* Section::table_if_given(std::string_view key) {
    const toml::node* found = node(key);
    if (found == nullptr) return nullptr;
    if (!found->is_table()) refuse(key, fmt::format("'{}' is not a table", key), fmt::format("write [{}]", key));
    return found->as_table();
}

const toml::array& Section::array(std::string_view key) {
    static_cast<void>(required(key, "a list"));
    return *array_if_given(key);
}

void Section::refuse_the_rest() const {
    for (const auto& [key, value] : table_) {
        if (known_.contains(key.str())) continue;
        std::string all;
        for (const auto& k : known_) all += (all.empty() ? "" : ", ") + k;
        refuse_at(static_cast<std::uint32_t>(key.source().begin.line),
                  fmt::format("unknown key '{}' in {}", key.str(), title_), fmt::format("known keys: {}", all));
    }
}

std::optional<std::uint64_t> size_of_node(const toml::node& node) {
    if (const auto number = node.value_exact<std::int64_t>()) {
        if (*number < 0) return std::nullopt;
        return static_cast<std::uint64_t>(*number);
    }
    if (const auto words = node.value_exact<std::string>()) return parse_size(*words);
    return std::nullopt;
}

}  // namespace sb::layout
